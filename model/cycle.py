"""National industry cycle: demand of each industry moves as an AR(1) in logs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omstilling.model.compilation import kernel
from omstilling.model.draws import Process, derive, normal, stream, uniform
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
