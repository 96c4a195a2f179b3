"""Attractiveness: growth beyond structure, by one regression for figures and for model output."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from omstilling.calibration.estimates import attractiveness
from omstilling.calibration.estimates.attractiveness import (
    BUSINESS_TERMS,
    SETTLEMENT_TERMS,
    Conditions,
    business_attractiveness,
    business_model,
    business_regressors,
    observed_conditions,
    settlement_attractiveness,
    settlement_model,
    settlement_regressors,
    yearly_growth,
)
from omstilling.calibration.parameters.sets import parameter_sets
from omstilling.experiments.comparison.paired import PairedTask
from omstilling.experiments.reading.indicators import Reading, indicator
from omstilling.experiments.reading.trace import reading_rows, trace_run
from omstilling.model import Parameters, RestructuringModel
from omstilling.model.state.record import COLUMNS as _COLUMNS
from worlds import make_design, make_margins, make_support, make_track

SIDES = [
    (SETTLEMENT_TERMS, settlement_regressors, settlement_model, settlement_attractiveness, 1),
    (BUSINESS_TERMS, business_regressors, business_model, business_attractiveness, 2),
]
NAMES = ["settlement", "business"]


def _made_up(number: int = 400, seed: int = 2) -> Conditions:
    draws = np.random.default_rng(seed)
    population = np.exp(draws.normal(8.0, 1.0, number))
    return Conditions(
        population, population * draws.uniform(0.3, 0.6, number), draws.uniform(0.1, 0.3, number),
        draws.uniform(0.08, 0.14, number), draws.uniform(300, 1000, number), draws.normal(0.5, 0.8, number),
        draws.normal(0.3, 0.6, number),
    )  # fmt: skip


@pytest.mark.parametrize(("terms", "regressors", "model", "left", "order"), SIDES, ids=NAMES)
def test_planted_coefficients_are_recovered(terms, regressors, model, left, order: int) -> None:
    """Coefficients within 4.5 standard errors (false alarm 7e-6 each), told from ones a half greater."""
    rows, draws = regressors(_made_up()), np.random.default_rng(7)
    planted = np.array([1.0, -0.4, 2.0, -1.5, 0.8, 0.6])[: len(terms)]
    growth = rows @ planted + draws.normal(0.0, 0.05, len(rows))
    fitted = attractiveness._fit(terms, rows, growth)
    errors = 0.05 * np.sqrt(np.diag(np.linalg.inv(rows.T @ rows)))
    assert (np.abs(fitted.coefficients - planted) < 4.5 * errors).all()
    assert (np.abs(fitted.coefficients - 1.5 * planted) > 4.5 * errors).all()
    assert fitted.spread == pytest.approx(0.05, rel=0.15)
    assert fitted.explained > 0.9
    exact = attractiveness._fit(terms, rows, rows @ planted)
    np.testing.assert_allclose(exact.coefficients, planted, rtol=1e-6)
    noise = attractiveness._fit(terms, rows, draws.normal(0.0, 1.0, len(rows)))
    assert abs(noise.explained) < 0.06


@pytest.mark.parametrize(("terms", "regressors", "model", "left", "order"), SIDES, ids=NAMES)
def test_what_is_left_of_the_figures_has_mean_0(terms, regressors, model, left, order: int) -> None:
    observed = observed_conditions()
    conditions, growth = observed[0], observed[order]
    found = left(conditions, growth)
    assert len(found) == model().municipalities == 357
    assert abs(found.mean()) < 1e-8
    assert found.std() == pytest.approx(model().spread)
    assert 1.0 - found.var() / growth.var() == pytest.approx(model().explained)
    assert np.abs(regressors(conditions).T @ found).max() < 1e-4 * np.abs(regressors(conditions)).sum()
    assert abs(left(conditions, growth + 0.01).mean()) > 1e-3
    assert abs(left(replace(conditions, centrality=conditions.centrality + 50.0), growth).mean()) > 1e-3


@pytest.mark.parametrize(("terms", "regressors", "model", "left", "order"), SIDES, ids=NAMES)
def test_there_is_a_regressor_for_each_term_and_no_other_condition(terms, regressors, model, left, order: int) -> None:
    conditions = _made_up(30)
    rows = regressors(conditions)
    assert rows.shape == (30, len(terms)) == (30, len(model().coefficients))
    np.testing.assert_array_equal(rows[:, 0], 1.0)
    used = {
        item.name
        for item in fields(Conditions)
        if not np.array_equal(
            regressors(replace(conditions, **{item.name: getattr(conditions, item.name) * 1.1})), rows
        )
    }
    shared = {"population", "centrality"}
    own = (
        {"share_67_plus", "share_women_20_39", "region_job_growth"}
        if order == 1
        else {"jobs", "region_population_growth"}
    )
    assert used == shared | own
    assert np.linalg.matrix_rank(rows) == len(terms)


def test_yearly_growth_is_in_logs_and_per_cent() -> None:
    growth = yearly_growth(np.array([100.0, 100.0, 100.0]), np.array([100.0, 106.0, 50.0]), 6.0)
    np.testing.assert_allclose(growth, [0.0, 100.0 * np.log(1.06) / 6.0, -100.0 * np.log(2.0) / 6.0])
    assert np.isfinite(yearly_growth(np.zeros(1), np.zeros(1), 1.0)).all()


@pytest.fixture(scope="module")
def reading() -> Reading:
    """A run with a short programme, read three years after its end."""
    margins = make_margins((1600, 900))
    support = make_support(make_design(make_track()), margins)
    task = PairedTask(margins, parameter_sets(Parameters()), (), support.applications[0], (support.design,), ())
    rows = reading_rows(task.application, margins.start_month, support.design.tracks[0].months)
    trace = trace_run(RestructuringModel(margins, seed=2, support=support), rows)
    return Reading(trace, trace, margins, 2)


@pytest.mark.parametrize(("terms", "regressors", "model", "left", "order"), SIDES, ids=NAMES)
def test_the_same_function_makes_regressors_of_figures_and_of_model_output(
    monkeypatch: pytest.MonkeyPatch, reading: Reading, terms, regressors, model, left, order: int
) -> None:
    name, seen = NAMES[order - 1], []

    def spy(conditions: Conditions) -> np.ndarray:
        seen.append(len(conditions.population))
        return regressors(conditions)

    monkeypatch.setattr(attractiveness, f"{name}_regressors", spy)
    model.cache_clear()
    value = indicator(f"{name}_attractiveness").formula(reading)
    assert seen.count(357) == 1
    assert seen.count(2) == 1
    assert np.isfinite(value)


@pytest.mark.parametrize(("terms", "regressors", "model", "left", "order"), SIDES, ids=NAMES)
def test_attractiveness_of_a_run_is_its_growth_less_what_structure_predicts(
    reading: Reading, terms, regressors, model, left, order: int
) -> None:
    run, margins = reading.run, reading.margins
    last = run.rows[2]
    first, years = max(0, last - 6), float(min(last, 6))

    def at(name: str, year: int) -> np.ndarray:
        return run.yearly[year, :, list(_COLUMNS).index(name)]

    population, jobs = at("population", first), at("jobs", first)
    conditions = Conditions(
        population, jobs, at("persons_67_plus", first) / population, at("women_20_39", first) / population,
        margins.centrality_index,
        np.full(2, 100.0 * np.log(at("jobs", last).sum() / jobs.sum()) / years),
        np.full(2, 100.0 * np.log(at("population", last).sum() / population.sum()) / years),
    )  # fmt: skip
    name = ("population", "jobs")[order - 1]
    growth = 100.0 * np.log(at(name, last) / at(name, first)) / years
    predicted = regressors(conditions) @ model().coefficients
    formula = indicator(f"{NAMES[order - 1]}_attractiveness").formula
    assert formula(reading) == pytest.approx((growth - predicted)[0])
    assert formula(replace(reading, date=1)) != pytest.approx((growth - predicted)[0])
