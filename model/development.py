"""Development: what offices, ideas and projects do in a month, in every municipality, with or without a programme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from omstilling.model import ideas as ideas_of
from omstilling.model import projects as projects_of
from omstilling.model import state, structure
from omstilling.model.columns import Firms, Municipalities, Space, allocate_space
from omstilling.model.compilation import kernel
from omstilling.model.draws import Process, shifted, uniform
from omstilling.model.ideas import Ideas, Kind, Payer, Purses
from omstilling.model.offices import Offices, capacity_index, open_offices, run_offices, staffing
from omstilling.model.parameters import CapacityValues, ProjectValues, kernel_values
from omstilling.model.projects import Projects

if TYPE_CHECKING:
    from omstilling.model.restructuring import RestructuringModel

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

    ``jobs`` planned, ``staff_before`` of its firm; ``alone`` whether it would have gone ahead without support, which
    nobody but the model knows; ``says_triggered`` what the client answers.
    """

    uid: int
    firm_uid: int
    month: int
    place: int
    industry: int
    kind: Kind
    jobs: float
    staff_before: int
    support: int
    alone: bool
    says_triggered: bool


@kernel
def fill_ordinary_funds(purses: Purses, population: NDArray[np.int64], per_inhabitant: float) -> None:
    """A month's money for the business fund of each municipality, which holds no more than two years' money."""
    for place in range(len(population)):
        income = int(population[place] * per_inhabitant / 12.0)
        purses.money[place, 0] = min(purses.money[place, 0] + income, _FUND_MONTHS * income)


