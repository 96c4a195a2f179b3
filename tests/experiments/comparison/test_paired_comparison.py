"""Paired comparison: nothing against nothing is exactly zero, and workers change no bit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from omstilling.calibration.parameters.sets import parameter_sets
from omstilling.experiments.comparison import paired
from omstilling.experiments.comparison.comparison import compare
from omstilling.experiments.comparison.paired import PairedTask, simulate_designs
from omstilling.experiments.reading.indicators import INDICATORS
from omstilling.experiments.reading.trace import FirmsAt, Trace, reading_rows, trace_run
from omstilling.model import Parameters, RestructuringModel, Shock, ShockKind
from omstilling.model.policy.design import Design
from omstilling.scenarios.design_loader import load_design
from omstilling.scenarios.schema import ProgrammeSpec, Scenario
from worlds import make_design, make_margins, make_support, make_track

MARGINS = make_margins((1600, 900))
EFFECTS = (
    "employment_effect", "population_effect", "net_jobs", "inhabitants_kept", "neighbour_jobs", "neighbour_population",
    "reported_jobs", "lasting_jobs", "public_cost",
)  # fmt: skip
SHORT = make_design(make_track(years=1, clarification_months=0, anchoring_months=0))


def test_none_against_none_is_exactly_zero_in_every_indicator() -> None:
    none, application = load_design("none"), make_support(SHORT, MARGINS).applications[0]
    designs = (none, replace(none, name="nothing"), SHORT)
    rows = (reading_rows(application, MARGINS.start_month, 12),) * 3
    task = PairedTask(MARGINS, parameter_sets(Parameters()), (), application, designs, rows)
    outcome = simulate_designs(task, 5)
    np.testing.assert_array_equal(outcome.readings[1], outcome.readings[0])
    np.testing.assert_array_equal(outcome.trajectories[1], outcome.trajectories[0])
    names = [item.name for item in INDICATORS]
    effects = [names.index(name) for name in EFFECTS]
    assert not outcome.readings[:2, effects].any()
    assert not outcome.parts[:2].any()
    difference = outcome.readings[2] - outcome.readings[0]
    moved = {name for name, row in zip(names, difference, strict=True) if np.nan_to_num(row).any()}
    assert {"jobs", "population", "capacity_index", "grants", "reported_jobs", "net_jobs"} <= moved
    assert outcome.parts[2].any()


def _whole_trace(task: PairedTask, design: Design, rows: tuple[int, ...], last: int, seed: int) -> Trace:
    """A run from the start under a design, read alone."""
    model = RestructuringModel(MARGINS, Parameters(), task.shocks, seed, task.support(design))
    return trace_run(model, rows, last)


def _same_trace(one: Trace, other: Trace) -> bool:
    def flat(value: object) -> list[object]:
        if isinstance(value, FirmsAt):
            return [item for name in vars(value) for item in flat(getattr(value, name))]
        return [item for part in value for item in flat(part)] if isinstance(value, tuple) else [value]

    pairs = zip(flat(tuple(vars(one).values())), flat(tuple(vars(other).values())), strict=True)
    return all(
        np.array_equal(mine, theirs, equal_nan=True) if isinstance(mine, np.ndarray | float) else mine == theirs
        for mine, theirs in pairs
    )


def test_designs_that_share_their_first_months_are_read_as_if_they_were_run_alone() -> None:
    """Applied in mid-year, after a loss, so that the first date lies before it and some are displaced."""
    applied = MARGINS.start_month + 30
    shock = Shock(ShockKind.CLOSURE, MARGINS.start_month + 16, "9901", jobs=30, industry=2, notice_months=2)
    application = make_support(SHORT, MARGINS, month=applied).applications[0]
    longer = replace(SHORT, name="longer", tracks=(replace(SHORT.tracks[0], years=3),))
    designs = (load_design("none"), SHORT, longer)
    rows = tuple(reading_rows(application, MARGINS.start_month, months) for months in (36, 12, 36))
    assert (rows[0][0], rows[1] == rows[2]) == (24, False)
    task = PairedTask(MARGINS, parameter_sets(Parameters()), (shock,), application, designs, rows)
    every_row = tuple(sorted({row for each in rows for row in each}))
    for design, own, trace in zip(designs, (every_row, *rows[1:]), paired.traces_of(task, 5), strict=True):
        whole = _whole_trace(task, design, own, every_row[-1], 5)
        assert _same_trace(trace, whole)
        assert not np.isnan(trace.displaced_income).any()
        later = (own[0] + 12, *own[1:])
        assert not _same_trace(trace, _whole_trace(task, design, later, every_row[-1], 5))


def test_indicators_are_known_at_every_date_where_they_can_be() -> None:
    """No closure, no displaced; growth over six years is known from the sixth year of a run on."""
    application = make_support(SHORT, MARGINS).applications[0]
    rows = (reading_rows(application, MARGINS.start_month, 12),) * 2
    task = PairedTask(MARGINS, parameter_sets(Parameters()), (), application, (load_design("none"), SHORT), rows)
    readings = simulate_designs(task, 5).readings
    over_six_years = ("settlement_attractiveness", "business_attractiveness")
    for date, row in enumerate(rows[0]):
        expected = {"displaced_income", *(over_six_years if row < 72 else ())}
        unknown = {item.name for number, item in enumerate(INDICATORS) if np.isnan(readings[:, number, date]).any()}
        assert unknown == expected
    assert rows[0][0] < 72 <= rows[0][-1]


def test_each_design_is_read_at_the_end_of_its_own_programme() -> None:
    scenario = Scenario(
        name="utsira", title="Utsira", municipalities=("1151",), start=2015, years=2, replications=1,
        programme=ProgrammeSpec(municipalities=("1151",), applies="2016-01", documented_loss=50),
    )  # fmt: skip
    longer = replace(SHORT, name="longer", tracks=(replace(SHORT.tracks[0], years=4),))
    alone, both = compare(scenario, (SHORT,)), compare(scenario, (SHORT, longer))
    assert [both.year_of(1, design) for design in range(3)] == [2019, 2016, 2019]
    np.testing.assert_array_equal(alone.readings[:, 1], both.readings[:, 1])
    np.testing.assert_array_equal(alone.base[:, 1], both.base[:, 1])
    assert not np.array_equal(both.base[:, 1], both.base[:, 2], equal_nan=True)


def test_neither_workers_nor_the_number_of_replications_change_a_bit() -> None:
    scenario = Scenario(
        name="utsira", title="Utsira", municipalities=("1151",), start=2015, years=2, replications=3,
        programme=ProgrammeSpec(municipalities=("1151",), applies="2016-01", documented_loss=50),
    )  # fmt: skip
    one, two = (compare(scenario, (SHORT,), workers=workers) for workers in (1, 2))
    fewer, other = compare(scenario, (SHORT,), replications=2), compare(scenario, (SHORT,), seed=2)
    for name in ("readings", "parts", "trajectories"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name), err_msg=name)
        np.testing.assert_array_equal(getattr(one, name)[:2], getattr(fewer, name), err_msg=name)
        assert not np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True)
    assert not np.array_equal(one.readings[0], one.readings[1], equal_nan=True)
    assert (one.phases, one.tracks) == (two.phases, two.tracks)
    assert one.tracks[0] == ("", "acute")
