"""Outcomes: effect and cost of every design in every draw, against the paired run without programme."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from omstilling.experiments.batch.points import points_of
from omstilling.experiments.batch.results import Results
from omstilling.experiments.reading.indicators import INDICATORS, Indicator
from omstilling.experiments.reading.trace import DATES
from omstilling.scenarios.errors import Problem, ScenarioError, nearest
from omstilling.scenarios.experiment import DESIGN

COST = "public_cost"
DEFAULT_EFFECT, DEFAULT_DATE = "net_jobs", DATES[-1]
DRAW_KEYS = ("point", "draw", "replication")
"""What a draw is: values that the experiment varies, a set of parameters, and chance."""


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
    whole
        Which draws of the store these are, in order of point, draw and replication; None where they are not of a store.
    """

    scenarios: tuple[str, ...]
    designs: tuple[str, ...]
    effect: NDArray[np.float64]
    cost: NDArray[np.float64]
    indicator: str
    unit: str
    date: str
    better: int
    whole: NDArray[np.bool_] | None = None


def known_name(key: str, name: str, known: Iterable[str]) -> str:
    """A name that is one of those that there are.

    Raises
    ------
    ScenarioError
        For another, with those that there are and the nearest.
    """
    known = list(known)
    if name not in known:
        allowed = f"one of {', '.join(known)} is expected"
        raise ScenarioError("analysis", [Problem(key, repr(name), allowed, nearest(name, known))])
    return name


def indicator_named(name: str, results: Results) -> Indicator:
    """An indicator of the store of which more or less is better.

    Raises
    ------
    ScenarioError
        For another name.
    """
    held = set(results.names("indicators"))
    items = {item.name: item for item in INDICATORS if item.better and item.name in held}
    return items[known_name("--indicator", name, items)]


def _in_order(found: Sequence[str], results: Results, what: str) -> list[str]:
    """Names as the experiment has them; the store is sorted by name."""
    asked = [about["name"] for about in results.store.head.get("about", {}).get(what, ())]
    return [name for name in asked if name in found] + [name for name in found if name not in asked]


def designs_of(results: Results) -> list[str]:
    """Designs of which a run is there, the baseline first."""
    return _in_order(results.cube["design"].values.tolist(), results, "designs")


def scenarios_of(results: Results, chosen: Iterable[str] = ()) -> list[str]:
    """Scenarios of which a run is there; only some where they are chosen.

    Raises
    ------
    ScenarioError
        For a name that is none, or where no run is there.
    """
    known = _in_order(results.cube["scenario"].values.tolist(), results, "scenarios")
    if not known:
        raise ScenarioError(str(results.store.path), [Problem("runs", "none that did not fail", "some are needed")])
    return [known_name("--scenario", name, known) for name in chosen] or known


def outcomes_of(
    results: Results, indicator: str = DEFAULT_EFFECT, date: str = DEFAULT_DATE, scenarios: Iterable[str] = ()
) -> Outcomes:
    """Effect and cost of the designs of a store.

    Parameters
    ----------
    results
        The store.
    indicator
        An indicator of the registry of which more or less is better.
    date
        One of DATES.
    scenarios
        Some of them; all if left out.

    Raises
    ------
    ScenarioError
        For an unknown name, an indicator of which neither more nor less is better, or where no draw is whole.
    """
    item = indicator_named(indicator, results)
    known_name("--date", date, DATES)
    chosen, designs = scenarios_of(results, scenarios), designs_of(results)
    cube = results.cube["difference"].sel(date=date, scenario=chosen, design=designs)
    effect, cost = (
        cube.sel(indicator=name)
        .transpose("scenario", *DRAW_KEYS, "design")
        .to_numpy()
        .reshape(len(chosen), -1, len(designs))
        for name in (indicator, COST)
    )
    whole = np.isfinite(effect).all(axis=(0, 2)) & np.isfinite(cost).all(axis=(0, 2))
    if not whole.any():
        found, allowed = f"none of which every design ran and {indicator} is known", "see 'omstilling status'"
        raise ScenarioError(str(results.store.path), [Problem("draws", found, allowed)])
    return Outcomes(
        tuple(chosen), tuple(designs), effect[:, whole], cost[:, whole], indicator, item.unit, date, item.better, whole
    )


def draw_values(results: Results) -> pd.DataFrame:
    """What varies from draw to draw: parameters, and design keys of the points, as ``design.KEY``.

    Returns
    -------
    pandas.DataFrame
        A row a draw in the order of the cube, indexed by point, draw and replication; a column a value. NaN for a draw
        of which no run is there.
    """
    cube, keys = results.cube, list(DRAW_KEYS)
    every = pd.MultiIndex.from_product([cube[name].values for name in keys], names=keys)
    frame = results.runs.drop_duplicates(keys).set_index(keys)[results.names("parameters")].reindex(every)
    points = points_of(results.store.experiment)
    varied = {key: [point[key] for point in points] for key in points[0] if key.startswith(DESIGN)}
    for key, values in varied.items():
        frame[key] = np.asarray(values)[every.get_level_values("point")]
    return frame
