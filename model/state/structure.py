"""Structure: what a run takes from its margins and start once, and never changes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omstilling.model.engine.draws import derive
from omstilling.model.moving.moves import mean_ties
from omstilling.model.parameters import FirmParameters, MovingValues, Parameters, kernel_values
from omstilling.model.state.columns import OUTSIDE_FIRM, Firms, FirmState, Municipalities, Persons
from omstilling.model.state.industries import INDUSTRIES, Market
from omstilling.model.state.margins import MAX_AGE, MIGRATION_AGE_BOUNDS, RegionMargins

MARKETS = np.array([int(industry.market) for industry in INDUSTRIES], dtype=np.int64)
_MUNICIPALITY_ORIGIN = np.uint64(2024)
_LEAST_TIE = 0.05
TYPICAL_JOBS = 2000.0
"""Jobs of the municipality for which the spread of luck and the hazard of large losses are stated."""
_MEAN_CENTRALITY = 836.0
"""Centrality index of the municipality in which the average job of 2015 lies."""


def municipality_identities(codes: tuple[str, ...]) -> NDArray[np.uint64]:
    """Identity of each municipality from its code, shape (M,)."""
    return np.array([derive(_MUNICIPALITY_ORIGIN, int(code), 0) for code in codes], dtype=np.uint64)


@dataclass(frozen=True)
class Structure:
    """Constants of a run.

    Attributes
    ----------
    reach
        exp(-beta minutes) from home to place of work, times how these two are linked besides, shape (M, M).
    commuting_cost
        What the way from home to work costs, log wage, shape (M, M).
    outside_weight
        Weight of jobs outside, so that hires there match those who work there at the start, shape (M,).
    commuter_share
        Share of jobs held by commuters from outside at the start, shape (M,).
    shopping
        Share of a home's consumption spent in each place, shape (M, M).
    mortality, fertility, disability
        Monthly probabilities, shapes (2, 106), (106,) and (106,).
    age_groups
        Age group of moving by year of age, shape (106,).
    age_group_bounds
        First month of age of each group and the end of the last, shape (A + 1,).
    move_rate
        Monthly rate of moving out for a tie factor of 1, shape (M, A).
    income_of_status
        Income in mean wages by status, shape (7,).
    place_spread
        Spread of a place's own luck, log points a year, shape (M,).
    tradable_growth
        Growth of firms that sell outside, besides their own luck, log points a year, shape (M,).
    """

    reach: NDArray[np.float64]
    commuting_cost: NDArray[np.float64]
    outside_weight: NDArray[np.float64]
    commuter_share: NDArray[np.float64]
    shopping: NDArray[np.float64]
    mortality: NDArray[np.float64]
    fertility: NDArray[np.float64]
    disability: NDArray[np.float64]
    age_groups: NDArray[np.int8]
    age_group_bounds: NDArray[np.int64]
    move_rate: NDArray[np.float64]
    income_of_status: NDArray[np.float64]
    place_spread: NDArray[np.float64]
    tradable_growth: NDArray[np.float64]


def _monthly(yearly: NDArray[np.float64]) -> NDArray[np.float64]:
    """Monthly probability that compounds to a yearly one."""
    return 1.0 - (1.0 - yearly) ** (1.0 / 12.0)


def _outside_weight(margins: RegionMargins, reach: NDArray[np.float64], vacancy_share: float) -> NDArray[np.float64]:
    size = margins.size
    inside = reach @ (vacancy_share * margins.jobs)
    working_inside = np.maximum(margins.commuting[:size, :size].sum(axis=1), 1)
    return np.asarray(inside * margins.commuting[:size, size] / working_inside)


def _shopping(margins: RegionMargins, leakage: float) -> NDArray[np.float64]:
    """Part of consumption is spent where the residents work, as commuting shows; the rest at home."""
    size = margins.size
    flows = margins.commuting[:size, :size].astype(np.float64)
    totals = flows.sum(axis=1, keepdims=True)
    away = np.where(totals > 0, flows / np.maximum(totals, 1.0), np.eye(size))
    return np.asarray((1.0 - leakage) * np.eye(size) + leakage * away)


def _move_rate(
    margins: RegionMargins, persons: Persons, used: int, groups: NDArray[np.int8], parameters: Parameters
) -> NDArray[np.float64]:
    """Rates for a tie factor of 1, so that at the start the mean over ties meets the table."""
    shape = margins.out_migration_rate.shape
    total, number = np.zeros(shape), np.zeros(shape)
    mean_ties(persons, used, groups, kernel_values(parameters.moving, MovingValues), margins.start_month, total, number)
    mean = np.where(number > 0, total / np.maximum(number, 1.0), 1.0)
    return np.asarray(margins.out_migration_rate / 12.0 / np.maximum(mean, _LEAST_TIE))


def _tradable_growth(margins: RegionMargins, values: FirmParameters) -> NDArray[np.float64]:
    """National growth and what centrality adds to it or takes from it."""
    centrality = (margins.centrality_index - _MEAN_CENTRALITY) / 100.0
    return np.asarray(values.tradable_growth + values.tradable_centrality * centrality)


def _place_spread(margins: RegionMargins, values: FirmParameters) -> NDArray[np.float64]:
    """Larger places have more even luck."""
    size = np.maximum(margins.jobs * margins.weight, 1.0) / TYPICAL_JOBS
    return np.asarray(values.place_spread * size**-values.place_size_exponent)


def build_structure(margins: RegionMargins, persons: Persons, used: int, parameters: Parameters) -> Structure:
    """Constants of a run from its margins, its synthetic persons and the parameters."""
    groups = np.searchsorted(MIGRATION_AGE_BOUNDS, np.arange(MAX_AGE + 1), side="right").astype(np.int8) - 1
    matching = parameters.matching
    reach = np.exp(-matching.distance_decay * margins.travel_minutes) * margins.commuting_affinity
    life = parameters.life
    return Structure(
        reach=reach,
        commuting_cost=matching.commuting_cost * np.minimum(margins.travel_minutes, matching.longest_day_minutes),
        outside_weight=_outside_weight(margins, reach, parameters.firms.vacancy_share),
        commuter_share=margins.commuting[margins.size, : margins.size] / np.maximum(margins.jobs, 1),
        shopping=_shopping(margins, parameters.firms.shopping_leakage),
        mortality=_monthly(margins.mortality),
        fertility=margins.fertility / 12.0,
        disability=life.disability_rate * np.exp(life.disability_age_slope * (np.arange(MAX_AGE + 1) - 50.0)),
        age_groups=groups.astype(np.int8),
        age_group_bounds=np.array([*MIGRATION_AGE_BOUNDS, 95], dtype=np.int64) * 12,
        move_rate=_move_rate(margins, persons, used, groups.astype(np.int8), parameters),
        income_of_status=np.array(
            [0, 0, life.income_student, 1, life.income_jobless, life.income_outside, life.income_pension]
        ),
        place_spread=_place_spread(margins, parameters.firms),
        tradable_growth=_tradable_growth(margins, parameters.firms),
    )


def set_scales(firms: Firms, used: int, vacancy_share: float) -> None:
    """Wanted size of every firm at the start: its staff and the vacancies that turnover leaves open."""
    rows = slice(OUTSIDE_FIRM + 1, used)
    firms.scale[rows] = firms.staff[rows] * (1.0 + vacancy_share)


def local_jobs_wanted(firms: Firms, used: int, shape: tuple[int, int]) -> NDArray[np.float64]:
    """Jobs wanted in local services by municipality and industry, shape (M, K)."""
    base = np.zeros(shape)
    rows = np.flatnonzero(
        (firms.state[:used] == FirmState.ALIVE)
        & (MARKETS[firms.industry[:used]] == Market.LOCAL)
        & (firms.spared[:used] == 0)
    )
    rows = rows[rows != OUTSIDE_FIRM]
    np.add.at(base, (firms.municipality[rows], firms.industry[rows]), firms.scale[rows])
    return base


def count_firms_at_start(firms: Firms, used: int, shape: tuple[int, int]) -> NDArray[np.int64]:
    """Firms by municipality and industry, shape (M, K)."""
    number = np.zeros(shape, dtype=np.int64)
    rows = slice(OUTSIDE_FIRM + 1, used)
    np.add.at(number, (firms.municipality[rows], firms.industry[rows]), 1)
    return number


def allocate_municipalities(codes: tuple[str, ...]) -> Municipalities:
    """Municipality columns at the start: every change since the start is 0, public need is 1."""
    size = len(codes)
    columns = [np.zeros(size) for _ in Municipalities._fields[1:]]
    municipalities = Municipalities(municipality_identities(codes), *columns)
    municipalities.public_need[:] = 1.0
    return municipalities
