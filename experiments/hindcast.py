"""Hindcast: municipalities simulated from a past year, read where there are figures to lay beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from omstilling.calibration.region import region_margins
from omstilling.calibration.tables import AGE_GROUPS
from omstilling.experiments.result import JOBS_MONTH
from omstilling.experiments.workers import Progress, replicate
from omstilling.model import RegionMargins, RestructuringModel
from omstilling.model.columns import OUTSIDE_FIRM, Status
from omstilling.model.indicators import COLUMNS

_MONTHS = 12
_JOBS = list(COLUMNS).index("jobs")
_LOWEST_AGES = np.array([low for low, _ in AGE_GROUPS])


class Reading(NamedTuple):
    """What one replication leaves; M municipalities, Y years simulated.

    Attributes
    ----------
    ages
        Inhabitants by age group of the age table on each 1 January, shape (Y + 1, M, 16).
    jobs
        Persons employed in the municipality in the 4th quarter before each 1 January, shape (Y + 1, M).
    commuting
        Employed persons by home and work on the last day, shape (M, M); work outside is left out.
    """

    ages: NDArray[np.int32]
    jobs: NDArray[np.int32]
    commuting: NDArray[np.int32]


@dataclass(frozen=True)
class HindcastTask:
    """What a worker needs: margins at the start and the number of years."""

    margins: RegionMargins
    years: int


@dataclass(frozen=True)
class Hindcast:
    """Replications of one start year, R of them; see ``Reading``.

    Attributes
    ----------
    codes, first, last
        Municipalities; the years of the 1 January at which the run starts and ends.
    ages
        Shape (R, Y + 1, M, 16).
    jobs
        Shape (R, Y + 1, M).
    commuting
        Mean over replications, shape (M, M).
    """

    codes: tuple[str, ...]
    first: int
    last: int
    ages: NDArray[np.int32]
    jobs: NDArray[np.int32]
    commuting: NDArray[np.float64]


def _count_ages(model: RestructuringModel) -> NDArray[np.int32]:
    """Inhabitants by municipality and age group as they stand, shape (M, 16)."""
    persons, used = model.person_columns, int(model.person_space.counters[0])
    living = persons.status[:used] != Status.GONE
    today = model.margins.start_month + int(model.time)
    age = (today - persons.birth[:used][living]) // _MONTHS
    group = np.searchsorted(_LOWEST_AGES, age, side="right") - 1
    shape = (model.margins.size, len(AGE_GROUPS))
    cells = persons.home[:used][living].astype(np.int64) * shape[1] + group
    return np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape).astype(np.int32)


def _count_commuters(model: RestructuringModel) -> NDArray[np.int32]:
    """Employed persons by home and work within the region as they stand, shape (M, M)."""
    persons, used, size = model.person_columns, int(model.person_space.counters[0]), model.margins.size
    employed = (persons.status[:used] == Status.EMPLOYED) & (persons.firm[:used] != OUTSIDE_FIRM)
    home = persons.home[:used][employed].astype(np.int64)
    work = model.firm_columns.municipality[persons.firm[:used][employed]]
    return np.bincount(home * size + work, minlength=size * size).reshape(size, size).astype(np.int32)


def simulate(task: HindcastTask, seed: int) -> Reading:
    """One replication from the start, with losses at random and without programmes."""
    model = RestructuringModel(task.margins, seed=seed, random_shocks=True)
    ages = [_count_ages(model)]
    for _ in range(task.years):
        model.run_months(_MONTHS)
        ages.append(_count_ages(model))
    november = [0, *(_MONTHS * year + JOBS_MONTH + 1 for year in range(task.years))]  # row 0 is the quarter before
    jobs = model.record.values[november, :, _JOBS].astype(np.int32)
    return Reading(np.stack(ages), jobs, _count_commuters(model))


def hindcast(
    first: int,
    last: int,
    codes: Sequence[str],
    replications: int,
    seed: int,
    workers: int = 1,
    progress: Progress | None = None,
) -> Hindcast:
    """Simulate municipalities together from 1 January of one year to 1 January of another.

    Parameters
    ----------
    first, last
        Years.
    codes
        Municipal codes of 2024.
    replications, seed, workers, progress
        As for ``replicate``; the result is the same for any number of workers.

    Raises
    ------
    MarginsError
        For unknown codes or a start without figures.
    """
    task = HindcastTask(region_margins(codes, first), last - first)
    readings = replicate(simulate, task, seed, replications, workers, progress)
    return Hindcast(
        tuple(codes),
        first,
        last,
        np.stack([reading.ages for reading in readings]),
        np.stack([reading.jobs for reading in readings]),
        np.mean([reading.commuting for reading in readings], axis=0),
    )