@kernel
def develop_month(
    ideas: Ideas, projects: Projects, space: Space, firms: Firms, firm_space: Space, offices: Offices,
    municipalities: Municipalities, programme_purses: Purses, ordinary_purses: Purses, built: NDArray[np.int64],
    by_age: NDArray[np.int64], jobs: NDArray[np.int64], firms_at_start: NDArray[np.int64], markets: NDArray[np.int64],
    capacity: Any, values: Any, keys: NDArray[np.uint64], month: int
) -> tuple[int, int]:  # fmt: skip
    """Projects move on, offices learn, ideas arise, are weighed and funded, and those that go ahead begin.

    ``by_age`` inhabitants aged 0-15, 16-66 and 67 and over, shape (M, 3 or more); ``jobs`` shape (M,).

    Returns
    -------
    tuple
        Number of ideas, and number of projects that did not fit the columns.
    """
    population = by_age[:, 0] + by_age[:, 1] + by_age[:, 2]
    adults = by_age[:, 1].astype(np.float64)
    projects_of.run_projects(projects, space, firms, firm_space, offices, built, values, keys[_END], month)
    projects_of.become_attractive(municipalities, built, jobs, population, values)
    run_offices(offices, municipalities, population, capacity, keys[_OFFICE])
    fill_ordinary_funds(ordinary_purses, population, capacity.ordinary_fund)
    number = ideas_of.firm_ideas(ideas, firms, firm_space.counters[0], markets, values, keys, month)
    number = ideas_of.place_ideas(ideas, number, municipalities, adults, firms_at_start, markets, values, keys, month)
    ideas_of.weigh(ideas, number, firms, offices, values, keys)
    ideas_of.ask_for_support(ideas, number, programme_purses, values.subsidy_return)
    ideas_of.fund(ideas, number, programme_purses, _PROGRAMME)
    ideas_of.ask_for_support(ideas, number, ordinary_purses, values.subsidy_return)
    ideas_of.fund(ideas, number, ordinary_purses, _ORDINARY)
    growth_months = int(values.growth_months)
    missing = projects_of.begin_projects(ideas, number, projects, space, firms, keys[_END], growth_months, month)
    return number, missing


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
        Identities of all projects that went ahead, one array a month.
    reported
        Jobs created, jobs secured and kroner of support so far, as clients report them, shape (M, 3).
    """

    def __init__(self, model: RestructuringModel, pots: int, key: np.uint64) -> None:
        """Open the offices of a model at its start, with room for a number of programmes."""
        size = model.margins.size
        self._capacity: Any = kernel_values(model.parameters.capacity, CapacityValues)
        self._values: Any = kernel_values(model.parameters.projects, ProjectValues)
        self._model = model
        self.offices = open_offices(model.municipalities, model.tally.by_status[:, 1:].sum(axis=1), self._capacity, key)
        rows = 64 + len(model.firm_columns.uid) // 4
        self.projects, self.space = projects_of.allocate_projects(rows), allocate_space(rows, 0)
        self.ideas = ideas_of.allocate_ideas(rows)
        self.purses = ideas_of.allocate_purses(size, max(pots, 1))
        self._ordinary = ideas_of.allocate_purses(size, size, kinds=1)
        self._ordinary.pot[:] = np.arange(size)
        self._ordinary.aid[:] = self._capacity.ordinary_aid
        self._ordinary.strictness[:] = self._capacity.ordinary_strictness
        self._built = projects_of.allocate_built(size)
        self.supported: list[SupportedProject] = []
        self.begun: list[NDArray[np.uint64]] = []
        self.reported = np.zeros((size, 3))

    def month(self) -> None:
        """Step 8 of the month."""
        model = self._model
        if state.room(self.space, len(self.projects.uid)) < len(self.ideas.uid):
            rows = 2 * len(self.projects.uid)
            self.projects, self.space = state.widened(self.projects, self.space, rows)
        number, missing = develop_month(
            self.ideas, self.projects, self.space, model.firm_columns, model.firm_space, self.offices,
            model.municipalities, self.purses, self._ordinary, self._built, model.tally.by_age, model.tally.jobs,
            model.firms_at_start, structure.MARKETS, self._capacity, self._values, model.keys, model.month,
        )  # fmt: skip
        if missing or number == len(self.ideas.uid):
            raise RuntimeError(f"room for {len(self.ideas.uid)} ideas a month is too small")
        payer = self.ideas.payer[:number]
        self.begun.append(self.ideas.uid[:number][(payer != 0) | (self.ideas.alone[:number] == 1)])
        for row in np.flatnonzero(payer == _PROGRAMME):
            self._note_supported(int(row))

    def _note_supported(self, row: int) -> None:
        """Write down a project that a programme has just decided to support, and what its client reports."""
        ideas, firms = self.ideas, self._model.firm_columns
        uid, firm, kind = ideas.uid[row], int(ideas.firm[row]), Kind(ideas.kind[row])
        firm_uid = 0
        if firm >= 0:
            firm_uid = int(firms.uid[firm])
        elif kind is Kind.START_UP:
            firm_uid = int(projects_of.firm_identity(uid))
        alone = bool(ideas.alone[row])
        answer = uniform(shifted(self._model.keys[Process.FUNDING], _SAYING), uid)
        says = not alone or float(answer) < self._values.credit_taken
        project = SupportedProject(
            int(uid), firm_uid, self._model.month, int(ideas.place[row]), int(ideas.industry[row]), kind,
            float(ideas.jobs[row]), int(firms.staff[firm]) if firm >= 0 else 0, int(ideas.support[row]), alone, says,
        )  # fmt: skip
        self.supported.append(project)
        column = 1 if kind is Kind.RESCUE else 0
        self.reported[project.place, column] += project.jobs
        self.reported[project.place, 2] += project.support

    def write(self, out: NDArray[np.float64], first: int) -> None:
        """Write the month's columns of development into a row of the record, shape (M, C), from column ``first`` on."""
        population = self._model.tally.by_status[:, 1:].sum(axis=1)
        write_development(
            out,
            first,
            self.offices,
            population,
            self._capacity.staffing_scale,
            self._model.municipalities,
            self.reported,
        )
