"""Figure style: what all figures share."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.ticker import FuncFormatter

from omstilling.experiments.words.numbers import plain

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#555555"
_PALE = "#dddddd"
_HEAD_SIZE, _NOTE_SIZE = 12.5, 8.0
_POINTS = 72.0
_LETTER_WIDTH = 0.56
"""Of a letter, relative to the size of the type."""


@dataclass(frozen=True)
class Look:
    """Colour, marker and line of a design: any of them tells designs apart, so that grey prints do too."""

    colour: str
    marker: str
    line: str | tuple[int, tuple[float, ...]]


_BASELINE = Look("#222222", "", (0, (5.0, 2.0)))
_LOOKS = (  # colours of Okabe and Ito, told apart by the colour-blind
    Look("#0072B2", "o", "-"),
    Look("#D55E00", "s", "-"),
    Look("#009E73", "^", "-"),
    Look("#CC79A7", "D", "-"),
    Look("#E69F00", "v", "-"),
    Look("#56B4E9", "P", "-"),
    Look("#000000", "X", "-"),
)
_LINES: tuple[str | tuple[int, tuple[float, ...]], ...] = ("-", (0, (3.0, 1.2)), (0, (1.0, 1.2)))


def look_of(design: int) -> Look:
    """Look of a design by its number; 0 is the baseline. Lines change where colours begin anew."""
    if design == 0:
        return _BASELINE
    turn, number = divmod(design - 1, len(_LOOKS))
    return Look(_LOOKS[number].colour, _LOOKS[number].marker, _LINES[turn % len(_LINES)])


def thousands(value: float, _position: int) -> str:
    """Tick label with spaced thousands and no more decimals than it needs."""
    return plain(value, next((digits for digits in range(4) if abs(value - round(value, digits)) < 1e-6), 4))


def style_axes(axes: Axes) -> None:
    """Light horizontal grid, no frame at the top and right, spaced thousands."""
    axes.yaxis.set_major_formatter(FuncFormatter(thousands))
    axes.grid(axis="y", color=_PALE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def head_and_note(figure: Figure, head: str, note: str) -> None:
    """What the figure shows in a sentence on top, and where it comes from below; both broken to the figure's width."""
    for write, text, size, colour in (
        (figure.suptitle, head, _HEAD_SIZE, "#000000"),
        (figure.supxlabel, note, _NOTE_SIZE, GREY),
    ):
        letters = int(figure.get_figwidth() * _POINTS / (_LETTER_WIDTH * size))
        write(textwrap.fill(text, letters), fontsize=size, color=colour, x=0.01, ha="left")


def written(figure: Figure, path: str | Path | None) -> Figure:
    """The figure, written as a PNG where there is a path."""
    if path is not None:
        figure.savefig(path, dpi=150)
    return figure
