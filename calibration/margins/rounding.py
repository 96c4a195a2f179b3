"""Rounding: whole numbers that keep a total."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def whole(weights: NDArray[np.float64], total: int) -> NDArray[np.int64]:
    """Whole numbers in proportion to ``weights`` that add up to ``total`` (largest remainders, ties by order).

    Raises
    ------
    ValueError
        If there is something to share out and nothing to share it by.
    """
    if total == 0:
        return np.zeros(len(weights), dtype=np.int64)
    if weights.sum() <= 0.0:
        raise ValueError("weights must have a positive sum")
    exact = weights / weights.sum() * total
    numbers = np.floor(exact).astype(np.int64)
    numbers[np.argsort(numbers - exact, kind="stable")[: total - int(numbers.sum())]] += 1
    return numbers
