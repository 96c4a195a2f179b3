"""Map layout: maps and legend on a page of A4."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from omstilling.experiments.drawing.map_frame import HALVES, WHOLE, Frame
from omstilling.experiments.drawing.style import GREY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SMALL = 7.0
"""Size of the smallest type."""
PAGE_CM = 17.0
"""Width of an A4 page between its margins."""
COLUMNS = 4
_MOST_IN_HALVES = 2
_MAPS_CM, _TEXT_CM, _GAP_CM = 18.0, 2.6, 0.25
"""Height that all maps take at most, that of head and note, and what lies between columns."""
_LEGEND_CM, _ENTRY_CM = 2.4, 0.42
"""Least height of the legend, and that of an entry."""
_CM = 1 / 2.54
_BAR_KM = 100.0
_UNIT = 40.0
"""Diameter of the smallest circle in points, were a centimetre a kilometre; see `Panel`."""


class Panel(NamedTuple):
    """A map on the page.

    Attributes
    ----------
    axes
        Where it is drawn.
    frame
        Part of the country that it shows.
    unit
        Diameter of the smallest circle in points: circles grow with the root of the scale, so that they neither vanish
        on small maps nor look lost on large ones.
    """

    axes: Axes
    frame: Frame
    unit: float


def columns_of(designs: int) -> int:
    """Maps beside each other: one that is divided takes the whole width."""
    return 1 if designs <= _MOST_IN_HALVES else math.ceil(designs / math.ceil(designs / COLUMNS))


def lay_out(figure: Figure, designs: Sequence[str], entries: int) -> tuple[list[list[Panel]], Axes]:
    """Make room for a map of each design and a legend below them.

    One or two designs are shown with north up in two halves, more as upright maps beside each other.

    Parameters
    ----------
    figure
        Empty; gets its size.
    designs
        Names, which become the labels of the axes.
    entries
        Lines of the legend.

    Returns
    -------
    tuple
        Panels of each design, one a part of the country, and the axes of the legend, whose label is ``legend``.
    """
    frames: tuple[Frame, ...] = HALVES if len(designs) <= _MOST_IN_HALVES else (WHOLE,)
    columns = columns_of(len(designs))
    rows = math.ceil(len(designs) / columns)
    wide = PAGE_CM / columns - _GAP_CM
    high = min(_MAPS_CM / rows, wide / sum(frame.width for frame in frames) * frames[0].height)
    km_per_cm = frames[0].height / high
    spare = wide * km_per_cm - sum(frame.width for frame in frames)
    frames = tuple(_widened(frame, spare / len(frames)) for frame in frames)
    legend_cm = max(_LEGEND_CM, _ENTRY_CM * entries)
    figure.set_size_inches(PAGE_CM * _CM, (rows * high + legend_cm + _TEXT_CM) * _CM)
    grid = figure.add_gridspec(
        rows + 1, columns * len(frames), height_ratios=[high] * rows + [legend_cm],
        width_ratios=[frame.width for frame in frames] * columns,
    )  # fmt: skip
    panels = []
    for number, design in enumerate(designs):
        row, column = divmod(number, columns)
        cells = [grid[row, column * len(frames) + part] for part in range(len(frames))]
        axes = [figure.add_subplot(cell, label=design) for cell in cells]
        panels.append([Panel(a, f, _UNIT / math.sqrt(km_per_cm)) for a, f in zip(axes, frames, strict=True)])
    legend = figure.add_subplot(grid[rows, :], label="legend")
    legend.set_axis_off()
    return panels, legend


def _widened(frame: Frame, by: float) -> Frame:
    """The frame with room for names on both sides."""
    return replace(frame, left=frame.left - by / 2, right=frame.right + by / 2)


def draw_scale(panel: Panel) -> None:
    """Draw a bar of some kilometres, and where north is if it is not up."""
    axes, (x, y) = panel.axes, panel.frame.scale_at
    axes.plot([x, x + _BAR_KM], [y, y], color=GREY, linewidth=1.2, solid_capstyle="butt", zorder=2)
    axes.annotate(
        f"{_BAR_KM:g} km", (x + _BAR_KM / 2, y), (0.0, -2.5), textcoords="offset points", ha="center", va="top",
        fontsize=SMALL, color=GREY,
    )  # fmt: skip
    if panel.frame.turn:
        angle = math.radians(90.0 + panel.frame.turn)
        x, y = x + 0.7 * _BAR_KM, y + 0.4 * _BAR_KM
        tip = x + _BAR_KM * math.cos(angle), y + _BAR_KM * math.sin(angle)
        axes.annotate("", tip, (x, y), arrowprops={"arrowstyle": "-|>", "color": GREY, "linewidth": 0.8, "shrinkA": 0})
        axes.annotate("N", tip, (-2.0, 0.0), textcoords="offset points", fontsize=SMALL, color=GREY, ha="center")
