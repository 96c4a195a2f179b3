"""Paired comparison: nothing against nothing is exactly zero, and workers change no bit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from omstilling.calibration.parameter_sets import parameter_sets
from omstilling.experiments.comparison import compare
from omstilling.experiments.paired import PairedTask, simulate_designs
from omstilling.experiments.registry import INDICATORS
from omstilling.experiments.trace import reading_rows
from omstilling.model import Parameters
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
