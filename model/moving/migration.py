"""Migration: the month's moves within, out of and into the region."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from omstilling.model.engine.compilation import kernel
from omstilling.model.engine.draws import Process
from omstilling.model.engine.threads import Threads, gather
from omstilling.model.labour.matching import Vacancies
from omstilling.model.moving.arrivals import arrive
from omstilling.model.moving.moves import carry_out_moves, decide_moves, find_moving, weigh_destinations
from omstilling.model.state.columns import Counts, Firms, Municipalities, Persons, Space

_MOVE = int(Process.MOVE)
_DESTINATION = int(Process.DESTINATION)
_ARRIVAL = int(Process.ARRIVAL)


@kernel
def settle_moves(
    persons: Persons, space: Space, firms: Firms, vacancies: Vacancies, municipalities: Municipalities, counts: Counts,
    in_migration: NDArray[np.float64], travel: NDArray[np.float64], age_group_bounds: NDArray[np.int64],
    destination: NDArray[np.int16], movers: NDArray[np.int32], moving: NDArray[np.int32], values: Any, matching: Any,
    premium: float, education: tuple[float, float], keys: NDArray[np.uint64], month: int
) -> None:  # fmt: skip
    """Carry out the moves, then let others arrive from outside."""
    carry_out_moves(persons, firms, space, counts, destination, movers, moving, travel, values.commute_limit, month)
    arrive(
        persons, space, firms, vacancies, counts, municipalities.uid, municipalities.pull, in_migration,
        age_group_bounds, education, values, matching, premium, keys[_ARRIVAL], month,
    )  # fmt: skip


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
    moving: NDArray[np.int32],
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
        persons, 0, used, age_groups, move_rate, municipalities.pull, places, values, destination, movers, keys[_MOVE],
        keys[_DESTINATION], month,
    )  # fmt: skip
    together = find_moving(persons, 0, used, destination, moving)
    settle_moves(
        persons, space, firms, vacancies, municipalities, counts, in_migration, travel, age_group_bounds, destination,
        movers[:number], moving[:together], values, matching, premium, education, keys, month,
    )  # fmt: skip


def move_month_in_parts(
    threads: Threads,
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
    moving: NDArray[np.int32],
    values: Any,
    matching: Any,
    premium: float,
    education: tuple[float, float],
    keys: NDArray[np.uint64],
    month: int,
) -> None:
    """Do what ``move_month`` does, with the passes over persons side by side."""
    used = int(space.counters[0])
    firsts = threads.firsts(used)[:-1]
    weigh_destinations(destination_share, municipalities.pull, places)

    def decide(_part: int, first: int, last: int) -> int:
        return decide_moves(
            persons, first, last, age_groups, move_rate, municipalities.pull, places, values, destination, movers,
            keys[_MOVE], keys[_DESTINATION], month,
        )  # fmt: skip

    number = gather(movers, firsts, np.array(threads.each(decide, used)))
    found = threads.each(lambda _part, first, last: find_moving(persons, first, last, destination, moving), used)
    together = gather(moving, firsts, np.array(found))
    settle_moves(
        persons, space, firms, vacancies, municipalities, counts, in_migration, travel, age_group_bounds, destination,
        movers[:number], moving[:together], values, matching, premium, education, keys, month,
    )  # fmt: skip
