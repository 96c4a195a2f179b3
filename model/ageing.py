"""Ageing: births, deaths, school, leaving home, couples, retirement, disability."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from omstilling.model.columns import Counts, Firms, Persons, Role, Space, Status
from omstilling.model.compilation import kernel
from omstilling.model.draws import Process, derive, uniform
from omstilling.model.firm_turnover import give_row, take_row
from omstilling.model.separation import leave_job
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
def die(persons: Persons, firms: Firms, row: int, month: int) -> None:
    """Take a person out of job and population; the row is freed once the household is settled."""
    if persons.status[row] == _EMPLOYED:
        leave_job(persons, firms, row, _GONE, month)
    if persons.role[row] == _PARTNER and persons.role[persons.head[row]] == _COUPLED:
        persons.role[persons.head[row]] = _SINGLE
    persons.status[row] = _GONE


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
def _change_status(persons: Persons, firms: Firms, row: int, status: int, month: int) -> None:
    if persons.status[row] == _EMPLOYED:
        leave_job(persons, firms, row, status, month)
    else:
        persons.status[row] = status
        persons.since[row] = month


@kernel
def _live_alone(persons: Persons, row: int) -> None:
    """Leave the parents' home or a couple, and head a new household in the same place."""
    head = persons.head[row]
    if persons.role[row] == _PARTNER and persons.role[head] == _COUPLED:
        persons.role[head] = _SINGLE
    persons.role[row] = _SINGLE
    persons.head[row] = row


@kernel
def age_persons(
    persons: Persons,
    used: int,
    firms: Firms,
    counts: Counts,
    mortality: NDArray[np.float64],
    fertility: NDArray[np.float64],
    disability: NDArray[np.float64],
    values: Any,
    keys: NDArray[np.uint64],
    school_key: np.uint64,
    events: NDArray[np.int32],
    numbers: NDArray[np.int64],
    month: int,
) -> None:
    """One pass over all persons: death, participation, household, giving birth, wish for a couple.

    Parameters
    ----------
    mortality, fertility, disability
        Monthly probabilities by sex and age, shape (2, 106), and by age, shape (106,).
    keys
        The month's streams by process.
    school_key
        Stream that decides for life when a person leaves school.
    events
        Work space, shape (3, n): rows of the dead, of mothers, and of those who wish for a couple.
    numbers
        How many of each, written here, shape (3,).
    """
    numbers[:] = 0
    # What the processor cannot foresee (role, status) is looked up; branches are left to rare events.
    leave_household = np.array([0.0, 0.0, values.splitting, values.home_leaving])
    coupling = np.array([values.coupling, 0.0, 0.0, values.coupling])
    leaving = _most_leaving(values, disability)
    for row in range(used):
        status = persons.status[row]
        if status == _GONE:
            continue
        uid = persons.uid[row]
        months = month - persons.birth[row]
        age = min(months // 12, _OLDEST)
        sex = persons.sex[row]
        if uniform(keys[_DEATH], uid) < mortality[sex, age]:
            die(persons, firms, row, month)
            counts.deaths[persons.home[row]] += 1
            events[0, numbers[0]] = row
            numbers[0] += 1
            continue
        if months < _SCHOOL_MONTHS:
            continue
        if status <= _STUDENT:
            after = _status_of_pupil(status, months, persons.education[row], uniform(school_key, uid))
            if after != status:
                _change_status(persons, firms, row, after, month)
        elif uniform(keys[_PARTICIPATION], uid) < leaving[age]:
            jobless = month - persons.since[row]
            u = uniform(keys[_PARTICIPATION], uid)
            after = status_of_worker(values, status, months, jobless, disability[age], u)
            if after != status:
                _change_status(persons, firms, row, after, month)
        role = persons.role[row]
        if uniform(keys[_LEAVE_HOUSEHOLD], uid) < leave_household[role]:
            if role == _PARTNER or months >= _HOME_LEAVING_MONTHS:
                _live_alone(persons, row)
        if sex == 1 and months < _FERTILE_MONTHS_END and uniform(keys[_BIRTH], uid) < fertility[age]:
            events[1, numbers[1]] = row
            numbers[1] += 1
        if months < _COUPLING_MONTHS[1] and uniform(keys[_COUPLE], uid) < coupling[role]:
            if months >= _COUPLING_MONTHS[0]:
                events[2, numbers[2]] = row
                numbers[2] += 1


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
