"""Paired: which designs are compared, for how long, and one replication of them all on the same draws."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

from omstilling.calibration.parameters.sets import ParameterSets
from omstilling.experiments.reading.indicators import INDICATORS, Reading
from omstilling.experiments.reading.trace import DATES, MONTHS, Trace, reading_rows, take_snapshot, trace_run
from omstilling.experiments.reading.waterfall import waterfall
from omstilling.model import Parameters, RegionMargins, RestructuringModel, Shock
from omstilling.model.policy.design import NO_SUPPORT, Application, Design, Support, Track
from omstilling.model.policy.programme import Phase
from omstilling.model.policy.yearly_plans import YearlyReport
from omstilling.model.state.ledger import LedgerError
from omstilling.model.state.record import COLUMNS
from omstilling.scenarios.design_loader import load_design
from omstilling.scenarios.errors import Problem, ScenarioError
from omstilling.scenarios.schema import LONGEST_YEARS, Scenario

BASELINE = "none"
_ROUNDING = 1e-6
TRAJECTORIES = ("jobs", "population", "capacity_index")


@dataclass(frozen=True)
class PairedTask:
    """What a worker needs to run all designs of a replication: everything but the seed.

    The first design is the baseline. ``rows`` of the record at the dates by design, shape (D, 4); the first, before the
    application, is the same for all. Without an application all who are eligible apply in rounds, and all
    municipalities count.
    """

    margins: RegionMargins
    parameters: ParameterSets
    shocks: tuple[Shock, ...]
    application: Application | None
    designs: tuple[Design, ...]
    rows: tuple[tuple[int, ...], ...]
    random_shocks: bool = False

    def support(self, design: Design) -> Support:
        """What is done under a design."""
        if self.application is None:
            return Support(design, open_rounds=bool(design.tracks))
        return Support(design, (self.application,))


@dataclass(frozen=True)
class PairedOutcome:
    """One replication of all D designs.

    Attributes
    ----------
    readings
        Every indicator of INDICATORS at every date, shape (D, I, 4).
    base
        The same of the baseline, at the dates of each design.
    parts
        Waterfall at the dates after the programme, shape (D, 3, 7).
    trajectories
        Columns of TRAJECTORIES in the programme's municipalities by year, shape (D, years + 1, 3).
    reports
        Yearly reports of each programme.
    phases, tracks, refusals
        How each programme ended, the track it was granted, or why it was refused.
    statuses
        The track that each municipality first was granted, empty for none, D times M.
    place_jobs
        Jobs of each municipality above those of the paired run at the last date, shape (D, M).
    """

    readings: NDArray[np.float64]
    base: NDArray[np.float64]
    parts: NDArray[np.float64]
    trajectories: NDArray[np.float64]
    reports: tuple[tuple[YearlyReport, ...], ...]
    phases: tuple[str, ...]
    tracks: tuple[str, ...]
    refusals: tuple[str, ...]
    statuses: tuple[tuple[str, ...], ...]
    place_jobs: NDArray[np.float64]


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


def run_before(
    margins: RegionMargins, parameters: Parameters, shocks: tuple[Shock, ...], application: Application, seed: int
) -> RestructuringModel:
    """A run without support to the month of an application, to be branched by designs."""
    model = RestructuringModel(margins, parameters, shocks, seed, Support(NO_SUPPORT.design, (application,)))
    model.run_months(max(application.month - margins.start_month, 0))
    return model


def granted_track(before: RestructuringModel, design: Design) -> Track | None:
    """The track of a design that is granted to who applies in a run, as ``run_before`` gives it; None without one."""
    model = before.branch(Support(design, before.support.applications))
    programme = model.programmes[0]
    while design.tracks and programme.phase is Phase.WAITING:
        model.step()
    return programme.track


def dates_of(
    margins: RegionMargins, sets: ParameterSets, shocks: tuple[Shock, ...], application: Application,
    designs: tuple[Design, ...], seed: int
) -> tuple[tuple[int, ...], ...]:  # fmt: skip
    """Rows of the record at the dates of each design, shape (D, 4).

    A design is read at the end of its own programme, as it is granted under a seed and its parameters; one without
    a programme at the end of the longest of the others, or of ``current``.
    """
    before = run_before(margins, sets.for_seed(seed), shocks, application, seed)
    tracks = [granted_track(before, design) for design in designs]
    months = [track.months if track else None for track in tracks]
    granted = [number for number in months if number is not None]
    longest = max(granted or [track.months for track in load_design("current").tracks])
    return tuple(reading_rows(application, margins.start_month, number or longest) for number in months)


def years_needed(scenario: Scenario, months: int) -> int:
    """Years to run so that a number of months is there.

    Raises
    ------
    ScenarioError
        For more than can be run.
    """
    years = max(scenario.years, months // MONTHS)
    if years > LONGEST_YEARS:
        found = f"{months // MONTHS} years to five years after the end"
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


def _readings(run: Trace, baseline: Trace, margins: RegionMargins) -> list[list[float]]:
    """Every indicator at every date, shape (I, 4)."""
    dates = range(len(DATES))
    return [[item.formula(Reading(run, baseline, margins, date)) for date in dates] for item in INDICATORS]


def _parts(run: Trace, baseline: Trace) -> list[tuple[float, ...]]:
    """Waterfall at the dates after the programme, shape (3, 7); it must add up."""
    parts = [waterfall(run, baseline, date) for date in range(1, len(DATES))]
    if any(abs(part.residual()) > _ROUNDING for part in parts):
        raise LedgerError(f"waterfall: reported and net jobs do not add up: {parts}")
    return [astuple(part) for part in parts]


def traces_of(task: PairedTask, seed: int) -> Iterator[Trace]:
    """Run every design on the same draws and parameters; what happens before an application is run once."""
    parameters = task.parameters.for_seed(seed)

    def begun(support: Support) -> RestructuringModel:
        return RestructuringModel(task.margins, parameters, task.shocks, seed, support, task.random_shocks)

    every_row = tuple(sorted({row for rows in task.rows for row in rows}))
    row_sets = (every_row, *task.rows[1:])  # the baseline is compared with all
    if task.application is None:
        for design, rows in zip(task.designs, row_sets, strict=True):
            yield trace_run(begun(task.support(design)), rows, every_row[-1], every=True)
        return
    trunk = begun(Support(NO_SUPPORT.design, (task.application,)))
    trunk.run_months(every_row[0])
    before = take_snapshot(trunk)
    trunk.run_months(max(task.application.month - task.margins.start_month, 0) - int(trunk.time))
    for design, rows in zip(task.designs, row_sets, strict=True):
        yield trace_run(trunk.branch(task.support(design)), rows, every_row[-1], taken=(before,))


def simulate_designs(task: PairedTask, seed: int) -> PairedOutcome:
    """Run every design on the same draws and parameters and read every indicator against the paired baseline.

    Raises
    ------
    LedgerError
        Where an identity does not hold.
    """
    traces = list(traces_of(task, seed))
    seen = {rows: traces[0].seen_at(rows) for rows in task.rows}
    traces[0] = seen[task.rows[0]]
    of_baseline = {rows: _readings(baseline, baseline, task.margins) for rows, baseline in seen.items()}
    paired = [(trace, seen[rows]) for trace, rows in zip(traces, task.rows, strict=True)]
    return PairedOutcome(
        readings=np.array([of_baseline[task.rows[0]], *(_readings(*each, task.margins) for each in paired[1:])]),
        base=np.array([of_baseline[rows] for rows in task.rows]),
        parts=np.array([_parts(trace, baseline) for trace, baseline in paired]),
        trajectories=np.stack([_trajectories(trace) for trace in traces]),
        reports=tuple(trace.reports for trace in traces),
        phases=tuple(trace.phase for trace in traces),
        tracks=tuple(trace.track for trace in traces),
        refusals=tuple(trace.refusal for trace in traces),
        statuses=tuple(trace.statuses for trace in traces),
        place_jobs=np.stack([trace.at("jobs", -1) - baseline.at("jobs", -1) for trace, baseline in paired]),
    )
