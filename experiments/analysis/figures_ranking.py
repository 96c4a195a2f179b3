"""Figure of a ranking: the effect of every design with its intervals, and how often it is the best."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from omstilling.experiments.analysis.figure_frame import (
    INK,
    TEXT,
    TITLE,
    WIDTH,
    design_label,
    effect_name,
    legend,
    numbers,
    row_height,
    scenario_label,
    shown,
    style,
    zero_line,
)
from omstilling.experiments.analysis.ranking import ranking
from omstilling.experiments.drawing.style import look_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from omstilling.experiments.analysis.outcomes import Outcomes
    from omstilling.experiments.words.language import Language

_A_DESIGN, _A_PANEL, _BELOW = 0.34, 0.5, 1.1
"""Inches that a design, the head and ticks of a panel, and the axis names with the legend take."""
_ROOM_FOR_NUMBERS = 1.3


def _draw_effects(axes: Axes, rows: pd.DataFrame, words: Language) -> None:
    for number, row in enumerate(rows.itertuples()):
        look = look_of(number)
        axes.plot([row.low, row.high], [number] * 2, color=look.colour, linewidth=1.6, zorder=3)
        if row.mc_error == row.mc_error:
            ends = [row.effect - row.mc_error, row.effect + row.mc_error]
            axes.plot(ends, [number] * 2, color=look.colour, linewidth=7.0, alpha=0.4, solid_capstyle="butt", zorder=3)
        axes.plot(row.effect, number, color=look.colour, marker=look.marker or "x", markersize=6.5, zorder=4)
    style(axes, words)
    zero_line(axes)
    axes.set_yticks(range(len(rows)), [design_label(name, words) for name in rows["design"]], fontsize=TEXT)
    axes.tick_params(axis="y", length=0)


def _draw_best(axes: Axes, rows: pd.DataFrame, words: Language) -> None:
    for number, share in enumerate(rows["p_best"]):
        axes.barh(number, share, 0.56, color=look_of(number).colour, zorder=3)
        axes.annotate(
            words.percent(share), (share, number), xytext=(3, 0), textcoords="offset points", va="center",
            fontsize=TEXT,
        )  # fmt: skip
    style(axes, words)
    numbers(axes.xaxis, words, share=True)
    axes.set_xlim(0.0, _ROOM_FOR_NUMBERS)
    axes.set_xticks([0.0, 0.5, 1.0])
    axes.tick_params(axis="y", length=0, labelleft=False)
    zero_line(axes)


def draw_ranking(outcomes: Outcomes, words: Language) -> Figure:
    """Draw a pair of panels a scenario: effects with Monte Carlo error and 90 % interval, and shares of draws won."""
    table = ranking(outcomes)
    scenarios, designs = len(outcomes.scenarios), len(outcomes.designs)
    row = row_height((design_label(name, words) for name in outcomes.designs), _A_DESIGN)
    height = scenarios * (row * designs + _A_PANEL) + _BELOW
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    grid = figure.subplots(scenarios, 2, sharey="row", squeeze=False, width_ratios=(2.5, 1.0))
    for (left, right), scenario in zip(grid, outcomes.scenarios, strict=True):
        rows = table[table["scenario"] == scenario]
        _draw_effects(left, rows, words)
        _draw_best(right, rows, words)
        left.set_title(scenario_label(scenario, words, 88), fontsize=TITLE, loc="left")
        left.set_ylim(designs - 0.4, -0.6)  # the first design on top
    grid[-1][0].set_xlabel(shown(effect_name(outcomes.indicator, outcomes.unit, words), 60), fontsize=TEXT)
    grid[-1][1].set_xlabel(shown(words("analysis.ranking.best"), 32), fontsize=TEXT)
    marks = (
        Line2D([], [], color=INK, marker="o", linestyle="none", markersize=6.5),
        Line2D([], [], color=INK, linewidth=7.0, alpha=0.4),
        Line2D([], [], color=INK, linewidth=1.6),
    )
    legend(figure, marks, [words(f"analysis.ranking.{key}") for key in ("mean", "error", "interval")])
    return figure
