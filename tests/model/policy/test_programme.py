"""Programmes: dated events in order, yearly plans and reports, and what each phase allows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from omstilling.model import RestructuringModel
from omstilling.model.development.ideas import KINDS, Kind
from omstilling.model.policy.design import Application, Support, Track
from omstilling.model.policy.programme import Phase, Programme, split_by_mix
from omstilling.model.state.accounts import Purpose
from worlds import APPLIED, make_design, make_margins, make_support, make_track

MARGINS = make_margins((1500, 1000))
START = MARGINS.start_month
GRANT, OWN = 4_000_000, 1_333_333
IMPLEMENTED = APPLIED + 5
MONTHLY_STAFF = 900_000 // 12
BUSINESS = [kind for kind in range(KINDS) if kind != Kind.COMPETENCE]


def _model(track: Track, months: int = 48) -> RestructuringModel:
    model = RestructuringModel(MARGINS, seed=4, support=make_support(make_design(track), MARGINS))
    model.run_months(months)
    return model


def _programme(track: Track, months: int = 48) -> Programme:
    return _model(track, months).programmes[0]


def _dates(programme: Programme) -> list[tuple[int, Phase]]:
    return [(month - START, phase) for month, phase in programme.history]


def test_phases_follow_one_another_in_the_right_months() -> None:
    assert _dates(_programme(make_track())) == [
        (APPLIED, Phase.CLARIFICATION), (APPLIED + 2, Phase.ANCHORING), (IMPLEMENTED, Phase.IMPLEMENTATION),
        (IMPLEMENTED + 21, Phase.WIND_DOWN), (IMPLEMENTED + 24, Phase.ORDINARY),
    ]  # fmt: skip
    at_once = make_track(clarification_months=0, anchoring_months=0, wind_down_months=0, years=3)
    assert _dates(_programme(at_once)) == [
        (APPLIED, Phase.CLARIFICATION), (APPLIED, Phase.ANCHORING), (APPLIED, Phase.IMPLEMENTATION),
        (APPLIED + 36, Phase.ORDINARY),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("months", "phase", "active"),
    [
        (APPLIED, Phase.WAITING, False), (APPLIED + 1, Phase.CLARIFICATION, True), (IMPLEMENTED, Phase.ANCHORING, True),
        (IMPLEMENTED + 1, Phase.IMPLEMENTATION, True), (IMPLEMENTED + 24, Phase.WIND_DOWN, True),
        (IMPLEMENTED + 25, Phase.ORDINARY, False),
    ],
)  # fmt: skip
def test_a_phase_begins_before_its_first_month_is_simulated(months: int, phase: Phase, active: bool) -> None:
    programme = _programme(make_track(), months)
    assert (programme.phase, programme.active) == (phase, active)
    assert programme.guidance == 0.5 * active


def test_nothing_is_paid_before_the_grants_or_after_the_end() -> None:
    model = _model(make_track())
    months = {payment.month - START for payment in model.accounts.journal if payment.purpose is Purpose.STAFF}
    assert months == set(range(IMPLEMENTED, IMPLEMENTED + 24))
    grants = [(p.month - START, p.amount) for p in model.accounts.journal if p.payee == "Programme Test"]
    assert grants == [(IMPLEMENTED, GRANT), (IMPLEMENTED, OWN), (IMPLEMENTED + 12, GRANT), (IMPLEMENTED + 12, OWN)]


def test_yearly_plans_add_up_to_the_money_held() -> None:
    track = make_track(years=3, wind_down_months=0)
    plans = _programme(track, 60).plans
    assert [(plan.year, plan.month - START) for plan in plans] == [(n + 1, IMPLEMENTED + 12 * n) for n in range(3)]
    for plan in plans:
        programme = _programme(track, plan.month - START)
        held = programme.held + GRANT + OWN
        assert plan.staff == 900_000
        assert plan.staff + sum(plan.by_kind) + plan.unassigned == held
        assert plan.by_kind == tuple(split_by_mix(held - plan.staff, track.mix))
    assert sum(plans[1].by_kind) > GRANT + OWN - 900_000


def test_kroner_are_split_by_the_mix_without_loss() -> None:
    mix = make_track().mix
    for kroner in (0, 1, 7, 1_000_003):
        parts = split_by_mix(kroner, mix)
        assert parts.sum() == kroner
        assert (np.abs(parts - kroner * np.array(mix)) < KINDS).all()
    assert (split_by_mix(1_000_003, mix) != split_by_mix(1_000_003, mix[::-1])).any()


def test_reports_add_up_from_year_to_year() -> None:
    model = _model(make_track(years=4), 70)
    programme = model.programmes[0]
    reports = programme.reports
    assert [(r.year, r.month - START) for r in reports] == [(n, IMPLEMENTED + 12 * n) for n in range(1, 5)]
    for name in ("granted", "own_share", "spent_on_projects", "spent_on_staff", "projects", "jobs_created",
                 "jobs_secured", "clients_who_say_triggered"):  # fmt: skip
        series = [getattr(report, name) for report in reports]
        assert series == sorted(series)
        assert series[-1] > series[0] > 0
    for report in reports:
        spent = report.spent_on_projects + report.spent_on_staff
        assert report.granted + report.own_share == spent + report.held
        assert report.granted == report.year * GRANT
        supported = [project for project in programme.supported if project.month < report.month]
        assert report.projects == len(supported)
        assert report.jobs_created == pytest.approx(sum(project.created for project in supported))
        assert report.jobs_secured == pytest.approx(sum(project.secured for project in supported))
    assert reports[-1].jobs_created == pytest.approx(model.record.of("reported_created")[-1].sum())


@pytest.mark.parametrize("least_used", [0.1, 0.9])
def test_the_midterm_check_stops_a_programme_that_used_too_little(least_used: float) -> None:
    programme = _programme(make_track(years=3, midterm_year=1, midterm_least_used=least_used), 60)
    report = programme.reports[0]
    used = (report.spent_on_projects + report.spent_on_staff) / (report.granted + report.own_share)
    assert 0.1 < used < 0.9
    offices = programme.model.development.offices
    kept = offices.ordinary_staff[0] - _model(make_track(), 1).development.offices.ordinary_staff[0]
    if used < least_used:
        assert _dates(programme)[-1] == (IMPLEMENTED + 12, Phase.STOPPED)
        assert (programme.granted, programme.held, len(programme.reports)) == (GRANT, 0, 1)
        assert kept == 0.0 == offices.programme_staff[0]
    else:
        before = _model(programme.track, IMPLEMENTED + 36).development.offices
        assert kept == pytest.approx(0.5 * before.anchoring[0])
        assert _dates(programme)[-1] == (IMPLEMENTED + 36, Phase.ORDINARY)
        assert (programme.granted, len(programme.reports)) == (3 * GRANT, 3)


@pytest.mark.parametrize("first", [0, 7, 12])
def test_capacity_first_months_pay_no_business_project(first: int) -> None:
    programme = _programme(make_track(capacity_first_months=first, yearly_grant=12e6), 60)
    early = [p for p in programme.supported if p.month < START + IMPLEMENTED + first]
    assert {project.kind for project in early} <= {Kind.COMPETENCE}
    plan = programme.plans[0]
    assert (plan.unassigned > 0) == (first > 0) == (sum(plan.by_kind[kind] for kind in BUSINESS) == 0)
    assert plan.by_kind[Kind.COMPETENCE] > 0
    after = [p for p in programme.supported if START + IMPLEMENTED + first <= p.month < START + IMPLEMENTED + first + 6]
    assert {project.kind for project in after} - {Kind.COMPETENCE}
    assert programme.plans[-1].unassigned == 0


@pytest.mark.parametrize("first", [0, 7, 12])
def test_no_month_has_two_plans(first: int) -> None:
    months = [plan.month - START for plan in _programme(make_track(capacity_first_months=first)).plans]
    assert months == sorted({IMPLEMENTED, IMPLEMENTED + first, IMPLEMENTED + 12})


def test_winding_down_takes_in_no_new_project() -> None:
    short, none = (_programme(make_track(yearly_grant=12e6, wind_down_months=months)) for months in (9, 0))
    last = {id(p): max(project.month for project in p.supported) - START for p in (short, none)}
    assert last[id(short)] < IMPLEMENTED + 15 <= last[id(none)] < IMPLEMENTED + 24
    known = [project for project in none.supported if project.month < START + IMPLEMENTED + 15]
    assert short.supported == known
    assert short.spent_on_staff == none.spent_on_staff == 24 * MONTHLY_STAFF


def test_a_refused_application_changes_nothing() -> None:
    rules = replace(make_track().eligibility, loss_persons=101.0)
    refused, granted = _model(make_track(eligibility=rules)), _model(make_track())
    programme = refused.programmes[0]
    assert _dates(programme) == [(APPLIED, Phase.REFUSED)]
    assert (programme.track, programme.reports, programme.held, programme.active) == (None, [], 0, False)
    without = RestructuringModel(MARGINS, seed=4)
    without.run_months(48)
    np.testing.assert_array_equal(refused.record.values, without.record.values)
    assert not np.array_equal(granted.record.values, without.record.values)


def test_a_later_programme_of_a_municipality_reports_its_own_projects_alone() -> None:
    forms = tuple(Application(f"P{due}", ("9901",), START + due, documented_loss=100.0) for due in (APPLIED, 50))
    for applications in (forms[:1], forms):
        model = RestructuringModel(MARGINS, seed=4, support=Support(make_design(), applications))
        model.run_months(84)
        for programme in model.programmes:
            assert sum(project.support for project in programme.supported) == programme.spent_on_projects > 0
            assert programme.reports[-1].projects == len(programme.supported)
