"""Value of information: what it is worth to know the parameters before a design is chosen.

Every parameter needs the benefit of each design as a smooth curve of it, and so do some hundred shuffles that show what
chance alone gives. The curve is a penalised natural cubic spline with few knots. In the basis of Demmler and Reinsch
(columns orthonormal over the draws, roughness a diagonal) a fit is a product of matrices for all designs and shuffles
at once, and the smoothness of each by generalised cross-validation (GCV) costs next to nothing.
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.linalg import eigh

from omstilling.experiments.analysis.cost_effectiveness import net_benefit
from omstilling.experiments.analysis.outcomes import Outcomes, draw_values
from omstilling.experiments.batch.results import Results
from omstilling.scenarios.errors import Problem, ScenarioError

_FEWEST = 10
"""Draws that a smooth curve needs."""
_SHUFFLES = 200
_CHANCE_LEVEL = 0.95
_MOST_KNOTS = 20
_VALUES_A_KNOT = 4
_SMOOTHNESSES = 24
_TOGETHER = 40_000_000
"""Numbers that are held at a time."""
_NOTHING = 1e-9
"""MNOK; a smaller value comes from rounding."""
_COLUMNS = ["parameter", "evppi", "by_chance", "tells"]

Matrix = NDArray[np.float64]


class _Basis(NamedTuple):
    """Smooth curves of a parameter at its V values.

    Columns (V, K) are orthonormal under the values' shares of the draws (V,); the roughness is of each column (K,).
    """

    columns: Matrix
    roughness: Matrix
    shares: Matrix


def perfect_information(benefit: Matrix) -> float:
    """Expected value of perfect information: the mean of the best less the best mean, of (N, D)."""
    return float(benefit.max(axis=1).mean() - benefit.mean(axis=0).max())


def _smooth_basis(values: Matrix, shares: Matrix) -> _Basis:
    """Natural cubic splines of distinct values in order, bent at some of them.

    Roughness is the integral of the squared second derivative.
    """
    scaled = (values - values[0]) / (values[-1] - values[0])
    number = min(_MOST_KNOTS, len(values), max(len(values) // _VALUES_A_KNOT, 2))
    knots = scaled[np.linspace(0, len(values) - 1, number).round().astype(int)]
    cardinal = CubicSpline(knots, np.eye(number), bc_type="natural")
    at_values, bends, steps = cardinal(scaled), cardinal(knots, 2), np.diff(knots)
    # second derivatives are straight between knots: the integral of the product of two such lines, step by step
    left, right = bends[:-1], bends[1:]
    halves = left + right
    rough = sum(
        step / 6.0 * (np.outer(a, a) + np.outer(b, b) + np.outer(c, c))
        for step, a, b, c in zip(steps, left, right, halves, strict=True)
    )
    roughness, turned = eigh(rough, (at_values.T * shares) @ at_values)
    return _Basis(at_values @ turned, np.maximum(roughness, 0.0), shares)


def _fits(basis: _Basis, outcomes: Matrix) -> Matrix:
    """Each column of outcomes (V, M) as a smooth curve, its smoothness chosen by GCV."""
    weighted = outcomes * basis.shares[:, None]
    weights = basis.columns.T @ weighted
    bent = basis.roughness[2:]  # a level and a slope are not rough
    if not len(bent):
        return np.asarray(basis.columns @ weights)
    penalties = np.geomspace(1e-2 / bent.max(), 1e3 / bent.min(), _SMOOTHNESSES)
    kept = 1.0 / (1.0 + penalties[:, None] * np.concatenate([[0.0, 0.0], bent]))
    left = (weighted * outcomes).sum(axis=0) - (kept * (2.0 - kept)) @ weights**2
    scores = left / (len(outcomes) - kept.sum(axis=1))[:, None] ** 2
    return np.asarray(basis.columns @ (kept[scores.argmin(axis=0)].T * weights))


def _partial(basis: _Basis, gains: Matrix) -> Matrix:
    """Value of knowing a parameter, of each of some sets of gains over the first design, shape (V, D - 1, sets)."""
    number, designs, sets = gains.shape
    fitted = _fits(basis, gains.reshape(number, designs * sets)).reshape(gains.shape)
    best = np.maximum(fitted.max(axis=1), 0.0)
    means = np.tensordot(basis.shares, fitted, axes=1)
    return np.asarray(basis.shares @ best - np.maximum(means.max(axis=0), 0.0))


def _with_shuffles(gains: Matrix, seed: int) -> Matrix:
    """Gains (V, D - 1) and shuffles of their rows, shape (V, D - 1, 1 + shuffles); fewer where they would be too big.

    To shuffle the gains of all designs together is to shuffle the values of a parameter.
    """
    random = np.random.default_rng(seed)
    shuffles = min(_SHUFFLES, max(_TOGETHER // gains.size, 20))
    return np.stack([gains, *(gains[random.permutation(len(gains))] for _ in range(shuffles))], axis=2)


class _Gains:
    """Gains over the first design (N, D - 1) with their shuffles, as each parameter needs them."""

    def __init__(self, gains: Matrix, seed: int) -> None:
        self.gains, self.seed = gains, seed

    @cached_property
    def _single(self) -> Matrix:
        """Of draws of which each has a value of its own: these are the same for every such parameter, but for order."""
        return _with_shuffles(self.gains, self.seed)

    def of(self, values: Matrix) -> tuple[_Basis, Matrix]:
        """Curves of a parameter, and gains at its values, shape (V, D - 1, 1 + shuffles).

        Draws with the same value count as one with their mean: replications of a set of parameters, and draws of the
        posterior that are there several times, are alike in more than this parameter, and to shuffle them one by one
        would make chance look smaller than it is. Only where the values are so few that they must be levels of a grid,
        which all draws go through, single draws are shuffled.
        """
        distinct, member, counts = np.unique(values, return_inverse=True, return_counts=True)
        shares = counts / len(values)
        basis = _smooth_basis(distinct, shares)
        if len(distinct) == len(values):
            order = np.argsort(values)
            return basis, self._single[order]
        if len(distinct) < _FEWEST:
            levels = _Basis(basis.columns[member], basis.roughness, np.full(len(values), 1.0 / len(values)))
            return levels, self._single
        means = np.zeros((len(distinct), self.gains.shape[1]))
        np.add.at(means, member, self.gains)
        return basis, _with_shuffles(means / counts[:, None], self.seed)


def partial_information(parameters: pd.DataFrame, benefit: Matrix, seed: int = 1) -> pd.DataFrame:
    """Expected value of perfect information on each parameter alone, by regression (Strong, Oakley, Brennan 2014).

    Parameters
    ----------
    parameters
        Draws, a row each; columns that do not vary are left out.
    benefit
        Net benefit, shape (N, D).
    seed
        For shuffles of the draws, which show what chance alone gives.

    Returns
    -------
    pandas.DataFrame
        ``parameter``, ``evppi``, ``by_chance`` (95th percentile over shuffles) and ``tells`` (whether it is more: one
        parameter in twenty is by chance alone), the highest first.

    Raises
    ------
    ScenarioError
        For fewer than 10 draws.
    """
    if len(benefit) < _FEWEST:
        found = f"{len(benefit)} draws"
        raise ScenarioError("value of information", [Problem("draws", found, f"{_FEWEST} or more are needed")])
    gains = _Gains(benefit[:, 1:] - benefit[:, :1], seed)
    rows = []
    for name in parameters.columns if benefit.shape[1] > 1 else ():
        values = parameters[name].to_numpy(dtype=np.float64)
        if np.ptp(values) == 0.0:
            continue
        found_value, *shuffled = _partial(*gains.of(values)).tolist()
        chance = float(np.quantile(shuffled, _CHANCE_LEVEL))
        rows.append((name, found_value, chance, found_value > chance))
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    return frame.sort_values("evppi", ascending=False, kind="stable", ignore_index=True)


class Information(NamedTuple):
    """``perfect``: ``scenario`` and ``evpi``. ``partial``: ``scenario`` and the columns of ``partial_information``."""

    perfect: pd.DataFrame
    partial: pd.DataFrame


def worth_knowing(partial: pd.DataFrame) -> pd.DataFrame:
    """Rows of parameters of which the value is more than a rounding error."""
    return partial[partial["evppi"] > _NOTHING]


def information_of(results: Results, outcomes: Outcomes, willingness: float) -> Information:
    """Value of knowing all, and each parameter and design key that varies, in each scenario of a store.

    Parameters
    ----------
    results
        The store.
    outcomes
        Of the store.
    willingness
        MNOK of 2020 for a unit of effect.

    Raises
    ------
    ScenarioError
        For fewer than 10 draws.
    """
    values = draw_values(results)[outcomes.whole].reset_index(drop=True)
    benefit = net_benefit(outcomes, willingness)
    parts = [partial_information(values, benefit[s]).assign(scenario=name) for s, name in enumerate(outcomes.scenarios)]
    partial = pd.concat(parts, ignore_index=True)[["scenario", *_COLUMNS]]
    evpi = [perfect_information(each) for each in benefit]
    return Information(pd.DataFrame({"scenario": outcomes.scenarios, "evpi": evpi}), partial)
