"""Administration: the State, counties, the national competence body and development offices as Mesa agents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mesa
import numpy as np

from omstilling.model.development.offices import capacity_index, staffing
from omstilling.model.engine.calendar import month_label
from omstilling.model.policy.design import Advice, DesignError, Support, Track, check_design
from omstilling.model.policy.eligibility import eligible_track
from omstilling.model.policy.programme import Phase, Programme
from omstilling.model.policy.rounds import Rounds
from omstilling.model.state.accounts import Accounts, Purpose

if TYPE_CHECKING:
    from omstilling.model.world import World

_MONTHS = 12
_EVENT_OFFSET = 0.5


class State(mesa.Agent):  # type: ignore[misc]
    """The State (*staten*): pays counties within a national budget for each calendar year.

    Attributes
    ----------
    account
        Name in the accounts.
    yearly_budget
        Kroner a year.
    """

    model: World
    account = "State"

    def __init__(self, model: World, yearly_budget: float) -> None:
        """Register the State with the model."""
        super().__init__(model)
        self.yearly_budget = round(yearly_budget)
        self._paid: dict[int, int] = {}

    def transfer(self, county: County, amount: int, month: int) -> int:
        """Pay a county what is asked, or what is left of the year's budget; returns the kroner paid."""
        year = month // _MONTHS
        amount = min(amount, self.yearly_budget - self._paid.get(year, 0))
        self._paid[year] = self._paid.get(year, 0) + amount
        self.model.accounts.pay(month, self.account, county.account, amount, Purpose.GRANT)
        return amount


class County(mesa.Agent):  # type: ignore[misc]
    """A county (*fylkeskommune*): decides on applications, pays grants, holds no money itself.

    Attributes
    ----------
    account
        Name in the accounts; ``own_account`` is the county's own budget, from which it may fund programmes itself.
    """

    model: World

    def __init__(self, model: World, number: str, state: State) -> None:
        """Register the county of a two-digit number with the model."""
        super().__init__(model)
        self.number = number
        self.account = f"County {number}"
        self.own_account = f"County {number}, own budget"
        self.state = state

    def decide(self, programme: Programme) -> Track | str:
        """The track that a programme's application is granted, or why it is refused."""
        for other in self.model.programmes:
            if other is not programme and other.active and np.isin(other.places, programme.places).any():
                return f"a municipality of it has a programme: {other.application.name}"
        return eligible_track(self.model.support.design, programme.evidence)

    def pay(self, programme: Programme, amount: int, payer: str, month: int) -> int:
        """Pay a yearly grant with the State's money or its own; returns the kroner paid."""
        if payer == "state":
            amount = self.state.transfer(self, amount, month)
        else:
            self.model.accounts.pay(month, self.own_account, self.account, amount, Purpose.GRANT)
        self.model.accounts.pay(month, self.account, programme.account, amount, Purpose.GRANT)
        return amount

    def take_back(self, programme: Programme, amount: int, payer: str, month: int) -> None:
        """Take back what a programme has not used and pass it on to whose money it was."""
        self.model.accounts.pay(month, programme.account, self.account, amount, Purpose.RETURN)
        source = self.state.account if payer == "state" else self.own_account
        self.model.accounts.pay(month, self.account, source, amount, Purpose.RETURN)


class CompetenceBody(mesa.Agent):  # type: ignore[misc]
    """The national competence body (*nasjonalt kompetansemiljø*): guides programmes and, by design, advises others."""

    model: World
    account = "Competence body"

    def __init__(self, model: World, state: State) -> None:
        """Register the body with the model."""
        super().__init__(model)
        self.state = state
        self._advice = np.zeros(model.margins.size)
        self._costs = {Purpose.GUIDANCE: 0, Purpose.ADVICE: 0}

    def schedule_advice(self, advice: Advice, month: int) -> None:
        """From a month on, advise every municipality of at least the class of the design, for its years."""
        if advice.guidance > 0.0 and advice.years > 0:
            due = max(month - self.model.margins.start_month, 0) + _EVENT_OFFSET
            self.model.schedule_event(self.begin_advice, at=due)
            self.model.schedule_event(self.end_advice, at=due + _MONTHS * advice.years)

    def begin_advice(self) -> None:
        """Advise from now on."""
        advice = self.model.support.design.advice
        rural = self.model.margins.centrality_class >= advice.least_centrality_class
        self._advice[rural] = advice.guidance
        self.assign_guidance()

    def end_advice(self) -> None:
        """Advise no more."""
        self._advice[:] = 0.0
        self.assign_guidance()

    def assign_guidance(self) -> None:
        """Give each office the guidance of its programme or of general advice, whichever is more, from now on."""
        guidance = self.model.development.offices.guidance
        guidance[:] = self._advice
        of_programmes = np.zeros(len(guidance), dtype=bool)
        for programme in self.model.programmes:
            guidance[programme.places] = np.maximum(guidance[programme.places], programme.guidance)
            of_programmes[programme.places] = True
        monthly = self.model.parameters.capacity.guidance_cost / _MONTHS
        total = round(float(guidance.sum()) * monthly)
        self._costs[Purpose.GUIDANCE] = min(total, round(float(guidance[of_programmes].sum()) * monthly))
        self._costs[Purpose.ADVICE] = total - self._costs[Purpose.GUIDANCE]

    def charge(self, month: int) -> None:
        """Let the State pay for a month of guidance to municipalities that apply, and of advice to others."""
        for purpose, cost in self._costs.items():
            self.model.accounts.pay(month, self.state.account, self.account, cost, purpose)


