"""Command line: ``omstilling designs``, ``indicators`` and ``parameters``, what there is to choose from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from omstilling.experiments.cli.common import console, refuse

if TYPE_CHECKING:
    from rich.table import Table

_BETTER = {1: "more", -1: "less", 0: ""}


def _table(*titles: str) -> Table:
    from rich.table import Table

    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for title in titles:
        table.add_column(title)
    return table


def _list_designs() -> None:
    import tomllib

    from omstilling.scenarios.design_loader import shipped_blocks, shipped_designs

    table = _table("Name", "Title")
    for heading, found in (("Designs", shipped_designs()), ("Building blocks", shipped_blocks())):
        table.add_row(heading, style="bold yellow")
        for name, path in found.items():
            table.add_row(name, tomllib.loads(path.read_text(encoding="utf-8"))["title"])
    console().print(table)
    typer.echo("\nA block changes a design: current+capacity-first. All values: omstilling designs NAME")


def _number(value: float | str) -> str:
    from omstilling.experiments.words.numbers import plain

    if isinstance(value, str):
        return value
    return plain(value) if float(value).is_integer() else f"{value:g}"


def designs(
    name: Annotated[
        str, typer.Argument(help="A design, a block, a design+block or a .toml file; all shipped if left out.")
    ] = "",
) -> None:
    """List designs and building blocks, or every value of one with unit and source.

    Example: omstilling designs

    Example: omstilling designs current+capacity-first
    """
    if not name:
        _list_designs()
        return
    from omstilling.scenarios.design_loader import resolve_design
    from omstilling.scenarios.design_table import design_table
    from omstilling.scenarios.errors import ScenarioError

    try:
        title, values = resolve_design(name)["title"], design_table(name)
    except ScenarioError as error:
        raise refuse(str(error)) from error
    table = _table("Key", "Value", "Unit", "Source")
    table.columns[1].justify = "right"
    table.columns[0].no_wrap = True
    last = ""
    for row in values:
        if row.part != last:
            table.add_row(row.part, style="bold yellow")
            last = row.part
        table.add_row(row.key, _number(row.value), row.unit, row.source)
    out = console()
    out.print(f"{name}: {title}", style="bold")
    if values:
        out.print(table)
    else:
        out.print("It sets no values.")


def indicators(
    name: Annotated[str, typer.Argument(help="One indicator, whole; the list of all if left out.")] = "",
) -> None:
    """List the indicators of a comparison, or show one with formula, what may be concluded, and source.

    Example: omstilling indicators capacity_index
    """
    from omstilling.experiments.reading.indicators import EVERY
    from omstilling.scenarios.errors import nearest

    every = {item.name: item for item in EVERY}
    if not name:
        table = _table("Name", "Unit", "Better", "Definition")
        table.columns[0].no_wrap = True
        for item in every.values():
            table.add_row(item.name, item.unit, _BETTER[item.better], item.definition)
        console().print(table)
        return
    if name not in every:
        near = nearest(name, every)
        raise refuse(f"no indicator is called {name!r}" + (f"; did you mean {near}?" if near else ""))
    item = every[name]
    table = _table("", item.name)
    for key, text in (
        ("group", item.group), ("unit", item.unit), ("better", _BETTER[item.better] or "neither says"),
        ("definition", item.definition), ("formula", item.formula_text), ("conclusion", item.conclusion),
        ("source", item.source),
    ):  # fmt: skip
        table.add_row(key, text)
    console().print(table)


def _posterior_texts() -> dict[str, str]:
    """Weighted mean and 90 % interval of each calibrated parameter."""
    from omstilling.calibration.parameters.posterior import PosteriorError, load_posterior

    try:
        posterior = load_posterior()
    except PosteriorError as error:
        raise refuse(str(error)) from error
    columns = zip(posterior.names, posterior.mean(), posterior.quantile(0.05), posterior.quantile(0.95), strict=True)
    return {name: f"{mean:.3g} ({low:.3g} to {high:.3g})" for name, mean, low, high in columns}


def list_parameters(
    text: Annotated[str, typer.Argument(help="Part of a name or block; all if left out.")] = "",
) -> None:
    """List parameters with unit, default, prior, posterior mean and 90 % interval where calibrated, and source.

    Example: omstilling parameters

    Example: omstilling parameters exit
    """
    from omstilling.model import parameter_table
    from omstilling.scenarios.errors import nearest

    rows = parameter_table()
    found = [row for row in rows if text.casefold() in row["name"] or text.casefold() in row["block"]]
    if not found:
        near = nearest(text, [row[key] for row in rows for key in ("name", "block")])
        raise refuse(f"no parameter or block matches {text!r}" + (f"; did you mean {near}?" if near else ""))
    posterior = _posterior_texts()
    table = _table("Name", "Unit", "Default", "Prior", "Posterior", "Source")
    table.columns[0].no_wrap = table.columns[4].no_wrap = True
    last = ""
    for row in found:
        if row["block"] != last:
            table.add_row(row["block"], style="bold yellow")
            last = row["block"]
        shown = (row["name"], row["unit"], row["default"], row["prior"], posterior.get(row["name"], ""), row["source"])
        table.add_row(*shown)
    console().print(table)
