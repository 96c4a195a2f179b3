"""Command line: ``omstilling backtest``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from omstilling.calibration.parameters.source import ParameterSource
from omstilling.experiments.cli.common import ParametersOption, check_folder, console, refuse, replications_bar

if TYPE_CHECKING:
    import pandas as pd

    from omstilling.experiments.backtesting.backtest import Backtest


def _rich_table(frame: pd.DataFrame, digits: int = 1) -> Any:
    """A data frame as a rich table: text to the left, numbers to the right."""
    from pandas.api.types import is_numeric_dtype
    from rich.table import Table

    from omstilling.experiments.words.numbers import plain

    table = Table(box=None, header_style="bold")
    for name in frame.columns:
        table.add_column(str(name), justify="right" if is_numeric_dtype(frame[name]) else "left")
    for row in frame.itertuples(index=False):
        table.add_row(*(plain(value, digits) if isinstance(value, float) else str(value) for value in row))
    return table


def _print_backtest(result: Backtest) -> None:
    """Errors, skill, coverage and bias, and in a sentence each who wins."""
    from omstilling.experiments.backtesting import scores
    from omstilling.experiments.backtesting.files import what_leaks

    out, table, run = console(), result.table, result.simulated
    out.print(f"Backtest {run.first}-{run.last}: {table['code'].nunique()} municipalities scored", style="bold")
    out.print(f"parameters: {run.sets.label}")
    skills = scores.skills(table)
    skills = skills[skills["best"] | skills["quantity"].isin(("population", "jobs"))]
    skills = skills.assign(closer=100.0 * skills["closer"], best=skills["best"].map({True: "best", False: ""}))
    measures = "; ".join(f"{name} {meaning}" for name, meaning in scores.MEASURES.items())
    for title, frame in (
        (f"Errors, per cent of what was observed. {measures}", _rich_table(scores.accuracy(table).drop(columns="n"))),
        ("Skill of the model: 1 less its error over that of the other; closer in % of municipalities",
         _rich_table(skills, 2)),
        ("Per cent of outcomes inside intervals of 50, 80 and 90 %, over replications and with model error",
         _rich_table(scores.coverage(table))),
        ("Bias (MALPE) by inhabitants at the start", _rich_table(scores.bias_beside(table, "size"))),
        ("Bias (MALPE) by centrality, 1 most central", _rich_table(scores.bias_beside(table, "centrality"))),
    ):  # fmt: skip
        out.print(f"\n{title}", style="dim")
        out.print(frame)
    out.print()
    for quantity in ("population", "jobs"):
        out.print(scores.verdict(table, quantity), style="bold")
    left_out = ", ".join(result.left_out.values())
    out.print(f"\nNot scored, because their past is estimated: {left_out}.", style="dim")
    out.print("What is not fair to the forecasts:", style="dim")
    for line in what_leaks(run.first):
        out.print(f"- {line}", style="dim")


def backtest(
    first: Annotated[int, typer.Option("--from", help="Year of the 1 January at which forecasts start.")] = 2012,
    last: Annotated[int, typer.Option("--to", help="Year of the 1 January at which they are scored.")] = 2022,
    replications: Annotated[
        int, typer.Option(min=1, help="Of the country, and as many of an earlier hindcast that says how wrong it is.")
    ] = 20,
    seed: Annotated[int, typer.Option(min=0, help="The replications follow from it.")] = 1,
    workers: Annotated[
        int, typer.Option(min=1, help="Processes, up to 2 GB of memory each; results are the same for any number.")
    ] = 2,
    parameters: ParametersOption = ParameterSource.POSTERIOR,
    out: Annotated[Path | None, typer.Option(help="Folder for the files; default results/backtest-FROM-TO.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print summary.json and nothing else.")] = False,
) -> None:
    """Forecast all municipalities from a past year and score the forecasts by what happened.

    The model stands beside three naive forecasts: no change, same trend, and a cohort-component projection. A
    replication of the country takes one to two minutes. Writes backtest.csv (a row per municipality, quantity and
    forecast), summary.json, growth.png and errors.png.

    Example: omstilling backtest --from 2012 --to 2022

    Example: omstilling backtest --from 2016 --to 2022 --replications 10 --json
    """
    from omstilling.calibration.parameters.posterior import PosteriorError
    from omstilling.calibration.tables.tables import TableError
    from omstilling.experiments.backtesting.backtest import BacktestError, check_years
    from omstilling.experiments.backtesting.backtest import backtest as run_backtest
    from omstilling.experiments.backtesting.files import save_backtest, summary_json

    folder = out or Path("results") / f"backtest-{first}-{last}"
    try:
        check_years(first, last)
        check_folder(folder)
        with replications_bar(2 * replications, quiet=as_json) as progress:
            result = run_backtest(
                first, last, replications=replications, seed=seed, workers=workers, progress=progress,
                parameters=parameters,
            )  # fmt: skip
        files = save_backtest(result, folder)
    except (BacktestError, TableError, PosteriorError, OSError) as error:
        raise refuse(str(error)) from error
    if as_json:
        typer.echo(summary_json(result))
        return
    _print_backtest(result)
    typer.echo(f"Written to {folder}: " + ", ".join(path.name for path in files))
