"""Shocks that a region cannot have are refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from omstilling.model import RestructuringModel, Shock, ShockError, ShockKind
from worlds import make_margins

MARGINS = make_margins((2000,))
GOOD = Shock(ShockKind.CLOSURE, MARGINS.start_month + 5, "9901", 30, 2, firm="Sagbruket")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"municipality": "9902"}, "not in the region"),
        ({"jobs": 5000}, "but the place has"),
        ({"jobs": -1}, "0 or more"),
        ({"firm_jobs": 10}, "30 jobs lost in a firm of 10"),
        ({"month": MARGINS.start_month - 1}, "the run starts in"),
        ({"kind": ShockKind.PUBLIC_CLOSURE}, "not a public industry"),
    ],
)
def test_an_impossible_shock_is_refused(change, words) -> None:
    with pytest.raises(ShockError, match=words):
        RestructuringModel(MARGINS, shocks=(replace(GOOD, **change),))


def test_several_firms_may_not_need_more_jobs_than_there_are() -> None:
    there = int(MARGINS.industry_jobs[0, 2])
    one, two = replace(GOOD, jobs=there), replace(GOOD, jobs=there, firm="Møllen")
    RestructuringModel(MARGINS, shocks=(one,))
    with pytest.raises(ShockError, match="named firms"):
        RestructuringModel(MARGINS, shocks=(one, two))


def test_a_firm_that_does_not_exist_is_named_with_the_nearest() -> None:
    model = RestructuringModel(MARGINS, shocks=(GOOD,))
    assert model.firms[model.firm_named("Sagbruket")].staff == 30
    with pytest.raises(ShockError, match="did you mean 'Sagbruket'"):
        model.firm_named("Sagbrukt")


def test_a_downsized_firm_lives_on() -> None:
    model = RestructuringModel(MARGINS, shocks=(replace(GOOD, kind=ShockKind.DOWNSIZING, firm_jobs=80),), seed=2)
    model.run_months(5)
    before = model.firms[model.firm_named("Sagbruket")].staff
    model.step()
    after = model.firms[model.firm_named("Sagbruket")].staff
    assert 20 <= before - after <= 40


def test_a_decline_takes_jobs_from_its_industry() -> None:
    shock = replace(GOOD, kind=ShockKind.DECLINE, jobs=60, duration_months=24)
    calm, hit = RestructuringModel(MARGINS, seed=2), RestructuringModel(MARGINS, shocks=(shock,), seed=2)
    for model in (calm, hit):
        model.run_months(40)
    lost = calm.jobs - hit.jobs
    assert 25 < lost < 110
