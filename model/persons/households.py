"""Households: couples form, and those whose head is gone or has joined another find a new head."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omstilling.model.engine.compilation import kernel
from omstilling.model.state.columns import Persons, Role, Status

_GONE = int(Status.GONE)
_SINGLE = int(Role.SINGLE)
_COUPLED = int(Role.COUPLED)
_PARTNER = int(Role.PARTNER)
_CHILD = int(Role.CHILD)
_NONE = -1
_SOUGHT = -2
_TIE_BITS = np.uint64(0xFFFFF)
_LARGEST_AGE_GAP_MONTHS = 15 * 12


@kernel
def _join(persons: Persons, one: int, other: int, successor: NDArray[np.int32]) -> int:
    """Make a couple of two free adults of one municipality; the older heads it. Returns the younger's row."""
    older, younger = (one, other) if persons.birth[one] <= persons.birth[other] else (other, one)
    persons.role[older] = _COUPLED
    persons.head[older] = older
    persons.role[younger] = _PARTNER
    persons.head[younger] = older
    successor[younger] = older
    return int(younger)


@kernel
def form_couples(persons: Persons, wishing: NDArray[np.int32], number: int, successor: NDArray[np.int32]) -> int:
    """Pair women and men who wish for a couple in each municipality by order of age.

    ``successor`` notes the new head of whoever depended on the younger partner. On return ``wishing`` holds the rows
    noted there.

    Returns
    -------
    int
        Number of couples formed.
    """
    order_key = np.empty(number, dtype=np.int64)
    for order in range(number):
        row = wishing[order]
        group = (persons.home[row] * 2 + persons.sex[row]) * 131072 + persons.birth[row] + 65536
        order_key[order] = (np.int64(group) << 20) + np.int64(persons.uid[row] & _TIE_BITS)
    ranked = wishing[:number][np.argsort(order_key, kind="mergesort")]
    couples = 0
    first = 0
    while first < number:
        home = persons.home[ranked[first]]
        women = first
        while women < number and persons.home[ranked[women]] == home and persons.sex[ranked[women]] == 0:
            women += 1
        last = women
        while last < number and persons.home[ranked[last]] == home:
            last += 1
        for pair in range(min(women - first, last - women)):
            man, woman = ranked[first + pair], ranked[women + pair]
            if abs(persons.birth[man] - persons.birth[woman]) <= _LARGEST_AGE_GAP_MONTHS:
                wishing[couples] = _join(persons, man, woman, successor)
                couples += 1
        first = last
    return couples


@kernel
def _comes_before(persons: Persons, row: int, rival: int) -> bool:
    """Whether a member takes over the household before a rival: the partner first, then the oldest."""
    if (persons.role[row] == _PARTNER) != (persons.role[rival] == _PARTNER):
        return bool(persons.role[row] == _PARTNER)
    if persons.birth[row] != persons.birth[rival]:
        return bool(persons.birth[row] < persons.birth[rival])
    return bool(persons.uid[row] < persons.uid[rival])


@kernel
def mark_dead(successor: NDArray[np.int32], dead: NDArray[np.int32]) -> None:
    """Note that those who depended on the dead need a new head."""
    successor[dead] = _SOUGHT


@kernel
def find_affected(
    persons: Persons, first: int, last: int, successor: NDArray[np.int32], affected: NDArray[np.int32]
) -> int:
    """List persons of rows ``first`` to ``last`` whose head is noted in ``successor``; returns their number.

    The list is written from position ``first`` on; nothing else is.
    """
    number = first
    for row in range(first, last):
        head = persons.head[row]
        if successor[head] != _NONE and head != row and persons.status[row] != _GONE:
            affected[number] = row
            number += 1
    return number - first


@kernel
def settle_households(
    persons: Persons,
    successor: NDArray[np.int32],
    dead: NDArray[np.int32],
    joined: NDArray[np.int32],
    affected: NDArray[np.int32],
) -> None:
    """Give everyone whose head died or joined another household a living head.

    Parameters
    ----------
    successor
        -1 everywhere but for the rows of ``joined``, where it is the new head, and those of ``dead``, where it is -2
        (see ``mark_dead``); all -1 again on return.
    dead, joined
        Rows of those who died and of the younger partners of new couples.
    affected
        Rows whose head is among them, in order.
    """
    for row in affected:
        head = persons.head[row]
        heir = successor[head]
        if heir == _SOUGHT or (persons.status[head] == _GONE and _comes_before(persons, row, heir)):
            successor[head] = row
    for row in affected:
        heir = successor[persons.head[row]]
        # A dead head's heir may itself have become the younger of a couple this month.
        while successor[heir] != _NONE and successor[heir] != heir:
            heir = successor[heir]
        persons.head[row] = heir
        if heir == row:
            persons.role[row] = _SINGLE
    successor[dead] = _NONE
    successor[joined] = _NONE
