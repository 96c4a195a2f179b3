"""Map symbols: what stands for a municipality on a map, and the legends that explain it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from matplotlib.colors import to_hex, to_rgb
from matplotlib.legend import Legend
from matplotlib.lines import Line2D

from omstilling.calibration.tables.tables import load_tables
from omstilling.experiments.words.numbers import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

    from omstilling.experiments.words.language import Language

NEVER = "never"
"""Category of municipalities without status."""
NO_STATUS, NO_FIGURE, NO_FIGURE_EDGE = "#d3d3d3", "#ffffff", "#777777"
LEGEND_SIZE = 7.5
_AREAS = {"o": np.pi / 4, "s": 1.0, "^": 0.5, "D": 1.0, "v": 0.5, "P": 0.64, "X": 0.64}
"""Of a marker, relative to the square of its nominal size."""
_TONES = (
    # least share of runs, share of colour, words
    (2 / 3, 1.0, "map.most"),
    (1 / 3, 0.5, "map.some"),
    (0.0, 0.0, "map.few"),
)
_LEAST = 2_000
_SIZES = (_LEAST, 10_000, 100_000, 700_000)
_EDGES, _RIM = (0.4, 0.8), 2.2
"""Width of the edge of an ordinary and of a raised symbol, and of the white rim of the latter, in points."""
type _Place = Literal["upper left", "upper center", "upper right"]


@dataclass(frozen=True)
class Look:
    """Colour and marker of a category: either tells categories apart, so that grey prints do too."""

    colour: str
    marker: str


_LOOKS = (  # colours of Okabe and Ito, told apart by the colour-blind
    Look("#D55E00", "s"),
    Look("#0072B2", "^"),
    Look("#009E73", "D"),
    Look("#CC79A7", "v"),
    Look("#E69F00", "P"),
    Look("#000000", "X"),
)


def looks_of(categories: Iterable[str]) -> dict[str, Look]:
    """Look of each category with status, by its place in the list.

    Raises
    ------
    ValueError
        If there are more than can be told apart.
    """
    some = [category for category in dict.fromkeys(categories) if category != NEVER]
    if len(some) > len(_LOOKS):
        raise ValueError(f"{len(some)} categories, at most {len(_LOOKS)} can be told apart: {', '.join(some)}")
    return dict(zip(some, _LOOKS, strict=False))


def tint(colour: str, share: float) -> str:
    """Colour for a share of the runs: full, half or white."""
    strength = next(strength for least, strength, _words in _TONES if share >= least)
    red, green, blue = (1.0 - strength * (1.0 - part) for part in to_rgb(colour))
    return to_hex((red, green, blue))


def diameter(inhabitants: ArrayLike, unit: float) -> NDArray[np.float64]:
    """Diameter of circles in points, ``unit`` for the smallest municipalities.

    Areas grow with the square root of inhabitants: were they proportional, small municipalities would be dots beside
    Oslo, and it is small ones that have status.
    """
    return np.asarray(unit * np.maximum(np.asarray(inhabitants, dtype=np.float64) / _LEAST, 1.0) ** 0.25)


def plain_symbols(colour: str) -> pd.DataFrame:
    """A circle of one colour for every municipality: ``face``, ``edge``, ``marker`` and ``raised``, by code."""
    codes = load_tables().municipalities.index
    return pd.DataFrame({"face": colour, "edge": "#ffffff", "marker": "o", "raised": False}, index=codes)


def draw_symbols(axes: Axes, points: NDArray[np.float64], diameters: ArrayLike, symbols: pd.DataFrame) -> None:
    """Draw symbols of the same area as circles of these diameters: raised ones on top, large ones below small ones."""
    scales = np.array([np.pi / 4 / _AREAS[marker] for marker in symbols["marker"]])
    sizes = np.square(diameters) * scales
    for z, ((raised, marker), group) in enumerate(symbols.groupby(["raised", "marker"]), start=3):
        rows = symbols.index.get_indexer(group.index)
        rows = rows[np.argsort(-sizes[rows], kind="stable")]
        chosen = symbols.iloc[rows]
        x, y = points[rows].T
        if raised:  # a white rim keeps the symbol apart from what it covers
            rim = (np.sqrt(sizes[rows]) + _RIM) ** 2
            axes.scatter(x, y, s=rim, c="#ffffff", marker=str(marker), linewidths=0.0, zorder=z)
        axes.scatter(
            x, y, s=sizes[rows], c=chosen["face"].tolist(), edgecolors=chosen["edge"].tolist(), marker=str(marker),
            linewidths=_EDGES[bool(raised)], zorder=z,
        )  # fmt: skip


def _handle(face: str, edge: str, marker: str, points: float = 6.5, *, raised: bool = False) -> Line2D:
    return Line2D(
        [], [], linestyle="", marker=marker, markersize=points * np.sqrt(np.pi / 4 / _AREAS[marker]),
        markerfacecolor=face, markeredgecolor=edge, markeredgewidth=_EDGES[raised],
    )  # fmt: skip


def _add(
    axes: Axes, title: str, entries: list[tuple[Line2D, str]], place: _Place, spacing: float = 0.5, pad: float = 0.5
) -> None:
    handles, words = zip(*entries, strict=True)
    legend = Legend(
        axes, handles, words, title=title, loc=place, fontsize=LEGEND_SIZE, title_fontsize=LEGEND_SIZE, frameon=False,
        alignment="left", borderaxespad=0.0, borderpad=0.1, handletextpad=pad, labelspacing=spacing,
    )  # fmt: skip
    legend.get_title().set_fontweight("bold")
    axes.add_artist(legend)


def status_legend(axes: Axes, looks: dict[str, Look], place: _Place, words: Language) -> None:
    """Explain colours and markers."""
    entries = [
        (_handle(look.colour, look.colour, look.marker, raised=True), words.named("map_track", name))
        for name, look in looks.items()
    ]
    _add(axes, words("map.status"), [*entries, (_handle(NO_STATUS, "#ffffff", "o"), words("map.never"))], place)


def tone_legend(axes: Axes, place: _Place, words: Language) -> None:
    """Explain how dark symbols are."""
    entries = [(_handle(tint("#555555", tone[0]), "#555555", "o", raised=True), words(tone[2])) for tone in _TONES]
    _add(axes, words("map.share"), entries, place)


def size_legend(axes: Axes, unit: float, place: _Place, words: Language) -> None:
    """Explain how large symbols are."""
    texts = [words("map.fewest", number=plain(_LEAST)), *map(plain, _SIZES[1:])]
    handles = [_handle(NO_STATUS, "#888888", "o", float(diameter(size, unit))) for size in _SIZES]
    _add(axes, words("map.inhabitants"), list(zip(handles, texts, strict=True)), place, 0.9, 0.9)


def no_figure_legend(axes: Axes, place: _Place) -> None:
    """Explain white circles."""
    _add(axes, "", [(_handle(NO_FIGURE, NO_FIGURE_EDGE, "o"), "no figure")], place)
