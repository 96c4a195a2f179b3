"""Command line: ``omstilling validate``."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from omstilling.calibration.parameters.source import ParameterSource
from omstilling.experiments.cli.common import ParametersOption, console, replications_bar


def _rich_table(rows: list[dict[str, Any]]) -> Any:
    from rich.table import Table

    table = Table(box=None, header_style="bold")
    for title in ("Target", "Observed", "Simulated", "90 % interval", "Within error", "Required"):
        table.add_column(title, justify="left" if title == "Target" else "right")
    last = ""
    for row in rows:
        if row["block"] != last:
            table.add_row(f"[{row['block']}]", *[""] * 5, style="bold")
            last = row["block"]
        observed = f"{row['observed']:.3g} ± {row['error']:.2g}"
        interval = f"{row['low']:.3g} to {row['high']:.3g}"
        within, required = "yes" if row["met"] else "NO", "required" if row["required"] else ""
        table.add_row(str(row["target"]), observed, f"{row['simulated']:.3g}", interval, within, required)
    return table


def _stale(parameters: ParameterSource) -> list[str]:
    """What of the code and data has changed since the posterior was inferred."""
    from omstilling.calibration.parameters.posterior import code_version, data_version, load_posterior

    if parameters is ParameterSource.PRIOR:
        return []
    found = load_posterior().provenance
    now = {"code_version": ("model", code_version()), "data_version": ("tables", data_version())}
    return [
        f"The posterior was inferred with other {what} ({found[key]}; now {version}): 'omstilling calibrate' renews it."
        for key, (what, version) in now.items()
        if found[key] != version
    ]


def validate(
    replications: Annotated[int, typer.Option(min=2, help="Runs of each block, each with a draw of parameters.")] = 30,
    seed: Annotated[int, typer.Option(min=0, help="The runs follow from it.")] = 1,
    workers: Annotated[int, typer.Option(min=1, help="Processes; results are the same for any number.")] = 2,
    parameters: ParametersOption = ParameterSource.POSTERIOR,
    as_json: Annotated[bool, typer.Option("--json", help="Print the table as JSON and nothing else.")] = False,
) -> None:
    """Lay the calibrated model beside every target; exit code 1 if a required one is missed.

    A target is within its error when the mean of the runs is less than two standard errors from the observed figure.
    Takes one to two minutes. What each target means: docs/calibration.md.

    Example: omstilling validate

    Example: omstilling validate --parameters prior --json
    """
    from omstilling.experiments.validation.target_check import check_targets

    runs = 5 * replications
    with replications_bar(runs, as_json, "runs") as progress:
        result = check_targets(
            replications=replications, seed=seed, workers=workers, parameters=parameters, progress=progress
        )
    table = result.table
    rows = table.to_dict("records")
    required = table[table["required"]]
    summary = {
        "parameters": result.label, "targets": len(table), "met": int(table["met"].sum()),
        "required": len(required), "required_met": int(required["met"].sum()), "missed": result.missed_required,
    }  # fmt: skip
    if as_json:
        typer.echo(json.dumps({**summary, "table": rows}, ensure_ascii=False, indent=1, default=bool))
    else:
        out = console()
        out.print(f"Targets, simulated with parameters: {result.label}", style="bold")
        out.print(_rich_table(rows))
        out.print(
            f"\n{summary['met']} of {summary['targets']} targets within error; "
            f"{summary['required_met']} of {summary['required']} required ones."
        )
        for line in _stale(parameters):
            out.print(line)
        if result.missed_required:
            out.print(f"Required and missed: {', '.join(result.missed_required)}", style="bold")
    if result.missed_required:
        raise typer.Exit(1)
