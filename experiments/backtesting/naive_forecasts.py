"""Naive forecasts: what a planner could have said at the start without the model."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from omstilling.calibration.estimates.cohort_component import components_before, project
from omstilling.calibration.margins.ages import groups_of, single_years
from omstilling.calibration.margins.employment import jobs_in
from omstilling.calibration.tables.tables import AGE_GROUPS, JOB_YEARS, Tables

NO_CHANGE, SAME_TREND, COHORT_COMPONENT = "no change", "same trend", "cohort-component"
NAIVE = (NO_CHANGE, SAME_TREND, COHORT_COMPONENT)
TREND_YEARS = 5
WORKING_AGES = slice(AGE_GROUPS.index((20, 24)), AGE_GROUPS.index((65, 66)) + 1)
_LOWEST_AGES = np.array([low for low, _ in AGE_GROUPS])


class Forecast(NamedTuple):
    """Inhabitants by age group on 1 January, shape (M, 16), and jobs in the 4th quarter before it, shape (M,)."""

    ages: NDArray[np.float64]
    jobs: NDArray[np.float64]


def job_trend_start(first: int) -> int:
    """Year whose 4th quarter begins the trend of jobs: the last known one at least five years before the start's."""
    return max(year for year in JOB_YEARS if year <= first - 1 - TREND_YEARS)


def _same_trend(
    tables: Tables, first: int, last: int, ages: NDArray[np.float64], jobs: NDArray[np.float64]
) -> Forecast:
    population = tables.population
    yearly = (population[first] / population[first - TREND_YEARS]).to_numpy() ** (1.0 / TREND_YEARS)
    since = job_trend_start(first)
    yearly_jobs = (jobs / jobs_in(since)[0]) ** (1.0 / (first - 1 - since))
    return Forecast(ages * yearly[:, None] ** (last - first), jobs * yearly_jobs ** (last - first))


def _cohort_component(
    tables: Tables, first: int, last: int, ages: NDArray[np.float64], jobs: NDArray[np.float64]
) -> Forecast:
    persons = project(single_years(ages, first), components_before(tables, first), last - first)
    groups = np.add.reduceat(persons, _LOWEST_AGES, axis=1)
    per_person = jobs / ages[:, WORKING_AGES].sum(axis=1)
    return Forecast(groups, per_person * groups[:, WORKING_AGES].sum(axis=1))


def naive_forecasts(tables: Tables, first: int, last: int) -> dict[str, Forecast]:
    """Forecasts for all municipalities from 1 January of one year to that of another.

    Of inhabitants, nothing after the start is read. ``no change`` keeps everything. ``same trend`` goes on with the
    yearly growth of the five years before, every age alike; of jobs, with that since ``job_trend_start``.
    ``cohort-component`` carries cohorts forward (see ``calibration.cohort_component``) and keeps jobs per inhabitant
    aged 20-66.

    Returns
    -------
    dict of str to Forecast
        By name, M = 357.
    """
    ages, jobs = groups_of(tables, first)[0], jobs_in(first - 1)[0]
    return {
        NO_CHANGE: Forecast(ages, jobs),
        SAME_TREND: _same_trend(tables, first, last, ages, jobs),
        COHORT_COMPONENT: _cohort_component(tables, first, last, ages, jobs),
    }
