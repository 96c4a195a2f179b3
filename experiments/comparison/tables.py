"""Comparison tables: what the command line prints of a comparison."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from rich.table import Table
from rich.text import Text

from omstilling.experiments.comparison.comparison import SIGNS
from omstilling.experiments.reading.indicators import EVERY, RATIOS
from omstilling.experiments.reading.trace import AFTER, DATES
from omstilling.experiments.words.numbers import NOTHING, add_up, digits_for, plain, signed

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from omstilling.experiments.comparison.comparison import Comparison

KEY_INDICATORS = (
    "jobs", "employment_effect", "reported_jobs", "capacity_index", "population", "women_20_39", "industry_hhi",
    "largest_employer_share", "stress_loss", "public_cost", "mnok_per_reported_job", "mnok_per_net_job",
)  # fmt: skip
EVERY_INDICATOR = tuple(item.name for item in EVERY)
KEY_DATES = ("end", "end+5")
_GROUPS = ("jobs", "capacity", "population", "people", "attractiveness", "robustness", "money", "spillover")
_RATIO_NAMES = frozenset(ratio.name for ratio in RATIOS)
_WATERFALL = {
    "reported": "reported jobs",
    "deadweight": "deadweight",
    "displaced_within": "displaced within the programme's area",
    "displaced_to_neighbours": "lost by neighbours",
    "failed_or_ended": "failed or ended",
    "multiplier": "multiplier",
    "net": "= net effect in the region",
}
_NO_WIDTH = 1e-9
"""An interval narrower than this, relative to the difference, comes from rounding."""
_SURE = 2.0
"""A mean difference this many times its error from 0 is printed bold."""


def _shown_unit(unit: str) -> tuple[str, float]:
    """Unit and scale in which an indicator is printed: shares in per cent."""
    if unit.startswith("share"):
        return "%" + unit.removeprefix("share"), 100.0
    return ("x 100", 100.0) if unit == "0-1" else (unit, 1.0)


def _difference_cell(row: pd.Series, scale: float, digits: int) -> Text:
    """Mean difference, its error, the probability of being better, and below the 90 % interval."""
    mean, error = scale * row["difference"], scale * row["mc_error"]
    if np.isnan(mean):
        return Text(NOTHING)
    if row["low"] == row["high"] == 0.0:
        return Text("0")
    sure = abs(mean) > _SURE * error
    spent = row["group"] == "money"  # less is better, but no programme costs less than none
    better = "" if spent or np.isnan(row["p_better"]) else f" {100 * row['p_better']:.0f}%"
    text = Text(f"{signed(mean, digits)} ± {plain(error, digits)}", style="bold" if sure else "")
    text.append(better, style="cyan")
    return text.append(f"\n[{plain(scale * row['low'], digits)}, {plain(scale * row['high'], digits)}]", style="dim")


def _ratio_cell(row: pd.Series) -> Text:
    """Ratio of means and its interval."""
    if np.isnan(row["mean"]):
        return Text(NOTHING)
    digits = 1 if row["mean"] >= 10.0 else 2
    text = Text(plain(row["mean"], digits))
    return text.append(f"\n[{plain(row['low'], digits)}, {plain(row['high'], digits)}]", style="dim")


def _rows_of(rows: pd.DataFrame, name: str, shown: list[str]) -> list[Text | str]:
    """Cells of one indicator: its name and unit, the level of the baseline, and each design."""
    of_design = {row["design"]: row for _, row in rows[rows["indicator"] == name].iterrows()}
    base, *_ = of_design.values()
    unit, scale = _shown_unit(base["unit"])
    label = Text(name).append(f"\n{unit}", style="dim")
    if name in _RATIO_NAMES:
        return [label, _ratio_cell(base), *(_ratio_cell(of_design[design]) for design in shown)]
    differences = [of_design[design] for design in of_design if design != base["design"]]
    width = np.nanmax([0.0, *(row["high"] - row["low"] for row in differences)])
    most = np.nanmax([0.0, *(abs(row["difference"]) for row in differences)])
    digits = digits_for(scale * (width if width > _NO_WIDTH * most else most))
    level = plain(scale * base["mean"], digits_for(abs(scale * base["mean"]), shown=3))
    return [label, level, *(_difference_cell(of_design[design], scale, digits) for design in shown)]


def _when(comparison: Comparison, date: int) -> str:
    """A date with its years, which differ where programmes end in different years."""
    return f"{DATES[date]}, {comparison.years_of(date)}"


def _indicator_table(comparison: Comparison, names: Iterable[str], date: str, shown: list[str]) -> Table:
    rows = comparison.table[comparison.table["date"] == date]
    number = DATES.index(date)
    table = Table(
        title=f"Difference from {comparison.designs[0].name}: {_when(comparison, number)}", title_justify="left",
        box=None, header_style="bold", padding=(0, 1, 0, 0),
    )  # fmt: skip
    table.add_column("")
    table.add_column(comparison.designs[0].name, justify="right")
    for design in shown:
        table.add_column(design, justify="right", no_wrap=True)
    groups = {str(row["indicator"]): str(row["group"]) for _, row in rows.iterrows()}
    last = ""
    for name in sorted(names, key=lambda name: _GROUPS.index(groups[name])):
        if groups[name] != last:
            table.add_row(Text(groups[name].upper(), style="bold yellow"))
            last = groups[name]
        table.add_row(*_rows_of(rows, name, shown))
    return table


def _fitting(build: Callable[[list[str]], Table], comparison: Comparison, console: Console) -> list[Table]:
    """As few tables as are narrow enough for the console, with about as many designs in each."""
    designs = [design.name for design in comparison.designs[1:]]
    for number in range(1, len(designs) + 1):
        tables = [build(piece.tolist()) for piece in np.array_split(np.array(designs), number)]
        if all(_width(table, console) <= console.width for table in tables):
            break
    return tables


def _width(table: Table, console: Console) -> int:
    return console.measure(table, options=console.options.update(width=10_000)).maximum


def indicator_tables(
    comparison: Comparison, names: Iterable[str], dates: Iterable[str], console: Console
) -> Iterator[Table]:
    """One table a date, designs as columns; more where they would be wider than the console."""
    names = tuple(names)
    for date in dates:
        yield from _fitting(partial(_indicator_table, comparison, names, date), comparison, console)


def design_status(comparison: Comparison) -> Table:
    """Designs with title and what became of the programme."""
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for title in ("Design", "Programme", "Ends", "Title"):
        table.add_column(title)
    for d, design in enumerate(comparison.designs):
        granted = any(tracks[d] for tracks in comparison.tracks)
        ends = str(comparison.year_of(DATES.index("end"), d)) if granted else ""
        reason = comparison.refusal_of(d)
        table.add_row(design.name, comparison.status_of(d) + (f": {reason}" if reason else ""), ends, design.title)
    return table


def _waterfall_table(comparison: Comparison, date: str, shown: list[str]) -> Table:
    table = Table(
        title=f"From reported to net jobs: {_when(comparison, DATES.index(date))}", title_justify="left",
        box=None, header_style="bold", padding=(0, 2, 0, 0),
    )  # fmt: skip
    table.add_column("", no_wrap=True)
    columns: list[list[str]] = []
    for name in shown:
        table.add_column(name, justify="right", no_wrap=True)
        d = [design.name for design in comparison.designs].index(name)
        parts = comparison.parts[:, d, AFTER.index(date)]
        means = dict(zip(SIGNS, parts.mean(axis=0), strict=True))
        steps = add_up([sign * means[part] for part, sign in SIGNS.items() if sign], 1)
        error = parts[:, -1].std(ddof=1) / np.sqrt(len(parts)) if len(parts) > 1 else np.nan
        columns.append([*(signed(step, 1) for step in steps), f"{signed(means['net'], 1)} ± {plain(error, 1)}"])
    alone = len(comparison.margins.codes) == len(comparison.scenario.application.municipalities)
    labels = _WATERFALL | ({"displaced_to_neighbours": "lost by neighbours (none in the region)"} if alone else {})
    for number, part in enumerate(SIGNS):
        table.add_row(labels[part], *(column[number] for column in columns), style="bold" if part == "net" else "")
    return table


def waterfall_tables(comparison: Comparison, date: str, console: Console) -> list[Table]:
    """Reported jobs to net effect: signed parts that add up, as printed, to the last row."""
    return _fitting(partial(_waterfall_table, comparison, date), comparison, console)


def pairing_line(comparison: Comparison) -> str:
    """One line on how much variance pairing takes away from the difference in jobs five years after the end."""
    last = DATES[-1]
    table = comparison.pairing
    factors = table[(table["indicator"] == "jobs") & (table["date"] == last)]["variance_reduction"]
    factors = factors[np.isfinite(factors)]
    if factors.empty:
        return f"Pairing: the difference in jobs at {last} does not vary, or there is one replication."
    middle, low, high = (plain(value) for value in (factors.median(), factors.min(), factors.max()))
    span = f" ({low} to {high} by design)" if len(factors) > 1 and low != high else ""
    return (
        f"Pairing cuts the variance of the difference in jobs at {last} by a factor of {middle}{span}:"
        f" independent seeds would need {middle} times the replications."
    )
