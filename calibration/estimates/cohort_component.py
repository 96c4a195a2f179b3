"""Cohort component: municipal populations by age carried forward with rates of the years before.

The standard method of regional projections (Smith, Tayman and Swanson 2013, *A Practitioner's Guide to State and Local
Population Projections*, ch. 7), with net migration from comparing cohorts. Losses are rates and gains are numbers,
which keeps growing places from running away (Wilson and Grossman 2022, *Spatial Demography* 10). What a municipality
has of its own beyond its centrality class is kept as far as such things lasted within the years before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omstilling.calibration.margins.ages import groups_of, single_years
from omstilling.calibration.margins.life_table import fertility_of, mortality_of
from omstilling.calibration.margins.mobility import window_before
from omstilling.calibration.tables.tables import Tables
from omstilling.model.state.margins import MAX_AGE, MIGRATION_AGE_BOUNDS

SIZE_BOUNDS = (2_000, 5_000, 20_000)
"""Inhabitants at which the next class of municipalities by size begins."""
_WOMEN = 0.5
"""Share of women at childbearing age; what is wrong with it is taken up by the factor of births."""
_AGES = np.arange(MAX_AGE + 1)
_GROUP_OF_AGE = np.searchsorted(np.array(MIGRATION_AGE_BOUNDS), _AGES, side="right") - 1


@dataclass(frozen=True)
class Components:
    """Yearly components of change of M municipalities.

    Attributes
    ----------
    survival
        Share of each age alive a year later, shape (106,).
    births
        Persons aged 0 on the next 1 January per person of each age, shape (M, 106).
    leaving
        Net out-migration, share of those of each age who survive the year, shape (M, 106).
    arriving
        Net in-migration, persons a year by age at the start of the year, shape (M, 106).
    """

    survival: NDArray[np.float64]
    births: NDArray[np.float64]
    leaving: NDArray[np.float64]
    arriving: NDArray[np.float64]


def size_class(population: NDArray[np.float64]) -> NDArray[np.intp]:
    """Class of municipalities by inhabitants, 0 (fewest) to 3."""
    return np.searchsorted(np.array(SIZE_BOUNDS), population, side="right")


def one_year_on(persons: NDArray[np.float64], components: Components) -> NDArray[np.float64]:
    """Persons by age a year later, shape (M, 106); the last age is open."""
    there = persons * components.survival * (1.0 - components.leaving) + components.arriving
    after = np.empty_like(there)
    after[:, 0] = (persons * components.births).sum(axis=1)
    after[:, 1:] = there[:, :-1]
    after[:, MAX_AGE] += there[:, MAX_AGE]
    return after


def project(persons: NDArray[np.float64], components: Components, years: int) -> NDArray[np.float64]:
    """Persons by single year of age some years later, shape (M, 106)."""
    for _ in range(years):
        persons = one_year_on(persons, components)
    return persons


def _class_means(
    values: NDArray[np.float64], weights: NDArray[np.float64], classes: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Weighted mean of each row's class, column by column, shape of ``values``."""
    means = np.zeros_like(values)
    for number in np.unique(classes):
        rows = classes == number
        means[rows] = (values[rows] * weights[rows]).sum(axis=0) / np.maximum(weights[rows].sum(axis=0), 1e-9)
    return means


def lasting_share(
    first: NDArray[np.float64], second: NDArray[np.float64], weights: NDArray[np.float64], sizes: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Share of a deviation in a first period that is there in a second, by class of size, shape (M, 1).

    Slope of a weighted regression through 0, held to 0-1.
    """
    share = np.zeros((len(first), 1))
    for number in np.unique(sizes):
        rows = sizes == number
        together = (weights[rows] * first[rows] * second[rows]).sum()
        share[rows] = np.clip(together / max((weights[rows] * first[rows] ** 2).sum(), 1e-12), 0.0, 1.0)
    return share


def shrunk_rates(
    events: NDArray[np.float64],
    exposed: NDArray[np.float64],
    classes: NDArray[np.intp],
    sizes: NDArray[np.intp],
) -> NDArray[np.float64]:
    """Rates of municipalities drawn towards those of their centrality class.

    A municipality's deviation is split into its level over all columns and the rest, its pattern; each is kept as far
    as it lasted from the first half of the years to the second, among municipalities of its size.

    Parameters
    ----------
    events, exposed
        By year, municipality and column, shape (Y, M, G).
    classes, sizes
        Centrality class and class of size, shape (M,).

    Returns
    -------
    numpy.ndarray
        Shape (M, G).
    """
    half = len(events) // 2
    deviations = []
    for years in (slice(0, half), slice(half, None), slice(None)):
        weights = np.maximum(exposed[years].sum(axis=0), 1e-9)
        rates = events[years].sum(axis=0) / weights
        typical = _class_means(rates, weights, classes)
        level = ((rates - typical) * weights).sum(axis=1, keepdims=True) / weights.sum(axis=1, keepdims=True)
        deviations.append((level, rates - typical - level, weights))
    (level_1, pattern_1, _), (level_2, pattern_2, weights_2), (level, pattern, _) = deviations
    level_kept = lasting_share(level_1, level_2, weights_2.sum(axis=1, keepdims=True), sizes)
    pattern_kept = lasting_share(pattern_1, pattern_2, weights_2, sizes)
    return np.asarray(typical + level_kept * level + pattern_kept * pattern)


def _history(tables: Tables, years: range) -> list[NDArray[np.float64]]:
    """Persons by single year of age on 1 January of each year, shapes (357, 106)."""
    return [single_years(groups_of(tables, year)[0], year) for year in years]


def _by_group(persons: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.add.reduceat(persons, np.array(MIGRATION_AGE_BOUNDS), axis=-1))


def components_before(tables: Tables, start: int) -> Components:
    """Components of change from the years before a start, and its fertility and mortality; nothing later is read.

    Parameters
    ----------
    tables
        Figures; ages from 2005 are used.
    start
        Year of the 1 January from which persons are carried forward, 2010 or later.
    """
    window = window_before(start)
    persons = _history(tables, range(window[0], window[1] + 1))
    classes = tables.municipalities["centrality_class"].to_numpy(dtype=np.intp)
    sizes = size_class(persons[-1].sum(axis=1))
    net, exposed, newborn, expected = [], [], [], []
    for year, before, after in zip(range(*window), persons[:-1], persons[1:], strict=True):
        alive = before * (1.0 - mortality_of(year).mean(axis=0))
        moved = np.zeros_like(alive)
        moved[:, :-1] = after[:, 1:] - alive[:, :-1]
        net.append(_by_group(moved))
        exposed.append(_by_group(alive))
        newborn.append(after[:, :1])
        expected.append((before * fertility_of(year) * _WOMEN).sum(axis=1, keepdims=True))
    rates = shrunk_rates(np.stack(net), np.stack(exposed), classes, sizes)[:, _GROUP_OF_AGE]
    factor = shrunk_rates(np.stack(newborn), np.stack(expected), classes, sizes)
    survival = 1.0 - mortality_of(start).mean(axis=0)
    arriving = np.maximum(rates, 0.0) * persons[-1] * survival
    return Components(survival, factor * fertility_of(start) * _WOMEN, np.maximum(-rates, 0.0), arriving)
