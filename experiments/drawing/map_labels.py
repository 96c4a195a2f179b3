"""Map labels: names beside municipalities, where there is room."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from matplotlib.path import Path
from matplotlib.patheffects import withStroke
from matplotlib.transforms import Affine2D, Bbox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.transforms import BboxBase, Transform
    from numpy.typing import NDArray

LABEL_SIZE = 7.0
_POINTS = 72.0
_GAP = 1.5
"""Between a symbol and its name, in points."""
_AWAY = (0.0, 8.0, 16.0, 25.0, 35.0)
"""How far from its symbol a name may stand, in points; from the second on a line leads to it."""
_ANGLES = tuple(np.radians(angle) for angle in (180, 0, 160, 20, 200, 340, 135, 45, 225, 315, 110, 70, 250, 290))
_MOST_COVERED = 2
"""Ordinary symbols that a name may cover at most."""
_INSIDE, _OUTSIDE = 0.9, 1.25
"""Half the side of the square that stands for an ordinary and for a raised symbol, relative to its radius."""
_COVERED_COST = 7.0
"""Points that a name rather stands away than covering an ordinary symbol."""


class _Place(NamedTuple):
    """Where a name may stand, in points: its box, the line from its symbol, and the length of that line."""

    box: Bbox
    line: Path
    away: float


def short_name(name: str) -> str:
    """First of a municipality's names, without a bracket: ``Porsanger - Porsáŋgu - Porsanki`` -> ``Porsanger``."""
    return name.split(" - ")[0].split(" (")[0]


def _size_of(axes: Axes, name: str) -> NDArray[np.float64]:
    """Width and height of a name in points."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    text = axes.text(0.0, 0.0, name, fontsize=LABEL_SIZE)
    extent = text.get_window_extent()
    text.remove()
    return np.array([extent.width, extent.height]) * _POINTS / figure.dpi


def _places(at: NDArray[np.float64], radius: float, size: NDArray[np.float64]) -> list[_Place]:
    """Where a name may stand."""
    places = []
    for away in _AWAY:
        for angle in _ANGLES:
            direction = np.array([np.cos(angle), np.sin(angle)])
            start, end = at + direction * radius, at + direction * (radius + _GAP + away)
            left = end[0] - (size[0] if direction[0] < 0.0 else 0.0)
            box = Bbox.from_bounds(left, end[1] - size[1] / 2, *size)
            places.append(_Place(box, Path([start, end]), away))
    return places


def _squares(at: NDArray[np.float64], half: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lower left and upper right corner of a square around each point, shape (points, 2, 2)."""
    return np.stack([at - half[:, None], at + half[:, None]], axis=1)


def _covered(box: Bbox, squares: NDArray[np.float64]) -> int:
    """How many squares a box overlaps."""
    low, high = squares[:, 0], squares[:, 1]
    return int(((low < box.max) & (high > box.min)).all(axis=1).sum())


def _crosses(place: _Place, other: _Place) -> bool:
    """Whether two names or their lines touch."""
    return bool(
        place.box.overlaps(other.box)
        or place.line.intersects_bbox(other.box)
        or other.line.intersects_bbox(place.box)
        or place.line.intersects_path(other.line, filled=False)
    )


def _best(
    places: list[_Place],
    frame: BboxBase,
    written: list[_Place],
    taken: NDArray[np.float64],
    others: NDArray[np.float64],
) -> _Place | None:
    """Nearest place inside the frame that touches nothing written or taken and covers few others, if there is one."""
    best, least = None, np.inf
    for place in places:
        box = place.box
        inside = frame.x0 <= box.x0 and box.x1 <= frame.x1 and frame.y0 <= box.y0 and box.y1 <= frame.y1
        if place.away >= least or not inside or _covered(box, taken):
            continue
        covered = _covered(box, others)
        cost = place.away + _COVERED_COST * covered
        if cost >= least or covered > _MOST_COVERED or any(_crosses(place, other) for other in written):
            continue
        if not any(place.line.intersects_bbox(Bbox(square)) for square in taken):
            best, least = place, cost
    return best


def _write(axes: Axes, to_points: Transform, place: _Place, name: str, colour: str) -> None:
    """Write a name at its place, with a line to its symbol where it stands away from it."""
    to_data = to_points.inverted()
    if place.away:
        line = to_data.transform(place.line.vertices)
        axes.plot(*line.T, color=colour, linewidth=0.5, zorder=3.5, scalex=False, scaley=False)
    x, y = to_data.transform([(place.box.x0 + place.box.x1) / 2, (place.box.y0 + place.box.y1) / 2])
    halo = [withStroke(linewidth=1.8, foreground="white")]
    axes.text(x, y, name, ha="center", va="center", fontsize=LABEL_SIZE, color=colour, zorder=9, path_effects=halo)


def write_labels(
    axes: Axes, points: NDArray[np.float64], radii: NDArray[np.float64], names: Sequence[str],
    wanted: dict[int, str], raised: NDArray[np.bool_], most: int,
) -> list[str]:  # fmt: skip
    """Write names of municipalities where they cover neither each other nor a raised symbol.

    Parameters
    ----------
    axes
        Panel, laid out already.
    points, radii, names
        All symbols of the panel: where in data units, radius in points, name.
    wanted
        Symbols to be named, most important first, and the colour of their names.
    raised
        Symbols that no name may cover and no line may cross.
    most
        Names to write at most.

    Returns
    -------
    list
        Names written.
    """
    figure = axes.get_figure(root=True)
    assert figure is not None
    scale = Affine2D().scale(_POINTS / figure.dpi)
    to_points = axes.transData + scale
    frame = axes.get_window_extent().transformed(scale)
    at = to_points.transform(points)
    ordinary = _squares(at[~raised], _INSIDE * radii[~raised])
    written: dict[str, _Place] = {}
    for number, colour in wanted.items():
        if len(written) == most:
            break
        others = raised & (np.arange(len(raised)) != number)
        taken = _squares(at[others], _OUTSIDE * radii[others])
        places = _places(at[number], radii[number], _size_of(axes, names[number]))
        place = _best(places, frame, list(written.values()), taken, ordinary)
        if place is not None:
            _write(axes, to_points, place, names[number], colour)
            written[names[number]] = place
    return list(written)
