"""Shock events: what a scenario's shocks do to firms when they are announced and when they fall due."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from omstilling.model.engine.calendar import month_label
from omstilling.model.shocks.displaced import Displaced, displaced_from
from omstilling.model.shocks.shocks import Shock, ShockError, ShockKind, jobs_in_named_firms
from omstilling.model.state.columns import FirmState
from omstilling.model.state.industries import INDUSTRIES, Market
from omstilling.model.state.margins import RegionMargins
from omstilling.model.synthesis.firms import NamedFirm

if TYPE_CHECKING:
    from omstilling.model.world import World

_EVENT_OFFSET = 0.5
"""Events of month k of a run fall between its step and the one before."""


def check_shock(shock: Shock, margins: RegionMargins) -> None:
    """Raise ShockError for a shock that the region cannot have.

    Raises
    ------
    ShockError
        Unknown municipality, negative jobs, more jobs than the industry or the firm has, a public closure of a
        private industry, or a shock before the start.
    """
    if shock.municipality not in margins.codes:
        near = difflib.get_close_matches(shock.municipality, margins.codes, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ShockError(f"shock in municipality {shock.municipality}, which is not in the region{hint}")
    place = margins.codes.index(shock.municipality)
    there = int(margins.industry_jobs[place, shock.industry])
    what = f"{shock.kind} in {margins.names[place]} in {month_label(shock.month)}"
    industry = INDUSTRIES[shock.industry]
    if shock.jobs < 0 or shock.notice_months < 0 or shock.duration_months < 1:
        raise ShockError(f"{what}: jobs and notice must be 0 or more, duration 1 or more")
    if max(shock.jobs, shock.firm_jobs) > there:
        wanted = max(shock.jobs, shock.firm_jobs)
        raise ShockError(f"{what}: {wanted} jobs in {industry.name} ({industry.nace}), but the place has {there}")
    if 0 < shock.firm_jobs < shock.jobs:
        raise ShockError(f"{what}: {shock.jobs} jobs lost in a firm of {shock.firm_jobs}")
    if shock.kind is ShockKind.PUBLIC_CLOSURE and industry.market is not Market.PUBLIC:
        raise ShockError(f"{what}: {industry.name} ({industry.nace}) is not a public industry")
    if shock.month < margins.start_month:
        raise ShockError(f"{what}: the run starts in {month_label(margins.start_month)}")


def named_firms(shocks: tuple[Shock, ...], margins: RegionMargins) -> tuple[NamedFirm, ...]:
    """The firms that closures and downsizings need.

    Raises
    ------
    ShockError
        For a shock that the region cannot have, or several that together need more jobs than there are.
    """
    for shock in shocks:
        check_shock(shock, margins)
    named = tuple(
        NamedFirm(margins.codes.index(code), industry, jobs, name)
        for (code, industry, name), jobs in jobs_in_named_firms(shocks).items()
    )
    needed = np.zeros_like(margins.industry_jobs)
    for firm in named:
        needed[firm.municipality, firm.industry] += firm.jobs
    for place, index in np.argwhere(needed > margins.industry_jobs):
        raise ShockError(
            f"named firms in {INDUSTRIES[index].name} need {needed[place, index]} jobs, but {margins.names[place]} has "
            f"{margins.industry_jobs[place, index]}"
        )
    return named


@dataclass
class ScheduledShock:
    """A shock on its way through a run; Mesa calls its methods when they are due.

    Attributes
    ----------
    jobs_at_announcement, jobs_at_loss
        Staff of the firm when the loss is announced and when it falls due; -1 before.
    displaced
        Residents who work there when the loss is announced; None before.
    """

    model: World
    shock: Shock
    firm: str
    jobs_at_announcement: int = -1
    jobs_at_loss: int = -1
    displaced: Displaced | None = None

    def schedule(self) -> None:
        """Put announcement, loss and aftermath into the model's calendar."""
        start = self.model.margins.start_month
        due = self.shock.month - start
        if self.shock.kind is ShockKind.DECLINE:
            for month in range(self.shock.duration_months):
                self.model.schedule_event(self.decline, at=due + month + _EVENT_OFFSET)
            return
        self.model.schedule_event(self.announce, at=max(due - self.shock.notice_months, 0) + _EVENT_OFFSET)
        self.model.schedule_event(self.strike, at=due + _EVENT_OFFSET)
        self.model.schedule_event(self.release, at=due + 1 + _EVENT_OFFSET)

    def announce(self) -> None:
        """Give notice: a closing firm no longer hires, and its staff begins to search."""
        row = self.model.firm_named(self.firm)
        self.jobs_at_announcement = int(self.model.firm_columns.staff[row])
        self.displaced = displaced_from(self.model, row)
        self.model.note_loss(row, self.shock.jobs, self.model.margins.start_month + int(self.model.time))
        if self.shock.kind is not ShockKind.DOWNSIZING:
            self.model.firm_columns.closing[row] = self.shock.month

    def strike(self) -> None:
        """Let the loss fall due in the step that follows."""
        row = self.model.firm_named(self.firm)
        firms = self.model.firm_columns
        self.jobs_at_loss = int(firms.staff[row])
        if self.shock.kind is ShockKind.DOWNSIZING:
            firms.scale[row] = max(firms.scale[row] - self.shock.jobs, 0.0)

    def release(self) -> None:
        """After a downsizing the firm lives on like any other."""
        if self.shock.kind is ShockKind.DOWNSIZING:
            self.model.firm_columns.spared[self.model.firm_named(self.firm)] = 0

    def decline(self) -> None:
        """Take one month's part of the jobs from the industry."""
        margins = self.model.margins
        place = margins.codes.index(self.shock.municipality)
        jobs = int(margins.industry_jobs[place, self.shock.industry])
        part = self.shock.jobs / self.shock.duration_months / max(jobs, 1)
        self.model.industry_level[place, self.shock.industry] -= part


def find_named(model: World, name: str) -> int:
    """Row of a living firm that the scenario names.

    Raises
    ------
    ShockError
        Where no living firm has that name; the nearest name is suggested.
    """
    names = [firm.name for firm in model.named_firms]
    if name in names:
        rows = np.flatnonzero(
            (model.firm_columns.named == names.index(name)) & (model.firm_columns.state == FirmState.ALIVE)
        )
        if rows.size:
            return int(rows[0])
        raise ShockError(f"the firm {name!r} has closed")
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise ShockError(f"there is no firm named {name!r}{hint}")
