"""Estimate: mean and interval of an effect over draws, with an error that knows which draws are alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEVELS = (0.05, 0.95)
_FEWEST = 10
"""Groups of draws from which a standard error is trusted."""


@dataclass(frozen=True)
class Estimate:
    """Mean over draws, its Monte Carlo standard error, the 5th and 95th percentile over draws, and groups of draws.

    Draws of a group share chance, or chance and parameters, and count as one for the error; it is NaN for one group.
    """

    mean: float
    error: float
    low: float
    high: float
    groups: int

    def times(self, factor: float) -> Estimate:
        """The estimate in another unit, ``factor`` positive."""
        return Estimate(self.mean * factor, self.error * factor, self.low * factor, self.high * factor, self.groups)

    @property
    def surely_positive(self) -> bool:
        """Whether the mean is more than two standard errors above zero, of enough groups of draws."""
        return self.groups >= _FEWEST and self.mean > 2.0 * self.error


def estimate_of(values: NDArray[np.float64], groups: NDArray[np.int64] | None = None) -> Estimate:
    """Estimate from the values of draws; those that are NaN are left out.

    Parameters
    ----------
    values
        Shape (draws,).
    groups
        Number of the group of each draw; each its own if left out.
    """
    known = np.isfinite(values)
    if not known.any():
        return Estimate(*(float("nan"),) * 4, groups=0)
    values = values[known]
    own = np.arange(len(values)) if groups is None else groups[known]
    _, number = np.unique(own, return_inverse=True)
    means = np.bincount(number, values) / np.bincount(number)
    error = float(means.std(ddof=1) / np.sqrt(len(means))) if len(means) > 1 else float("nan")
    low, high = np.quantile(values, LEVELS)
    return Estimate(float(values.mean()), error, float(low), float(high), len(means))
