"""Figure of sensitivity: which quantities the effect of a design depends on, by the method of Sobol or of Morris."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from omstilling.experiments.analysis.figure_frame import (
    INK,
    TEXT,
    TITLE,
    effect_name,
    key_name,
    legend,
    panels,
    scenario_label,
    shown,
    style,
    zero_line,
)
from omstilling.experiments.drawing.style import BLUE, ORANGE

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from omstilling.experiments.words.language import Language

_MOST_BARS = 15
_A_KEY, _HEAD = 0.42, 0.5
_SOFT = "#9ecae1"


def is_sobol(table: pd.DataFrame) -> bool:
    """Whether indices are those of Sobol; else they are those of Morris."""
    return "total" in table.columns


def _bar(axes: Axes, at: float, value: float, error: float, colour: str) -> None:
    axes.barh(at, value, 0.34, color=colour, zorder=3)
    axes.errorbar(value, at, xerr=error, color=INK, linewidth=1.1, capsize=2.5, zorder=4)


def _draw_sobol(axes: Axes, rows: pd.DataFrame) -> None:
    for number, row in enumerate(rows.itertuples()):
        _bar(axes, number - 0.18, row.first, row.first_error, BLUE)
        _bar(axes, number + 0.18, row.total, row.total_error, _SOFT)


def _draw_morris(axes: Axes, rows: pd.DataFrame) -> None:
    for number, row in enumerate(rows.itertuples()):
        _bar(axes, number - 0.1, row.mu_star, row.mu_star_error, BLUE)
        axes.plot(row.sigma, number + 0.24, color=ORANGE, marker="D", markersize=6, linestyle="none", zorder=5)


def _marks(table: pd.DataFrame, words: Language) -> tuple[list[Any], list[str]]:
    error = Line2D([], [], color=INK, linewidth=1.1, marker="|", markersize=7)
    if is_sobol(table):
        return [Patch(color=BLUE), Patch(color=_SOFT), error], [
            words(f"analysis.sensitivity.{key}") for key in ("first", "total", "error")
        ]
    diamond = Line2D([], [], color=ORANGE, marker="D", linestyle="none")
    return [Patch(color=BLUE), diamond, error], [
        words(f"analysis.sensitivity.{key}") for key in ("mu_star", "sigma", "error")
    ]


def draw_sensitivity(table: pd.DataFrame, indicator: str, unit: str, words: Language) -> Figure:
    """Draw a panel a scenario with the indices of each key, the largest first.

    Parameters
    ----------
    table
        As of ``sensitivities``: ``scenario``, ``key`` and the indices.
    indicator, unit
        What they are of.
    words
        The language.
    """
    parts = {scenario: rows.head(_MOST_BARS) for scenario, rows in table.groupby("scenario", sort=False)}
    figure, grid = panels(len(parts), [_A_KEY * len(rows) + _HEAD for rows in parts.values()])
    for axes, (scenario, rows) in zip(grid, parts.items(), strict=True):
        (_draw_sobol if is_sobol(table) else _draw_morris)(axes, rows)
        style(axes, words)
        zero_line(axes)
        axes.set_yticks(range(len(rows)), [shown(key_name(key, words), 40, 2) for key in rows["key"]], fontsize=TEXT)
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_title(scenario_label(scenario, words, 80), fontsize=TITLE, loc="left")
    if is_sobol(table):
        label = words("analysis.sensitivity.axis_sobol")
    else:
        label = words("analysis.sensitivity.axis_morris", effect=effect_name(indicator, unit, words))
    grid[-1].set_xlabel(shown(label, 80), fontsize=TEXT)
    legend(figure, *_marks(table, words))
    return figure
