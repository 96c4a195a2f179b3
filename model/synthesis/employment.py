"""Synthetic employment: who works where, so that the commuting table is met exactly."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from omstilling.model.engine.compilation import kernel
from omstilling.model.engine.draws import derive, shifted, uniform
from omstilling.model.state.columns import OUTSIDE_FIRM, Firms, Persons, Status
from omstilling.model.state.margins import RegionMargins

_TAG_SLOT = 5
_MEAN_TENURE_MONTHS = 60.0


@kernel
def _slot_luck(origin: np.uint64, number: int, key: np.uint64) -> NDArray[np.float64]:
    luck = np.empty(number)
    for slot in range(number):
        luck[slot] = uniform(key, derive(origin, _TAG_SLOT, slot))
    return luck


@kernel
def _person_luck(persons: Persons, rows: NDArray[np.int64], key: np.uint64) -> NDArray[np.float64]:
    luck = np.empty(len(rows))
    for order in range(len(rows)):
        luck[order] = uniform(key, persons.uid[rows[order]])
    return luck


@kernel
def _settle_contracts(
    persons: Persons, firms: Firms, rows: NDArray[np.int64], start_month: int, premium: float, key: np.uint64
) -> None:
    """Wage, industry and tenure of the employed; a tenure never exceeds the working life."""
    for row in rows:
        firm = persons.firm[row]
        persons.wage[row] = firms.wage[firm] * math.exp(premium * (persons.education[row] - 1.0))
        persons.industry[row] = firms.industry[firm]
        tenure = -_MEAN_TENURE_MONTHS * math.log(1.0 - uniform(key, persons.uid[row]))
        longest = max(0, start_month - persons.birth[row] - 16 * 12)
        persons.since[row] = start_month - min(int(tenure), longest)


def place_workers(
    persons: Persons,
    firms: Firms,
    firms_used: int,
    margins: RegionMargins,
    bounds: NDArray[np.int64],
    origins: NDArray[np.uint64],
    key: np.uint64,
    premium: float,
) -> None:
    """Give every employed person an employer and every job someone who fills it.

    ``bounds`` are the first rows of each municipality's persons, shape (M + 1,).
    """
    size = margins.size
    workplace = firms.municipality[:firms_used]
    slots: list[NDArray[np.int64]] = []
    for work in range(size):
        rows = np.flatnonzero(workplace == work)
        slot = np.repeat(rows, firms.staff[rows])
        slots.append(slot[np.argsort(_slot_luck(origins[work], len(slot), key), kind="stable")])
    taken = np.zeros(size, dtype=np.int64)
    for home in range(size):
        first, last = int(bounds[home]), int(bounds[home + 1])
        rows = first + np.flatnonzero(persons.status[first:last] == Status.EMPLOYED)
        rows = rows[np.argsort(_person_luck(persons, rows, shifted(key, 1)), kind="stable")]
        done = 0
        for work in np.flatnonzero(margins.commuting[home]).tolist():
            number = int(margins.commuting[home, work])
            if work < size:
                persons.firm[rows[done : done + number]] = slots[work][taken[work] : taken[work] + number]
                taken[work] += number
            else:
                persons.firm[rows[done : done + number]] = OUTSIDE_FIRM
                firms.staff[OUTSIDE_FIRM] += number
            done += number
        _settle_contracts(persons, firms, rows, margins.start_month, premium, shifted(key, 2))
    for work in range(size):
        np.add.at(firms.commuters, slots[work][taken[work] :], 1)
