"""Separation: layoffs, closures and quits; who searches for work this month."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omstilling.model.columns import NEVER, NOBODY, OUTSIDE_FIRM, Counts, Firms, FirmState, Persons, Status
from omstilling.model.compilation import kernel
from omstilling.model.draws import uniform

_CLOSED = int(FirmState.CLOSED)
_EMPLOYED = int(Status.EMPLOYED)
_UNEMPLOYED = int(Status.UNEMPLOYED)
_OUTSIDE = int(Status.OUTSIDE)
_LAST_RETURN = 62 * 12
_LEAST_SEARCH = 0.25


@kernel
def leave_job(persons: Persons, firms: Firms, row: int, status: int, month: int) -> None:
    """End a person's job; the firm's staff falls by one."""
    firms.staff[persons.firm[row]] -= 1
    persons.firm[row] = NOBODY
    persons.status[row] = status
    persons.since[row] = month


@kernel
def part_commuters(
    firms: Firms, used: int, counts: Counts, remaining: NDArray[np.int32], rate: float, key: np.uint64
) -> None:
    """End the jobs of commuters from outside, and leave in ``remaining`` the residents each firm employs.

    Commuters bear layoffs in proportion to their share of the staff and quit like others.
    """
    for row in range(used):
        commuters = firms.commuters[row]
        if commuters > 0:
            u = uniform(key, firms.uid[row])
            if firms.state[row] == _CLOSED:
                gone = commuters
                counts.layoffs[firms.municipality[row]] += gone
            else:
                dismissed = min(commuters, int(firms.layoffs[row] * commuters / firms.staff[row] + u))
                firms.layoffs[row] -= dismissed
                counts.layoffs[firms.municipality[row]] += dismissed
                left = commuters - dismissed
                gone = dismissed + min(left, int(left * rate + uniform(key + np.uint64(1), firms.uid[row])))
            firms.commuters[row] -= gone
            firms.staff[row] -= gone
        remaining[row] = firms.staff[row] - firms.commuters[row]


@kernel
def _is_dismissed(
    persons: Persons, firms: Firms, row: int, remaining: NDArray[np.int32], counts: Counts, key: np.uint64
) -> bool:
    """Whether a person loses the job: all of a closed firm, else exactly the firm's number, by sequential sampling."""
    firm = persons.firm[row]
    dismissed = firms.state[firm] == _CLOSED
    if firms.layoffs[firm] > 0 and not dismissed:
        dismissed = uniform(key, persons.uid[row]) * remaining[firm] < firms.layoffs[firm]
        if dismissed:
            firms.layoffs[firm] -= 1
    remaining[firm] -= 1
    if dismissed:
        counts.layoffs[firms.municipality[firm]] += 1
    return bool(dismissed)


@kernel
def search_probability(values: Any, status: int, months_in_status: int, age_months: int, notice: bool) -> float:
    """Chance that a person looks for a job this month."""
    if status == _EMPLOYED:
        return float(values.search_notice if notice else values.search_employed)
    if status == _UNEMPLOYED:
        return max(_LEAST_SEARCH, values.search_unemployed * math.exp(-values.search_decay * months_in_status))
    return float(values.search_outside) if age_months < _LAST_RETURN else 0.0


@kernel
def separate(
    persons: Persons,
    used: int,
    firms: Firms,
    counts: Counts,
    values: Any,
    remaining: NDArray[np.int32],
    searchers: NDArray[np.int32],
    layoff_key: np.uint64,
    quit_key: np.uint64,
    search_key: np.uint64,
    month: int,
) -> int:
    """End jobs by closure, layoff and quit; list those who search.

    Returns
    -------
    int
        Number of searchers, whose rows stand first in ``searchers``.
    """
    number = 0
    for row in range(used):
        status = persons.status[row]
        if status < _EMPLOYED or status > _OUTSIDE:
            continue
        uid = persons.uid[row]
        notice = False
        if status == _EMPLOYED:
            firm = persons.firm[row]
            notice = firms.closing[firm] != NEVER
            if (firms.layoffs[firm] > 0 or firms.state[firm] == _CLOSED) and _is_dismissed(
                persons, firms, row, remaining, counts, layoff_key
            ):
                leave_job(persons, firms, row, _UNEMPLOYED, month)
            else:
                u = uniform(quit_key, uid)
                if u < values.quit_rate:
                    if firm != OUTSIDE_FIRM:
                        counts.quits[firms.municipality[firm]] += 1
                    out = u < values.quit_rate * values.quit_to_outside
                    leave_job(persons, firms, row, _OUTSIDE if out else _UNEMPLOYED, month)
        elif status == _UNEMPLOYED and uniform(quit_key, uid) < values.discouragement:
            persons.status[row] = _OUTSIDE
            persons.since[row] = month
        chance = search_probability(
            values, persons.status[row], month - persons.since[row], month - persons.birth[row], notice
        )
        if uniform(search_key, uid) < chance:
            searchers[number] = row
            number += 1
    return number
