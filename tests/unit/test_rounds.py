"""Rounds: who gets status under a budget, when, from whose frame, and what comes back."""

from __future__ import annotations

import itertools
import zlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from omstilling.model import Parameters, RegionMargins, RestructuringModel, rounds
from omstilling.model.accounts import Purpose
from omstilling.model.design import (
    Advice,
    Application,
    Design,
    DesignError,
    Eligibility,
    Ranking,
    Regime,
    Rule,
    Support,
    Track,
)
from omstilling.model.eligibility import Evidence
from omstilling.model.indicators import COLUMNS
from omstilling.model.programme import Phase
from omstilling.model.rationing import Frame
from omstilling.model.rounds import by_year, costs_of, rural_shares
from worlds import make_design, make_margins, make_track

ACUTE = make_track(
    name="acute", eligibility=Eligibility(Rule.ACUTE, loss_share=0.15, loss_persons=50.0, isolated_factor=0.5)
)
DECLINE = make_track(
    name="decline", eligibility=Eligibility(Rule.DECLINE, population_decline=0.1, employment_decline=0.6), years=3
)
ALWAYS = make_track(name="always", eligibility=Eligibility(Rule.ACUTE, loss_share=0.0, loss_persons=0.0))
GUIDANCE = 20_834
"""Kroner a month of half guidance: 500,000 / 24 rounded up."""
FIRST_YEAR = 12 * GUIDANCE + 4_000_000
"""A programme granted in January, with its first grant in June."""
YEARS = 15
SIZES = (900, 700, 800, 600, 650, 750)
PASTS: dict[str, tuple[float, float]] = {
    "9901": (0.30, 0.00), "9902": (0.00, 0.20), "9903": (0.02, 0.02), "9904": (0.20, 0.30), "9905": (0.13, 0.00),
    "9906": (0.00, 0.12),
}  # fmt: skip
"""Falls of jobs and of inhabitants before the start as shares of what was: the fifth loses too few jobs."""


