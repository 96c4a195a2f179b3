"""Labour market: the month's sequence of separations, search, applications and hires as one kernel."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from omstilling.model.columns import Counts, Firms, Persons, Space
from omstilling.model.compilation import kernel
from omstilling.model.draws import Process
from omstilling.model.firm_turnover import bury_firms
from omstilling.model.matching import Vacancies, apply_for_jobs, hire, weigh_places
from omstilling.model.separation import part_commuters, separate

_LAYOFF = int(Process.LAYOFF)
_QUIT = int(Process.QUIT)
_SEARCH = int(Process.SEARCH)
_OFFER = int(Process.OFFER)
_FIT = int(Process.FIT)
_OUTSIDE_WORK = int(Process.OUTSIDE_WORK)
_OUTSIDE_APPLICANT = int(Process.OUTSIDE_APPLICANT)
_OUTSIDE_QUIT = int(Process.OUTSIDE_QUIT)


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
    travel: NDArray[np.float64],
    places: NDArray[np.float64],
    threatened: NDArray[np.int32],
    searchers: NDArray[np.int32],
    values: Any,
    premium: float,
    keys: NDArray[np.uint64],
    month: int,
) -> None:
    """End jobs, let searchers apply for the listed vacancies, hire, and bury closed firms.

    ``keys`` are the month's streams by process; ``places``, ``threatened`` and ``searchers`` are work space.
    """
    used = space.counters[0]
    leaving = values.quit_rate + values.search_employed
    part_commuters(firms, used, counts, leaving, keys[_OUTSIDE_QUIT])
    searching = separate(
        persons, persons_used, firms, counts, values, threatened, searchers, keys[_LAYOFF], keys[_QUIT], keys[_SEARCH],
        month,
    )  # fmt: skip
    weigh_places(vacancies.offset, reach, outside_weight, places)
    apply_for_jobs(
        persons, firms, searchers, searching, vacancies, places, travel, values, keys[_OFFER], keys[_FIT],
        keys[_OUTSIDE_WORK],
    )  # fmt: skip
    hire(
        persons, firms, searchers, searching, vacancies, commuter_share, counts, values, premium,
        keys[_OUTSIDE_APPLICANT], month,
    )  # fmt: skip
    bury_firms(firms, space)
