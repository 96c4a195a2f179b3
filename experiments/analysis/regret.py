"""Regret: what is lost by a design where another would have been better, on average and at worst (Savage 1951)."""

from __future__ import annotations

import pandas as pd

from omstilling.experiments.analysis.cost_effectiveness import net_benefit
from omstilling.experiments.analysis.outcomes import Outcomes


def regret(outcomes: Outcomes, willingness: float) -> pd.DataFrame:
    """Regret of each design across scenarios.

    Parameters
    ----------
    outcomes
        Effect and cost.
    willingness
        MNOK of 2020 for a unit of effect.

    Returns
    -------
    pandas.DataFrame
        A row a design: ``expected`` regret, MNOK of 2020 (mean over scenarios and draws of what the best design of that
        scenario and draw is worth more), its ``mean_S`` in each scenario S (of mean net benefits), the ``worst`` of
        these, and ``minimax``: whether its worst is the least.
    """
    benefit = net_benefit(outcomes, willingness)
    lost = benefit.max(axis=2, keepdims=True) - benefit
    means = benefit.mean(axis=1)
    of_means = means.max(axis=1, keepdims=True) - means
    frame = pd.DataFrame({"design": outcomes.designs, "expected": lost.mean(axis=(0, 1))})
    for s, scenario in enumerate(outcomes.scenarios):
        frame[f"mean_{scenario}"] = of_means[s]
    frame["worst"] = of_means.max(axis=0)
    return frame.assign(minimax=frame["worst"] <= frame["worst"].min())
