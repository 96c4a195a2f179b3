"""Command line: what ``omstilling compare`` prints where all who are eligible apply."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from rich.table import Table
from rich.text import Text

from omstilling.experiments.cli.common import console
from omstilling.experiments.national.groups import Kind, Reach
from omstilling.experiments.national.tables import KEY_FIGURES
from omstilling.experiments.words.numbers import NOTHING, digits_for, plain, signed

if TYPE_CHECKING:
    import pandas as pd

    from omstilling.experiments.national.comparison import NationalComparison

_SURE = 2.0
_GROUPS = (
    ("type with status", Kind.ACUTE), ("type with status", Kind.DECLINE), ("type", Kind.ACUTE), ("type", Kind.DECLINE),
    ("type", Kind.OTHER), ("reach", Reach.STATUS), ("reach", Reach.NEIGHBOUR), ("reach", Reach.REST), ("all", "all"),
)  # fmt: skip
_MOST_NAMED = 12


def _figure_cell(row: pd.Series) -> Text:
    if np.isnan(row["mean"]):
        return Text(NOTHING)
    digits = max(digits_for(abs(row["mean"]), shown=3), 0)
    error = "" if np.isnan(row["mc_error"]) else f" ± {plain(row['mc_error'], digits)}"
    return Text(f"{plain(row['mean'], digits)}{error}")


def key_figure_table(comparison: NationalComparison) -> Table:
    """Figures of each design in the last year, with the standard error of the mean."""
    last = comparison.scenario.start + comparison.scenario.years - 1
    table = Table(title=f"Designs at the end of {last}", title_justify="left", box=None, header_style="bold")
    table.add_column("")
    for design in comparison.designs:
        table.add_column(design.name, justify="right", no_wrap=True)
    for name, (unit, _) in KEY_FIGURES.items():
        rows = comparison.key_figures[comparison.key_figures["figure"] == name]
        label = Text(name).append(f"  {unit}", style="dim")
        table.add_row(label, *(_figure_cell(row) for _, row in rows.iterrows()))
    return table


def _effect_cell(row: pd.Series, indicator: str) -> Text:
    if np.isnan(row["difference"]):
        return Text(NOTHING)
    share = indicator != "capacity_index"
    scale = 100.0 / (row["mean"] - row["difference"]) if share else 1.0
    mean, error = scale * row["difference"], scale * row["mc_error"]
    sure = not np.isnan(error) and abs(mean) > _SURE * error
    return Text(f"{signed(mean, 2)} ± {NOTHING if np.isnan(error) else plain(error, 2)}", style="bold" if sure else "")


def effect_tables(comparison: NationalComparison, indicators: dict[str, str]) -> list[Table]:
    """Paired difference by group of municipalities in the last year, a table per indicator."""
    last = comparison.effects["year"].max()
    tables = []
    for indicator, title in indicators.items():
        table = Table(title=f"{title}, end of {last}", title_justify="left", box=None, header_style="bold")
        table.add_column("municipalities")
        for design in comparison.designs[1:]:
            table.add_column(design.name, justify="right", no_wrap=True)
        rows = comparison.effects[(comparison.effects["year"] == last) & (comparison.effects["indicator"] == indicator)]
        for division, group in _GROUPS:
            own = rows[(rows["division"] == division) & (rows["group"] == str(group))]
            words = f"{group}, with status" if division == "type with status" else str(group)
            table.add_row(words, *(_effect_cell(row, indicator) for _, row in own.iterrows()))
        tables.append(table)
    return tables


def coverage_table_of(comparison: NationalComparison) -> Table:
    """Places hit and reached by design."""
    table = Table(title="Places hit that get status", title_justify="left", box=None, header_style="bold")
    for title in ("design", "hit by", "places", "reached", "share", "months until status"):
        table.add_column(title, justify="left" if title in ("design", "hit by") else "right")
    for _, row in comparison.coverage.iterrows():
        if row["design"] == comparison.designs[0].name:
            continue
        months = NOTHING if np.isnan(row["months"]) else plain(row["months"], 0)
        share = f"{100 * row['share']:.0f} %"
        table.add_row(row["design"], row["hit_by"], plain(row["places"], 1), plain(row["reached"], 1), share, months)
    return table


def status_table_of(comparison: NationalComparison) -> Table:
    """Municipalities that most often get status, by design."""
    table = Table(
        title="Who most often gets status (share of replications, mean year)", title_justify="left", box=None,
        header_style="bold",
    )  # fmt: skip
    table.add_column("design")
    table.add_column("municipalities")
    for design in comparison.designs[1:]:
        rows = comparison.status[comparison.status["design"] == design.name].nlargest(_MOST_NAMED, "share")
        names = [
            f"{row['name']} ({row['track']}, {100 * row['share']:.0f} %, {row['first_year']:.0f})"
            for _, row in rows.iterrows()
        ]
        table.add_row(design.name, ", ".join(names) or "nobody")
    return table


def print_national(comparison: NationalComparison) -> None:
    """Key figures, effects by group, coverage, and who gets status."""
    out, scenario = console(), comparison.scenario
    out.print(scenario.title, style="bold")
    out.print(
        f"{len(comparison.margins.codes)} municipalities, {scenario.replications} replications, seed {scenario.seed};"
        f" every design may spend {plain(comparison.budget / 1e6, 1)} MNOK of 2020 a year\n"
        f"parameters: {comparison.sets.label}\n"
    )
    out.print(key_figure_table(comparison))
    out.print(
        "\nMean paired difference from the run without support ± its Monte Carlo standard error. Bold: further from 0"
        " than twice its error.",
        style="dim",
    )
    indicators = {"jobs": "Jobs, %", "population": "Inhabitants, %", "capacity_index": "Development capacity, points"}
    for table in [*effect_tables(comparison, indicators), coverage_table_of(comparison), status_table_of(comparison)]:
        out.print()
        out.print(table)
