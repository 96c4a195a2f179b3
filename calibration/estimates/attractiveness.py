"""Attractiveness: growth beyond what structure predicts, by a regression on all municipalities.

After Vareide and Nygaard (TF-notat 32/2014): growth = structural conditions + attractiveness.
The same function makes the regressors of figures and of model output.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from omstilling.calibration.tables.tables import load_tables

FIRST, LAST = 2016, 2022
"""Population of 1 January; jobs of the 4th quarter before."""

Floats = NDArray[np.float64]
SETTLEMENT_TERMS = (
    "constant", "log inhabitants", "share aged 67 and over", "share women aged 20-39", "centrality / 1000",
    "growth of jobs in the labour-market region",
)  # fmt: skip
BUSINESS_TERMS = (
    "constant", "log jobs", "jobs per inhabitant", "centrality / 1000",
    "growth of population in the labour-market region",
)  # fmt: skip


@dataclass(frozen=True)
class Conditions:
    """Structural conditions of municipalities at the beginning of a window, and growth in their region, shape (n,).

    Growth is per cent a year in logs.
    """

    population: Floats
    jobs: Floats
    share_67_plus: Floats
    share_women_20_39: Floats
    centrality: Floats
    region_job_growth: Floats
    region_population_growth: Floats


def yearly_growth(first: Floats, last: Floats, years: float) -> Floats:
    """Growth in logs, per cent a year."""
    return np.asarray(100.0 * np.log(np.maximum(last, 1.0) / np.maximum(first, 1.0)) / years)


def settlement_regressors(conditions: Conditions) -> Floats:
    """Regressors of population growth, shape (n, 6); the columns are SETTLEMENT_TERMS."""
    c = conditions
    columns = (np.ones_like(c.population), np.log(c.population), c.share_67_plus, c.share_women_20_39,
               c.centrality / 1000.0, c.region_job_growth)  # fmt: skip
    return np.stack(columns, axis=1)


def business_regressors(conditions: Conditions) -> Floats:
    """Regressors of job growth, shape (n, 5); the columns are BUSINESS_TERMS."""
    c = conditions
    columns = (np.ones_like(c.jobs), np.log(np.maximum(c.jobs, 1.0)), c.jobs / c.population, c.centrality / 1000.0,
               c.region_population_growth)  # fmt: skip
    return np.stack(columns, axis=1)


@dataclass(frozen=True)
class StructuralModel:
    """A fitted regression: coefficients, share of variance explained, and spread of what is left (% a year)."""

    terms: tuple[str, ...]
    coefficients: Floats
    explained: float
    spread: float
    municipalities: int


def _fit(terms: tuple[str, ...], regressors: Floats, growth: Floats) -> StructuralModel:
    coefficients, *_ = np.linalg.lstsq(regressors, growth, rcond=None)
    left = growth - regressors @ coefficients
    explained = 1.0 - float(left.var() / growth.var())
    return StructuralModel(terms, coefficients, explained, float(left.std()), len(growth))


def observed_conditions() -> tuple[Conditions, Floats, Floats]:
    """Conditions of the 357 municipalities in 2016, and their growth of population and of jobs to 2022."""
    tables = load_tables()
    codes, years = tables.municipalities.index, float(LAST - FIRST)
    population = {year: tables.population.loc[codes, year].to_numpy(dtype=np.float64) for year in (FIRST, LAST)}
    jobs = {year: tables.employment[f"jobs_{year - 1}"].to_numpy(dtype=np.float64) for year in (FIRST, LAST)}
    ages = tables.ages.loc[FIRST].reindex(codes)
    old = ages[["age_67_74", "age_75_79", "age_80_over"]].sum(axis=1).to_numpy(dtype=np.float64)
    region = tables.municipalities["region"].to_numpy()
    _, inverse = np.unique(region, return_inverse=True)

    def regional(figures: dict[int, Floats]) -> Floats:
        first, last = (np.bincount(inverse, weights=figures[year])[inverse] for year in (FIRST, LAST))
        return yearly_growth(first, last, years)

    conditions = Conditions(
        population[FIRST], jobs[FIRST], old / population[FIRST],
        ages["women_20_39"].to_numpy(dtype=np.float64) / population[FIRST],
        tables.municipalities["centrality"].to_numpy(dtype=np.float64), regional(jobs), regional(population),
    )  # fmt: skip
    return (
        conditions,
        yearly_growth(population[FIRST], population[LAST], years),
        yearly_growth(jobs[FIRST], jobs[LAST], years),
    )


@cache
def settlement_model() -> StructuralModel:
    """Growth of population by structure, fitted to the 357 municipalities 2016-2022 (*bostedsattraktivitet*)."""
    conditions, population, _ = observed_conditions()
    return _fit(SETTLEMENT_TERMS, settlement_regressors(conditions), population)


@cache
def business_model() -> StructuralModel:
    """Growth of jobs by structure, fitted to the 357 municipalities 2015-2021 (*bedriftsattraktivitet*)."""
    conditions, _, jobs = observed_conditions()
    return _fit(BUSINESS_TERMS, business_regressors(conditions), jobs)


def settlement_attractiveness(conditions: Conditions, growth: Floats) -> Floats:
    """Growth of population beyond what structure predicts, % a year, shape (n,)."""
    return np.asarray(growth - settlement_regressors(conditions) @ settlement_model().coefficients)


def business_attractiveness(conditions: Conditions, growth: Floats) -> Floats:
    """Growth of jobs beyond what structure predicts, % a year, shape (n,)."""
    return np.asarray(growth - business_regressors(conditions) @ business_model().coefficients)
