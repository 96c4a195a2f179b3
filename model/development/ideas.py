"""Ideas: how they arise, who would go ahead alone, what an office knows of them and whom it funds."""

from __future__ import annotations

import math
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from omstilling.model.development.offices import Offices
from omstilling.model.engine.compilation import kernel
from omstilling.model.engine.draws import Process, derive, normal, poisson, uniform
from omstilling.model.firms.growth import review_month
from omstilling.model.state.columns import NEVER, Firms, FirmState, Municipalities
from omstilling.model.state.industries import Market

_IDEA = int(Process.IDEA)
_TRAITS = int(Process.IDEA_TRAITS)
_FUNDING = int(Process.FUNDING)
_ALIVE = int(FirmState.ALIVE)
_PUBLIC = int(Market.PUBLIC)
_TAG_IDEA = 12_000
MOST_JOBS = 40.0
"""Most jobs that one project plans, rescues or counts as secured; a choice."""
_MONTHS_OF_RESCUE = 3.0
"""Cost of a rescue in months of payroll; a choice."""
_EXPANSION_LEAST, _EXPANSION_WIDTH = 0.1, 0.3
"""An expansion plans 10 to 40 % of the staff, one job at the least; a choice."""
_START_UP_JOBS = 2.0
"""Mean jobs that a start-up plans beyond the founder's; a choice."""
_JOB_COST_LEAST, _JOB_COST_WIDTH = 0.5, 1.0
"""Cost of a planned job relative to ``cost_per_job``: 0.5 to 1.5; a choice."""
_SITE_LEAST, _SITE_WIDTH = 1.0e6, 3.0e6
_SETTLEMENT_LEAST, _SETTLEMENT_WIDTH = 3.0e5, 1.2e6
_COMPETENCE_LEAST, _COMPETENCE_WIDTH = 2.0e5, 4.0e5
"""Least cost and width of the other kinds, NOK of 2020; choices."""
_FOUNDERS_MEANS = 0.9
"""Most that a founder has, as a share of the cost; a choice."""
_CREDIT_PER_GAP = 0.5
"""How hard a gap is to borrow: an owner finds credit for it with chance 1 - 0.5 gap; a choice."""
_WIDEST_MARGIN = 0.5
"""Margin from which a board that is not strict at all turns an idea down; a choice."""


class Kind(IntEnum):
    """What an idea is about."""

    START_UP = 0
    EXPANSION = 1
    RESCUE = 2
    SITE = 3
    SETTLEMENT = 4
    COMPETENCE = 5


class Payer(IntEnum):
    """Who supports a project."""

    NOBODY = 0
    PROGRAMME = 1
    ORDINARY_FUND = 2


KINDS = len(Kind)
_START_UP, _EXPANSION, _RESCUE = int(Kind.START_UP), int(Kind.EXPANSION), int(Kind.RESCUE)
_SITE, _SETTLEMENT, _COMPETENCE = int(Kind.SITE), int(Kind.SETTLEMENT), int(Kind.COMPETENCE)


class Ideas(NamedTuple):
    """Ideas of the month, one row each; work space.

    ``jobs`` planned; ``cost`` and ``support`` in kroner; ``firm`` row of the firm that has it, else -1;
    ``private_return`` share of the cost; ``gap`` share of the cost that the owner's means leave; ``credit`` the owner's
    standing with lenders, 0-1; ``margin`` how far the idea gets without support as the office sees it; ``known`` to the
    office; ``alone`` 1 if it goes ahead without support; ``payer`` a number of ``Payer``.
    """

    uid: NDArray[np.uint64]
    jobs: NDArray[np.float64]
    private_return: NDArray[np.float64]
    gap: NDArray[np.float64]
    credit: NDArray[np.float64]
    margin: NDArray[np.float64]
    cost: NDArray[np.int64]
    support: NDArray[np.int64]
    firm: NDArray[np.int32]
    place: NDArray[np.int16]
    industry: NDArray[np.uint8]
    kind: NDArray[np.uint8]
    known: NDArray[np.uint8]
    alone: NDArray[np.uint8]
    payer: NDArray[np.uint8]


