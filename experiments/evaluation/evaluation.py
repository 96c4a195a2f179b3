"""Evaluation: what evaluators would find in simulated runs whose true effects are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from omstilling.calibration.parameters.sets import ParameterChoice
from omstilling.experiments.comparison.paired import BASELINE
from omstilling.experiments.evaluation.panel import Panel
from omstilling.experiments.evaluation.performance import minimal_detectable_effect, performance
from omstilling.experiments.evaluation.power import Selection, evaluate_estimators, evaluate_runs
from omstilling.experiments.national.comparison import NationalComparison, compare_national
from omstilling.experiments.national.runs import NationalRun
from omstilling.experiments.running.workers import Progress
from omstilling.model.engine.calendar import year_of
from omstilling.scenarios.errors import Problem, ScenarioError
from omstilling.scenarios.schema import Scenario

FOLLOW_UPS = (2, 5, 8)
"""Years after the grant; the evaluations of the scheme looked 5-8 years after the end (Distriktssenteret 2009)."""
NUMBERS = (10, 25, 53)
"""Programmes; 53 were evaluated in TF-rapport 704."""
EFFECTS: dict[str, tuple[float, ...]] = {
    "jobs": (0.0, 0.03, 0.06), "population": (0.0, 0.03, 0.06), "employment_rate": (0.0, 0.03),
    "unemployment": (0.0, -0.2), "capacity_index": (0.0, 0.2),
}  # fmt: skip
"""Effects planted, as shares of the level: 6 % on jobs and 5 % on population is what the older study found."""
SHOWN = {"jobs": 0.06, "population": 0.06, "employment_rate": 0.03, "unemployment": -0.2, "capacity_index": 0.2}
"""Effects whose power is drawn."""
_LEAST_TREATED = 3
_YEARS_BEFORE = 3
_FEWEST = 16


@dataclass(frozen=True)
class Evaluation:
    """What estimators make of known effects.

    Attributes
    ----------
    comparison, design
        The runs, and the design that is evaluated.
    planted
        Performance where effects are planted in runs without support; see ``performance.performance``.
    simulated
        The same where the design gave status and the effect came out of the run; a row per estimator, indicator and
        years of follow-up.
    """

    comparison: NationalComparison
    design: str
    planted: pd.DataFrame
    simulated: pd.DataFrame

    @property
    def detectable(self) -> pd.DataFrame:
        """Least effect that each estimator would see four times in five; see ``performance``."""
        return minimal_detectable_effect(self.planted)

    def save(self, folder: str | Path) -> list[Path]:
        """Write tables and the figure of power into a folder, each whole or not at all."""
        from omstilling.experiments.evaluation.files import save_evaluation

        return save_evaluation(self, Path(folder))


def panel_of(run: NationalRun, comparison: NationalComparison) -> Panel:
    """A run as an evaluator would hold it: rates in per cent, the figure of each year at its end."""
    population = np.maximum(run.of("population"), 1.0)
    employed, unemployed = run.of("employed_residents"), run.of("unemployed")
    outcomes = {
        "jobs": np.maximum(run.of("jobs"), 1.0),
        "population": population,
        "employment_rate": 100.0 * employed / population,
        "unemployment": 100.0 * unemployed / np.maximum(employed + unemployed, 1.0),
        "capacity_index": run.of("capacity_index"),
    }
    margins = comparison.margins
    first = comparison.scenario.start - 1
    jobs = np.maximum(margins.industry_jobs, 0)
    return Panel(
        codes=margins.codes,
        years=tuple(range(first, first + len(population))),
        outcomes={name: np.asarray(values.T) for name, values in outcomes.items()},
        structure={"centrality": margins.centrality_index},
        industry_shares=jobs / np.maximum(jobs.sum(axis=1, keepdims=True), 1),
    )


def _treated(
    run: NationalRun, start: int, last_year: int, follow_up: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Municipalities with status early enough to be followed and late enough to have a past, and the year of each."""
    first: dict[int, int] = {}
    for status in run.statuses:
        first.setdefault(status.place, year_of(status.granted))
    chosen = {
        place: year
        for place, year in first.items()
        if start + _YEARS_BEFORE <= year + 1 and year + follow_up <= last_year
    }
    return np.array(list(chosen), dtype=np.int64), np.array(list(chosen.values()), dtype=np.int64)


