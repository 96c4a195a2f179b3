"""Course figure: jobs, inhabitants and capacity by year under each design, and what differs from no programme."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from omstilling.experiments.analysis.figure_frame import shown
from omstilling.experiments.comparison.paired import TRAJECTORIES
from omstilling.experiments.drawing.style import GREY, look_of, style_axes, thousands
from omstilling.experiments.report.estimate import LEVELS
from omstilling.experiments.report.names import design_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from omstilling.experiments.report.evidence import Evidence
    from omstilling.experiments.words.language import Language

_SIZE = (9.4, 5.4)
_LETTERS = 26
"""Of a name in the legend."""
_FEWEST_YEARS = 4
"""Between ticks, at least so many ticks fit."""


def ticks_in(words: Language) -> FuncFormatter:
    """Tick labels as the language writes numbers."""
    return FuncFormatter(lambda value, position: words.in_language(thousands(value, position)))


def _line(axes: Axes, start: int, values: NDArray[np.float64], design: int, label: str) -> None:
    look = look_of(design)
    axes.plot(
        start + np.arange(len(values)), values, color=look.colour, linestyle=look.line, marker=look.marker,
        markersize=4, markevery=(design % 3, 3), linewidth=1.6, zorder=3.0 + 0.1 * design, label=label,
    )  # fmt: skip


def _difference(evidence: Evidence, case: str, design: str, quantity: str) -> NDArray[np.float64]:
    """Paired difference to the baseline, shape (draws, years), for the years that both have."""
    own, base = (evidence.trajectory(case, name, quantity) for name in (design, evidence.designs[0]))
    years = min(own.shape[1], base.shape[1])
    return np.asarray(own[:, :years] - base[:, :years])


def last_difference(evidence: Evidence, case: str, design: str, quantity: str = TRAJECTORIES[0]) -> float:
    """Mean paired difference in the last year that both have."""
    return float(np.nanmean(_difference(evidence, case, design, quantity)[:, -1]))


def _draw_panels(above: Axes, below: Axes, evidence: Evidence, words: Language, case: str, quantity: str) -> None:
    start = int(evidence.about_scenario(case)["start"])
    for number, design in enumerate(evidence.designs):
        label = shown(design_name(words, design), _LETTERS)
        _line(above, start, np.nanmean(evidence.trajectory(case, design, quantity), axis=0), number, label)
        difference = _difference(evidence, case, design, quantity)
        if number:
            low, high = np.nanquantile(difference, LEVELS, axis=0)
            look = look_of(number)
            below.fill_between(start + np.arange(len(low)), low, high, color=look.colour, alpha=0.08, linewidth=0)
        _line(below, start, np.nanmean(difference, axis=0), number, label)
    above.set_title(f"{words(f'report.course.{quantity}')}\n", fontsize=10, loc="left")
    below.set_title(words("report.course.difference"), fontsize=9.5, loc="left")
    for axes in (above, below):
        style_axes(axes)
        axes.yaxis.set_major_formatter(ticks_in(words))
        axes.tick_params(labelsize=9)
        axes.xaxis.set_major_locator(MaxNLocator(_FEWEST_YEARS, integer=True))
    if not evidence.open:
        _mark_programme(above, below, evidence, words, case)


def _mark_programme(above: Axes, below: Axes, evidence: Evidence, words: Language, case: str) -> None:
    """Shade the years from the application to the end of the longest programme."""
    granted = [design for design in evidence.supporting if not evidence.refused(case, design)]
    if not granted:
        return
    applied = _applied(evidence, case)
    ended = max(evidence.year(case, design, "end") for design in granted) + 1
    for axes in (above, below):
        axes.axvspan(applied, ended, color="#f2efe4", linewidth=0, zorder=0)
    above.annotate(
        words("report.course.programme"), ((applied + ended) / 2, 1.0), xytext=(0, 2),
        xycoords=("data", "axes fraction"), textcoords="offset points", fontsize=8.5, ha="center", va="bottom",
        color=GREY,
    )  # fmt: skip


def _applied(evidence: Evidence, case: str) -> float:
    """Moment of the application, in years."""
    year, month = evidence.about_scenario(case)["applies"].split("-")
    return int(year) + (int(month) - 1) / 12


def draw_course(evidence: Evidence, words: Language, case: str) -> Figure:
    """Draw levels above and paired differences with 90 % bands below, a column a quantity, the legend on top."""
    figure = Figure(figsize=_SIZE, layout="constrained")
    panels = figure.subplots(2, len(TRAJECTORIES), sharex="col")
    for column, quantity in enumerate(TRAJECTORIES):
        _draw_panels(panels[0, column], panels[1, column], evidence, words, case, quantity)
    lines, labels = panels[0, 0].get_legend_handles_labels()
    figure.legend(lines, labels, loc="outside upper left", ncols=min(len(labels), 6), frameon=False, fontsize=9.5)
    return figure
