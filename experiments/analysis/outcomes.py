"""Outcomes: effect and cost of every design in every draw, against the paired run without programme."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omstilling.experiments.batch.results import Results
from omstilling.experiments.registry import INDICATORS
from omstilling.experiments.trace import DATES
from omstilling.scenarios.errors import Problem, ScenarioError, nearest

COST = "public_cost"
DEFAULT_EFFECT, DEFAULT_DATE = "net_jobs", DATES[-1]


@dataclass(frozen=True)
class Outcomes:
    """Outcomes of D designs in S scenarios under N draws; the first design is the baseline.

    A draw is a point, a set of parameters and, unless they are averaged over, a replication.

    Attributes
    ----------
    scenarios, designs
        Names.
    effect, cost
        Difference to the paired run without programme, shape (S, N, D): of the indicator, in its unit, and MNOK of
        2020 of public money. Draws in which any design failed are left out of all.
    indicator, unit, date, better
        What the effect is, and whether more of it is better (1) or less (-1).
    """

    scenarios: tuple[str, ...]
    designs: tuple[str, ...]
    effect: NDArray[np.float64]
    cost: NDArray[np.float64]
    indicator: str
    unit: str
    date: str
    better: int


def _known(key: str, name: str, known: list[str]) -> str:
    if name not in known:
        raise ScenarioError(
            key, [Problem(key, repr(name), f"one of {', '.join(known)} is expected", nearest(name, known))]
        )
    return name


def outcomes_of(results: Results, indicator: str = DEFAULT_EFFECT, date: str = DEFAULT_DATE) -> Outcomes:
    """Effect and cost of the designs of a store.

    Parameters
    ----------
    results
        The store.
    indicator
        An indicator of the registry of which more or less is better.
    date
        One of DATES.

    Raises
    ------
    ScenarioError
        For an unknown indicator or date, or an indicator of which neither more nor less is better.
    """
    items = {item.name: item for item in INDICATORS}
    item = items[_known("--indicator", indicator, [name for name, item in items.items() if item.better])]
    _known("--date", date, list(DATES))
    cube = results.cube["difference"].sel(date=date)
    order = ("scenario", "point", "draw", "replication", "design")
    effect, cost = (
        cube.sel(indicator=name).transpose(*order).to_numpy().reshape(cube.sizes["scenario"], -1, cube.sizes["design"])
        for name in (indicator, COST)
    )
    whole = np.isfinite(effect).all(axis=(0, 2)) & np.isfinite(cost).all(axis=(0, 2))
    return Outcomes(
        tuple(cube["scenario"].values.tolist()), tuple(cube["design"].values.tolist()), effect[:, whole],
        cost[:, whole], indicator, item.unit, date, item.better,
    )  # fmt: skip
