"""Life course: the month's sequence of ageing, couples, new heads and births."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from omstilling.model.engine.compilation import kernel
from omstilling.model.engine.draws import Process
from omstilling.model.engine.threads import Threads, gather
from omstilling.model.persons.ageing import age_persons, bear_children, free_rows, settle_departures
from omstilling.model.persons.households import find_affected, form_couples, mark_dead, settle_households
from omstilling.model.state.columns import Counts, Firms, Persons, Space

_NEWBORN_TRAITS = int(Process.NEWBORN_TRAITS)
_DEAD, _MOTHERS, _WISHING, _LEFT_HEADS = 0, 1, 2, 3
"""Which rows of the lists hold what."""


@kernel
def pair_up(
    persons: Persons, firms: Firms, counts: Counts, lists: NDArray[np.int32], left_firms: NDArray[np.int32],
    numbers: NDArray[np.int64], successor: NDArray[np.int32]
) -> int:  # fmt: skip
    """Settle departures and form couples; returns the number of couples."""
    dead = lists[_DEAD, : numbers[_DEAD]]
    settle_departures(persons, firms, counts, dead, lists[_LEFT_HEADS, : numbers[_LEFT_HEADS]], left_firms)
    couples = form_couples(persons, lists[_WISHING], numbers[_WISHING], successor)
    mark_dead(successor, dead)
    return couples


@kernel
def renew_households(
    persons: Persons, space: Space, counts: Counts, lists: NDArray[np.int32], numbers: NDArray[np.int64], couples: int,
    successor: NDArray[np.int32], affected: NDArray[np.int32], values: Any, keys: NDArray[np.uint64], month: int
) -> None:  # fmt: skip
    """Find new heads, free the rows of the dead, and add the newborn."""
    settle_households(persons, successor, lists[_DEAD, : numbers[_DEAD]], lists[_WISHING, :couples], affected)
    free_rows(space, lists[_DEAD], numbers[_DEAD])
    education = (values.upper_secondary, values.higher_education)
    bear_children(persons, space, counts, lists[_MOTHERS], numbers[_MOTHERS], education, keys[_NEWBORN_TRAITS], month)


@kernel
def age_month(
    persons: Persons,
    space: Space,
    firms: Firms,
    counts: Counts,
    mortality: NDArray[np.float64],
    fertility: NDArray[np.float64],
    disability: NDArray[np.float64],
    values: Any,
    keys: NDArray[np.uint64],
    school_key: np.uint64,
    lists: NDArray[np.int32],
    rows: NDArray[np.int32],
    successor: NDArray[np.int32],
    month: int,
) -> None:
    """Age everyone by a month, settle households, free the rows of the dead, and add the newborn.

    ``lists`` (4, n), ``rows`` (n,) and ``successor`` (n,), all -1, are work space; other arguments are those of
    ``age_persons``.
    """
    used = space.counters[0]
    numbers = np.array(
        age_persons(persons, 0, used, mortality, fertility, disability, values, keys, school_key, lists, rows, month)
    )
    couples = pair_up(persons, firms, counts, lists, rows[: numbers[4]], numbers, successor)
    affected = rows[: find_affected(persons, 0, used, successor, rows)]
    renew_households(persons, space, counts, lists, numbers, couples, successor, affected, values, keys, month)


def age_month_in_parts(
    threads: Threads,
    persons: Persons,
    space: Space,
    firms: Firms,
    counts: Counts,
    mortality: NDArray[np.float64],
    fertility: NDArray[np.float64],
    disability: NDArray[np.float64],
    values: Any,
    keys: NDArray[np.uint64],
    school_key: np.uint64,
    lists: NDArray[np.int32],
    rows: NDArray[np.int32],
    successor: NDArray[np.int32],
    month: int,
) -> None:
    """Do what ``age_month`` does, with the passes over persons side by side."""
    used = int(space.counters[0])
    firsts = threads.firsts(used)[:-1]

    def age(_part: int, first: int, last: int) -> tuple[int, ...]:
        return age_persons(
            persons, first, last, mortality, fertility, disability, values, keys, school_key, lists, rows, month
        )

    by_part = np.array(threads.each(age, used))
    listed = (*lists, rows)
    numbers = np.array([gather(one, firsts, by_part[:, n].copy()) for n, one in enumerate(listed)])
    couples = pair_up(persons, firms, counts, lists, rows[: numbers[4]], numbers, successor)
    found = threads.each(lambda _part, first, last: find_affected(persons, first, last, successor, rows), used)
    affected = rows[: gather(rows, firsts, np.array(found))]
    renew_households(persons, space, counts, lists, numbers, couples, successor, affected, values, keys, month)
