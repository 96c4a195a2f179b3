"""Trajectories figure: jobs, population and capacity by year under each design, and what differs from the baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from omstilling.experiments.drawing.style import GREY, ORANGE, head_and_note, look_of, style_axes
from omstilling.experiments.reading.trace import MONTHS
from omstilling.model.engine.calendar import EPOCH_YEAR

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from omstilling.experiments.comparison.comparison import Comparison

_TITLES = ("Jobs", "Inhabitants", "Development capacity, index 0-100")
_LEVELS = (0.05, 0.95)
_DODGE = 0.033
"""Between the intervals to the right of the last year, as a share of the years drawn."""

_LEGEND_LETTERS, _HANDLE_LETTERS = 165, 9
"""Letters that fit into the width of the figure, and those that a line and the gap after a name take."""


def _times(comparison: Comparison) -> NDArray[np.float64]:
    """Moments of the states: 1 January of the start, then the end of each year."""
    return comparison.scenario.start + np.arange(comparison.trajectories.shape[2], dtype=np.float64)


def _draw_line(axes: Axes, time: NDArray[np.float64], mean: NDArray[np.float64], design: int) -> None:
    """Line of a design. Later ones are thinner and marked in other years, so that equal ones show beside each other."""
    look = look_of(design)
    axes.plot(
        time, mean, color=look.colour, linestyle=look.line, marker=look.marker, markersize=4.5,
        markevery=(design % 3, 3), linewidth=max(2.9 - 0.35 * design, 1.2) if design else 1.4,
        zorder=3.0 + 0.1 * design if design else 5.0,
    )  # fmt: skip


def _draw_levels(axes: Axes, comparison: Comparison, column: int) -> None:
    """Mean under each design, and how much runs without programme differ by chance."""
    time = _times(comparison)
    low, high = np.quantile(comparison.trajectories[:, 0, :, column], _LEVELS, axis=0)
    axes.fill_between(time, low, high, color="#bbbbbb", alpha=0.45, linewidth=0)
    for d in range(len(comparison.designs)):
        _draw_line(axes, time, comparison.trajectories[:, d, :, column].mean(axis=0), d)


def _draw_differences(axes: Axes, comparison: Comparison, column: int) -> None:
    """Mean paired difference to the baseline with its 90 % band, and that of the last year as intervals beside."""
    time = _times(comparison)
    baseline = comparison.trajectories[:, 0, :, column]
    _draw_line(axes, time, np.zeros(len(time)), 0)
    for d in range(1, len(comparison.designs)):
        look, difference = look_of(d), comparison.trajectories[:, d, :, column] - baseline
        mean, (low, high) = difference.mean(axis=0), np.quantile(difference, _LEVELS, axis=0)
        axes.fill_between(time, low, high, color=look.colour, alpha=0.06, linewidth=0)
        axes.plot(time, np.stack([low, high], axis=1), color=look.colour, linewidth=0.6, alpha=0.55)
        _draw_line(axes, time, mean, d)
        beside = time[-1] + (d + 0.5) * _DODGE * (time[-1] - time[0])
        axes.plot([beside, beside], [low[-1], high[-1]], color=look.colour, linewidth=1.8, solid_capstyle="butt")
        axes.plot(beside, mean[-1], color=look.colour, marker=look.marker, markersize=5)


def _events(comparison: Comparison) -> list[tuple[float, str]]:
    """Moments and names of the shocks."""
    shocks = {(shock.date, shock.kind.value.replace("_", " ")) for shock in comparison.scenario.shocks}
    return [(EPOCH_YEAR + month / MONTHS, word) for month, word in sorted(shocks)]


def _mark(axes: Axes, comparison: Comparison, named: bool) -> None:
    """Shade the programme from application to the end of the longest, and mark the shocks."""
    applied = EPOCH_YEAR + comparison.scenario.application.month / MONTHS
    ended = comparison.scenario.start + comparison.rows[0][1] / MONTHS
    axes.axvspan(applied, ended, color="#f2efe4", linewidth=0, zorder=0)
    shocks = _events(comparison)
    for when, _ in shocks:
        axes.axvline(when, color=ORANGE, linewidth=1.1, linestyle=":", zorder=1)
    if not named:
        return
    _write_on_top(axes, "programme", (applied + ended) / 2, 0, "center", GREY)
    for when, word in shocks[:1]:
        _write_on_top(axes, word, when, -2, "right", ORANGE)


def _write_on_top(axes: Axes, word: str, when: float, beside: int, side: str, colour: str) -> None:
    axes.annotate(
        word, (when, 1.0), xytext=(beside, 2), xycoords=("data", "axes fraction"), textcoords="offset points",
        fontsize=8, ha=side, va="bottom", color=colour,
    )  # fmt: skip


def _legend_columns(comparison: Comparison) -> int:
    """As many as the longest name leaves room for."""
    longest = max(len(comparison.label_of(d)) for d in range(len(comparison.designs)))
    return min(max(_LEGEND_LETTERS // (longest + _HANDLE_LETTERS), 1), len(comparison.designs))


def _draw_legend(axes: Axes, comparison: Comparison) -> None:
    """Designs in a row, with what became of each."""
    axes.set_axis_off()
    for d in range(len(comparison.designs)):
        look = look_of(d)
        axes.plot(
            [], [], color=look.colour, linestyle=look.line, marker=look.marker, markersize=5, linewidth=1.8,
            label=comparison.label_of(d),
        )  # fmt: skip
    legend = axes.legend(
        loc="center left", bbox_to_anchor=(0.0, 0.5), borderaxespad=0.0, ncols=_legend_columns(comparison),
        frameon=False, fontsize=9.5, handlelength=3.0,
    )  # fmt: skip
    legend.set_in_layout(False)  # its room is that of its row, whatever the names


def draw_trajectories(comparison: Comparison) -> Figure:
    """Draw jobs, population and capacity by year: levels above, paired differences to the baseline below."""
    figure = Figure(figsize=(12.5, 7.6), layout="constrained")
    legend_rows = -(-len(comparison.designs) // _legend_columns(comparison))
    grid = figure.add_gridspec(3, 3, height_ratios=(0.1 * legend_rows, 1.0, 1.0))
    _draw_legend(figure.add_subplot(grid[0, :]), comparison)
    for column, title in enumerate(_TITLES):
        above = figure.add_subplot(grid[1, column])
        below = figure.add_subplot(grid[2, column], sharex=above)
        _draw_levels(above, comparison, column)
        _draw_differences(below, comparison, column)
        above.set_title(f"{title}\n", fontsize=10.5, loc="left")
        below.set_title("Difference from the run without programme", fontsize=9.5, loc="left")
        for axes in (above, below):
            style_axes(axes)
            _mark(axes, comparison, named=axes is above)
            axes.tick_params(labelsize=8.5)
        time = _times(comparison)
        below.set_xticks(time[:: 1 + len(time) // 7])
    scenario = comparison.scenario
    head_and_note(
        figure,
        f"{scenario.title}. Jobs, inhabitants and capacity under each design",
        f"{comparison.place}. Means of {comparison.draws}; ticks are 1 January."
        " Shaded: from application to the end of the longest programme. Grey band: 90 % of runs without programme."
        " Thin lines, and bars at the right for the last year: 90 % of paired differences (the same draws with and"
        " without the programme). Start of the runs: Statistics Norway (CC BY 4.0).",
    )
    return figure
