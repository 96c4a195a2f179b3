"""Trace: what a comparison keeps of one run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from omstilling.model import RestructuringModel
from omstilling.model.development.development import SupportedProject
from omstilling.model.policy.design import Application
from omstilling.model.policy.yearly_plans import YearlyReport
from omstilling.model.state.accounts import Purpose
from omstilling.model.state.columns import OUTSIDE_FIRM, FirmState
from omstilling.model.state.record import COLUMNS

MONTHS = 12
DATES = ("start", "end", "end+3", "end+5")
"""When indicators are read: the year-end before the application, at the end of the design's own programme, 3 and 5
years on.
"""
AFTER = DATES[1:]
_YEARS_AFTER = (0, 3, 5)
_MUNICIPAL = (Purpose.BUSINESS_FUND, Purpose.MUNICIPAL_PROJECTS, Purpose.STAFF_KEPT)
FLOWS = tuple(name for name, (unit, _) in COLUMNS.items() if unit.endswith("a month"))


def reading_rows(application: Application, start_month: int, programme_months: int) -> tuple[int, ...]:
    """Rows of the record at the dates, all ends of a calendar year.

    ``programme_months`` from application to the end of the programme.
    """
    applied = application.month - start_month
    end = -(-(applied + programme_months) // MONTHS) * MONTHS
    return (max(applied, 0) // MONTHS * MONTHS, *(end + MONTHS * years for years in _YEARS_AFTER))


def open_rows(months: int) -> tuple[int, ...]:
    """Rows of the record at the dates where programmes start and end all the time: the start, and back from the end."""
    last = months // MONTHS * MONTHS
    return (0, *(max(last - MONTHS * (_YEARS_AFTER[-1] - years), 0) for years in _YEARS_AFTER))


@dataclass(frozen=True)
class FirmsAt:
    """Firms alive at a date, sorted by identity, shape (n,): identities, staff, scale, municipality and industry."""

    uids: NDArray[np.uint64]
    staff: NDArray[np.int32]
    scale: NDArray[np.float64]
    municipality: NDArray[np.int16]
    industry: NDArray[np.uint8]

    def staff_of(self, uids: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Staff of each of some firms; 0 where it is not alive."""
        if not self.uids.size:
            return np.zeros(len(uids), dtype=np.int64)
        position = np.minimum(np.searchsorted(self.uids, uids), len(self.uids) - 1)
        return np.where(self.uids[position] == uids, self.staff[position], 0).astype(np.int64)

    def others_scale(self, chosen: NDArray[np.bool_], but: NDArray[np.uint64]) -> float:
        """Sum of the scales of firms in chosen municipalities and industries, shape (M, K), but for some firms."""
        counted = chosen[self.municipality, self.industry] & ~np.isin(self.uids, but)
        return float(self.scale[counted].sum())


@dataclass(frozen=True)
class Money:
    """Kroner paid before a date for the programme's municipalities.

    Grants and own share less what was returned; guidance to them; and what they pay themselves, with or without a
    programme: their business funds, their part of site and settlement projects, and staff kept after a programme.
    """

    grants: int
    own_share: int
    guidance: int
    municipal: int

    @property
    def public(self) -> int:
        """All public money; what a design costs is its difference to the paired run."""
        return self.grants + self.own_share + self.guidance + self.municipal


