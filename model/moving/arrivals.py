"""Arrivals: households that move in from outside the region."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omstilling.model.engine.compilation import kernel
from omstilling.model.engine.draws import derive, poisson, uniform
from omstilling.model.firms.turnover import take_row
from omstilling.model.labour.matching import Vacancies, start_job
from omstilling.model.state.columns import NOBODY, Counts, Firms, Persons, Role, Space, Status
from omstilling.model.synthesis.population import school_leaving_months

_STATUS_CHILD = int(Status.CHILD)
_STUDENT = int(Status.STUDENT)
_UNEMPLOYED = int(Status.UNEMPLOYED)
_OUTSIDE = int(Status.OUTSIDE)
_RETIRED = int(Status.RETIRED)
_SINGLE = int(Role.SINGLE)
_COUPLED = int(Role.COUPLED)
_PARTNER = int(Role.PARTNER)
_CHILD = int(Role.CHILD)
_TAG_ARRIVAL = 9000
_FIRST_ADULT_GROUP = 2
_PARENT_GROUPS = (4, 9)
"""Age groups 25-49: those who come with children."""
_EARLIEST_PENSION = 65 * 12
_VACANCIES_TRIED = 3


@kernel
def _add_person(
    persons: Persons, row: int, uid: np.uint64, head: int, role: int, home: int, bounds: tuple[int, int],
    education: tuple[float, float], key: np.uint64, month: int
) -> None:  # fmt: skip
    """Write one newcomer, aged uniformly between ``bounds`` (months)."""
    months = bounds[0] + int((bounds[1] - bounds[0]) * uniform(key, uid))
    u = uniform(key + np.uint64(1), uid)
    persons.uid[row] = uid
    persons.head[row] = head
    persons.firm[row] = NOBODY
    persons.wage[row] = 1.0
    persons.birth[row] = month - months
    persons.since[row] = month
    persons.arrived[row] = month
    persons.home[row] = home
    persons.sex[row] = uniform(key + np.uint64(2), uid) < 0.5
    persons.role[row] = role
    persons.education[row] = 2 if u < education[1] else (1 if u < education[0] + education[1] else 0)
    persons.industry[row] = int(16.0 * uniform(key + np.uint64(3), uid))
    persons.native[row] = 0
    if months < 16 * 12:
        persons.status[row] = _STATUS_CHILD
    elif months < school_leaving_months(persons.education[row], uniform(key + np.uint64(4), uid)):
        persons.status[row] = _STUDENT
    else:
        persons.status[row] = _RETIRED if months >= _EARLIEST_PENSION else _OUTSIDE


@kernel
def _seek_first_job(
    persons: Persons, firms: Firms, row: int, vacancies: Vacancies, counts: Counts, values: Any, matching: Any,
    premium: float, key: np.uint64, month: int
) -> None:  # fmt: skip
    """A newcomer of working age takes a job that nobody else applied for, or else searches from next month."""
    if persons.status[row] != _OUTSIDE:
        return
    uid = persons.uid[row]
    if uniform(key + np.uint64(5), uid) >= values.arrival_job:
        return
    persons.status[row] = _UNEMPLOYED
    home = persons.home[row]
    first, number = vacancies.offset[home], vacancies.offset[home + 1] - vacancies.offset[home]
    if number == 0:
        return
    for trial in range(_VACANCIES_TRIED):
        vacancy = first + int(number * uniform(key + np.uint64(6), derive(uid, trial, 0)))
        if vacancies.filled[vacancy] == 0:
            vacancies.filled[vacancy] = 1
            start_job(persons, firms, row, vacancies.firm[vacancy], matching, premium, month)
            counts.hires[home] += 1
            return


@kernel
def _add_children(
    persons: Persons, space: Space, head: int, origin: np.uint64, home: int, mean: float, small_share: float,
    education: tuple[float, float], key: np.uint64, month: int
) -> int:  # fmt: skip
    """Add the children who come with a parent; returns their number."""
    number = poisson(uniform(key, derive(origin, 2, 0)), mean)
    for child in range(number):
        uid = derive(origin, 3, child)
        small = uniform(key + np.uint64(1), uid) < small_share
        bounds = (0, 72) if small else (72, 192)
        row = take_row(space, len(persons.uid))
        _add_person(persons, row, uid, head, _CHILD, home, bounds, education, key + np.uint64(2), month)
    return number


@kernel
def arrive(
    persons: Persons,
    space: Space,
    firms: Firms,
    vacancies: Vacancies,
    counts: Counts,
    municipality_uid: NDArray[np.uint64],
    pull: NDArray[np.float64],
    in_migration: NDArray[np.float64],
    bounds: NDArray[np.int64],
    education: tuple[float, float],
    values: Any,
    matching: Any,
    premium: float,
    key: np.uint64,
    month: int,
) -> None:
    """Add the month's households from outside: expected number times exp(pull / 2), by municipality and age group.

    Parameters
    ----------
    in_migration
        Expected persons a year by municipality and age group at the pull of the start, shape (M, A).
    bounds
        Age in months at which each group begins and ends, shape (A + 1,).
    """
    for home in range(len(pull)):
        factor = math.exp(0.5 * pull[home]) / 12.0
        parents = in_migration[home, _PARENT_GROUPS[0] : _PARENT_GROUPS[1]].sum()
        children = in_migration[home, :_FIRST_ADULT_GROUP].sum()
        per_parent = children / max(parents, 1e-9)
        small_share = in_migration[home, 0] / max(children, 1e-9)
        for group in range(_FIRST_ADULT_GROUP, in_migration.shape[1]):
            origin = derive(municipality_uid[home], _TAG_ARRIVAL + group, month)
            couples = values.arrival_couple if group > _FIRST_ADULT_GROUP else 0.0
            mean = in_migration[home, group] * factor / (1.0 + couples)
            ages = (bounds[group], bounds[group + 1])
            for order in range(poisson(uniform(key, origin), mean)):
                uid = derive(origin, 0, order)
                head = take_row(space, len(persons.uid))
                coupled = uniform(key + np.uint64(1), uid) < couples
                role = _COUPLED if coupled else _SINGLE
                _add_person(persons, head, uid, head, role, home, ages, education, key + np.uint64(2), month)
                _seek_first_job(
                    persons, firms, head, vacancies, counts, values, matching, premium, key + np.uint64(8), month
                )
                counts.moved_in[home] += 1
                if coupled:
                    row = take_row(space, len(persons.uid))
                    _add_person(
                        persons,
                        row,
                        derive(uid, 1, 0),
                        head,
                        _PARTNER,
                        home,
                        ages,
                        education,
                        key + np.uint64(2),
                        month,
                    )
                    _seek_first_job(
                        persons, firms, row, vacancies, counts, values, matching, premium, key + np.uint64(8), month
                    )
                    counts.moved_in[home] += 1
                if _PARENT_GROUPS[0] <= group < _PARENT_GROUPS[1]:
                    mean_children = per_parent * (2.0 if coupled else 1.0)
                    counts.moved_in[home] += _add_children(
                        persons,
                        space,
                        head,
                        uid,
                        home,
                        mean_children,
                        small_share,
                        education,
                        key + np.uint64(20),
                        month,
                    )
