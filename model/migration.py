"""Migration: the month's moves within, out of and into the region as one kernel."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from omstilling.model.arrivals import arrive
from omstilling.model.columns import Counts, Firms, Municipalities, Persons, Space
from omstilling.model.compilation import kernel
from omstilling.model.draws import Process
from omstilling.model.matching import Vacancies
from omstilling.model.moving import carry_out_moves, decide_moves, weigh_destinations

_MOVE = int(Process.MOVE)
_DESTINATION = int(Process.DESTINATION)
_ARRIVAL = int(Process.ARRIVAL)


@kernel
def move_month(
    persons: Persons,
    space: Space,
    firms: Firms,
    vacancies: Vacancies,
    municipalities: Municipalities,
    counts: Counts,
    destination_share: NDArray[np.float64],
    in_migration: NDArray[np.float64],
    travel: NDArray[np.float64],
    age_groups: NDArray[np.int8],
    age_group_bounds: NDArray[np.int64],
    move_rate: NDArray[np.float64],
    places: NDArray[np.float64],
    destination: NDArray[np.int16],
    movers: NDArray[np.int32],
    values: Any,
    matching: Any,
    premium: float,
    education: tuple[float, float],
    keys: NDArray[np.uint64],
    month: int,
) -> None:
    """Let households move; arguments are those of ``decide_moves``, ``carry_out_moves`` and ``arrive``."""
    used = space.counters[0]
    weigh_destinations(destination_share, municipalities.pull, places)
    number = decide_moves(
        persons, used, age_groups, move_rate, municipalities.pull, places, values, destination, movers, keys[_MOVE],
        keys[_DESTINATION], month,
    )  # fmt: skip
    carry_out_moves(
        persons, used, firms, space, counts, destination, movers, number, travel, values.commute_limit, month
    )
    arrive(
        persons, space, firms, vacancies, counts, municipalities.uid, municipalities.pull, in_migration,
        age_group_bounds, education, values, matching, premium, keys[_ARRIVAL], month,
    )  # fmt: skip
