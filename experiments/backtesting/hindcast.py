"""Hindcast: municipalities simulated from a past year, read where there are figures to lay beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from omstilling.calibration.margins.region import region_margins
from omstilling.calibration.parameters.sets import ParameterChoice, ParameterSets, parameter_sets
from omstilling.calibration.tables.counts import commuters, inhabitants_by_age
from omstilling.experiments.running.result import JOBS_MONTH
from omstilling.experiments.running.workers import Progress, replicate
from omstilling.model import RegionMargins, RestructuringModel
from omstilling.model.state.record import COLUMNS

_MONTHS = 12
_JOBS = list(COLUMNS).index("jobs")


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
    """What a worker needs: margins at the start, the number of years, and parameters."""

    margins: RegionMargins
    years: int
    parameters: ParameterSets


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
    sets
        Where the parameters of the replications came from.
    """

    codes: tuple[str, ...]
    first: int
    last: int
    ages: NDArray[np.int32]
    jobs: NDArray[np.int32]
    commuting: NDArray[np.float64]
    sets: ParameterSets


def simulate(task: HindcastTask, seed: int) -> Reading:
    """One replication from the start, with losses at random and without programmes."""
    model = RestructuringModel(task.margins, task.parameters.for_seed(seed), seed=seed, random_shocks=True)
    ages = [inhabitants_by_age(model)]
    for _ in range(task.years):
        model.run_months(_MONTHS)
        ages.append(inhabitants_by_age(model))
    november = [0, *(_MONTHS * year + JOBS_MONTH + 1 for year in range(task.years))]  # row 0 is the quarter before
    jobs = model.record.values[november, :, _JOBS].astype(np.int32)
    return Reading(np.stack(ages), jobs, commuters(model))


def hindcast(
    first: int,
    last: int,
    codes: Sequence[str],
    replications: int,
    seed: int,
    workers: int = 1,
    progress: Progress | None = None,
    parameters: ParameterChoice = None,
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
    parameters
        For all replications, or where those of each come from; see ``parameter_sets``. The posterior if left out.

    Raises
    ------
    MarginsError
        For unknown codes or a start without figures.
    PosteriorError
        If the shipped posterior is not what it must be.
    """
    task = HindcastTask(region_margins(codes, first), last - first, parameter_sets(parameters))
    readings = replicate(simulate, task, seed, replications, workers, progress)
    return Hindcast(
        tuple(codes),
        first,
        last,
        np.stack([reading.ages for reading in readings]),
        np.stack([reading.jobs for reading in readings]),
        np.mean([reading.commuting for reading in readings], axis=0),
        task.parameters,
    )
