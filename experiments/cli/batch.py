"""Command line: ``omstilling plan``, ``batch``, ``resume``, ``status``, ``verify``, ``ls`` and ``sql``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from omstilling.experiments.cli.common import console, refuse, refusing

if TYPE_CHECKING:
    from omstilling.experiments.batch.plan import Plan
    from omstilling.experiments.batch.runner import BatchStanding, ExecutorMaker

StorePath = Annotated[Path, typer.Argument(help="Folder of the store.")]
WorkersOption = Annotated[int, typer.Option(min=1, help="Processes; the store is the same for any number.")]
EngineOption = Annotated[str, typer.Option(help="local: processes on this machine; dask: a dask cluster.")]
SchedulerOption = Annotated[
    str, typer.Option(help="Address of a dask scheduler, e.g. tcp://10.0.0.1:8786; with --engine dask.")
]
FailuresOption = Annotated[
    int | None, typer.Option(min=0, help="Stop when more runs than this have failed; never if left out.")
]
_FAILED = 1


def _duration(seconds: float) -> str:
    """Seconds in the largest fitting unit."""
    for unit, length in (("days", 86_400.0), ("hours", 3_600.0), ("minutes", 60.0)):
        if seconds >= 1.5 * length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds:.0f} seconds"


def _print_plan(plan: Plan, workers: int) -> None:
    from omstilling.experiments.batch.estimate import estimate

    asked, expected, out = plan.experiment, estimate(plan), console()
    out.print(asked.title, style="bold")
    drawn = f"{asked.draws} draws ({plan.sets.label}) x {asked.replications} replications"
    out.print(f"{len(plan.settings)} scenarios x {len(plan.points)} points x {len(plan.designs)} designs x {drawn}")
    out.print(f"{plan.runs} runs in {len(plan.shards)} shards")
    time = _duration(expected.seconds / workers)
    out.print(f"about {time} on {workers} processors, and {expected.size / 1e6:.1f} MB of disk")
    out.print(f"plan {plan.digest}", style="dim")


def plan_experiment(
    experiment: Annotated[str, typer.Argument(help="An experiment file, or the name of a shipped one.")],
    workers: WorkersOption = 2,
) -> None:
    """Show what an experiment would run: runs, expected time and disk. Nothing is started.

    Time is that of a short run on this machine, times the work.

    Example: omstilling plan three-roads

    Example: omstilling plan my-experiment.toml --workers 8
    """
    with refusing():
        from omstilling.experiments.batch.plan import make_plan
        from omstilling.scenarios.experiment import load_experiment

        _print_plan(make_plan(load_experiment(experiment)), workers)


def _maker(engine: str, scheduler: str, workers: int) -> ExecutorMaker:
    """What makes executors: local processes, a dask cluster by address, or one on this machine."""
    from omstilling.experiments.running.executors import dask_batch_executor, local_executor

    if engine not in ("local", "dask"):
        raise refuse(f"--engine: found {engine!r}; local or dask is expected")
    if scheduler and engine != "dask":
        raise refuse("--scheduler: an address is for --engine dask only")
    if engine == "dask":
        return lambda: dask_batch_executor(scheduler, workers)
    return lambda: local_executor(workers)


@contextmanager
def _bar(runs: int) -> Iterator[Callable[[BatchStanding], None]]:
    """Runs done, failed, pace and time left, on a terminal; else a line for each tenth."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    errors = Console(stderr=True)
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("runs  {task.description}"))
    tenth = [-1]
    with Progress(*columns, console=errors, disable=not errors.is_terminal) as bar:
        task = bar.add_task("", total=runs)

        def show(standing: BatchStanding) -> None:
            left = "" if standing.left != standing.left else f"{_duration(standing.left)} left"
            failed = f"{standing.failed} failed  " if standing.failed else ""
            bar.update(task, completed=standing.done, description=failed + left)
            now = 10 * standing.done // max(standing.runs, 1)
            if not errors.is_terminal and now > tenth[0]:
                tenth[0] = now
                typer.echo(f"{standing.done} of {standing.runs} runs {failed}{left}".strip(), err=True)

        yield show


def _run(plan: Plan, store: Path, workers: int, maker: ExecutorMaker, max_failures: int | None) -> None:
    from omstilling.experiments.batch.runner import TooManyFailuresError, run_batch
    from omstilling.experiments.batch.store import Store

    try:
        with _bar(plan.runs) as show:
            standing = run_batch(plan, Store(store), maker, workers, show, max_failures)
    except TooManyFailuresError as error:
        typer.echo(f"stopped: {error}", err=True)
        raise typer.Exit(_FAILED) from error
    typer.echo(f"{standing.done} runs in {store}" + (f", {standing.failed} of them failed" if standing.failed else ""))
    if standing.failed:
        typer.echo(f"'omstilling ls {store} --failed' lists them", err=True)


