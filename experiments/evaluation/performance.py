"""Performance: bias, coverage and power of estimators over many evaluations."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from omstilling.experiments.files.markdown import markdown_table

CASE = ["estimator", "outcome", "programmes", "follow_up", "planted"]
"""What tells the rows of a performance table apart."""


def _monte_carlo_error(values: NDArray[np.float64], panels: NDArray[np.int64]) -> float:
    """Standard error of a mean over evaluations; those of one panel share its chance and count as one cluster.

    With one panel the draws of who is treated count as independent: the error is that for this panel alone.
    """
    number = len(values)
    if number < 2:
        return float("nan")
    _, cluster = np.unique(panels, return_inverse=True)
    clusters = int(cluster.max()) + 1
    if clusters == 1:
        return float(values.std(ddof=1) / np.sqrt(number))
    sums = np.bincount(cluster, weights=values - values.mean())
    return float(np.sqrt(clusters / (clusters - 1) * (sums @ sums)) / number)


def _row(evaluations: pd.DataFrame) -> dict[str, float]:
    """Figures of one case."""
    estimate, truth, low, high = (evaluations[name].to_numpy() for name in ("estimate", "truth", "low", "high"))
    error, several = estimate - truth, len(evaluations) > 1
    return {
        "evaluations": len(evaluations),
        "truth": float(truth.mean()),
        "mean_estimate": float(estimate.mean()),
        "bias": float(error.mean()),
        "bias_mc_error": _monte_carlo_error(error, evaluations["panel"].to_numpy()),
        "coverage": float(((low <= truth) & (truth <= high)).mean()),
        "power": float(((low > 0.0) | (high < 0.0)).mean()),
        "rmse": float(np.sqrt((error**2).mean())),
        "spread": float(error.std(ddof=1)) if several else float("nan"),
        "standard_error": float(evaluations["standard_error"].mean()),
        "half_width": float((high - low).mean() / 2.0),
    }


def performance(evaluations: pd.DataFrame) -> pd.DataFrame:
    """Performance of each estimator in each case.

    Parameters
    ----------
    evaluations
        A row an evaluation, as from ``power.evaluate_runs``: the columns of CASE, ``panel`` (number of the independent
        replication), ``truth``, ``estimate``, ``standard_error``, ``low`` and ``high``.

    Returns
    -------
    pandas.DataFrame
        A row for each case (``estimator``, ``outcome``, ``programmes``, ``follow_up``, ``planted``) with

        - ``evaluations``: how many;
        - ``truth``, ``mean_estimate``: means; ``bias``: their difference, ``bias_mc_error``: its Monte Carlo standard
          error, clustered by panel if there are several (trust it from ten panels on);
        - ``coverage``: share of 95 % intervals that hold the truth; ``power``: share that exclude zero (for a true
          effect of zero: the false positives);
        - ``rmse``: root mean squared error; ``spread``: standard deviation of errors; ``standard_error`` and
          ``half_width``: mean of what the estimator states.

        Per cent for jobs and population, points for rates and indices; coverage and power are shares.
    """
    groups = evaluations.groupby(CASE, dropna=False, sort=False)
    return pd.DataFrame([dict(zip(CASE, case, strict=True)) | _row(rows) for case, rows in groups])


def minimal_detectable_effect(table: pd.DataFrame, power: float = 0.8) -> pd.DataFrame:
    """Least true effect that an evaluation would tell from zero with some probability, if the estimator is unbiased.

    Half-width of the interval + normal quantile of the power x spread of estimates: Bloom (1995,
    doi:10.1177/0193841X9501900504), with the spread that estimates have instead of the one they state.

    Parameters
    ----------
    table
        From ``performance``, with rows for a planted effect of 0.
    power
        Probability that the interval excludes zero, above 0 and below 1.

    Returns
    -------
    pandas.DataFrame
        ``estimator``, ``outcome``, ``programmes``, ``follow_up`` and ``minimal_detectable_effect`` in per cent or
        points.

    Raises
    ------
    ValueError
        For a power that is no probability, or no row without an effect.
    """
    if not 0.0 < power < 1.0:
        raise ValueError(f"power must be between 0 and 1, found {power}")
    without = table[table["planted"] == 0.0]
    if without.empty:
        raise ValueError("the minimal detectable effect needs evaluations with a planted effect of 0")
    least = without["half_width"] + float(stats.norm.ppf(power)) * without["spread"]
    return without[CASE[:-1]].assign(minimal_detectable_effect=least).reset_index(drop=True)


def performance_markdown(table: pd.DataFrame) -> str:
    """The table for a document: effects in per cent or points with their Monte Carlo error, shares in per cent."""
    bias = [f"{bias:+.2f} ± {error:.2f}" for bias, error in zip(table["bias"], table["bias_mc_error"], strict=True)]
    return markdown_table(
        pd.DataFrame(
            {
                "estimator": table["estimator"].str.replace("_", " "),
                "outcome": table["outcome"].str.replace("_", " "),
                "programmes": table["programmes"],
                "years of follow-up": table["follow_up"],
                "true effect": [f"{value:+.2f}" for value in table["truth"]],
                "bias": bias,
                "spread": [f"{value:.2f}" for value in table["spread"]],
                "coverage %": 100.0 * table["coverage"],
                "power %": 100.0 * table["power"],
                "root mean squared error": [f"{value:.2f}" for value in table["rmse"]],
                "evaluations": table["evaluations"],
            }
        )
    )
