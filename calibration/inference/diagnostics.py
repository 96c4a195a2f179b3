"""Diagnostics: what a calibration can recover, whether its intervals hold, what the data tell, whether the model fits.

All but the check of targets work on the table of evaluations that each stage leaves: its pilot and first generation are
draws of the prior, simulated once, accepted or not (the reference table).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from omstilling.calibration.inference.adjustment import adjusted_scores
from omstilling.calibration.inference.problem import Problem, to_score

LEVELS = (50, 80, 90)
"""Per cent of outcomes that an interval should hold."""
NEAREST = 0.35
"""Share of a reference table taken as a posterior: the quantile of the first threshold, as in the stages themselves."""
_TARGET = "target:"


def reference_table(folder: Path, stage: str) -> pd.DataFrame:
    """Prior draws of a stage with their statistics, a row each.

    Raises
    ------
    FileNotFoundError
        Where no calibration has left one.
    """
    table = pd.read_parquet(folder / f"{stage}.parquet")
    return table[table["generation"] <= 0].reset_index(drop=True)


def statistics_of(table: pd.DataFrame, names: Sequence[str]) -> NDArray[np.float64]:
    """Statistics of evaluations, shape (rows, targets)."""
    return table[[_TARGET + name for name in names]].to_numpy(dtype=np.float64)


def nearest_rows(
    table: pd.DataFrame, problem: Problem, observed: Mapping[str, float], leave_out: Sequence[str] = ()
) -> NDArray[np.intp]:
    """Rows of a reference table nearest to some figures: a posterior by rejection.

    ``leave_out`` names targets that are not looked at.
    """
    names = [name for name in problem.observed if name not in leave_out]
    figures, errors = (np.array([source[name] for name in names]) for source in (observed, problem.errors))
    distance = np.sqrt(np.mean(((statistics_of(table, names) - figures) / errors) ** 2, axis=1))
    return np.argsort(distance, kind="stable")[: _nearest(len(table))]


def _nearest(rows: int) -> int:
    return max(round(NEAREST * rows), 5)


@dataclass(frozen=True)
class Recovery:
    """How well a parameter is recovered from simulated figures.

    Attributes
    ----------
    name
        The parameter.
    correlation
        Between true values and posterior means.
    coverage
        Share of true values inside central intervals of LEVELS, shape (3,).
    ranks
        Rank of each true value among its posterior draws, 0-1; uniform if the posterior is right (simulation-based
        calibration, Talts et al. 2018).
    """

    name: str
    correlation: float
    coverage: NDArray[np.float64]
    ranks: NDArray[np.float64]


def recovery(table: pd.DataFrame, problem: Problem, *, adjusted: bool) -> list[Recovery]:
    """Take every prior draw in turn as the truth, and infer it from all others.

    By the nearest alone, or ``adjusted`` as the stages are. Values are compared as scores.
    """
    names, targets = list(problem.priors), list(problem.observed)
    values = np.column_stack([[to_score(problem.priors[name], value) for value in table[name]] for name in names])
    figures = statistics_of(table, targets) / np.array([problem.errors[name] for name in targets])
    means, ranks = np.empty_like(values), np.empty_like(values)
    for truth in range(len(table)):
        misses = np.delete(figures, truth, axis=0) - figures[truth]
        nearest = np.argsort(np.mean(misses**2, axis=1), kind="stable")[: _nearest(len(misses))]
        draws = np.delete(values, truth, axis=0)[nearest]
        if adjusted:
            draws = adjusted_scores(draws, misses[nearest], np.full(len(draws), 1.0 / len(draws)))
        means[truth] = draws.mean(axis=0)
        ranks[truth] = (draws < values[truth]).mean(axis=0)
    inside = [np.abs(ranks - 0.5) <= level / 200.0 for level in LEVELS]
    return [
        Recovery(
            name, float(np.corrcoef(values[:, column], means[:, column])[0, 1]),
            np.array([held[:, column].mean() for held in inside]), ranks[:, column],
        )
        for column, name in enumerate(names)
    ]  # fmt: skip


def contraction(values: NDArray[np.float64], weights: NDArray[np.float64], low: float, high: float) -> float:
    """1 less the posterior's variance over that of a uniform prior; 0 where the data tell nothing."""
    mean = weights @ values
    return float(1.0 - (weights @ (values - mean) ** 2) / ((high - low) ** 2 / 12.0))


UNINFORMED = 0.15
"""Contraction below which the data are said not to inform a parameter; a choice, about the chance of 100 draws."""


def misspecification(simulated: NDArray[np.float64], observed: NDArray[np.float64]) -> float:
    """Chance that the model gives figures as unlike its own as those observed.

    Distance is the root mean square of figures in standard deviations of the model's runs from their mean; each run is
    compared with the others likewise (Gelman, Meng and Stern 1996). Small: the model cannot give what was observed.

    Parameters
    ----------
    simulated
        Statistics of runs with posterior draws, shape (n, T).
    observed
        Shape (T,).
    """

    def unlike(figures: NDArray[np.float64], others: NDArray[np.float64]) -> float:
        spread = np.maximum(others.std(axis=0, ddof=1), 1e-12)
        return float(np.sqrt(np.mean(((figures - others.mean(axis=0)) / spread) ** 2)))

    far = unlike(observed, simulated)
    own = [unlike(simulated[row], np.delete(simulated, row, axis=0)) for row in range(len(simulated))]
    return float((1 + sum(distance >= far for distance in own)) / (1 + len(own)))


_NORMAL = ndtri((np.arange(99) + 0.5) / 99.0)
"""Quantiles of a standard normal, evenly spaced in probability, shape (99,)."""


def leave_one_out(
    table: pd.DataFrame, problem: Problem, groups: Mapping[str, Sequence[str]], *, with_error: bool
) -> pd.DataFrame:
    """Predict the figures of each group from a posterior that has not seen them.

    Parameters
    ----------
    table
        Reference table.
    problem
        The stage.
    groups
        Names of targets by group, e.g. by closure.
    with_error
        Whether intervals hold the error of the target too: what the model leaves open of a single place.

    Returns
    -------
    pandas.DataFrame
        ``group``, ``target``, ``observed``, ``median``, and ``low_L``, ``high_L`` and ``inside_L`` for each of LEVELS.
    """
    rows = []
    for group, names in groups.items():
        drawn = statistics_of(table, names)[nearest_rows(table, problem, problem.observed, names)]
        for column, name in enumerate(names):
            row: dict[str, object] = {"group": group, "target": name, "observed": problem.observed[name]}
            outcomes = drawn[:, column]
            row["median"] = float(np.median(outcomes))
            if with_error:
                outcomes = np.add.outer(outcomes, problem.errors[name] * _NORMAL).ravel()
            for level in LEVELS:
                low, high = np.quantile(outcomes, [0.5 - level / 200.0, 0.5 + level / 200.0])
                row |= {f"low_{level}": low, f"high_{level}": high}
                row[f"inside_{level}"] = bool(low <= problem.observed[name] <= high)
            rows.append(row)
    return pd.DataFrame(rows)
