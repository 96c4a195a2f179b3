"""Structural regression: growth of programme municipalities beyond what structure predicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from omstilling.experiments.evaluation.estimation import Estimate, draw_sample, t_interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from omstilling.experiments.evaluation.panel import Panel

_RANK = 1e-9
"""Directions of the conditions below this, relative to the largest, are no information (shares that sum to 1)."""


def _basis(conditions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Orthonormal columns that span a constant and the conditions, shape (rows, rank)."""
    regressors = np.hstack([np.ones((len(conditions), 1)), conditions])
    directions, size, _ = np.linalg.svd(regressors, full_matrices=False)
    return directions[:, size > _RANK * size[0]]


def structural_regression(
    panel: Panel, outcome: str, treated: ArrayLike, first_year: ArrayLike, follow_up: int
) -> Estimate:
    """Coefficient of having a programme in a regression of growth on structure over all municipalities.

    Growth from the year before the grant to ``first_year + follow_up`` on the conditions in that year
    (``Panel.conditions``) and an indicator of the programme: the idea of *attraktivitet* (Vareide and Nygaard, TF-notat
    32/2014), by which TF-rapport 704 (2022) compared programme municipalities with what structure led to expect (there
    with the industry mix too; here its shares count where a panel has them in ``structure``).

    With several grant years the windows are stacked, each with all references, a constant and coefficients of structure
    of its own; the effect is common (a stacked regression, Cengiz et al. 2019, doi:10.1093/qje/qjz014). A grant year
    then weighs about as its number of programmes, since references are many.

    Residuals are scaled as in HC3 (MacKinnon and White 1985, doi:10.1016/0304-4076(85)90158-7) and added up over the
    windows of a municipality, so that errors are clustered; with one grant year they are HC3. The interval is Student's
    t with n - 1 degrees of freedom, n being the number of programmes: what is uncertain is their mean.

    Parameters and errors are those of ``estimate.draw_sample``; also ValueError where there are no more references than
    conditions.
    """
    sample = draw_sample(panel, outcome, treated, first_year, follow_up)
    rows, growth, status, leverage = [], [], [], []
    for start, members in sample.windows():
        here = np.concatenate([sample.treated[members], sample.references])
        basis = _basis(panel.conditions(outcome, start)[here])
        if len(sample.references) <= basis.shape[1] + 1:
            raise ValueError(f"{len(sample.references)} references are too few for {basis.shape[1] - 1} conditions")
        own = (np.arange(len(here)) < len(members)).astype(np.float64)
        left = np.stack([sample.growth(start)[here], own], axis=1)
        left -= basis @ (basis.T @ left)
        rows.append(here)
        growth.append(left[:, 0])
        status.append(left[:, 1])
        leverage.append((basis**2).sum(axis=1))
    y, d = np.concatenate(growth), np.concatenate(status)
    information = d @ d
    effect = d @ y / information
    scaled = (y - effect * d) / (1.0 - np.concatenate(leverage) - d**2 / information)
    scores = np.bincount(np.concatenate(rows), weights=d * scaled) / information
    return t_interval(effect, np.sqrt(scores @ scores), len(sample.treated) - 1)
