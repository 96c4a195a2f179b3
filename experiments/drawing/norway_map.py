"""Map of Norway: which municipalities get status under which design, or a value of each municipality."""

from __future__ import annotations

import difflib
import textwrap
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.cm import ScalarMappable
from matplotlib.collections import PolyCollection
from matplotlib.colors import Normalize, to_hex
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from omstilling.calibration.tables.outline import load_outline
from omstilling.calibration.tables.places import PlaceError
from omstilling.calibration.tables.tables import load_tables
from omstilling.experiments.drawing import map_symbols
from omstilling.experiments.drawing.map_frame import HALVES, WHOLE, Frame
from omstilling.experiments.drawing.map_labels import short_name, write_labels
from omstilling.experiments.drawing.map_layout import PAGE_CM, SMALL, Panel, columns_of, draw_scale, lay_out
from omstilling.experiments.drawing.map_symbols import NEVER
from omstilling.experiments.drawing.style import GREY, head_and_note, thousands
from omstilling.experiments.words.language import Language, language

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from matplotlib.axes import Axes

_TITLE_SIZE = 9.0
_TITLE_LETTERS = 4.9
"""Letters of a design's name in a centimetre."""
_LARGEST = 3
"""Cities that are named, for orientation."""
_YEAR = 2022


def _check_codes(codes: Iterable[object]) -> None:
    names = load_tables().municipalities["name"]
    for code in codes:
        if code not in names.index:
            near = difflib.get_close_matches(str(code), names.index, n=1, cutoff=0.0)[0]
            raise PlaceError(str(code), "no municipality of 2024 has this code", (f"{near} ({names[near]})",))


def _shown(frame: Frame) -> pd.DataFrame:
    """Municipalities of a part of the country with ``name``, ``inhabitants``, ``x`` and ``y``."""
    tables = load_tables()
    table = tables.municipalities
    x, y = frame.place(table["longitude"], table["latitude"]).T
    shown = pd.DataFrame({"name": table["name"], "inhabitants": tables.population[_YEAR], "x": x, "y": y})
    return shown[table["county"].isin(frame.counties)] if frame.counties else shown


def draw_map(axes: Axes, symbols: pd.DataFrame, frame: Frame = WHOLE, unit: float = 3.3, caption: str = "") -> None:
    """Draw the land and symbols of municipalities.

    Parameters
    ----------
    axes
        Where to draw; loses its frame and ticks.
    symbols
        By code: colours ``face`` and ``edge``, matplotlib ``marker``, and whether it is ``raised`` above the others.
    frame
        Part of the country.
    unit
        Diameter in points of the circle of a municipality of 2 000 inhabitants or fewer.
    caption
        Words in the upper left corner.

    Raises
    ------
    PlaceError
        For a code that is no municipality of 2024; it names the nearest.
    """
    _check_codes(symbols.index)
    land = [frame.place(*ring.T) for ring in load_outline()]
    axes.add_collection(PolyCollection(land, facecolor="#f4f4f4", edgecolor="#b0b0b0", linewidth=0.4, zorder=1))
    shown = _shown(frame)
    shown = shown[shown.index.isin(symbols.index)]
    diameters = map_symbols.diameter(shown["inhabitants"], unit)
    map_symbols.draw_symbols(axes, shown[["x", "y"]].to_numpy(), diameters, symbols.loc[shown.index])
    axes.set(xlim=(frame.left, frame.right), ylim=(frame.bottom, frame.top), xticks=[], yticks=[])
    axes.set_aspect("equal", anchor="N")
    axes.set_frame_on(False)
    words = "\n".join(filter(None, (frame.title, caption)))
    axes.text(0.0, 1.0, words, transform=axes.transAxes, fontsize=SMALL, color=GREY, va="top", linespacing=1.4)


def _label(panel: Panel, symbols: pd.DataFrame, wanted: Sequence[str], most: int) -> None:
    """Name the largest municipalities of a panel and the wanted ones, where there is room, first come first served."""
    shown = _shown(panel.frame)
    largest = load_tables().population[_YEAR].nlargest(_LARGEST).index
    colours = dict.fromkeys(largest, GREY) | dict.fromkeys(wanted, "#000000")
    write_labels(
        panel.axes, shown[["x", "y"]].to_numpy(), map_symbols.diameter(shown["inhabitants"], panel.unit) / 2,
        [short_name(name) for name in shown["name"]],
        {shown.index.get_indexer([code])[0]: colour for code, colour in colours.items() if code in shown.index},
        symbols.loc[shown.index, "raised"].to_numpy(dtype=bool), most,
    )  # fmt: skip


