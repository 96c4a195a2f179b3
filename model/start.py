"""Start: what municipalities were like at the start of a run, against which they adjust."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from omstilling.model.places.municipal_adjustment import log_employment_rate, public_jobs_needed

if TYPE_CHECKING:
    from omstilling.model.world import World

_LEAST_SERVICES = 1e-6


@dataclass(frozen=True)
class Start:
    """Values at the start by municipality, each shape (M,).

    ``consumption`` in mean wages and ``tradable`` jobs; ``adults`` inhabitants aged 16-66; ``services`` jobs in local
    and public services per inhabitant; ``need`` of public jobs by age.
    """

    consumption: NDArray[np.float64]
    tradable: NDArray[np.float64]
    adults: NDArray[np.float64]
    services: NDArray[np.float64]
    need: NDArray[np.float64]


def remember_start(model: World) -> Start:
    """Read the start off a model whose persons and firms are counted, and set its municipalities accordingly."""
    economy, tally = model.economy, model.tally
    population = np.maximum(tally.by_status[:, 1:].sum(axis=1), 1)
    places = range(model.margins.size)
    model.municipalities.prospects_at_start[:] = [log_employment_rate(tally.by_status, place) for place in places]
    model.municipalities.dwellings[:] = np.maximum(tally.households, 1)
    return Start(
        consumption=economy.consumption.copy(),
        tradable=economy.tradable.copy(),
        adults=tally.by_age[:, 1].astype(np.float64),
        services=np.maximum((economy.local + economy.public) / population, _LEAST_SERVICES),
        need=np.array([public_jobs_needed(tally.by_age, place, model.municipality_values) for place in places]),
    )
