"""Trade-off figure: effects of the designs on jobs, robustness and capacity against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter
from matplotlib.transforms import Affine2D, Bbox

from omstilling.experiments.drawing.style import GREY, head_and_note, look_of, style_axes, thousands
from omstilling.experiments.reading.trace import DATES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.transforms import BboxBase
    from numpy.typing import NDArray

    from omstilling.experiments.comparison.comparison import Comparison

_DATE = len(DATES) - 1
_AIMS = {
    # indicator: (sign and scale that make more better, name on the axis)
    "employment_effect": (1.0, "Effect on jobs, %"),
    "capacity_index": (1.0, "Effect on the capacity index, points"),
    "stress_loss": (-100.0, "Effect on robustness: less lost in a standard stress, % of jobs"),
}
_PANELS = (
    ("employment_effect", "capacity_index"),
    ("employment_effect", "stress_loss"),
    ("capacity_index", "stress_loss"),
)
_PLACES = tuple((right, up) for up in (9, -9, 20, -20, 31, -31, 42, -42, 53, -53) for right in (7, -7, 0))
"""Where a label may stand, in points from its point."""
_SIDES = {7: "left", -7: "right", 0: "center"}
"""Which end of a label stands there."""
_LETTER, _HEIGHT = 5.6, 11.0
"""Size of a letter of a label in points, about."""


class Effects(NamedTuple):
    """Mean paired effect of each design five years after the end, more being better, and its Monte Carlo error."""

    mean: NDArray[np.float64]
    error: NDArray[np.float64]


def _effects(comparison: Comparison, indicator: str) -> Effects:
    table = comparison.table
    rows = table[(table["indicator"] == indicator) & (table["date"] == DATES[_DATE])]
    scale = _AIMS[indicator][0]
    return Effects(scale * rows["difference"].to_numpy(), abs(scale) * np.nan_to_num(rows["mc_error"].to_numpy()))


def _box(at: NDArray[np.float64], name: str, side: str) -> Bbox:
    """Room that a label takes whose left or right end or centre stands somewhere, in points."""
    x, y = at
    width = _LETTER * len(name)
    before = {"left": 0.0, "right": width, "center": width / 2}[side]
    return Bbox.from_bounds(x - before, y - _HEIGHT / 2, width, _HEIGHT)


def _label_points(axes: Axes, x: Effects, y: Effects, names: list[str]) -> None:
    """Write each name where it covers no point, no error bar and no other name, as far as there is such a place."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    to_points = axes.transData + Affine2D().scale(72.0 / figure.dpi)
    frame = axes.get_window_extent().transformed(Affine2D().scale(72.0 / figure.dpi))
    points = np.stack([x.mean, y.mean], axis=1)
    at, low, high = (
        to_points.transform(np.stack([x.mean + sign * x.error, y.mean + sign * y.error], axis=1)) for sign in (0, -1, 1)
    )
    taken = [Bbox.from_bounds(right - 4, up - 4, 8, 8) for right, up in at]
    bars = [Bbox([[low[d, 0], at[d, 1] - 1], [high[d, 0], at[d, 1] + 1]]) for d in range(len(names))]
    bars += [Bbox([[at[d, 0] - 1, low[d, 1]], [at[d, 0] + 1, high[d, 1]]]) for d in range(len(names))]
    for d, name in enumerate(names):
        boxes = [_box(at[d] + place, name, _SIDES[place[0]]) for place in _PLACES]
        costs = [3 * box.count_overlaps(taken) + box.count_overlaps(bars) + _beyond(frame, box) for box in boxes]
        best = int(np.argmin(costs))
        taken.append(boxes[best])
        place = _PLACES[best]
        text = axes.annotate(
            name, tuple(points[d]), xytext=place, textcoords="offset points", ha=_SIDES[place[0]], va="center",
            fontsize=8.5, color=look_of(d).colour, zorder=6,
        )  # fmt: skip
        text.set_in_layout(False)
        text.set_path_effects([withStroke(linewidth=2.5, foreground="white")])


def _beyond(frame: BboxBase, box: Bbox) -> float:
    """How far a label leaves its panel, in points."""
    beside = max(frame.x0 - box.x0, box.x1 - frame.x1, 0.0)
    return float(beside + max(frame.y0 - box.y0, box.y1 - frame.y1, 0.0))


def _draw_panel(axes: Axes, comparison: Comparison, across: str, up: str) -> None:
    x, y = _effects(comparison, across), _effects(comparison, up)
    axes.axhline(0.0, color="#aaaaaa", linewidth=0.8, zorder=1)
    axes.axvline(0.0, color="#aaaaaa", linewidth=0.8, zorder=1)
    for d in range(len(comparison.designs)):
        look = look_of(d)
        axes.errorbar(
            x.mean[d], y.mean[d], xerr=x.error[d], yerr=y.error[d], color=look.colour, marker=look.marker or "x",
            markersize=7, linewidth=1.2, capsize=2.5, zorder=4,
        )  # fmt: skip
    style_axes(axes)
    axes.xaxis.set_major_formatter(FuncFormatter(thousands))
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    axes.margins(0.16)
    axes.set_xlabel(_AIMS[across][1], fontsize=9)
    axes.set_ylabel(_AIMS[up][1], fontsize=9)
    axes.tick_params(labelsize=8.5)
    axes.annotate("better ↗", (1.0, 1.0), xycoords="axes fraction", ha="right", va="bottom", fontsize=8, color=GREY)


def draw_tradeoff(comparison: Comparison) -> Figure:
    """Draw effects five years after the end in three panels, one a pair of aims, with Monte Carlo errors."""
    figure = Figure(figsize=(13.5, 5.2), layout="constrained")
    panels = figure.subplots(1, 3)
    year = comparison.years_of(_DATE)
    for axes, (across, up) in zip(panels, _PANELS, strict=True):
        _draw_panel(axes, comparison, across, up)
    scenario = comparison.scenario
    head_and_note(
        figure,
        f"{scenario.title}. What each design gives for jobs, robustness and capacity five years after the programme",
        f"{comparison.place}, end of {year}. Mean paired differences from the run without programme"
        f" with their Monte Carlo standard errors; {comparison.draws}."
        " Start of the runs: Statistics Norway (CC BY 4.0).",
    )
    figure.draw_without_rendering()  # the layout must be known before labels can be kept apart
    names = [comparison.label_of(d) for d in range(len(comparison.designs))]
    for axes, (across, up) in zip(panels, _PANELS, strict=True):
        _label_points(axes, _effects(comparison, across), _effects(comparison, up), names)
    return figure
