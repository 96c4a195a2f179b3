"""Rounds: who gets status, when, whatever the order of municipalities, and what is refused."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from omstilling.model import RegionMargins, RestructuringModel
from omstilling.model.policy import rounds
from omstilling.model.policy.design import (
    Advice,
    Application,
    Design,
    DesignError,
    Eligibility,
    Ranking,
    Regime,
    Rule,
    Support,
)
from omstilling.model.policy.eligibility import Evidence
from omstilling.model.policy.programme import Phase
from omstilling.model.state.accounts import Purpose
from omstilling.model.state.record import COLUMNS
from rounds_worlds import (
    ACUTE,
    ALWAYS,
    DECLINE,
    FIRST_YEAR,
    GUIDANCE,
    PLENTY,
    SHORT,
    TAPERED,
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


# --- who gets status -------------------------------------------------------------------------------------------------


def test_all_who_are_eligible_get_status_under_their_track_where_the_budget_allows() -> None:
    model = run_rounds(design_of(), 1)
    assert granted_in(model) == [
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
    margins = margins_of()
    calm = replace(
        margins,
        past_jobs=np.repeat(margins.jobs[:, None].astype(float), 10, axis=1),
        past_population=np.repeat(margins.population.sum(axis=(1, 2))[:, None].astype(float), 10, axis=1),
    )
    model = run_rounds(design_of(), 1, calm)
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
    margins = replace(margins_of(), centrality_index=index)
    found = [
        [code for code, *_ in granted_in(run_rounds(design_of(budget=budget, ranking=ranking), 1, margins))]
        for budget in (max(places * FIRST_YEAR, 1), (places + 1) * FIRST_YEAR - 1)
    ]
    assert found == [order[:places]] * 2


def test_those_for_whom_there_is_no_money_are_noted_and_may_apply_again() -> None:
    """The first programme costs the whole budget for two years; July 2014 is the first round with money again."""
    model = run_rounds(design_of(budget=FIRST_YEAR), 31)
    start, decisions = model.margins.start_month, model.rounds.decisions
    assert [month for *_, month in granted_in(model)] == [0, 30]
    assert granted_in(model)[0] == ("9901", "acute", 0)
    for month in (0, 6, 12, 18, 24):
        refused = [d.code for d in decisions if d.month == start + month and not d.granted]
        assert {"9902", "9904", "9906"} <= set(refused) <= {"9902", "9904", "9906", "9903", "9905"}
    last = [d for d in decisions if d.month == start + 30]
    assert [d.granted for d in last] == [True] + [False] * (len(last) - 1)
    assert last[0].severity == max(d.severity for d in last)


def test_a_round_in_which_nobody_can_be_granted_changes_nothing() -> None:
    """Neither applications without money nor rules that nobody meets nor a design without tracks move a bit."""
    without = RestructuringModel(margins_of(), seed=3)
    without.run_months(36)
    nobody = make_track(eligibility=Eligibility(Rule.ACUTE, loss_share=0.9, loss_persons=1e5))
    none = Design("none", "No programme")
    for design in (design_of(budget=1.0), design_of(nobody), none, design_of(ALWAYS, budget=FIRST_YEAR - 1.0)):
        model = run_rounds(design, 36)
        assert [name for name in COLUMNS if not np.array_equal(model.record.of(name), without.record.of(name))] == []
    assert not np.array_equal(run_rounds(design_of(), 36).record.values, without.record.values)


# --- when ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("years", [0, 1, 3])
def test_nobody_comes_back_before_reentry_years_and_all_do_at_the_next_round(years: int) -> None:
    model = run_rounds(design_of(ALWAYS, reentry_years=years), 150)
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
    model = run_rounds(design_of(ALWAYS, budget=2 * FIRST_YEAR, rounds_a_year=number), 60)
    months = {decision.month - model.margins.start_month for decision in model.rounds.decisions}
    assert months == {month for month in range(60) if month % (12 // number) == 0}
    assert {month for *_, month in granted_in(model)} <= months


def test_eligibility_is_seen_in_the_month_of_publication_and_decided_at_the_next_round() -> None:
    """Inhabitants of 1 January come out two months later, in March; the next round is in July."""
    margins = margins_of(("9901", "9902"), (900, 700))
    past = np.repeat(np.array([[1000.0], [700.0]]), 10, axis=1)
    track = make_track(eligibility=Eligibility(Rule.DECLINE, population_decline=0.15, employment_decline=0.99))
    model = RestructuringModel(
        replace(margins, past_population=past), seed=3, support=Support(design_of(track), open_rounds=True)
    )
    model.run_months(12)
    column = list(COLUMNS).index("population")
    model._recorded[12, 0, column] = 840.0  # 16 % fewer than ten years ago
    for _ in range(8):
        model.step()
        model._recorded[12, 0, column] = 840.0
    start = margins.start_month
    assert model.rounds.eligible_since[0].tolist() == [start + 14, -1]
    assert granted_in(model) == [("9901", "acute", 18)]


def test_a_place_that_recovers_is_no_longer_eligible() -> None:
    """A loss of three years counts until the figures that are lower than before are all there are."""
    model = run_rounds(design_of(ACUTE, budget=1.0), 60, margins_of(("9901", "9904"), (900, 600)))
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
    margins = margins_of(("9901", "9902", "9803", "9704", "9805", "9806"))
    design = design_of(SHORT, TAPERED, budget=1.2e7, advice=PLENTY, county_share=0.5, reentry_years=0)
    one, other = (run_rounds(design, 120, place) for place in (margins, permuted(margins, order)))
    assert _decisions(one) == _decisions(other)
    assert sorted(granted_in(one)) == sorted(granted_in(other))
    assert len(granted_in(one)) > 5
    assert len([d for d in one.rounds.decisions if not d.granted]) > 5
    np.testing.assert_array_equal(one.record.values[:, list(order)], other.record.values)
    assert paid_by_state(one) == paid_by_state(other)
    another = run_rounds(replace(design, national_budget=1.1e7), 120, margins)
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
    margins, found = margins_of(linked=True), []
    design = design_of(budget=2e7, county_share=0.4, reentry_years=0, rounds_a_year=4)
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
    margins = margins_of(linked=True)
    one, other = (
        run_rounds(design_of(budget=2.5 * FIRST_YEAR), 1, place) for place in (margins, permuted(margins, order))
    )
    assert _decisions(one) == _decisions(other)
    assert len(granted_in(one)) == 2


# --- what cannot be carried out --------------------------------------------------------------------------------------


def test_advice_that_costs_more_than_the_budget_is_refused() -> None:
    """Six rural municipalities at 6,500 kroner a month each: 468,000 kroner a year."""
    advice = Advice(0.156, 3, 5)
    cost = 12 * 6 * 6_500
    with pytest.raises(DesignError) as caught:
        run_rounds(design_of(budget=cost - 1, advice=advice), 1)
    assert caught.value.key == "national_budget"
    assert (caught.value.found, str(cost) in caught.value.allowed) == (str(cost - 1), True)
    paid = paid_by_state(run_rounds(design_of(budget=cost, advice=advice), 48))
    assert paid == {2012: cost, 2013: cost, 2014: cost}
    least = replace(advice, least_centrality_class=6)
    assert paid_by_state(run_rounds(design_of(budget=cost - 1, advice=least), 12)) == {}


@pytest.mark.parametrize("weight", [2, 10])
def test_a_sample_takes_no_programmes_but_advice(weight: int) -> None:
    sample = replace(margins_of(), weight=weight)
    with pytest.raises(DesignError, match=f"sample: found one in {weight}"):
        run_rounds(design_of(), 1, sample)
    form = Application("Test", ("9901",), sample.start_month)
    with pytest.raises(DesignError, match="sample"):
        RestructuringModel(sample, support=Support(design_of(), (form,)))
    RestructuringModel(sample, support=Support(design_of())).run_months(1)
    advised = run_rounds(replace(design_of(), tracks=(), advice=Advice(0.2, 3)), 12, sample)
    assert advised.accounts.total(Purpose.ADVICE) > 0


def test_a_municipality_is_refused_while_it_has_a_programme() -> None:
    model = run_rounds(design_of(ALWAYS, rounds_a_year=12), 100)
    for place in range(6):
        spans = [(p.history[0][0], p.history[-1][0]) for p in model.programmes if p.places[0] == place]
        assert all(end <= following for (_, end), (following, _) in itertools.pairwise(spans))
    names = [p.account for p in model.programmes]
    assert len(set(names)) == len(names)


def test_persons_are_the_inhabitants_lost() -> None:
    """One place fell from 1,200 to 600 inhabitants, the other from 2,600 to 2,080: it lost 520."""
    margins = margins_of(("9902", "9901"), (600, 2080))
    past = np.repeat(np.array([[1200.0], [2600.0]]), 10, axis=1)
    track = replace(DECLINE, eligibility=replace(DECLINE.eligibility, employment_decline=0.99))
    model = run_rounds(
        design_of(track, budget=FIRST_YEAR, ranking=Ranking.PERSONS), 1, replace(margins, past_population=past)
    )
    assert granted_in(model) == [("9902", "decline", 0)]


def test_grants_that_counties_pay_take_nothing_of_the_budget_of_the_state() -> None:
    margins = margins_of(("9901", "9902"), (900, 700))
    track = replace(ALWAYS, payer="county")
    model = run_rounds(design_of(track, budget=2 * 12 * GUIDANCE), 40, margins)
    assert {code for code, *_ in granted_in(model)} == {"9901", "9902"}
    assert max(paid_by_state(model).values()) <= 2 * 12 * GUIDANCE


def test_a_support_of_rounds_and_applications_is_carried_out_or_refused() -> None:
    margins = margins_of(("9901", "9902"), (900, 700))
    form = Application("Test", ("9902",), margins.start_month + 9, documented_loss=500.0)
    try:
        model = RestructuringModel(margins, seed=3, support=Support(design_of(), (form,), open_rounds=True))
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
        run_rounds(replace(design_of(), regime=replace(Regime(), **{key: value})), 1)  # type: ignore[arg-type]
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
        run_rounds(design_of(track), 1)
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
    margins = replace(margins_of(), centrality_class=np.array([5, 5, 5, 6, 5, 5], dtype=np.int8))
    track = replace(ACUTE, eligibility=replace(ACUTE.eligibility, **changes))
    assert [code for code, *_ in granted_in(run_rounds(design_of(track), 1, margins))] == codes
