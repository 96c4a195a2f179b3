"""What is run and shown: runs, results, figures and the command line."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from omstilling.experiments.backtesting.backtest import backtest
    from omstilling.experiments.batch.experiment_run import run_experiment
    from omstilling.experiments.batch.results import Results, open_store
    from omstilling.experiments.comparison.comparison import Comparison, compare
    from omstilling.experiments.evaluation.evaluation import Evaluation, evaluate
    from omstilling.experiments.national.comparison import NationalComparison, compare_national
    from omstilling.experiments.report.write import write_report
    from omstilling.experiments.running.result import RunResult
    from omstilling.experiments.running.run import run

__all__ = [
    "Comparison", "Evaluation", "NationalComparison", "Results", "RunResult", "backtest", "compare",
    "compare_national", "evaluate", "open_store", "run", "run_experiment", "write_report",
]  # fmt: skip

_MODULES = {
    "Comparison": "comparison.comparison", "compare": "comparison.comparison", "RunResult": "running.result",
    "run": "running.run", "NationalComparison": "national.comparison", "compare_national": "national.comparison",
    "Evaluation": "evaluation.evaluation", "evaluate": "evaluation.evaluation", "backtest": "backtesting.backtest",
    "run_experiment": "batch.experiment_run", "Results": "batch.results", "open_store": "batch.results",
    "write_report": "report.write",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Load what is asked for then, and no sooner: the command line starts without numba and pandas."""
    if name in _MODULES:
        return getattr(import_module(f"omstilling.experiments.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