_TYPES = (
    np.uint64, np.float64, np.float64, np.float64, np.float64, np.float64, np.int64, np.int64, np.int32, np.int16,
    np.uint8, np.uint8, np.uint8, np.uint8, np.uint8,
)  # fmt: skip


class Purses(NamedTuple):
    """Money that can be granted this month and on what terms.

    ``pot`` the pot from which a place is served, -1 for none, shape (M,); ``money`` kroner by pot and kind, shape
    (P, 6), or (P, 1) where all kinds share; ``spent`` kroner so far, the same shape; ``aid`` share of the cost that
    support covers and ``strictness`` of selection, 0-1, shape (P,).
    """

    pot: NDArray[np.int64]
    money: NDArray[np.int64]
    spent: NDArray[np.int64]
    aid: NDArray[np.float64]
    strictness: NDArray[np.float64]


def allocate_ideas(rows: int) -> Ideas:
    """Room for the ideas of a month."""
    columns: Any = (np.zeros(rows, dtype=kind) for kind in _TYPES)
    return Ideas(*columns)


def allocate_purses(places: int, pots: int, kinds: int = KINDS) -> Purses:
    """Pots without money that serve nobody."""
    return Purses(
        np.full(places, -1, dtype=np.int64),
        np.zeros((pots, kinds), dtype=np.int64),
        np.zeros((pots, kinds), dtype=np.int64),
        np.zeros(pots),
        np.zeros(pots),
    )


@kernel
def _add_idea(
    ideas: Ideas, number: int, uid: np.uint64, kind: int, place: int, industry: int, firm: int, jobs: float, cost: float
) -> int:
    """Note an idea; returns the new number of ideas. What does not fit is left out."""
    if number >= len(ideas.uid):
        return number
    ideas.uid[number] = uid
    ideas.kind[number] = kind
    ideas.place[number] = place
    ideas.industry[number] = industry
    ideas.firm[number] = firm
    ideas.jobs[number] = jobs
    ideas.cost[number] = int(cost)
    ideas.support[number] = 0
    ideas.payer[number] = 0
    return number + 1


@kernel
def _job_cost(mean: float, u: float) -> float:
    """Cost of a planned job in kroner."""
    return mean * (_JOB_COST_LEAST + _JOB_COST_WIDTH * u)


@kernel
def firm_ideas(
    ideas: Ideas, firms: Firms, used: int, markets: NDArray[np.int64], values: Any, keys: NDArray[np.uint64], month: int
) -> int:
    """Ideas of existing firms, at their yearly review: to expand, to be rescued, to learn; returns their number.

    A firm without cash may need rescue: three months' payroll. A firm with a project under way has no other.
    """
    number = 0
    for row in range(1, used):
        if firms.state[row] != _ALIVE or review_month(firms.uid[row]) != month % 12 or firms.spared[row] == 1:
            continue
        if markets[firms.industry[row]] == _PUBLIC or firms.staff[row] == 0 or firms.closing[row] != NEVER:
            continue
        if firms.busy[row] > month:
            continue
        firm_uid, place, industry = firms.uid[row], firms.municipality[row], firms.industry[row]
        u = uniform(keys[_IDEA], firm_uid)
        size = float(firms.staff[row])
        uid = derive(firm_uid, _TAG_IDEA, month)
        v = uniform(keys[_TRAITS], uid)
        if firms.cash[row] < 0.0 and u < values.rescue_rate:
            cost = _MONTHS_OF_RESCUE * size * values.payroll_per_job
            number = _add_idea(ideas, number, uid, _RESCUE, place, industry, row, min(size, MOST_JOBS), cost)
        elif u < values.expansion_rate:
            jobs = min(MOST_JOBS, max(1.0, size * (_EXPANSION_LEAST + _EXPANSION_WIDTH * v)))
            cost = jobs * _job_cost(values.cost_per_job, uniform(keys[_TRAITS] + np.uint64(1), uid))
            number = _add_idea(ideas, number, uid, _EXPANSION, place, industry, row, jobs, cost)
        elif u < values.expansion_rate + values.competence_rate:
            cost = _COMPETENCE_LEAST + _COMPETENCE_WIDTH * v
            number = _add_idea(ideas, number, uid, _COMPETENCE, place, industry, row, 0.0, cost)
    return number


