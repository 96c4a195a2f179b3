"""Units: the designs of an experiment run at one point on the same draws, and what is recorded of each run."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Sequence

import numpy as np

from omstilling.calibration.parameters.sets import parameter_sets
from omstilling.experiments.batch.plan import Plan, Unit
from omstilling.experiments.batch.records import FAILED, RunRecord
from omstilling.experiments.comparison.paired import PairedOutcome, PairedTask, simulate_designs
from omstilling.experiments.reading.trace import MONTHS


def _flat(values: object) -> tuple[float, ...]:
    return tuple(np.asarray(values, dtype=np.float64).ravel().tolist())


class _UnitRuns:
    """Runs of one unit."""

    def __init__(self, plan: Plan, unit: Unit) -> None:
        self.plan, self.unit = plan, unit
        self.case, self.setting = plan.case(unit), plan.settings[unit.scenario]
        self.seed, self.parameters = plan.seed(unit), plan.parameters(unit)
        self.ids = plan.run_ids(unit)

    def simulate(self, numbers: Sequence[int]) -> PairedOutcome:
        """Some designs, the baseline first."""
        at, case = self.setting, self.case
        task = PairedTask(
            at.margins, parameter_sets(self.parameters), at.shocks, at.application,
            tuple(case.designs[number] for number in numbers), tuple(case.rows[number] for number in numbers),
            at.scenario.random_shocks,
        )  # fmt: skip
        return simulate_designs(task, self.seed)

    def record(self, number: int, **what: object) -> RunRecord:
        """Record of a design."""
        values = {name: value for block in vars(self.parameters).values() for name, value in vars(block).items()}
        start = self.setting.scenario.start
        years = tuple(start + row // MONTHS - 1 for row in self.case.rows[number])
        return RunRecord(
            self.ids[number], self.setting.scenario.name, self.case.designs[number].name, self.unit.point,
            self.unit.draw, self.unit.replication, self.seed, years=years,
            parameters=tuple(float(values[name]) for name in self.plan.recorded), **what,  # type: ignore[arg-type]
        )  # fmt: skip

    def done(self, number: int, outcome: PairedOutcome, position: int) -> RunRecord:
        """Record of a design that ran, at a position of an outcome."""
        rows = self.case.rows if number == 0 else (self.case.rows[number],)  # the baseline is compared with all
        last = max(each[-1] for each in rows) // MONTHS + 1
        wide = self.setting.application is None
        return self.record(
            number, phase=outcome.phases[position], track=outcome.tracks[position], refusal=outcome.refusals[position],
            readings=_flat(outcome.readings[position]), base=_flat(outcome.base[position]),
            parts=_flat(outcome.parts[position]), trajectories=_flat(outcome.trajectories[position, :last]),
            statuses=outcome.statuses[position] if wide else (),
            place_jobs=_flat(outcome.place_jobs[position]) if wide else (),
        )  # fmt: skip

    def failed(self, number: int, error: Exception) -> RunRecord:
        """Record of a design that did not."""
        return self.record(
            number, status=FAILED, error_type=type(error).__name__, error_message=str(error),
            error_traceback="".join(traceback.format_exception(error)),
        )  # fmt: skip


def _one_by_one(runs: _UnitRuns) -> Iterator[RunRecord]:
    """Each design beside the baseline, so that one that fails takes no other with it."""
    for number in range(len(runs.case.designs)):
        try:
            yield runs.done(number, runs.simulate((0, number) if number else (0,)), 1 if number else 0)
        except Exception as error:
            yield runs.failed(number, error)


def run_unit(plan: Plan, unit: Unit) -> list[RunRecord]:
    """Run all designs of a unit; what fails is recorded with its error and never raised."""
    runs = _UnitRuns(plan, unit)
    numbers = range(len(runs.case.designs))
    try:
        outcome = runs.simulate(numbers)
    except Exception:
        return list(_one_by_one(runs))
    return [runs.done(number, outcome, number) for number in numbers]


def died(plan: Plan, unit: Unit) -> list[RunRecord]:
    """Records of a unit whose worker process died."""
    runs = _UnitRuns(plan, unit)
    error = RuntimeError("the worker process died: it ran out of memory, was killed, or crashed")
    return [runs.failed(number, error) for number in range(len(runs.case.designs))]