@pytest.fixture(autouse=True)
def _nothing_runs_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole budget is free from the first year on, but for the tests that say otherwise."""
    monkeypatch.setattr(rounds, "_RUNNING_YEARS", 0)


def _margins(codes: Sequence[str] = tuple(PASTS), sizes: Sequence[int] = SIZES, linked: bool = False) -> RegionMargins:
    margins = make_margins(tuple(sizes), linked=linked)
    falls = np.array([PASTS.get(code, (0.0, 0.0)) for code in codes])
    before = 1.0 / (1.0 - falls)
    return replace(
        margins,
        codes=tuple(codes),
        past_jobs=np.repeat(margins.jobs[:, None] * before[:, :1], 10, axis=1),
        past_population=np.repeat(margins.population.sum(axis=(1, 2))[:, None] * before[:, 1:], 10, axis=1),
    )


def _design(
    *tracks: Track, budget: float = 1e9, advice: Advice | None = None, ranking: Ranking = Ranking.SEVERITY,
    **regime: object,
) -> Design:  # fmt: skip
    design = make_design(*(tracks or (ACUTE, DECLINE)), national_budget=budget, advice=advice)
    return replace(design, regime=Regime(ranking=ranking, **regime))  # type: ignore[arg-type]


def _run(design: Design, months: int, margins: RegionMargins | None = None, seed: int = 3) -> RestructuringModel:
    model = RestructuringModel(margins or _margins(), seed=seed, support=Support(design, open_rounds=True))
    model.run_months(months)
    return model


def _granted(model: RestructuringModel) -> list[tuple[str, str, int]]:
    """Code, track and month since the start of each programme, in order."""
    start = model.margins.start_month
    return [
        (model.margins.codes[p.places[0]], p.track.name, p.history[0][0] - start) for p in model.programmes if p.track
    ]


def _paid_by_state(model: RestructuringModel) -> dict[int, int]:
    """Kroner that the State paid, by calendar year."""
    paid: dict[int, int] = defaultdict(int)
    for payment in model.accounts.journal:
        if payment.payer == "State":
            assert payment.purpose in (Purpose.GRANT, Purpose.GUIDANCE, Purpose.ADVICE)
            paid[1900 + payment.month // 12] += payment.amount
    return dict(paid)


# --- who gets status -------------------------------------------------------------------------------------------------


def test_all_who_are_eligible_get_status_under_their_track_where_the_budget_allows() -> None:
    model = _run(_design(), 1)
    assert _granted(model) == [
        ("9901", "acute", 0), ("9902", "decline", 0), ("9904", "acute", 0), ("9906", "decline", 0)
    ]  # fmt: skip
    assert {programme.phase for programme in model.programmes} == {Phase.CLARIFICATION}
    decisions = model.rounds.decisions
    assert [decision.granted for decision in decisions] == [True] * 4
    assert [decision.severity for decision in decisions] == pytest.approx([178 / 50, 2.0, 69 / 50, 1.2], rel=0.01)
    start = model.margins.start_month
    assert model.rounds.eligible_since.tolist() == [
        [start, -1, -1, start, -1, -1], [-1, start, -1, start, -1, start]
    ]  # fmt: skip


def test_a_milder_past_gets_nobody_status() -> None:
    margins = _margins()
    calm = replace(
        margins,
        past_jobs=np.repeat(margins.jobs[:, None].astype(float), 10, axis=1),
        past_population=np.repeat(margins.population.sum(axis=(1, 2))[:, None].astype(float), 10, axis=1),
    )
    model = _run(_design(), 1, calm)
    assert (model.rounds.decisions, model.programmes) == ([], [])
    assert (model.rounds.eligible_since == -1).all()


@pytest.mark.parametrize(
    ("ranking", "order"),
    [
        (Ranking.SEVERITY, ["9901", "9902", "9904", "9906"]),
        (Ranking.TRACK, ["9901", "9904", "9902", "9906"]),
        (Ranking.PERSONS, ["9904", "9901", "9902", "9906"]),
        (Ranking.CENTRALITY, ["9906", "9904", "9902", "9901"]),
    ],
)
@pytest.mark.parametrize("places", [0, 1, 2, 3])
def test_a_budget_for_so_many_goes_to_the_first_to_the_krone(ranking: Ranking, order: list[str], places: int) -> None:
    index = 700.0 - 10.0 * np.arange(6)
    margins = replace(_margins(), centrality_index=index)
    found = [
        [code for code, *_ in _granted(_run(_design(budget=budget, ranking=ranking), 1, margins))]
        for budget in (max(places * FIRST_YEAR, 1), (places + 1) * FIRST_YEAR - 1)
    ]
    assert found == [order[:places]] * 2


def test_those_for_whom_there_is_no_money_are_noted_and_may_apply_again() -> None:
    """The first programme costs the whole budget for two years; July 2014 is the first round with money again."""
    model = _run(_design(budget=FIRST_YEAR), 31)
    start, decisions = model.margins.start_month, model.rounds.decisions
    assert [month for *_, month in _granted(model)] == [0, 30]
    assert _granted(model)[0] == ("9901", "acute", 0)
    for month in (0, 6, 12, 18, 24):
        refused = [d.code for d in decisions if d.month == start + month and not d.granted]
        assert {"9902", "9904", "9906"} <= set(refused) <= {"9902", "9904", "9906", "9903", "9905"}
    last = [d for d in decisions if d.month == start + 30]
    assert [d.granted for d in last] == [True] + [False] * (len(last) - 1)
    assert last[0].severity == max(d.severity for d in last)


def test_a_round_in_which_nobody_can_be_granted_changes_nothing() -> None:
    """Neither applications without money nor rules that nobody meets nor a design without tracks move a bit."""
    without = RestructuringModel(_margins(), seed=3)
    without.run_months(36)
    nobody = make_track(eligibility=Eligibility(Rule.ACUTE, loss_share=0.9, loss_persons=1e5))
    none = Design("none", "No programme")
    for design in (_design(budget=1.0), _design(nobody), none, _design(ALWAYS, budget=FIRST_YEAR - 1.0)):
        model = _run(design, 36)
        assert [name for name in COLUMNS if not np.array_equal(model.record.of(name), without.record.of(name))] == []
    assert not np.array_equal(_run(_design(), 36).record.values, without.record.values)


# --- money -----------------------------------------------------------------------------------------------------------

PLENTY = Advice(0.13, 6, 5)
ADVICE = 12 * 32_500
"""Kroner a year for all six."""
SHORT = make_track(
    name="short", eligibility=Eligibility(Rule.ACUTE, loss_share=0.0, loss_persons=1.0), years=2, midterm_year=1,
    midterm_least_used=0.75, clarification_months=0, anchoring_months=1, yearly_grant=5_000_001.0, guidance=0.7,
)  # fmt: skip
TAPERED = make_track(
    name="tapered", eligibility=Eligibility(Rule.ACUTE, loss_share=0.0, loss_persons=0.0), years=4, taper_years=2,
    taper_share=0.37, yearly_grant=3_333_333.0, guidance=0.9, clarification_months=3, anchoring_months=4,
)  # fmt: skip


def _under(budget: float, **regime: object) -> RestructuringModel:
    return _run(_design(SHORT, TAPERED, budget=budget, advice=PLENTY, reentry_years=1, **regime), 12 * YEARS)


@pytest.mark.parametrize("budget", [4.5e6, 9_999_999.0, 2.1e7, 5e7])
@pytest.mark.parametrize("regime", [{"rounds_a_year": 2}, {"rounds_a_year": 12, "county_share": 0.6}])
def test_the_state_never_pays_more_than_the_budget_of_a_calendar_year(budget: float, regime: dict) -> None:
    model = _under(budget, **regime)
    paid = _paid_by_state(model)
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
    paid, advice = _paid_by_state(model), dict.fromkeys(range(2012, 2018), ADVICE)
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
    model = _run(
        _design(SHORT, TAPERED, budget=budget, advice=PLENTY, reentry_years=1, county_share=county_share), 12 * YEARS
    )
    frames, paid = [model.rounds.national, *model.rounds.counties.values()], _paid_by_state(model)
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
    assert max(_paid_by_state(_under(9_999_999.0)).values()) > 9_999_999


@pytest.mark.parametrize(
    ("track", "month"), [(SHORT, 1344), (TAPERED, 1344 + 6), (ACUTE, 1344 + 7), (DECLINE, 1344 + 11)]
)
def test_costs_are_those_that_a_programme_of_its_own_causes(track: Track, month: int) -> None:
    """The same programme by an application of its own costs the State just that, but for guidance rounded up."""
    margins = _margins(("9901",), (900,))
    lasting = replace(track, midterm_year=0, eligibility=ALWAYS.eligibility)
    model = RestructuringModel(
        margins, seed=3, support=Support(_design(lasting), (Application("Test", ("9901",), month),))
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
    margins = replace(_margins(COUNTIES), centrality_class=np.array(classes, dtype=np.int8))
    design = _design(SHORT, budget=2.4e7, rounds_a_year=4, reentry_years=0, **regime)
    return _run(design, 12 * YEARS, margins)


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
    assert "9802" not in {code for code, *_ in _granted(model)} or sum(_by_county(model)["98"].values()) > 0


def test_without_division_a_county_may_take_what_its_frame_would_not_hold() -> None:
    """The twin: the same demands without frames go beyond them in some year."""
    limits = {number: frame.limits[2020] for number, frame in _two_counties(county_share=1.0).rounds.counties.items()}
    open_to_all = _two_counties(county_share=0.0)
    assert all(frame.limits[2020] == 0 for frame in open_to_all.rounds.counties.values())
    found = {number: max(of_years.values(), default=0) for number, of_years in _by_county(open_to_all).items()}
    assert any(found[number] > limits[number] for number in limits)


# --- when ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("years", [0, 1, 3])
def test_nobody_comes_back_before_reentry_years_and_all_do_at_the_next_round(years: int) -> None:
    model = _run(_design(ALWAYS, reentry_years=years), 150)
    start = model.margins.start_month
    for place in range(6):
        of_place = [p for p in model.programmes if p.places[0] == place]
        assert len(of_place) >= 2
        for one, following in itertools.pairwise(of_place):
            free = one.history[-1][0] + 12 * years
            assert one.phase is Phase.ORDINARY
            assert following.history[0][0] >= free
            assert following.history[0][0] == start + 6 * -(-(free - start) // 6)


@pytest.mark.parametrize("number", [1, 2, 3, 4, 6, 12])
def test_rounds_decide_in_their_months_only(number: int) -> None:
    model = _run(_design(ALWAYS, budget=2 * FIRST_YEAR, rounds_a_year=number), 60)
    months = {decision.month - model.margins.start_month for decision in model.rounds.decisions}
    assert months == {month for month in range(60) if month % (12 // number) == 0}
    assert {month for *_, month in _granted(model)} <= months


def test_eligibility_is_seen_in_the_month_of_publication_and_decided_at_the_next_round() -> None:
    """Inhabitants of 1 January come out two months later, in March; the next round is in July."""
    margins = _margins(("9901", "9902"), (900, 700))
    past = np.repeat(np.array([[1000.0], [700.0]]), 10, axis=1)
    track = make_track(eligibility=Eligibility(Rule.DECLINE, population_decline=0.15, employment_decline=0.99))
    model = RestructuringModel(
        replace(margins, past_population=past), seed=3, support=Support(_design(track), open_rounds=True)
    )
    model.run_months(12)
    column = list(COLUMNS).index("population")
    model._recorded[12, 0, column] = 840.0  # 16 % fewer than ten years ago
    for _ in range(8):
        model.step()
        model._recorded[12, 0, column] = 840.0
    start = margins.start_month
    assert model.rounds.eligible_since[0].tolist() == [start + 14, -1]
    assert _granted(model) == [("9901", "acute", 18)]


def test_a_place_that_recovers_is_no_longer_eligible() -> None:
    """A loss of three years counts until the figures that are lower than before are all there are."""
    model = _run(_design(ACUTE, budget=1.0), 60, _margins(("9901", "9904"), (900, 600)))
    tries = [d.month - model.margins.start_month for d in model.rounds.decisions if d.code == "9901"]
    assert tries[0] == 0
    assert max(tries) < 48
    assert model.rounds.eligible_since[0, 0] == -1


# --- order of municipalities -----------------------------------------------------------------------------------------


def permuted(margins: RegionMargins, order: Sequence[int]) -> RegionMargins:
    """The same region with its municipalities in another order; the outside stays last."""
    rows = np.array(order)
    ends = np.append(rows, margins.size)
    of_places = (
        "centrality_index", "centrality_class", "population", "unemployed", "industry_jobs", "establishment_shares",
        "out_migration_rate", "in_migration", "settlement_attractiveness", "past_population", "past_jobs",
    )  # fmt: skip
    return replace(
        margins,
        codes=tuple(margins.codes[row] for row in rows),
        names=tuple(margins.names[row] for row in rows),
        commuting=margins.commuting[np.ix_(ends, ends)].copy(),
        travel_minutes=margins.travel_minutes[np.ix_(rows, rows)].copy(),
        commuting_affinity=margins.commuting_affinity[np.ix_(rows, rows)].copy(),
        destination_share=margins.destination_share[rows][:, :, ends].copy(),
        **{name: getattr(margins, name)[rows].copy() for name in of_places},
    )


ORDERS = [(5, 4, 3, 2, 1, 0), (2, 0, 3, 5, 1, 4)]


def _decisions(model: RestructuringModel) -> set[tuple[int, str, str, float, bool]]:
    return {(d.month, d.code, d.track, d.severity, d.granted) for d in model.rounds.decisions}


@pytest.mark.parametrize("order", ORDERS)
def test_the_order_of_municipalities_that_share_no_labour_market_changes_nothing(order: Sequence[int]) -> None:
    """They share the budget all the same. Bit for bit: grants, months, severities, and every recorded figure."""
    margins = _margins(("9901", "9902", "9803", "9704", "9805", "9806"))
    design = _design(SHORT, TAPERED, budget=1.2e7, advice=PLENTY, county_share=0.5, reentry_years=0)
    one, other = (_run(design, 120, place) for place in (margins, permuted(margins, order)))
    assert _decisions(one) == _decisions(other)
    assert sorted(_granted(one)) == sorted(_granted(other))
    assert len(_granted(one)) > 5
    assert len([d for d in one.rounds.decisions if not d.granted]) > 5
    np.testing.assert_array_equal(one.record.values[:, list(order)], other.record.values)
    assert _paid_by_state(one) == _paid_by_state(other)
    another = _run(replace(design, national_budget=1.1e7), 120, margins)
    assert _decisions(another) != _decisions(one)


def _pretended(code: str, months: int) -> Evidence:
    """Evidence that depends on the code and half-year alone, with many ties."""
    number = zlib.crc32(f"{code} {months // 6}".encode())
    return Evidence(0.05 * (number % 5), 30.0 * (number % 3), 0.1 * (number % 4), 0.06 * (number % 4), 5, 900.0, 0.2)


@pytest.mark.parametrize("order", ORDERS)
def test_the_order_of_linked_municipalities_changes_no_decision_on_the_same_evidence(order: Sequence[int]) -> None:
    """In a linked region the order of municipalities changes luck, though no expectation: searchers and movers draw a
    place by its cumulative weight in the order of rows (``matching._sample``, ``moving._choose_destination``), and the
    first jobs go to homes in that order (``synthesis.employment.place_workers``). Figures then differ from the first
    month on; what is decided on equal figures must not.
    """
    margins, found = _margins(linked=True), []
    design = _design(budget=2e7, county_share=0.4, reentry_years=0, rounds_a_year=4)
    for place in (margins, permuted(margins, order)):
        model = RestructuringModel(place, seed=3, support=Support(design, open_rounds=True))
        model.rounds.assessment.evidence = lambda rules, months, codes=place.codes: [
            _pretended(code, months) for code in codes
        ]
        model.run_months(120)
        found.append(model)
    assert _decisions(found[0]) == _decisions(found[1])
    assert [p.account for p in found[0].programmes] == [p.account for p in found[1].programmes]
    assert len(found[0].programmes) > 6
    assert len({d.granted for d in found[0].rounds.decisions}) == 2


@pytest.mark.parametrize("order", ORDERS)
def test_the_order_of_linked_municipalities_changes_no_decision_of_the_first_round(order: Sequence[int]) -> None:
    margins = _margins(linked=True)
    one, other = (_run(_design(budget=2.5 * FIRST_YEAR), 1, place) for place in (margins, permuted(margins, order)))
    assert _decisions(one) == _decisions(other)
    assert len(_granted(one)) == 2


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
    support = Support(_design(track, budget=1.5 * FIRST_YEAR, reentry_years=9), open_rounds=True)
    model = RestructuringModel(_margins(("9901", "9902"), (900, 700)), IDLE, seed=3, support=support)
    model.run_months(months)
    return model


def test_a_stopped_programme_gives_its_money_back_to_the_next() -> None:
    model = _one_at_a_time(6)
    assert _granted(model) == [("9901", "stopping", 0), ("9902", "stopping", 18)]
    assert model.programmes[0].history[-1] == (model.margins.start_month + 18, Phase.STOPPED)
    lasting = _one_at_a_time(6, midterm_year=0)
    assert _granted(lasting) == [("9901", "stopping", 0)]


@pytest.mark.parametrize("anchoring", [0, 6])
def test_what_a_stopped_programme_holds_is_released_to_the_krone(anchoring: int) -> None:
    """Where it stops in a month of a round, what stays promised is what was paid, but for guidance rounded up."""
    model = _one_at_a_time(anchoring)
    assert [p.phase for p in model.programmes] == [Phase.STOPPED] * 2
    promised, paid = model.rounds.national.promised, _paid_by_state(model)
    for year in range(2012, 2012 + YEARS):
        assert 0 <= promised.get(year, 0) - paid.get(year, 0) <= 24
    assert promised[2016] == promised[2017] == 0


@pytest.mark.parametrize("anchoring", [1, 2, 5])
def test_what_a_stopped_programme_holds_is_released_from_the_month_of_the_stop(anchoring: int) -> None:
    model = _one_at_a_time(anchoring)
    assert model.programmes[0].phase is Phase.STOPPED
    promised, paid = model.rounds.national.promised, _paid_by_state(model)
    stopped = 2012 + (anchoring + 12) // 12
    assert 0 <= promised[stopped] - paid[stopped] <= 24


# --- what cannot be carried out --------------------------------------------------------------------------------------


def test_advice_that_costs_more_than_the_budget_is_refused() -> None:
    """Six rural municipalities at 6,500 kroner a month each: 468,000 kroner a year."""
    advice = Advice(0.156, 3, 5)
    cost = 12 * 6 * 6_500
    with pytest.raises(DesignError) as caught:
        _run(_design(budget=cost - 1, advice=advice), 1)
    assert caught.value.key == "national_budget"
    assert (caught.value.found, str(cost) in caught.value.allowed) == (str(cost - 1), True)
    paid = _paid_by_state(_run(_design(budget=cost, advice=advice), 48))
    assert paid == {2012: cost, 2013: cost, 2014: cost}
    least = replace(advice, least_centrality_class=6)
    assert _paid_by_state(_run(_design(budget=cost - 1, advice=least), 12)) == {}


@pytest.mark.parametrize("weight", [2, 10])
def test_a_sample_takes_no_programmes_but_advice(weight: int) -> None:
    sample = replace(_margins(), weight=weight)
    with pytest.raises(DesignError, match=f"sample: found one in {weight}"):
        _run(_design(), 1, sample)
    form = Application("Test", ("9901",), sample.start_month)
    with pytest.raises(DesignError, match="sample"):
        RestructuringModel(sample, support=Support(_design(), (form,)))
    RestructuringModel(sample, support=Support(_design())).run_months(1)
    advised = _run(replace(_design(), tracks=(), advice=Advice(0.2, 3)), 12, sample)
    assert advised.accounts.total(Purpose.ADVICE) > 0


def test_a_municipality_is_refused_while_it_has_a_programme() -> None:
    model = _run(_design(ALWAYS, rounds_a_year=12), 100)
    for place in range(6):
        spans = [(p.history[0][0], p.history[-1][0]) for p in model.programmes if p.places[0] == place]
        assert all(end <= following for (_, end), (following, _) in itertools.pairwise(spans))
    names = [p.account for p in model.programmes]
    assert len(set(names)) == len(names)


def test_persons_are_the_inhabitants_lost() -> None:
    """One place fell from 1,200 to 600 inhabitants, the other from 2,600 to 2,080: it lost 520."""
    margins = _margins(("9902", "9901"), (600, 2080))
    past = np.repeat(np.array([[1200.0], [2600.0]]), 10, axis=1)
    track = replace(DECLINE, eligibility=replace(DECLINE.eligibility, employment_decline=0.99))
    model = _run(_design(track, budget=FIRST_YEAR, ranking=Ranking.PERSONS), 1, replace(margins, past_population=past))
    assert _granted(model) == [("9902", "decline", 0)]


def test_grants_that_counties_pay_take_nothing_of_the_budget_of_the_state() -> None:
    margins = _margins(("9901", "9902"), (900, 700))
    track = replace(ALWAYS, payer="county")
    model = _run(_design(track, budget=2 * 12 * GUIDANCE), 40, margins)
    assert {code for code, *_ in _granted(model)} == {"9901", "9902"}
    assert max(_paid_by_state(model).values()) <= 2 * 12 * GUIDANCE


def test_a_support_of_rounds_and_applications_is_carried_out_or_refused() -> None:
    margins = _margins(("9901", "9902"), (900, 700))
    form = Application("Test", ("9902",), margins.start_month + 9, documented_loss=500.0)
    try:
        model = RestructuringModel(margins, seed=3, support=Support(_design(), (form,), open_rounds=True))
    except DesignError:
        return
    model.run_months(12)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("rounds_a_year", 0), ("rounds_a_year", 5), ("rounds_a_year", 24), ("ranking", "size"), ("county_share", 1.1),
        ("county_share", -0.1), ("county_share", float("nan")), ("employment_lag_months", -1),
        ("population_lag_months", -1), ("reentry_years", -1),
    ],
)  # fmt: skip
def test_a_regime_that_cannot_be_carried_out_is_refused(key: str, value: object) -> None:
    with pytest.raises(DesignError) as caught:
        _run(replace(_design(), regime=replace(Regime(), **{key: value})), 1)  # type: ignore[arg-type]
    assert caught.value.key == f"regime.{key}"
    assert str(value) in caught.value.found


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("least_centrality_class", 0), ("least_centrality_class", 7), ("most_inhabitants", -1.0),
        ("most_inhabitants", float("nan")), ("old_share", 1.2), ("old_share", -0.1), ("loss_years", 0),
    ],
)  # fmt: skip
def test_rules_for_places_that_cannot_be_are_refused(key: str, value: float) -> None:
    track = replace(ACUTE, eligibility=replace(ACUTE.eligibility, **{key: value}))
    with pytest.raises(DesignError) as caught:
        _run(_design(track), 1)
    assert caught.value.key == f"tracks.acute.eligibility.{key}"


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, ["9901", "9904"]), ({"least_centrality_class": 6}, ["9904"]), ({"most_inhabitants": 600.0}, ["9904"]),
        ({"most_inhabitants": 599.0}, []), ({"old_share": 0.16}, ["9901"]), ({"old_share": 0.19}, []),
    ],
)  # fmt: skip
def test_rules_for_certain_places_decide_who_may_apply(changes: dict[str, float], codes: list[str]) -> None:
    """The fourth is the least central, with 600 inhabitants, 15 % of them aged 67 and over; the first has 900, 17 %."""
    margins = replace(_margins(), centrality_class=np.array([5, 5, 5, 6, 5, 5], dtype=np.int8))
    track = replace(ACUTE, eligibility=replace(ACUTE.eligibility, **changes))
    assert [code for code, *_ in _granted(_run(_design(track), 1, margins))] == codes
