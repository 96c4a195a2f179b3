"""Rounds: budgets of the State and of counties to the krone, and what comes back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from omstilling.model import Parameters, RestructuringModel
from omstilling.model.policy import rounds
from omstilling.model.policy.design import (
    Application,
    Support,
    Track,
)
from omstilling.model.policy.programme import Phase
from omstilling.model.policy.rationing import Frame
from omstilling.model.policy.rounds import by_year, costs_of, rural_shares
from omstilling.model.state.accounts import Purpose
from rounds_worlds import (
    ACUTE,
    ADVICE,
    ALWAYS,
    DECLINE,
    FIRST_YEAR,
    PLENTY,
    SHORT,
    TAPERED,
    YEARS,
    design_of,
    granted_in,
    margins_of,
    paid_by_state,
    run_rounds,
)
from worlds import make_track


@pytest.fixture(autouse=True)
def _nothing_runs_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole budget is free from the first year on, but for the tests that say otherwise."""
    monkeypatch.setattr(rounds, "_RUNNING_YEARS", 0)


# --- money -----------------------------------------------------------------------------------------------------------


def _under(budget: float, **regime: object) -> RestructuringModel:
    return run_rounds(design_of(SHORT, TAPERED, budget=budget, advice=PLENTY, reentry_years=1, **regime), 12 * YEARS)


@pytest.mark.parametrize("budget", [4.5e6, 9_999_999.0, 2.1e7, 5e7])
@pytest.mark.parametrize("regime", [{"rounds_a_year": 2}, {"rounds_a_year": 12, "county_share": 0.6}])
def test_the_state_never_pays_more_than_the_budget_of_a_calendar_year(budget: float, regime: dict) -> None:
    model = _under(budget, **regime)
    paid = paid_by_state(model)
    assert set(paid) <= set(range(2012, 2012 + YEARS))
    assert max(paid.values()) <= budget
    assert min(paid[year] for year in range(2012, 2018)) >= ADVICE
    assert (
        (len(model.programmes) > 0) == (max(paid.values()) > ADVICE) == (budget > 9e6 or "county_share" not in regime)
    )
    if budget > 9e6:
        assert max(paid.values()) > 0.5 * budget
        assert any(programme.phase is Phase.STOPPED for programme in model.programmes)
    refused = [decision for decision in model.rounds.decisions if not decision.granted]
    assert bool(refused) == (budget < 4e7)


def test_no_krone_is_promised_beyond_a_frame_and_what_is_paid_was_promised() -> None:
    """Grants of each programme stay within the promise of its year, which stays within the limit."""
    model = _under(2.1e7, county_share=0.6)
    frames = [model.rounds.national, *model.rounds.counties.values()]
    paid, advice = paid_by_state(model), dict.fromkeys(range(2012, 2018), ADVICE)
    for year in range(2012, 2012 + YEARS):
        promised = [frame.promised.get(year, 0) for frame in frames]
        assert all(0 <= kroner <= frame.limits[year] for kroner, frame in zip(promised, frames, strict=True))
        assert sum(frame.limits[year] for frame in frames) + advice.get(year, 0) <= 2.1e7
        assert paid[year] <= sum(promised) + advice.get(year, 0)


@pytest.mark.parametrize("county_share", [0.0, 0.6, 1.0])
def test_what_programmes_of_the_start_hold_comes_free_over_six_years(
    monkeypatch: pytest.MonkeyPatch, county_share: float
) -> None:
    """A seventh of what advice leaves in the first year, two in the second, all from the seventh on."""
    budget = 21_000_000
    monkeypatch.setattr(rounds, "_RUNNING_YEARS", 6)
    model = run_rounds(
        design_of(SHORT, TAPERED, budget=budget, advice=PLENTY, reentry_years=1, county_share=county_share), 12 * YEARS
    )
    frames, paid = [model.rounds.national, *model.rounds.counties.values()], paid_by_state(model)
    for number, year in enumerate(range(2012, 2012 + YEARS)):
        advice = ADVICE if number < 6 else 0
        free = (budget - advice) * min(number + 1, 7) / 7
        assert free - 1.0 <= sum(frame.limits[year] for frame in frames) <= free
        assert paid.get(year, 0) <= free + advice
    assert paid[2012] < 3_500_000 < max(paid.values())
    assert len(model.programmes) >= 5


