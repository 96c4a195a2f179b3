"""Development: what offices, ideas and projects do in a month, in every municipality, with or without a programme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from omstilling.model.development import ideas as ideas_of
from omstilling.model.development import projects as projects_of
from omstilling.model.development.ideas import MOST_JOBS, Ideas, Kind, Payer, Purses
from omstilling.model.development.offices import (
    Offices,
    capacity_index,
    leave_programme,
    open_offices,
    run_offices,
    staffing,
)
from omstilling.model.development.projects import Projects
from omstilling.model.engine.compilation import kernel
from omstilling.model.engine.draws import Process, month_streams, shifted, uniform
from omstilling.model.parameters import CapacityValues, ProjectValues, kernel_values
from omstilling.model.state import structure
from omstilling.model.state import workspace as state
from omstilling.model.state.accounts import Purpose
from omstilling.model.state.columns import Firms, Municipalities, Space, allocate_space

if TYPE_CHECKING:
    from omstilling.model.world import World

_OFFICE = int(Process.OFFICE)
_END = int(Process.PROJECT_END)
_PROGRAMME, _ORDINARY = int(Payer.PROGRAMME), int(Payer.ORDINARY_FUND)
_SAYING = 3
"""Which of the streams of FUNDING says what clients answer."""
_FUND_MONTHS = 24
"""A business fund holds at most two years' money; the rest lapses to the municipality. A choice."""


@dataclass(frozen=True)
class SupportedProject:
    """A project that a programme supports, as its client reports it.

    ``pot`` is the row of its programme in ``Development.purses``. ``created`` jobs are those planned; ``secured`` the
    staff of a rescued firm, or the part of its staff that a firm with another project counts as secured by it;
    ``staff_before`` of its firm. ``alone`` says whether it would have gone ahead without support, which nobody but the
    model knows; ``says_triggered`` what the client answers.
    """

    uid: int
    pot: int
    firm_uid: int
    month: int
    place: int
    industry: int
    kind: Kind
    created: float
    secured: float
    staff_before: int
    support: int
    alone: bool
    says_triggered: bool

    @property
    def reported(self) -> float:
        """Jobs that the client reports as created or secured."""
        return self.created + self.secured


@kernel
def fill_ordinary_funds(purses: Purses, population: NDArray[np.int64], per_inhabitant: float, weight: int) -> None:
    """A month's money for the business fund of each municipality, which holds no more than two years' money.

    In a sample the fund holds more, else it could not pay whole projects.
    """
    for place in range(len(population)):
        income = int(population[place] * per_inhabitant / 12.0)
        purses.money[place, 0] = min(purses.money[place, 0] + income, _FUND_MONTHS * weight * income)


@kernel
def develop_month(
    ideas: Ideas, projects: Projects, space: Space, firms: Firms, firm_space: Space, offices: Offices,
    municipalities: Municipalities, programme_purses: Purses, ordinary_purses: Purses, built: NDArray[np.int64],
    by_age: NDArray[np.int64], jobs: NDArray[np.int64], firms_at_start: NDArray[np.int64], markets: NDArray[np.int64],
    begun: NDArray[np.uint64], municipal: NDArray[np.int64], weight: int, capacity: Any, values: Any,
    keys: NDArray[np.uint64], month: int
) -> tuple[int, int, int, int, int]:  # fmt: skip
    """Projects move on, offices learn, ideas arise, are weighed and funded, and those that go ahead begin.

    ``by_age`` inhabitants aged 0-15, 16-66 and 67 and over, shape (M, 3 or more); ``jobs`` shape (M,); ``begun`` takes
    the identities of the projects that begin; ``weight`` persons that each one stands for.

    Returns
    -------
    tuple
        Number of ideas, of projects funded by programmes, of those funded by business funds, of projects begun, and of
        those that did not fit the columns.
    """
    population = by_age[:, 0] + by_age[:, 1] + by_age[:, 2]
    adults = by_age[:, 1].astype(np.float64)
    homeless = projects_of.run_projects(projects, space, firms, firm_space, offices, built, values, keys[_END], month)
    projects_of.become_attractive(municipalities, built, jobs, population, values)
    run_offices(offices, municipalities, population * weight, capacity, keys[_OFFICE])
    fill_ordinary_funds(ordinary_purses, population, capacity.ordinary_fund, weight)
    number = ideas_of.firm_ideas(ideas, firms, firm_space.counters[0], markets, values, keys, month)
    number = ideas_of.place_ideas(ideas, number, municipalities, adults, firms_at_start, markets, values, keys, month)
    ideas_of.weigh(ideas, number, firms, offices, values, keys)
    ideas_of.ask_for_support(ideas, number, programme_purses, values.own_means)
    by_programmes = ideas_of.fund(ideas, number, programme_purses, _PROGRAMME)
    ideas_of.ask_for_support(ideas, number, ordinary_purses, values.own_means)
    by_funds = ideas_of.fund(ideas, number, ordinary_purses, _ORDINARY)
    count, missing = projects_of.begin_projects(
        ideas, number, projects, space, firms, begun, municipal, values.payroll_per_job, keys[_END], month
    )
    return number, by_programmes, by_funds, count, missing + homeless


