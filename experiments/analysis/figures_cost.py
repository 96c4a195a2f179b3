"""Figures of cost-effectiveness: effect and cost of every draw and design, and how surely each is worth its money."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.lines import Line2D

from omstilling.experiments.analysis.cost_effectiveness import acceptability, incremental_costs
from omstilling.experiments.analysis.figure_frame import (
    INK,
    TEXT,
    TITLE,
    design_handle,
    design_label,
    effect_name,
    is_lowest,
    legend,
    numbers,
    panels,
    scenario_label,
    shown,
    style,
    zero_line,
)
from omstilling.experiments.drawing.style import look_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from omstilling.experiments.analysis.outcomes import Outcomes
    from omstilling.experiments.words.language import Language

_COLUMNS = 2
_HEIGHT = 2.9
_MOST_POINTS = 1500
"""Draws of a design that are shown; more would hide each other. The baseline lies on top: designs may equal it."""
_LEVELS = 121


def _draw_plane(axes: Axes, outcomes: Outcomes, scenario: int, frontier: pd.DataFrame) -> None:
    effect, cost = outcomes.effect[scenario], outcomes.cost[scenario]
    for number in range(len(outcomes.designs)):
        look = look_of(number)
        axes.scatter(
            effect[:_MOST_POINTS, number], cost[:_MOST_POINTS, number], s=7, color=look.colour, alpha=0.22,
            linewidth=0, rasterized=True, zorder=2,
        )  # fmt: skip
    axes.plot(frontier["effect"], frontier["cost"], color=INK, linewidth=1.5, zorder=3, gid=f"frontier {scenario}")
    for number in range(len(outcomes.designs)):
        look = look_of(number)
        axes.plot(
            effect[:, number].mean(), cost[:, number].mean(), color=look.colour, marker=look.marker or "x",
            markersize=8.5, markeredgecolor="white" if look.marker else look.colour, linestyle="none",
            markeredgewidth=0.9 if look.marker else 2.2, zorder=4 if number else 5,
        )  # fmt: skip


def draw_plane(outcomes: Outcomes, words: Language) -> Figure:
    """Draw the cost-effectiveness plane, a panel a scenario: draws, means, and the frontier of what to choose."""
    figure, grid = panels(len(outcomes.scenarios), _HEIGHT, _COLUMNS, below=1.0)
    table = incremental_costs(outcomes)
    for number, (axes, scenario) in enumerate(zip(grid, outcomes.scenarios, strict=True)):
        _draw_plane(axes, outcomes, number, table[(table["scenario"] == scenario) & table["on_frontier"]])
        style(axes, words, "both")
        zero_line(axes, across=True)
        axes.set_title(scenario_label(scenario, words), fontsize=TITLE, loc="left")
        if is_lowest(number, len(grid), _COLUMNS):
            axes.set_xlabel(shown(effect_name(outcomes.indicator, outcomes.unit, words), 48), fontsize=TEXT)
        if number % _COLUMNS == 0:
            axes.set_ylabel(shown(words("analysis.cost.cost"), 40), fontsize=TEXT)
    handles = [
        *(design_handle(number) for number in range(len(outcomes.designs))),
        Line2D([], [], color=INK, linewidth=1.5),
        Line2D([], [], color=INK, marker="o", markersize=3, alpha=0.4, linestyle="none"),
    ]
    names = [design_label(name, words) for name in outcomes.designs]
    legend(figure, handles, [*names, words("analysis.cost.frontier"), words("analysis.cost.draw")])
    return figure


def willingness_levels(most: float) -> NDArray[np.float64]:
    """Willingness to pay at which acceptability is read, from 0, MNOK of 2020 for a unit of effect."""
    return np.linspace(0.0, most, _LEVELS)


def _draw_curves(axes: Axes, rows: pd.DataFrame, designs: tuple[str, ...]) -> None:
    for number, design in enumerate(designs):
        look, of_design = look_of(number), rows[rows["design"] == design]
        share, levels = of_design["p_best"].to_numpy(), of_design["willingness"].to_numpy()
        axes.plot(
            levels, share, color=look.colour, linestyle=look.line, linewidth=1.5, marker=look.marker or None,
            markevery=(3 * number, max(len(levels) // 5, 1)), markersize=5.0,
            zorder=3 if number else 4,
        )  # fmt: skip
        favoured = np.where(of_design["frontier"], share, np.nan)
        axes.plot(levels, favoured, color=look.colour, linewidth=6.0, alpha=0.32, solid_capstyle="butt", zorder=2)


def draw_acceptability(outcomes: Outcomes, most: float, words: Language) -> Figure:
    """Draw acceptability curves up to a willingness to pay, a panel a scenario; the design best on average is broad."""
    table = acceptability(outcomes, willingness_levels(most))
    figure, grid = panels(len(outcomes.scenarios), _HEIGHT - 0.3, _COLUMNS, below=1.1, sharex=True, sharey=True)
    for number, (axes, scenario) in enumerate(zip(grid, outcomes.scenarios, strict=True)):
        _draw_curves(axes, table[table["scenario"] == scenario], outcomes.designs)
        style(axes, words, "both")
        numbers(axes.yaxis, words, share=True)
        zero_line(axes, across=True, up=False)
        axes.set_ylim(-0.02, 1.02)
        axes.set_xlim(0.0, most)
        axes.set_title(scenario_label(scenario, words), fontsize=TITLE, loc="left")
        if is_lowest(number, len(grid), _COLUMNS):
            axes.tick_params(labelbottom=True)
            label = words("analysis.cost.willingness", unit=words.named("unit", outcomes.unit))
            axes.set_xlabel(shown(label, 46), fontsize=TEXT)
        if number % _COLUMNS == 0:
            axes.set_ylabel(shown(words("analysis.cost.p_best"), 34), fontsize=TEXT)
    handles = [design_handle(number, marked=False) for number in range(len(outcomes.designs))]
    broad = Line2D([], [], color=INK, linewidth=6.0, alpha=0.32)
    names = [design_label(name, words) for name in outcomes.designs]
    legend(figure, [*handles, broad], [*names, words("analysis.cost.favoured")])
    return figure
