"""What is run and shown: runs, results, figures and the command line."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from omstilling.experiments.backtest import backtest
    from omstilling.experiments.comparison import Comparison, compare
    from omstilling.experiments.evaluation import Evaluation, evaluate
    from omstilling.experiments.national_comparison import NationalComparison, compare_national
    from omstilling.experiments.result import RunResult
    from omstilling.experiments.runner import run

__all__ = [
    "Comparison", "Evaluation", "NationalComparison", "RunResult", "backtest", "compare", "compare_national",
    "evaluate", "run",
]  # fmt: skip

_MODULES = {
    "Comparison": "comparison", "compare": "comparison", "RunResult": "result", "run": "runner",
    "NationalComparison": "national_comparison", "compare_national": "national_comparison",
    "Evaluation": "evaluation", "evaluate": "evaluation", "backtest": "backtest",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Load what is asked for then, and no sooner: the command line starts without numba and pandas."""
    if name in _MODULES:
        return getattr(import_module(f"omstilling.experiments.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
