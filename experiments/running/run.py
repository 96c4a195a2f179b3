"""Runner: the replications of a scenario, in one process or several."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from omstilling.calibration.margins.region import region_margins
from omstilling.calibration.margins.sample import sample_margins, sample_shocks
from omstilling.calibration.parameters.sets import ParameterChoice, ParameterSets, parameter_sets
from omstilling.calibration.tables.places import Places
from omstilling.experiments.running.result import RunResult
from omstilling.experiments.running.workers import Progress, replicate
from omstilling.model import RegionMargins, RestructuringModel, Shock
from omstilling.model.engine.threads import LEAST_ROWS
from omstilling.model.policy.design import NO_SUPPORT, Support
from omstilling.scenarios.design_loader import load_design
from omstilling.scenarios.loader import load_scenario
from omstilling.scenarios.schema import Applicants, Scenario


@dataclass(frozen=True)
class Task:
    """What a worker needs to run replications: everything but the seed."""

    margins: RegionMargins
    parameters: ParameterSets
    shocks: tuple[Shock, ...]
    months: int
    support: Support = NO_SUPPORT
    random_shocks: bool = False
    threads: int = 1


def simulate(task: Task, seed: int) -> NDArray[np.float64]:
    """Record of one replication, shape (months + 1, M, C)."""
    parameters = task.parameters.for_seed(seed)
    model = RestructuringModel(
        task.margins, parameters, task.shocks, seed, task.support, task.random_shocks, task.threads
    )
    model.run_months(task.months)
    return model.record.values


def support_of(scenario: Scenario, design: str | None) -> Support:
    """Who applies for what in a scenario under a design; nobody without one."""
    if design is None:
        return NO_SUPPORT
    if scenario.applicants is Applicants.ELIGIBLE:
        return Support(load_design(design), open_rounds=True)
    return Support(load_design(design), (scenario.application,))


def threads_for(margins: RegionMargins, workers: int, replications: int) -> int:
    """Threads for each run: the processors that worker processes leave, where the region is large."""
    if margins.population.sum() < LEAST_ROWS:
        return 1
    return max(1, (os.cpu_count() or 1) // min(workers, replications))


def run(
    scenario: str | Path | Scenario,
    *,
    replications: int | None = None,
    seed: int | None = None,
    workers: int = 1,
    parameters: ParameterChoice = None,
    progress: Progress | None = None,
    design: str | None = None,
) -> RunResult:
    """Run a scenario.

    Parameters
    ----------
    scenario
        Name of a shipped example, path of a scenario file, or a loaded scenario.
    replications, seed
        In place of those of the scenario.
    workers
        Processes; the result is the same for any number.
    parameters
        For all replications, or where those of each come from; see ``parameter_sets``. The posterior if left out.
    progress
        Called with the number of replications done and in all.
    design
        Support design for the scenario's programme, by name or path; none if left out.

    Returns
    -------
    RunResult
        ``.panel`` is a table with a row per replication, month and municipality; ``.plot()`` a figure.

    Raises
    ------
    ScenarioError, PlaceError, MarginsError, ShockError, PosteriorError
        For input that cannot be run.
    """
    if not isinstance(scenario, Scenario):
        scenario = load_scenario(scenario, Places())
    scenario = scenario.model_copy(
        update={key: value for key, value in (("replications", replications), ("seed", seed)) if value is not None}
    )
    shocks = tuple(spec.to_shock() for spec in scenario.shocks)
    margins = sample_margins(region_margins(scenario.municipalities, scenario.start, shocks), scenario.sample)
    task = Task(
        margins, parameter_sets(parameters), sample_shocks(shocks, scenario.sample), scenario.months,
        support_of(scenario, design), scenario.random_shocks, threads_for(margins, workers, scenario.replications),
    )  # fmt: skip
    records = replicate(simulate, task, scenario.seed, scenario.replications, workers, progress)
    return RunResult(scenario, task.margins, np.stack(records), task.parameters, task.support.design.name)
