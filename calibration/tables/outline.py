"""Outline: the land of mainland Norway and its larger islands, for maps."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from omstilling.calibration.tables.tables import TableError

_COLUMNS = ["ring", "longitude", "latitude"]
_WEST, _EAST, _SOUTH, _NORTH = 4.0, 31.5, 57.5, 71.5
_FEWEST = 4
"""Points of a ring that encloses something: three corners, the first of them again at the end."""


def _point(path: Path, line: int, row: list[str]) -> tuple[int, float, float]:
    """Ring, longitude and latitude of a row."""
    try:
        ring, longitude, latitude = row
        point = int(ring), float(longitude), float(latitude)
    except ValueError as error:
        raise TableError(f"{path}: row {line}: found {','.join(row)!r}, expected ring,longitude,latitude") from error
    if not (_WEST <= point[1] <= _EAST and _SOUTH <= point[2] <= _NORTH):
        raise TableError(
            f"{path}: row {line}: longitude {longitude}, latitude {latitude} is not in Norway,"
            f" expected {_WEST:g} to {_EAST:g} and {_SOUTH:g} to {_NORTH:g}"
        )
    return point


def _rows(path: Path) -> list[list[str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
    except FileNotFoundError as error:
        raise TableError(f"{path}: the file is missing") from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise TableError(f"{path}: not a table of comma-separated values: {error}") from error
    if not rows or rows[0] != _COLUMNS:
        raise TableError(f"{path}: row 1: found {','.join(rows[0]) if rows else ''!r}, expected {','.join(_COLUMNS)}")
    return rows[1:]


def read_outline(path: Path) -> tuple[NDArray[np.float64], ...]:
    """Read and validate an outline.

    Parameters
    ----------
    path
        Table with a row per point: ``ring`` (1, 2, ... each in one piece), ``longitude`` and ``latitude`` in degrees.

    Returns
    -------
    tuple
        Closed rings, each with longitude and latitude of its points, shape (points, 2).

    Raises
    ------
    TableError
        For a file that is missing or not such a table, a point outside Norway, or a ring that is out of order or open.
    """
    rings: list[list[tuple[float, float]]] = []
    for line, row in enumerate(_rows(path), start=2):
        ring, longitude, latitude = _point(path, line, row)
        if ring == len(rings) + 1:
            _check_closed(path, line - 1, rings)
            rings.append([])
        elif ring != len(rings):
            raise TableError(f"{path}: row {line}: found ring {ring}, expected {len(rings)} or {len(rings) + 1}")
        rings[-1].append((longitude, latitude))
    if not rings:
        raise TableError(f"{path}: row 2: found no points, expected rings")
    _check_closed(path, 1 + sum(map(len, rings)), rings)
    return tuple(np.array(ring) for ring in rings)


def _check_closed(path: Path, line: int, rings: list[list[tuple[float, float]]]) -> None:
    """Refuse a last ring that does not end where it began."""
    if rings and (len(rings[-1]) < _FEWEST or rings[-1][0] != rings[-1][-1]):
        raise TableError(
            f"{path}: row {line}: ring {len(rings)} ends at {rings[-1][-1]} after {len(rings[-1])} points,"
            f" expected {_FEWEST} or more and the last to be the first, {rings[-1][0]}"
        )


@cache
def load_outline() -> tuple[NDArray[np.float64], ...]:
    """Outline shipped with the package; read once."""
    with resources.as_file(resources.files("omstilling.calibration.tables") / "outline.csv") as path:
        return read_outline(path)
