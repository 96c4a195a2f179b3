"""Runner: the replications of a scenario, in one process or several."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from omstilling.calibration.places import Places
from omstilling.calibration.region import region_margins
from omstilling.experiments.result import RunResult
from omstilling.experiments.workers import Progress, replicate
from omstilling.model import Parameters, RegionMargins, RestructuringModel, Shock
from omstilling.model.design import NO_SUPPORT, Support
from omstilling.scenarios.design_loader import load_design
from omstilling.scenarios.loader import load_scenario
from omstilling.scenarios.schema import Scenario


@dataclass(frozen=True)
class Task:
    """What a worker needs to run replications: everything but the seed."""

    margins: RegionMargins
    parameters: Parameters
    shocks: tuple[Shock, ...]
    months: int
    support: Support = NO_SUPPORT


def simulate(task: Task, seed: int) -> NDArray[np.float64]:
    """Record of one replication, shape (months + 1, M, C)."""
    model = RestructuringModel(task.margins, task.parameters, task.shocks, seed, task.support)
    model.run_months(task.months)
    return model.record.values


def run(
    scenario: str | Path | Scenario,
    *,
    replications: int | None = None,
    seed: int | None = None,
    workers: int = 1,
    parameters: Parameters | None = None,
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
        In place of the defaults.
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
    ScenarioError, PlaceError, MarginsError, ShockError
        For input that cannot be run.
    """
    if not isinstance(scenario, Scenario):
        scenario = load_scenario(scenario, Places())
    scenario = scenario.model_copy(
        update={key: value for key, value in (("replications", replications), ("seed", seed)) if value is not None}
    )
    shocks = tuple(spec.to_shock() for spec in scenario.shocks)
    margins = region_margins(scenario.municipalities, scenario.start, shocks)
    support = Support(load_design(design), (scenario.application,)) if design is not None else NO_SUPPORT
    task = Task(margins, parameters or Parameters(), shocks, scenario.months, support)
    records = replicate(simulate, task, scenario.seed, scenario.replications, workers, progress)
    return RunResult(scenario, task.margins, np.stack(records), support.design.name)