def test_rationing_that_ignores_frames_overspends(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: the State's own check caps grants alone, so that only the frames keep guidance within the budget."""
    monkeypatch.setattr(Frame, "fits", lambda self, yearly: True)
    assert max(paid_by_state(_under(9_999_999.0)).values()) > 9_999_999


@pytest.mark.parametrize(
    ("track", "month"), [(SHORT, 1344), (TAPERED, 1344 + 6), (ACUTE, 1344 + 7), (DECLINE, 1344 + 11)]
)
def test_costs_are_those_that_a_programme_of_its_own_causes(track: Track, month: int) -> None:
    """The same programme by an application of its own costs the State just that, but for guidance rounded up."""
    margins = margins_of(("9901",), (900,))
    lasting = replace(track, midterm_year=0, eligibility=ALWAYS.eligibility)
    model = RestructuringModel(
        margins, seed=3, support=Support(design_of(lasting), (Application("Test", ("9901",), month),))
    )
    model.run_months(month - margins.start_month + track.months + 12)
    costs = costs_of(lasting, month, model.parameters.capacity.guidance_cost)
    paid: dict[int, int] = defaultdict(int)
    grants = dict.fromkeys(costs, 0)
    for payment in model.accounts.journal:
        if payment.payer == "State":
            paid[payment.month] += payment.amount
            grants[payment.month] += payment.amount if payment.purpose is Purpose.GRANT else 0
    assert set(paid) == set(costs)
    assert all(0 <= costs[at] - paid[at] <= 1 for at in costs)
    assert sum(grants.values()) > track.years * 0.3 * track.yearly_grant
    assert sum(by_year(costs).values()) == sum(costs.values())


COUNTIES = ("9901", "9902", "9701", "9702", "9801", "9802")


def _two_counties(classes: Sequence[int] = (5, 5, 6, 5, 5, 3), **regime: object) -> RestructuringModel:
    margins = replace(margins_of(COUNTIES), centrality_class=np.array(classes, dtype=np.int8))
    design = design_of(SHORT, budget=2.4e7, rounds_a_year=4, reentry_years=0, **regime)
    return run_rounds(design, 12 * YEARS, margins)


def _by_county(model: RestructuringModel) -> dict[str, dict[int, int]]:
    """Grants that went through each county, by year."""
    paid: dict[str, dict[int, int]] = {number: defaultdict(int) for number in model.counties}
    for payment in model.accounts.journal:
        if payment.payer == "State" and payment.purpose is Purpose.GRANT:
            paid[payment.payee.removeprefix("County ")][1900 + payment.month // 12] += payment.amount
    return paid


def test_each_county_keeps_to_its_frame_where_all_money_is_divided_in_advance() -> None:
    model = _two_counties(county_share=1.0)
    rural = {"97": 800 + 600, "98": 650, "99": 900 + 700}
    shares = {number: inhabitants / sum(rural.values()) for number, inhabitants in rural.items()}
    assert rural_shares(model) == pytest.approx(shares)
    for number, of_years in _by_county(model).items():
        limit = int(2.4e7 * shares[number])
        assert model.rounds.counties[number].limits[2020] in (limit, limit - 1, limit + 1)
        for year in range(2012, 2012 + YEARS):
            assert of_years[year] <= model.rounds.counties[number].promised.get(year, 0) <= limit + 1
    assert min(sum(of_years.values()) for number, of_years in _by_county(model).items() if number != "98") > 5e6
    assert 0 <= sum(model.rounds.national.promised.values()) < 10
    assert "9802" not in {code for code, *_ in granted_in(model)} or sum(_by_county(model)["98"].values()) > 0


def test_without_division_a_county_may_take_what_its_frame_would_not_hold() -> None:
    """The twin: the same demands without frames go beyond them in some year."""
    limits = {number: frame.limits[2020] for number, frame in _two_counties(county_share=1.0).rounds.counties.items()}
    open_to_all = _two_counties(county_share=0.0)
    assert all(frame.limits[2020] == 0 for frame in open_to_all.rounds.counties.values())
    found = {number: max(of_years.values(), default=0) for number, of_years in _by_county(open_to_all).items()}
    assert any(found[number] > limits[number] for number in limits)


# --- what comes back -------------------------------------------------------------------------------------------------


def _stopping(anchoring: int) -> Track:
    """Stopped after a year of grants of which it cannot use half, as nobody has an idea."""
    return make_track(
        name="stopping", eligibility=ALWAYS.eligibility, clarification_months=0, anchoring_months=anchoring, years=6,
        midterm_year=1, midterm_least_used=0.9,
    )  # fmt: skip


IDLE = Parameters().with_values(
    **{f"{kind}_rate": 0.0 for kind in ("start_up", "expansion", "rescue", "site", "settlement", "competence")}
)


def _one_at_a_time(anchoring: int, months: int = 60, **changes: object) -> RestructuringModel:
    """Money for one programme at a time, and two places that want it."""
    track = replace(_stopping(anchoring), **changes)  # type: ignore[arg-type]
    support = Support(design_of(track, budget=1.5 * FIRST_YEAR, reentry_years=9), open_rounds=True)
    model = RestructuringModel(margins_of(("9901", "9902"), (900, 700)), IDLE, seed=3, support=support)
    model.run_months(months)
    return model


def test_a_stopped_programme_gives_its_money_back_to_the_next() -> None:
    model = _one_at_a_time(6)
    assert granted_in(model) == [("9901", "stopping", 0), ("9902", "stopping", 18)]
    assert model.programmes[0].history[-1] == (model.margins.start_month + 18, Phase.STOPPED)
    lasting = _one_at_a_time(6, midterm_year=0)
    assert granted_in(lasting) == [("9901", "stopping", 0)]


@pytest.mark.parametrize("anchoring", [0, 6])
def test_what_a_stopped_programme_holds_is_released_to_the_krone(anchoring: int) -> None:
    """Where it stops in a month of a round, what stays promised is what was paid, but for guidance rounded up."""
    model = _one_at_a_time(anchoring)
    assert [p.phase for p in model.programmes] == [Phase.STOPPED] * 2
    promised, paid = model.rounds.national.promised, paid_by_state(model)
    for year in range(2012, 2012 + YEARS):
        assert 0 <= promised.get(year, 0) - paid.get(year, 0) <= 24
    assert promised[2016] == promised[2017] == 0


@pytest.mark.parametrize("anchoring", [1, 2, 5])
def test_what_a_stopped_programme_holds_is_released_from_the_month_of_the_stop(anchoring: int) -> None:
    model = _one_at_a_time(anchoring)
    assert model.programmes[0].phase is Phase.STOPPED
    promised, paid = model.rounds.national.promised, paid_by_state(model)
    stopped = 2012 + (anchoring + 12) // 12
    assert 0 <= promised[stopped] - paid[stopped] <= 24
