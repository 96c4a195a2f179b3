"""Command line: ``omstilling compare``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from omstilling.experiments.cli_common import check_folder, console, refuse, replications_bar

if TYPE_CHECKING:
    from omstilling.experiments.comparison import Comparison

_EXPLANATION = (
    "Each design is read at the end of its own programme. Mean paired difference ± its Monte Carlo standard error,"
    " share of replications in which it is better; below, 90 % interval over replications. Bold: further from 0 than"
    " twice its error. Ratios (mnok_per_...) stand as such."
)


def _print_comparison(comparison: Comparison, everything: bool) -> None:
    """Designs, indicators, waterfall and what pairing gives."""
    from omstilling.experiments import comparison_tables as tables
    from omstilling.experiments.trace import AFTER, DATES

    out, scenario = console(), comparison.scenario
    out.print(scenario.title, style="bold")
    target = scenario.application.job_target
    aim = f"; the programme aimed at {target:.0f} jobs created or secured" if target else ""
    out.print(f"{comparison.place}; {comparison.draws}{aim}\n")
    out.print(tables.design_status(comparison))
    out.print(f"\n{_EXPLANATION}", style="dim")
    names = tables.EVERY_INDICATOR if everything else tables.KEY_INDICATORS
    for table in tables.indicator_tables(comparison, names, DATES if everything else tables.KEY_DATES, out):
        out.print()
        out.print(table)
    for date in AFTER if everything else AFTER[-1:]:
        for table in tables.waterfall_tables(comparison, date, out):
            out.print()
            out.print(table)
    typer.echo(f"\n{tables.pairing_line(comparison)}")


def compare(
    scenario: Annotated[str, typer.Argument(help="A shipped scenario (see 'omstilling scenarios') or a .toml file.")],
    designs: Annotated[
        str | None,
        typer.Option(
            help="Designs by name or path, with commas between (see 'omstilling designs'); all shipped if left out."
            " 'none' is the baseline and joins if left out."
        ),
    ] = None,
    replications: Annotated[int | None, typer.Option(min=1, help="In place of the scenario's number.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="In place of the scenario's seed.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes; results are the same for any number.")] = 2,
    out: Annotated[Path | None, typer.Option(help="Folder for the files; default results/SCENARIO-compare.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print indicators.json and nothing else.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Print every indicator at every date.")] = False,
) -> None:
    """Compare designs for a scenario's programme on the same random draws.

    Writes indicators.csv, .parquet and .json, waterfall.csv, pairing.csv, the programmes' yearly reports.csv, and the
    figures trajectories.png, tradeoff.png and waterfall.png.

    Example: omstilling compare sor-varanger-2015

    Example: omstilling compare lierne-2010 --designs none,current,current+capacity-first --replications 50

    Example: omstilling compare my-scenario.toml --designs current,my-design.toml --json
    """
    from omstilling.calibration.places import Places
    from omstilling.calibration.tables import TableError
    from omstilling.experiments.comparison import compare as compare_designs
    from omstilling.experiments.comparison_files import comparison_json
    from omstilling.experiments.paired import BASELINE
    from omstilling.model.margins import MarginsError
    from omstilling.model.shocks import ShockError
    from omstilling.scenarios.errors import ScenarioError
    from omstilling.scenarios.loader import load_scenario

    chosen = None if designs is None else tuple(name.strip() for name in designs.split(","))
    if chosen == (BASELINE,):
        raise refuse(f"--designs: found {BASELINE} alone, the baseline; a design to compare with it is expected")
    try:
        loaded = load_scenario(scenario, Places())
        folder = out or Path("results") / f"{loaded.name}-compare"
        check_folder(folder)
        with replications_bar(replications or loaded.replications, quiet=as_json) as progress:
            comparison = compare_designs(
                loaded, chosen, replications=replications, seed=seed, workers=workers, progress=progress
            )
        files = comparison.save(folder)
    except (ScenarioError, MarginsError, ShockError, TableError, OSError) as error:
        raise refuse(str(error)) from error
    if as_json:
        typer.echo(comparison_json(comparison))
        return
    _print_comparison(comparison, everything)
    typer.echo(f"Written to {folder}: " + ", ".join(path.name for path in files))
