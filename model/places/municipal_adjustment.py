"""Municipal adjustment: demand, public need, housing, prospects, and the pull of a place."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omstilling.model.engine.compilation import kernel
from omstilling.model.state.columns import Counts, Firms, FirmState, Municipalities
from omstilling.model.state.industries import Market
from omstilling.model.state.ledger import Tally

_ALIVE = int(FirmState.ALIVE)
_TRADABLE = int(Market.TRADABLE)
_PUBLIC = int(Market.PUBLIC)
_EMPLOYED = 3
_UNEMPLOYED = 4
_OUTSIDE = 5
_MARGINAL_SHARE = 0.3
"""Share of those outside the labour force whom prospects count as wanting work; a choice."""


@kernel
def public_jobs_needed(by_age: NDArray[np.int64], place: int, values: Any) -> float:
    """Public jobs that the inhabitants need by age."""
    return float(
        values.need_child * by_age[place, 0] + values.need_adult * by_age[place, 1] + values.need_old * by_age[place, 2]
    )


@kernel
def log_employment_rate(by_status: NDArray[np.int64], place: int) -> float:
    """Log share with work among those who want work."""
    employed = by_status[place, _EMPLOYED]
    wanting = employed + by_status[place, _UNEMPLOYED] + _MARGINAL_SHARE * by_status[place, _OUTSIDE]
    return math.log(max(employed, 1.0) / max(wanting, 1.0))


@kernel
def spend(
    tally: Tally, firms: Firms, used: int, shopping: NDArray[np.float64], markets: NDArray[np.int64],
    consumption: NDArray[np.float64], tradable: NDArray[np.float64], local: NDArray[np.float64],
    public: NDArray[np.float64]
) -> None:  # fmt: skip
    """Consumption spent in each place, and jobs there by market, each shape (M,).

    ``shopping`` is the share of a home's consumption spent in each place, shape (M, M), rows sum to 1.
    """
    consumption[:] = 0.0
    tradable[:] = 0.0
    local[:] = 0.0
    public[:] = 0.0
    size = len(consumption)
    for home in range(size):
        for place in range(size):
            if shopping[home, place] > 0.0:
                consumption[place] += shopping[home, place] * tally.income[home]
    for row in range(1, used):
        if firms.state[row] == _ALIVE:
            market = markets[firms.industry[row]]
            place = firms.municipality[row]
            if market == _TRADABLE:
                tradable[place] += firms.staff[row]
            elif market == _PUBLIC:
                public[place] += firms.staff[row]
            else:
                local[place] += firms.staff[row]


@kernel
def _adjust_housing(municipalities: Municipalities, place: int, households: int, values: Any) -> None:
    """Durable housing: prices fall fast and recover slowly, building needs a price above cost, nothing is torn down."""
    wanted = values.price_elasticity * math.log(max(households, 1) / municipalities.dwellings[place])
    price = municipalities.log_house_price[place]
    speed = values.price_rise if wanted > price else values.price_fall
    price += speed * (wanted - price)
    municipalities.log_house_price[place] = price
    if price > 0.0:
        municipalities.dwellings[place] *= 1.0 + values.building * price / 12.0


@kernel
def adjust_municipalities(
    municipalities: Municipalities,
    tally: Tally,
    counts: Counts,
    need_at_start: NDArray[np.float64],
    consumption: NDArray[np.float64],
    consumption_at_start: NDArray[np.float64],
    tradable: NDArray[np.float64],
    tradable_at_start: NDArray[np.float64],
    service_jobs: NDArray[np.float64],
    services_at_start: NDArray[np.float64],
    adults: NDArray[np.float64],
    adults_at_start: NDArray[np.float64],
    demand: NDArray[np.float64],
    supplier_share: float,
    public_lag: float,
    values: Any,
    moving: Any,
) -> None:
    """Let demand, public need, housing and prospects follow those who live there; sum them into the pull.

    Arrays are by municipality, shape (M,). ``demand`` and ``adults`` are written relative to the start. The pull is
    settlement attractiveness plus weighted changes of prospects, house price and services since the start.
    """
    for place in range(len(demand)):
        base = consumption[place] / consumption_at_start[place]
        if tradable_at_start[place] > 0.0:
            base = (1.0 - supplier_share) * base + supplier_share * tradable[place] / tradable_at_start[place]
        demand[place] = base
        adults[place] = tally.by_age[place, 1] / max(adults_at_start[place], 1.0)
        need = public_jobs_needed(tally.by_age, place, values) / need_at_start[place]
        municipalities.public_need[place] += (need - municipalities.public_need[place]) / public_lag
        _adjust_housing(municipalities, place, tally.households[place], values)
        rate = log_employment_rate(tally.by_status, place) - municipalities.prospects_at_start[place]
        municipalities.prospects[place] += (rate - municipalities.prospects[place]) / values.prospects_smoothing
        population = tally.by_age[place, 0] + tally.by_age[place, 1] + tally.by_age[place, 2]
        per_head = service_jobs[place] / max(population, 1.0) / services_at_start[place]
        municipalities.service_level[place] = math.log(max(per_head, 0.1))
        municipalities.recently_laid_off[place] += (
            counts.layoffs[place] - municipalities.recently_laid_off[place] / 12.0
        )
        municipalities.pull[place] = (
            municipalities.settlement[place]
            + moving.prospects * municipalities.prospects[place]
            - moving.house_price * municipalities.log_house_price[place]
            + moving.services * municipalities.service_level[place]
        )
