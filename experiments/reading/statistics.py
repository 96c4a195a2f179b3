"""Statistics of paired replications."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_LEVELS = (0.05, 0.95)
_BOOTSTRAPS = 400
_BOOTSTRAP_SEED = 9


def summary_row(values: NDArray[np.float64], base: NDArray[np.float64], better: int) -> dict[str, float]:
    """Mean and spread of a design, and its paired difference to the baseline, both of shape (replications,).

    Returns
    -------
    dict
        ``mean``, ``sd``, ``difference``, ``mc_error`` (standard error of the mean difference), ``low`` and ``high``
        (5th and 95th percentile of the differences), ``p_better`` (ties count half; NaN if ``better`` is 0). NaN
        throughout where the indicator is not defined.
    """
    known = ~np.isnan(values) & ~np.isnan(base)
    if not known.any():
        names = ("mean", "sd", "difference", "mc_error", "low", "high", "p_better")
        return dict.fromkeys(names, float("nan"))
    values, base = values[known], base[known]
    difference = values - base
    several = len(values) > 1
    low, high = np.quantile(difference, _LEVELS)
    wins = ((better * difference > 0).mean() + 0.5 * (difference == 0).mean()) if better else np.nan
    return {
        "mean": float(values.mean()),
        "sd": float(values.std(ddof=1)) if several else float("nan"),
        "difference": float(difference.mean()),
        "mc_error": float(difference.std(ddof=1) / np.sqrt(len(values))) if several else float("nan"),
        "low": float(low),
        "high": float(high),
        "p_better": float(wins),
    }


def ratio_row(numerator: NDArray[np.float64], denominator: NDArray[np.float64]) -> dict[str, float]:
    """Ratio of means with a bootstrap 90 % interval; NaN where the mean denominator is not above 0.

    Resampled ratios whose denominator is not above 0 count as infinite, so an interval can have no upper end.
    """
    nothing = {"sd": float("nan"), "difference": float("nan"), "mc_error": float("nan"), "p_better": float("nan")}
    if not denominator.mean() > 0.0:
        return {"mean": float("nan"), "low": float("nan"), "high": float("nan"), **nothing}
    draws = np.random.default_rng(_BOOTSTRAP_SEED).integers(0, len(numerator), (_BOOTSTRAPS, len(numerator)))
    below = denominator[draws].mean(axis=1)
    ratios = np.where(below > 0.0, numerator[draws].mean(axis=1) / np.where(below > 0.0, below, 1.0), np.inf)
    low, high = np.quantile(ratios, _LEVELS, method="nearest")
    return {"mean": float(numerator.mean() / denominator.mean()), "low": float(low), "high": float(high), **nothing}


def variance_reduction(values: NDArray[np.float64], base: NDArray[np.float64]) -> float:
    """Variance of a difference of independent runs over that of paired runs: (var a + var b) / var (a - b).

    Infinite where the paired difference does not vary; NaN for a single replication or an unknown value.
    """
    if len(values) < 2 or np.isnan(values).any() or np.isnan(base).any():
        return float("nan")
    paired = float((values - base).var(ddof=1))
    independent = float(values.var(ddof=1) + base.var(ddof=1))
    return independent / paired if paired > 0.0 else float("inf")
