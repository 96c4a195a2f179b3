"""State: everything that changes in a run, and the work space of its kernels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omstilling.model.labour.matching import Vacancies
from omstilling.model.state.columns import Counts, Space, allocate_space, grown
from omstilling.model.state.margins import MIGRATION_AGE_BOUNDS


@dataclass
class Economy:
    """Local demand and jobs by market, by municipality; ``*_at_start`` are their values at the start, shape (M,)."""

    demand: NDArray[np.float64]
    adults: NDArray[np.float64]
    consumption: NDArray[np.float64]
    tradable: NDArray[np.float64]
    local: NDArray[np.float64]
    public: NDArray[np.float64]


def allocate_economy(size: int) -> Economy:
    """Economy at the start: demand and adults are 1."""
    return Economy(np.ones(size), np.ones(size), *(np.zeros(size) for _ in range(4)))


@dataclass
class Workspace:
    """Arrays that kernels write on their way; their content means nothing between kernels, but for -1 where said.

    ``successor`` and ``destination`` are all -1 between kernels.
    """

    successor: NDArray[np.int32]
    destination: NDArray[np.int16]
    rows: NDArray[np.int32]
    lists: NDArray[np.int32]
    loss_share: NDArray[np.float64]
    supply: NDArray[np.int64]
    places: NDArray[np.float64]
    destinations: NDArray[np.float64]
    by_industry: NDArray[np.float64]
    number: NDArray[np.float64]
    largest: NDArray[np.float64]
    open_jobs: NDArray[np.float64]
    profitable: NDArray[np.float64]


def allocate_workspace(person_rows: int, size: int, industries: int) -> Workspace:
    """Work space for tables of the given sizes."""
    return Workspace(
        np.full(person_rows, -1, dtype=np.int32),
        np.full(person_rows, -1, dtype=np.int16),
        np.empty(person_rows, dtype=np.int32),
        np.empty((4, person_rows), dtype=np.int32),
        np.zeros(size),
        np.zeros((size, industries), dtype=np.int64),
        np.zeros((size, size + 1)),
        np.zeros((size, len(MIGRATION_AGE_BOUNDS), size + 1)),
        np.zeros((size, industries)),
        np.zeros(size),
        np.zeros(size),
        np.zeros(size),
        np.zeros(size),
    )


def allocate_vacancies(capacity: int, size: int) -> Vacancies:
    """Room for the open jobs of a month."""
    return Vacancies(
        np.zeros(capacity, dtype=np.int32),
        np.zeros(size + 1, dtype=np.int64),
        np.zeros(capacity, dtype=np.int32),
        np.zeros(capacity),
        np.zeros(capacity, dtype=np.uint8),
    )


def allocate_counts(size: int) -> Counts:
    """Flows of a month, all 0."""
    return Counts(*(np.zeros(size, dtype=np.int64) for _ in Counts._fields))


def room(space: Space, capacity: int) -> int:
    """Rows that can still be taken."""
    return int(capacity - space.counters[0] + space.counters[1])


def widened[T: tuple[NDArray[Any], ...]](table: T, space: Space, rows: int) -> tuple[T, Space]:
    """A column table and its book-keeping with room for ``rows`` rows."""
    wider = allocate_space(rows, int(space.counters[0]))
    wider.free[: space.counters[1]] = space.free[: space.counters[1]]
    wider.counters[:] = space.counters
    return grown(table, rows), wider
