"""Municipalities of calibration: whole labour-market regions, small enough to simulate thousands of times."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from omstilling.calibration.tables.tables import load_tables

_MOST_INHABITANTS = 20_000
"""Of a labour-market region; nearly all programmes were in smaller ones. A choice for speed."""
_ONE_IN = 6
_YEAR = 2016

CLASS_GROUPS: dict[str, tuple[int, ...]] = {"central": (1, 2, 3, 4), "rural": (5,), "remote": (6,)}
"""Groups of Statistics Norway's centrality classes (sentralitetsklasser)."""


@cache
def calibration_codes() -> tuple[str, ...]:
    """Codes of the calibration set: every sixth small labour-market region by centrality, all municipalities of it."""
    tables = load_tables()
    places = tables.municipalities.assign(inhabitants=tables.population[_YEAR])
    regions = places.groupby("region").agg(inhabitants=("inhabitants", "sum"), centrality=("centrality", "mean"))
    small = regions[regions["inhabitants"] < _MOST_INHABITANTS].sort_values("centrality")
    chosen = small.index[_ONE_IN // 2 :: _ONE_IN]
    return tuple(str(code) for code in places.index[places["region"].isin(chosen)])


def class_groups(codes: tuple[str, ...]) -> NDArray[np.int8]:
    """Group of each municipality, as a position in CLASS_GROUPS, shape (M,)."""
    classes = load_tables().municipalities.loc[list(codes), "centrality_class"].to_numpy()
    groups = np.zeros(len(codes), dtype=np.int8)
    for number, members in enumerate(CLASS_GROUPS.values()):
        groups[np.isin(classes, members)] = number
    return groups
