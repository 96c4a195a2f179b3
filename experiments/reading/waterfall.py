"""Waterfall: from the jobs that a programme reports to its net effect, by comparison with the paired run.

Every part is read from two runs that differ in nothing but the design. How the difference is divided is a convention:
local-service jobs follow demand, so what supported firms of local services add counts as displaced and what demand
adds as multiplier; and what is reported and neither deadweight nor there counts as failed or ended. The parts add up
exactly:

reported - deadweight - failed or ended - displaced within - displaced to neighbours + multiplier = net
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from omstilling.experiments.reading.trace import Trace
from omstilling.model.development.development import SupportedProject
from omstilling.model.state.industries import Market
from omstilling.model.state.structure import MARKETS


@dataclass(frozen=True)
class Waterfall:
    """Jobs at one date; positive parts are subtracted where the name says so.

    Attributes
    ----------
    reported
        Jobs that clients report as created or secured until then.
    deadweight
        Of these, jobs planned by projects that go ahead in the paired run too, and secured jobs that firms have there
        too: see ``deadweight``.
    displaced_within
        Jobs that other firms of the programme's municipalities have less. Local-service jobs follow the demand of those
        who live there, so what supported local-service firms add is taken from others of their kind; to it comes by how
        much more the staff of other tradable firms lags behind what they want, because workers are scarcer.
    displaced_to_neighbours
        Jobs that the other municipalities of the region have less.
    failed_or_ended
        Jobs of the remaining reported ones that are not there: failed, closed, or not grown (negative where supported
        firms have grown by more than they reported).
    multiplier
        Jobs that local services and the public sector of the programme's municipalities have more, all firms together,
        and that other tradable firms want more: those that grew, came or stayed as the place became more attractive.
    net
        Jobs that the region has more than in the paired run.
    """

    reported: float
    deadweight: float
    displaced_within: float
    displaced_to_neighbours: float
    failed_or_ended: float
    multiplier: float
    net: float

    def residual(self) -> float:
        """What the parts miss of the net effect: 0 but for the rounding of floating point."""
        lost = self.deadweight + self.displaced_within + self.displaced_to_neighbours + self.failed_or_ended
        return self.reported - lost + self.multiplier - self.net


PARTS = tuple(field.name for field in fields(Waterfall))


def _go_ahead(projects: Sequence[SupportedProject], baseline: Trace) -> NDArray[np.bool_]:
    """Whether each supported project goes ahead without the programme too, as the paired run shows, shape (n,)."""
    return np.isin(np.array([project.uid for project in projects], dtype=np.uint64), baseline.begun)


def deadweight(projects: Sequence[SupportedProject], baseline: Trace, date: int) -> NDArray[np.float64]:
    """Reported jobs of each project that do not need the programme, shape (n,).

    All planned jobs where the project goes ahead in the paired run, whether they come there or not; secured jobs as far
    as the firm has that staff there.
    """
    created = np.array([project.created for project in projects], dtype=np.float64)
    secured = np.array([project.secured for project in projects], dtype=np.float64)
    firms = np.array([project.firm_uid for project in projects], dtype=np.uint64)
    staff = baseline.firms[date].staff_of(firms)
    return np.where(_go_ahead(projects, baseline), created, 0.0) + np.minimum(secured, staff)


def _firms_of(projects: list[SupportedProject]) -> NDArray[np.uint64]:
    """Identities of the firms of some projects, each once."""
    return np.unique(np.array([project.firm_uid for project in projects], dtype=np.uint64))


def waterfall(run: Trace, baseline: Trace, date: int) -> Waterfall:
    """Parts of the way from reported to net jobs at one date (number in DATES)."""
    difference = run.cells[date] - baseline.cells[date]
    now, without = run.firms[date], baseline.firms[date]
    tradable = MARKETS == Market.TRADABLE
    here = np.zeros(difference.shape, dtype=bool)
    here[run.places] = True
    projects = [project for project in run.supported_by(date) if project.reported > 0.0]
    uids = _firms_of([project for project in projects if tradable[project.industry]])
    others = here & tradable
    grown = now.others_scale(others, uids) - without.others_scale(others, uids)
    outside = float((now.staff_of(uids) - without.staff_of(uids)).sum())
    scarcer = grown - (float(difference[others].sum()) - outside)
    uids = _firms_of([project for project in projects if not tradable[project.industry]])
    local = float((now.staff_of(uids) - without.staff_of(uids)).sum())
    reported = sum(project.reported for project in projects)
    there_anyway = sum(deadweight(projects, baseline, date).tolist())
    return Waterfall(
        reported=reported,
        deadweight=there_anyway,
        displaced_within=local + scarcer,
        displaced_to_neighbours=-float(difference[~here].sum()),
        failed_or_ended=reported - there_anyway - outside - local,
        multiplier=float(difference[here & ~tradable].sum()) + grown,
        net=float(difference.sum()),
    )
