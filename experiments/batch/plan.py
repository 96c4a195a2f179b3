"""Plan: every run of an experiment with its identity, and the shards they are kept in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import Any, NamedTuple

from omstilling.calibration.margins.region import region_margins
from omstilling.calibration.parameters.posterior import code_version, data_version
from omstilling.calibration.parameters.sets import ParameterSets, ParameterSource, parameter_sets
from omstilling.calibration.tables.places import Places
from omstilling.experiments.batch.design_points import design_at, planned_grants, with_grants
from omstilling.experiments.batch.points import Point, points_of
from omstilling.experiments.comparison.paired import granted_track, run_before, with_baseline, years_needed
from omstilling.experiments.national.budget import REFERENCE, budget_for, with_budget
from omstilling.experiments.reading.trace import open_rows, reading_rows
from omstilling.experiments.running.workers import replication_seed
from omstilling.model import Parameters, RegionMargins, RestructuringModel, Shock
from omstilling.model.policy.design import Application, Design, Track
from omstilling.scenarios.design_loader import load_design
from omstilling.scenarios.errors import Problem, ScenarioError
from omstilling.scenarios.experiment import PARAMETER, Experiment
from omstilling.scenarios.loader import load_scenario
from omstilling.scenarios.schema import Applicants, Scenario

SCHEMA = 3
"""Version of what a run records; part of its identity."""
_DIGITS = 32
_SHARD_PERSON_MONTHS = 60_000_000
_MOST_RUNS = 600
"""A shard holds some ten seconds of work, and no more runs than this."""


class Unit(NamedTuple):
    """All designs at one point, on the same draws: numbers of the scenario, point, parameter draw and replication."""

    scenario: int
    point: int
    draw: int
    replication: int


@dataclass(frozen=True)
class Setting:
    """A scenario as the model takes it; without an application all who are eligible apply."""

    scenario: Scenario
    margins: RegionMargins
    shocks: tuple[Shock, ...]
    application: Application | None


@dataclass(frozen=True)
class Case:
    """Designs of a scenario at a point, the baseline first, and the rows at which each is read, shape (D, 4)."""

    designs: tuple[Design, ...]
    rows: tuple[tuple[int, ...], ...]


def load_setting(name_or_path: str) -> Setting:
    """Read a scenario.

    Raises
    ------
    ScenarioError, PlaceError, MarginsError, ShockError
        For one that cannot be run.
    """
    scenario = load_scenario(name_or_path, Places())
    if scenario.sample > 1:
        allowed = "1 is needed: programmes are simulated one to one"
        raise ScenarioError(name_or_path, [Problem("sample", str(scenario.sample), allowed)])
    shocks = tuple(spec.to_shock() for spec in scenario.shocks)
    margins = region_margins(scenario.municipalities, scenario.start, shocks)
    rounds = scenario.applicants is Applicants.ELIGIBLE
    return Setting(scenario, margins, shocks, None if rounds else scenario.application)


def _digest(what: object) -> str:
    return hashlib.sha256(json.dumps(what, sort_keys=True, default=str).encode()).hexdigest()


def _name(ids: Iterable[str]) -> str:
    return hashlib.sha256("".join(ids).encode()).hexdigest()[:_DIGITS]


def _at(parameters: Parameters, point: Point) -> Parameters:
    """Parameters with those of a point changed."""
    values = {key.removeprefix(PARAMETER): value for key, value in point.items() if key.startswith(PARAMETER)}
    return parameters.with_values(**values) if values else parameters


@dataclass(frozen=True, eq=False)
class Plan:
    """All runs of an experiment.

    Attributes
    ----------
    experiment
        What was asked.
    settings
        Scenarios, in order.
    points
        Values of the keys that vary.
    cases
        By scenario and point.
    sets
        Where parameters come from.
    """

    experiment: Experiment
    settings: tuple[Setting, ...]
    points: tuple[Point, ...]
    cases: tuple[tuple[Case, ...], ...]
    sets: ParameterSets

    @property
    def designs(self) -> tuple[str, ...]:
        """Names of the designs, the baseline first."""
        return tuple(design.name for design in self.cases[0][0].designs)

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """Every unit, in order."""
        asked = self.experiment
        return tuple(
            Unit(scenario, point, draw, replication)
            for scenario in range(len(self.settings))
            for point in range(len(self.points))
            for draw in range(asked.draws)
            for replication in range(asked.replications)
        )

    @property
    def runs(self) -> int:
        """Number of runs."""
        return len(self.units) * len(self.designs)

    def case(self, unit: Unit) -> Case:
        """Designs and dates of a unit."""
        return self.cases[unit.scenario][unit.point]

    def seed(self, unit: Unit) -> int:
        """Seed of a unit's runs; in the first replication of a draw that of the same replication of ``compare``."""
        own = replication_seed(self.experiment.seed, unit.draw)
        return own if unit.replication == 0 else replication_seed(own, unit.replication)

    def parameters(self, unit: Unit) -> Parameters:
        """Parameters of a unit: those of its draw, changed by its point."""
        return _at(self._drawn[unit.draw], self.points[unit.point])

    @cached_property
    def _drawn(self) -> tuple[Parameters, ...]:
        """Parameters by draw."""
        asked = self.experiment
        return tuple(self.sets.for_seed(replication_seed(asked.seed, draw)) for draw in range(asked.draws))

    @cached_property
    def _common(self) -> tuple[str, ...]:
        """Digest by scenario of what all its runs share: the scenario, and versions of schema, code and data."""
        left_out = {"name", "title", "description", "replications", "seed", "years", "sources"}
        versions = [SCHEMA, code_version(), data_version()]
        return tuple(
            _digest([versions, setting.scenario.model_dump(mode="json", exclude=left_out)]) for setting in self.settings
        )

    @cached_property
    def _designs(self) -> tuple[tuple[tuple[str, ...], ...], ...]:
        """Digest of each design and its dates, by scenario and point."""
        known: dict[tuple[Design, tuple[int, ...]], str] = {}

        def digest(design: Design, rows: tuple[int, ...]) -> str:
            if (design, rows) not in known:
                content = {key: value for key, value in asdict(design).items() if key != "title"}
                known[design, rows] = _digest([content, rows])
            return known[design, rows]

        def of_case(case: Case) -> tuple[str, ...]:
            return tuple(digest(design, rows) for design, rows in zip(case.designs, case.rows, strict=True))

        return tuple(tuple(of_case(case) for case in cases) for cases in self.cases)

    def run_ids(self, unit: Unit) -> tuple[str, ...]:
        """Identity of each run of a unit, by design: a hash of all that its result follows from, 32 hexadecimal digits.

        Scenario, design, parameters, seed, dates, and versions of schema, code and data.
        """
        values = [value for block in vars(self.parameters(unit)).values() for value in vars(block).values()]
        shared = _digest([self._common[unit.scenario], values, self.seed(unit)])
        return tuple(
            hashlib.sha256(f"{shared}{design}".encode()).hexdigest()[:_DIGITS]
            for design in self._designs[unit.scenario][unit.point]
        )

    def months(self, unit: Unit) -> int:
        """Months that each design of a unit is simulated."""
        return max(rows[-1] for rows in self.case(unit).rows)

    def person_months(self, unit: Unit) -> float:
        """Months simulated of all designs of a unit times inhabitants at the start."""
        persons = float(self.settings[unit.scenario].margins.population.sum())
        return persons * len(self.designs) * self.months(unit)

    def _shards(self) -> Iterator[tuple[Unit, ...]]:
        """Units that are run and kept together; they follow from the plan alone."""
        shard: list[Unit] = []
        work = 0.0
        for unit in self.units:
            if shard and (work >= _SHARD_PERSON_MONTHS or (len(shard) + 1) * len(self.designs) > _MOST_RUNS):
                yield tuple(shard)
                shard, work = [], 0.0
            shard.append(unit)
            work += self.person_months(unit)
        if shard:
            yield tuple(shard)

    @cached_property
    def shards(self) -> dict[str, tuple[Unit, ...]]:
        """Units of every shard in order, by its name: a hash of the identities of its runs."""
        return {_name([run for unit in units for run in self.run_ids(unit)]): units for units in self._shards()}

    @property
    def digest(self) -> str:
        """Hash of the identities of all runs."""
        return _name(self.shards)

    @cached_property
    def recorded(self) -> tuple[str, ...]:
        """Parameters that are recorded of each run: those that the source draws or the experiment varies."""
        varied = (key.removeprefix(PARAMETER) for key in self.points[0] if key.startswith(PARAMETER))
        return tuple(dict.fromkeys((*self.sets.names, *varied)))

    def __getstate__(self) -> dict[str, Any]:
        """Worker processes derive anew what they need."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


class _OpenCases:
    """Cases of one scenario in which all who are eligible apply: every design under the budget of the reference.

    Programmes start and end all the time, so dates count from the end of the run: the last is the end, the others as
    many years before it as they are before the last date of a programme.
    """

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        national = load_design(REFERENCE).national_budget
        self.budget = budget_for(setting.margins, setting.scenario.start, national)

    def case(self, designs: tuple[Design, ...], point: Point, reference: Design | None) -> Case:
        """Designs at a point and when each is read."""
        if reference is not None:
            found, allowed = reference.name, "none beside scenarios in which all who are eligible apply: they share one"
            raise ScenarioError(self.setting.scenario.name, [Problem("budget_neutral", found, allowed)])
        at_point = with_budget(tuple(design_at(design, point) for design in designs), self.budget)
        return Case(at_point, (open_rows(self.setting.scenario.months),) * len(at_point))


class _Cases:
    """Cases of one scenario. Which track is granted, and when, is asked once for each design."""

    def __init__(self, setting: Setting, application: Application, parameters: Parameters, seed: int) -> None:
        self.setting, self.application, self.parameters, self.seed = setting, application, parameters, seed
        self.known: dict[Design, Track | None] = {}
        self.longest = max(track.months for track in load_design("current").tracks)

    @cached_property
    def before(self) -> RestructuringModel:
        """The run to the application, the same for all designs."""
        at = self.setting
        return run_before(at.margins, self.parameters, at.shocks, self.application, self.seed)

    def track(self, design: Design) -> Track | None:
        """The track that is granted with the first parameters and seed of the experiment."""
        if design not in self.known:
            self.known[design] = granted_track(self.before, design)
        return self.known[design]

    def _neutral(self, design: Design, reference: Design) -> Design:
        track, given = self.track(design), self.track(reference)
        return with_grants(design, track, planned_grants(given)) if track and given else design

    def case(self, designs: tuple[Design, ...], point: Point, reference: Design | None) -> Case:
        """Designs at a point and when each is read."""
        at_point = tuple(design_at(design, point) for design in designs)
        if reference is not None:
            base = design_at(reference, point)
            at_point = tuple(self._neutral(design, base) for design in at_point)
        application, start = self.application, self.setting.margins.start_month
        rows = []
        for design in at_point:
            track = self.track(design)
            rows.append(reading_rows(application, start, track.months if track else self.longest))
            years_needed(self.setting.scenario, rows[-1][-1])
        return Case(at_point, tuple(rows))


def make_plan(experiment: Experiment) -> Plan:
    """Read the scenarios and designs of an experiment, and lay out its runs.

    Raises
    ------
    ScenarioError, PlaceError, MarginsError, ShockError, PosteriorError
        For what cannot be run.
    """
    sets = parameter_sets(ParameterSource(experiment.parameters))
    points = tuple(points_of(experiment))
    designs = with_baseline(experiment.designs)
    reference = load_design(experiment.budget_neutral) if experiment.budget_neutral else None
    settings = tuple(load_setting(name) for name in experiment.scenarios)
    names = [setting.scenario.name for setting in settings]
    for name in names:
        if names.count(name) > 1:
            raise ScenarioError(experiment.name, [Problem("scenarios", f"{name} twice", "each name once is expected")])
    first = replication_seed(experiment.seed, 0)
    cases = []
    if len({setting.application is None for setting in settings}) > 1:
        found = "scenarios of one programme beside some in which all who are eligible apply"
        raise ScenarioError(experiment.name, [Problem("scenarios", found, "either kind alone is expected")])
    for setting in settings:
        of_setting = (
            _Cases(setting, setting.application, sets.for_seed(first), first)
            if setting.application
            else _OpenCases(setting)
        )
        cases.append(tuple(of_setting.case(designs, point, reference) for point in points))
    return Plan(experiment, settings, points, tuple(cases), sets)
