"""Figure frame: what the figures of all analyses share: size, panels, numbers, names, zero lines and legends."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import FuncFormatter, MaxNLocator

from omstilling.experiments.drawing.style import head_and_note, look_of
from omstilling.experiments.words.language import Language
from omstilling.experiments.words.numbers import digits_for
from omstilling.scenarios.experiment import DESIGN, PARAMETER

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

WIDTH = 7.2
"""Of a column of text, inches."""
TEXT, TITLE = 8.5, 9.5
"""Sizes of type."""
INK, PALE, GRID = "#222222", "#c9d3da", "#e3e3e3"
_LETTERS_A_LINE = 112
"""Of text of the smallest size, in the width of the figure."""
_MARK = 9
"""Letters that a mark of a legend and the space to the next take."""
_LINE = 0.15
"""Inches that a line of text takes."""
_GAP = 0.08
"""Inches between a figure and its head and note."""


class _Folder(textwrap.TextWrapper):
    """Breaks text also after the signs that join words in names of files."""

    wordsep_re = re.compile(r"(\s+|(?<=[+_/-])(?=\w))")


def shown(text: str, letters: int = 0, lines: int = 3) -> str:
    """Text as matplotlib shows it: ``$`` starts no formula, and long lines are broken, and cut after some lines.

    A text that begins with ``_`` would be left out of a legend; it gets a space in front.
    """
    if letters:
        text = _Folder(letters, max_lines=lines, placeholder="…").fill(text)
    return (f" {text}" if text.startswith("_") else text).replace("$", r"\$")


def design_label(name: str, words: Language, letters: int = 26) -> str:
    """Name of a design in a figure."""
    return shown(words.named("design", name), letters)


def scenario_label(name: str, words: Language, letters: int = 44) -> str:
    """Name of a scenario in a figure."""
    return shown(words.named("scenario", name), letters)


def short_scenario(name: str, words: Language, letters: int = 24) -> str:
    """Name of a scenario up to the colon, e.g. the place and the year; the user's own is cut if it is long."""
    short = words.named("scenario", name).split(":")[0]
    return short if len(short) <= letters else f"{short[: letters - 1]}…"


def key_name(key: str, words: Language) -> str:
    """Name of a parameter or of a key of designs."""
    name = key.removeprefix(PARAMETER)
    if name.startswith(DESIGN):
        return words.named("analysis.design_key", name.removeprefix(DESIGN), name)
    return words.named("analysis.parameter", name)


def effect_name(indicator: str, unit: str, words: Language) -> str:
    """What an effect is measured by, with its unit."""
    return words("analysis.effect", indicator=words.named("indicator", indicator), unit=words.named("unit", unit))


def row_height(labels: Iterable[str], least: float) -> float:
    """Inches that a row of a panel takes so that labels of several lines do not touch."""
    return max([least, *(_LINE * (label.count("\n") + 1) + 0.06 for label in labels)])


def panels(
    number: int, height: float | Sequence[float], columns: int = 1, below: float = 0.9, **how: Any
) -> tuple[Figure, list[Axes]]:
    """A figure of some panels, with room below for a legend; places that are left over stay empty.

    ``height`` in inches, of every panel or of each row of them.
    """
    columns = min(columns, number)
    rows = -(-number // columns)
    heights = [height] * rows if isinstance(height, (int, float)) else list(height)
    figure = Figure(figsize=(WIDTH, sum(heights) + below), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False, height_ratios=heights, **how).ravel().tolist()
    for left_over in axes[number:]:
        left_over.axis("off")
    return figure, axes[:number]


def style(axes: Axes, words: Language, along: str = "x") -> None:
    """Light grid along one axis or ``both``, no frame at the top and right, numbers as the language writes them."""
    axes.grid(axis=along, color=GRID, linewidth=0.7)  # type: ignore[arg-type]
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=TEXT)
    for name, axis in (("x", axes.xaxis), ("y", axes.yaxis)):
        if along in (name, "both"):
            axis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
            numbers(axis, words)


def numbers(axis: Axis, words: Language, share: bool = False) -> None:
    """Tick labels with no more decimals than the distance between them needs."""

    def text(value: float, _position: int | None) -> str:
        if share:
            return words.percent(value)
        ticks = axis.get_majorticklocs()
        step = abs(ticks[1] - ticks[0]) if len(ticks) > 1 else abs(value)
        digits = digits_for(step, shown=1)
        return words.plain(value, digits if abs(step - round(step, digits)) < 1e-9 else digits + 1)

    axis.set_major_formatter(FuncFormatter(text))


def zero_line(axes: Axes, across: bool = False, up: bool = True) -> None:
    """Draw where x (``up``) or y (``across``) is zero, and have it inside the panel."""
    if up:
        axes.axvline(0.0, color=INK, linewidth=0.9, zorder=1.5)
    if across:
        axes.axhline(0.0, color=INK, linewidth=0.9, zorder=1.5)


def legend(figure: Figure, handles: Sequence[Any], labels: Iterable[str]) -> None:
    """A legend below the panels, in as many columns as there is room for."""
    texts = list(labels)
    widths = [max(map(len, text.split("\n"))) + _MARK for text in texts]

    def taken(columns: int) -> int:
        return sum(max(part) for part in np.array_split(widths, columns))  # as matplotlib fills columns

    rows = range(1, len(texts) + 1)
    columns = next(n for n in (-(-len(texts) // row) for row in rows) if n == 1 or taken(n) <= _LETTERS_A_LINE)
    figure.legend(
        list(handles), texts, loc="outside lower left", ncols=columns, frameon=False, fontsize=TEXT, handlelength=2.0,
        columnspacing=1.4,
    )  # fmt: skip


def is_lowest(number: int, panels_in_all: int, columns: int) -> bool:
    """Whether a panel has none below it, and bears the name of the axis for its column."""
    return number + min(columns, panels_in_all) >= panels_in_all


def framed(figure: Figure, head: str, note: str) -> Figure:
    """A figure made higher, with its head above and its note below the legend, for where it stands alone."""
    height, before = figure.get_figheight(), len(figure.texts)
    head_and_note(figure, shown(head), shown(note))
    texts = figure.texts[before:]
    for text in texts:
        text.set_in_layout(False)
    figure.draw_without_rendering()
    above, below = (text.get_window_extent().height / figure.dpi + 2 * _GAP for text in texts)
    whole = height + above + below
    figure.set_figheight(whole)
    inner = (0.0, below / whole, 1.0, height / whole)
    engine = figure.get_layout_engine()
    assert isinstance(engine, ConstrainedLayoutEngine)
    engine.set(rect=inner)
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # the layout is kept, and what is anchored to the figure can be moved
    for held in figure.legends:
        held.set_bbox_to_anchor(inner, figure.transFigure)
    for text, y in zip(texts, (1.0 - _GAP / whole, _GAP / whole), strict=True):
        text.set_y(y)
    return figure


def design_handle(number: int, marked: bool = True) -> Any:
    """Mark of a design in a legend, by its number."""
    from matplotlib.lines import Line2D

    look = look_of(number)
    marker = (look.marker or "x") if marked else look.marker
    handle: Any = Line2D([], [], color=look.colour, marker=marker, markersize=6.5)
    handle.set_linestyle("none" if marked else look.line)
    return handle
