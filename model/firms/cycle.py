"""Cycle: national demand of each industry moves as an AR(1) in logs, that of each place as a random walk."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from omstilling.model.engine.compilation import kernel
from omstilling.model.engine.draws import Process, derive, normal, stream, uniform
from omstilling.model.parameters import FirmParameters

_CYCLE = int(Process.CYCLE)


@kernel
def _innovations(seed: np.uint64, month: int, number: int) -> NDArray[np.float64]:
    key = stream(seed, _CYCLE, month)
    values = np.empty(number)
    for industry in range(number):
        identity = derive(key, industry, 0)
        values[industry] = normal(uniform(key, identity), uniform(key + np.uint64(1), identity))
    return values


def industry_cycle(
    cycle: NDArray[np.float64], seed: np.uint64, month: int, values: FirmParameters
) -> NDArray[np.float64]:
    """Next month's log demand of each industry, shape (K,); the same in every place and design."""
    innovations = _innovations(seed, month, len(cycle))
    return np.asarray(values.cycle_persistence * cycle + values.cycle_spread * innovations)


@kernel
def turn_of_luck(
    luck: NDArray[np.float64], uids: NDArray[np.uint64], spread: NDArray[np.float64], key: np.uint64
) -> None:
    """A month of each place's own luck: a random walk in logs that leaves the expected level as it is.

    ``spread`` log points a year by municipality, shape (M,).
    """
    for place in range(len(luck)):
        monthly = spread[place] / math.sqrt(12.0)
        z = normal(uniform(key, uids[place]), uniform(key + np.uint64(1), uids[place]))
        luck[place] += monthly * z - 0.5 * monthly * monthly
