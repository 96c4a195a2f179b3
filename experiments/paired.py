"""Paired: which designs are compared, for how long, and one replication of them all on the same draws."""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

from omstilling.experiments.registry import INDICATORS, Reading
from omstilling.experiments.trace import DATES, MONTHS, Trace, trace_run
from omstilling.experiments.waterfall import waterfall
from omstilling.model import Parameters, RegionMargins, RestructuringModel, Shock
from omstilling.model.design import Application, Design, Support
from omstilling.model.indicators import COLUMNS
from omstilling.scenarios.design_loader import load_design
from omstilling.scenarios.errors import Problem, ScenarioError
from omstilling.scenarios.schema import LONGEST_YEARS, Scenario

BASELINE = "none"
TRAJECTORIES = ("jobs", "population", "capacity_index")


@dataclass(frozen=True)
class PairedTask:
    """What a worker needs to run all designs of a replication: everything but the seed. The first design is the
    baseline.
    """

    margins: RegionMargins
    parameters: Parameters
    shocks: tuple[Shock, ...]
    application: Application
    designs: tuple[Design, ...]
    rows: tuple[int, ...]


@dataclass(frozen=True)
class PairedOutcome:
    """One replication of all D designs.

    Attributes
    ----------
    readings
        Every indicator of INDICATORS at every date, shape (D, I, 4).
    parts
        Waterfall at the dates after the programme, shape (D, 3, 7).
    trajectories
        Columns of TRAJECTORIES in the programme's municipalities by year, shape (D, years + 1, 3).
    phases, tracks
        How each programme ended and the track it was granted.
    """

    readings: NDArray[np.float64]
    parts: NDArray[np.float64]
    trajectories: NDArray[np.float64]
    phases: tuple[str, ...]
    tracks: tuple[str, ...]


def with_baseline(designs: tuple[str | Design, ...]) -> tuple[Design, ...]:
    """Load designs; the baseline comes first, whether it is among them or not.

    Raises
    ------
    ScenarioError
        For a design that cannot be loaded or that is named twice.
    """
    loaded = [design if isinstance(design, Design) else load_design(design) for design in designs]
    names = [design.name for design in loaded]
    for name in names:
        if names.count(name) > 1:
            raise ScenarioError(name, [Problem("designs", f"{name} twice", "each design once is expected")])
    baseline = [design for design in loaded if design.name == BASELINE] or [load_design(BASELINE)]
    return (*baseline, *(design for design in loaded if design.name != BASELINE))


def longest_months(designs: tuple[Design, ...]) -> int:
    """Months from application to the end of the longest programme; that of ``current`` where no design gives one."""
    tracks = [track for design in designs for track in design.tracks] or list(load_design("current").tracks)
    return max(track.months for track in tracks)


def years_needed(scenario: Scenario, rows: tuple[int, ...]) -> int:
    """Years to run so that every row of the record is there.

    Raises
    ------
    ScenarioError
        For more than can be run.
    """
    years = max(scenario.years, rows[-1] // MONTHS)
    if years > LONGEST_YEARS:
        found = f"{rows[-1] // MONTHS} years to five years after the end"
        raise ScenarioError(scenario.name, [Problem("programme.applies", found, f"at most {LONGEST_YEARS} can be run")])
    return years


def _trajectories(trace: Trace) -> NDArray[np.float64]:
    """Columns of TRAJECTORIES by year in the programme's municipalities; the index is weighted by inhabitants."""
    here = {name: trace.yearly[:, trace.places, list(COLUMNS).index(name)] for name in TRAJECTORIES}
    weights = here["population"] / here["population"].sum(axis=1, keepdims=True)
    return np.stack(
        [here["jobs"].sum(axis=1), here["population"].sum(axis=1), (weights * here["capacity_index"]).sum(axis=1)],
        axis=1,
    )


def simulate_designs(task: PairedTask, seed: int) -> PairedOutcome:
    """Run every design on the same draws and read every indicator against the paired baseline."""
    traces = []
    for design in task.designs:
        support = Support(design, (task.application,))
        model = RestructuringModel(task.margins, task.parameters, task.shocks, seed, support)
        traces.append(trace_run(model, task.rows))
    baseline, dates = traces[0], range(len(DATES))
    readings = [
        [[item.formula(Reading(trace, baseline, task.margins, date)) for date in dates] for item in INDICATORS]
        for trace in traces
    ]
    parts = [[astuple(waterfall(trace, baseline, date)) for date in dates[1:]] for trace in traces]
    return PairedOutcome(
        readings=np.array(readings),
        parts=np.array(parts),
        trajectories=np.stack([_trajectories(trace) for trace in traces]),
        phases=tuple(str(trace.phase) for trace in traces),
        tracks=tuple(trace.track for trace in traces),
    )
