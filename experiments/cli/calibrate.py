"""Command line: ``omstilling calibrate``."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from omstilling.experiments.cli.common import check_folder, console, refuse

if TYPE_CHECKING:
    from omstilling.calibration.inference.stage import Report, Standing

_LINE_EVERY_SECONDS = 30.0


def _text(standing: Standing, per_second: float) -> str:
    """Generation, threshold, acceptance and time left of the generation."""
    left = standing.wanted - standing.accepted
    rate = standing.accepted / standing.evaluated
    seconds = left / max(rate, 1e-9) / max(per_second, 1e-9)
    where = "pilot" if standing.generation < 0 else f"generation {standing.generation + 1} of {standing.generations}"
    return (
        f"{standing.stage}, {where}: threshold {standing.threshold:.3g}, {standing.accepted} of {standing.wanted} "
        f"accepted ({rate:.0%} of {standing.evaluated}), {seconds / 60:.1f} min left"
    )


@contextmanager
def _progress() -> Iterator[Report]:
    """A line that moves on a terminal; elsewhere a line now and then."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    errors = Console(stderr=True, highlight=False)
    started: dict[tuple[str, int], float] = {}
    told = time.monotonic()
    with Progress(BarColumn(bar_width=20), TimeElapsedColumn(), TextColumn("{task.description}"), console=errors,
                  disable=not errors.is_terminal) as bar:  # fmt: skip
        task = bar.add_task("")

        def report(standing: Standing) -> None:
            nonlocal told
            now = time.monotonic()
            began = started.setdefault((standing.stage, standing.generation), now)
            text = _text(standing, standing.evaluated / max(now - began, 1e-9))
            bar.update(task, description=text, completed=standing.accepted, total=standing.wanted)
            finished = standing.accepted == standing.wanted
            if not errors.is_terminal and (finished or now - told > _LINE_EVERY_SECONDS):
                errors.print(text)
                told = now

        yield report


def calibrate(
    quick: Annotated[
        bool, typer.Option("--quick", help="A few draws only, in a minute or two: shows that all works, tells nothing.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="The posterior follows from it.")] = 1,
    workers: Annotated[int, typer.Option(min=1, help="Processes; the posterior is the same for any number.")] = 2,
    engine: Annotated[str, typer.Option(help="local: processes on this machine; dask: a dask cluster.")] = "local",
    scheduler: Annotated[str, typer.Option(help="Address of the cluster, e.g. tcp://10.0.0.1:8786.")] = "",
    out: Annotated[
        Path, typer.Option(help="Folder for databases and the posterior; a killed calibration goes on from there.")
    ] = Path("results/calibration"),
    report: Annotated[
        bool, typer.Option("--report", help="Afterwards write calibration.md and its figures into --docs.")
    ] = False,
    docs: Annotated[Path, typer.Option(help="Folder of the report.")] = Path("docs"),
) -> None:
    """Infer the parameters from the targets, stage by stage, and write a posterior with its provenance.

    Approximate Bayesian computation (ABC-SMC) over demography, labour market, firms, response to closures and
    programmes; the posterior of each stage is the prior of the next. Up to two hours on two cores. Writes
    posterior.csv, posterior.json, and a database and a table of all evaluations for each stage.

    Example: omstilling calibrate --quick --out results/quick

    Example: omstilling calibrate --seed 1 --report

    Example: omstilling calibrate --engine dask --scheduler tcp://10.0.0.1:8786
    """
    if engine not in ("local", "dask"):
        raise refuse(f"--engine: found {engine!r}; local or dask is expected")
    if (engine == "dask") != bool(scheduler):
        raise refuse("--scheduler: the address of a dask scheduler is needed with --engine dask, and only then")
    check_folder(out)
    try:
        from omstilling.calibration.inference import calibrate as inference
    except ModuleNotFoundError as error:
        raise refuse(f"{error.name} is not installed; pip install 'omstilling[calibrate]'") from error
    from omstilling.experiments.running.executors import dask_executor, local_executor

    thoroughness = inference.QUICK if quick else inference.FULL
    with ExitStack() as stack:
        tell = stack.enter_context(_progress())
        try:
            if engine == "dask":
                executor, workers = stack.enter_context(dask_executor(scheduler))
            else:
                executor = stack.enter_context(local_executor(workers))
            particles = inference.calibrate(out, thoroughness, seed, executor, workers, tell)
        except (inference.CalibrationError, OSError) as error:
            raise refuse(str(error)) from error
    posterior = inference.posterior_of(out, particles, thoroughness, seed)
    console().print(
        f"{len(posterior.weights)} draws of {len(posterior.names)} parameters, "
        f"effective number {posterior.effective_size():.0f}: {out / 'posterior.csv'}"
    )
    if report:
        from omstilling.experiments.validation.report import write_calibration

        console().print(f"report: {write_calibration(out, docs, workers)}")