class DevelopmentOffice(mesa.Agent):  # type: ignore[misc]
    """The development office of a municipality (*utviklingsapparat*), face of a row of ``Offices``."""

    model: World

    def __init__(self, model: World, index: int) -> None:
        """Register the office of one municipality with the model."""
        super().__init__(model)
        self.index = index
        self.name = model.margins.names[index]

    def _part(self, name: str) -> float:
        return float(getattr(self.model.development.offices, name)[self.index])

    @property
    def staff(self) -> float:
        """Full-time equivalents."""
        return self._part("staff")

    @property
    def competence(self) -> float:
        """Competence, 0-1."""
        return self._part("competence")

    @property
    def network(self) -> float:
        """Share of local firms with a working relation."""
        return self._part("network")

    @property
    def routines(self) -> float:
        """Methods written down and used, 0-1."""
        return self._part("routines")

    @property
    def anchoring(self) -> float:
        """Council and business behind the work, 0-1."""
        return self._part("anchoring")

    @property
    def capacity_index(self) -> float:
        """Development capacity (*utviklingsevne*), 0-100."""
        population = float(self.model.tally.by_status[self.index, 1:].sum()) * self.model.margins.weight
        staffed = staffing(self.staff, population, self.model.parameters.capacity.staffing_scale)
        return float(capacity_index(self.model.development.offices, self.index, staffed))

    @property
    def projects_running(self) -> int:
        """Projects under way in the municipality, with or without support."""
        projects = self.model.development.projects
        return int(((projects.stage > 0) & (projects.place == self.index)).sum())

    def __repr__(self) -> str:
        """Name, staff and the index."""
        return f"<DevelopmentOffice {self.name}: {self.staff:.1f} FTE, index {self.capacity_index:.0f}>"


def _check_support(model: World, support: Support) -> None:
    """Refuse support that cannot be carried out in a run."""
    check_design(support.design)
    if support.open_rounds and support.applications:
        names = ", ".join(application.name for application in support.applications)
        raise DesignError("applications", names, "none is expected where all who are eligible apply")
    asked = support.open_rounds or support.applications
    if model.margins.weight > 1 and asked and support.design.tracks:
        allowed = "a design with programmes needs every firm: a tenth of a grant cannot pay a whole project"
        raise DesignError("sample", f"one in {model.margins.weight}", allowed)
    for application in support.applications:
        if len(set(application.municipalities)) < len(application.municipalities):
            raise DesignError("municipalities", ", ".join(application.municipalities), "each once is expected")


def appoint(model: World) -> None:
    """Give a model its development offices, State, counties, competence body and programmes, and their calendar.

    Raises
    ------
    DesignError
        For a design that cannot be carried out.
    """
    _check_support(model, model.support)
    model.accounts = Accounts()
    model.office_agents = [DevelopmentOffice(model, index) for index in range(model.margins.size)]
    model.state = State(model, model.support.design.national_budget)
    numbers = sorted({code[:2] for code in model.margins.codes})
    model.counties = {number: County(model, number, model.state) for number in numbers}
    model.competence_body = CompetenceBody(model, model.state)
    model.programmes = [
        Programme(model, application, pot, model.counties[application.municipalities[0][:2]])
        for pot, application in enumerate(model.support.applications)
    ]
    for programme in model.programmes:
        programme.schedule()
    if model.support.open_rounds:
        model.rounds = Rounds(model)
        model.rounds.schedule()
        model.competence_body.schedule_advice(model.support.design.advice, model.margins.start_month)
    elif model.programmes:
        model.competence_body.schedule_advice(model.support.design.advice, first_application(model.support))


def first_application(support: Support) -> int:
    """Month number of the first application."""
    return min(application.month for application in support.applications)


def reappoint(model: World, support: Support) -> None:
    """Put support in place of none, before the first application.

    Raises
    ------
    DesignError
        For a design that cannot be carried out, other applications, support before, or a month that is too late.
    """
    _check_support(model, support)
    if not support.applications or support.applications != model.support.applications:
        names = ", ".join(application.name for application in support.applications) or "none"
        raise DesignError("applications", names, "those of the run that is branched are expected")
    if model.support.design.tracks or model.support.design.advice.guidance > 0.0:
        raise DesignError("design", model.support.design.name, "a run without support is expected where it is branched")
    if any(programme.phase is not Phase.WAITING for programme in model.programmes):
        first = month_label(first_application(support))
        raise DesignError(
            "month", month_label(model.month), f"a branch before the first application, {first}, is needed"
        )
    model.support = support
    model.state.yearly_budget = round(support.design.national_budget)
    model.competence_body.schedule_advice(support.design.advice, first_application(support))


def money_held(model: World) -> dict[str, int]:
    """Kroner that everyone between those who fund and those it is spent on holds: programmes and counties."""
    held = {programme.account: programme.held for programme in model.programmes}
    return held | {county.account: 0 for county in model.counties.values()}
