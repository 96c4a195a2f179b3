"""Estimators: the ways in which evaluators have estimated effects of programmes."""

from __future__ import annotations

from collections.abc import Callable

from numpy.typing import ArrayLike

from omstilling.experiments.evaluation.difference_in_differences import difference_in_differences
from omstilling.experiments.evaluation.estimation import Estimate
from omstilling.experiments.evaluation.matched_comparison import matched_comparison
from omstilling.experiments.evaluation.panel import Panel
from omstilling.experiments.evaluation.structural_regression import structural_regression
from omstilling.experiments.evaluation.synthetic_control import synthetic_control

Estimator = Callable[[Panel, str, ArrayLike, ArrayLike, int], Estimate]
"""Panel, outcome, treated rows, grant years, years of follow-up -> estimate."""

ESTIMATORS: dict[str, Estimator] = {
    "matched_comparison": matched_comparison,
    "structural_regression": structural_regression,
    "difference_in_differences": difference_in_differences,
    "synthetic_control": synthetic_control,
}
