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
from omstilling.experiments.reading.trace import AFTER, DATES
from omstilling.experiments.report.estimate import Estimate, estimate_of
from omstilling.experiments.report.whole_runs import WholeRuns, whole_runs

LAST = DATES[-1]
_DRAWS = ("point", "draw", "replication")


@dataclass(frozen=True, eq=False)
class Evidence:
    """What a store says.

    Attributes
    ----------
    given
        The store.
    """

    given: Results

    def __post_init__(self) -> None:
        self.results  # noqa: B018 - refuses a store with nothing to compare

    @cached_property
    def _whole(self) -> WholeRuns:
        return whole_runs(self.given)

    @property
    def results(self) -> Results:
        """The runs that are compared: draws in which every design of every case ran."""
        return self._whole.results

    @property
    def left_out(self) -> tuple[str, ...]:
        """Names of designs and cases of the experiment that have no runs to compare."""
        return self._whole.left_out

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

    @cached_property
    def giving(self) -> list[str]:
        """Designs that do something somewhere: give a programme, or change anything."""
        return [name for name in self.supporting if not all(self.nothing(case, name) for case in self.scenarios)]

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
        return len(self.given.runs) >= int(self.head["runs"])

    @property
    def points(self) -> int:
        """Points at which the experiment's keys are varied."""
        return int(self.results.cube.sizes["point"])

    @cached_property
    def groups(self) -> NDArray[np.int64]:
        """Group of each draw in the order of ``values``: draws of one share parameters, or chance where they are held.

        Points share chance and parameters; replications of a set of parameters share parameters.
        """
        sizes = self.results.cube.sizes
        number = np.arange(sizes["point"] * sizes["draw"] * sizes["replication"]) % (
            sizes["draw"] * sizes["replication"]
        )
        return number if self.head["experiment"]["parameters"] == "point" else number // sizes["replication"]

    @cached_property
    def draws(self) -> int:
        """Draws at each point: a set of parameters and a replication."""
        return int(self.results.runs[["draw", "replication"]].drop_duplicates().shape[0])

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
        return estimate_of(self.values(indicator, scenario, design, date, what), self.groups)

    def pooled(self, indicator: str, design: str, date: str = LAST, what: str = "difference") -> Estimate:
        """Estimate of the mean over scenarios: one value a draw."""
        by_case = [self.values(indicator, scenario, design, date, what) for scenario in self.scenarios]
        return estimate_of(np.mean(by_case, axis=0), self.groups)

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
        """A quantity by year from the start, shape (draws, years); NaN where a draw failed.

        Years that all draws have: where programmes have several lengths, it ends with the shortest.
        """
        chosen = self.results.trajectories.sel(scenario=scenario, design=design, quantity=quantity)
        values = chosen.transpose(*_DRAWS, "year").to_numpy()
        values = values.reshape(-1, values.shape[-1])
        known = np.isfinite(values)
        return np.asarray(values[:, known[known.any(axis=1)].all(axis=0)])

    def year(self, scenario: str, design: str, date: str = LAST) -> int:
        """Calendar year at the end of which a date of a design lies."""
        table = self.results.table
        rows = table.filter((pc.field("scenario") == scenario) & (pc.field("design") == design))
        return int(rows["years"][0].as_py()[DATES.index(date)])
