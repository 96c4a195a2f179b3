"""Command line, common parts: refusals, the folder for files, progress, the console. Loads nothing heavy."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from omstilling.calibration.parameters.source import ParameterSource

if TYPE_CHECKING:
    from rich.console import Console

    from omstilling.experiments.running.workers import Progress

ParametersOption = Annotated[
    ParameterSource,
    typer.Option(
        "--parameters",
        help="Where the parameters of each replication come from: a draw of the shipped posterior; its mean, the same"
        " point for all; or a draw of the prior of every parameter. All designs have the same.",
    ),
]
_PIPED_WIDTH = 120
"""Letters in a line where output goes to a file or another program."""


def refuse(message: str) -> typer.Exit:
    """Print one clear message; exit code 2."""
    typer.echo(f"error: {message}", err=True)
    return typer.Exit(2)


@contextmanager
def refusing() -> Iterator[None]:
    """Clear messages for input that cannot be run and stores that cannot be used."""
    from omstilling.calibration.parameters.posterior import PosteriorError
    from omstilling.calibration.tables.tables import TableError
    from omstilling.experiments.batch.store import StoreError
    from omstilling.model.policy.design import DesignError
    from omstilling.model.shocks.shocks import ShockError
    from omstilling.model.state.margins import MarginsError
    from omstilling.scenarios.errors import ScenarioError

    try:
        yield
    except ModuleNotFoundError as error:
        raise refuse(f"{error.name} is not installed; pip install 'omstilling[scale]'") from error
    except (ScenarioError, DesignError, MarginsError, ShockError, TableError, PosteriorError, StoreError) as error:
        raise refuse(str(error)) from error
    except OSError as error:
        raise refuse(str(error)) from error


def check_folder(folder: Path) -> None:
    """Refuse a folder that cannot be written to, before anything is run.

    Raises
    ------
    typer.Exit
        If it, or the nearest part of its path that exists, is a file or may not be written to.
    """
    there = next(part for part in (folder, *folder.absolute().parents) if part.exists())
    if not there.is_dir():
        raise refuse(f"--out {folder}: found a file, {there}; a folder is expected")
    if not os.access(there, os.W_OK):
        raise refuse(f"--out {folder}: {there} may not be written to")


def console() -> Console:
    """Console for tables; as wide as the terminal, and wide enough where there is none."""
    from rich.console import Console

    piped = not sys.stdout.isatty() and "COLUMNS" not in os.environ
    return Console(width=_PIPED_WIDTH if piped else None, highlight=False, markup=False)


@contextmanager
def replications_bar(replications: int, quiet: bool, what: str = "replications") -> Iterator[Progress]:
    """Show how many replications, or ``what``, are done; nothing where ``quiet`` or where there is no terminal."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    errors = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("left"),
        TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=errors, disable=quiet or not errors.is_terminal) as bar:
        task = bar.add_task(f"{what} (the first may compile)", total=replications)
        yield lambda done, _all: bar.update(task, completed=done)
