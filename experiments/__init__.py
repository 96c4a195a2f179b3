"""What is run and shown: runs, results, figures and the command line."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from omstilling.experiments.comparison import Comparison, compare
    from omstilling.experiments.result import RunResult
    from omstilling.experiments.runner import run

__all__ = ["Comparison", "RunResult", "compare", "run"]

_MODULES = {"Comparison": "comparison", "compare": "comparison", "RunResult": "result", "run": "runner"}


def __getattr__(name: str) -> Any:
    """Load what is asked for then, and no sooner: the command line starts without numba and pandas."""
    if name in _MODULES:
        return getattr(import_module(f"omstilling.experiments.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
