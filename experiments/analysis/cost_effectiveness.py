"""Cost-effectiveness: what more effect costs, and how surely a design is the best at each willingness to pay.

Briggs, Claxton and Sculpher (2006), Decision Modelling for Health Economic Evaluation.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from omstilling.experiments.analysis.outcomes import Outcomes
from omstilling.experiments.analysis.ranking import share_best


def net_benefit(outcomes: Outcomes, willingness: float) -> NDArray[np.float64]:
    """MNOK of 2020 that each design is worth, less what it costs, at a willingness to pay for a unit; (S, N, D)."""
    return np.asarray(willingness * outcomes.better * outcomes.effect - outcomes.cost)


def acceptability(outcomes: Outcomes, willingness: NDArray[np.float64]) -> pd.DataFrame:
    """Acceptability curves.

    Parameters
    ----------
    outcomes
        Effect and cost.
    willingness
        MNOK of 2020 for a unit of effect, shape (W,).

    Returns
    -------
    pandas.DataFrame
        ``scenario``, ``willingness``, ``design``, ``p_best``, and ``frontier``: whether the design has the highest mean
        net benefit there, which need not be the one most often the best.
    """
    rows = []
    for level in willingness:
        benefit = net_benefit(outcomes, float(level))
        for s, scenario in enumerate(outcomes.scenarios):
            best, highest = share_best(benefit[s]), int(benefit[s].mean(axis=0).argmax())
            rows += [(scenario, level, design, best[d], d == highest) for d, design in enumerate(outcomes.designs)]
    return pd.DataFrame(rows, columns=["scenario", "willingness", "design", "p_best", "frontier"])


def _frontier(gains: NDArray[np.float64], prices: NDArray[np.float64]) -> list[int]:
    """Designs in order of cost of which each next buys more effect at a rising price; the others are dominated."""
    kept: list[int] = []
    for design in np.lexsort((-gains, prices)).tolist():
        if kept and gains[design] <= gains[kept[-1]]:
            continue
        while len(kept) > 1 and _price(gains, prices, kept[-1], design) < _price(gains, prices, kept[-2], kept[-1]):
            kept.pop()  # extended dominance: a mix of its neighbours does better
        kept.append(design)
    return kept


def _price(gains: NDArray[np.float64], prices: NDArray[np.float64], first: int, second: int) -> float:
    return float((prices[second] - prices[first]) / (gains[second] - gains[first]))


def incremental_costs(outcomes: Outcomes) -> pd.DataFrame:
    """Designs by cost, and what each unit more than the one before costs (incremental cost-effectiveness ratio).

    Returns
    -------
    pandas.DataFrame
        ``scenario``, ``design``, ``cost``, ``effect``, ``mnok_per_unit`` (NaN for the first and for those not on the
        frontier) and ``on_frontier``; dominated and extendedly dominated designs are not.
    """
    rows = []
    for s, scenario in enumerate(outcomes.scenarios):
        gains, prices = outcomes.better * outcomes.effect[s].mean(axis=0), outcomes.cost[s].mean(axis=0)
        frontier = _frontier(gains, prices)
        price = {second: _price(gains, prices, first, second) for first, second in pairwise(frontier)}
        for design in np.argsort(prices, kind="stable").tolist():
            rows.append(
                (scenario, outcomes.designs[design], prices[design], outcomes.effect[s][:, design].mean(),
                 price.get(design, np.nan), design in frontier)
            )  # fmt: skip
    return pd.DataFrame(rows, columns=["scenario", "design", "cost", "effect", "mnok_per_unit", "on_frontier"])