def _checked(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of the table of `status_map` with status, if it is such a table."""
    missing = [column for column in ("code", "design", "category", "share") if column not in table.columns]
    if missing:
        raise ValueError(f"no column {missing[0]!r}; there are {', '.join(map(str, table.columns))}")
    if table.empty:
        raise ValueError("the table has no rows, so that there is no design to be drawn")
    _check_codes(table["code"])
    twice = table[table.duplicated(["design", "code"])]
    if len(twice):
        raise ValueError(f"municipality {twice['code'].iloc[0]} stands twice under design {twice['design'].iloc[0]!r}")
    wrong = table[~table["share"].between(0.0, 1.0)]
    if len(wrong):
        raise ValueError(f"municipality {wrong['code'].iloc[0]}: found share {wrong['share'].iloc[0]}, expected 0 to 1")
    return table[(table["category"] != NEVER) & (table["share"] > 0.0)]


def _status_symbols(rows: pd.DataFrame, looks: dict[str, map_symbols.Look]) -> pd.DataFrame:
    symbols = map_symbols.plain_symbols(map_symbols.NO_STATUS)
    for code, category, share in zip(rows["code"], rows["category"], rows["share"], strict=True):
        look = looks[category]
        symbols.loc[code] = [map_symbols.tint(look.colour, share), look.colour, look.marker, True]
    return symbols


def _caption(rows: pd.DataFrame, frame: Frame, words: Language) -> str:
    """How many municipalities of a part of the country have status in a run."""
    mean = rows.loc[rows["code"].isin(_shown(frame).index), "share"].sum()
    return words("map.mean", number=words.plain(mean, int(mean < 9.95))) if mean else words("map.none")


def status_map(
    table: pd.DataFrame, title: str, *, categories: Sequence[str] | None = None, labels: int = 10,
    words: Language | None = None
) -> Figure:  # fmt: skip
    """Draw which municipalities have status, a map per design.

    Parameters
    ----------
    table
        A row per municipality and design: ``code``, ``design`` (its name as it is to be shown), ``category`` (kind of
        status, or ``never``) and ``share`` (0-1, of the replications in which the municipality has status).
        Municipalities that are left out never have it.
    title
        What the map shows; without one there is no note either.
    categories
        All kinds of status in the order of the legend, so that several figures agree; else as they come in the table.
    labels
        Municipalities to be named at most on each map: the three largest and those with status, most often first.
    words
        Language of legends; English if left out.

    Raises
    ------
    PlaceError
        For a code that is no municipality of 2024; it names the nearest.
    ValueError
        For another table than described, or more categories than can be told apart.
    """
    rows, words = _checked(table), words or language()
    looks = map_symbols.looks_of(rows["category"] if categories is None else [*categories, *rows["category"]])
    designs = list(dict.fromkeys(table["design"].astype(str)))
    figure = Figure(layout="constrained")
    panels, legend = lay_out(figure, designs, entries=len(looks) + 2)
    letters = int(_TITLE_LETTERS * PAGE_CM / columns_of(len(designs)))
    drawn = []
    for group, design in zip(panels, designs, strict=True):
        own = rows[rows["design"].astype(str) == design].sort_values("share", ascending=False, kind="stable")
        symbols = _status_symbols(own, looks)
        for panel in group:
            draw_map(panel.axes, symbols, panel.frame, panel.unit, _caption(own, panel.frame, words))
            drawn.append((panel, symbols, list(own["code"])))
        group[0].axes.set_title(textwrap.fill(design, letters), loc="left", fontsize=_TITLE_SIZE, fontweight="bold")
    draw_scale(panels[0][-1])
    map_symbols.status_legend(legend, looks, "upper left", words)
    map_symbols.tone_legend(legend, "upper center", words)
    map_symbols.size_legend(legend, panels[0][0].unit, "upper right", words)
    if title:
        head_and_note(figure, title, words("map.note"))
    figure.draw_without_rendering()  # the layout must be known before labels can be kept apart
    for panel, symbols, wanted in drawn:
        _label(panel, symbols, wanted, labels)
    return figure


def _value_symbols(values: pd.Series, shades: ScalarMappable, raised: Sequence[str]) -> pd.DataFrame:
    symbols = map_symbols.plain_symbols(map_symbols.NO_FIGURE)
    symbols["edge"] = map_symbols.NO_FIGURE_EDGE
    symbols.loc[values.index, "face"] = [to_hex(shade) for shade in shades.to_rgba(values.to_numpy())]
    symbols.loc[values.index, "edge"] = "#ffffff"
    symbols.loc[list(raised), "raised"] = True
    return symbols


def value_map(values: pd.Series, label: str, title: str, *, labels: int = 10) -> Figure:
    """Draw a value of each municipality, darker the higher, with Southern beside Northern Norway.

    Parameters
    ----------
    values
        Value by code; municipalities that are missing or have none are drawn white.
    label
        What the values are, with their unit.
    title
        What the map shows.
    labels
        Municipalities to be named at most in each half: the three largest and those of the highest values.

    Raises
    ------
    PlaceError
        For a code that is no municipality of 2024; it names the nearest.
    ValueError
        If there is no value at all, or one code has two.
    """
    _check_codes(values.index)
    if not values.index.is_unique:
        raise ValueError(f"municipality {values.index[values.index.duplicated()][0]} has two values")
    known = values.astype(np.float64).dropna().sort_values(ascending=False, kind="stable")
    if known.empty:
        raise ValueError("no municipality has a value")
    shades = ScalarMappable(Normalize(known.min(), known.max()), mpl.colormaps["cividis_r"])
    highest = [code for frame in HALVES for code in known.index[known.index.isin(_shown(frame).index)][:labels]]
    symbols = _value_symbols(known, shades, highest)
    figure = Figure(layout="constrained")
    (panels,), legend = lay_out(figure, ["values"], entries=0)
    for panel in panels:
        draw_map(panel.axes, symbols, panel.frame, panel.unit)
    draw_scale(panels[-1])
    room = legend.inset_axes((0.0, 0.75, 0.4, 0.14))
    bar = figure.colorbar(shades, cax=room, orientation="horizontal", format=FuncFormatter(thousands))
    bar.set_label(label, fontsize=map_symbols.LEGEND_SIZE)
    bar.ax.tick_params(labelsize=SMALL)
    bar.outline.set_linewidth(0.5)
    if len(known) < len(symbols):
        map_symbols.no_figure_legend(legend, "upper center")
    map_symbols.size_legend(legend, panels[0].unit, "upper right", language())
    head_and_note(figure, title, language()("map.note"))
    figure.draw_without_rendering()  # the layout must be known before labels can be kept apart
    for panel in panels:
        _label(panel, symbols, highest, labels)
    return figure
