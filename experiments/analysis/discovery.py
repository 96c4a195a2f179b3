"""Discovery: where one design beats another, as a box in the space of parameters (PRIM, Friedman and Fisher 1999)."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from omstilling.scenarios.errors import Problem, ScenarioError

_SIGNIFICANT = 0.05
_FEWEST = 40
"""Cases that a box is looked for among."""


@dataclass(frozen=True)
class Box:
    """A box of cases.

    Attributes
    ----------
    limits
        ``key``, ``low``, ``high`` and ``p`` (chance of the restriction by luck) of each key that is restricted.
    coverage
        Share of the cases of interest that lie inside.
    density
        Share of the cases inside that are of interest.
    share
        Of all cases of interest, before any box: what ``density`` is to be held against.
    mass
        Share of all cases that lie inside.
    """

    limits: pd.DataFrame
    coverage: float
    density: float
    share: float
    mass: float


def discover(cases: pd.DataFrame, interesting: NDArray[np.bool_], least_density: float = 0.8) -> Box | None:
    """The box that covers most cases of interest at a density, with insignificant restrictions dropped.

    Parameters
    ----------
    cases
        A row a case; columns that do not vary are left out.
    interesting
        Which cases are of interest, e.g. those in which one design beats another, shape (N,).
    least_density
        The box with the highest coverage of at least this density is taken; the densest where none reaches it.

    Returns
    -------
    Box or None
        None where no box is denser than all cases together.

    Raises
    ------
    ScenarioError
        For fewer than 40 cases, or where all or none are of interest.
    """
    share = float(interesting.mean())
    if len(cases) < _FEWEST or share in (0.0, 1.0):
        found = f"{len(cases)} cases, of which {int(interesting.sum())} are of interest"
        raise ScenarioError("discovery", [Problem("cases", found, f"{_FEWEST} or more, some of interest, are needed")])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from ema_workbench.analysis.prim import Prim

        varied = cases.loc[:, cases.nunique() > 1].reset_index(drop=True)
        found_box = Prim(varied, interesting.astype(int)).find_box()
        if found_box is None:
            return None
        path = found_box.peeling_trajectory
        dense = path[path["density"] >= least_density]
        chosen = int(dense["coverage"].idxmax() if len(dense) else path["density"].idxmax())
    edges, all_edges, luck = found_box.box_lims[chosen], found_box.box_lims[0], found_box.p_values[chosen]
    rows = []
    for name in varied.columns:
        low, high = (float(edge) for edge in edges[name])
        lowest, highest = (float(edge) for edge in all_edges[name])
        if (low, high) == (lowest, highest):
            continue
        chances = [value for value in np.atleast_1d(luck.get(name, [np.nan])) if value >= 0.0]
        chance = float(min(chances)) if chances else float("nan")
        if chance <= _SIGNIFICANT:
            rows.append((name, low, high, chance))
    limits = pd.DataFrame(rows, columns=["key", "low", "high", "p"])
    inside = np.ones(len(varied), dtype=bool)
    for name, low, high, _ in rows:
        inside &= varied[name].between(low, high).to_numpy()
    if not rows or not interesting[inside].mean() > share:
        return None
    hits = interesting[inside]
    return Box(limits, float(hits.sum() / interesting.sum()), float(hits.mean()), share, float(inside.mean()))
