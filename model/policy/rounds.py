"""Rounds: every municipality that is eligible applies, and the State and counties decide who gets status."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from omstilling.model.engine.calendar import year_of
from omstilling.model.policy.assessment import Assessment
from omstilling.model.policy.design import Application, DesignError, Track
from omstilling.model.policy.eligibility import ISOLATED_CLASS, Evidence, severity, shortfall
from omstilling.model.policy.programme import Phase, Programme
from omstilling.model.policy.rationing import Frame, Request, ration

if TYPE_CHECKING:
    from omstilling.model.world import World

_MONTHS = 12
_EVENT_OFFSET = 0.5
_HORIZON_YEARS = 70
_NEVER = -1
_LEAST_LEFT = 1e-3
_RUNNING_YEARS = 6
"""Programmes that run at the start are not simulated: what they hold of the budget falls evenly to nothing over six
years, the length of a programme; a choice.
"""


@dataclass(frozen=True)
class Decision:
    """What became of an application in a round: month number, municipality, track, and whether there was money."""

    month: int
    code: str
    track: str
    severity: float
    granted: bool


@dataclass
class _Grant:
    """A programme, what it costs by month, and the frame that pays it; None once nothing is held for it any more."""

    programme: Programme
    monthly: dict[int, int]
    frame: Frame | None


def _rounded_up(kroner: float) -> int:
    """Whole kroner that cover an amount; what is above a krone by the computer's rounding alone is none."""
    return math.ceil(kroner - 1e-6)


def costs_of(track: Track, month: int, guidance_cost: float) -> dict[int, int]:
    """Kroner that a programme granted in a month costs the State by month: guidance, rounded up, and grants unless the
    county pays them.
    """
    guidance = _rounded_up(track.guidance * guidance_cost / _MONTHS)
    costs = dict.fromkeys(range(month, month + track.months), guidance)
    first = month + track.clarification_months + track.anchoring_months
    for year in range(track.years if track.payer == "state" else 0):
        tapered = year >= track.years - track.taper_years
        due = first + _MONTHS * year
        costs[due] = costs.get(due, 0) + round(track.yearly_grant * (track.taper_share if tapered else 1.0))
    return costs


def by_year(monthly: dict[int, int], since: int = 0) -> dict[int, int]:
    """Kroner by calendar year of the months from ``since`` on."""
    yearly: dict[int, int] = {}
    for month, kroner in monthly.items():
        if month >= since:
            yearly[year_of(month)] = yearly.get(year_of(month), 0) + kroner
    return yearly


