"""Programme: from application through yearly grants to ordinary operations, as dated events."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import mesa
import numpy as np

from omstilling.model.development.development import SupportedProject
from omstilling.model.development.ideas import KINDS, Kind
from omstilling.model.policy.design import Application, Eligibility, Track
from omstilling.model.policy.eligibility import Evidence
from omstilling.model.policy.yearly_plans import YearlyPlan, YearlyReport, split_by_mix
from omstilling.model.state.accounts import Purpose

if TYPE_CHECKING:
    from omstilling.model.policy.administration import County
    from omstilling.model.world import World

_MONTHS = 12
_EVENT_OFFSET = 0.5


class Phase(StrEnum):
    """Where a programme stands."""

    WAITING = "waiting"
    REFUSED = "refused"
    CLARIFICATION = "clarification"
    ANCHORING = "anchoring"
    IMPLEMENTATION = "implementation"
    WIND_DOWN = "wind-down"
    STOPPED = "stopped"
    ORDINARY = "ordinary operations"


_GRANTED = (Phase.IMPLEMENTATION, Phase.WIND_DOWN)


class Programme(mesa.Agent):  # type: ignore[misc]
    """A restructuring programme (*omstillingsprogram*) of one municipality or several together.

    Attributes
    ----------
    application, places
        What was applied for, and the rows of its municipalities.
    pot
        Its row in ``Development.purses``.
    track, refusal
        What it was granted, None before the decision or where it was refused; why it was.
    phase, history
        Where it stands, and the month in which each phase began.
    plans, reports
        A plan and a report for each year of grants; another plan when a capacity phase ends.
    held_for_staff, unassigned
        Kroner set aside for staff, and for projects that cannot be granted yet.
    """

    model: World

    def __init__(self, model: World, application: Application, pot: int, county: County) -> None:
        """Register the programme with the model, waiting for its application."""
        super().__init__(model)
        self.application = application
        self.pot = pot
        self.county = county
        self.account = f"Programme {application.name}"
        self.places = np.array([model.margins.codes.index(code) for code in application.municipalities])
        self.history: list[tuple[int, Phase]] = []
        self.track: Track | None = None
        self.refusal = ""
        self.plans: list[YearlyPlan] = []
        self.reports: list[YearlyReport] = []
        self.held_for_staff = 0
        self.unassigned = 0
        self.granted = 0
        self.own_share = 0
        self.spent_on_staff = 0
        self._year = 0
        self._started = 0
        self._projects_paid = 0
        self._staff_by_place, self._staff_kept = np.zeros(len(self.places)), np.zeros(len(self.places))

    # --- dated events ----------------------------------------------------------------------------------------------

    def schedule(self) -> None:
        """Put the application into the model's calendar."""
        due = max(self.application.month - self.model.margins.start_month, 0)
        self.model.schedule_event(self.apply, at=due + _EVENT_OFFSET)

    def _later(self, months: int, event: object) -> None:
        """Let an event happen after some months; at once for 0."""
        if months == 0:
            event()  # type: ignore[operator]
        else:
            self.model.schedule_event(event, at=self.model.time + months)

    def apply(self) -> None:
        """Apply; the county decides on what the application documents."""
        decision = self.county.decide(self)
        if isinstance(decision, str):
            self.refusal = decision
            self._enter(Phase.REFUSED)
            return
        self.accept(decision)

    def accept(self, track: Track) -> None:
        """Begin under the track that is granted."""
        self.track = track
        self._enter(Phase.CLARIFICATION)
        self._engage(0)
        self._later(track.clarification_months, self.anchor)

    def anchor(self) -> None:
        """Work out a strategy and win council and business for it."""
        self._enter(Phase.ANCHORING)
        self._later(self._granted_track.anchoring_months, self.implement)

    def implement(self) -> None:
        """Begin the years of grants."""
        track = self._granted_track
        self._enter(Phase.IMPLEMENTATION)
        self._started = self._month
        purses = self.model.development.purses
        purses.pot[self.places] = self.pot
        purses.aid[self.pot] = track.aid_intensity
        purses.strictness[self.pot] = track.strictness
        self.begin_year()
        if track.capacity_first_months % _MONTHS > 0:  # else a yearly plan falls in the month in which it ends
            self.model.schedule_event(self.plan, at=self.model.time + track.capacity_first_months)
        if track.wind_down_months > 0:
            months = _MONTHS * track.years - track.wind_down_months
            self.model.schedule_event(self.wind_down, at=self.model.time + months)

    def begin_year(self) -> None:
        """Receive the yearly grant and own share, and plan the year; report and check before, end after the last."""
        track, month = self._granted_track, self._month
        if self._year > 0:
            self.report()
        if self._year == track.years:
            self.end(Phase.ORDINARY)
            return
        if track.midterm_year and self._year == track.midterm_year and self.used_share() < track.midterm_least_used:
            self.end(Phase.STOPPED)
            return
        factor = track.taper_share if self._year >= track.years - track.taper_years else 1.0
        asked = round(track.yearly_grant * self.application.grant_factor * factor)
        paid = self.county.pay(self, asked, track.payer, month)
        self._engage(paid)
        own = round(paid * track.own_share / (1.0 - track.own_share)) if paid else 0
        for place, part in zip(self.places, self._by_population(own), strict=True):
            self.model.accounts.pay(month, self._municipal_account(place), self.account, part, Purpose.OWN_SHARE)
        self.granted += paid
        self.own_share += own
        self.unassigned += paid + own
        self._year += 1
        self.plan()
        self.model.schedule_event(self.begin_year, at=self.model.time + _MONTHS)

    def plan(self) -> None:
        """Make the yearly plan: set aside staff for the rest of the year, and split all other money held by the mix."""
        if self.phase not in _GRANTED:
            return
        track, months_of_grants = self._granted_track, self._month - self._started
        money = self.model.development.purses.money[self.pot]
        available, months_left = self.held, _MONTHS * self._year - months_of_grants
        self.held_for_staff = min(available, months_left * self._monthly_staff_cost)
        self._staff_by_place = self._staff * self._population_shares
        self.unassigned = 0
        money[:] = split_by_mix(available - self.held_for_staff, track.mix)
        if self.phase is Phase.WIND_DOWN:
            self.unassigned = int(money.sum())
            money[:] = 0
        elif months_of_grants < track.capacity_first_months:
            business = [kind for kind in range(KINDS) if kind != Kind.COMPETENCE]
            self.unassigned = int(money[business].sum())
            money[business] = 0
        by_kind = tuple(int(part) for part in money)
        self.plans.append(YearlyPlan(self._year, self._month, self.held_for_staff, by_kind, self.unassigned))

    def wind_down(self) -> None:
        """Take in no new project; staff follow those that run, and council and board plan the time after."""
        if self.phase is Phase.IMPLEMENTATION:
            self._enter(Phase.WIND_DOWN)
            self.model.development.purses.pot[self.places] = -1

    def end(self, phase: Phase) -> None:
        """Pass into ordinary operations: return what is left, keep the staff that exit plan and council keep."""
        track, month = self._granted_track, self._month
        purses, offices = self.model.development.purses, self.model.development.offices
        left, brought = self.held, self.granted + self.own_share
        to_county = left * self.granted // brought if brought else 0
        self.county.take_back(self, to_county, track.payer, month)
        for place, part in zip(self.places, self._by_population(left - to_county), strict=True):
            self.model.accounts.pay(month, self.account, self._municipal_account(place), part, Purpose.RETURN)
        purses.money[self.pot] = 0
        purses.pot[self.places] = -1
        self.held_for_staff = self.unassigned = 0
        planned = track.exit_kept if phase is Phase.ORDINARY else 0.0
        kept = planned * offices.anchoring[self.places]
        self._staff_kept = kept * offices.programme_staff[self.places]
        self.model.development.leave_programme(self.places, kept, month)
        self._enter(phase)

    # --- the month -------------------------------------------------------------------------------------------------

    def work_month(self) -> None:
        """Pay staff and book what projects were granted."""
        if self.phase is Phase.ORDINARY:
            self._pay_staff_kept()
        if self.phase not in _GRANTED:
            return
        offices, month = self.model.development.offices, self._month
        cost = self._monthly_staff_cost
        affordable = self.held_for_staff >= cost
        offices.programme_staff[self.places] = self._staff_by_place if affordable else 0.0
        if affordable:
            self.held_for_staff -= cost
            self.spent_on_staff += cost
            self.model.accounts.pay(month, self.account, "Staff", cost, Purpose.STAFF)
        paid = self.spent_on_projects
        self.model.accounts.pay(month, self.account, "Projects", paid - self._projects_paid, Purpose.PROJECTS)
        self._projects_paid = paid

    def _pay_staff_kept(self) -> None:
        """Let the municipalities pay the staff that they kept."""
        yearly = self.model.parameters.capacity.staff_cost
        for place, staff in zip(self.places, self._staff_kept, strict=True):
            cost = round(float(staff) * yearly / _MONTHS)
            self.model.accounts.pay(self._month, self._municipal_account(place), "Staff", cost, Purpose.STAFF_KEPT)

    # --- what others read ------------------------------------------------------------------------------------------

    @property
    def phase(self) -> Phase:
        """Where it stands."""
        return self.history[-1][1] if self.history else Phase.WAITING

    @property
    def active(self) -> bool:
        """Whether status is granted and not ended."""
        return self.phase in (Phase.CLARIFICATION, Phase.ANCHORING, *_GRANTED)

    @property
    def guidance(self) -> float:
        """Guidance that it gets, 0-1."""
        return self._granted_track.guidance if self.active else 0.0

    @property
    def held(self) -> int:
        """Kroner received and neither spent nor returned."""
        money = int(self.model.development.purses.money[self.pot].sum())
        return money + self.held_for_staff + self.unassigned

    @property
    def spent_on_projects(self) -> int:
        """Kroner of support granted to projects so far."""
        return int(self.model.development.purses.spent[self.pot].sum())

    @property
    def supported(self) -> list[SupportedProject]:
        """Projects that it supports."""
        return [project for project in self.model.development.supported if project.pot == self.pot]

    def used_share(self) -> float:
        """Share of the money received that is spent; 1 where none was received."""
        received = self.granted + self.own_share
        return (self.spent_on_projects + self.spent_on_staff) / received if received else 1.0

    def evidence(self, rules: Eligibility) -> Evidence:
        """What the application documents; where it is silent, what the run shows over the years of the rules."""
        form, model = self.application, self.model
        jobs = model.record.of("jobs")[:, self.places].sum(axis=1)
        population = model.record.of("population")[:, self.places].sum(axis=1)
        window = jobs[-1 - _MONTHS * rules.loss_years :] if len(jobs) > _MONTHS * rules.loss_years else jobs
        loss = float(window.max() - window[-1]) if form.documented_loss < 0 else form.documented_loss
        span = slice(max(0, len(jobs) - 1 - _MONTHS * rules.decline_years), None)
        falls = [float(1.0 - series[span][-1] / series[span][0]) for series in (jobs, population)]
        documented = (form.documented_employment_decline, form.documented_population_decline)
        shares = [fall if given < 0 else given for fall, given in zip(falls, documented, strict=True)]
        of_most_central = int(model.margins.centrality_class[self.places].min())
        inhabitants = float(population[-1])
        old = float(model.record.of("persons_67_plus")[-1, self.places].sum()) / max(inhabitants, 1.0)
        share = loss / max(float(window.max()), 1.0)
        return Evidence(share, loss, shares[0], shares[1], of_most_central, inhabitants, old)

    def report(self) -> None:
        """Write the report of the year that has passed."""
        supported, offices = self.supported, self.model.office_agents
        self.reports.append(
            YearlyReport(
                self._year, self._month, self.granted, self.own_share, self.spent_on_projects, self.spent_on_staff,
                self.held, len(supported), sum(project.created for project in supported),
                sum(project.secured for project in supported), sum(project.says_triggered for project in supported),
                float(np.mean([offices[place].capacity_index for place in self.places])),
            )
        )  # fmt: skip

    # --- behind it -------------------------------------------------------------------------------------------------

    @property
    def _granted_track(self) -> Track:
        if self.track is None:
            raise RuntimeError(f"{self.account} has no status")
        return self.track

    @property
    def _month(self) -> int:
        """Month that the next step simulates (events), or the present one (within a step)."""
        return self.model.margins.start_month + int(self.model.time - _EVENT_OFFSET)

    @property
    def _staff(self) -> float:
        """Full-time equivalents that it pays: those of its track, fewer in a programme smaller than ordinary."""
        return self._granted_track.staff * min(1.0, self.application.grant_factor)

    @property
    def _monthly_staff_cost(self) -> int:
        return round(self._staff * self.model.parameters.capacity.staff_cost / _MONTHS)

    @property
    def _population_shares(self) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        population = self.model.tally.by_status[self.places, 1:].sum(axis=1)
        return np.asarray(population / population.sum())

    def _by_population(self, kroner: int) -> list[int]:
        parts = np.floor(kroner * self._population_shares).astype(int)
        parts[0] += kroner - int(parts.sum())
        return [int(part) for part in parts]

    def _municipal_account(self, place: int) -> str:
        return f"Municipality {self.model.margins.names[place]}"

    def _enter(self, phase: Phase) -> None:
        self.history.append((self._month, phase))
        self.model.competence_body.assign_guidance()

    def _engage(self, paid: int) -> None:
        """Let a board gather council and business behind the programme, as far as guidance or this year's grant go."""
        grant = paid / self.model.parameters.capacity.engaging_grant
        self.model.development.offices.engagement[self.places] = max(self._granted_track.guidance, min(1.0, grant))
