"""Firm turnover: exit by age, size and cash; entry by firms and adults there, demand and the laid off."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omstilling.model.engine.compilation import kernel
from omstilling.model.engine.draws import derive, normal, poisson, uniform
from omstilling.model.firms.growth import review_month
from omstilling.model.state.columns import NEVER, Counts, Firms, FirmState, Municipalities, Space
from omstilling.model.state.industries import Market

_GONE = int(FirmState.GONE)
_ALIVE = int(FirmState.ALIVE)
_CLOSED = int(FirmState.CLOSED)
_LOCAL = int(Market.LOCAL)
_PUBLIC = int(Market.PUBLIC)
_TAG_ENTRANT = 5000
_LARGEST_ENTRANT = 12
_EMPTY_MONTHS = 6
"""Age up to which a firm may wait for its first employee; a choice."""


@kernel
def exit_probability(values: Any, staff: int, years: float, cash: float) -> float:
    """Chance that a private firm closes in a year: falls with size, higher in the first years and without cash."""
    hazard = values.exit_hazard * max(staff, 1) ** -values.exit_size_exponent
    hazard *= 1.0 + values.exit_young * math.exp(-years)
    if cash < 0.0:
        hazard *= 1.0 + values.exit_cash_poor
    return 1.0 - math.exp(-hazard)


@kernel
def exit_firms(
    firms: Firms, used: int, counts: Counts, markets: NDArray[np.int64], values: Any, key: np.uint64, month: int
) -> None:
    """Close private firms at their yearly review, and those older than half a year in which nobody works."""
    for row in range(1, used):
        if firms.state[row] != _ALIVE or firms.spared[row] == 1 or markets[firms.industry[row]] == _PUBLIC:
            continue
        age = month - firms.founded[row]
        empty = firms.staff[row] == 0 and age > _EMPTY_MONTHS
        due = review_month(firms.uid[row]) == month % 12
        chance = exit_probability(values, firms.staff[row], age / 12.0, firms.cash[row]) if due else 0.0
        if empty or (due and uniform(key, firms.uid[row]) < chance):
            firms.state[row] = _CLOSED
            firms.vacancies[row] = 0
            counts.exits[firms.municipality[row]] += 1


@kernel
def take_row(space: Space, capacity: int) -> int:
    """A free row of a column table; -1 where none is left."""
    if space.counters[1] > 0:
        space.counters[1] -= 1
        return int(space.free[space.counters[1]])
    row = space.counters[0]
    if row >= capacity:
        return -1
    space.counters[0] += 1
    return int(row)


@kernel
def give_row(space: Space, row: int) -> None:
    """Hand a row back."""
    space.free[space.counters[1]] = row
    space.counters[1] += 1


@kernel
def _found_firm(
    firms: Firms, row: int, uid: np.uint64, place: int, industry: int, values: Any, key: np.uint64, month: int
) -> None:
    size = 1.0 - (values.entry_size - 1.0) * math.log(1.0 - uniform(key, uid))
    z = normal(uniform(key + np.uint64(1), uid), uniform(key + np.uint64(2), uid))
    firms.uid[row] = uid
    firms.scale[row] = min(size, _LARGEST_ENTRANT)
    firms.wage[row] = math.exp(values.wage_spread * z)
    firms.productivity[row] = firms.wage[row]
    firms.cash[row] = values.cash_mean * uniform(key + np.uint64(3), uid)
    firms.support[row] = 0.0
    firms.staff[row] = 0
    firms.commuters[row] = 0
    firms.vacancies[row] = int(firms.scale[row])
    firms.layoffs[row] = 0
    firms.founded[row] = month
    firms.closing[row] = NEVER
    firms.busy[row] = 0
    firms.municipality[row] = place
    firms.named[row] = -1
    firms.industry[row] = industry
    firms.state[row] = _ALIVE
    firms.local_owner[row] = 1
    firms.spared[row] = 0


@kernel
def enter_firms(
    firms: Firms,
    space: Space,
    municipalities: Municipalities,
    counts: Counts,
    markets: NDArray[np.int64],
    firms_at_start: NDArray[np.int64],
    demand: NDArray[np.float64],
    adults: NDArray[np.float64],
    values: Any,
    key: np.uint64,
    month: int,
) -> int:
    """Found new firms; returns 0, or 1 if the columns are full.

    The expected number in a municipality and industry is the entry rate times the firms there at the start,
    times adults relative to the start, for local services times demand, plus spin-offs of the recently laid off
    spread over industries as firms are. Identities come from municipality, industry, month and order.
    """
    for place in range(firms_at_start.shape[0]):
        total = max(1, firms_at_start[place].sum())
        spin_offs = values.spin_off * municipalities.recently_laid_off[place]
        for industry in range(firms_at_start.shape[1]):
            if markets[industry] == _PUBLIC:
                continue
            there = firms_at_start[place, industry]
            if markets[industry] == _LOCAL:
                mean = values.entry_local * there * demand[place]
            else:
                mean = values.entry_tradable * there * math.exp(municipalities.business[place])
            mean = (mean * adults[place] + spin_offs * there / total) / 12.0
            origin = derive(municipalities.uid[place], _TAG_ENTRANT + industry, month)
            for order in range(poisson(uniform(key, origin), mean)):
                row = take_row(space, len(firms.uid))
                if row < 0:
                    return 1
                uid = derive(origin, _TAG_ENTRANT, order)
                _found_firm(firms, row, uid, place, industry, values, key + np.uint64(1), month)
                counts.entries[place] += 1
    return 0


@kernel
def renew_month(
    firms: Firms, space: Space, municipalities: Municipalities, counts: Counts, markets: NDArray[np.int64],
    firms_at_start: NDArray[np.int64], demand: NDArray[np.float64], adults: NDArray[np.float64], values: Any,
    exit_key: np.uint64, entry_key: np.uint64, month: int
) -> None:  # fmt: skip
    """Let firms leave, then enter; see ``exit_firms`` and ``enter_firms``."""
    exit_firms(firms, space.counters[0], counts, markets, values, exit_key, month)
    enter_firms(firms, space, municipalities, counts, markets, firms_at_start, demand, adults, values, entry_key, month)


@kernel
def bury_firms(firms: Firms, space: Space) -> None:
    """Free the rows of firms that closed this month; nobody works there any more."""
    for row in range(1, space.counters[0]):
        if firms.state[row] == _CLOSED:
            firms.state[row] = _GONE
            firms.staff[row] = 0
            firms.commuters[row] = 0
            give_row(space, row)
