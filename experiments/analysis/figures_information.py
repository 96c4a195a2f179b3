"""Figure of the value of information: which parameters it would pay to know before a design is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from omstilling.experiments.analysis.figure_frame import (
    INK,
    PALE,
    TEXT,
    TITLE,
    key_name,
    legend,
    panels,
    scenario_label,
    shown,
    style,
    zero_line,
)
from omstilling.experiments.analysis.information_value import worth_knowing
from omstilling.experiments.drawing.style import BLUE
from omstilling.experiments.words.numbers import digits_for

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from omstilling.experiments.analysis.information_value import Information
    from omstilling.experiments.words.language import Language

_MOST_BARS, _MOST_IN_ALL = 12, 40
_A_BAR, _HEAD = 0.27, 0.62


def _draw_bars(axes: Axes, rows: pd.DataFrame, words: Language) -> None:
    for number, row in enumerate(rows.itertuples()):
        axes.barh(number, row.evppi, 0.62, color=BLUE if row.tells else PALE, zorder=3)
        axes.plot(row.by_chance, number, color=INK, marker="|", markersize=13, markeredgewidth=1.8, zorder=4)
    names = [shown(key_name(name, words), 44, lines=2) for name in rows["parameter"]]
    axes.set_yticks(range(len(rows)), names, fontsize=TEXT)
    axes.set_ylim(max(len(rows), 1) - 0.4, -0.6)
    if rows.empty:
        axes.text(
            0.02, 0.5, words("analysis.information.nothing"), transform=axes.transAxes, fontsize=TEXT, va="center"
        )
        axes.set_xticks([0.0])


def draw_information(found: Information, words: Language) -> Figure:
    """Draw a panel a scenario: the value of knowing each parameter, highest first, beside what chance alone gives."""
    most = max(min(_MOST_BARS, _MOST_IN_ALL // len(found.perfect)), 5)
    worth = worth_knowing(found.partial)
    parts = [worth[worth["scenario"] == scenario].head(most) for scenario in found.perfect["scenario"]]
    figure, grid = panels(len(parts), [_A_BAR * max(len(rows), 2) + _HEAD for rows in parts], below=1.1)
    for axes, row, rows in zip(grid, found.perfect.itertuples(), parts, strict=True):
        style(axes, words)
        _draw_bars(axes, rows, words)
        zero_line(axes)
        axes.set_xlim(left=0.0)
        axes.tick_params(axis="y", length=0)
        value = words.plain(row.evpi, digits_for(row.evpi))
        everything = words("analysis.information.everything", value=value)
        axes.set_title(f"{scenario_label(row.scenario, words, 80)}\n{everything}", fontsize=TITLE, loc="left")
    grid[-1].set_xlabel(words("analysis.information.axis"), fontsize=TEXT)
    marks = [
        Patch(color=BLUE),
        Patch(color=PALE),
        Line2D([], [], color=INK, marker="|", markersize=11, linestyle="none"),
    ]
    legend(figure, marks, [words(f"analysis.information.{key}") for key in ("more", "less", "chance")])
    return figure
