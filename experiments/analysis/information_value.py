"""Value of information: what it is worth to know the parameters before a design is chosen."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.interpolate import make_smoothing_spline

_FEWEST = 10
"""Draws that a smooth curve needs."""
_SHUFFLES = 20


def perfect_information(benefit: NDArray[np.float64]) -> float:
    """Expected value of perfect information: the mean of the best less the best mean, of (N, D)."""
    return float(benefit.max(axis=1).mean() - benefit.mean(axis=0).max())


def _smooth(values: NDArray[np.float64], benefit: NDArray[np.float64]) -> NDArray[np.float64]:
    """Benefit as a smooth curve of a parameter, at its draws; smoothness by generalised cross-validation."""
    order = np.argsort(values, kind="stable")
    distinct = values[order] + np.arange(len(values)) * 1e-12 * max(float(np.ptp(values)), 1e-300)
    curve = make_smoothing_spline(distinct, benefit[order])
    fitted = np.empty_like(benefit)
    fitted[order] = curve(distinct)
    return fitted


def _partial(values: NDArray[np.float64], benefit: NDArray[np.float64]) -> float:
    against_first = np.column_stack(
        [np.zeros(len(values)), *(_smooth(values, benefit[:, d] - benefit[:, 0]) for d in range(1, benefit.shape[1]))]
    )
    return perfect_information(against_first)


def partial_information(parameters: pd.DataFrame, benefit: NDArray[np.float64], seed: int = 1) -> pd.DataFrame:
    """Expected value of perfect information on each parameter alone, by regression (Strong, Oakley, Brennan 2014).

    Parameters
    ----------
    parameters
        Draws, a row each; columns that do not vary are left out.
    benefit
        Net benefit, shape (N, D).
    seed
        For shuffles of each parameter, which show what chance alone gives.

    Returns
    -------
    pandas.DataFrame
        ``parameter``, ``evppi``, ``by_chance`` (95th percentile over shuffles) and ``tells`` (whether it is more), the
        highest first.

    Raises
    ------
    ValueError
        For fewer than 10 draws.
    """
    if len(benefit) < _FEWEST:
        raise ValueError(f"value of information: found {len(benefit)} draws; {_FEWEST} or more are needed")
    random = np.random.default_rng(seed)
    rows = []
    for name in parameters.columns:
        values = parameters[name].to_numpy(dtype=np.float64)
        if np.ptp(values) == 0.0:
            continue
        found = _partial(values, benefit)
        chance = float(np.quantile([_partial(random.permutation(values), benefit) for _ in range(_SHUFFLES)], 0.95))
        rows.append((name, found, chance, found > chance))
    frame = pd.DataFrame(rows, columns=["parameter", "evppi", "by_chance", "tells"])
    return frame.sort_values("evppi", ascending=False, kind="stable", ignore_index=True)
