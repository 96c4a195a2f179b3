"""Synthetic persons: sex, birth month, education, ties and what each does at the start."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from omstilling.model.engine.compilation import kernel
from omstilling.model.engine.draws import derive, shifted, uniform
from omstilling.model.state.columns import NOBODY, Persons, Status
from omstilling.model.state.margins import MAX_AGE, RegionMargins

SCHOOL_AGE = 16
EMPLOYMENT_AGE = (16, 74)
UNEMPLOYMENT_AGE = (18, 66)

_EMPLOYED_SHARE = (
    (16, 0.05), (17, 0.10), (18, 0.22), (19, 0.42), (20, 0.52), (22, 0.62), (24, 0.72), (26, 0.80), (28, 0.85),
    (30, 0.87), (56, 0.83), (60, 0.75), (62, 0.62), (65, 0.45), (67, 0.20), (70, 0.10), (72, 0.05), (75, 0.0),
)  # fmt: skip
"""Age from which a share of the age group has work. The shape by age is a choice; its level follows the margins."""

_STUDENT = int(Status.STUDENT)
_EMPLOYED = int(Status.EMPLOYED)
_UNEMPLOYED = int(Status.UNEMPLOYED)
_OUTSIDE = int(Status.OUTSIDE)
_RETIRED = int(Status.RETIRED)
_CHILD = int(Status.CHILD)
_NATIVE_SHARE = 0.55
_TAG_PERSON = 1


@kernel
def school_leaving_months(education: int, u: float) -> int:
    """Age in months at which a person leaves school, by final education (0 compulsory to 2 higher).

    Ages are a choice that follows the length of Norwegian schooling: 16-18, 18-19 and 21-25 years.
    """
    if education == 0:
        return 194 + int(20.0 * u)
    if education == 1:
        return 220 + int(12.0 * u)
    return 252 + int(44.0 * u)


@kernel
def _place_persons(
    persons: Persons,
    first: int,
    home: int,
    origin: np.uint64,
    counts: NDArray[np.int64],
    start_month: int,
    key: np.uint64,
    upper_secondary: float,
    higher: float,
) -> int:
    """Write one municipality's persons by sex and age from row ``first``; returns the next free row."""
    row = first
    for sex in range(counts.shape[0]):
        for age in range(counts.shape[1]):
            for _ in range(counts[sex, age]):
                uid = derive(origin, _TAG_PERSON, row - first)
                persons.uid[row] = uid
                persons.sex[row] = sex
                persons.home[row] = home
                persons.birth[row] = start_month - 12 * age - int(12.0 * uniform(key, uid))
                u = uniform(key + np.uint64(1), uid)
                persons.education[row] = 2 if u < higher else (1 if u < higher + upper_secondary else 0)
                native = age < SCHOOL_AGE or uniform(key + np.uint64(2), uid) < _NATIVE_SHARE
                persons.native[row] = native
                years = min(float(age), 40.0) * uniform(key + np.uint64(3), uid)
                persons.arrived[row] = persons.birth[row] if native else start_month - int(12.0 * years)
                persons.status[row] = _CHILD if age < SCHOOL_AGE else _OUTSIDE
                persons.firm[row] = NOBODY
                persons.since[row] = start_month - int(12.0 * uniform(key + np.uint64(4), uid))
                persons.wage[row] = 1.0
                row += 1
    return row


@kernel
def _race(
    persons: Persons, first: int, last: int, start_month: int, key: np.uint64, speed: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Arrival times of an exponential race among those outside the labour force: the first n win."""
    times = np.full(last - first, np.inf)
    for row in range(first, last):
        age = min((start_month - persons.birth[row]) // 12, MAX_AGE)
        if persons.status[row] == _OUTSIDE and speed[age] > 0.0:
            times[row - first] = -math.log(1.0 - uniform(key, persons.uid[row])) / speed[age]
    return times


@kernel
def _place_others(
    persons: Persons, first: int, last: int, start_month: int, key: np.uint64, school_key: np.uint64
) -> None:
    """Make students and pensioners of those who neither work nor are unemployed."""
    for row in range(first, last):
        if persons.status[row] != _OUTSIDE:
            continue
        months = start_month - persons.birth[row]
        uid = persons.uid[row]
        if months < school_leaving_months(persons.education[row], uniform(school_key, uid)):
            persons.status[row] = _STUDENT
        elif months >= 67 * 12 or (months >= 62 * 12 and uniform(key, uid) < 0.5):
            persons.status[row] = _RETIRED


def _speeds(margin_ages: tuple[int, int], shares: tuple[tuple[int, float], ...]) -> NDArray[np.float64]:
    speed = np.zeros(MAX_AGE + 1)
    for age, share in shares:
        speed[age:] = -math.log(1.0 - share)
    speed[: margin_ages[0]] = 0.0
    speed[margin_ages[1] + 1 :] = 0.0
    return speed


EMPLOYMENT_SPEED = _speeds(EMPLOYMENT_AGE, _EMPLOYED_SHARE)
UNEMPLOYMENT_SPEED = _speeds(UNEMPLOYMENT_AGE, ((18, 0.5), (60, 0.3)))


def _winners(times: NDArray[np.float64], count: int) -> NDArray[np.intp]:
    return np.argpartition(times, count)[:count] if 0 < count < len(times) else np.arange(len(times))[:count]


def place_population(
    persons: Persons,
    margins: RegionMargins,
    origins: NDArray[np.uint64],
    key: np.uint64,
    school_key: np.uint64,
    education: tuple[float, float],
) -> NDArray[np.int64]:
    """Fill the person columns so that every margin is met exactly.

    Parameters
    ----------
    origins
        Identity of each municipality, shape (M,).
    key, school_key
        Streams of draws; the second decides for life when a person leaves school.
    education
        Shares with upper secondary and with higher education as their final level.

    Returns
    -------
    NDArray[np.int64]
        First row of each municipality and, last, the number of persons, shape (M + 1,).
    """
    bounds = np.zeros(margins.size + 1, dtype=np.int64)
    for home in range(margins.size):
        first = int(bounds[home])
        last = _place_persons(
            persons, first, home, origins[home], margins.population[home], margins.start_month, key, *education
        )
        bounds[home + 1] = last
        status = persons.status[first:last]
        employed = int(margins.employed_residents[home])
        times = _race(persons, first, last, margins.start_month, shifted(key, 5), EMPLOYMENT_SPEED)
        status[_winners(times, employed)] = _EMPLOYED
        times = _race(persons, first, last, margins.start_month, shifted(key, 6), UNEMPLOYMENT_SPEED)
        status[_winners(times, int(margins.unemployed[home]))] = _UNEMPLOYED
        _place_others(persons, first, last, margins.start_month, shifted(key, 7), school_key)
    return bounds