@kernel
def write_development(
    out: NDArray[np.float64], first: int, offices: Offices, population: NDArray[np.int64], scale: float,
    municipalities: Municipalities, reported: NDArray[np.float64]
) -> None:  # fmt: skip
    """Write the columns of development from column ``first`` on: the index, its parts, attractiveness, reports."""
    for place in range(out.shape[0]):
        staffed = staffing(offices.staff[place], population[place], scale)
        values = (
            capacity_index(offices, place, staffed),
            100.0 * staffed,
            100.0 * offices.competence[place],
            100.0 * offices.network[place],
            100.0 * offices.routines[place],
            100.0 * offices.anchoring[place],
            municipalities.settlement[place],
            municipalities.business[place],
            reported[place, 0],
            reported[place, 1],
            reported[place, 2],
        )
        for column, value in enumerate(values):
            out[place, first + column] = value


class Development:
    """Offices, ideas and projects of all municipalities.

    Attributes
    ----------
    offices, projects, ideas
        Columns; ``ideas`` are those of the month.
    purses
        What programmes can grant this month, by pot (one per programme) and kind.
    supported
        Projects that programmes support, in the order of funding.
    begun
        Identities of all projects that went ahead, an array for each month with any.
    municipal
        Kroner that municipalities paid so far for site and settlement projects besides support, shape (M,).
    reported
        Jobs created, jobs secured and kroner of support so far, as clients report them, shape (M, 3).
    """

    def __init__(self, model: World, pots: int, key: np.uint64) -> None:
        """Open the offices of a model at its start, with room for a number of programmes."""
        size = model.margins.size
        self._capacity: Any = kernel_values(model.parameters.capacity, CapacityValues)
        self._values: Any = kernel_values(model.parameters.projects, ProjectValues)
        self._model = model
        population = model.tally.by_status[:, 1:].sum(axis=1) * model.margins.weight
        self.offices = open_offices(model.municipalities, population, self._capacity, key)
        rows = 64 + len(model.firm_columns.uid) // 4
        self.projects, self.space = projects_of.allocate_projects(rows), allocate_space(rows, 0)
        self.ideas = ideas_of.allocate_ideas(rows)
        self._pots = pots
        self.purses = ideas_of.allocate_purses(size, max(pots, 1))
        self._ordinary = ideas_of.allocate_purses(size, size, kinds=1)
        self._ordinary.pot[:] = np.arange(size)
        self._ordinary.aid[:] = self._capacity.ordinary_aid
        self._ordinary.strictness[:] = self._capacity.ordinary_strictness
        self.municipal, self._booked_projects, self._booked_funds = (np.zeros(size, dtype=np.int64) for _ in range(3))
        self._built = projects_of.allocate_built(size)
        self._begun = np.zeros(rows, dtype=np.uint64)
        self.supported: list[SupportedProject] = []
        self.begun: list[NDArray[np.uint64]] = []
        self.reported = np.zeros((size, 3))

    def add_pot(self) -> int:
        """Row of a new pot in ``purses``, for a programme that is granted on the way."""
        pots = len(self.purses.aid)
        if self._pots == pots:
            wider = ideas_of.allocate_purses(len(self.purses.pot), 2 * pots)
            wider.pot[:] = self.purses.pot
            for new, old in zip(wider[1:], self.purses[1:], strict=True):
                new[:pots] = old
            self.purses = wider
        self._pots += 1
        return self._pots - 1

    def month(self) -> None:
        """Step 8 of the month."""
        model = self._model
        if state.room(self.space, len(self.projects.uid)) < len(self.ideas.uid):
            rows = 2 * len(self.projects.uid)
            self.projects, self.space = state.widened(self.projects, self.space, rows)
        number, by_programmes, by_funds, count, missing = develop_month(
            self.ideas, self.projects, self.space, model.firm_columns, model.firm_space, self.offices,
            model.municipalities, self.purses, self._ordinary, self._built, model.tally.by_age, model.tally.jobs,
            model.firms_at_start, structure.MARKETS, self._begun, self.municipal, model.margins.weight,
            self._capacity, self._values, model.keys, model.month,
        )  # fmt: skip
        if missing or number == len(self.ideas.uid):
            raise RuntimeError(f"room for {len(self.ideas.uid)} ideas a month is too small")
        if count:
            self.begun.append(self._begun[:count].copy())
            self._book(self.municipal, self._booked_projects, Purpose.MUNICIPAL_PROJECTS)
        if by_funds:
            self._book(self._ordinary.spent[:, 0], self._booked_funds, Purpose.BUSINESS_FUND)
        if by_programmes:
            for row in np.flatnonzero(self.ideas.payer[:number] == _PROGRAMME):
                self._note_supported(int(row))

    def _book(self, spent: NDArray[np.int64], booked: NDArray[np.int64], purpose: Purpose) -> None:
        """Book what municipalities have spent since the last booking, kroner so far, shape (M,)."""
        model = self._model
        for place in np.flatnonzero(spent > booked):
            payer, amount = f"Municipality {model.margins.names[place]}", int(spent[place] - booked[place])
            amount *= model.margins.weight
            model.accounts.pay(model.month, payer, "Projects", amount, purpose)
        booked[:] = spent

    def _note_supported(self, row: int) -> None:
        """Write down a project that a programme has just decided to support, and what its client reports."""
        ideas, firms = self.ideas, self._model.firm_columns
        uid, firm, kind = ideas.uid[row], int(ideas.firm[row]), Kind(ideas.kind[row])
        firm_uid = 0
        if firm >= 0:
            firm_uid = int(firms.uid[firm])
        elif kind is Kind.START_UP:
            firm_uid = int(projects_of.firm_identity(uid))
        staff, planned = int(firms.staff[firm]) if firm >= 0 else 0, float(ideas.jobs[row])
        created = 0.0 if kind is Kind.RESCUE else planned
        secured = planned if kind is Kind.RESCUE else min(self._values.secured_share * staff, MOST_JOBS)
        alone = bool(ideas.alone[row])
        answer = uniform(shifted(self._model.keys[Process.FUNDING], _SAYING), uid)
        says = not alone or float(answer) < self._values.credit_taken
        project = SupportedProject(
            uid=int(uid), pot=int(self.purses.pot[ideas.place[row]]), firm_uid=firm_uid, month=self._model.month,
            place=int(ideas.place[row]), industry=int(ideas.industry[row]), kind=kind, created=created, secured=secured,
            staff_before=staff, support=int(ideas.support[row]), alone=alone, says_triggered=says,
        )  # fmt: skip
        self.supported.append(project)
        self.reported[project.place] += (created, secured, project.support)

    def leave_programme(self, places: NDArray[np.intp], kept: NDArray[np.float64], month: int) -> None:
        """Let the offices of a programme that ends go on with a share of its staff, shape (n,)."""
        key = month_streams(self._model.draw_seed, month)[_OFFICE]
        leave_programme(self.offices, places, kept, self._model.municipalities, self._capacity, key)

    def write(self, out: NDArray[np.float64], first: int) -> None:
        """Write the month's columns of development into a row of the record, shape (M, C), from column ``first`` on."""
        population = self._model.tally.by_status[:, 1:].sum(axis=1) * self._model.margins.weight
        write_development(
            out,
            first,
            self.offices,
            population,
            self._capacity.staffing_scale,
            self._model.municipalities,
            self.reported,
        )