@dataclass(frozen=True)
class Trace:
    """What a comparison keeps of one run; dates are those of DATES.

    Attributes
    ----------
    start_month
        Month number of the first month.
    places
        Rows of the programme's municipalities.
    yearly
        Record at the start and at each year's end, flows summed over the year, shape (years + 1, M, C).
    rows
        Year of each date, counted from the start, length 4.
    cells
        Jobs by municipality and industry at each date, shape (4, M, K).
    firms
        Firms alive at each date.
    begun
        Identities of all projects that went ahead, sorted.
    supported
        Projects that the programme supports.
    money
        At each date.
    displaced_income
        Income of the displaced relative to their wages before, at each date; NaN where there are none.
    reports
        Of the programme, one a year of grants.
    phase, track, refusal
        How the programme ended, the track it was granted, or why it was refused; empty where all count.
    statuses
        The track that each municipality first was granted, empty for none, length M.
    """

    start_month: int
    places: NDArray[np.intp]
    yearly: NDArray[np.float64]
    rows: tuple[int, ...]
    cells: NDArray[np.float64]
    firms: tuple[FirmsAt, ...]
    begun: NDArray[np.uint64]
    supported: tuple[SupportedProject, ...]
    money: tuple[Money, ...]
    displaced_income: tuple[float, ...]
    reports: tuple[YearlyReport, ...]
    phase: str
    track: str
    refusal: str
    statuses: tuple[str, ...]

    def at(self, column: str, date: int) -> NDArray[np.float64]:
        """A recorded column of every municipality at a date, shape (M,)."""
        return np.asarray(self.yearly[self.rows[date], :, _COLUMN[column]])

    def here(self, column: str, date: int) -> float:
        """A recorded column at a date, summed over the programme's municipalities."""
        return float(self.at(column, date)[self.places].sum())

    def mean_here(self, column: str, weight: str, date: int) -> float:
        """A recorded column at a date, mean over the programme's municipalities weighted by another column."""
        return float(np.average(self.at(column, date)[self.places], weights=self.at(weight, date)[self.places]))

    def seen_at(self, rows: tuple[int, ...]) -> Trace:
        """The same run read at some of its dates, given as rows of the monthly record."""
        years = tuple(row // MONTHS for row in rows)
        picked = [self.rows.index(year) for year in years]
        return replace(
            self, rows=years, cells=self.cells[picked], firms=tuple(self.firms[i] for i in picked),
            money=tuple(self.money[i] for i in picked),
            displaced_income=tuple(self.displaced_income[i] for i in picked),
        )  # fmt: skip

    def supported_by(self, date: int) -> tuple[SupportedProject, ...]:
        """Projects that the programme had supported at a date."""
        end = self.start_month + MONTHS * self.rows[date]
        return tuple(project for project in self.supported if project.month < end)

    def elsewhere(self, column: str, date: int) -> float:
        """A recorded column at a date, summed over the other municipalities of the region."""
        values = self.at(column, date)
        return float(values.sum() - values[self.places].sum())


_COLUMN = {name: number for number, name in enumerate(COLUMNS)}


def _firms_at(model: RestructuringModel) -> FirmsAt:
    firms = model.firm_columns
    rows = np.flatnonzero(firms.state == FirmState.ALIVE)
    rows = rows[rows != OUTSIDE_FIRM]
    rows = rows[np.argsort(firms.uid[rows])]
    return FirmsAt(
        firms.uid[rows], firms.staff[rows], firms.scale[rows], firms.municipality[rows], firms.industry[rows]
    )


def _money_at(model: RestructuringModel, places: NDArray[np.intp], every: bool) -> Money:
    """Kroner paid so far for some municipalities; advice to others counts where they are all."""
    paid: Counter[tuple[Purpose, str]] = Counter()
    received: Counter[tuple[Purpose, str]] = Counter()
    for payment in model.accounts.journal:
        paid[payment.purpose, payment.payer] += payment.amount
        received[payment.purpose, payment.payee] += payment.amount
    programmes = model.programmes
    returned_grants = sum(received[Purpose.RETURN, account] for account in {p.county.account for p in programmes})
    returned = sum(paid[Purpose.RETURN, programme.account] for programme in programmes)
    payers = [f"Municipality {model.margins.names[place]}" for place in places]
    advice = (Purpose.ADVICE,) if every else ()
    return Money(
        grants=sum(programme.granted for programme in programmes) - returned_grants,
        own_share=sum(programme.own_share for programme in programmes) - (returned - returned_grants),
        guidance=sum(amount for (purpose, _), amount in paid.items() if purpose in (Purpose.GUIDANCE, *advice)),
        municipal=sum(paid[purpose, payer] for purpose in _MUNICIPAL for payer in payers),
    )


def _statuses(model: RestructuringModel) -> tuple[str, ...]:
    """See ``Trace.statuses``."""
    tracks = [""] * model.margins.size
    for programme in model.programmes:
        for place in programme.places if programme.track else ():
            tracks[place] = tracks[place] or programme.track.name
    return tuple(tracks)


def _displaced_income(model: RestructuringModel) -> float:
    groups = [shock.displaced for shock in model.shocks if shock.displaced is not None]
    ratios = [(group.income_ratio(model), len(group.rows)) for group in groups if len(group.rows)]
    known = [(ratio, number) for ratio, number in ratios if not np.isnan(ratio)]
    if not known:
        return float("nan")
    return sum(ratio * number for ratio, number in known) / sum(number for _, number in known)


def _yearly(record: NDArray[np.float64]) -> NDArray[np.float64]:
    yearly = record[::MONTHS].copy()
    for name in FLOWS:
        column = _COLUMN[name]
        flows = record[1:, :, column]
        yearly[1:, :, column] = flows.reshape(-1, MONTHS, flows.shape[1]).sum(axis=1)
    return yearly


class Snapshot(NamedTuple):
    """What is read of a run at one date, each as in ``Trace``."""

    cells: NDArray[np.float64]
    firms: FirmsAt
    money: Money
    displaced_income: float


def _places(model: RestructuringModel, every: bool) -> NDArray[np.intp]:
    return np.arange(model.margins.size) if every else model.programmes[0].places


def take_snapshot(model: RestructuringModel, every: bool = False) -> Snapshot:
    """Read a run as it stands; ``every`` as for ``trace_run``."""
    at = _firms_at(model)
    jobs = np.zeros(model.margins.industry_jobs.shape)
    np.add.at(jobs, (at.municipality, at.industry), at.staff)
    return Snapshot(jobs, at, _money_at(model, _places(model, every), every), _displaced_income(model))


def trace_run(
    model: RestructuringModel,
    rows: tuple[int, ...],
    months_to_run: int = 0,
    every: bool = False,
    taken: tuple[Snapshot, ...] = (),
) -> Trace:
    """Run a model to its end and keep what a comparison needs.

    Parameters
    ----------
    model
        Before the first of the rows that are not taken; with one programme, or any number where all municipalities
        count.
    rows
        Of its monthly record, at which it is read.
    months_to_run
        At least; to the last of the rows if that is later.
    every
        Whether all municipalities count, and not only those of the one programme.
    taken
        What has been read at the first of the rows before.
    """
    snapshots = list(taken)
    for row in rows[len(taken) :]:
        model.run_months(row - int(model.time))
        snapshots.append(take_snapshot(model, every))
    model.run_months(max(months_to_run - int(model.time), 0))
    programmes, begun = model.programmes, model.development.begun
    one = None if every else programmes[0]
    return Trace(
        start_month=model.margins.start_month,
        places=_places(model, every),
        yearly=_yearly(model.record.values),
        rows=tuple(row // MONTHS for row in rows),
        cells=np.stack([snapshot.cells for snapshot in snapshots]),
        firms=tuple(snapshot.firms for snapshot in snapshots),
        begun=np.unique(np.concatenate(begun)) if begun else np.zeros(0, dtype=np.uint64),
        supported=tuple(project for programme in programmes for project in programme.supported),
        money=tuple(snapshot.money for snapshot in snapshots),
        displaced_income=tuple(snapshot.displaced_income for snapshot in snapshots),
        reports=tuple(report for programme in programmes for report in programme.reports),
        phase=str(one.phase) if one else "",
        track=one.track.name if one and one.track else "",
        refusal=one.refusal if one else "",
        statuses=_statuses(model),
    )
