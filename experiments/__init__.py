"""What is run and shown: runs, results, figures and the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from omstilling.experiments.result import RunResult
    from omstilling.experiments.runner import run

__all__ = ["RunResult", "run"]


def __getattr__(name: str) -> Any:
    """Load ``run`` and ``RunResult`` when they are asked for: the command line starts without numba and pandas."""
    if name == "run":
        from omstilling.experiments.runner import run

        return run
    if name == "RunResult":
        from omstilling.experiments.result import RunResult

        return RunResult
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
