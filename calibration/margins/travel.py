"""Travel: minutes by car between municipalities, and how commuting falls with them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from omstilling.calibration.tables.tables import load_tables
from omstilling.model.parameters import MatchingParameters

_EARTH_RADIUS_KM = 6371.0
_DETOUR = 1.35
"""Road distance over great-circle distance; a choice, as are speed and fixed minutes."""
_SPEED_KM_H = 65.0
_FIXED_MINUTES = 5.0
_MOST_INTERNAL_MINUTES = 15.0
_LONGEST_COMMUTE_MINUTES = 120.0
_GRAVITY_SHARE = 0.05
"""Part of commuting that follows distance alone; a choice."""


@cache
def travel_minutes() -> NDArray[np.float64]:
    """Minutes by car between all municipalities and, on the diagonal, within them, shape (357, 357)."""
    table = load_tables().municipalities
    latitude = np.radians(table["latitude"].to_numpy(dtype=np.float64))
    longitude = np.radians(table["longitude"].to_numpy(dtype=np.float64))
    half = np.sin((latitude[:, None] - latitude) / 2.0) ** 2
    half += np.cos(latitude[:, None]) * np.cos(latitude) * np.sin((longitude[:, None] - longitude) / 2.0) ** 2
    km = 2.0 * _EARTH_RADIUS_KM * np.arcsin(np.sqrt(half))
    minutes = _FIXED_MINUTES + km * _DETOUR / _SPEED_KM_H * 60.0
    radius = np.sqrt(table["land_km2"].to_numpy(dtype=np.float64) / np.pi)
    internal = _FIXED_MINUTES + 0.5 * radius * _DETOUR / _SPEED_KM_H * 60.0
    np.fill_diagonal(minutes, np.minimum(internal, _MOST_INTERNAL_MINUTES))
    return np.asarray(minutes)


def travel_minutes_between(codes: Sequence[str]) -> NDArray[np.float64]:
    """Minutes by car between some municipalities, shape (M, M)."""
    rows = load_tables().municipalities.index.get_indexer(list(codes))
    return travel_minutes()[np.ix_(rows, rows)]


def commuting_decay() -> float:
    """Decay of commuting per minute in the matrix of 2021.

    A doubly constrained gravity model with weight exp(-beta minutes) (Wilson 1971) whose mean travel time equals the
    observed one, over pairs within two hours: longer ones are weekly commutes or work from home.
    """
    minutes = travel_minutes()
    near = minutes <= _LONGEST_COMMUTE_MINUTES
    observed = load_tables().commuting.to_numpy() * near
    rows, columns = observed.sum(axis=1), observed.sum(axis=0)
    target = float((observed * minutes).sum() / observed.sum())

    def mean_minutes(beta: float) -> float:
        flows = np.exp(-beta * minutes) * near
        for _ in range(40):
            flows *= (rows / flows.sum(axis=1))[:, None]
            flows *= (columns / flows.sum(axis=0))[None, :]
        return float((flows * minutes).sum() / flows.sum())

    return float(brentq(lambda beta: mean_minutes(beta) - target, 0.01, 0.3, xtol=1e-4))


@cache
def commuting_affinity() -> NDArray[np.float64]:
    """How many more commute between two municipalities than distance alone says, shape (357, 357).

    The flow of 2021 relative to employed residents, jobs and exp(-beta minutes), with the default beta of the model.
    Weekly commuting, work from home and what links two places are in it: 6 % of commuters work more than an hour and a
    half away, where exp(-beta minutes) alone has next to none. A share of what gravity expects is mixed in, so that
    pairs in which nobody commuted in 2021 stay possible.
    """
    flows = load_tables().commuting.to_numpy()
    residents, jobs = flows.sum(axis=1), flows.sum(axis=0)
    decay = np.exp(-MatchingParameters().distance_decay * travel_minutes())
    expected = decay * residents[:, None] * jobs[None, :]
    expected *= flows.sum() / expected.sum()
    mixed = (1.0 - _GRAVITY_SHARE) * flows + _GRAVITY_SHARE * expected
    return np.asarray(mixed / np.maximum(expected, 1e-300))
