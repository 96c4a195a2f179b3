"""Matching: searchers sample vacancies within reach and apply to the best; a firm takes the best fit."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from omstilling.model.engine.compilation import kernel
from omstilling.model.engine.draws import derive, mix, uniform
from omstilling.model.labour.separation import leave_job
from omstilling.model.state.columns import NOBODY, OUTSIDE_FIRM, Counts, Firms, FirmState, Persons, Status

_ALIVE = int(FirmState.ALIVE)
_EMPLOYED = int(Status.EMPLOYED)
_MINUTES_OUTSIDE = 30.0
"""Way to a job outside the region; a choice."""
_NO_VACANCY = -1
_OUTSIDE_VACANCY = -2
_TAG_VACANCY = 7000


class Vacancies(NamedTuple):
    """Open jobs of the month, sorted by municipality.

    ``firm`` row of the firm; ``offset`` (M + 1,) first vacancy of each municipality; ``applicant`` row of the best
    applicant so far or -1; ``score`` that applicant's fit; ``filled`` 1 where taken.
    """

    firm: NDArray[np.int32]
    offset: NDArray[np.int64]
    applicant: NDArray[np.int32]
    score: NDArray[np.float64]
    filled: NDArray[np.uint8]


@kernel
def list_vacancies(firms: Firms, used: int, vacancies: Vacancies) -> int:
    """Write the open jobs of all living firms, sorted by municipality; returns how many do not fit the arrays."""
    offset = vacancies.offset
    offset[:] = 0
    for row in range(1, used):
        if firms.state[row] == _ALIVE and firms.vacancies[row] > 0:
            offset[firms.municipality[row] + 1] += firms.vacancies[row]
    for place in range(len(offset) - 1):
        offset[place + 1] += offset[place]
    if offset[-1] > len(vacancies.firm):
        return int(offset[-1] - len(vacancies.firm))
    cursor = offset[:-1].copy()
    for row in range(1, used):
        if firms.state[row] == _ALIVE:
            place = firms.municipality[row]
            for _ in range(firms.vacancies[row]):
                vacancies.firm[cursor[place]] = row
                cursor[place] += 1
    for place in range(len(offset) - 1):
        # By identity, so that the order of rows does not matter.
        listed = vacancies.firm[offset[place] : offset[place + 1]]
        listed[:] = listed[np.argsort(firms.uid[listed])]
    number = offset[-1]
    vacancies.applicant[:number] = NOBODY
    vacancies.score[:number] = -1.0
    vacancies.filled[:number] = 0
    return 0


@kernel
def weigh_places(
    offset: NDArray[np.int64], reach: NDArray[np.float64], outside: NDArray[np.float64], cumulative: NDArray[np.float64]
) -> None:
    """Cumulative weight of each place of work seen from each home; the last column is the outside.

    The weight of a place is its vacancies times ``reach``; shape (M, M + 1).
    """
    size = len(outside)
    for home in range(size):
        total = 0.0
        for work in range(size):
            total += (offset[work + 1] - offset[work]) * reach[home, work]
            cumulative[home, work] = total
        cumulative[home, size] = total + outside[home]


@kernel
def _sample(cumulative: NDArray[np.float64], offset: NDArray[np.int64], home: int, u: float, v: float) -> int:
    """One vacancy by weight: its number, or -2 for a job outside, or -1 where there is nothing within reach."""
    size = len(offset) - 1
    total = cumulative[home, size]
    if total <= 0.0:
        return _NO_VACANCY
    mark = u * total
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        if mark < cumulative[home, middle]:
            high = middle
        else:
            low = middle + 1
    if low == size:
        return _OUTSIDE_VACANCY
    return int(offset[low] + int(v * (offset[low + 1] - offset[low])))


@kernel
def fit(persons: Persons, row: int, industry: int, values: Any, u: float) -> float:
    """How well a person fits a job: same industry, education, and a draw."""
    score = u + values.education_fit * persons.education[row]
    if persons.industry[row] == industry:
        score += values.industry_fit
    return float(score)


@kernel
def _worth_now(persons: Persons, firms: Firms, row: int, commuting_cost: NDArray[np.float64], values: Any) -> float:
    """Log wage less commuting that an offer must beat."""
    if persons.status[row] != _EMPLOYED:
        return float(values.reservation)
    firm = persons.firm[row]
    cost = values.commuting_cost * _MINUTES_OUTSIDE
    if firm != OUTSIDE_FIRM:
        cost = commuting_cost[persons.home[row], firms.municipality[firm]]
    return float(math.log(persons.wage[row]) - cost + values.switching_cost)


@kernel
def choose_jobs(
    persons: Persons,
    firms: Firms,
    searchers: NDArray[np.int32],
    first: int,
    last: int,
    vacancies: Vacancies,
    cumulative: NDArray[np.float64],
    commuting_cost: NDArray[np.float64],
    values: Any,
    choice: NDArray[np.int32],
    offer_key: np.uint64,
) -> None:
    """Let searchers ``first`` to ``last`` sample vacancies and choose the best: its number, -2 outside, or -1 for none.

    Nothing but ``choice`` is written: parts of the searchers can choose side by side.
    """
    for order in range(first, last):
        row = searchers[order]
        uid = persons.uid[row]
        home = persons.home[row]
        best = _worth_now(persons, firms, row, commuting_cost, values)
        employer = persons.firm[row]
        choice[order] = _NO_VACANCY
        for sample in range(int(values.samples)):
            identity = derive(uid, sample, 0)
            seen = _sample(
                cumulative,
                vacancies.offset,
                home,
                uniform(offer_key, identity),
                uniform(offer_key + np.uint64(1), identity),
            )
            if seen == _NO_VACANCY:
                break
            firm = OUTSIDE_FIRM if seen == _OUTSIDE_VACANCY else vacancies.firm[seen]
            if firm == employer:
                continue
            worth = values.taste_spread * (2.0 * uniform(offer_key + np.uint64(2), identity) - 1.0)
            if firm != OUTSIDE_FIRM:
                worth += math.log(firms.wage[firm])
                worth -= commuting_cost[home, firms.municipality[firm]]
            if worth > best:
                best = worth
                choice[order] = seen


@kernel
def apply_for_jobs(
    persons: Persons,
    firms: Firms,
    searchers: NDArray[np.int32],
    number: int,
    vacancies: Vacancies,
    choice: NDArray[np.int32],
    values: Any,
    fit_key: np.uint64,
    outside_key: np.uint64,
) -> None:
    """Let each searcher apply for the job chosen; the best fit by score, then identity, stays in ``vacancies``.

    A searcher hired outside keeps its row in ``searchers``; all other entries become -1.
    """
    for order in range(number):
        row = searchers[order]
        chosen = choice[order]
        uid = persons.uid[row]
        searchers[order] = NOBODY
        if chosen == _OUTSIDE_VACANCY and uniform(outside_key, uid) < values.outside_success:
            searchers[order] = row
        elif chosen >= 0:
            firm = vacancies.firm[chosen]
            score = fit(persons, row, firms.industry[firm], values, uniform(fit_key, mix(uid) + firms.uid[firm]))
            rival = vacancies.applicant[chosen]
            if score > vacancies.score[chosen] or (score == vacancies.score[chosen] and uid < persons.uid[rival]):
                vacancies.score[chosen] = score
                vacancies.applicant[chosen] = row


@kernel
def start_job(persons: Persons, firms: Firms, row: int, firm: int, values: Any, premium: float, month: int) -> None:
    """Give a person a new employer; a change of industry costs a share of the wage."""
    if persons.status[row] == _EMPLOYED:
        leave_job(persons, firms, row, _EMPLOYED, month)
    wage = firms.wage[firm] * math.exp(premium * (persons.education[row] - 1.0))
    if firm != OUTSIDE_FIRM:
        if persons.industry[row] != firms.industry[firm]:
            wage *= 1.0 - values.industry_change_loss
        persons.industry[row] = firms.industry[firm]
        firms.vacancies[firm] -= 1
    persons.wage[row] = wage
    persons.firm[row] = firm
    persons.status[row] = _EMPLOYED
    persons.since[row] = month
    firms.staff[firm] += 1


@kernel
def _commuter_chance(vacancies: Vacancies, place: int, share: float) -> float:
    """Chance p that a vacancy goes to a commuter, so that p / (p + (1 - p) f) is their share where a part f finds
    an applicant.
    """
    first, last = vacancies.offset[place], vacancies.offset[place + 1]
    wanted = 0
    for vacancy in range(first, last):
        wanted += vacancies.applicant[vacancy] != NOBODY
    found = wanted / max(last - first, 1)
    return share * found / max(1.0 - share + share * found, 1e-9)


@kernel
def hire(
    persons: Persons,
    firms: Firms,
    searchers: NDArray[np.int32],
    number: int,
    vacancies: Vacancies,
    commuter_share: NDArray[np.float64],
    counts: Counts,
    values: Any,
    premium: float,
    key: np.uint64,
    month: int,
) -> None:
    """Fill vacancies: some by commuters from outside, the others by the best applicant; then jobs outside.

    Where residents apply for few of the vacancies, few commuters come too: they win the share of hires that they hold
    of jobs at the start.
    """
    for place in range(len(commuter_share)):
        chance = _commuter_chance(vacancies, place, commuter_share[place])
        previous, slot = NOBODY, 0
        for vacancy in range(vacancies.offset[place], vacancies.offset[place + 1]):
            firm = vacancies.firm[vacancy]
            slot = slot + 1 if firm == previous else 0
            previous = firm
            identity = derive(firms.uid[firm], _TAG_VACANCY, slot)
            if uniform(key, identity) < chance:
                firms.staff[firm] += 1
                firms.commuters[firm] += 1
                firms.vacancies[firm] -= 1
            elif vacancies.applicant[vacancy] != NOBODY:
                start_job(persons, firms, vacancies.applicant[vacancy], firm, values, premium, month)
            else:
                continue
            vacancies.filled[vacancy] = 1
            counts.hires[place] += 1
    for order in range(number):
        if searchers[order] != NOBODY:
            start_job(persons, firms, searchers[order], OUTSIDE_FIRM, values, premium, month)
