"""Figure of discovery: the cases on the two keys that tell most, and the box in which one design beats another."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from omstilling.experiments.analysis.figure_frame import (
    INK,
    TEXT,
    TITLE,
    design_label,
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
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from omstilling.experiments.analysis.discovery import Discovery
    from omstilling.experiments.words.language import Language

_COLUMNS = 2
_HEIGHT, _HEIGHT_OF_WORDS = 3.4, 1.1
_FILL = "#f6edd9"


class _Side(NamedTuple):
    """An axis of a panel: name, value of each case, and limits of the box."""

    name: str
    values: NDArray[np.float64]
    low: float
    high: float


def _sides(found: Discovery, unit: str, words: Language) -> tuple[_Side, _Side]:
    """The two keys whose limits leave out most cases; with one key alone, how much better the one design is."""
    keys, limits = found.cases.keys, found.limits
    sides = [
        _Side(key_name(row.key, words), keys[row.key].to_numpy(), row.low, row.high)
        for row in limits.head(2).itertuples()
    ]
    lead = _Side(words("analysis.discovery.lead", unit=words.named("unit", unit)), found.cases.lead, -np.inf, np.inf)
    first, second = (*sides, lead)[:2]
    return first, second


def _edges(side: _Side) -> tuple[float, float]:
    """Ends of the box on a side, a little beyond the cases where it has no limit there."""
    least, most = float(side.values.min()), float(side.values.max())
    beyond = 0.04 * (most - least)
    return least - beyond if side.low <= least else side.low, most + beyond if side.high >= most else side.high


def _draw_cases(axes: Axes, found: Discovery, unit: str, words: Language) -> None:
    x, y = _sides(found, unit, words)
    better = found.cases.interesting
    (left, right), (low, high) = _edges(x), _edges(y)
    box = Rectangle((left, low), right - left, high - low, facecolor=_FILL, edgecolor=INK, linewidth=1.6, zorder=1.6)
    axes.add_patch(box)
    for chosen, colour, marker in ((~better, ORANGE, "x"), (better, BLUE, "o")):
        axes.scatter(
            x.values[chosen], y.values[chosen], s=15, color=colour, marker=marker, alpha=0.75,
            linewidth=0.9 if marker == "x" else 0.0, rasterized=True, zorder=3,
        )  # fmt: skip
    style(axes, words, "both")
    if len(found.limits) == 1:
        zero_line(axes, across=True, up=False)
    axes.set_xlabel(shown(x.name, 46), fontsize=TEXT)
    axes.set_ylabel(shown(y.name, 40), fontsize=TEXT)


def _head(found: Discovery, words: Language) -> str:
    name = scenario_label(found.scenario, words)
    if found.box is None:
        return name
    density, share = words.percent(found.box.density), words.percent(found.box.share)
    return f"{name}\n{words('analysis.discovery.density', density=density, share=share)}"


def draw_discovery(all_found: Sequence[Discovery], unit: str, words: Language) -> Figure:
    """Draw a panel a scenario: cases in which the one design is better or not, and the box; or that there is none.

    Parameters
    ----------
    all_found
        One a scenario, all of the same two designs.
    unit
        Of the indicator.
    words
        The language.
    """
    rows = [all_found[first : first + _COLUMNS] for first in range(0, len(all_found), _COLUMNS)]
    heights = [_HEIGHT if any(found.box for found in row) else _HEIGHT_OF_WORDS for row in rows]
    some = any(found.box for found in all_found)
    figure, grid = panels(len(all_found), heights, _COLUMNS, below=0.8 if some else 0.0)
    for axes, found in zip(grid, all_found, strict=True):
        axes.set_title(_head(found, words), fontsize=TITLE, loc="left")
        if found.box is None:
            axes.axis("off")
            axes.text(0.0, 0.9, shown(words("analysis.discovery.no_box"), 44), va="top", fontsize=TEXT)
        else:
            _draw_cases(axes, found, unit, words)
    if not some:
        return figure
    where, beats = (design_label(name, words, 40) for name in (all_found[0].where, all_found[0].beats))
    marks = [
        Line2D([], [], color=BLUE, marker="o", linestyle="none", markersize=5),
        Line2D([], [], color=ORANGE, marker="x", linestyle="none", markersize=5),
        Patch(facecolor=_FILL, edgecolor=INK, linewidth=1.4),
    ]
    texts = [words(f"analysis.discovery.{key}", where=where, beats=beats) for key in ("better", "not_better", "box")]
    legend(figure, marks, texts)
    return figure
