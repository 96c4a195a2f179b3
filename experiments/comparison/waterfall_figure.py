"""Waterfall figure: from the jobs that each design's programme reports to its net effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator

from omstilling.experiments.comparison.comparison import SIGNS
from omstilling.experiments.drawing.style import GREY, head_and_note, style_axes
from omstilling.experiments.reading.trace import AFTER
from omstilling.experiments.reading.waterfall import PARTS
from omstilling.experiments.words.language import Language, language
from omstilling.experiments.words.numbers import add_up

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from omstilling.experiments.comparison.comparison import Comparison

_DATE = len(AFTER) - 1
_COLUMNS = 3
_NAMES = {
    "reported": "reported",
    "deadweight": "dead-\nweight",
    "displaced_within": "displaced\nwithin",
    "displaced_to_neighbours": "lost by\nneighbours",
    "failed_or_ended": "failed,\nended",
    "multiplier": "multi-\nplier",
    "net": "net",
}
_TOTAL, _LESS, _MORE = "#0072B2", "#E69F00", "#009E73"
_MANY_JOBS = 100.0
"""From here on whole jobs are written, below with one decimal."""


def reporting_designs(comparison: Comparison) -> list[int]:
    """Designs other than the baseline under which jobs are reported."""
    reported = comparison.parts[:, :, _DATE, PARTS.index("reported")].mean(axis=0)
    return [d for d in range(1, len(comparison.designs)) if reported[d] > 0.0]


def draw_bars(axes: Axes, means: NDArray[np.float64], net_error: float, digits: int, words: Language) -> None:
    """Bars from reported to net. What is lost goes down from where the last one ended, what is gained goes up."""
    steps = np.array([SIGNS[part] for part in PARTS]) * means
    ends = np.cumsum(steps)
    starts = ends - steps
    starts[-1], ends[-1] = 0.0, means[-1]  # the net effect stands on the ground, as what is reported does
    written = [*add_up([*steps[:-1]], digits), round(float(means[-1]), digits)]
    for number, part in enumerate(PARTS):
        total = part in ("reported", "net")
        colour = _TOTAL if total else _LESS if ends[number] < starts[number] else _MORE
        low, high = sorted((starts[number], ends[number]))
        axes.bar(number, high - low, 0.72, low, color=colour, zorder=3, label=part)
        if number + 1 < len(PARTS):
            axes.plot([number - 0.36, number + 1.36], [ends[number]] * 2, color=GREY, linewidth=0.7, zorder=2)
        text = words.plain(written[number], digits) if part == "reported" else words.signed(written[number], digits)
        top = max(high, means[-1] + net_error) if part == "net" else high
        written_on = axes.annotate(
            text, (number, top), xytext=(0, 2.5), textcoords="offset points", ha="center", va="bottom", fontsize=8.5,
            fontweight="bold" if total else "normal", zorder=5,
        )  # fmt: skip
        written_on.set_path_effects([withStroke(linewidth=2.0, foreground="white")])
    axes.errorbar(len(PARTS) - 1, means[-1], yerr=net_error, color="#222222", linewidth=1.2, capsize=3, zorder=4)


def _draw_panel(axes: Axes, comparison: Comparison, design: int, digits: int) -> None:
    parts = comparison.parts[:, design, _DATE]
    several = len(parts) > 1
    net_error = float(parts[:, -1].std(ddof=1) / np.sqrt(len(parts))) if several else 0.0
    draw_bars(axes, parts.mean(axis=0), net_error, digits, language())
    axes.axhline(0.0, color="#222222", linewidth=0.8)
    axes.set_title(f"{comparison.designs[design].name}\n", fontsize=10.5, loc="left")
    axes.annotate(
        comparison.status_of(design), (0.0, 1.0), xytext=(0, 4), xycoords="axes fraction", textcoords="offset points",
        fontsize=8.5, color=GREY,
    )  # fmt: skip
    axes.set_xticks(range(len(PARTS)), [_NAMES[part] for part in PARTS], fontsize=7.5)
    axes.tick_params(axis="y", labelsize=8.5)
    axes.tick_params(axis="x", length=0)
    style_axes(axes)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=7))


def draw_waterfall(comparison: Comparison) -> Figure:
    """Draw reported to net jobs five years after the end, one panel a design that reports jobs."""
    shown = reporting_designs(comparison)
    columns = 2 if len(shown) == 4 else min(max(len(shown), 1), _COLUMNS)
    rows = max(-(-len(shown) // columns), 1)
    year = comparison.years_of(_DATE + 1)
    figure = Figure(figsize=(max(4.4 * columns, 8.8), 3.3 * rows + 1.0), layout="constrained")
    panels = figure.subplots(rows, columns, sharey=True, squeeze=False).ravel()
    most = max((comparison.parts[:, d, _DATE, 0].mean() for d in shown), default=0.0)
    for axes, design in zip(panels, shown, strict=False):
        _draw_panel(axes, comparison, design, digits=0 if most >= _MANY_JOBS else 1)
    low, high = panels[0].get_ylim()
    panels[0].set_ylim(low, high + 0.06 * (high - low))  # room for the numbers
    for axes in panels[::columns]:
        axes.set_ylabel("jobs", fontsize=9)
    for axes in panels[len(shown) :]:
        axes.axis("off")
    if not shown:
        panels[0].text(0.5, 0.5, "No design reports jobs here.", ha="center", transform=panels[0].transAxes)
    scenario = comparison.scenario
    head_and_note(
        figure,
        f"{scenario.title}. From reported jobs to the net effect in the region",
        f"{comparison.place}, end of {year}, five years after the programme. Orange takes away,"
        " green adds: each part as runs with and without the programme differ on the same draws."
        f" Means, and the Monte Carlo standard error of the net effect; {comparison.draws}."
        " Start of the runs: Statistics Norway (CC BY 4.0).",
    )
    return figure
