"""Waterfall panels: from reported to net jobs of every design of a case, in a language."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from omstilling.experiments.analysis.figure_frame import shown
from omstilling.experiments.comparison.waterfall_figure import draw_bars
from omstilling.experiments.drawing.style import style_axes
from omstilling.experiments.reading.waterfall import PARTS
from omstilling.experiments.report.course_figure import ticks_in
from omstilling.experiments.report.names import design_name

if TYPE_CHECKING:
    from omstilling.experiments.report.evidence import Evidence
    from omstilling.experiments.words.language import Language

_WIDTH, _HEIGHT = 4.7, 3.1
_COLUMNS = 2
_LETTERS = 44
"""Of a name on one line."""
_MANY_JOBS = 100.0
"""From here on whole jobs are written, below with one decimal."""


def reporting(evidence: Evidence, case: str) -> list[str]:
    """Designs under which jobs are reported."""
    return [name for name in evidence.supporting if evidence.parts(case, name)[:, 0].mean() > 0.0]


def draw_waterfalls(evidence: Evidence, words: Language, case: str) -> Figure:
    """Draw a panel for each design that reports jobs; the net effect carries its Monte Carlo standard error."""
    designs = reporting(evidence, case)
    rows = -(-len(designs) // _COLUMNS)
    figure = Figure(figsize=(_WIDTH * _COLUMNS, _HEIGHT * rows), layout="constrained")
    panels = figure.subplots(rows, _COLUMNS, sharey=True, squeeze=False).ravel()
    most = max(float(evidence.parts(case, name)[:, 0].mean()) for name in designs)
    labels = [words(f"part_short.{part}") for part in PARTS]
    for axes, name in zip(panels, designs, strict=False):
        parts = evidence.parts(case, name)
        error = float(parts[:, -1].std(ddof=1) / np.sqrt(len(parts))) if len(parts) > 1 else 0.0
        draw_bars(axes, parts.mean(axis=0), error, 0 if most >= _MANY_JOBS else 1, words)
        axes.axhline(0.0, color="#222222", linewidth=0.8)
        axes.set_title(shown(design_name(words, name), _LETTERS), fontsize=10.5, loc="left")
        axes.set_xticks(range(len(PARTS)), labels, fontsize=7.5)
        style_axes(axes)
        axes.yaxis.set_major_formatter(ticks_in(words))
        axes.yaxis.set_major_locator(MaxNLocator(nbins=6))
        axes.tick_params(axis="y", labelsize=9)
        axes.tick_params(axis="x", length=0)
    low, high = panels[0].get_ylim()
    panels[0].set_ylim(low, high + 0.08 * (high - low))  # room for the numbers
    for axes in panels[::_COLUMNS]:
        axes.set_ylabel(words("report.waterfall.jobs"), fontsize=9)
    for axes in panels[len(designs) :]:
        axes.axis("off")
    return figure
