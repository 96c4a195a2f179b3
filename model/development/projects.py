"""Projects: from the decision to go ahead to jobs that grow in a firm, or to attractiveness."""

from __future__ import annotations

from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from omstilling.model.development.ideas import KINDS, Ideas, Kind, Payer
from omstilling.model.development.offices import Offices
from omstilling.model.engine.compilation import kernel
from omstilling.model.engine.draws import Process, derive, uniform
from omstilling.model.firms.turnover import give_row, take_row
from omstilling.model.state.columns import NEVER, Firms, FirmState, Municipalities, Space

_END = int(Process.PROJECT_END)
_ALIVE = int(FirmState.ALIVE)
_TAG_FIRM = 13_000
_RESCUED_CASH = 6.0
_START_CASH = 2.0
"""Months of payroll that a rescued firm and a start-up have; choices."""
_SHORTEST, _SPREAD_MONTHS = 6, 12.0
"""A project takes 6 to 17 months before it succeeds or fails; a choice."""

_START_UP, _EXPANSION, _RESCUE = int(Kind.START_UP), int(Kind.EXPANSION), int(Kind.RESCUE)
_NOBODY, _PROGRAMME = int(Payer.NOBODY), int(Payer.PROGRAMME)
_SITE, _SETTLEMENT, _COMPETENCE = int(Kind.SITE), int(Kind.SETTLEMENT), int(Kind.COMPETENCE)


class Stage(IntEnum):
    """Where a project stands; FREE marks a free row."""

    FREE = 0
    RUNNING = 1
    GROWING = 2


_FREE, _RUNNING, _GROWING = int(Stage.FREE), int(Stage.RUNNING), int(Stage.GROWING)


class Projects(NamedTuple):
    """Projects under way, one row each.

    ``jobs`` planned; ``cost`` and ``support`` in kroner; ``firm`` row and ``firm_uid`` of its firm (-1 and 0 where
    there is none yet); ``left`` months until it ends or has grown; ``payer`` a number of ``Payer``: who supports it.
    """

    uid: NDArray[np.uint64]
    firm_uid: NDArray[np.uint64]
    cost: NDArray[np.int64]
    support: NDArray[np.int64]
    jobs: NDArray[np.float64]
    firm: NDArray[np.int32]
    left: NDArray[np.int16]
    place: NDArray[np.int16]
    industry: NDArray[np.uint8]
    kind: NDArray[np.uint8]
    stage: NDArray[np.uint8]
    payer: NDArray[np.uint8]


_TYPES = (
    np.uint64, np.uint64, np.int64, np.int64, np.float64, np.int32, np.int16, np.int16, np.uint8, np.uint8, np.uint8,
    np.uint8,
)  # fmt: skip


def allocate_projects(rows: int) -> Projects:
    """Empty project columns (all rows free)."""
    columns: Any = (np.zeros(rows, dtype=kind) for kind in _TYPES)
    return Projects(*columns)


@kernel
def firm_identity(project: np.uint64) -> np.uint64:
    """Identity of the firm that a start-up founds."""
    return derive(project, _TAG_FIRM, 0)


@kernel
def begin_projects(
    ideas: Ideas, number: int, projects: Projects, space: Space, firms: Firms, begun: NDArray[np.uint64],
    municipal: NDArray[np.int64], payroll_per_job: float, key: np.uint64, month: int
) -> tuple[int, int]:  # fmt: skip
    """Ideas that go ahead, alone or with support, become projects; their identities are noted in ``begun``.

    Owners put in what they have: a firm its cash as far as it goes, the rest is borrowed; a municipality what support
    leaves of the cost of site and settlement projects, added to ``municipal``, kroner, shape (M,).

    Returns
    -------
    tuple
        How many began, and how many did not fit the columns.
    """
    missing = count = 0
    for order in range(number):
        if ideas.alone[order] == 0 and ideas.payer[order] == 0:
            continue
        row = take_row(space, len(projects.uid))
        if row < 0:
            missing += 1
            continue
        uid, firm = ideas.uid[order], ideas.firm[order]
        begun[count] = uid
        count += 1
        months = _SHORTEST + int(_SPREAD_MONTHS * uniform(key + np.uint64(1), uid))
        projects.uid[row] = uid
        projects.firm[row] = firm
        projects.firm_uid[row] = np.uint64(0)
        if firm >= 0:
            projects.firm_uid[row] = firms.uid[firm]
            firms.busy[firm] = month + months
            own = (ideas.cost[order] - ideas.support[order]) / (max(firms.staff[firm], 1) * payroll_per_job)
            firms.cash[firm] -= min(max(firms.cash[firm], 0.0), own)
        elif ideas.kind[order] in (_SITE, _SETTLEMENT):
            municipal[ideas.place[order]] += ideas.cost[order] - ideas.support[order]
        projects.cost[row] = ideas.cost[order]
        projects.support[row] = ideas.support[order]
        projects.jobs[row] = ideas.jobs[order]
        projects.left[row] = months
        projects.place[row] = ideas.place[order]
        projects.industry[row] = ideas.industry[order]
        projects.kind[row] = ideas.kind[order]
        projects.stage[row] = _RUNNING
        projects.payer[row] = ideas.payer[order]
    return count, missing


@kernel
def _lives(projects: Projects, row: int, firms: Firms) -> bool:
    """Whether the firm of a project is still there."""
    firm = projects.firm[row]
    return bool(firm >= 0 and firms.state[firm] == _ALIVE and firms.uid[firm] == projects.firm_uid[row])


