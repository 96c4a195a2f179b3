"""Command line: ``omstilling evaluate``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from omstilling.calibration.parameters.source import ParameterSource
from omstilling.experiments.cli.common import ParametersOption, check_folder, console, refuse, replications_bar

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

    from omstilling.experiments.evaluation.evaluation import Evaluation


class How(StrEnum):
    """How those that get a planted effect are chosen; see ``power.select_treated``."""

    RANDOM = "random"
    DECLINE = "decline"
    MATCHED = "matched-like"


def _performance_table(rows: pd.DataFrame, title: str) -> Table:
    """Truth, bias, coverage and power of each estimator."""
    from rich.table import Table

    from omstilling.experiments.words.numbers import plain, signed

    table = Table(title=title, title_justify="left", box=None, header_style="bold")
    for name in ("indicator", "programmes", "years", "true effect", "estimator", "bias", "coverage %", "power %"):
        table.add_column(name, justify="left" if name in ("indicator", "estimator") else "right")
    last: tuple[object, ...] = ()
    for row in rows.sort_values(["outcome", "programmes", "follow_up", "truth", "estimator"]).itertuples():
        case = (row.outcome, row.programmes, row.follow_up, round(row.truth, 2))
        shown = ["", "", "", ""] if case == last else [
            row.outcome.replace("_", " "), f"{row.programmes}", f"{row.follow_up}", signed(row.truth, 2),
        ]  # fmt: skip
        last = case
        table.add_row(
            *shown, row.estimator.replace("_", " "), f"{signed(row.bias, 2)} ± {plain(row.bias_mc_error, 2)}",
            plain(100 * row.coverage, 0), plain(100 * row.power, 0),
        )  # fmt: skip
    return table


def _detectable_table(detectable: pd.DataFrame) -> Table:
    """The least effect that each estimator would see four times in five."""
    from rich.table import Table

    from omstilling.experiments.words.numbers import plain

    least = detectable.pivot_table(
        index=["outcome", "programmes", "follow_up"], columns="estimator", values="minimal_detectable_effect"
    )
    title = "Least effect that would be seen four times in five, in per cent (jobs, population) or points"
    table = Table(title=title, title_justify="left", box=None, header_style="bold")
    for name in ("indicator", "programmes", "years", *(str(name).replace("_", " ") for name in least.columns)):
        table.add_column(name, justify="left" if name == "indicator" else "right")
    last = ""
    for (outcome, programmes, years), row in least.iterrows():
        label = "" if outcome == last else outcome.replace("_", " ")
        last = outcome
        table.add_row(label, f"{programmes}", f"{years}", *(plain(value, 1) for value in row))
    return table


def _print_evaluation(evaluation: Evaluation) -> None:
    """What estimators make of planted effects and of the design, and the least effects that they would see."""
    from omstilling.experiments.evaluation.evaluation import SHOWN

    out, planted = console(), evaluation.planted
    out.print(f"parameters: {evaluation.comparison.sets.label}\n")
    most = planted["programmes"].max()
    shown = planted[(planted["programmes"] == most) & (planted["follow_up"] == planted["follow_up"].median())]
    shown = shown[[row.planted in (0.0, SHOWN.get(row.outcome)) for row in shown.itertuples()]]
    out.print(_performance_table(shown, "Planted effects, in per cent (jobs, population) or points"))
    if len(evaluation.simulated):
        out.print()
        title = f"What the design {evaluation.design} did to those it gave status, and what estimators say it did"
        out.print(_performance_table(evaluation.simulated, title))
    out.print()
    out.print(_detectable_table(evaluation.detectable))


def evaluate(
    scenario: Annotated[
        str, typer.Argument(help="A scenario in which all who are eligible apply: country, nordland or a .toml file.")
    ] = "country",
    design: Annotated[str, typer.Option(help="Design under which status is granted; see 'omstilling designs'.")] = (
        "current"
    ),
    replications: Annotated[int | None, typer.Option(min=1, help="In place of the scenario's number.")] = None,
    draws: Annotated[int, typer.Option(min=1, help="Draws of who gets a planted effect, from each run.")] = 25,
    selection: Annotated[How, typer.Option(help="How those are chosen.")] = How.RANDOM,
    seed: Annotated[int | None, typer.Option(min=0, help="In place of the scenario's seed.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes; results are the same for any number.")] = 2,
    parameters: ParametersOption = ParameterSource.POSTERIOR,
    out: Annotated[Path | None, typer.Option(help="Folder for the files; default results/SCENARIO-evaluate.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print evaluation.json and nothing else.")] = False,
) -> None:
    """Let evaluators loose on runs whose true effects are known: bias, coverage and power of their estimators.

    Matched comparison, structural regression, difference-in-differences and synthetic control see what an evaluator
    sees. Writes planted.csv, simulated.csv, detectable.csv, evaluation.json and power.png.

    Example: omstilling evaluate nordland

    Example: omstilling evaluate country --replications 4 --selection decline
    """
    from omstilling.calibration.parameters.posterior import PosteriorError
    from omstilling.calibration.tables.places import Places
    from omstilling.calibration.tables.tables import TableError
    from omstilling.experiments.comparison.paired import BASELINE
    from omstilling.experiments.evaluation.evaluation import evaluate as evaluate_design
    from omstilling.experiments.evaluation.files import evaluation_json
    from omstilling.model.policy.design import DesignError
    from omstilling.model.shocks.shocks import ShockError
    from omstilling.model.state.margins import MarginsError
    from omstilling.scenarios.errors import ScenarioError
    from omstilling.scenarios.loader import load_scenario

    if design == BASELINE:
        raise refuse(f"--design: found {BASELINE}, the baseline; a design to be evaluated is expected")
    try:
        loaded = load_scenario(scenario, Places())
        folder = out or Path("results") / f"{loaded.name}-evaluate"
        check_folder(folder)
        runs = 2 * (replications or loaded.replications)
        with replications_bar(runs, quiet=as_json, what="runs") as progress:
            evaluation = evaluate_design(
                loaded, design, replications=replications, draws=draws, seed=seed, workers=workers,
                selection=selection.value, parameters=parameters, progress=progress,
            )  # fmt: skip
        files = evaluation.save(folder)
    except (ScenarioError, DesignError, MarginsError, ShockError, TableError, PosteriorError, OSError) as error:
        raise refuse(str(error)) from error
    if as_json:
        typer.echo(evaluation_json(evaluation))
        return
    _print_evaluation(evaluation)
    typer.echo(f"\nWritten to {folder}: " + ", ".join(path.name for path in files))
