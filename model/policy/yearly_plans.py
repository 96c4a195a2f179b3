"""Yearly plans and reports of a programme."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class YearlyPlan:
    """What a programme plans for a year, in kroner: for staff, by kind of project, and not yet assigned."""

    year: int
    month: int
    staff: int
    by_kind: tuple[int, ...]
    unassigned: int


@dataclass(frozen=True)
class YearlyReport:
    """What a programme reports after a year: money in kroner, jobs as clients report them, all since its start."""

    year: int
    month: int
    granted: int
    own_share: int
    spent_on_projects: int
    spent_on_staff: int
    held: int
    projects: int
    jobs_created: float
    jobs_secured: float
    clients_who_say_triggered: int
    capacity_index: float


def split_by_mix(kroner: int, mix: tuple[float, ...]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Whole kroner by kind that add up to the total; what rounding leaves goes to the largest share, shape (6,)."""
    parts = np.floor(kroner * np.array(mix)).astype(np.int64)
    parts[int(np.argmax(mix))] += kroner - int(parts.sum())
    return parts
