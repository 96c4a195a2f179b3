"""Labour market: the month's sequence of separations, search, applications and hires."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from omstilling.model.engine.compilation import kernel
from omstilling.model.engine.draws import Process
from omstilling.model.engine.threads import Threads, gather
from omstilling.model.firms.turnover import bury_firms
from omstilling.model.labour.matching import Vacancies, apply_for_jobs, choose_jobs, hire, weigh_places
from omstilling.model.labour.separation import dismiss, part_commuters, scan_separations, settle_quits
from omstilling.model.state.columns import Counts, Firms, Persons, Space

_LAYOFF = int(Process.LAYOFF)
_QUIT = int(Process.QUIT)
_SEARCH = int(Process.SEARCH)
_OFFER = int(Process.OFFER)
_FIT = int(Process.FIT)
_OUTSIDE_WORK = int(Process.OUTSIDE_WORK)
_OUTSIDE_APPLICANT = int(Process.OUTSIDE_APPLICANT)
_OUTSIDE_QUIT = int(Process.OUTSIDE_QUIT)
_THREATENED, _QUITTED, _CHOICE = 0, 1, 2
"""Which rows of the lists hold what."""


@kernel
def prepare_search(
    firms: Firms, used: int, counts: Counts, offset: NDArray[np.int64], reach: NDArray[np.float64],
    outside_weight: NDArray[np.float64], places: NDArray[np.float64], values: Any, keys: NDArray[np.uint64]
) -> None:  # fmt: skip
    """End jobs of commuters from outside, and weigh the places of work by their vacancies."""
    part_commuters(firms, used, counts, values.quit_rate + values.search_employed, keys[_OUTSIDE_QUIT])
    weigh_places(offset, reach, outside_weight, places)


@kernel
def settle_separations(
    persons: Persons, firms: Firms, counts: Counts, lists: NDArray[np.int32], quits: int, exposed: int,
    keys: NDArray[np.uint64], month: int
) -> None:  # fmt: skip
    """Take quitters off the staff and lay off."""
    settle_quits(firms, counts, lists[_QUITTED, :quits])
    dismiss(persons, firms, counts, lists[_THREATENED, :exposed], keys[_LAYOFF], month)


@kernel
def settle_search(
    persons: Persons, firms: Firms, space: Space, vacancies: Vacancies, counts: Counts,
    commuter_share: NDArray[np.float64], lists: NDArray[np.int32], searchers: NDArray[np.int32], searching: int,
    values: Any, premium: float, keys: NDArray[np.uint64], month: int
) -> None:  # fmt: skip
    """Applications, hires, and the end of closed firms."""
    apply_for_jobs(
        persons, firms, searchers, searching, vacancies, lists[_CHOICE], values, keys[_FIT], keys[_OUTSIDE_WORK]
    )
    hire(
        persons, firms, searchers, searching, vacancies, commuter_share, counts, values, premium,
        keys[_OUTSIDE_APPLICANT], month,
    )  # fmt: skip
    bury_firms(firms, space)


@kernel
def match_month(
    persons: Persons,
    persons_used: int,
    firms: Firms,
    space: Space,
    vacancies: Vacancies,
    counts: Counts,
    reach: NDArray[np.float64],
    outside_weight: NDArray[np.float64],
    commuter_share: NDArray[np.float64],
    commuting_cost: NDArray[np.float64],
    places: NDArray[np.float64],
    lists: NDArray[np.int32],
    searchers: NDArray[np.int32],
    values: Any,
    premium: float,
    keys: NDArray[np.uint64],
    month: int,
) -> None:
    """End jobs, let searchers apply for the listed vacancies, hire, and bury closed firms.

    ``keys`` are the month's streams by process; ``places``, ``lists`` (3 or more, n) and ``searchers`` (n,) are work
    space.
    """
    prepare_search(firms, space.counters[0], counts, vacancies.offset, reach, outside_weight, places, values, keys)
    quits, exposed, searching = scan_separations(
        persons, 0, persons_used, firms, values, lists[_QUITTED], lists[_THREATENED], searchers, keys[_QUIT],
        keys[_SEARCH], month,
    )  # fmt: skip
    settle_separations(persons, firms, counts, lists, quits, exposed, keys, month)
    choose_jobs(
        persons, firms, searchers, 0, searching, vacancies, places, commuting_cost, values, lists[_CHOICE], keys[_OFFER]
    )
    settle_search(
        persons, firms, space, vacancies, counts, commuter_share, lists, searchers, searching, values, premium, keys,
        month,
    )  # fmt: skip


def match_month_in_parts(
    threads: Threads,
    persons: Persons,
    persons_used: int,
    firms: Firms,
    space: Space,
    vacancies: Vacancies,
    counts: Counts,
    reach: NDArray[np.float64],
    outside_weight: NDArray[np.float64],
    commuter_share: NDArray[np.float64],
    commuting_cost: NDArray[np.float64],
    places: NDArray[np.float64],
    lists: NDArray[np.int32],
    searchers: NDArray[np.int32],
    values: Any,
    premium: float,
    keys: NDArray[np.uint64],
    month: int,
) -> None:
    """Do what ``match_month`` does, with the passes over persons and searchers side by side."""
    prepare_search(firms, int(space.counters[0]), counts, vacancies.offset, reach, outside_weight, places, values, keys)

    def scan(_part: int, first: int, last: int) -> tuple[int, int, int]:
        return scan_separations(
            persons, first, last, firms, values, lists[_QUITTED], lists[_THREATENED], searchers, keys[_QUIT],
            keys[_SEARCH], month,
        )  # fmt: skip

    numbers = np.array(threads.each(scan, persons_used))
    firsts = threads.firsts(persons_used)[:-1]
    listed = (lists[_QUITTED], lists[_THREATENED], searchers)
    quits, exposed, searching = (gather(rows, firsts, numbers[:, n].copy()) for n, rows in enumerate(listed))
    settle_separations(persons, firms, counts, lists, quits, exposed, keys, month)

    def choose(_part: int, first: int, last: int) -> None:
        choose_jobs(
            persons,
            firms,
            searchers,
            first,
            last,
            vacancies,
            places,
            commuting_cost,
            values,
            lists[_CHOICE],
            keys[_OFFER],
        )

    threads.each(choose, searching)
    settle_search(
        persons, firms, space, vacancies, counts, commuter_share, lists, searchers, searching, values, premium, keys,
        month,
    )  # fmt: skip
