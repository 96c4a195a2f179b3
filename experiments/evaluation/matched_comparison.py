"""Matched comparison: programme municipalities against as many references with the same starting point."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from omstilling.experiments.evaluation.estimation import Estimate, draw_sample, t_interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from omstilling.experiments.evaluation.panel import Panel


def matched_comparison(
    panel: Panel, outcome: str, treated: ArrayLike, first_year: ArrayLike, follow_up: int
) -> Estimate:
    """Mean difference in growth between programme municipalities and their matches.

    Each programme municipality gets one reference of its own among those that never have a programme, so that the sum
    of distances (size, centrality, industry mix, past growth; see ``Panel.likeness``) in the year before the grant is
    least. Growth of both is taken from that year to ``first_year + follow_up``. So compared TF-rapport 704 (Vareide,
    Storm and Grønn 2022) 53 municipalities with programmes in 2004-2015 with 53 references; its summary does not say
    how it chose them, so the distance here is ours. The interval is that of the paired differences (t with n - 1
    degrees of freedom).

    Parameters and errors are those of ``estimate.draw_sample``.
    """
    sample = draw_sample(panel, outcome, treated, first_year, follow_up)
    number, references = len(sample.treated), sample.references
    distance, growth = np.empty((number, len(references))), np.empty((number, len(references)))
    for start, members in sample.windows():
        place = panel.likeness(outcome, start)
        distance[members] = cdist(place[sample.treated[members]], place[references])
        growth[members] = sample.growth(start)[references]
    own, match = linear_sum_assignment(distance)
    difference = sample.treated_growth() - growth[own, match]
    return t_interval(difference.mean(), difference.std(ddof=1) / np.sqrt(number), number - 1)