def _simulated(comparison: NationalComparison, design: int, follow_ups: Sequence[int]) -> pd.DataFrame:
    """Estimates of what a design did in each replication, beside the truth."""
    found = []
    last_year = comparison.scenario.start + comparison.scenario.years - 1
    for number, runs in enumerate(comparison.runs):
        baseline, run = runs[0], runs[design]
        with_support, without = panel_of(run, comparison), panel_of(baseline, comparison)
        for follow_up in follow_ups:
            treated, first_year = _treated(run, comparison.scenario.start, last_year, follow_up)
            if len(treated) >= _LEAST_TREATED:
                found.append(
                    evaluate_runs(
                        with_support, without, treated, first_year, [follow_up], list(EFFECTS), replication=number
                    )
                )
    if not found:
        return pd.DataFrame(columns=["estimator", "outcome", "follow_up"])
    # The number of programmes differs between runs; one case of each estimator, indicator and follow-up.
    together = pd.concat(found)
    return performance(together.assign(programmes=round(together["programmes"].mean())))


def evaluate_comparison(
    comparison: NationalComparison, design: int = 1, *, draws: int = 25, selection: Selection = "random",
    numbers: Sequence[int] = NUMBERS, follow_ups: Sequence[int] = FOLLOW_UPS,
) -> Evaluation:  # fmt: skip
    """Let evaluators loose on runs that are there; ``design`` is its number in them, the rest as of ``evaluate``."""
    start, years = comparison.scenario.start, comparison.scenario.years
    last_grant = start + years - 1 - max(follow_ups)
    grants = range(min(start + _YEARS_BEFORE, last_grant), last_grant + 1)
    if comparison.margins.size < _FEWEST:
        found = f"{comparison.margins.size} municipalities"
        allowed = f"at least {_FEWEST} are needed, so that there are references for those with a programme"
        raise ScenarioError(comparison.scenario.name, [Problem("municipalities", found, allowed)])
    most = comparison.margins.size // 4
    planted = evaluate_estimators(
        (panel_of(runs[0], comparison) for runs in comparison.runs), EFFECTS,
        numbers=[number for number in numbers if number <= most] or [most], follow_ups=follow_ups,
        grant_years=list(grants), draws=draws, seed=comparison.scenario.seed, how=selection,
    )  # fmt: skip
    return Evaluation(comparison, comparison.designs[design].name, planted, _simulated(comparison, design, follow_ups))


def evaluate(
    scenario: str | Path | Scenario = "country",
    design: str = "current",
    *,
    replications: int | None = None,
    draws: int = 25,
    seed: int | None = None,
    workers: int = 1,
    selection: Selection = "random",
    numbers: Sequence[int] = NUMBERS,
    follow_ups: Sequence[int] = FOLLOW_UPS,
    parameters: ParameterChoice = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Run a country or county with and without a design, and let evaluators loose on the figures.

    Parameters
    ----------
    scenario
        As for ``compare_national``.
    design
        Design under which status is granted in the runs with support.
    replications, seed, workers, parameters, progress
        As for ``compare_national``.
    draws
        Draws of who is treated from each run without support, for planted effects.
    selection
        How these are drawn: ``random``, ``decline`` or ``matched-like``; see ``power.select_treated``.
    numbers, follow_ups
        Numbers of programmes and years after the grant.

    Raises
    ------
    ScenarioError
        For input that cannot be run, or fewer municipalities than an evaluation needs.
    """
    comparison = compare_national(
        scenario, (BASELINE, design), replications=replications, seed=seed, workers=workers, parameters=parameters,
        progress=progress,
    )  # fmt: skip
    return evaluate_comparison(comparison, draws=draws, selection=selection, numbers=numbers, follow_ups=follow_ups)
