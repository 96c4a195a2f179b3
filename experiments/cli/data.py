"""Command line: ``omstilling data update`` and ``omstilling data status``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from omstilling.experiments.cli.common import check_folder, refuse

if TYPE_CHECKING:
    from omstilling.calibration.statistics_norway.update import Progress
    from omstilling.calibration.tables.tables import Tables

data = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="""Newer figures of Statistics Norway, and which tables are in use.

Example: omstilling data update""",
)


@contextmanager
def _steps_bar() -> Iterator[Progress]:
    """Show what is being fetched; nothing where there is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    errors = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, disable=not errors.is_terminal) as bar:
        task = bar.add_task("Statistics Norway", total=None)
        yield lambda done, steps, what: bar.update(task, completed=done, total=steps, description=what)


def _span(years: list[int]) -> str:
    """First and last of some years."""
    return f"{years[0]}-{years[-1]}" if len(years) > 1 else ", ".join(map(str, years))


@data.command()
def update(
    to: Annotated[
        Path | None, typer.Option(help="Data directory in place of your own (or of OMSTILLING_DATA).")
    ] = None,
    tables: Annotated[
        str | None, typer.Option(help="Tables of Statistics Norway, with commas; all if left out.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Fetch and validate, write nothing.")] = False,
) -> None:
    """Fetch newer figures from Statistics Norway and write a new version of the tables, whole or not at all.

    The tables shipped stay as they are and stay in use, so that results can be repeated. Set OMSTILLING_TABLES=user to
    use the newest version fetched. Source of all figures: Statistics Norway, CC BY 4.0.

    Example: omstilling data update --dry-run

    Example: omstilling data update --tables 07459,06913
    """
    from omstilling.calibration.statistics_norway.client import DataUpdateError
    from omstilling.calibration.statistics_norway.update import NUMBERS, chosen_numbers
    from omstilling.calibration.statistics_norway.update import update as fetch
    from omstilling.calibration.tables.versions import data_directory

    folder = to or data_directory()
    check_folder(folder)
    try:
        numbers = NUMBERS if tables is None else chosen_numbers(tables)
        with _steps_bar() as progress:
            done = fetch(folder, numbers=numbers, progress=progress, dry_run=dry_run)
    except DataUpdateError as error:
        raise refuse(str(error)) from error
    for one in done.fetched:
        typer.echo(f"{one.number}  {_span(list(one.years)) or 'nothing newer':15s} {one.title}")
    if done.folder is not None:
        typer.echo(f"Written to {done.folder}: {', '.join(done.changed)}")
        typer.echo("Source: Statistics Norway, CC BY 4.0. Use it with OMSTILLING_TABLES=" + (str(to) if to else "user"))
    elif done.changed:
        typer.echo(f"Nothing was written; these would change: {', '.join(done.changed)}")
    else:
        typer.echo("Nothing was written: there are no newer figures")


def _print_years(read: Tables) -> None:
    """Years that tables hold."""
    years = {
        "inhabitants": [int(year) for year in read.population.columns],
        "inhabitants by age": sorted({int(year) for year in read.ages.index.get_level_values("year")}),
        "jobs": sorted(int(name[5:]) for name in read.employment.columns if name.startswith("jobs_")),
    }
    for what, known in years.items():
        typer.echo(f"  {what:20s} {_span(known)}")


@data.command()
def status() -> None:
    """Show which tables are in use, their years, and the newest version fetched.

    Example: OMSTILLING_TABLES=user omstilling data status
    """
    from omstilling.calibration.tables.tables import TableError, load_tables
    from omstilling.calibration.tables.versions import chosen_folder, current_version, data_directory

    try:
        chosen, newest = chosen_folder(), current_version(data_directory())
        typer.echo(f"In use: {'the tables shipped' if chosen is None else chosen}")
        _print_years(load_tables())
    except TableError as error:
        raise refuse(str(error)) from error
    if newest is None:
        typer.echo(f"Nothing fetched in {data_directory()}; run 'omstilling data update'")
    elif newest != chosen:
        typer.echo(f"Fetched, not in use: {newest}; set OMSTILLING_TABLES=user to use it")
