"""National runs: one design in one replication of a country or county in which all who are eligible apply."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omstilling.calibration.parameters.sets import ParameterSets
from omstilling.experiments.reading.trace import FLOWS, MONTHS
from omstilling.model import RegionMargins, RestructuringModel, Shock
from omstilling.model.policy.assessment import Assessment
from omstilling.model.policy.design import Design, Rule, Support
from omstilling.model.policy.eligibility import shortfall
from omstilling.model.policy.rounds import Decision
from omstilling.model.shocks.shocks import Loss
from omstilling.model.state.accounts import Purpose

KEPT = (
    "population", "jobs", "employed_residents", "unemployed", "outside_labour_force", "women_20_39", "persons_67_plus",
    "income", "in_migration", "out_migration", "layoffs", "capacity_index", "reported_created", "reported_secured",
)  # fmt: skip
"""Columns of the record that a national comparison keeps, at each year's end."""
NEVER = -1


@dataclass(frozen=True)
class NationalTask:
    """What a worker needs to run any design of a replication: everything but the number of the design and the seed.

    The first design is the baseline; ``reference`` is the design whose rules say which places are hit.
    """

    margins: RegionMargins
    parameters: ParameterSets
    shocks: tuple[Shock, ...]
    random_shocks: bool
    designs: tuple[Design, ...]
    reference: Design
    months: int
    threads: int


@dataclass(frozen=True)
class Status:
    """A programme of a run: row of the municipality, track, months of the grant and of the end, kroner received.

    ``ended`` is -1 where the run ends first; ``grants`` are net of what was returned.
    """

    place: int
    track: str
    granted: int
    ended: int
    grants: int


@dataclass(frozen=True)
class NationalRun:
    """What a national comparison keeps of one run.

    Attributes
    ----------
    yearly
        Columns of KEPT at the start and at each year's end, flows summed over the year, shape (Y + 1, M, 14).
    cells
        Jobs by municipality and industry at the end, shape (M, 16).
    statuses, decisions
        Programmes, and every application with what became of it.
    losses
        Large losses that firms announced.
    state_paid
        Kroner paid by the State by calendar year, less what came back, shape (Y,).
    municipal_paid
        Kroner paid by each municipality so far for development and programmes, shape (M,).
    hit
        Month in which each municipality first meets the reference rules of an acute loss and of a decline, -1 for
        never, shape (2, M); of the baseline only, else None.
    """

    yearly: NDArray[np.float64]
    cells: NDArray[np.float64]
    statuses: tuple[Status, ...]
    decisions: tuple[Decision, ...]
    losses: tuple[Loss, ...]
    state_paid: NDArray[np.int64]
    municipal_paid: NDArray[np.int64]
    hit: NDArray[np.int64] | None

    def of(self, column: str) -> NDArray[np.float64]:
        """One column, shape (Y + 1, M)."""
        return np.asarray(self.yearly[:, :, KEPT.index(column)])


def yearly_record(model: RestructuringModel) -> NDArray[np.float64]:
    """Columns of KEPT by year; see ``NationalRun.yearly``."""
    columns = []
    for name in KEPT:
        monthly = model.record.of(name)
        if name in FLOWS:
            sums = monthly[1:].reshape(-1, MONTHS, monthly.shape[1]).sum(axis=1)
            columns.append(np.concatenate([np.zeros((1, monthly.shape[1])), sums]))
        else:
            columns.append(monthly[::MONTHS])
    return np.stack(columns, axis=2)


def first_hits(model: RestructuringModel, reference: Design, months: int) -> NDArray[np.int64]:
    """Month in which the figures published by then first meet a reference rule, shape (2, M); see ``NationalRun.hit``.

    Rules for an acute loss come first. Municipalities that meet one at the start are hit in the first month.
    """
    assessment = Assessment(model, reference.regime)
    hit = np.full((2, model.margins.size), NEVER, dtype=np.int64)
    for passed in range(months):
        for track in reference.tracks:
            kind = 0 if track.eligibility.rule is Rule.ACUTE else 1
            for place, evidence in enumerate(assessment.evidence(track.eligibility, passed)):
                if hit[kind, place] == NEVER and not shortfall(track.eligibility, evidence):
                    hit[kind, place] = model.margins.start_month + passed
    return hit


def _cells(model: RestructuringModel) -> NDArray[np.float64]:
    firms = model.firm_columns
    used = int(model.firm_space.counters[0])
    cells = np.zeros(model.margins.industry_jobs.shape)
    rows = np.arange(1, used)
    np.add.at(cells, (firms.municipality[rows], firms.industry[rows]), firms.staff[rows])
    return cells * model.margins.weight


def _statuses(model: RestructuringModel) -> tuple[Status, ...]:
    statuses = []
    for programme in model.programmes:
        track = programme.track.name if programme.track else ""
        ended = NEVER if programme.active else programme.history[-1][0]
        back = model.accounts.total(Purpose.RETURN, payer=programme.account, payee=programme.county.account)
        statuses.append(
            Status(int(programme.places[0]), track, programme.history[0][0], ended, programme.granted - back)
        )
    return tuple(statuses)


def _paid(model: RestructuringModel, years: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Kroner paid by the State by year (Y,), and by each municipality (M,), less what came back."""
    first = model.margins.start_month
    state = np.zeros(years, dtype=np.int64)
    municipal = np.zeros(model.margins.size, dtype=np.int64)
    row = {f"Municipality {name}": number for number, name in enumerate(model.margins.names)}
    for payment in model.accounts.journal:
        for account, amount in ((payment.payer, payment.amount), (payment.payee, -payment.amount)):
            if account == model.state.account:
                state[min((payment.month - first) // MONTHS, years - 1)] += amount
            elif account in row:
                municipal[row[account]] += amount
    return state, municipal


def simulate_national(task: NationalTask, item: tuple[int, int]) -> NationalRun:
    """Run one design; ``item`` is its number and the seed of the replication.

    Raises
    ------
    LedgerError
        Where an identity does not hold.
    """
    number, seed = item
    support = Support(task.designs[number], open_rounds=bool(task.designs[number].tracks))
    parameters = task.parameters.for_seed(seed)
    model = RestructuringModel(task.margins, parameters, task.shocks, seed, support, task.random_shocks, task.threads)
    model.run_months(task.months)
    state_paid, municipal_paid = _paid(model, task.months // MONTHS)
    return NationalRun(
        yearly=yearly_record(model),
        cells=_cells(model),
        statuses=_statuses(model),
        decisions=tuple(model.rounds.decisions) if support.open_rounds else (),
        losses=tuple(model.losses),
        state_paid=state_paid,
        municipal_paid=municipal_paid,
        hit=first_hits(model, task.reference, task.months) if number == 0 else None,
    )
