"""Ledger: every month, persons, jobs and commuters are counted afresh and must add up."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from omstilling.model.engine.compilation import kernel
from omstilling.model.engine.threads import Threads
from omstilling.model.firms.growth import MILLION
from omstilling.model.state.columns import OUTSIDE_FIRM, Counts, Firms, FirmState, Persons, Role, Status

_GONE = int(Status.GONE)
_EMPLOYED = int(Status.EMPLOYED)
_PARTNER = int(Role.PARTNER)
_CHILD = int(Role.CHILD)
_ALIVE = int(FirmState.ALIVE)
_STATUSES = 7
_ADULT_MONTHS = 16 * 12
_OLD_MONTHS = 67 * 12
_YOUNG_WOMEN = (20 * 12, 40 * 12)
_AGE_GROUPS = 4


class LedgerError(RuntimeError):
    """An identity of the model does not hold; this is a fault of the program, never of the input."""


class Tally(NamedTuple):
    """What stands in the columns at the end of a month.

    ``by_status`` persons by municipality and status (M, 7); ``by_age`` persons aged 0-15, 16-66, 67+ and women 20-39
    (M, 4); ``households`` (M,); ``income`` of residents in millionths of a mean wage (M,), whole so that the order of
    rows does not matter; ``staff_seen`` residents counted at each firm (rows); ``jobs`` (M,); ``commuters_in`` from
    other municipalities and outside (M,); ``commuters_out`` (M,); ``faults`` number of rows that break a rule:
    [employment, household, staff].
    """

    by_status: NDArray[np.int64]
    by_age: NDArray[np.int64]
    households: NDArray[np.int64]
    income: NDArray[np.int64]
    staff_seen: NDArray[np.int32]
    jobs: NDArray[np.int64]
    commuters_in: NDArray[np.int64]
    commuters_out: NDArray[np.int64]
    faults: NDArray[np.int64]


def allocate_tally(size: int, firm_rows: int) -> Tally:
    """Empty tally for ``size`` municipalities."""
    return Tally(
        np.zeros((size, _STATUSES), dtype=np.int64),
        np.zeros((size, _AGE_GROUPS), dtype=np.int64),
        np.zeros(size, dtype=np.int64),
        np.zeros(size, dtype=np.int64),
        np.zeros(firm_rows, dtype=np.int32),
        np.zeros(size, dtype=np.int64),
        np.zeros(size, dtype=np.int64),
        np.zeros(size, dtype=np.int64),
        np.zeros(3, dtype=np.int64),
    )


@kernel
def count_persons(
    persons: Persons, first: int, last: int, firms: Firms, tally: Tally, income_of_status: NDArray[np.float64],
    month: int
) -> None:  # fmt: skip
    """Count persons of rows ``first`` to ``last`` by municipality, status, age, household and place of work, and note
    broken rules.

    ``income_of_status`` is the income in mean wages of each status, shape (7,); the employed earn their own wage.
    """
    tally.by_status[:] = 0
    tally.by_age[:] = 0
    tally.households[:] = 0
    tally.income[:] = 0
    tally.staff_seen[:] = 0
    tally.commuters_in[:] = 0
    tally.commuters_out[:] = 0
    tally.faults[:] = 0
    # Whether someone heads a household, works or commutes looks random to the processor: sums of truth values cost less
    # than branches.
    for row in range(first, last):
        status = persons.status[row]
        if status == _GONE:
            continue
        home = persons.home[row]
        head = persons.head[row]
        role = persons.role[row]
        is_head = head == row
        leads = role != _PARTNER and role != _CHILD
        tally.by_status[home, status] += 1
        tally.households[home] += is_head
        tally.faults[1] += (is_head and not leads) | (persons.status[head] == _GONE) | (persons.home[head] != home)
        months = month - persons.birth[row]
        of_age = months >= _ADULT_MONTHS
        old = months >= _OLD_MONTHS
        tally.by_age[home, of_age + np.int64(old)] += 1
        tally.by_age[home, 3] += persons.sex[row] & (months >= _YOUNG_WOMEN[0]) & (months < _YOUNG_WOMEN[1])
        works = status == _EMPLOYED
        wage = persons.wage[row] if works else income_of_status[status]
        tally.income[home] += int(wage * MILLION)
        firm = persons.firm[row]
        tally.faults[0] += works != (firm >= 0)
        firm = max(firm, OUTSIDE_FIRM)
        place = firms.municipality[firm]
        tally.faults[0] += works & (firms.state[firm] != _ALIVE)
        tally.staff_seen[firm] += works
        away = works & (place != home)
        tally.commuters_out[home] += away
        tally.commuters_in[max(place, 0)] += away & (firm != OUTSIDE_FIRM)


@kernel
def count_jobs(firms: Firms, used: int, tally: Tally) -> None:
    """Count jobs and outside commuters by place of work; a firm's staff must be those counted there."""
    tally.jobs[:] = 0
    for row in range(used):
        if firms.state[row] != _ALIVE:
            continue
        if firms.staff[row] != tally.staff_seen[row] + firms.commuters[row] or firms.commuters[row] < 0:
            tally.faults[2] += 1
        if row != OUTSIDE_FIRM:
            place = firms.municipality[row]
            tally.jobs[place] += firms.staff[row]
            tally.commuters_in[place] += firms.commuters[row]