@kernel
def _draw_industry(firms_at_start: NDArray[np.int64], markets: NDArray[np.int64], place: int, u: float) -> int:
    """Industry of a start-up: as private firms there are spread; -1 where there are none."""
    total = 0
    for industry in range(len(markets)):
        if markets[industry] != _PUBLIC:
            total += firms_at_start[place, industry]
    mark = u * total
    for industry in range(len(markets)):
        if markets[industry] != _PUBLIC:
            mark -= firms_at_start[place, industry]
            if mark < 0.0:
                return industry
    return -1


@kernel
def place_ideas(
    ideas: Ideas, number: int, municipalities: Municipalities, adults: NDArray[np.float64],
    firms_at_start: NDArray[np.int64], markets: NDArray[np.int64], values: Any, keys: NDArray[np.uint64], month: int
) -> int:  # fmt: skip
    """Ideas that arise in a place, by its adults: start-ups, sites and infrastructure, settlement."""
    for place in range(len(adults)):
        for kind in (_START_UP, _SITE, _SETTLEMENT):
            rate = values.settlement_rate
            if kind == _START_UP:
                rate = values.start_up_rate
            elif kind == _SITE:
                rate = values.site_rate
            origin = derive(municipalities.uid[place], _TAG_IDEA + 1 + kind, month)
            for order in range(poisson(uniform(keys[_IDEA], origin), rate * adults[place] / 12_000.0)):
                uid = derive(origin, order, 0)
                u, v = uniform(keys[_TRAITS], uid), uniform(keys[_TRAITS] + np.uint64(1), uid)
                w = uniform(keys[_TRAITS] + np.uint64(2), uid)
                if kind == _START_UP:
                    jobs = min(MOST_JOBS, 1.0 - _START_UP_JOBS * math.log(1.0 - u))
                    cost = jobs * _job_cost(values.cost_per_job, v)
                    industry = _draw_industry(firms_at_start, markets, place, w)
                    if industry >= 0:
                        number = _add_idea(ideas, number, uid, kind, place, industry, -1, jobs, cost)
                else:
                    cost = _SITE_LEAST + _SITE_WIDTH * u if kind == _SITE else _SETTLEMENT_LEAST + _SETTLEMENT_WIDTH * u
                    number = _add_idea(ideas, number, uid, kind, place, 0, -1, 0.0, cost)
    return number


@kernel
def _goes_ahead(private_return: float, gap: float, credit: float, aid: float) -> bool:
    """Whether an idea pays and can be financed when support covers a share ``aid`` of the cost."""
    return bool(private_return + aid > 0.0 and credit >= _CREDIT_PER_GAP * max(0.0, gap - aid))


@kernel
def _can_be_afforded(own_means: float, credit: float, aid: float) -> bool:
    """Whether a municipality carries out an idea of its own when support covers a share ``aid`` of the cost."""
    return own_means + aid > credit


