"""Mobility: who moves out, who comes in, and where to, by age and place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from omstilling.calibration.ages import groups_of, single_years
from omstilling.calibration.life_table import mortality_of
from omstilling.calibration.tables import load_tables
from omstilling.calibration.travel import travel_minutes
from omstilling.model.margins import MAX_AGE, MIGRATION_AGE_BOUNDS

_SCHEDULE = np.array(
    [0.060, 0.030, 0.055, 0.135, 0.125, 0.080, 0.052, 0.035, 0.026, 0.020, 0.017, 0.016, 0.014, 0.012, 0.015]
)
"""Shape of yearly moving rates by age group: 10-15 % at 20-29, 1-2 % after 45 (Statistics Norway, to be verified)."""
_MEAN_RATE = 0.050
"""Moves between municipalities 4.5 % and emigration 0.5 % of inhabitants a year (Statistics Norway, to be verified)."""
_ABROAD_SHARE = 0.10
"""Emigration among all moves out: 0.5 of 5.0."""
_GRAVITY_EXPONENT = 2.0
_GRAVITY_MINUTES = 10.0
"""Moves fall with (minutes + 10)^-2: about half within an hour and a half; a choice."""
_LONGEST_WINDOW = 10
_SHORTEST_WINDOW = 5
_FIRST_YEAR, _LAST_YEAR = 2005, 2022
_PERSISTENCE = 0.25
"""Share of a municipality's net in-migration beyond structure that lasts: ``persistence`` gives 0.07 (2005-10 to
2010-15), 0.22 (2010-15 to 2015-20) and 0.29 (2005-13 to 2013-21)."""
_FIRST_OLD_GROUP = MIGRATION_AGE_BOUNDS.index(65)
"""From 65, cohort comparison shows errors of mortality rather than moving: structure is set to 0 there, a choice."""
_CLASSES = 6


@dataclass(frozen=True)
class Mobility:
    """National tables of moving for one start year.

    Attributes
    ----------
    out_rate
        Yearly rate of moving out by age group, shape (15,).
    inflow
        Expected persons a year moving into each municipality from anywhere, shape (357, 15).
    outflow
        Expected persons a year moving out of each municipality, shape (357, 15).
    attractiveness
        Net in-migration beyond structure that is expected to last, share of inhabitants a year, shape (357,).
    window
        First and last year of the figures behind it.
    """

    out_rate: NDArray[np.float64]
    inflow: NDArray[np.float64]
    outflow: NDArray[np.float64]
    attractiveness: NDArray[np.float64]
    window: tuple[int, int]


def _by_group(by_age: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums over the age groups of moving, shape (..., 15)."""
    return np.asarray(np.add.reduceat(by_age, np.array(MIGRATION_AGE_BOUNDS), axis=-1))


@cache
def _ages(year: int) -> NDArray[np.float64]:
    groups, _, _ = groups_of(load_tables(), year)
    return single_years(groups, year)


def net_between(before: NDArray[np.float64], after: NDArray[np.float64], year: int) -> NDArray[np.float64]:
    """Net in-migration during a year by municipality and age group, shape (M, 15), by comparing cohorts.

    Those aged a + 1 on 1 January of the next year less those aged a who survive; the newborn are left out.

    Parameters
    ----------
    before, after
        Inhabitants by single year of age on 1 January of the year and of the next, shape (M, 106).
    year
        Year whose mortality is used.
    """
    survive = 1.0 - mortality_of(year).mean(axis=0)
    net = np.zeros_like(before)
    net[:, 1:] = after[:, 1:] - before[:, :-1] * survive[:-1]
    net[:, MAX_AGE] = 0.0
    return _by_group(net)


@cache
def net_migration(year: int) -> NDArray[np.float64]:
    """Net in-migration during a year by municipality and age group, shape (357, 15); see ``net_between``."""
    return net_between(_ages(year), _ages(year + 1), year)


def window_before(start_year: int) -> tuple[int, int]:
    """Years whose figures a run from ``start_year`` may use: up to ten before it, five from 2005 at the least."""
    last = max(min(start_year, _LAST_YEAR), _FIRST_YEAR + _SHORTEST_WINDOW)
    return max(_FIRST_YEAR, last - _LONGEST_WINDOW), last


def _net_rates(window: tuple[int, int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Structural net rate of each municipality's class by age group (357, 15), and the rest of its net rate (357,)."""
    years = range(*window)
    persons = np.sum([_by_group(_ages(year)) for year in years], axis=0)
    net = np.sum([net_migration(year) for year in years], axis=0)
    classes = load_tables().municipalities["centrality_class"].to_numpy()
    structural = np.zeros_like(net)
    for number in range(1, _CLASSES + 1):
        rows = classes == number
        structural[rows] = net[rows].sum(axis=0) / persons[rows].sum(axis=0)
    structural[:, _FIRST_OLD_GROUP:] = 0.0
    net[:, _FIRST_OLD_GROUP:] = 0.0
    rest = (net.sum(axis=1) - (structural * persons).sum(axis=1)) / persons.sum(axis=1)
    return structural, rest


def persistence(first: tuple[int, int], second: tuple[int, int]) -> float:
    """Slope of a regression of the second window's net rate beyond structure on the first's."""
    x, y = _net_rates(first)[1], _net_rates(second)[1]
    return float(np.cov(x, y)[0, 1] / np.var(x, ddof=1))


@cache
def national_mobility(start_year: int) -> Mobility:
    """Moving out and in for every municipality, from figures of the window before the start.

    Net in-migration by age follows the municipality's centrality class; what is its own is kept in part.
    """
    window = window_before(start_year)
    structural, rest = _net_rates(window)
    persons = _by_group(_ages(start_year))
    out_rate = _SCHEDULE * _MEAN_RATE / ((persons.sum(axis=0) * _SCHEDULE).sum() / persons.sum())
    attractiveness = _PERSISTENCE * rest
    outflow = out_rate * persons
    mobility = outflow.sum(axis=1, keepdims=True) / np.maximum(persons.sum(axis=1, keepdims=True), 1.0)
    own = attractiveness[:, None] * out_rate / mobility
    inflow = np.maximum(outflow + (structural + own) * persons, 0.1 * outflow)
    return Mobility(out_rate, inflow, outflow, attractiveness, window)


@cache
def destinations() -> NDArray[np.float64]:
    """Share of movers from each municipality who go to each other one by gravity, shape (357, 357); abroad is the rest.

    Weights are inhabitants of 2015 times (minutes + 10)^-2.
    """
    population = load_tables().population[2015].to_numpy()
    weight = population * (travel_minutes() + _GRAVITY_MINUTES) ** -_GRAVITY_EXPONENT
    np.fill_diagonal(weight, 0.0)
    return np.asarray((1.0 - _ABROAD_SHARE) * weight / weight.sum(axis=1, keepdims=True))


def regional_mobility(
    rows: NDArray[np.intp], start_year: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Moving of a region: rates out (M, 15), expected persons a year from outside (M, 15), destinations (M, M + 1)."""
    national = national_mobility(start_year)
    inside = destinations()[np.ix_(rows, rows)]
    share = np.concatenate([inside, 1.0 - inside.sum(axis=1, keepdims=True)], axis=1)
    from_region = inside.T @ national.outflow[rows]
    inflow = np.maximum(national.inflow[rows] - from_region, 0.05 * national.inflow[rows])
    out_rate = np.tile(national.out_rate, (len(rows), 1))
    return out_rate, inflow, share
