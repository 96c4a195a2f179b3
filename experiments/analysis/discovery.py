"""Discovery: where one design beats another, as a box in the space of parameters (PRIM, Friedman and Fisher 1999)."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from omstilling.experiments.analysis.outcomes import (
    DRAW_KEYS,
    designs_of,
    draw_values,
    indicator_named,
    known_name,
    scenarios_of,
)
from omstilling.experiments.batch.results import Results
from omstilling.experiments.reading.trace import DATES
from omstilling.scenarios.errors import Problem, ScenarioError

_SIGNIFICANT = 0.05
_FEWEST = 40
"""Cases that a box is looked for among."""


@dataclass(frozen=True)
class Box:
    """A box of cases.

    Attributes
    ----------
    limits
        ``key``, ``low``, ``high`` and ``p`` (chance of the restriction by luck) of each key that is restricted.
    coverage
        Share of the cases of interest that lie inside.
    density
        Share of the cases inside that are of interest.
    share
        Of all cases of interest, before any box: what ``density`` is to be held against.
    mass
        Share of all cases that lie inside.
    """

    limits: pd.DataFrame
    coverage: float
    density: float
    share: float
    mass: float


class Cases(NamedTuple):
    """Sets of values: ``keys``, one set a row, and ``lead``, how much better one design is there than another (N,)."""

    keys: pd.DataFrame
    lead: NDArray[np.float64]

    @property
    def interesting(self) -> NDArray[np.bool_]:
        """Where the one is better; not where they are equal."""
        return np.asarray(self.lead > 0.0)


def cases_of(results: Results, where: str, beats: str, indicator: str, date: str, scenario: str) -> Cases:
    """Cases of a store in a scenario: each draw of parameters at each point.

    Parameters
    ----------
    results
        The store.
    where, beats
        Two of its designs; ``lead`` is how much better the first is than the second, in the unit of the indicator,
        mean over replications that both ran in.
    indicator, date, scenario
        What is read, when and where.

    Raises
    ------
    ScenarioError
        For an unknown name, or the same design twice.
    """
    designs = designs_of(results)
    known_name("--where", where, designs)
    known_name("--beats", beats, [design for design in designs if design != where])
    known_name("--date", date, DATES)
    item = indicator_named(indicator, results)
    effect = results.cube["difference"].sel(
        indicator=item.name, date=date, scenario=scenarios_of(results, [scenario])[0]
    )
    lead = item.better * (effect.sel(design=where) - effect.sel(design=beats))
    values = lead.transpose(*DRAW_KEYS).mean("replication", skipna=True).to_numpy().ravel()
    keys = draw_values(results).groupby(level=list(DRAW_KEYS[:2]), sort=False).first()
    known = np.isfinite(values) & keys.notna().all(axis=1).to_numpy()
    return Cases(keys[known].reset_index(drop=True), values[known])


def discover(cases: pd.DataFrame, interesting: NDArray[np.bool_], least_density: float = 0.8) -> Box | None:
    """The box that covers most cases of interest at a density, with insignificant restrictions dropped.

    Parameters
    ----------
    cases
        A row a case; columns that do not vary are left out.
    interesting
        Which cases are of interest, e.g. those in which one design beats another, shape (N,).
    least_density
        The box with the highest coverage of at least this density is taken; the densest where none reaches it.

    Returns
    -------
    Box or None
        None where no box is denser than all cases together.

    Raises
    ------
    ScenarioError
        For fewer than 40 cases, where all or none are of interest, or where nothing varies.
    """
    share = float(interesting.mean())
    if len(cases) < _FEWEST or share in (0.0, 1.0):
        found = f"{len(cases)} cases, of which {int(interesting.sum())} are of interest"
        raise ScenarioError("discovery", [Problem("cases", found, f"{_FEWEST} or more, some of interest, are needed")])
    varied = cases.loc[:, cases.nunique() > 1].reset_index(drop=True)
    if varied.empty:
        allowed = "parameters drawn for each draw, a grid or a sample are needed"
        raise ScenarioError("discovery", [Problem("cases", "the same values in all", allowed)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from ema_workbench.analysis.prim import Prim

        found_box = Prim(varied, interesting.astype(int)).find_box()
        if found_box is None:
            return None
        path = found_box.peeling_trajectory
        dense = path[path["density"] >= least_density]
        chosen = int(dense["coverage"].idxmax() if len(dense) else path["density"].idxmax())
    edges, all_edges, luck = found_box.box_lims[chosen], found_box.box_lims[0], found_box.p_values[chosen]
    rows = []
    for name in varied.columns:
        low, high = (float(edge) for edge in edges[name])
        lowest, highest = (float(edge) for edge in all_edges[name])
        if (low, high) == (lowest, highest):
            continue
        chances = [value for value in np.atleast_1d(luck.get(name, [np.nan])) if value >= 0.0]
        chance = float(min(chances)) if chances else float("nan")
        if chance <= _SIGNIFICANT:
            rows.append((name, low, high, chance))
    limits = pd.DataFrame(rows, columns=["key", "low", "high", "p"])
    inside = np.ones(len(varied), dtype=bool)
    for name, low, high, _ in rows:
        inside &= varied[name].between(low, high).to_numpy()
    if not rows or not interesting[inside].mean() > share:
        return None
    hits = interesting[inside]
    return Box(limits, float(hits.sum() / interesting.sum()), float(hits.mean()), share, float(inside.mean()))


@dataclass(frozen=True)
class Discovery:
    """Where one design beats another in a scenario.

    Attributes
    ----------
    scenario, where, beats
        Names of the scenario, the one design and the other.
    cases
        That were looked among.
    box
        The box; None where there is none.
    why_none
        Why none could be looked for; empty where one could.
    """

    scenario: str
    where: str
    beats: str
    cases: Cases
    box: Box | None
    why_none: str = ""

    @property
    def limits(self) -> pd.DataFrame:
        """Limits of the box with ``kept``, the share of cases that each leaves by itself, the least first.

        An end that leaves no case out is infinite.
        """
        if self.box is None:
            return pd.DataFrame(columns=["key", "low", "high", "p", "kept"])
        limits, keys = self.box.limits, self.cases.keys
        kept = [keys[row.key].between(row.low, row.high).mean() for row in limits.itertuples()]
        least, most = (end(keys[limits["key"]]).to_numpy() for end in (pd.DataFrame.min, pd.DataFrame.max))
        ends = limits.assign(
            kept=kept, low=limits["low"].where(limits["low"] > least, -np.inf),
            high=limits["high"].where(limits["high"] < most, np.inf),
        )  # fmt: skip
        return ends.sort_values("kept", kind="stable", ignore_index=True)


def discoveries(
    results: Results, where: str, beats: str, indicator: str, date: str, scenarios: Iterable[str] = (),
    least_density: float = 0.8,
) -> list[Discovery]:  # fmt: skip
    """Where one design beats another, in each scenario: see ``cases_of`` and ``discover``.

    Raises
    ------
    ScenarioError
        For an unknown name, or where no scenario has cases to look among.
    """
    found: list[Discovery] = []
    errors: list[ScenarioError] = []
    for scenario in scenarios_of(results, scenarios):
        cases = cases_of(results, where, beats, indicator, date, scenario)
        try:
            found.append(
                Discovery(scenario, where, beats, cases, discover(cases.keys, cases.interesting, least_density))
            )
        except ScenarioError as error:
            errors.append(error)
            found.append(Discovery(scenario, where, beats, cases, None, str(error)))
    if len(errors) == len(found):
        raise errors[0]
    return found
