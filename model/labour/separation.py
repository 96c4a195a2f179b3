"""Separation: layoffs, closures and quits; who searches for work this month."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omstilling.model.engine.compilation import kernel
from omstilling.model.engine.draws import uniform
from omstilling.model.state.columns import NEVER, NOBODY, OUTSIDE_FIRM, Counts, Firms, FirmState, Persons, Status

_CLOSED = int(FirmState.CLOSED)
_EMPLOYED = int(Status.EMPLOYED)
_UNEMPLOYED = int(Status.UNEMPLOYED)
_OUTSIDE = int(Status.OUTSIDE)
_LAST_RETURN = 62 * 12
_LEAST_SEARCH = 0.25
_LUCK_STEPS = 1 << 32


@kernel
def leave_job(persons: Persons, firms: Firms, row: int, status: int, month: int) -> None:
    """End a person's job; the firm's staff falls by one."""
    firms.staff[persons.firm[row]] -= 1
    persons.firm[row] = NOBODY
    persons.status[row] = status
    persons.since[row] = month


@kernel
def part_commuters(firms: Firms, used: int, counts: Counts, rate: float, key: np.uint64) -> None:
    """End the jobs of commuters from outside, in proportion to their share of the staff, and as often as others quit.

    What is left in ``layoffs`` falls on residents.
    """
    for row in range(used):
        commuters = firms.commuters[row]
        if commuters == 0:
            continue
        u = uniform(key, firms.uid[row])
        dismissed = min(commuters, int(firms.layoffs[row] * commuters / firms.staff[row] + u))
        if firms.state[row] == _CLOSED:
            dismissed = commuters
        else:
            firms.layoffs[row] -= dismissed
        left = commuters - dismissed
        gone = dismissed + min(left, int(left * rate + uniform(key + np.uint64(1), firms.uid[row])))
        counts.layoffs[firms.municipality[row]] += dismissed
        firms.commuters[row] -= gone
        firms.staff[row] -= gone


@kernel
def dismiss(
    persons: Persons, firms: Firms, counts: Counts, staff: NDArray[np.int32], key: np.uint64, month: int
) -> None:
    """Lay off: all of a closed firm, elsewhere exactly the firm's number, those with the lowest draws.

    Choosing by draw rather than by row makes the result independent of the order of rows.

    Parameters
    ----------
    staff
        Rows of the residents employed in firms that close or lay off.
    """
    ranked = np.empty(len(staff), dtype=np.int64)
    for order in range(len(staff)):
        row = staff[order]
        luck = int(uniform(key, persons.uid[row]) * _LUCK_STEPS)
        ranked[order] = persons.firm[row] * _LUCK_STEPS + luck
    for place in np.argsort(ranked):
        row = staff[place]
        firm = persons.firm[row]
        if firms.state[firm] == _CLOSED or firms.layoffs[firm] > 0:
            firms.layoffs[firm] -= 1
            counts.layoffs[firms.municipality[firm]] += 1
            leave_job(persons, firms, row, _UNEMPLOYED, month)


@kernel
def search_probability(values: Any, status: int, months_in_status: int, age_months: int, notice: bool) -> float:
    """Chance that a person looks for a job this month."""
    if status == _EMPLOYED:
        return float(values.search_notice if notice else values.search_employed)
    if status == _UNEMPLOYED:
        return max(_LEAST_SEARCH, values.search_unemployed * math.exp(-values.search_decay * months_in_status))
    return float(values.search_outside) if age_months < _LAST_RETURN else 0.0


@kernel
def scan_separations(
    persons: Persons,
    first: int,
    last: int,
    firms: Firms,
    values: Any,
    quitted: NDArray[np.int32],
    threatened: NDArray[np.int32],
    searchers: NDArray[np.int32],
    quit_key: np.uint64,
    search_key: np.uint64,
    month: int,
) -> tuple[int, int, int]:
    """Let persons of rows ``first`` to ``last`` quit or lose heart, and list those threatened and those who search.

    Those laid off search from the next month, and before if they had notice. Firms are read, never written: parts of
    the rows can be scanned side by side. The lists are written from position ``first`` on.

    Parameters
    ----------
    quitted
        Rows of the firms that quitters leave, once for each.
    threatened
        Rows of those employed where staff is laid off.
    searchers
        Rows of those who search.

    Returns
    -------
    tuple
        How many are in each list.
    """
    quits, exposed, number = first, first, first
    most_search = np.zeros(_OUTSIDE + 1)
    most_search[_EMPLOYED] = values.search_employed
    most_search[_UNEMPLOYED] = 1.0
    most_search[_OUTSIDE] = values.search_outside
    for row in range(first, last):
        status = persons.status[row]
        if status < _EMPLOYED or status > _OUTSIDE:
            continue
        uid = persons.uid[row]
        notice = False
        u = uniform(quit_key, uid)
        if status == _EMPLOYED:
            firm = persons.firm[row]
            notice = firms.closing[firm] != NEVER
            if u < values.quit_rate:
                quitted[quits] = firm
                quits += 1
                status = _OUTSIDE if u < values.quit_rate * values.quit_to_outside else _UNEMPLOYED
                persons.firm[row] = NOBODY
                persons.status[row] = status
                persons.since[row] = month
            elif firms.layoffs[firm] > 0 or firms.state[firm] == _CLOSED:
                threatened[exposed] = row
                exposed += 1
        elif status == _UNEMPLOYED and u < values.discouragement:
            status = _OUTSIDE
            persons.status[row] = status
            persons.since[row] = month
        v = uniform(search_key, uid)
        if v < most_search[status] or notice:
            age = month - persons.birth[row]
            if v < search_probability(values, status, month - persons.since[row], age, notice):
                searchers[number] = row
                number += 1
    return quits - first, exposed - first, number - first


@kernel
def settle_quits(firms: Firms, counts: Counts, quitted: NDArray[np.int32]) -> None:
    """Take quitters off the staff; each spares the firm a layoff."""
    for firm in quitted:
        firms.staff[firm] -= 1
        if firm != OUTSIDE_FIRM:
            counts.quits[firms.municipality[firm]] += 1
            firms.layoffs[firm] = max(0, firms.layoffs[firm] - 1)