class Rounds:
    """Rounds of applications (*søknadsrunder*).

    Attributes
    ----------
    assessment
        What is known of each municipality.
    eligible_since
        Month number since which each municipality meets the rules of a track, -1 where it does not, shape (T, M).
    decisions
        Every application and what became of it.
    national, counties
        Budgets by calendar year and what is promised from them.
    """

    def __init__(self, world: World) -> None:
        """Set up the budgets of a world's design."""
        self._world = world
        design = world.support.design
        self._design = design
        self.assessment = Assessment(world, design.regime)
        self.eligible_since = np.full((len(design.tracks), world.margins.size), _NEVER)
        self.decisions: list[Decision] = []
        self._grants: list[_Grant] = []
        self._guidance_cost = world.parameters.capacity.guidance_cost
        self.national, self.counties = self._frames()

    def schedule(self) -> None:
        """Begin with the first month."""
        self._world.schedule_event(self.review, at=_EVENT_OFFSET)

    def review(self) -> None:
        """Once a month, see who is eligible by what is published; in the months of rounds, decide."""
        world, regime = self._world, self._design.regime
        months = int(world.time)
        evidence = [self.assessment.evidence(track.eligibility, months) for track in self._design.tracks]
        month = world.margins.start_month + months
        for track, (rules, found) in enumerate(zip(self._design.tracks, evidence, strict=True)):
            meets = np.array([not shortfall(rules.eligibility, of_place) for of_place in found])
            since = self.eligible_since[track]
            since[meets & (since == _NEVER)] = month
            since[~meets] = _NEVER
        if months % (_MONTHS // regime.rounds_a_year) == 0:
            self._decide(evidence, month)
        world.schedule_event(self.review, at=world.time + 1)

    def _decide(self, evidence: list[list[Evidence]], month: int) -> None:
        """Take the applications of all who are eligible and may apply, and grant what the budgets hold."""
        self._release_stopped()
        requests = [
            self._request(int(place), evidence, month)
            for place in np.flatnonzero((self.eligible_since != _NEVER).any(axis=0) & self._may_apply(month))
        ]
        for request, frame in ration(requests, self._design.regime.ranking, self.national, self.counties):
            granted = frame is not None
            self.decisions.append(Decision(month, request.code, request.track.name, request.severity, granted))
            if granted:
                self._grant(request, frame, month)

    def _may_apply(self, month: int) -> NDArray[np.bool_]:
        """Municipalities without a programme, whose last one ended long enough ago, shape (M,)."""
        free = np.ones(self._world.margins.size, dtype=bool)
        for programme in self._world.programmes:
            waiting = month < programme.history[-1][0] + _MONTHS * self._design.regime.reentry_years
            if programme.active or waiting:
                free[programme.places] = False
        return free

    def _request(self, place: int, evidence: list[list[Evidence]], month: int) -> Request:
        """The application of a municipality for the first track that it is eligible for."""
        margins, of_tracks = self._world.margins, self.eligible_since[:, place]
        number = int(np.flatnonzero(of_tracks != _NEVER)[0])
        track, found = self._design.tracks[number], evidence[number][place]
        left = max(1.0 - found.population_decline, _LEAST_LEFT)
        persons = max(found.loss_persons, found.inhabitants / left - found.inhabitants)
        code = margins.codes[place]
        yearly = by_year(costs_of(track, month, self._guidance_cost))
        return Request(
            code, code[:2], track, number, severity(track.eligibility, found), persons,
            float(margins.centrality_index[place]), yearly,
        )  # fmt: skip

    def _grant(self, request: Request, frame: Frame | None, month: int) -> None:
        """Begin the programme of a municipality."""
        world = self._world
        name = f"{world.margins.names[world.margins.codes.index(request.code)]} {year_of(month)}"
        application = Application(name, (request.code,), month)
        programme = Programme(world, application, world.development.add_pot(), world.counties[request.county])
        world.programmes.append(programme)
        programme.accept(request.track)
        self._grants.append(_Grant(programme, costs_of(request.track, month, self._guidance_cost), frame))

    def _release_stopped(self) -> None:
        """Give back what is held for programmes that were stopped, from the month of the stop on."""
        for grant in self._grants:
            if grant.frame is not None and grant.programme.phase is Phase.STOPPED:
                stopped = grant.programme.history[-1][0]
                grant.frame.release(by_year(grant.monthly, since=stopped))
                grant.frame = None

    def _frames(self) -> tuple[Frame, dict[str, Frame]]:
        """Budgets of the country and of each county; advice and programmes that run at the start come first.

        Raises
        ------
        DesignError
            Where advice alone costs more than the budget of a year, or tracks cost the State money and there is none.
        """
        world, design = self._world, self._design
        margins, advice = world.margins, design.advice
        first = year_of(margins.start_month)
        rural = int((margins.centrality_class >= advice.least_centrality_class).sum())
        monthly = _rounded_up(advice.guidance * rural * self._guidance_cost / _MONTHS)
        of_advice = by_year(
            dict.fromkeys(range(margins.start_month, margins.start_month + _MONTHS * advice.years), monthly)
        )
        budget = world.state.yearly_budget
        costs = any(sum(costs_of(track, 0, self._guidance_cost).values()) for track in design.tracks)
        if costs and budget <= 0:
            raise DesignError("national_budget", budget, "guidance and grants of the tracks need a budget")
        left = {year: budget - of_advice.get(year, 0) for year in range(first, first + _HORIZON_YEARS)}
        if min(left.values()) < 0:
            allowed = f"at least {budget - min(left.values())} is needed for advice alone"
            raise DesignError("national_budget", budget, allowed)
        free = {year: min(1.0, (year - first + 1) / (_RUNNING_YEARS + 1)) for year in left}
        left = {year: int(kroner * free[year]) for year, kroner in left.items()}
        shares = {number: design.regime.county_share * share for number, share in rural_shares(world).items()}
        counties = {
            number: {year: int(kroner * share) for year, kroner in left.items()} for number, share in shares.items()
        }
        pool = {year: kroner - sum(of_county[year] for of_county in counties.values()) for year, kroner in left.items()}
        return Frame(pool), {number: Frame(limits) for number, limits in counties.items()}


def rural_shares(world: World) -> dict[str, float]:
    """Share of each county in the inhabitants of its least central municipalities (classes 5 and 6) at the start."""
    margins = world.margins
    inhabitants = margins.population.sum(axis=(1, 2)) * (margins.centrality_class >= ISOLATED_CLASS)
    total = max(int(inhabitants.sum()), 1)
    numbers = [code[:2] for code in margins.codes]
    return {
        number: float(sum(n for n, of in zip(inhabitants, numbers, strict=True) if of == number)) / total
        for number in sorted(set(numbers))
    }
