"""Moving: households leave by life stage, job loss and ties, and choose where to go."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omstilling.model.engine.compilation import kernel
from omstilling.model.engine.draws import uniform
from omstilling.model.firms.turnover import give_row
from omstilling.model.labour.separation import leave_job
from omstilling.model.state.columns import NOBODY, OUTSIDE_FIRM, Counts, Firms, Persons, Role, Space, Status

_GONE = int(Status.GONE)
_EMPLOYED = int(Status.EMPLOYED)
_UNEMPLOYED = int(Status.UNEMPLOYED)
_SINGLE = int(Role.SINGLE)
_COUPLED = int(Role.COUPLED)
_PARTNER = int(Role.PARTNER)
_CHILD = int(Role.CHILD)
_ADULT_MONTHS = 18 * 12
_FIRST_ADULT_GROUP = 2
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
def _choose_destination(cumulative: NDArray[np.float64], home: int, group: int, u: float) -> int:
    """First place whose cumulative weight exceeds the mark; the last is the outside."""
    low, high = 0, cumulative.shape[2] - 1
    mark = u * cumulative[home, group, high]
    while low < high:
        middle = (low + high) // 2
        if mark < cumulative[home, group, middle]:
            high = middle
        else:
            low = middle + 1
    return low


@kernel
def weigh_destinations(share: NDArray[np.float64], pull: NDArray[np.float64], cumulative: NDArray[np.float64]) -> None:
    """Cumulative weight of destinations: the structural share times exp(pull / 2); the outside keeps its share.

    ``share`` and ``cumulative`` have shape (M, A, M + 1); groups of children, who move with others, are left out.
    """
    size = len(pull)
    drawn = np.exp(0.5 * pull)
    for home in range(size):
        for group in range(_FIRST_ADULT_GROUP, share.shape[1]):
            total = 0.0
            for place in range(size):
                total += share[home, group, place] * drawn[place]
                cumulative[home, group, place] = total
            cumulative[home, group, size] = total + share[home, group, size]


@kernel
def decide_moves(
    persons: Persons,
    first: int,
    last: int,
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
    """Let heads and adults at their parents' home of rows ``first`` to ``last`` decide whether to move and where.

    Every row is written by itself alone; the list is written from position ``first`` on.

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
    number = first
    for row in range(first, last):
        months = month - persons.birth[row]
        if persons.status[row] == _GONE or persons.role[row] == _PARTNER or months < _ADULT_MONTHS:
            continue
        home = persons.home[row]
        group = groups[min(months // 12, len(groups) - 1)]
        base = rate[home, group]
        u = uniform(move_key, persons.uid[row])
        if u >= base * _MOST:
            continue
        factor = tie_factor(persons, row, values, month) * math.exp(-0.5 * pull[home])
        if u < base * min(factor, _MOST):
            if persons.role[row] == _CHILD:
                persons.role[row] = _SINGLE
                persons.head[row] = row
            destination[row] = _choose_destination(cumulative, home, group, uniform(place_key, persons.uid[row]))
            movers[number] = row
            number += 1
    return number - first


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
def find_moving(
    persons: Persons, first: int, last: int, destination: NDArray[np.int16], moving: NDArray[np.int32]
) -> int:
    """List persons of rows ``first`` to ``last`` whose head has decided to move; returns their number.

    The list is written from position ``first`` on; nothing else is.
    """
    number = first
    for row in range(first, last):
        if destination[persons.head[row]] != _STAYS and persons.status[row] != _GONE:
            moving[number] = row
            number += 1
    return number - first


@kernel
def carry_out_moves(
    persons: Persons,
    firms: Firms,
    space: Space,
    counts: Counts,
    destination: NDArray[np.int16],
    movers: NDArray[np.int32],
    moving: NDArray[np.int32],
    travel: NDArray[np.float64],
    limit: float,
    month: int,
) -> None:
    """Move whole households; those who leave the region leave their jobs and free their rows.

    ``movers`` are the rows of those who decided, ``moving`` of all who go with them.
    """
    outside = len(travel)
    for row in moving:
        place = destination[persons.head[row]]
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
    for row in movers:
        destination[row] = _STAYS
