"""Naive forecasts: persons are conserved, hand-computed cases are met, and nothing after the start is read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from omstilling.calibration.estimates.cohort_component import (
    Components,
    components_before,
    lasting_share,
    one_year_on,
    project,
    shrunk_rates,
)
from omstilling.calibration.margins import ages, mobility, region
from omstilling.calibration.tables.tables import Tables, load_tables
from omstilling.experiments.backtesting.naive_forecasts import (
    COHORT_COMPONENT,
    NAIVE,
    NO_CHANGE,
    SAME_TREND,
    WORKING_AGES,
    job_trend_start,
    naive_forecasts,
)
from omstilling.model.state.margins import MAX_AGE

START, END = 2012, 2022


def _components(size: int, **changes: object) -> Components:
    nothing = np.zeros((size, MAX_AGE + 1))
    values = {"survival": np.ones(MAX_AGE + 1), "births": nothing, "leaving": nothing, "arriving": nothing}
    return Components(**(values | changes))  # type: ignore[arg-type]


def test_without_any_change_cohorts_only_age() -> None:
    persons = np.random.default_rng(1).uniform(0.0, 90.0, (4, MAX_AGE + 1))
    after = project(persons, _components(4), 7)
    assert after.sum(axis=1) == pytest.approx(persons.sum(axis=1))
    assert after[:, 7:MAX_AGE] == pytest.approx(persons[:, : MAX_AGE - 7])
    assert not after[:, :7].any()


def test_one_year_by_hand() -> None:
    persons, births, leaving, arriving = (np.zeros((1, MAX_AGE + 1)) for _ in range(4))
    survival = np.ones(MAX_AGE + 1)
    persons[0, [0, 30, 80, MAX_AGE]] = (10.0, 200.0, 50.0, 4.0)
    births[0, 30], leaving[0, 30], arriving[0, 80] = 0.05, 0.1, 3.0
    survival[[80, MAX_AGE]] = (0.9, 0.5)
    after = one_year_on(persons, Components(survival, births, leaving, arriving))[0]
    assert after[[0, 1, 31, 81, MAX_AGE]] == pytest.approx([10.0, 10.0, 180.0, 48.0, 2.0])
    assert after.sum() == pytest.approx(250.0)


def test_what_lasts_is_kept_and_what_does_not_is_not() -> None:
    rng = np.random.default_rng(2)
    own, noise = rng.normal(size=(500, 1)), rng.normal(size=(500, 1))
    same, one = np.zeros(500, dtype=np.intp), np.ones((500, 1))
    assert lasting_share(own, own, one, same) == pytest.approx(1.0)
    assert lasting_share(own, noise, one, same).max() < 0.15
    assert lasting_share(own, -own, one, same).max() == 0.0


def test_rates_of_a_class_are_found_and_own_ones_kept_as_far_as_they_last() -> None:
    exposed = np.full((6, 40, 3), 100.0)
    classes, sizes = np.repeat([1, 2], 20), np.zeros(40, dtype=np.intp)
    by_class = np.array([[0.02, -0.01, 0.0], [-0.03, 0.01, 0.05]])[classes - 1]
    assert shrunk_rates(exposed * by_class, exposed, classes, sizes) == pytest.approx(by_class)
    own = by_class + np.tile([[0.01], [-0.01]], (20, 1))
    assert shrunk_rates(exposed * own, exposed, classes, sizes) == pytest.approx(own)
    turned = np.concatenate([np.tile(own, (3, 1, 1)), np.tile(2 * by_class - own, (3, 1, 1))])
    assert shrunk_rates(exposed * turned, exposed, classes, sizes) == pytest.approx(by_class)


def test_components_hold_to_what_was_observed() -> None:
    tables = load_tables()
    components = components_before(tables, START)
    persons = ages.single_years(ages.groups_of(tables, START - 1)[0], START - 1)
    grown, seen = one_year_on(persons, components).sum(), ages.groups_of(tables, START)[0].sum()
    assert grown == pytest.approx(seen, rel=0.005)
    assert 0.9 < components.births.sum(axis=1).mean() / 0.95 < 1.1  # about 1.9 children a woman, half of all are women


def test_forecasts_by_their_rules() -> None:
    tables = load_tables()
    made = naive_forecasts(tables, START, END)
    oslo = tables.municipalities.index.get_loc("0301")
    population = tables.population.loc["0301"]
    trend = population[START] * (population[START] / population[START - 5]) ** ((END - START) / 5)
    assert made[NO_CHANGE].ages[oslo].sum() == population[START]
    assert made[SAME_TREND].ages[oslo].sum() == pytest.approx(trend)
    assert job_trend_start(2012) == 2005
    assert job_trend_start(2022) == 2015
    cohorts, start = made[COHORT_COMPONENT], made[NO_CHANGE]
    per_person = cohorts.jobs / cohorts.ages[:, WORKING_AGES].sum(axis=1)
    assert per_person == pytest.approx(start.jobs / start.ages[:, WORKING_AGES].sum(axis=1))


def _altered_after(tables: Tables, start: int) -> Tables:
    """The same figures up to a start, others after it."""
    population, by_age = tables.population.copy(), tables.ages.astype(float)
    later = [year for year in population.columns if year > start]
    population[later] = population[later] * 1.5
    by_age.loc[by_age.index.get_level_values("year") > start] *= 1.5
    return replace(tables, population=population, ages=by_age)


def test_naive_forecasts_of_inhabitants_read_nothing_after_the_start() -> None:
    tables = load_tables()
    said, altered = naive_forecasts(tables, START, END), naive_forecasts(_altered_after(tables, START), START, END)
    for name in NAIVE:
        assert np.array_equal(said[name].ages, altered[name].ages)
    before = naive_forecasts(_altered_after(tables, START - 3), START, END)
    assert not np.allclose(said[COHORT_COMPONENT].ages, before[COHORT_COMPONENT].ages)


def test_model_starts_from_inhabitants_and_moving_known_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = ["1871", "1870"]
    caches = (mobility._ages, mobility.net_migration, mobility.national_mobility, mobility.national_flows)
    given = region.region_margins(codes, START)
    altered = _altered_after(load_tables(), START)
    try:
        for module in (mobility, region):
            monkeypatch.setattr(module, "load_tables", lambda: altered)
        for cache in caches:
            cache.cache_clear()
        found = region.region_margins(codes, START)
    finally:
        for cache in caches:
            cache.cache_clear()
    for name in ("population", "out_migration_rate", "in_migration", "settlement_attractiveness", "destination_share"):
        assert np.array_equal(getattr(given, name), getattr(found, name)), name