@kernel
def weigh(ideas: Ideas, number: int, firms: Firms, offices: Offices, values: Any, keys: NDArray[np.uint64]) -> None:
    """Who would go ahead alone, and what the office knows and thinks of each.

    An idea goes ahead alone if it pays and the gap that the owner's cash leaves can be borrowed; site and settlement
    ideas are the municipality's own and go ahead alone where its means suffice. The office knows an idea with a chance
    that grows with its network, and sees how far it would get alone with an error that shrinks with its competence.
    """
    traits = keys[_TRAITS]
    judging = keys[_FUNDING]
    for order in range(number):
        uid, place, kind, firm = ideas.uid[order], ideas.place[order], ideas.kind[order], ideas.firm[order]
        z = normal(uniform(traits + np.uint64(3), uid), uniform(traits + np.uint64(4), uid))
        means = _FOUNDERS_MEANS * uniform(traits + np.uint64(5), uid)
        if firm >= 0:
            means = max(0.0, firms.cash[firm]) * firms.staff[firm] * values.payroll_per_job / ideas.cost[order]
        private_return = values.return_mean + values.return_spread * z
        gap = max(0.0, 1.0 - means)
        credit = uniform(traits + np.uint64(6), uid)
        if kind in (_SITE, _SETTLEMENT):
            margin = values.own_means - credit
            ideas.alone[order] = _can_be_afforded(values.own_means, credit, 0.0)
        else:
            margin = min(private_return, credit - _CREDIT_PER_GAP * gap)
            ideas.alone[order] = _goes_ahead(private_return, gap, credit, 0.0)
        ideas.private_return[order] = private_return
        ideas.gap[order] = gap
        ideas.credit[order] = credit
        chance = values.known_least + (1.0 - values.known_least) * offices.network[place]
        ideas.known[order] = uniform(judging, uid) < chance
        z = normal(uniform(judging + np.uint64(1), uid), uniform(judging + np.uint64(2), uid))
        ideas.margin[order] = margin + values.judgement_error * (1.0 - offices.competence[place]) * z


@kernel
def ask_for_support(ideas: Ideas, number: int, purses: Purses, own_means: float) -> None:
    """Ideas that the office knows and that would go ahead with support ask for it; the office turns some down.

    It turns down what seems to get far enough alone: the margin that it sees is at least 0.5 (1 - strictness). An idea
    that has support asks for none.
    """
    for order in range(number):
        pot = purses.pot[ideas.place[order]]
        if pot < 0 or ideas.support[order] > 0 or ideas.known[order] == 0:
            continue
        aid = purses.aid[pot]
        if aid <= 0.0 or ideas.margin[order] >= _WIDEST_MARGIN * (1.0 - purses.strictness[pot]):
            continue
        credit = ideas.credit[order]
        if ideas.kind[order] in (_SITE, _SETTLEMENT):
            able = _can_be_afforded(own_means, credit, aid)
        else:
            able = _goes_ahead(ideas.private_return[order], ideas.gap[order], credit, aid)
        if able:
            ideas.support[order] = int(aid * ideas.cost[order])


@kernel
def _queue(ideas: Ideas, number: int) -> NDArray[np.int64]:
    """Rows of the ideas that ask for support, by need as seen: the smallest margin first."""
    rows = np.empty(number, dtype=np.int64)
    asking = 0
    for order in range(number):
        if ideas.support[order] == 0 or ideas.payer[order] != 0:
            continue
        place = asking
        while place > 0 and ideas.margin[rows[place - 1]] > ideas.margin[order]:
            rows[place] = rows[place - 1]
            place -= 1
        rows[place] = order
        asking += 1
    return rows[:asking]


@kernel
def fund(ideas: Ideas, number: int, purses: Purses, payer: int) -> int:
    """One funding round: by need as seen, one after another, until the first that the money does not cover.

    So more money never funds fewer. ``purses.money`` is reduced and ``purses.spent`` raised by what is granted; ideas
    that asked in vain are left without support.

    Returns
    -------
    int
        Number of projects funded.
    """
    funded = 0
    closed = np.zeros(purses.money.shape, dtype=np.uint8)
    for order in _queue(ideas, number):
        wanted = ideas.support[order]
        pot, purse = purses.pot[ideas.place[order]], min(ideas.kind[order], purses.money.shape[1] - 1)
        if closed[pot, purse] == 1 or wanted > purses.money[pot, purse]:
            closed[pot, purse] = 1
            ideas.support[order] = 0
            continue
        purses.money[pot, purse] -= wanted
        purses.spent[pot, purse] += wanted
        ideas.payer[order] = payer
        funded += 1
    return funded
