"""Command line: ``omstilling compare``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from omstilling.calibration.parameters.source import ParameterSource
from omstilling.experiments.cli.common import ParametersOption, check_folder, console, refuse, replications_bar

if TYPE_CHECKING:
    from omstilling.experiments.comparison.comparison import Comparison
    from omstilling.scenarios.schema import Scenario

_EXPLANATION = (
    "Each design is read at the end of its own programme. Mean paired difference ± its Monte Carlo standard error,"
    " share of replications in which it is better; below, 90 % interval over replications. Bold: further from 0 than"
    " twice its error. Ratios (mnok_per_...) stand as such."
)


def _print_comparison(comparison: Comparison, everything: bool) -> None:
    """Designs, indicators, waterfall and what pairing gives."""
    from omstilling.experiments.comparison import tables
    from omstilling.experiments.reading.trace import AFTER, DATES

    out, scenario = console(), comparison.scenario
    out.print(scenario.title, style="bold")
    target = scenario.application.job_target
    aim = f"; the programme aimed at {target:.0f} jobs created or secured" if target else ""
    out.print(f"{comparison.place}; {comparison.draws}{aim}")
    out.print(f"parameters: {comparison.sets.label}\n")
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


def _compare_national(
    scenario: Scenario, designs: tuple[str, ...] | None, replications: int | None, seed: int | None, workers: int,
    budget: float | None, parameters: ParameterSource, folder: Path, as_json: bool
) -> None:  # fmt: skip
    """Compare where all who are eligible apply, print and save."""
    from omstilling.experiments.cli.national import print_national
    from omstilling.experiments.comparison.paired import with_baseline
    from omstilling.experiments.national.comparison import compare_national
    from omstilling.experiments.national.files import national_json
    from omstilling.scenarios.design_loader import shipped_designs

    names = designs or tuple(shipped_designs())
    runs = (replications or scenario.replications) * len(with_baseline(names))
    with replications_bar(runs, quiet=as_json, what="runs") as progress:
        comparison = compare_national(
            scenario, names, replications=replications, seed=seed, workers=workers,
            budget=None if budget is None else budget * 1e6, parameters=parameters, progress=progress,
        )  # fmt: skip
    files = comparison.save(folder)
    if as_json:
        typer.echo(national_json(comparison))
        return
    print_national(comparison)
    typer.echo(f"\nWritten to {folder}: " + ", ".join(path.name for path in files))


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
    budget: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            help="MNOK of 2020 a year for the whole country, the same under every design, where all who are eligible"
            " apply; that of 'current' if left out.",
        ),
    ] = None,
    parameters: ParametersOption = ParameterSource.POSTERIOR,
    out: Annotated[Path | None, typer.Option(help="Folder for the files; default results/SCENARIO-compare.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print indicators.json and nothing else.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Print every indicator at every date.")] = False,
) -> None:
    """Compare designs on the same random draws: for a scenario's programme, or where all who are eligible apply.

    For a programme, writes indicators.csv, .parquet and .json, waterfall.csv, pairing.csv, the programmes' yearly
    reports.csv, each replication's parameters.csv, and the figures trajectories.png, tradeoff.png and waterfall.png.

    In a county or the whole country, writes key_figures.csv, effects.csv, coverage.csv, status.csv, decisions.csv,
    parameters.csv, national.json, and the figures map.png, timing.png and effects.png. The whole country takes about
    a minute and a half a run; a run is one design in one replication.

    Example: omstilling compare sor-varanger-2015

    Example: omstilling compare lierne-2010 --designs none,current,current+capacity-first --replications 50

    Example: omstilling compare my-scenario.toml --designs current,my-design.toml --json

    Example: omstilling compare nordland

    Example: omstilling compare country --designs current,refine,split-2024 --replications 2 --budget 100

    Example: omstilling compare sor-varanger-2015 --parameters point
    """
    from omstilling.calibration.parameters.posterior import PosteriorError
    from omstilling.calibration.tables.places import Places
    from omstilling.calibration.tables.tables import TableError
    from omstilling.experiments.comparison.comparison import compare as compare_designs
    from omstilling.experiments.comparison.files import comparison_json
    from omstilling.experiments.comparison.paired import BASELINE
    from omstilling.model.policy.design import DesignError
    from omstilling.model.shocks.shocks import ShockError
    from omstilling.model.state.margins import MarginsError
    from omstilling.scenarios.errors import ScenarioError
    from omstilling.scenarios.loader import load_scenario
    from omstilling.scenarios.schema import Applicants

    chosen = None if designs is None else tuple(name.strip() for name in designs.split(","))
    if chosen == (BASELINE,):
        raise refuse(f"--designs: found {BASELINE} alone, the baseline; a design to compare with it is expected")
    try:
        loaded = load_scenario(scenario, Places())
        folder = out or Path("results") / f"{loaded.name}-compare"
        check_folder(folder)
        if loaded.applicants is Applicants.ELIGIBLE:
            _compare_national(loaded, chosen, replications, seed, workers, budget, parameters, folder, as_json)
            return
        if budget is not None:
            allowed = 'the option is for scenarios with applicants = "eligible", such as country'
            raise refuse(f"--budget: found {budget:g}, but {loaded.name} has one programme; {allowed}")
        with replications_bar(replications or loaded.replications, quiet=as_json) as progress:
            comparison = compare_designs(
                loaded, chosen, replications=replications, seed=seed, workers=workers, parameters=parameters,
                progress=progress,
            )  # fmt: skip
        files = comparison.save(folder)
    except (ScenarioError, DesignError, MarginsError, ShockError, TableError, PosteriorError, OSError) as error:
        raise refuse(str(error)) from error
    if as_json:
        typer.echo(comparison_json(comparison))
        return
    _print_comparison(comparison, everything)
    typer.echo(f"Written to {folder}: " + ", ".join(path.name for path in files))
