"""Ageing: births, deaths, school, leaving home, couples, retirement, disability."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from omstilling.model.engine.compilation import kernel
from omstilling.model.engine.draws import Process, derive, uniform
from omstilling.model.firms.turnover import give_row, take_row
from omstilling.model.state.columns import Counts, Firms, Persons, Role, Space, Status
from omstilling.model.synthesis.population import school_leaving_months

_GONE = int(Status.GONE)
_STATUS_CHILD = int(Status.CHILD)
_STUDENT = int(Status.STUDENT)
_EMPLOYED = int(Status.EMPLOYED)
_UNEMPLOYED = int(Status.UNEMPLOYED)
_OUTSIDE = int(Status.OUTSIDE)
_RETIRED = int(Status.RETIRED)
_SINGLE = int(Role.SINGLE)
_COUPLED = int(Role.COUPLED)
_PARTNER = int(Role.PARTNER)
_CHILD = int(Role.CHILD)
_DEATH = int(Process.DEATH)
_BIRTH = int(Process.BIRTH)
_PARTICIPATION = int(Process.PARTICIPATION)
_LEAVE_HOUSEHOLD = int(Process.LEAVE_HOUSEHOLD)
_COUPLE = int(Process.COUPLE)
_OLDEST = 105
_NO_JOB = -1
_SCHOOL_MONTHS = 16 * 12
_ADULT_MONTHS = 18 * 12
_HOME_LEAVING_MONTHS = 19 * 12
_COUPLING_MONTHS = (20 * 12, 45 * 12)
_EARLIEST_PENSION = 62 * 12
_PENSION = 67 * 12
_LAST_WORK = 75 * 12
_FERTILE_MONTHS_END = 50 * 12
_GIRL_SHARE = 0.486
_JOB_LOSS_RISK_MONTHS = 60


@kernel
def _retirement_rate(values: Any, months: int) -> float:
    if months >= _LAST_WORK:
        return 1.0
    if months >= _PENSION:
        return float(values.retirement_67)
    return float(values.retirement_62) if months >= _EARLIEST_PENSION else 0.0


@kernel
def _most_leaving(values: Any, disability: NDArray[np.float64]) -> NDArray[np.float64]:
    """Highest chance by age that someone in or outside the labour force changes status, shape (106,)."""
    most = np.empty(len(disability))
    for age in range(len(disability)):
        most[age] = _retirement_rate(values, 12 * age + 11) + disability[age] * max(1.0, values.disability_jobless)
        if 12 * age >= _PENSION:
            most[age] = 1.0
    return most


@kernel
def status_of_worker(values: Any, status: int, months: int, jobless_months: int, disability: float, u: float) -> int:
    """What someone who has left school does next: stays, retires, or leaves the labour force for good.

    ``disability`` is the monthly risk at this age; it is raised for those who lost a job (Rege, Telle, Votruba 2009).
    """
    if status == _RETIRED or (status == _OUTSIDE and months < _PENSION):
        return status
    if status == _OUTSIDE:
        return _RETIRED
    retires = _retirement_rate(values, months)
    if u < retires:
        return _RETIRED
    if status == _UNEMPLOYED and jobless_months < _JOB_LOSS_RISK_MONTHS:
        disability *= values.disability_jobless
    return _OUTSIDE if months < _PENSION and u < retires + disability else status


@kernel
def _status_of_pupil(status: int, months: int, education: int, u: float) -> int:
    """Children start upper secondary school at 16; those who leave school look for work."""
    if status == _STATUS_CHILD:
        return _STUDENT if months >= _SCHOOL_MONTHS else status
    return _UNEMPLOYED if months >= school_leaving_months(education, u) else status


@kernel
def age_persons(
    persons: Persons,
    first: int,
    last: int,
    mortality: NDArray[np.float64],
    fertility: NDArray[np.float64],
    disability: NDArray[np.float64],
    values: Any,
    keys: NDArray[np.uint64],
    school_key: np.uint64,
    events: NDArray[np.int32],
    left_firms: NDArray[np.int32],
    month: int,
) -> tuple[int, int, int, int, int]:
    """Age persons of rows ``first`` to ``last``: death, participation, household, giving birth, wish for a couple.

    Every row is written by itself alone: parts of the rows can age side by side. Lists are written from position
    ``first`` on.

    Parameters
    ----------
    mortality, fertility, disability
        Monthly probabilities by sex and age, shape (2, 106), and by age, shape (106,).
    keys
        The month's streams by process.
    school_key
        Stream that decides for life when a person leaves school.
    events
        Work space, shape (4, n): rows of the dead, of mothers, of those who wish for a couple, and of heads whose
        partner has died or left.
    left_firms
        Work space, shape (n,): rows of the firms of those who leave work, once for each.

    Returns
    -------
    tuple
        How many are in each of the five lists.
    """
    dead, mothers, wishing, left_heads, leavers = first, first, first, first, first
    # What the processor cannot foresee (role, status) is looked up; branches are left to rare events.
    leave_household = np.array([0.0, 0.0, values.splitting, values.home_leaving])
    coupling = np.array([values.coupling, 0.0, 0.0, values.coupling])
    leaving = _most_leaving(values, disability)
    for row in range(first, last):
        status = persons.status[row]
        if status == _GONE:
            continue
        uid = persons.uid[row]
        months = month - persons.birth[row]
        age = min(months // 12, _OLDEST)
        sex = persons.sex[row]
        after = status
        if uniform(keys[_DEATH], uid) < mortality[sex, age]:
            after = _GONE
            events[0, dead] = row
            dead += 1
        elif months < _SCHOOL_MONTHS:
            continue
        elif status <= _STUDENT:
            after = _status_of_pupil(status, months, persons.education[row], uniform(school_key, uid))
        elif uniform(keys[_PARTICIPATION], uid) < leaving[age]:
            jobless = month - persons.since[row]
            u = uniform(keys[_PARTICIPATION], uid)
            after = status_of_worker(values, status, months, jobless, disability[age], u)
        if after != status:
            if status == _EMPLOYED:
                left_firms[leavers] = persons.firm[row]
                leavers += 1
                persons.firm[row] = _NO_JOB
            persons.status[row] = after
            persons.since[row] = month
        role = persons.role[row]
        splits = uniform(keys[_LEAVE_HOUSEHOLD], uid) < leave_household[role]
        if after == _GONE or (splits and (role == _PARTNER or months >= _HOME_LEAVING_MONTHS)):
            if role == _PARTNER:
                events[3, left_heads] = persons.head[row]
                left_heads += 1
            if after == _GONE:
                continue
            persons.role[row] = _SINGLE
            persons.head[row] = row
        if sex == 1 and months < _FERTILE_MONTHS_END and uniform(keys[_BIRTH], uid) < fertility[age]:
            events[1, mothers] = row
            mothers += 1
        of_age = _COUPLING_MONTHS[0] <= months < _COUPLING_MONTHS[1]
        if of_age and uniform(keys[_COUPLE], uid) < coupling[role]:
            events[2, wishing] = row
            wishing += 1
    return dead - first, mothers - first, wishing - first, left_heads - first, leavers - first


@kernel
def settle_departures(
    persons: Persons,
    firms: Firms,
    counts: Counts,
    dead: NDArray[np.int32],
    left_heads: NDArray[np.int32],
    left_firms: NDArray[np.int32],
) -> None:
    """Count the dead, make single those whose partner died or left, and take those who left work off the staff."""
    for row in dead:
        counts.deaths[persons.home[row]] += 1
    for head in left_heads:
        if persons.role[head] == _COUPLED:
            persons.role[head] = _SINGLE
    for firm in left_firms:
        firms.staff[firm] -= 1


@kernel
def bear_children(
    persons: Persons,
    space: Space,
    counts: Counts,
    mothers: NDArray[np.int32],
    number: int,
    education: tuple[float, float],
    key: np.uint64,
    month: int,
) -> int:
    """Add the newborn to their mothers' households; the columns have room."""
    for order in range(number):
        mother = mothers[order]
        row = take_row(space, len(persons.uid))
        if row < 0:
            return 1
        uid = derive(persons.uid[mother], 0, month)
        u = uniform(key + np.uint64(1), uid)
        persons.uid[row] = uid
        persons.head[row] = persons.head[mother]
        persons.firm[row] = _NO_JOB
        persons.wage[row] = 1.0
        persons.birth[row] = month
        persons.since[row] = month
        persons.arrived[row] = month
        persons.home[row] = persons.home[mother]
        persons.status[row] = _STATUS_CHILD
        persons.sex[row] = uniform(key, uid) < _GIRL_SHARE
        persons.role[row] = _CHILD
        persons.education[row] = 2 if u < education[1] else (1 if u < education[0] + education[1] else 0)
        persons.industry[row] = 0
        persons.native[row] = 1
        counts.births[persons.home[row]] += 1
    return 0


@kernel
def free_rows(space: Space, rows: NDArray[np.int32], number: int) -> None:
    """Hand back the rows of the dead, after their households are settled."""
    for order in range(number):
        give_row(space, rows[order])
