"""Evidence: every number of a report, read from a store."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from omstilling.experiments.analysis.outcomes import Outcomes, outcomes_of
from omstilling.experiments.batch.records import OK
from omstilling.experiments.batch.results import Results
from omstilling.experiments.batch.store import StoreError
from omstilling.experiments.trace import AFTER, DATES

LAST = DATES[-1]
LEVELS = (0.05, 0.95)
_DRAWS = ("point", "draw", "replication")


@dataclass(frozen=True)
class Estimate:
    """Mean over draws, its Monte Carlo standard error, and the 5th and 95th percentile over draws."""

    mean: float
    error: float
    low: float
    high: float

    def times(self, factor: float) -> Estimate:
        """The estimate in another unit, ``factor`` positive."""
        return Estimate(self.mean * factor, self.error * factor, self.low * factor, self.high * factor)


def estimate_of(values: NDArray[np.float64]) -> Estimate:
    """Estimate from the values of draws; those that are NaN are left out."""
    known = values[np.isfinite(values)]
    if not known.size:
        return Estimate(*(float("nan"),) * 4)
    error = float(known.std(ddof=1) / np.sqrt(known.size)) if known.size > 1 else float("nan")
    low, high = np.quantile(known, LEVELS)
    return Estimate(float(known.mean()), error, float(low), float(high))


@dataclass(frozen=True, eq=False)
class Evidence:
    """What a store says.

    Attributes
    ----------
    results
        The store.
    """

    results: Results

    def __post_init__(self) -> None:
        if not (self.results.runs["status"] == OK).any():
            raise StoreError(f"{self.results.store.path}: every run has failed; there is nothing to report")

    @property
    def head(self) -> dict[str, Any]:
        """Experiment, scenarios, designs, versions."""
        return self.results.store.head

    @cached_property
    def scenarios(self) -> list[str]:
        """Names of scenarios that have a run, in the order of the experiment."""
        held = set(self.results.cube["scenario"].values.tolist())
        return [about["name"] for about in self.head["about"]["scenarios"] if about["name"] in held]

    @cached_property
    def designs(self) -> list[str]:
        """Names of designs that have a run, the baseline first."""
        held = set(self.results.cube["design"].values.tolist())
        return [about["name"] for about in self.head["about"]["designs"] if about["name"] in held]

    @property
    def supporting(self) -> list[str]:
        """Designs other than the baseline."""
        return self.designs[1:]

    def about_scenario(self, name: str) -> dict[str, Any]:
        """What the store says of a scenario."""
        return next(about for about in self.head["about"]["scenarios"] if about["name"] == name)

    def about_design(self, name: str) -> dict[str, Any]:
        """What the store says of a design."""
        return next(about for about in self.head["about"]["designs"] if about["name"] == name)

    @cached_property
    def open(self) -> bool:
        """Whether all who are eligible apply, in a county or the whole country, and not one place."""
        return any(about["open"] for about in self.head["about"]["scenarios"])

    @property
    def complete(self) -> bool:
        """Whether every run of the plan is there."""
        return len(self.results.runs) >= int(self.head["runs"])

    @cached_property
    def draws(self) -> int:
        """Draws, each a point, a set of parameters and a replication."""
        sizes = self.results.cube.sizes
        return int(np.prod([sizes[name] for name in _DRAWS]))

    def values(
        self, indicator: str, scenario: str, design: str, date: str = LAST, what: str = "difference"
    ) -> NDArray[np.float64]:
        """An indicator in every draw, shape (draws,): ``difference`` to the paired run, ``value`` or ``base``."""
        chosen = self.results.cube[what].sel(indicator=indicator, scenario=scenario, design=design, date=date)
        return np.asarray(chosen.transpose(*_DRAWS).to_numpy().ravel(), dtype=np.float64)

    def estimate(
        self, indicator: str, scenario: str, design: str, date: str = LAST, what: str = "difference"
    ) -> Estimate:
        """Estimate of an indicator."""
        return estimate_of(self.values(indicator, scenario, design, date, what))

    def pooled(self, indicator: str, design: str, date: str = LAST, what: str = "difference") -> Estimate:
        """Estimate of the mean over scenarios: one value a draw, NaN where a run of any scenario is missing."""
        return estimate_of(
            np.mean([self.values(indicator, scenario, design, date, what) for scenario in self.scenarios], axis=0)
        )

    def better(self, indicator: str, scenario: str, design: str, than: str, sign: int = 1) -> float:
        """Share of draws in which a design is better than another; ties count half."""
        margin = sign * (self.values(indicator, scenario, design) - self.values(indicator, scenario, than))
        margin = margin[np.isfinite(margin)]
        return float((margin > 0).mean() + 0.5 * (margin == 0).mean()) if margin.size else float("nan")

    @cached_property
    def outcomes(self) -> Outcomes:
        """Net jobs and cost five years after the end."""
        return outcomes_of(self.results)

    def standing(self, scenario: str, design: str) -> Counter[str]:
        """How often which track was granted; the empty name stands for a refusal."""
        runs = self.results.runs
        chosen = runs[(runs["scenario"] == scenario) & (runs["design"] == design) & (runs["status"] == OK)]
        return Counter(chosen["track"].tolist())

    def refused(self, scenario: str, design: str) -> bool:
        """Whether a design gives no programme in any draw of a scenario of one place."""
        return not self.open and set(self.standing(scenario, design)) <= {""}

    def nothing(self, scenario: str, design: str) -> bool:
        """Whether a design gives no programme and changes nothing in any draw."""
        values = [self.values(indicator, scenario, design) for indicator in ("net_jobs", "capacity_index")]
        return self.refused(scenario, design) and not np.nansum(np.abs(values))

    def statuses(self, scenario: str, design: str) -> NDArray[np.str_]:
        """The track that each municipality first was granted, empty for none, shape (draws, municipalities)."""
        table = self.results.table
        chosen = (pc.field("scenario") == scenario) & (pc.field("design") == design) & (pc.field("status") == OK)
        return np.array(table.filter(chosen)["statuses"].to_pylist(), dtype=np.str_)

    def parts(self, scenario: str, design: str) -> NDArray[np.float64]:
        """From reported to net jobs five years after the end, shape (draws, 7); draws that failed are left out."""
        chosen = self.results.waterfall.sel(scenario=scenario, design=design, date=AFTER[-1])
        values = chosen.transpose(*_DRAWS, "part").to_numpy()
        values = values.reshape(-1, values.shape[-1])
        return np.asarray(values[np.isfinite(values).all(axis=1)])

    def trajectory(self, scenario: str, design: str, quantity: str) -> NDArray[np.float64]:
        """A quantity by year from the start, shape (draws, years); NaN where a draw failed."""
        chosen = self.results.trajectories.sel(scenario=scenario, design=design, quantity=quantity)
        values = chosen.transpose(*_DRAWS, "year").to_numpy()
        values = values.reshape(-1, values.shape[-1])
        return np.asarray(values[:, np.isfinite(values).any(axis=0)])

    def year(self, scenario: str, design: str, date: str = LAST) -> int:
        """Calendar year at the end of which a date of a design lies."""
        table = self.results.table
        rows = table.filter((pc.field("scenario") == scenario) & (pc.field("design") == design))
        return int(rows["years"][0].as_py()[DATES.index(date)])
