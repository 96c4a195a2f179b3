"""Columns: the state of persons, firms and municipalities as arrays, one row each."""

from __future__ import annotations

from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

NOBODY = -1
"""No employer."""
OUTSIDE_FIRM = 0
"""Row of the one employer that stands for all jobs outside the region."""
NEVER = 32767
"""Month that never comes."""


class Status(IntEnum):
    """What a person does. GONE marks a free row."""

    GONE = 0
    CHILD = 1
    STUDENT = 2
    EMPLOYED = 3
    UNEMPLOYED = 4
    OUTSIDE = 5
    RETIRED = 6


class Role(IntEnum):
    """Place in the household."""

    SINGLE = 0
    COUPLED = 1
    PARTNER = 2
    CHILD = 3


class FirmState(IntEnum):
    """Whether a firm row is free, alive, or closing this month."""

    GONE = 0
    ALIVE = 1
    CLOSED = 2


class Persons(NamedTuple):
    """Persons, one row each; 34 bytes a row.

    ``head`` is the row of the household head, who decides where all live. ``firm`` is the employer's row,
    ``since`` the month in which status or employer last changed (tenure of the employed, months jobless of others),
    ``arrived`` the month of settling in the home municipality, ``native`` 1 for those who grew up there.
    ``wage`` is relative to the national mean.
    """

    uid: NDArray[np.uint64]
    head: NDArray[np.int32]
    firm: NDArray[np.int32]
    wage: NDArray[np.float32]
    birth: NDArray[np.int16]
    since: NDArray[np.int16]
    arrived: NDArray[np.int16]
    home: NDArray[np.int16]
    status: NDArray[np.uint8]
    sex: NDArray[np.uint8]
    role: NDArray[np.uint8]
    education: NDArray[np.uint8]
    industry: NDArray[np.uint8]
    native: NDArray[np.uint8]


class Firms(NamedTuple):
    """Firms, one row each; row 0 is the outside employer.

    ``scale`` is the size in jobs that the firm's own luck has given it, before demand; ``staff`` all employed, of whom
    ``commuters`` live outside the region; ``cash`` is in months of payroll; ``closing`` the month of an
    announced closure; ``busy`` the month until which a project of the firm runs; ``named`` the number of a firm that a
    scenario names, else -1; ``spared`` 1 while the scenario alone decides on its size.
    """

    uid: NDArray[np.uint64]
    scale: NDArray[np.float64]
    wage: NDArray[np.float32]
    productivity: NDArray[np.float32]
    cash: NDArray[np.float32]
    support: NDArray[np.float32]
    staff: NDArray[np.int32]
    commuters: NDArray[np.int32]
    vacancies: NDArray[np.int32]
    layoffs: NDArray[np.int32]
    founded: NDArray[np.int16]
    closing: NDArray[np.int16]
    busy: NDArray[np.int16]
    municipality: NDArray[np.int16]
    named: NDArray[np.int16]
    industry: NDArray[np.uint8]
    state: NDArray[np.uint8]
    local_owner: NDArray[np.uint8]
    spared: NDArray[np.uint8]


class Municipalities(NamedTuple):
    """Municipalities, one row each; M rows.

    ``pull`` is the change in the utility of living here since the start (log odds), ``prospects`` the smoothed log
    employment rate among those who want work, relative to the start; ``luck`` the log demand of its private firms that
    chance has given the place since the start.
    """

    uid: NDArray[np.uint64]
    dwellings: NDArray[np.float64]
    log_house_price: NDArray[np.float64]
    prospects: NDArray[np.float64]
    prospects_at_start: NDArray[np.float64]
    service_level: NDArray[np.float64]
    public_need: NDArray[np.float64]
    settlement: NDArray[np.float64]
    business: NDArray[np.float64]
    pull: NDArray[np.float64]
    recently_laid_off: NDArray[np.float64]
    luck: NDArray[np.float64]


class Counts(NamedTuple):
    """Flows of the month by municipality, int64 arrays of shape (M,)."""

    births: NDArray[np.int64]
    deaths: NDArray[np.int64]
    moved_in: NDArray[np.int64]
    moved_out: NDArray[np.int64]
    hires: NDArray[np.int64]
    layoffs: NDArray[np.int64]
    quits: NDArray[np.int64]
    entries: NDArray[np.int64]
    exits: NDArray[np.int64]


class Space(NamedTuple):
    """Free rows of a column table: ``free`` is a stack, ``counters`` = [rows in use or freed, stack height]."""

    free: NDArray[np.int32]
    counters: NDArray[np.int64]


PERSON_TYPES = (
    np.uint64, np.int32, np.int32, np.float32, np.int16, np.int16, np.int16, np.int16,
    np.uint8, np.uint8, np.uint8, np.uint8, np.uint8, np.uint8,
)  # fmt: skip
FIRM_TYPES = (
    np.uint64, np.float64, np.float32, np.float32, np.float32, np.float32, np.int32, np.int32, np.int32, np.int32,
    np.int16, np.int16, np.int16, np.int16, np.int16, np.uint8, np.uint8, np.uint8, np.uint8,
)  # fmt: skip


def allocate_persons(rows: int) -> Persons:
    """Empty person columns (all rows free)."""
    columns: Any = (np.zeros(rows, dtype=kind) for kind in PERSON_TYPES)
    return Persons(*columns)


def allocate_firms(rows: int) -> Firms:
    """Empty firm columns (all rows free)."""
    columns: Any = (np.zeros(rows, dtype=kind) for kind in FIRM_TYPES)
    return Firms(*columns)


def allocate_space(rows: int, used: int) -> Space:
    """Book-keeping of free rows for a table whose first ``used`` rows are taken."""
    return Space(np.zeros(rows, dtype=np.int32), np.array([used, 0], dtype=np.int64))


def grown[T: tuple[NDArray[Any], ...]](table: T, rows: int) -> T:
    """Copy of a column table with room for ``rows`` rows."""

    def longer(column: NDArray[np.generic]) -> NDArray[np.generic]:
        wider = np.zeros(rows, dtype=column.dtype)
        wider[: len(column)] = column
        return wider

    columns: Any = (longer(column) for column in table)
    return type(table)(*columns)
