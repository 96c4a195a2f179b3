"""Programmes: who pays what to the krone, when, and to whom what is left returns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from omstilling.model import RegionMargins, RestructuringModel
from omstilling.model.policy.design import Advice, Application, Design, Support, Track
from omstilling.model.state.accounts import Purpose
from worlds import APPLIED, make_design, make_margins, make_support, make_track

MARGINS = make_margins((1500, 1000, 700))
START = MARGINS.start_month
GRANT, OWN = 4_000_000, 1_333_333
IMPLEMENTED = APPLIED + 5
MONTHLY_STAFF = 900_000 // 12


def _model(
    design: Design | Track, months: int = 48, places: tuple[str, ...] = ("9901",), seed: int = 4,
    margins: RegionMargins = MARGINS, **application: object
) -> RestructuringModel:  # fmt: skip
    support = make_support(
        design if isinstance(design, Design) else make_design(design), margins, places, **application
    )
    model = RestructuringModel(margins, seed=seed, support=support)
    model.run_months(months)
    return model


@pytest.mark.parametrize(("taper_years", "grants"), [(0, (1.0, 1.0, 1.0)), (1, (1.0, 1.0, 0.5)), (2, (1.0, 0.5, 0.5))])
def test_the_last_grants_are_tapered(taper_years: int, grants: tuple[float, ...]) -> None:
    model = _model(make_track(years=3, taper_years=taper_years, taper_share=0.5), 60)
    paid = [p.amount for p in model.accounts.journal if p.purpose is Purpose.GRANT and p.payee == "Programme Test"]
    assert paid == [GRANT * share for share in grants]
    own = model.accounts.total(Purpose.OWN_SHARE)
    assert own == sum(round(amount / 3) for amount in paid) == model.programmes[0].own_share


def test_several_municipalities_share_own_share_and_staff_by_population() -> None:
    places = ("9901", "9903")
    model = _model(make_track(), IMPLEMENTED + 1, places)
    before = _model(make_track(), IMPLEMENTED, places)
    population = np.array([before.municipality_agents[place].population for place in (0, 2)])
    shares = population / population.sum()
    own = [p for p in model.accounts.journal if p.purpose is Purpose.OWN_SHARE]
    assert [payment.payer for payment in own] == ["Municipality Testøy 9901", "Municipality Testøy 9903"]
    assert sum(payment.amount for payment in own) == OWN
    second = int(OWN * shares[1])
    assert [payment.amount for payment in own] == [OWN - second, second]
    staff = model.development.offices.programme_staff
    assert staff[[0, 2]].sum() == pytest.approx(1.0)
    assert staff[2] == pytest.approx(shares[1], abs=0.01)
    assert staff[1] == 0.0
    assert model.development.purses.pot.tolist() == [0, -1, 0]


def test_a_programme_pays_its_staff_in_every_month_whatever_its_size() -> None:
    for factor in (1.0, 0.42, 1.0 / 3.0, 0.5555):
        model = _model(make_track(staff=1.9), grant_factor=factor)
        paid = [p.month - START for p in model.accounts.journal if p.purpose is Purpose.STAFF]
        assert paid == list(range(IMPLEMENTED, IMPLEMENTED + 24)), f"grant_factor {factor}"


@pytest.mark.parametrize("years", [2, 3])
def test_staff_stay_on_through_a_wind_down_of_a_whole_year(years: int) -> None:
    programme = _model(make_track(years=years, wind_down_months=12), 60).programmes[0]
    assert programme.spent_on_staff == 12 * years * MONTHLY_STAFF


def test_the_end_keeps_the_staff_that_exit_plan_and_backing_keep_and_the_municipality_pays_it() -> None:
    kept, ordinary = {}, RestructuringModel(MARGINS, seed=4).development.offices.ordinary_staff[0]
    for share in (0.0, 0.5, 1.0):
        model = _model(make_track(exit_kept=share), IMPLEMENTED + 24)
        backing = model.development.offices.anchoring[0]
        model.run_months(12)
        kept[share] = model.development.offices.ordinary_staff[0] - ordinary
        assert kept[share] == pytest.approx(share * backing)
        yearly = 12 * round(kept[share] * model.parameters.capacity.staff_cost / 12)
        assert model.accounts.total(Purpose.STAFF_KEPT, payer="Municipality Testøy 9901") == yearly
    assert kept[0.0] == 0.0 < kept[0.5] < kept[1.0]


def _two_programmes(budget: float) -> RestructuringModel:
    applications = tuple(
        Application(f"P{code}", (code,), START + APPLIED, documented_loss=100.0) for code in ("9901", "9902")
    )
    support = Support(make_design(national_budget=budget), applications)
    model = RestructuringModel(MARGINS, seed=4, support=support)
    model.run_months(48)
    return model


def test_the_national_budget_binds_in_each_year() -> None:
    scarce, ample = _two_programmes(5e6), _two_programmes(8e6)
    assert [programme.granted for programme in ample.programmes] == [2 * GRANT, 2 * GRANT]
    assert [programme.granted for programme in scarce.programmes] == [2 * GRANT, 2 * 1_000_000]
    assert scarce.programmes[1].own_share == 2 * 333_333
    by_year: dict[int, int] = {}
    for payment in scarce.accounts.journal:
        if payment.purpose is Purpose.GRANT and payment.payer == "State":
            by_year[payment.month // 12] = by_year.get(payment.month // 12, 0) + payment.amount
    assert set(by_year.values()) == {5_000_000}


@pytest.mark.parametrize("payer", ["county", "state"])
def test_a_grant_is_paid_and_taken_back_by_whose_money_it_is(payer: str) -> None:
    model = _model(make_design(make_track(payer=payer), national_budget=4e6))
    accounts, source = model.accounts, {"county": "County 99, own budget", "state": "State"}[payer]
    assert accounts.total(Purpose.GRANT, payer=source) == 2 * GRANT == model.programmes[0].granted
    returned = accounts.total(Purpose.RETURN, payee=source)
    assert 0 < returned == accounts.total(Purpose.RETURN, payer="County 99")
    other = {"county": "State", "state": "County 99, own budget"}[payer]
    assert accounts.total(Purpose.GRANT, payer=other) == 0 == accounts.total(Purpose.RETURN, payee=other)
    assert accounts.balances["County 99"] == 0


def test_what_is_left_is_returned_by_who_brought_it() -> None:
    model = _model(make_track())
    accounts, programme = model.accounts, model.programmes[0]
    left = programme.granted + programme.own_share - programme.spent_on_projects - programme.spent_on_staff
    to_state = accounts.total(Purpose.RETURN, payee="State")
    to_municipality = accounts.total(Purpose.RETURN, payee="Municipality Testøy 9901")
    assert to_state + to_municipality == left > 0
    assert to_state / left == pytest.approx(0.75, abs=1e-6)
    assert programme.held == 0


def test_advice_reaches_the_least_central_municipalities_for_its_years() -> None:
    margins = make_margins((1500, 1000))
    margins.centrality_class[1] = 4
    rules = replace(make_track().eligibility, loss_persons=1e5)
    design = make_design(make_track(eligibility=rules), advice=Advice(0.3, 1, 5))
    guidance = [_model(design, months, margins=margins).development.offices.guidance.tolist() for months in
                (APPLIED, APPLIED + 1, APPLIED + 12, APPLIED + 13)]  # fmt: skip
    assert guidance == [[0.0, 0.0], [0.3, 0.0], [0.3, 0.0], [0.0, 0.0]]
    model = _model(design, margins=margins)
    assert model.accounts.total(Purpose.GUIDANCE) == 12 * round(0.3 * 500_000 / 12)
