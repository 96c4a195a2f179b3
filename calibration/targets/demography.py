"""Targets of demography and moving: inhabitants of 2010-2019 by age and centrality."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from omstilling.calibration.tables.counts import inhabitants_by_age
from omstilling.calibration.tables.tables import AGE_COLUMNS, AGE_GROUPS, load_tables
from omstilling.calibration.targets.municipalities import CLASS_GROUPS, class_groups
from omstilling.calibration.targets.target import Block, Meaning, Statistics, Target, bootstrap_errors, targets_from
from omstilling.model import Parameters, RegionMargins, RestructuringModel

FIRST, LAST = 2010, 2019
_YEARS = (2010, 2014, 2016, 2019)
"""1 January of these years is compared; jobs of 2015 and 2018 lie before the last two."""
_JOB_YEARS = (2015, 2018)
_AGES: dict[str, tuple[int, int]] = {"0-15": (0, 15), "16-29": (16, 29), "30-66": (30, 66), "67+": (67, 200)}
_MOVES = 0.055
_SOURCE = "Statistics Norway, table 07459"
_NOVEMBER = 11


class DemographyWindow(NamedTuple):
    """What a statistician would hold of M municipalities.

    Attributes
    ----------
    ages
        Inhabitants by age group of the age table, 1 January of 2010, 2014, 2016 and 2019, shape (4, M, 16).
    jobs
        4th quarter of 2015 and 2018, shape (2, M).
    moves_in
        Moves to the municipalities, from others and from abroad, per inhabitant a year.
    """

    ages: NDArray[np.float64]
    jobs: NDArray[np.float64]
    moves_in: float

    def of(self, rows: NDArray[np.intp]) -> DemographyWindow:
        """The figures of some municipalities, given as rows."""
        return DemographyWindow(self.ages[:, rows], self.jobs[:, rows], self.moves_in)


def observed_window(codes: tuple[str, ...]) -> DemographyWindow:
    """Figures of municipalities; gross moves are those of the country (evidence: 4.5 % within, 0.5-1 % from abroad)."""
    tables, rows = load_tables(), list(codes)
    ages = np.stack([tables.ages.loc[year].loc[rows, list(AGE_COLUMNS)].to_numpy(np.float64) for year in _YEARS])
    jobs = np.stack([tables.employment.loc[rows, f"jobs_{year}"].to_numpy(np.float64) for year in _JOB_YEARS])
    return DemographyWindow(ages, jobs, _MOVES)


def simulated_window(margins: RegionMargins, parameters: Parameters, seed: int) -> DemographyWindow:
    """The same of a run from 1 January 2010, with losses of jobs at random and no programmes."""
    model = RestructuringModel(margins, parameters, seed=seed, random_shocks=True)
    ages = [inhabitants_by_age(model)]
    for first, last in itertools.pairwise(_YEARS):
        model.run_months(12 * (last - first))
        ages.append(inhabitants_by_age(model))
    record = model.record
    jobs = record.of("jobs")[[12 * (year - FIRST) + _NOVEMBER for year in _JOB_YEARS]]
    moves = record.of("in_migration")[1:].sum() / record.of("population")[1:].sum() * 12.0
    return DemographyWindow(np.stack(ages).astype(np.float64), jobs, float(moves))


def demography_statistics(window: DemographyWindow, groups: NDArray[np.int8]) -> Statistics:
    """Statistics of figures or of a run; ``groups`` as ``class_groups`` gives them."""
    first, last = window.ages[0], window.ages[-1]
    statistics: Statistics = {}
    for number, group in enumerate(CLASS_GROUPS):
        here = groups == number
        if not here.any():  # a sample of municipalities may lack a group; its growth is then that of all
            here = np.ones_like(here)
        statistics[f"population_growth_{group}"] = float(np.log(last[here].sum() / first[here].sum()))
        for name, (low, high) in _AGES.items():
            columns = [low <= lowest <= high for lowest, _ in AGE_GROUPS]
            change = np.log(last[here][:, columns].sum() / first[here][:, columns].sum())
            statistics[f"age_growth_{group}_{name}"] = float(change)
    totals = np.log(window.ages.sum(axis=2))
    growth, early, late = totals[3] - totals[0], totals[1] - totals[0], totals[3] - totals[1]
    statistics["population_growth_spread"] = float(growth.std())
    statistics["population_growth_persistence"] = _correlation(early, late)
    statistics["population_per_job_growth"] = _slope(np.log(window.jobs[1] / window.jobs[0]), totals[3] - totals[2])
    statistics["moves_in"] = window.moves_in
    return statistics


def _correlation(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    return float(np.corrcoef(x, y)[0, 1])


def _slope(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    return float(np.polyfit(x, y, 1)[0])


_MEANINGS: dict[str, Meaning] = {
    **{
        f"population_growth_{group}": Meaning(
            f"growth of inhabitants 2010-2019, {group} municipalities", "log points", _SOURCE, True
        )
        for group in CLASS_GROUPS
    },
    **{
        f"age_growth_{group}_{age}": Meaning(
            f"growth of inhabitants aged {age} 2010-2019, {group} municipalities", "log points", _SOURCE
        )
        for group in CLASS_GROUPS
        for age in _AGES
    },
    "population_growth_spread": Meaning(
        "standard deviation over municipalities of growth 2010-2019", "log points", _SOURCE, True
    ),
    "population_growth_persistence": Meaning(
        "correlation of growth 2010-2014 with growth 2014-2019 over municipalities", "1", _SOURCE, True
    ),
    "population_per_job_growth": Meaning(
        "slope of growth of inhabitants 2016-2019 on growth of jobs 2015-2018 over municipalities",
        "log points per log point", f"{_SOURCE} and 11618", True,
    ),
    "moves_in": Meaning(
        "moves in, from other municipalities and abroad", "per inhabitant a year",
        "Statistics Norway, about 2019 (to be verified)",
    ),
}  # fmt: skip

_STATED_ERRORS = {"moves_in": 0.01}
_LEAST_ERROR = 0.01
"""Of growth: what trends of the whole country (births, immigration) leave open; a choice."""


def demography_targets(codes: tuple[str, ...]) -> tuple[Target, ...]:
    """Targets of the block for a set of municipalities; errors from resampling municipalities."""
    window, groups = observed_window(codes), class_groups(codes)
    observed = demography_statistics(window, groups)
    errors = bootstrap_errors(lambda rows: demography_statistics(window.of(rows), groups[rows]), len(codes))
    return targets_from(
        Block.DEMOGRAPHY,
        _MEANINGS,
        observed,
        errors,
        stated=_STATED_ERRORS,
        left_open=lambda name: _LEAST_ERROR * ("growth_" in name),
    )
