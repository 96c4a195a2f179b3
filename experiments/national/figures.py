"""National figures: who gets status, when, and what it changes by type of municipality."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from omstilling.experiments.drawing.norway_map import status_map
from omstilling.experiments.drawing.style import GREY, head_and_note, look_of, style_axes
from omstilling.experiments.national.budget import REFERENCE
from omstilling.experiments.national.groups import MONTHS, Kind, kinds_of
from omstilling.experiments.national.runs import NEVER

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from omstilling.experiments.national.comparison import NationalComparison

_SHOWN = {"jobs": "Jobs, %", "population": "Inhabitants, %", "capacity_index": "Development capacity, points"}
_HATCHES = {Kind.ACUTE: ("#D55E00", "///"), Kind.DECLINE: ("#0072B2", ""), Kind.OTHER: ("#999999", "...")}
_SOURCE = "Start of the runs: Statistics Norway (CC BY 4.0)."


def _draws(comparison: NationalComparison) -> str:
    number = comparison.scenario.replications
    return f"{number} replication{'s' if number > 1 else ''}, seed {comparison.scenario.seed}"


def draw_status_map(comparison: NationalComparison) -> Figure:
    """Draw who gets status under each design: the track it most often has, the tint how often in the replications."""
    table = comparison.status
    most = table.sort_values("share", ascending=False, kind="stable").drop_duplicates(["design", "code"])
    often = table.groupby(["design", "code"])["share"].sum().clip(upper=1.0)
    rows = most[["design", "code", "track"]].rename(columns={"track": "category"})
    rows["share"] = [often[design, code] for design, code in zip(rows["design"], rows["code"], strict=True)]
    without = [
        {"design": design.name, "code": comparison.margins.codes[0], "category": "never", "share": 0.0}
        for design in comparison.designs[1:]
        if design.name not in set(rows["design"])
    ]
    order = [design.name for design in comparison.designs[1:]]
    rows = pd.concat([rows, pd.DataFrame(without, columns=rows.columns)]) if without else rows
    rows = rows.sort_values("design", key=lambda names: names.map(order.index), kind="stable")
    tracks = list(dict.fromkeys(track.name for design in comparison.designs for track in design.tracks))
    title = f"Who gets status under each design; {_draws(comparison)}, {comparison.budget / 1e6:.0f} MNOK a year"
    return status_map(rows, title, categories=tracks)


def _with_status(comparison: NationalComparison, design: int, kind: Kind) -> NDArray[np.float64]:
    """Mean number of municipalities of a type that have status in each year, shape (Y,)."""
    years = comparison.scenario.years
    number = np.zeros(years)
    for runs in comparison.runs:
        kinds = kinds_of(runs[0])
        for status in runs[design].statuses:
            if kinds[status.place] == kind:
                first = (status.granted - comparison.margins.start_month) // MONTHS
                last = years if status.ended == NEVER else (status.ended - comparison.margins.start_month) // MONTHS
                number[first:last] += 1.0
    return number / len(comparison.runs)


def draw_timing(comparison: NationalComparison) -> Figure:
    """Draw how many municipalities of each type have status in each year under each design."""
    designs = list(enumerate(comparison.designs))[1:]
    columns = min(3, len(designs))
    rows = -(-len(designs) // columns)
    figure = Figure(figsize=(3.6 * columns + 0.6, 2.6 * rows + 1.2), layout="constrained")
    grid = figure.subplots(rows, columns, sharey=True, sharex=True, squeeze=False)
    years = comparison.scenario.start + np.arange(comparison.scenario.years)
    for axes in grid.ravel()[len(designs) :]:
        axes.set_axis_off()
    for (number, design), axes in zip(designs, grid.ravel(), strict=False):
        base = np.zeros(len(years))
        for kind, (colour, hatch) in _HATCHES.items():
            height = _with_status(comparison, number, kind)
            axes.bar(years, height, 0.9, bottom=base, color=colour, hatch=hatch, edgecolor="#ffffff", linewidth=0.3,
                     label=kind)  # fmt: skip
            base += height
        axes.set_title(design.name, loc="left", fontsize=10, fontweight="bold")
        axes.tick_params(labelsize=8)
        style_axes(axes)
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    for axes in grid[:, 0]:
        axes.set_ylabel("municipalities", fontsize=8.5)
    handles, labels = grid[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper right", ncols=3, frameon=False, fontsize=9)
    head_and_note(
        figure, "Municipalities with status by year and type",
        f"{comparison.scenario.title}. Means of {_draws(comparison)}. Types: rules of {_reference(comparison)} that the"
        f" place meets in the run without support. {_SOURCE}",
    )  # fmt: skip
    return figure


def _reference(comparison: NationalComparison) -> str:
    return f"the design {REFERENCE}"


def _draw_panel(axes: Axes, rows: pd.DataFrame, comparison: NationalComparison, column: str) -> None:
    axes.axhline(0.0, color="#222222", linewidth=0.8)
    for number, design in enumerate(comparison.designs):
        own = rows[rows["design"] == design.name]
        if number == 0 or own.empty:
            continue
        base = own["mean"] - own["difference"]
        scale = 1.0 if column == "capacity_index" else 100.0 / base
        look = look_of(number)
        time, effect, error = own["year"] + 1, own["difference"] * scale, 2.0 * own["mc_error"] * scale
        axes.plot(
            time, effect, color=look.colour, linestyle=look.line, marker=look.marker, markersize=4.2,
            markevery=(number % 3, 3), linewidth=1.6, label=design.name,
        )  # fmt: skip
        axes.fill_between(time, effect - error, effect + error, color=look.colour, alpha=0.10, linewidth=0)


def draw_effects(comparison: NationalComparison) -> Figure:
    """Draw paired differences of jobs, inhabitants and capacity in municipalities with status, by type, and in others.

    Bands are two standard errors of the mean.
    """
    groups = (
        ("type with status", Kind.ACUTE, "With status,\nhit by an acute loss"),
        ("type with status", Kind.DECLINE, "With status,\nin slow decline"),
        ("reach", "neighbours", "Neighbours\nin the same labour market"),
        ("all", "all", "All municipalities"),
    )
    figure = Figure(figsize=(10.5, 10.5), layout="constrained")
    grid = figure.subplots(len(groups), len(_SHOWN), sharex=True)
    for (division, group, title), line in zip(groups, grid, strict=True):
        for (column, label), axes in zip(_SHOWN.items(), line, strict=True):
            table = comparison.effects
            rows = table[(table["division"] == division) & (table["group"] == group) & (table["indicator"] == column)]
            _draw_panel(axes, rows, comparison, column)
            axes.tick_params(labelsize=8)
            style_axes(axes)
            axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
            if group == groups[0][1]:
                axes.set_title(label, loc="left", fontsize=10)
            if rows["difference"].isna().all():
                axes.text(0.5, 0.6, "nobody", transform=axes.transAxes, ha="center", color=GREY, fontsize=9)
                axes.set_yticks([0.0])
        line[0].set_ylabel(title, fontsize=9)
    handles, labels = grid[-1, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper right", ncols=len(labels), frameon=False, fontsize=9)
    head_and_note(
        figure, "Net effect: difference from the run without support",
        f"{comparison.scenario.title}. Means of {_draws(comparison)}; bands: two standard errors; ticks are 1 January."
        f" Who has status differs between designs. {_SOURCE}",
    )  # fmt: skip
    return figure
