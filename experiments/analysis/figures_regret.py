"""Figure of regret: what each design is expected to lose against the best one, and loses where it does worst."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.patches import Patch

from omstilling.experiments.analysis.figure_frame import (
    INK,
    TEXT,
    design_label,
    legend,
    panels,
    row_height,
    short_scenario,
    shown,
    style,
    zero_line,
)
from omstilling.experiments.analysis.regret import regret
from omstilling.experiments.drawing.style import BLUE
from omstilling.experiments.words.numbers import digits_for

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from omstilling.experiments.analysis.outcomes import Outcomes
    from omstilling.experiments.words.language import Language

_A_DESIGN, _THICK = 0.52, 0.36
_WORST = "#E69F00"


def _write(axes: Axes, value: float, at: float, text: str, bold: bool = False) -> None:
    axes.annotate(
        text, (value, at), xytext=(4, 0), textcoords="offset points", va="center", fontsize=TEXT,
        fontweight="bold" if bold else "normal",
    )  # fmt: skip


def draw_regret(outcomes: Outcomes, willingness: float, words: Language) -> Figure:
    """Draw two bars a design: expected loss, and mean loss in the scenario where it is largest; the least is marked."""
    table = regret(outcomes, willingness)
    labels = [design_label(name, words) for name in table["design"]]
    figure, (axes,) = panels(1, row_height(labels, _A_DESIGN) * len(table) + 0.3, below=0.8)
    means = table[[f"mean_{scenario}" for scenario in outcomes.scenarios]].to_numpy()
    digits = digits_for(float(np.nanmax(table[["expected", "worst"]].to_numpy())), shown=3)
    for number, row in enumerate(table.itertuples()):
        expected, worst = number - _THICK / 2, number + _THICK / 2
        axes.barh(expected, row.expected, _THICK, color=BLUE, zorder=3)
        edge = INK if row.minimax else "white"
        axes.barh(worst, row.worst, _THICK, color=_WORST, hatch="///", edgecolor=edge, linewidth=1.6, zorder=3)
        _write(axes, row.expected, expected, words.plain(row.expected, digits))
        text = words.plain(row.worst, digits)
        if len(outcomes.scenarios) > 1 and row.worst > 0.0:
            place = short_scenario(outcomes.scenarios[int(means[number].argmax())], words)
            text = words("analysis.regret.at", value=text, scenario=place)
        if row.minimax:
            text = words("analysis.regret.least", value=text)
        _write(axes, row.worst, worst, shown(text, 46, lines=1), bold=row.minimax)
    style(axes, words)
    zero_line(axes)
    axes.set_xlim(0.0, 1.45 * max(float(table[["expected", "worst"]].to_numpy().max()), 1e-9))  # room for the words
    axes.set_yticks(range(len(table)), labels, fontsize=TEXT)
    axes.tick_params(axis="y", length=0)
    axes.invert_yaxis()
    axes.set_xlabel(words("analysis.regret.axis"), fontsize=TEXT)
    handles = [Patch(color=BLUE), Patch(facecolor=_WORST, hatch="///", edgecolor="white")]
    legend(figure, handles, [words("analysis.regret.expected"), words("analysis.regret.worst")])
    return figure
