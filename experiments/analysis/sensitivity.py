"""Sensitivity: how much of an outcome comes from each key of a sample, by the methods of Sobol and Morris (SALib)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from omstilling.experiments.batch.points import salib_problem, sample_values
from omstilling.scenarios.errors import Problem, ScenarioError
from omstilling.scenarios.experiment import Sample

_BOOTSTRAPS = 200


def _whole_groups(values: NDArray[np.float64], size: int) -> NDArray[np.bool_]:
    """Which rows belong to groups of a sample of which every run is there, shape (points,)."""
    known = np.isfinite(values).all(axis=1).reshape(-1, size).all(axis=1)
    return np.repeat(known, size)


def sensitivity(sample: Sample, outcome: NDArray[np.float64], seed: int) -> pd.DataFrame:
    """Sensitivity indices of an outcome.

    Parameters
    ----------
    sample
        With the method ``saltelli`` (Sobol's indices) or ``morris`` (elementary effects).
    outcome
        Of every point and replication, shape (points, R); NaN where a run failed. Groups of points that lack one are
        left out whole.
    seed
        Of the experiment: the sample follows from it.

    Returns
    -------
    pandas.DataFrame
        ``key`` and, for Sobol, ``first`` and ``total`` with ``first_error`` and ``total_error`` (95 % half widths, of
        the mean over replications), the largest total first; for Morris, ``mu_star`` with ``mu_star_error``, ``mu`` and
        ``sigma``. ``chance`` is the share of the variance of single replications that is chance alone; it is the same
        in every row, and NaN for one replication. ``left_out`` counts points.

    Raises
    ------
    ScenarioError
        For a sample of another method, or with too few whole groups.
    """
    if sample.method not in ("saltelli", "morris"):
        allowed = "saltelli or morris is needed for a sensitivity analysis"
        raise ScenarioError("sample", [Problem("sample.method", repr(sample.method), allowed)])
    keys = len(sample.ranges)
    whole = _whole_groups(outcome, keys + 2 if sample.method == "saltelli" else keys + 1)
    if whole.sum() < 2 * (keys + 2):
        found = f"{int(whole.sum())} points without a failed run"
        raise ScenarioError("sample", [Problem("sample.points", found, f"{2 * (keys + 2)} or more are needed")])
    kept = outcome[whole]
    mean = kept.mean(axis=1)
    chance = float(kept.var(axis=1, ddof=1).mean() / kept.var(ddof=1)) if kept.shape[1] > 1 else float("nan")
    frame = _sobol(sample, mean) if sample.method == "saltelli" else _morris(sample, mean, whole, seed)
    return frame.assign(chance=chance, left_out=int((~whole).sum()))


def _sobol(sample: Sample, mean: NDArray[np.float64]) -> pd.DataFrame:
    from SALib.analyze import sobol

    found = sobol.analyze(
        salib_problem(sample), mean, calc_second_order=False, num_resamples=_BOOTSTRAPS, seed=1, print_to_console=False
    )
    frame = pd.DataFrame(
        {"key": list(sample.ranges), "first": found["S1"], "first_error": found["S1_conf"], "total": found["ST"],
         "total_error": found["ST_conf"]}
    )  # fmt: skip
    return frame.sort_values("total", ascending=False, kind="stable", ignore_index=True)


def _morris(sample: Sample, mean: NDArray[np.float64], whole: NDArray[np.bool_], seed: int) -> pd.DataFrame:
    from SALib.analyze import morris

    values = sample_values(sample, seed)[whole]
    found = morris.analyze(
        salib_problem(sample), values, mean, num_resamples=_BOOTSTRAPS, seed=1, print_to_console=False
    )
    frame = pd.DataFrame(
        {"key": list(sample.ranges), "mu_star": np.asarray(found["mu_star"], dtype=float),
         "mu_star_error": np.asarray(found["mu_star_conf"], dtype=float), "mu": np.asarray(found["mu"], dtype=float),
         "sigma": np.asarray(found["sigma"], dtype=float)}
    )  # fmt: skip
    return frame.sort_values("mu_star", ascending=False, kind="stable", ignore_index=True)
