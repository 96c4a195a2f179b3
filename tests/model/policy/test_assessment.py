"""Assessment: figures are seen when they are published and not before, and losses count as published or as notified."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from omstilling.model import RegionMargins, RestructuringModel, Shock, ShockKind
from omstilling.model.policy.assessment import Assessment, published
from omstilling.model.policy.design import Eligibility, Regime, Rule, Support
from omstilling.model.shocks.shocks import Loss
from omstilling.model.state.record import COLUMNS
from worlds import make_design, make_margins

SIZES = (900, 600)
MONTHS = 62
LAG = Regime(employment_lag_months=3, population_lag_months=2)
ACUTE = Eligibility(Rule.ACUTE, loss_share=0.1, loss_persons=10.0, loss_years=3)
DECLINE = Eligibility(Rule.DECLINE, population_decline=0.1, employment_decline=0.1, decline_years=10)
JOBS, POPULATION, OLD = (list(COLUMNS).index(name) for name in ("jobs", "population", "persons_67_plus"))


def _margins() -> RegionMargins:
    """Ten years before the start, the last jobs 60 and 100 and the last inhabitants 150 and 250."""
    years = np.arange(10.0)
    margins = make_margins(SIZES)
    return replace(
        margins,
        past_jobs=np.stack([105.0 - 5.0 * years, 100.0 + 0.0 * years]),
        past_population=np.stack([240.0 - 10.0 * years, 250.0 + 0.0 * years]),
    )


@pytest.fixture(scope="module")
def ran() -> RestructuringModel:
    model = RestructuringModel(_margins(), seed=2)
    model.run_months(MONTHS)
    return model


@pytest.fixture
def model(ran: RestructuringModel):
    """A run in whose record a figure says its row: jobs 1000 + row, population 5000 + row; restored afterwards."""
    recorded, losses = ran._recorded.copy(), list(ran.losses)
    rows = np.arange(MONTHS + 1)[:, None]
    ran._recorded[: MONTHS + 1, :, JOBS] = 1000.0 + rows
    ran._recorded[: MONTHS + 1, :, POPULATION] = 5000.0 + rows
    ran._recorded[: MONTHS + 1, :, OLD] = 500.0 + rows
    yield ran
    ran._recorded[:], ran.losses[:] = recorded, losses


def _last(series: np.ndarray, base: float) -> int:
    """Row of the record that the last figure known comes from."""
    assert (series[-1] == series[-1, 0]).all()
    return int(series[-1, 0] - base)


@pytest.mark.parametrize("lag", [0, 3, 7, 12, 15])
def test_employment_of_the_fourth_quarter_is_seen_once_the_lag_has_passed(model: RestructuringModel, lag: int) -> None:
    """Row 11 holds the end of November of the first year, 23 that of the second."""
    assessment = Assessment(model, replace(LAG, employment_lag_months=lag))
    rows = [_last(assessment.jobs(months), 1000.0) for months in range(MONTHS)]
    for months, row in enumerate(rows):
        years = [year for year in range(6) if months >= 12 * year + lag and year > 0]
        assert row == (12 * years[-1] - 1 if years else 0)
    assert rows[12 + lag - 1 : 12 + lag + 1] == [0, 11]
    assert rows[24 + lag - 1 : 24 + lag + 1] == [11, 23]


@pytest.mark.parametrize("lag", [0, 2, 5, 12])
def test_population_of_new_year_is_seen_once_the_lag_has_passed(model: RestructuringModel, lag: int) -> None:
    """Row 12 holds the end of December of the first year, that is 1 January of the second."""
    assessment = Assessment(model, replace(LAG, population_lag_months=lag))
    rows = [_last(assessment.population(months), 5000.0) for months in range(MONTHS)]
    assert rows[12 + lag - 1 : 12 + lag + 1] == [0, 12]
    assert rows[24 + lag - 1 : 24 + lag + 1] == [12, 24]
    assert set(np.diff(rows)) == {0, 12}


def test_the_two_lags_are_not_mixed_up(model: RestructuringModel) -> None:
    assessment = Assessment(model, replace(LAG, employment_lag_months=9, population_lag_months=1))
    assert (len(assessment.jobs(20)), len(assessment.population(20))) == (10 + 1 + 0, 10 + 1 + 1)
    assert (len(assessment.jobs(21)), len(assessment.population(21))) == (10 + 1 + 1, 10 + 1 + 1)


@pytest.mark.parametrize(("months", "lag", "years"), [(0, 3, 0), (2, 3, 0), (14, 3, 0), (15, 3, 1), (26, 15, 0)])
def test_no_year_is_out_before_its_lag_has_passed(months: int, lag: int, years: int) -> None:
    assert published(months, lag) == years


def test_figures_before_the_start_come_from_the_margins(model: RestructuringModel) -> None:
    margins, assessment = model.margins, Assessment(model, LAG)
    for months in (0, 14, 40):
        jobs, population = assessment.jobs(months), assessment.population(months)
        np.testing.assert_array_equal(jobs[:10], margins.past_jobs.T)
        np.testing.assert_array_equal(population[:10], margins.past_population.T)
    assert assessment.jobs(0)[:, 0].tolist() == [*range(105, 59, -5), 1000]
    assert assessment.jobs(39)[10:, 1].tolist() == [1000, 1011, 1023, 1035]
    assert assessment.population(39)[10:, 1].tolist() == [5000, 5012, 5024, 5036]


def _with_jobs(model: RestructuringModel, *of_years: float) -> Assessment:
    """Jobs of both places at the start and in the 4th quarters since; another figure in all other months."""
    model._recorded[: MONTHS + 1, :, JOBS] = 7.0
    for row, jobs in zip((0, 11, 23, 35, 47), of_years, strict=False):
        model._recorded[row, :, JOBS] = jobs
    return Assessment(model, LAG)


def _loss(assessment: Assessment, months: int, rules: Eligibility = ACUTE, place: int = 0) -> tuple[float, float]:
    evidence = assessment.evidence(rules, months)[place]
    return evidence.loss_persons, evidence.loss_share


def test_a_loss_is_the_fall_from_the_highest_of_three_years(model: RestructuringModel) -> None:
    assessment = _with_jobs(model, 90.0, 80.0, 100.0, 70.0, 75.0)
    assert _loss(assessment, 0, place=0) == (0.0, 0.0)  # 70, 65, 60 before the start, then 90
    assert _loss(assessment, 0, place=1) == (10.0, 0.1)  # 100, 100, 100, then 90
    assert _loss(assessment, 15) == (10.0, 10.0 / 90.0)
    assert _loss(assessment, 39) == (30.0, 0.3)
    assert _loss(assessment, 51) == (25.0, 0.25)
    assert _loss(assessment, 51, replace(ACUTE, loss_years=1)) == (0.0, 0.0)
    assert _loss(assessment, 38) == (0.0, 0.0)  # the fall to 70 is not out yet
    assert _loss(assessment, 15, replace(ACUTE, loss_years=40)) == (25.0, 25.0 / 105.0)


def test_a_loss_is_what_was_notified_where_that_is_more(model: RestructuringModel) -> None:
    assessment, start = _with_jobs(model, 100.0, 100.0, 100.0, 70.0, 70.0), model.margins.start_month
    model.losses[:] = [Loss(start + 30, 0, 20), Loss(start + 33, 0, 15), Loss(start + 33, 1, 12)]
    assert [_loss(assessment, months)[0] for months in (30, 31, 33, 34, 38)] == [0.0, 20.0, 20.0, 35.0, 35.0]
    assert _loss(assessment, 39) == (35.0, 0.35)  # published: 30
    assert _loss(assessment, 39, place=1) == (30.0, 0.3)  # notified: 12
    model.losses[0] = Loss(start + 30, 0, 14)
    assert _loss(assessment, 39) == (30.0, 0.3)
    assert assessment.notified(3, 66).tolist() == [29.0, 12.0]
    assert assessment.notified(3, 67).tolist() == [15.0, 12.0]
    assert assessment.notified(3, 70).tolist() == [0.0, 0.0]
    assert assessment.notified(1, 43).tolist() == [15.0, 12.0]


def test_a_decline_over_ten_years_uses_figures_before_the_start(model: RestructuringModel) -> None:
    assessment = _with_jobs(model, 50.0, 48.0, 46.0)
    model._recorded[[0, 12, 24], 0, POPULATION] = (120.0, 130.0, 117.0)
    rows = {0: (1.0 - 50 / 105, 1.0 - 120 / 240), 15: (1.0 - 48 / 100, 1.0 - 130 / 230),
            27: (1.0 - 46 / 95, 1.0 - 117 / 220)}  # fmt: skip
    for months, (employment, population) in rows.items():
        evidence = assessment.evidence(DECLINE, months)[0]
        assert evidence.employment_decline == pytest.approx(employment)
        assert evidence.population_decline == pytest.approx(population)
    recent = assessment.evidence(replace(DECLINE, decline_years=2), 27)[0]
    assert recent.employment_decline == pytest.approx(1.0 - 46 / 50)
    assert recent.population_decline == pytest.approx(1.0 - 117 / 120)
    assert assessment.evidence(replace(DECLINE, decline_years=40), 0)[0].employment_decline == pytest.approx(
        1.0 - 50 / 105
    )


def test_inhabitants_and_their_age_are_of_the_same_published_new_year(model: RestructuringModel) -> None:
    assessment = Assessment(model, LAG)
    for months, row in ((0, 0), (13, 0), (14, 12), (37, 24), (38, 36)):
        evidence = assessment.evidence(DECLINE, months)[0]
        assert evidence.inhabitants == 5000.0 + row
        assert evidence.old_share == (500.0 + row) / (5000.0 + row)


@pytest.mark.parametrize("months", [0, 1, 13, 14, 15, 27, 38, 39, 50, 60])
@pytest.mark.parametrize("lags", [(3, 2), (0, 0), (9, 14)])
def test_nobody_peeks_at_what_is_not_published(model: RestructuringModel, months: int, lags: tuple[int, int]) -> None:
    """Spoiling every later row of the record changes nothing; spoiling the last published one does."""
    assessment = Assessment(model, replace(LAG, employment_lag_months=lags[0], population_lag_months=lags[1]))
    years = [max(0, (months - lag) // 12) for lag in lags]
    last = (12 * years[0] - 1 if years[0] else 0, 12 * years[1])
    model.losses[:] = [Loss(model.margins.start_month + months - 1, 1, 5)]
    seen = {rules.rule: assessment.evidence(rules, months) for rules in (ACUTE, DECLINE)}
    kept = model._recorded.copy()
    for column, row in ((JOBS, last[0]), (POPULATION, last[1]), (OLD, last[1])):
        model._recorded[row + 1 :, :, column] = 1e9
    model.losses.append(Loss(model.margins.start_month + months, 0, 900))
    for rules in (ACUTE, DECLINE):
        assert assessment.evidence(rules, months) == seen[rules.rule]
    for column, row in ((JOBS, last[0]), (POPULATION, last[1]), (OLD, last[1])):
        model._recorded[:] = kept
        model._recorded[row, :, column] *= 0.5
        assert assessment.evidence(DECLINE, months) != seen[Rule.DECLINE]


def test_a_run_under_way_sees_what_the_same_run_sees_afterwards() -> None:
    """In its rounds a run knows no more than the record allows to know once it is over."""
    margins = _margins()
    found: list[list] = []
    model = RestructuringModel(margins, seed=2, support=Support(make_design(), open_rounds=True))
    evidence = model.rounds.assessment.evidence

    def note(rules: Eligibility, months: int) -> list:
        found.append(evidence(rules, months))
        return found[-1]

    model.rounds.assessment.evidence = note  # type: ignore[method-assign]
    model.run_months(MONTHS)
    rules = model.support.design.tracks[0].eligibility
    assert len(found) == MONTHS
    assert found == [evidence(rules, months) for months in range(MONTHS)]
    assert found[:-1] != found[1:]


def test_figures_and_notices_of_a_sample_stand_for_all(model: RestructuringModel) -> None:
    """The record of a sample is weighted, and so are losses, but not figures before the start."""
    model.losses[:] = [Loss(model.margins.start_month + 30, 0, 4)]
    assessment, margins = Assessment(model, LAG), model.margins
    model.margins = replace(margins, weight=10)
    try:
        assert assessment.notified(3, 40).tolist() == [40.0, 0.0]
        np.testing.assert_array_equal(assessment.jobs(15)[:10], margins.past_jobs.T)
        assert assessment.jobs(15)[10:, 0].tolist() == [1000, 1011]
    finally:
        model.margins = margins


@pytest.mark.parametrize(("due", "notice", "announced"), [(20, 0, 20), (20, 6, 14), (3, 6, 0)])
def test_a_dated_loss_is_noted_when_it_is_announced(due: int, notice: int, announced: int) -> None:
    """It is known from that month on, three years long, and not before."""
    margins = make_margins(SIZES)
    shock = Shock(ShockKind.CLOSURE, margins.start_month + due, "9902", 30, 2, notice_months=notice)
    model = RestructuringModel(margins, seed=2, shocks=(shock,))
    model.run_months(24)
    assert [(loss.municipality, loss.jobs) for loss in model.losses] == [(1, 30)]
    notified = [Assessment(model, LAG).notified(3, months)[1] for months in range(70)]
    known = [months for months, jobs in enumerate(notified) if jobs]
    assert (known[0], len(known)) in {(announced, 36), (announced + 1, 36)}


@pytest.mark.parametrize(("due", "notice"), [(20, 0), (20, 6)])
def test_a_dated_loss_bears_the_month_of_its_announcement(due: int, notice: int) -> None:
    margins = make_margins(SIZES)
    shock = Shock(ShockKind.CLOSURE, margins.start_month + due, "9902", 30, 2, notice_months=notice)
    model = RestructuringModel(margins, seed=2, shocks=(shock,))
    model.run_months(24)
    assert [loss.month for loss in model.losses] == [margins.start_month + due - notice]
