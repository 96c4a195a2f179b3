"""Command line: ``omstilling``. Heavy libraries load when a command needs them."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer

from omstilling.calibration.parameters.source import ParameterSource
from omstilling.experiments.cli import batch as cli_batch
from omstilling.experiments.cli.analyse import analyse
from omstilling.experiments.cli.backtest import backtest
from omstilling.experiments.cli.calibrate import calibrate
from omstilling.experiments.cli.common import ParametersOption, check_folder, console, refuse, replications_bar
from omstilling.experiments.cli.compare import compare
from omstilling.experiments.cli.data import data
from omstilling.experiments.cli.evaluate import evaluate
from omstilling.experiments.cli.reference import designs, indicators, list_parameters
from omstilling.experiments.cli.report import report
from omstilling.experiments.cli.validate import validate

_INTERRUPTED = 130
_TERMINATED = 143

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="""Simulate municipalities that lose their jobs.

Examples:

  omstilling places varanger

  omstilling run sor-varanger-2015

  omstilling run my-scenario.toml --replications 100 --workers 2 --out results/mine

  omstilling compare sor-varanger-2015 --designs none,current,refine

  omstilling compare country --designs current,refine,split-2024

  omstilling evaluate nordland

  omstilling backtest --from 2012 --to 2022

  omstilling parameters exit

  omstilling batch three-roads --store results/three-roads

  omstilling analyse ranking results/three-roads

  omstilling report results/three-roads -o report.html

  omstilling data update""",
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"omstilling {version('omstilling')}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None: ...


@app.command()
def places(
    text: Annotated[str, typer.Argument(help="Part of a name, code, county or region; all if left out.")] = "",
) -> None:
    """List municipalities with their region, size and historical programmes.

    Example: omstilling places varanger
    """
    from rich.table import Table

    from omstilling.calibration.tables.places import Places

    all_places = Places()
    found = all_places.search(text)
    if found.empty:
        near = all_places.nearest(text)
        raise refuse(f"no municipality matches {text!r}" + (f"; did you mean {' or '.join(near)}?" if near else ""))
    table = Table(box=None, header_style="bold")
    for title, justify in (
        ("Code", "left"), ("Name", "left"), ("County", "left"), ("Region", "left"), ("Centrality", "right"),
        ("Inhabitants 2022", "right"), ("Jobs 2021", "right"), ("Programmes", "left"),
    ):  # fmt: skip
        table.add_column(title, justify=justify)  # type: ignore[arg-type]
    for code, row in found.iterrows():
        table.add_row(str(code), *(str(value) for value in row))
    console().print(table)


@app.command()
def scenarios() -> None:
    """List the shipped scenarios."""
    import tomllib

    from omstilling.scenarios.loader import shipped_scenarios

    for name, path in shipped_scenarios().items():
        typer.echo(f"{name:20s} {tomllib.loads(path.read_text(encoding='utf-8'))['title']}")


def _table_of(result: Any) -> Any:
    """Simulated beside observed, as a rich table."""
    from rich.table import Table

    from omstilling.experiments.words.numbers import plain

    summary = result.summary()
    title = f"{summary['focus']['name']}: simulated and observed. {result.sample_note}".strip()
    table = Table(title=title, box=None, header_style="bold")
    for title in ("", "Year", "Observed", "Median", "90 % interval"):
        table.add_column(title, justify="left" if title == "" else "right")
    last = ""
    for row in summary["compared"]:
        label = row["column"].replace("_", " ") if row["column"] != last else ""
        last = row["column"]
        low, high = plain(row["q05"]), plain(row["q95"])
        table.add_row(label, str(row["year"]), plain(row["observed"]), plain(row["q50"]), f"{low} to {high}")
    return table


@app.command()
def run(
    scenario: Annotated[str, typer.Argument(help="A shipped scenario (see 'omstilling scenarios') or a .toml file.")],
    replications: Annotated[int | None, typer.Option(min=1, help="In place of the scenario's number.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="In place of the scenario's seed.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes; results are the same for any number.")] = 2,
    design: Annotated[
        str | None,
        typer.Option(
            help="Support design under which the scenario's application for status is decided, by name or .toml file, "
            "with blocks after + (see 'omstilling designs'); left out: nobody applies."
        ),
    ] = None,
    parameters: ParametersOption = ParameterSource.POSTERIOR,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the files; default results/SCENARIO, or SCENARIO-DESIGN.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON and nothing else.")] = False,
) -> None:
    """Simulate a scenario and lay it beside what was observed.

    Writes panel.parquet (a row per replication, month and municipality), summary.json, the
    parameters.csv of each replication, and figure.png.

    Example: omstilling run sor-varanger-2015 --replications 100 --seed 7

    Example: omstilling run sor-varanger-2015 --design current+capacity-first
    """
    import json

    from omstilling.calibration.parameters.posterior import PosteriorError
    from omstilling.calibration.tables.places import Places
    from omstilling.calibration.tables.tables import TableError
    from omstilling.experiments.running.run import run as run_scenario
    from omstilling.model.policy.design import DesignError
    from omstilling.model.shocks.shocks import ShockError
    from omstilling.model.state.margins import MarginsError
    from omstilling.scenarios.design_loader import load_design
    from omstilling.scenarios.errors import ScenarioError
    from omstilling.scenarios.loader import load_scenario

    try:
        loaded = load_scenario(scenario, Places())
        changes = {"replications": replications, "seed": seed}
        loaded = loaded.model_copy(update={key: value for key, value in changes.items() if value is not None})
        folder = out or Path("results") / "-".join(
            [loaded.name, *([load_design(design).name] if design is not None else [])]
        )
        check_folder(folder)
        with replications_bar(loaded.replications, quiet=as_json) as progress:
            result = run_scenario(loaded, workers=workers, parameters=parameters, progress=progress, design=design)
        files = result.save(folder)
    except (ScenarioError, DesignError, MarginsError, ShockError, TableError, PosteriorError, OSError) as error:
        raise refuse(str(error)) from error
    if as_json:
        typer.echo(json.dumps(result.summary(), ensure_ascii=False, indent=2))
        return
    console().print(_table_of(result))
    typer.echo(f"parameters: {result.sets.label}")
    typer.echo("Written: " + ", ".join(str(path) for path in files))


app.command()(compare)
app.command()(evaluate)
app.command()(backtest)
app.command()(calibrate)
app.command()(validate)
app.command("plan")(cli_batch.plan_experiment)
app.command()(cli_batch.batch)
app.command()(cli_batch.resume)
app.command()(cli_batch.status)
app.command()(cli_batch.verify)
app.command("ls")(cli_batch.list_runs)
app.command()(cli_batch.sql)
app.command()(report)
app.command()(designs)
app.command()(indicators)
app.command("parameters")(list_parameters)
app.add_typer(analyse, name="analyse")
app.add_typer(data, name="data")


def _terminate(_number: int, _frame: FrameType | None) -> None:
    sys.exit(_TERMINATED)


def main() -> None:
    """Entry point; Ctrl-C ends with exit code 130, SIGTERM with 143, and neither leaves half a file or a process."""
    signal.signal(signal.SIGTERM, _terminate)
    try:
        returned = app(standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        returned = _INTERRUPTED
    except Exception as error:
        if not (hasattr(error, "format_message") and hasattr(error, "exit_code")):
            raise
        returned = refuse(error.format_message()).exit_code
    code = returned if isinstance(returned, int) else 0
    if code == _INTERRUPTED:
        typer.echo("stopped; nothing was written", err=True)
    sys.exit(code)
