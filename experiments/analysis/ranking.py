"""Ranking: how good designs are, how surely better than nothing, how often the best, and which are dominated."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from omstilling.experiments.analysis.outcomes import Outcomes

_LEVELS = (0.05, 0.95)


def share_best(benefit: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of draws in which each design is the best, ties divided evenly, shape (D,) of (N, D)."""
    best = benefit >= benefit.max(axis=1, keepdims=True)
    return np.asarray((best / best.sum(axis=1, keepdims=True)).mean(axis=0))


def dominated_by(effect: NDArray[np.float64], cost: NDArray[np.float64]) -> list[list[int]]:
    """For each design those that on average have no less effect for no more money, and more or less of one; (N, D)."""
    gains, prices = effect.mean(axis=0), cost.mean(axis=0)
    designs = range(len(gains))
    return [
        [
            other
            for other in designs
            if gains[other] >= gains[design]
            and prices[other] <= prices[design]
            and (gains[other] > gains[design] or prices[other] < prices[design])
        ]
        for design in designs
    ]


def ranking(outcomes: Outcomes) -> pd.DataFrame:
    """Every design in every scenario.

    Returns
    -------
    pandas.DataFrame
        ``scenario``, ``design``, ``effect`` (mean), ``mc_error``, ``low`` and ``high`` (5th and 95th percentile over
        draws: chance and parameters), ``cost`` (mean, MNOK of 2020), ``p_better`` (than no programme; ties count half),
        ``p_best``, and ``dominated_by``: designs with at least the effect for at most the money.
    """
    rows = []
    for s, scenario in enumerate(outcomes.scenarios):
        effect, cost = outcomes.effect[s], outcomes.cost[s]
        good = outcomes.better * effect
        best, over = share_best(good), dominated_by(good, cost)
        low, high = np.quantile(effect, _LEVELS, axis=0)
        for d, design in enumerate(outcomes.designs):
            several = len(effect) > 1
            rows.append(
                {
                    "scenario": scenario, "design": design, "effect": effect[:, d].mean(),
                    "mc_error": effect[:, d].std(ddof=1) / np.sqrt(len(effect)) if several else np.nan,
                    "low": low[d], "high": high[d], "cost": cost[:, d].mean(),
                    "p_better": (good[:, d] > 0).mean() + 0.5 * (good[:, d] == 0).mean(), "p_best": best[d],
                    "dominated_by": ", ".join(outcomes.designs[other] for other in over[d]),
                }
            )  # fmt: skip
    return pd.DataFrame(rows)
