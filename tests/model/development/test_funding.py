"""Funding: budgets are kept to the krone, more money funds no fewer, need as seen decides who is supported."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omstilling.model import Parameters, RestructuringModel
from omstilling.model.development.ideas import (
    KINDS,
    Ideas,
    Payer,
    Purses,
    allocate_ideas,
    allocate_purses,
    ask_for_support,
    fund,
    place_ideas,
    weigh,
)
from omstilling.model.development.offices import open_offices
from omstilling.model.engine import draws
from omstilling.model.parameters import CapacityValues, ProjectValues, kernel_values
from omstilling.model.state.accounts import Purpose
from omstilling.model.state.columns import allocate_firms
from omstilling.model.state.structure import MARKETS, allocate_municipalities
from worlds import make_design, make_margins, make_support, make_track

PROGRAMME = int(Payer.PROGRAMME)
NO_IDEAS = {f"{kind}_rate": 0.0 for kind in ("start_up", "expansion", "rescue", "site", "settlement", "competence")}
VALUES = kernel_values(Parameters().projects, ProjectValues)
Asked = tuple[int, int, int, float]
"""Place, kind, kroner asked for and margin of one idea."""

ROUNDS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, KINDS - 1), st.integers(0, 900), st.floats(-1.0, 1.0)), max_size=25
)
BUDGETS = st.lists(st.integers(0, 2500), min_size=2 * KINDS, max_size=2 * KINDS)


def _round(asked: list[Asked], money: list[int]) -> tuple[Ideas, Purses, int]:
    """A round in three places: two are served from pots of their own, the third from none."""
    ideas, purses = allocate_ideas(30), allocate_purses(3, 2)
    for number, (place, kind, wanted, margin) in enumerate(asked):
        ideas.place[number], ideas.kind[number] = place, kind
        ideas.support[number] = wanted if place < 2 else 0
        ideas.margin[number] = margin
    purses.pot[:] = (0, 1, -1)
    purses.money[:] = np.array(money).reshape(2, KINDS)
    return ideas, purses, fund(ideas, len(asked), purses, PROGRAMME)


def _by_hand(asked: list[Asked], money: list[int], pass_over: bool = False) -> list[int]:
    """Who is funded, one purse at a time; with ``pass_over`` a round goes on after what it cannot pay."""
    funded = []
    for purse in range(2 * KINDS):
        left = money[purse]
        queue = [n for n, (place, kind, wanted, _) in enumerate(asked) if place * KINDS + kind == purse and wanted]
        for number in sorted(queue, key=lambda n: asked[n][3]):
            if asked[number][2] <= left:
                left -= asked[number][2]
                funded.append(number)
            elif not pass_over:
                break
    return sorted(funded)


@given(asked=ROUNDS, money=BUDGETS)
@settings(deadline=None, derandomize=True, max_examples=200)
def test_a_budget_is_never_overspent_by_a_krone(asked: list[Asked], money: list[int]) -> None:
    ideas, purses, funded = _round(asked, money)
    assert (purses.money >= 0).all()
    np.testing.assert_array_equal((purses.money + purses.spent).ravel(), money)
    paid = np.flatnonzero(ideas.payer == PROGRAMME)
    assert len(paid) == funded
    spent = np.zeros((2, KINDS), dtype=np.int64)
    np.add.at(spent, (ideas.place[paid].astype(int), ideas.kind[paid].astype(int)), ideas.support[paid])
    np.testing.assert_array_equal(purses.spent, spent)
    assert ideas.support[ideas.payer == 0].sum() == 0


@given(asked=ROUNDS, money=BUDGETS)
@settings(deadline=None, derandomize=True, max_examples=200)
def test_need_as_seen_decides_until_the_money_ends(asked: list[Asked], money: list[int]) -> None:
    ideas, *_ = _round(asked, money)
    assert np.flatnonzero(ideas.payer == PROGRAMME).tolist() == _by_hand(asked, money)


def test_a_round_does_not_pass_over_what_it_cannot_pay() -> None:
    asked: list[Asked] = [(0, 0, 500, -0.5), (0, 0, 700, 0.0), (0, 0, 100, 0.5), (0, 1, 100, 0.9)]
    money = [1000] * (2 * KINDS)
    ideas, *_ = _round(asked, money)
    assert np.flatnonzero(ideas.payer).tolist() == [0, 3] == _by_hand(asked, money)
    assert _by_hand(asked, money, pass_over=True) == [0, 2, 3]


@given(asked=ROUNDS, money=BUDGETS, purse=st.integers(0, 2 * KINDS - 1), more=st.integers(1, 3000))
@settings(deadline=None, derandomize=True, max_examples=300)
def test_a_larger_budget_never_funds_fewer(asked: list[Asked], money: list[int], purse: int, more: int) -> None:
    larger = [kroner + more * (number == purse) for number, kroner in enumerate(money)]
    assert _round(asked, larger)[2] >= _round(asked, money)[2]


def test_a_round_that_passes_over_could_fund_fewer_with_more_money() -> None:
    asked: list[Asked] = [(0, 0, 900, -0.5), (0, 0, 400, 0.0), (0, 0, 400, 0.5)]
    small, large = ([kroner] + [0] * (2 * KINDS - 1) for kroner in (850, 950))
    assert len(_by_hand(asked, small, pass_over=True)) > len(_by_hand(asked, large, pass_over=True))
    assert _round(asked, large)[2] >= _round(asked, small)[2]


def _weighed(seed: int, competence: float = 0.3, network: float = 1.0) -> tuple[Ideas, int]:
    """Some 300 ideas that arise in one place in a month, and what an office thinks of them."""
    margins, municipalities = make_margins((3000,)), allocate_municipalities(("9901",))
    capacity = kernel_values(Parameters().capacity, CapacityValues)
    offices = open_offices(municipalities, np.array([3000]), capacity, np.uint64(1))
    offices.competence[:], offices.network[:] = competence, network
    ideas, keys = allocate_ideas(900), draws.month_streams(np.uint64(seed), 1400)
    adults = np.array([600_000.0])
    number = place_ideas(ideas, 0, municipalities, adults, margins.industry_jobs, MARKETS, VALUES, keys, 1400)
    weigh(ideas, number, allocate_firms(1), offices, VALUES, keys)
    return ideas, number


def _ask(ideas: Ideas, number: int, aid: float, strictness: float) -> Purses:
    purses = allocate_purses(1, 1)
    purses.pot[0], purses.aid[0], purses.strictness[0] = 0, aid, strictness
    ask_for_support(ideas, number, purses, VALUES.own_means)
    return purses


@given(seed=st.integers(0, 2**40), aid=st.floats(0.0, 1.0), strictness=st.floats(0.0, 1.0))
@settings(deadline=None, derandomize=True, max_examples=40)
def test_support_is_at_most_the_aid_intensity(seed: int, aid: float, strictness: float) -> None:
    ideas, number = _weighed(seed)
    _ask(ideas, number, aid, strictness)
    support, cost = ideas.support[:number], ideas.cost[:number]
    assert (support <= aid * cost).all()
    assert (support >= 0).all()
    asking = support > 0
    assert (aid * cost[asking] - support[asking] < 1.0).all()


def test_more_aid_means_more_support() -> None:
    ideas, number = _weighed(4)
    _ask(ideas, number, 0.6, 0.3)
    assert (ideas.support[:number] > 0.5 * ideas.cost[:number]).any()
    unknown, same = _weighed(4, network=0.0)
    _ask(unknown, same, 0.6, 0.3)
    assert 0 < (unknown.support > 0).sum() < (ideas.support > 0).sum()


def _deadweight(seed: int, strictness: float) -> float:
    """Share of support that goes to ideas that go ahead alone, with money for all who ask."""
    ideas, number = _weighed(seed)
    purses = _ask(ideas, number, 0.4, strictness)
    purses.money[:] = 200_000_000
    assert fund(ideas, number, purses, PROGRAMME) > 10
    return float(ideas.support[(ideas.alone == 1) & (ideas.payer == PROGRAMME)].sum() / purses.spent.sum())


def test_stricter_selection_does_not_raise_deadweight() -> None:
    """Share paired over 30 seeds, one-sided bound of 4.5 standard errors: false alarm 3e-6."""
    pairs = np.array([[_deadweight(seed, strictness) for strictness in (0.1, 0.9)] for seed in range(30)])
    change = pairs[:, 1] - pairs[:, 0]
    error = change.std(ddof=1) / np.sqrt(len(change))
    assert change.mean() <= 4.5 * error
    assert -change.mean() > 4.5 * error  # so that a rise of the same size would be noticed
    assert pairs.mean() > 0.02


@pytest.mark.parametrize(("ideas", "seed"), [(False, 2), (True, 2)])
def test_without_ideas_all_project_money_is_returned(ideas: bool, seed: int) -> None:
    margins = make_margins((1200, 800))
    design = make_design(make_track(staff=0.0, guidance=0.0))
    parameters = Parameters() if ideas else Parameters().with_values(**NO_IDEAS)
    model = RestructuringModel(margins, parameters, seed=seed, support=make_support(design, margins))
    model.run_months(40)
    programme, accounts = model.programmes[0], model.accounts
    returned = accounts.total(Purpose.RETURN, payer=programme.account)
    received = programme.granted + programme.own_share
    assert received == 2 * (4_000_000 + 1_333_333)
    assert received == programme.spent_on_projects + returned
    assert (programme.spent_on_projects > 0) == ideas == bool(model.development.supported)
    if not ideas:
        assert accounts.total(Purpose.RETURN, payee="State") == programme.granted
        assert not model.development.begun
