"""Power figure: how often evaluations see an effect, by years of follow-up and number of programmes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from omstilling.experiments.drawing.style import GREY, head_and_note, look_of, style_axes
from omstilling.experiments.words.numbers import signed

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

_WANTED, _BY_CHANCE = 80.0, 5.0
"""Power that studies usually want, and share of intervals that exclude zero where there is no effect, per cent."""
_DODGE = 0.07
"""Between estimators, in years, so that error bars do not cover each other."""
_WIDTH, _HEIGHT = 4.1, 2.6
"""Of a panel, in inches."""
_LEGEND_WIDTH, _LEGEND_HEIGHT = 2.5, 0.22
"""Of an entry of the legend, in inches."""


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _title(rows: pd.DataFrame) -> str:
    """Indicator and effect; an effect that came out of runs has no size of its own."""
    planted = rows["planted"].drop_duplicates()
    if len(planted) > 1:
        raise ValueError(f"the figure shows one effect on {rows['outcome'].iloc[0]}, found {planted.tolist()}")
    size = float(planted.iloc[0])
    if np.isnan(size):
        return f"{_words(str(rows['outcome'].iloc[0]))}, effect of simulated programmes"
    digits = int(abs(100.0 * size - round(100.0 * size)) > 1e-6)
    return f"{_words(str(rows['outcome'].iloc[0]))}, effect {signed(100.0 * size, digits)} % once whole"


def _draw_panel(axes: Axes, rows: pd.DataFrame, estimators: NDArray[np.object_]) -> None:
    """Power of each estimator by follow-up, with Monte Carlo standard errors."""
    axes.axhline(_WANTED, color=GREY, linewidth=0.9, linestyle=(0, (5.0, 2.0)), zorder=1)
    axes.axhline(_BY_CHANCE, color=GREY, linewidth=0.9, linestyle=(0, (1.0, 1.5)), zorder=1)
    for number, estimator in enumerate(estimators):
        own = rows[rows["estimator"] == estimator].sort_values("follow_up")
        power, look = own["power"].to_numpy(), look_of(number + 1)
        axes.errorbar(
            own["follow_up"].to_numpy() + _DODGE * (number - (len(estimators) - 1) / 2), 100.0 * power,
            yerr=100.0 * np.sqrt(power * (1.0 - power) / own["evaluations"].to_numpy()), color=look.colour,
            marker=look.marker, linestyle=look.line, markersize=5, linewidth=1.5, elinewidth=0.9, zorder=3,
            label=_words(str(estimator)),
        )  # fmt: skip
    style_axes(axes)
    axes.set_ylim(-3.0, 103.0)
    axes.set_xticks(np.unique(rows["follow_up"]))
    axes.tick_params(labelsize=8.5)


def _draw_legend(axes: Axes, panel: Axes, columns: int) -> None:
    """Estimators, in a row of their own above the panels."""
    axes.set_axis_off()
    handles, labels = panel.get_legend_handles_labels()
    legend = axes.legend(
        handles, labels, loc="center left", bbox_to_anchor=(0.0, 0.5), borderaxespad=0.0, ncols=columns, frameon=False,
        fontsize=9.5, handlelength=3.0,
    )  # fmt: skip
    legend.set_in_layout(False)  # its room is that of its row


def draw_power(table: pd.DataFrame, head: str, note: str) -> Figure:
    """Draw power in small panels: a row for each number of programmes, a column for each indicator.

    Parameters
    ----------
    table
        From ``performance``, with one effect for each outcome.
    head, note
        What the figure shows in a sentence, and where the panels come from.

    Raises
    ------
    ValueError
        For several effects on one outcome.
    """
    outcomes, numbers = table["outcome"].unique(), np.sort(table["programmes"].unique())
    estimators = table["estimator"].unique()
    width = _WIDTH * max(len(outcomes), 2)
    legend_columns = len(estimators) if width > _LEGEND_WIDTH * len(estimators) else 2
    legend_height = _LEGEND_HEIGHT * -(-len(estimators) // legend_columns)
    figure = Figure(figsize=(width, _HEIGHT * len(numbers) + legend_height + 1.2), layout="constrained")
    heights = [legend_height] + [_HEIGHT] * len(numbers)
    grid = figure.add_gridspec(len(numbers) + 1, len(outcomes), height_ratios=heights)
    first: Axes | None = None
    for row, number in enumerate(numbers):
        for column, outcome in enumerate(outcomes):
            axes = figure.add_subplot(grid[row + 1, column], sharex=first, sharey=first)
            first = first or axes
            rows = table[table["outcome"] == outcome]
            _draw_panel(axes, rows[rows["programmes"] == number], estimators)
            axes.set_title(_title(rows) if row == 0 else "", fontsize=10, loc="left")
            axes.set_xlabel("Years after the grant" if number == numbers[-1] else "", fontsize=9)
            axes.set_ylabel(f"{number} programmes\n% that see an effect" if column == 0 else "", fontsize=9)
            axes.label_outer()
    if first:
        _draw_legend(figure.add_subplot(grid[0, :]), first, legend_columns)
    head_and_note(
        figure, head,
        f"{note} Share of 95 % intervals that exclude zero, with its Monte Carlo standard error. Dashed:"
        f" {_WANTED:.0f} %, which studies usually want; dotted: {_BY_CHANCE:.0f} %, seen where there is no effect.",
    )  # fmt: skip
    return figure
