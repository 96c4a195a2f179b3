"""Firm growth: own luck, demand, wanted staff, vacancies and layoffs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omstilling.model.engine.compilation import kernel
from omstilling.model.engine.draws import laplace, uniform
from omstilling.model.state.columns import NEVER, Counts, Firms, FirmState, Municipalities
from omstilling.model.state.industries import Market

_ALIVE = int(FirmState.ALIVE)
_CLOSED = int(FirmState.CLOSED)
_LOCAL = int(Market.LOCAL)
_PUBLIC = int(Market.PUBLIC)
_TRADABLE = int(Market.TRADABLE)
_MOST_CASH = 24.0
_LEAST_CASH = -6.0
MILLION = 1_000_000.0


@kernel
def review_month(uid: np.uint64) -> int:
    """Calendar month (0-11) in which a firm meets its yearly luck and its yearly risk of exit."""
    return int(uid % np.uint64(12))


@kernel
def yearly_growth(values: Any, size: float, years: float, u: float) -> float:
    """Log growth of a firm in a year: Laplace, its spread falling with size (Stanley et al. 1996).

    The drift makes expected size constant for a mature firm: E[exp(bL)] = 1 / (1 - b^2) for a standard Laplace L.
    Young firms grow faster for a while.
    """
    spread = values.growth_spread * max(size, 1.0) ** -values.spread_exponent
    drift = math.log(1.0 - spread * spread)
    return spread * laplace(u) + drift + values.entry_growth * 0.5**years


@kernel
def meet_luck(
    firms: Firms, used: int, markets: NDArray[np.int64], tradable_growth: NDArray[np.float64],
    business: NDArray[np.float64], values: Any, key: np.uint64, month: int
) -> None:  # fmt: skip
    """Once a year, give every private firm its growth; spared firms wait for their scenario.

    Firms that sell outside grow by ``tradable_growth`` besides, and by what attractiveness for ``business`` adds, log
    points a year, shape (M,).
    """
    for row in range(1, used):
        if firms.state[row] != _ALIVE or review_month(firms.uid[row]) != month % 12 or firms.spared[row] == 1:
            continue
        market = markets[firms.industry[row]]
        if market == _PUBLIC:
            continue
        years = (month - firms.founded[row]) / 12.0
        growth = yearly_growth(values, firms.scale[row], years, uniform(key, firms.uid[row]))
        if market == _TRADABLE:
            place = firms.municipality[row]
            growth += tradable_growth[place] + business[place]
        firms.scale[row] *= math.exp(growth)
        cash = firms.cash[row] + values.cash_response * growth + 0.1 * (values.cash_mean - firms.cash[row])
        firms.cash[row] = min(_MOST_CASH, max(_LEAST_CASH, cash))


@kernel
def _supply_of_local_services(firms: Firms, used: int, markets: NDArray[np.int64], supply: NDArray[np.int64]) -> None:
    """Sum of the scales of local-service firms by municipality and industry, in millionths of a job.

    Whole numbers add up to the same whatever the order of rows.
    """
    supply[:] = 0
    for row in range(1, used):
        if firms.state[row] == _ALIVE and firms.spared[row] == 0 and markets[firms.industry[row]] == _LOCAL:
            supply[firms.municipality[row], firms.industry[row]] += int(firms.scale[row] * MILLION)


@kernel
def wanted_staff(size: float, u: float) -> int:
    """Whole jobs of a wanted size: rounds up with the chance of the fraction, by the firm's own constant draw."""
    return math.floor(size + u)


@kernel
def adjust_staff(
    firms: Firms,
    used: int,
    municipalities: Municipalities,
    counts: Counts,
    markets: NDArray[np.int64],
    local_base: NDArray[np.float64],
    demand: NDArray[np.float64],
    level: NDArray[np.float64],
    cycle: NDArray[np.float64],
    supply: NDArray[np.int64],
    values: Any,
    traits_key: np.uint64,
    month: int,
) -> None:
    """Set vacancies and layoffs from the gap between wanted and actual staff; close firms that are due.

    Parameters
    ----------
    markets
        Market of each industry, shape (K,).
    local_base
        Local-service jobs wanted at the start, shape (M, K).
    demand
        Demand for local services relative to the start, shape (M,).
    level
        What is left of an industry in a place hit by a decline, shape (M, K).
    cycle
        National industry cycle in logs, shape (K,).
    supply
        Work space, shape (M, K).
    """
    _supply_of_local_services(firms, used, markets, supply)
    for row in range(1, used):
        if firms.state[row] != _ALIVE:
            continue
        place, industry = firms.municipality[row], firms.industry[row]
        firms.vacancies[row] = 0
        firms.layoffs[row] = 0
        if firms.closing[row] <= month:
            firms.state[row] = _CLOSED
            counts.exits[place] += 1
            continue
        if firms.closing[row] != NEVER:
            continue
        size = firms.scale[row] * level[place, industry]
        market = markets[industry]
        if firms.spared[row] == 0:
            if market == _TRADABLE:
                size *= math.exp(cycle[industry] + municipalities.luck[place])
            elif market == _LOCAL:
                share = local_base[place, industry] * MILLION / max(supply[place, industry], 1)
                size *= share * demand[place] ** values.demand_elasticity * math.exp(municipalities.luck[place])
            else:
                size *= municipalities.public_need[place]
        gap = wanted_staff(size, uniform(traits_key, firms.uid[row])) - firms.staff[row]
        if gap > 0:
            firms.vacancies[row] = min(gap, 2 + int(values.hiring_speed * gap))
        elif gap < 0 and firms.spared[row] == 1:
            firms.layoffs[row] = -gap
        elif gap < 0:
            firms.layoffs[row] = min(-gap, 1 + int(-values.layoff_speed * gap)) if gap < -1 else 0
            if gap == -1 and firms.staff[row] <= 4:
                firms.layoffs[row] = 1


@kernel
def adjust_month(
    firms: Firms, used: int, municipalities: Municipalities, counts: Counts, markets: NDArray[np.int64],
    tradable_growth: NDArray[np.float64], local_base: NDArray[np.float64], demand: NDArray[np.float64],
    level: NDArray[np.float64], cycle: NDArray[np.float64], supply: NDArray[np.int64], values: Any,
    growth_key: np.uint64, traits_key: np.uint64, month: int
) -> None:  # fmt: skip
    """Let firms meet their luck, then set vacancies and layoffs; see ``meet_luck`` and ``adjust_staff``."""
    meet_luck(firms, used, markets, tradable_growth, municipalities.business, values, growth_key, month)
    adjust_staff(
        firms,
        used,
        municipalities,
        counts,
        markets,
        local_base,
        demand,
        level,
        cycle,
        supply,
        values,
        traits_key,
        month,
    )
