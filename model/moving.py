"""Moving: households leave by life stage, job loss and ties, and choose where to go."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omstilling.model.columns import NOBODY, OUTSIDE_FIRM, Counts, Firms, Persons, Role, Space, Status
from omstilling.model.compilation import kernel
from omstilling.model.draws import uniform
from omstilling.model.firm_turnover import give_row
from omstilling.model.separation import leave_job

_GONE = int(Status.GONE)
_EMPLOYED = int(Status.EMPLOYED)
_UNEMPLOYED = int(Status.UNEMPLOYED)
_SINGLE = int(Role.SINGLE)
_COUPLED = int(Role.COUPLED)
_PARTNER = int(Role.PARTNER)
_CHILD = int(Role.CHILD)
_ADULT_MONTHS = 18 * 12
_NEWCOMER_MONTHS = 36
_JOB_LOSS_MONTHS = 24
_STAYS = -1
_MOST = 4.0


@kernel
def tie_factor(persons: Persons, row: int, values: Any, month: int) -> float:
    """How ties change the rate of moving out: growing up here, a couple, having come lately, a job lost lately."""
    factor = 1.0
    if persons.native[row] == 1:
        factor *= values.native_tie
    elif month - persons.arrived[row] < _NEWCOMER_MONTHS:
        factor *= values.newcomer
    if persons.role[row] == _COUPLED:
        factor *= values.couple_tie
    if persons.status[row] == _UNEMPLOYED and month - persons.since[row] < _JOB_LOSS_MONTHS:
        factor *= values.job_loss
    return float(factor)


@kernel
def mean_ties(
    persons: Persons, used: int, groups: NDArray[np.int8], values: Any, month: int, total: NDArray[np.float64],
    number: NDArray[np.float64]
) -> None:  # fmt: skip
    """Sum of tie factors and number of movers-to-be by municipality and age group, each shape (M, A)."""
    for row in range(used):
        months = month - persons.birth[row]
        if persons.status[row] == _GONE or persons.role[row] == _PARTNER or months < _ADULT_MONTHS:
            continue
        group = groups[min(months // 12, len(groups) - 1)]
        total[persons.home[row], group] += tie_factor(persons, row, values, month)
        number[persons.home[row], group] += 1.0


@kernel
def _choose_destination(cumulative: NDArray[np.float64], home: int, u: float) -> int:
    last = cumulative.shape[1] - 1
    mark = u * cumulative[home, last]
    for place in range(last):
        if mark < cumulative[home, place]:
            return place
    return int(last)


@kernel
def weigh_destinations(share: NDArray[np.float64], pull: NDArray[np.float64], cumulative: NDArray[np.float64]) -> None:
    """Cumulative weight of destinations: the structural share times exp(pull / 2); the outside keeps its share."""
    size = len(pull)
    for home in range(size):
        total = 0.0
        for place in range(size):
            total += share[home, place] * math.exp(0.5 * pull[place])
            cumulative[home, place] = total
        cumulative[home, size] = total + share[home, size]


@kernel
def decide_moves(
    persons: Persons,
    used: int,
    groups: NDArray[np.int8],
    rate: NDArray[np.float64],
    pull: NDArray[np.float64],
    cumulative: NDArray[np.float64],
    values: Any,
    destination: NDArray[np.int16],
    movers: NDArray[np.int32],
    move_key: np.uint64,
    place_key: np.uint64,
    month: int,
) -> int:
    """Let every head, and every adult at the parents' home, decide whether to move and where.

    Parameters
    ----------
    groups
        Age group of moving by year of age, shape (106,).
    rate
        Monthly rate of moving out for a tie factor of 1, shape (M, A).
    destination
        -1, or the place each mover goes to; M is the outside. Written here, shape (n,).
    movers
        Rows of those who decided to move, written here.

    Returns
    -------
    int
        Number of movers.
    """
    number = 0
    for row in range(used):
        months = month - persons.birth[row]
        if persons.status[row] == _GONE or persons.role[row] == _PARTNER or months < _ADULT_MONTHS:
            continue
        home = persons.home[row]
        base = rate[home, groups[min(months // 12, len(groups) - 1)]]
        u = uniform(move_key, persons.uid[row])
        if u >= base * _MOST:
            continue
        factor = tie_factor(persons, row, values, month) * math.exp(-0.5 * pull[home])
        if u < base * min(factor, _MOST):
            if persons.role[row] == _CHILD:
                persons.role[row] = _SINGLE
                persons.head[row] = row
            destination[row] = _choose_destination(cumulative, home, uniform(place_key, persons.uid[row]))
            movers[number] = row
            number += 1
    return number


@kernel
def _settle_in(
    persons: Persons, firms: Firms, row: int, home: int, travel: NDArray[np.float64], limit: float, month: int
) -> None:
    """Move one person within the region; a job too far away, or outside the region, is given up."""
    persons.home[row] = home
    persons.arrived[row] = month
    persons.native[row] = 0
    if persons.status[row] == _EMPLOYED:
        firm = persons.firm[row]
        if firm != OUTSIDE_FIRM and travel[home, firms.municipality[firm]] > limit:
            leave_job(persons, firms, row, _UNEMPLOYED, month)


@kernel
def carry_out_moves(
    persons: Persons,
    used: int,
    firms: Firms,
    space: Space,
    counts: Counts,
    destination: NDArray[np.int16],
    movers: NDArray[np.int32],
    number: int,
    travel: NDArray[np.float64],
    limit: float,
    month: int,
) -> None:
    """Move whole households; those who leave the region leave their jobs and free their rows."""
    outside = len(travel)
    if number == 0:
        return
    for row in range(used):
        if persons.status[row] == _GONE:
            continue
        place = destination[persons.head[row]]
        if place == _STAYS:
            continue
        counts.moved_out[persons.home[row]] += 1
        if place == outside:
            if persons.status[row] == _EMPLOYED:
                leave_job(persons, firms, row, _GONE, month)
            persons.status[row] = _GONE
            persons.firm[row] = NOBODY
            give_row(space, row)
        else:
            counts.moved_in[place] += 1
            _settle_in(persons, firms, row, place, travel, limit, month)
    for order in range(number):
        destination[movers[order]] = _STAYS
