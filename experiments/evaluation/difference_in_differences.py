"""Difference in differences with staggered grants: each grant year against those that never have a programme."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from omstilling.experiments.evaluation.estimation import Estimate, draw_sample, t_interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from omstilling.experiments.evaluation.panel import Panel


def difference_in_differences(
    panel: Panel, outcome: str, treated: ArrayLike, first_year: ArrayLike, follow_up: int
) -> Estimate:
    """Group-time effect of each grant year, averaged over programmes at one time since the grant.

    Callaway and Sant'Anna (2021, doi:10.1016/j.jeconom.2020.12.001) without covariates, never-treated as the
    comparison: growth of a grant year's municipalities from the year before to ``first_year + follow_up`` less the mean
    growth of all references in the same window; grant years weigh as their number of programmes (their event-study
    aggregate). No earlier grant serves as comparison, so effects that build up do no harm. Nothing of structure is held
    constant: trends must be parallel.

    Standard errors are from the influence functions, clustered by municipality: a reference counts once with the sum of
    its parts in all windows, and the shares of grant years are estimated, not given. With one grant year that is
    Welch's comparison of two means; its degrees of freedom are used throughout.

    Parameters and errors are those of ``estimate.draw_sample``.
    """
    sample = draw_sample(panel, outcome, treated, first_year, follow_up)
    number, others = len(sample.treated), len(sample.references)
    difference, reference = sample.treated_growth(), np.zeros(others)
    for start, members in sample.windows():
        growth = sample.growth(start)[sample.references]
        difference[members] -= growth.mean()
        reference += len(members) / number * (growth - growth.mean())
    of_treated = float(difference.var(ddof=1)) / number
    of_references = float(reference @ reference) / (others * (others - 1))
    variance = of_treated + of_references
    parts = of_treated**2 / (number - 1) + of_references**2 / (others - 1)
    return t_interval(difference.mean(), np.sqrt(variance), variance**2 / parts if parts > 0.0 else number - 1)
