"""National comparison: designs under one budget, in a country or county in which all who are eligible apply."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from omstilling.calibration.margins.region import region_margins
from omstilling.calibration.parameters.sets import ParameterChoice, ParameterSets, parameter_sets
from omstilling.calibration.tables.places import Places
from omstilling.calibration.tables.tables import load_tables
from omstilling.experiments.comparison.paired import with_baseline
from omstilling.experiments.national.budget import REFERENCE, budget_for, with_budget
from omstilling.experiments.national.runs import NationalRun, NationalTask, simulate_national
from omstilling.experiments.national.tables import (
    coverage_table,
    decision_table,
    effect_table,
    key_table,
    status_table,
)
from omstilling.experiments.running.parameter_record import parameter_record
from omstilling.experiments.running.run import threads_for
from omstilling.experiments.running.workers import Progress, replication_seed, work_through
from omstilling.model import RegionMargins
from omstilling.model.policy.design import Design
from omstilling.scenarios.design_loader import load_design, shipped_designs
from omstilling.scenarios.errors import Problem, ScenarioError
from omstilling.scenarios.loader import load_scenario
from omstilling.scenarios.schema import Applicants, Scenario

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class NationalComparison:
    """All runs of a national comparison.

    Attributes
    ----------
    scenario, margins, designs
        What was compared; the first design is the baseline.
    regions
        Labour-market region of each municipality, shape (M,).
    budget
        Kroner a year that the State spends at most under each design.
    runs
        By replication and design.
    sets
        Where the parameters of the replications came from.
    """

    scenario: Scenario
    margins: RegionMargins
    designs: tuple[Design, ...]
    regions: NDArray[np.str_]
    budget: float
    runs: tuple[tuple[NationalRun, ...], ...]
    sets: ParameterSets

    @cached_property
    def status(self) -> pd.DataFrame:
        """Who gets status when: a row per design, municipality and track; see ``national_tables.status_table``."""
        return status_table(self)

    @cached_property
    def effects(self) -> pd.DataFrame:
        """Paired differences by type of municipality and by reach; see ``national_tables.effect_table``."""
        return effect_table(self)

    @cached_property
    def key_figures(self) -> pd.DataFrame:
        """Net effects, costs, targeting and inequality by design; see ``national_tables.key_table``."""
        return key_table(self)

    @cached_property
    def coverage(self) -> pd.DataFrame:
        """Share of the places hit that are reached; see ``national_tables.coverage_table``."""
        return coverage_table(self)

    @cached_property
    def decisions(self) -> pd.DataFrame:
        """Every application; see ``national_tables.decision_table``."""
        return decision_table(self)

    @property
    def parameters(self) -> pd.DataFrame:
        """Parameters of each replication, the same under every design; see ``parameter_record``."""
        return parameter_record(self.sets, self.scenario.seed, self.scenario.replications)

    def plot_map(self, path: str | Path | None = None) -> Figure:
        """Draw who gets status under each design on a map; write a PNG if a path is given."""
        from omstilling.experiments.drawing.style import written
        from omstilling.experiments.national.figures import draw_status_map

        return written(draw_status_map(self), path)

    def plot_timing(self, path: str | Path | None = None) -> Figure:
        """Draw how many municipalities have status by year and type; write a PNG if a path is given."""
        from omstilling.experiments.drawing.style import written
        from omstilling.experiments.national.figures import draw_timing

        return written(draw_timing(self), path)

    def plot_effects(self, path: str | Path | None = None) -> Figure:
        """Draw net effects by type of municipality and year; write a PNG if a path is given."""
        from omstilling.experiments.drawing.style import written
        from omstilling.experiments.national.figures import draw_effects

        return written(draw_effects(self), path)

    def save(self, folder: str | Path) -> list[Path]:
        """Write tables and figures into a folder, each whole or not at all."""
        from omstilling.experiments.national.files import save_national

        return save_national(self, Path(folder))


def _check(scenario: Scenario) -> None:
    if scenario.applicants is not Applicants.ELIGIBLE:
        problem = Problem("applicants", scenario.applicants, 'applicants = "eligible" is needed')
        raise ScenarioError(scenario.name, [problem])
    if scenario.sample > 1:
        allowed = "1 is needed: a tenth of a grant cannot pay a whole project"
        raise ScenarioError(scenario.name, [Problem("sample", str(scenario.sample), allowed)])


def compare_national(
    scenario: str | Path | Scenario,
    designs: tuple[str | Design, ...] | str | None = None,
    *,
    replications: int | None = None,
    seed: int | None = None,
    workers: int = 1,
    budget: float | None = None,
    parameters: ParameterChoice = None,
    progress: Progress | None = None,
) -> NationalComparison:
    """Compare designs where all who are eligible apply, on the same draws and under the same budget.

    Parameters
    ----------
    scenario
        Name of a shipped example, path of a scenario file, or a loaded scenario, with ``applicants = "eligible"``.
    designs
        Names, paths, names with blocks or designs; all shipped if left out. ``none`` is the baseline and joins.
    replications, seed
        In place of those of the scenario.
    workers
        Processes; the result is the same for any number.
    budget
        Kroner a year for the whole country; that of ``current`` if left out. A run of some municipalities gets the part
        of their inhabitants in centrality classes 5 and 6.
    parameters
        For all replications, or where those of each come from; see ``parameter_sets``. The posterior if left out.
    progress
        Called with the number of runs done and in all.

    Raises
    ------
    ScenarioError, PlaceError, MarginsError, ShockError, DesignError, PosteriorError
        For input that cannot be run.
    """
    if not isinstance(scenario, Scenario):
        scenario = load_scenario(scenario, Places())
    _check(scenario)
    changes = {key: value for key, value in (("replications", replications), ("seed", seed)) if value is not None}
    scenario = scenario.model_copy(update=changes)
    names = tuple(shipped_designs()) if designs is None else ((designs,) if isinstance(designs, str) else designs)
    shocks = tuple(spec.to_shock() for spec in scenario.shocks)
    margins = region_margins(scenario.municipalities, scenario.start, shocks)
    reference = load_design(REFERENCE)
    national = reference.national_budget if budget is None else budget
    here = budget_for(margins, scenario.start, national)
    compared = with_budget(with_baseline(tuple(names)), here)
    items = [
        (number, replication_seed(scenario.seed, replication))
        for replication in range(scenario.replications)
        for number in range(len(compared))
    ]
    task = NationalTask(
        margins, parameter_sets(parameters), shocks, scenario.random_shocks, compared, reference, scenario.months,
        threads_for(margins, workers, len(items)),
    )  # fmt: skip
    runs = work_through(simulate_national, task, items, workers, progress)
    size = len(compared)
    regions = load_tables().municipalities.loc[list(margins.codes), "region"].to_numpy(dtype=np.str_)
    by_replication = tuple(tuple(runs[first : first + size]) for first in range(0, len(runs), size))
    return NationalComparison(scenario, margins, compared, regions, here, by_replication, task.parameters)
