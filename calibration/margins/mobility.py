"""Mobility: who moves out, who comes in, and where to, by age and place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from omstilling.calibration.margins.ages import groups_of, single_years
from omstilling.calibration.margins.life_table import mortality_of
from omstilling.calibration.margins.travel import travel_minutes
from omstilling.calibration.tables.tables import load_tables
from omstilling.model.state.margins import MAX_AGE, MIGRATION_AGE_BOUNDS

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
_BALANCING_ROUNDS = 50
_LEAST_FROM_INSIDE = 0.1
"""Least share of those who move in that comes from other municipalities; a choice that binds nowhere from 2002 to 2022.
"""
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


@dataclass(frozen=True)
class Flows:
    """Expected persons a year by age group.

    Attributes
    ----------
    inside
        From each municipality (first) to each other (last), shape (357, 15, 357), diagonal 0.
    from_abroad
        From abroad to each municipality, shape (357, 15).
    """

    inside: NDArray[np.float64]
    from_abroad: NDArray[np.float64]


def _balanced(
    deterrence: NDArray[np.float64], leaving: NDArray[np.float64], coming: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Flows of a doubly constrained gravity model (Wilson 1971): rows sum to ``leaving``, columns to ``coming``."""
    flows = deterrence * coming[None, :]
    for _ in range(_BALANCING_ROUNDS):
        flows *= (leaving / np.maximum(flows.sum(axis=1), 1e-12))[:, None]
        flows *= (coming / np.maximum(flows.sum(axis=0), 1e-12))[None, :]
    return np.asarray(flows * (leaving / np.maximum(flows.sum(axis=1), 1e-12))[:, None])


@cache
def national_flows(start_year: int) -> Flows:
    """Who moves where, so that the moves in and out of every municipality by age are those of ``national_mobility``.

    A tenth of those who move out go abroad, and as many come from abroad as the country's net in-migration needs; they
    spread as inhabitants of their age do, a choice. The rest move between municipalities, by (minutes + 10)^-2.
    """
    mobility = national_mobility(start_year)
    persons = _by_group(_ages(start_year))
    leaving = (1.0 - _ABROAD_SHARE) * mobility.outflow
    net = (mobility.inflow - mobility.outflow).sum(axis=0)
    wanted = _ABROAD_SHARE * mobility.outflow.sum(axis=0) + net
    immigrants = np.maximum(wanted, 0.0) * wanted.sum() / np.maximum(wanted, 0.0).sum()
    from_abroad = immigrants * persons / persons.sum(axis=0)
    coming = np.maximum(mobility.inflow - from_abroad, _LEAST_FROM_INSIDE * mobility.inflow)
    coming *= leaving.sum(axis=0) / coming.sum(axis=0)
    deterrence = (travel_minutes() + _GRAVITY_MINUTES) ** -_GRAVITY_EXPONENT
    np.fill_diagonal(deterrence, 0.0)
    ages = range(persons.shape[1])
    inside = np.stack([_balanced(deterrence, leaving[:, age], coming[:, age]) for age in ages], axis=1)
    return Flows(inside, from_abroad)


def regional_mobility(
    rows: NDArray[np.intp], start_year: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Moving of a region: rates out (M, 15), expected persons a year from outside (M, 15), destinations (M, 15, M + 1).

    From outside come those from other municipalities and from abroad, as many as in a run of the whole country.
    """
    national, flows = national_mobility(start_year), national_flows(start_year)
    inside = flows.inside[np.ix_(rows, range(flows.inside.shape[1]), rows)]
    share = inside / np.maximum(national.outflow[rows], 1e-12)[:, :, None]
    share = np.concatenate([share, 1.0 - share.sum(axis=2, keepdims=True)], axis=2)
    everyone = flows.inside[:, :, rows].sum(axis=0).T
    inflow = flows.from_abroad[rows] + everyone - inside.sum(axis=0).T
    out_rate = np.tile(national.out_rate, (len(rows), 1))
    return out_rate, np.maximum(inflow, 0.0), share