@kernel
def add_tally(total: Tally, part: Tally) -> None:
    """Add what was counted in a further part of the rows of persons."""
    total.by_status[:] += part.by_status
    total.by_age[:] += part.by_age
    total.households[:] += part.households
    total.income[:] += part.income
    total.staff_seen[:] += part.staff_seen
    total.commuters_in[:] += part.commuters_in
    total.commuters_out[:] += part.commuters_out
    total.faults[:] += part.faults


@kernel
def count_all(
    persons: Persons, persons_used: int, firms: Firms, firms_used: int, tally: Tally,
    income_of_status: NDArray[np.float64], month: int
) -> None:  # fmt: skip
    """Count persons and jobs as they stand before ``month`` begins; see ``count_persons`` and ``count_jobs``."""
    count_persons(persons, 0, persons_used, firms, tally, income_of_status, month)
    count_jobs(firms, firms_used, tally)


def count_all_in_parts(
    threads: Threads, persons: Persons, persons_used: int, firms: Firms, firms_used: int, tally: Tally,
    income_of_status: NDArray[np.float64], month: int
) -> None:  # fmt: skip
    """Do what ``count_all`` does, with the pass over persons side by side."""
    size, rows = len(tally.households), len(tally.staff_seen)
    tallies = [tally, *(allocate_tally(size, rows) for _ in range(threads.number - 1))]

    def count(part: int, first: int, last: int) -> None:
        count_persons(persons, first, last, firms, tallies[part], income_of_status, month)

    threads.each(count, persons_used)
    for part in tallies[1:]:
        add_tally(tally, part)
    count_jobs(firms, firms_used, tally)


@kernel
def _identities_hold(tally: Tally, before: NDArray[np.int64], counts: Counts) -> bool:
    """Whether no identity is broken anywhere; ``check_ledger`` says which one is."""
    if tally.faults.any():
        return False
    for place in range(len(before)):
        population = tally.by_status[place, 1:].sum()
        change = counts.births[place] - counts.deaths[place] + counts.moved_in[place] - counts.moved_out[place]
        commuters = tally.commuters_in[place] - tally.commuters_out[place]
        if population != before[place] + change or population != tally.by_age[place, :3].sum():
            return False
        if tally.jobs[place] != tally.by_status[place, _EMPLOYED] + commuters:
            return False
    return True


def check_ledger(tally: Tally, population_before: NDArray[np.int64], counts: Counts, names: tuple[str, ...]) -> None:
    """Raise LedgerError unless every identity holds for every municipality.

    Persons = previous + births - deaths + in - out; each of the employed has one living employer and each firm's
    staff equals its employed; jobs = employed residents + in-commuters - out-commuters; nobody has two states, and
    no household is split.
    """
    if _identities_hold(tally, population_before, counts):
        return
    if tally.faults.any():
        kinds = ("employed without a living employer", "household without its head", "staff unequal to employed")
        found = ", ".join(f"{n} x {kind}" for n, kind in zip(tally.faults, kinds, strict=True) if n)
        raise LedgerError(f"ledger: {found}")
    population = tally.by_status[:, 1:].sum(axis=1)
    expected = population_before + counts.births - counts.deaths + counts.moved_in - counts.moved_out
    employed = tally.by_status[:, _EMPLOYED]
    identities = (
        ("persons = previous + births - deaths + in - out", population, expected),
        (
            "jobs = employed residents + in - out commuters",
            tally.jobs,
            employed + tally.commuters_in - tally.commuters_out,
        ),
        ("persons by age = persons by status", tally.by_age[:, :3].sum(axis=1), population),
    )
    for rule, found_values, wanted in identities:
        wrong = np.flatnonzero(found_values != wanted)
        if wrong.size:
            at = wrong[0]
            raise LedgerError(f"ledger: {rule} fails in {names[at]}: {found_values[at]} against {wanted[at]}")
