"""Synthetic households: couples, children with their mothers, young adults still at home."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omstilling.model.engine.compilation import kernel
from omstilling.model.engine.draws import uniform
from omstilling.model.state.columns import Persons, Role
from omstilling.model.state.margins import MAX_AGE

_SINGLE = int(Role.SINGLE)
_COUPLED = int(Role.COUPLED)
_PARTNER = int(Role.PARTNER)
_CHILD = int(Role.CHILD)

COUPLED_SHARE = np.interp(
    np.arange(MAX_AGE + 1), [19, 20, 25, 32, 60, 70, 80, 90], [0, 0.1, 0.45, 0.70, 0.68, 0.60, 0.40, 0.12]
)
"""Share of women living in a couple by age; a choice."""

AT_HOME_SHARE = np.interp(np.arange(MAX_AGE + 1), [18, 19, 21, 24, 28, 31], [0.92, 0.75, 0.45, 0.2, 0.07, 0.0])
"""Share of adults by age who live with their parents; a choice."""

_ADULT = 18
_OLDEST_AT_HOME = 30


@kernel
def _age(persons: Persons, row: int, start_month: int) -> int:
    return min((start_month - persons.birth[row]) // 12, MAX_AGE)


@kernel
def _form_couples(
    persons: Persons, men: int, women: int, last: int, start_month: int, key: np.uint64, share: NDArray[np.float64]
) -> None:
    """Pair women drawn by age with the next man at least a year older; both lie sorted by age."""
    man = men
    for woman in range(women, last):
        age = _age(persons, woman, start_month)
        if uniform(key, persons.uid[woman]) >= share[age]:
            continue
        while man < women and _age(persons, man, start_month) < age + 1:
            man += 1
        if man >= women:
            return
        persons.role[man] = _COUPLED
        persons.role[woman] = _PARTNER
        persons.head[woman] = man
        man += 1


@kernel
def _find_mother(persons: Persons, offsets: NDArray[np.int64], age: int, child: int, key: np.uint64) -> int:
    """Row of a woman 19 to 41 years older, of the nearest age there is; -1 where no woman of age lives."""
    uid = persons.uid[child]
    gap = 19 + int(11.5 * (uniform(key, uid) + uniform(key + np.uint64(1), uid)))
    for distance in range(MAX_AGE):
        for sign in (1, -1):
            wanted = age + gap + sign * distance
            if wanted < _ADULT or wanted > MAX_AGE or wanted <= age + 14:
                continue
            number = offsets[wanted + 1] - offsets[wanted]
            if number > 0:
                return offsets[wanted] + int(number * uniform(key + np.uint64(2), uid))
    return -1


@kernel
def _join_mother(persons: Persons, child: int, mother: int) -> None:
    if persons.role[mother] == _CHILD:
        persons.role[mother] = _SINGLE
        persons.head[mother] = mother
    persons.head[child] = persons.head[mother]
    persons.role[child] = _CHILD


@kernel
def form_households(
    persons: Persons,
    first: int,
    last: int,
    start_month: int,
    key: np.uint64,
    coupled_share: NDArray[np.float64],
    at_home_share: NDArray[np.float64],
) -> None:
    """Give everyone in rows ``first`` to ``last`` (one municipality, sorted by sex and age) a household.

    Young adults at home are placed before children, so that a mother who has children herself heads a household.
    """
    women = last
    offsets = np.zeros(MAX_AGE + 2, dtype=np.int64)
    for row in range(first, last):
        persons.head[row] = row
        persons.role[row] = _SINGLE
        if persons.sex[row] == 1:
            women = min(women, row)
            offsets[_age(persons, row, start_month) + 1] += 1
    offsets[0] = women
    for age in range(MAX_AGE + 1):
        offsets[age + 1] += offsets[age]
    _form_couples(persons, first, women, last, start_month, key, coupled_share)
    for adults in (True, False):
        for row in range(first, last):
            age = _age(persons, row, start_month)
            if adults:
                stays = _ADULT <= age <= _OLDEST_AT_HOME and persons.role[row] == _SINGLE
                stays = stays and uniform(key + np.uint64(3), persons.uid[row]) < at_home_share[age]
            else:
                stays = age < _ADULT
            if stays:
                mother = _find_mother(persons, offsets, age, row, key + np.uint64(4))
                if mother >= 0:
                    _join_mother(persons, row, mother)