@kernel
def _found(projects: Projects, row: int, firms: Firms, space: Space, month: int) -> bool:
    """A start-up opens with one job and grows; it lives and dies like any firm. False where the columns are full."""
    firm = take_row(space, len(firms.uid))
    if firm < 0:
        return False
    uid = firm_identity(projects.uid[row])
    firms.uid[firm] = uid
    firms.scale[firm] = 1.0
    firms.wage[firm] = 1.0
    firms.productivity[firm] = 1.0
    firms.cash[firm] = _START_CASH
    firms.support[firm] = projects.support[row]
    firms.staff[firm] = 0
    firms.commuters[firm] = 0
    firms.vacancies[firm] = 0
    firms.layoffs[firm] = 0
    firms.founded[firm] = month
    firms.closing[firm] = NEVER
    firms.busy[firm] = month + projects.left[row]
    firms.municipality[firm] = projects.place[row]
    firms.named[firm] = -1
    firms.industry[firm] = projects.industry[row]
    firms.state[firm] = _ALIVE
    firms.local_owner[firm] = 1
    firms.spared[firm] = 0
    projects.firm[row] = firm
    projects.firm_uid[row] = uid
    return True


@kernel
def _succeed(
    projects: Projects, row: int, firms: Firms, firm_space: Space, built: NDArray[np.int64], growth_months: int,
    month: int
) -> int:  # fmt: skip
    """What a project that succeeds leads to; returns its next stage. ``built`` adds up kroner by place and kind."""
    kind = projects.kind[row]
    if kind in (_SITE, _SETTLEMENT, _COMPETENCE):
        built[projects.place[row], kind] += projects.cost[row]
        return _FREE
    projects.left[row] = growth_months
    if kind == _START_UP:
        return _GROWING if _found(projects, row, firms, firm_space, month) else _FREE
    if not _lives(projects, row, firms):
        return _FREE
    firm = projects.firm[row]
    firms.support[firm] += projects.support[row]
    if kind == _RESCUE:
        firms.cash[firm] = max(firms.cash[firm], _RESCUED_CASH)
        return _FREE
    firms.busy[firm] = month + growth_months
    return _GROWING


@kernel
def _grow(projects: Projects, row: int, firms: Firms, growth_months: int) -> int:
    """A month of growth in the project's firm; returns the next stage."""
    if not _lives(projects, row, firms):
        return _FREE
    opened = 1.0 if projects.kind[row] == _START_UP else 0.0
    firms.scale[projects.firm[row]] += max(0.0, projects.jobs[row] - opened) / growth_months
    return _GROWING if projects.left[row] > 0 else _FREE


@kernel
def run_projects(
    projects: Projects, space: Space, firms: Firms, firm_space: Space, offices: Offices, built: NDArray[np.int64],
    values: Any, key: np.uint64, month: int
) -> int:  # fmt: skip
    """Move every project on by a month: it succeeds or fails, then its jobs grow in its firm.

    A competent office that follows a project makes failure rarer. ``offices.finished`` counts those of a programme that
    ended: what an office learns from its ordinary projects is in its ordinary level.

    Returns
    -------
    int
        Number of start-ups that did not fit the columns of firms.
    """
    built[:] = 0
    offices.finished[:] = 0
    growth_months = int(values.growth_months)
    missing = 0
    for row in range(space.counters[0]):
        stage = projects.stage[row]
        if stage == _FREE:
            continue
        projects.left[row] -= 1
        after = stage
        if stage == _GROWING:
            after = _grow(projects, row, firms, growth_months)
        elif projects.left[row] <= 0:
            failure = values.failure_start_up if projects.kind[row] == _START_UP else values.failure_other
            if projects.payer[row] != _NOBODY:
                failure *= 1.0 - values.following * offices.competence[projects.place[row]]
            if projects.payer[row] == _PROGRAMME:
                offices.finished[projects.place[row]] += 1
            after = _FREE
            if uniform(key, projects.uid[row]) >= failure:
                after = _succeed(projects, row, firms, firm_space, built, growth_months, month)
                missing += projects.kind[row] == _START_UP and after == _FREE
        projects.stage[row] = after
        if after == _FREE:
            give_row(space, row)
    return missing


@kernel
def become_attractive(
    municipalities: Municipalities, built: NDArray[np.int64], jobs: NDArray[np.int64], population: NDArray[np.int64],
    values: Any
) -> None:  # fmt: skip
    """What finished projects have built makes a place attractive for business or settlement, and wears off.

    Sites and competence work on business attractiveness by kroner per job, settlement projects on settlement
    attractiveness by kroner per inhabitant.
    """
    for place in range(len(jobs)):
        kept = 1.0 - 1.0 / values.pull_lasts
        per_job = 1000.0 * max(jobs[place], 1)
        pull = values.site_pull * built[place, _SITE] / per_job
        pull += values.competence_pull * built[place, _COMPETENCE] / per_job
        municipalities.business[place] = kept * municipalities.business[place] + pull
        pull = values.settlement_pull * built[place, _SETTLEMENT] / (1000.0 * max(population[place], 1))
        municipalities.settlement[place] = kept * municipalities.settlement[place] + pull


def allocate_built(places: int) -> NDArray[np.int64]:
    """Kroner of projects finished this month by place and kind, shape (M, 6)."""
    return np.zeros((places, KINDS), dtype=np.int64)