def batch(
    experiment: Annotated[str, typer.Argument(help="An experiment file, or the name of a shipped one.")],
    store: Annotated[Path, typer.Option(help="Folder of the store; one that holds part of it is completed.")],
    workers: WorkersOption = 2,
    engine: EngineOption = "local",
    scheduler: SchedulerOption = "",
    max_failures: FailuresOption = None,
) -> None:
    """Run an experiment into a store. A run that fails is recorded with its error and stops nothing.

    A batch that was stopped, killed or whose disk was full goes on with 'omstilling resume STORE'.

    Example: omstilling batch three-roads --store results/three-roads --workers 2

    Example: omstilling batch my-experiment.toml --store results/mine --max-failures 10

    Example: omstilling batch same-money --store results/same-money --engine dask --scheduler tcp://10.0.0.1:8786
    """
    with refusing():
        from omstilling.experiments.batch.plan import make_plan
        from omstilling.scenarios.experiment import load_experiment

        maker = _maker(engine, scheduler, workers)
        _run(make_plan(load_experiment(experiment)), store, workers, maker, max_failures)


def resume(
    store: StorePath,
    workers: WorkersOption = 2,
    engine: EngineOption = "local",
    scheduler: SchedulerOption = "",
    max_failures: FailuresOption = None,
) -> None:
    """Run what a store lacks: what was not run yet, and what is missing, torn or changed.

    Example: omstilling resume results/three-roads
    """
    with refusing():
        from omstilling.experiments.batch.plan import make_plan
        from omstilling.experiments.batch.store import Store

        maker = _maker(engine, scheduler, workers)
        _run(make_plan(Store(store).experiment), store, workers, maker, max_failures)


def status(store: StorePath) -> None:
    """Say how far a store has come, and how long the rest takes on one processor.

    Example: omstilling status results/three-roads
    """
    with refusing():
        from omstilling.experiments.batch.runner import standing_of
        from omstilling.experiments.batch.store import Store

        held = Store(store)
        head = held.head
        standing = standing_of(held, int(head["runs"]))
        out = console()
        out.print(head["experiment"]["title"], style="bold")
        share = 100.0 * standing.done / max(standing.runs, 1)
        out.print(f"{standing.done} of {standing.runs} runs ({share:.0f} %), {standing.failed} failed")
        if standing.done < standing.runs and standing.left == standing.left:
            out.print(f"about {_duration(standing.left)} of work left; 'omstilling resume {store}' does it")
        for key, value in head["provenance"].items():
            out.print(f"{key}: {value}", style="dim")


def verify(store: StorePath) -> None:
    """Read and hash every shard; exit code 1 where one is missing, torn or changed.

    Example: omstilling verify results/three-roads
    """
    with refusing():
        from omstilling.experiments.batch.store import Store

        held = Store(store)
        held.head  # noqa: B018 - refuses what is no store
        faults = held.faults()
        for fault in faults:
            typer.echo(f"{fault.file}: {fault.what}")
        if faults:
            typer.echo(f"'omstilling resume {store}' runs exactly what is missing", err=True)
            raise typer.Exit(_FAILED)
        typer.echo(f"{len(held.entries())} shards, all as they must be")


def _print_frame(frame: Any) -> None:
    from rich.table import Table

    table = Table(box=None, header_style="bold")
    for name in frame.columns:
        table.add_column(str(name))
    for row in frame.itertuples(index=False):
        table.add_row(*(f"{value:.6g}" if isinstance(value, float) else str(value) for value in row))
    console().print(table)


def list_runs(
    store: StorePath,
    failed: Annotated[bool, typer.Option("--failed", help="Failed runs only, each with its error.")] = False,
    traceback: Annotated[bool, typer.Option("--traceback", help="With --failed: where each error arose.")] = False,
) -> None:
    """List runs by scenario and design, or those that failed.

    Example: omstilling ls results/three-roads

    Example: omstilling ls results/three-roads --failed
    """
    with refusing():
        from omstilling.experiments.batch.results import open_store

        results = open_store(store)
        if not failed:
            keys = ["scenario", "design", "status"]
            _print_frame(results.runs.groupby(keys, sort=False).size().rename("runs").reset_index())
            return
        if results.failures.empty:
            typer.echo("no run has failed")
            return
        columns = ["run", "scenario", "design", "point", "draw", "replication", "seed", "error_type", "error_message"]
        _print_frame(results.failures[columns])
        if traceback:
            for _, row in results.failures.iterrows():
                typer.echo(f"\n{row['run']}\n{row['error_traceback']}")


def sql(
    store: StorePath,
    query: Annotated[str, typer.Argument(help="A query over runs, indicators, parameters and trajectories.")],
    as_csv: Annotated[bool, typer.Option("--csv", help="Print comma-separated values.")] = False,
) -> None:
    """Ask a store in SQL (DuckDB).

    Example: omstilling sql results/mine "select design, avg(difference) from indicators where indicator = 'net_jobs'
    and date = 'end+5' group by design"
    """
    with refusing():
        import duckdb

        from omstilling.experiments.batch.results import open_store

        try:
            frame = open_store(store).sql(query)
        except duckdb.Error as error:
            raise refuse(f"sql: {error}") from error
    if as_csv:
        typer.echo(frame.to_csv(index=False), nl=False)
    else:
        _print_frame(frame)
