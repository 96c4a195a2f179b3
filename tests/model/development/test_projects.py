"""Projects: what each kind leads to when it succeeds, and that nothing comes of one that fails or loses its firm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from omstilling.model import Parameters, RestructuringModel
from omstilling.model.development.ideas import Kind, Payer
from omstilling.model.development.offices import Offices, open_offices
from omstilling.model.development.projects import (
    Projects,
    Stage,
    allocate_built,
    allocate_projects,
    become_attractive,
    firm_identity,
    run_projects,
)
from omstilling.model.engine import draws
from omstilling.model.parameters import CapacityValues, ProjectValues, kernel_values
from omstilling.model.state.columns import NEVER, Firms, FirmState, Space, allocate_firms, allocate_space
from omstilling.model.state.structure import allocate_municipalities
from worlds import make_margins

NOW = 1400
GROWTH_MONTHS = 10
ATTRACTION = (Kind.SITE, Kind.COMPETENCE, Kind.SETTLEMENT)
SURE = {"failure_start_up": 0.0, "failure_other": 0.0, "growth_months": GROWTH_MONTHS}


def _values(**changes: float):
    return kernel_values(Parameters().with_values(**{**SURE, **changes}).projects, ProjectValues)


@dataclass
class Place:
    """One municipality with one firm in row 1 and a project about to end in row 0."""

    firms: Firms
    firm_space: Space
    projects: Projects
    space: Space
    offices: Offices
    built: np.ndarray

    def run(self, months: int, first: int = NOW, **changes: float) -> None:
        key = draws.month_streams(np.uint64(5), first)[int(draws.Process.PROJECT_END)]
        for month in range(first, first + months):
            run_projects(
                self.projects, self.space, self.firms, self.firm_space, self.offices, self.built, _values(**changes),
                key, month,
            )  # fmt: skip

    @property
    def scales(self) -> dict[int, float]:
        return {int(self.firms.uid[row]): float(self.firms.scale[row]) for row in np.flatnonzero(self.firms.state == 1)}


def _place(kind: Kind, jobs: float = 6.0, number: int = 1, payer: int = 0) -> Place:
    firms, projects = allocate_firms(6 + number), allocate_projects(number)
    firms.uid[1], firms.state[1], firms.scale[1], firms.staff[1] = 77, FirmState.ALIVE, 12.0, 12
    firms.cash[1], firms.closing[1] = -3.0, NEVER
    has_firm = kind in (Kind.EXPANSION, Kind.RESCUE, Kind.COMPETENCE)
    projects.uid[:] = 900 + np.arange(number)
    projects.kind[:], projects.stage[:], projects.left[:] = kind, Stage.RUNNING, 1
    projects.jobs[:], projects.cost[:], projects.support[:] = jobs, 4_000_000, 1_600_000
    projects.firm[:], projects.firm_uid[:] = (1, 77) if has_firm else (-1, 0)
    projects.industry[:], projects.payer[:] = 2, payer
    values = kernel_values(Parameters().capacity, CapacityValues)
    offices = open_offices(allocate_municipalities(("9901",)), np.array([3000]), values, np.uint64(1))
    return Place(firms, allocate_space(6 + number, 2), projects, allocate_space(number, number), offices,
                 allocate_built(1))  # fmt: skip


def test_a_start_up_founds_a_firm_whose_jobs_grow() -> None:
    place = _place(Kind.START_UP, jobs=6.0)
    place.run(1)
    founded = int(firm_identity(np.uint64(900)))
    assert place.scales == {77: 12.0, founded: 1.0}
    row = int(place.projects.firm[0])
    assert (place.firms.founded[row], place.firms.industry[row], place.firms.staff[row]) == (NOW, 2, 0)
    assert place.firms.support[row] == 1_600_000
    for month in range(1, GROWTH_MONTHS + 1):
        place.run(1, NOW + month)
        assert place.scales[founded] == pytest.approx(1.0 + 5.0 * month / GROWTH_MONTHS)
    place.run(3, NOW + GROWTH_MONTHS + 1)
    assert place.scales == {77: 12.0, founded: pytest.approx(6.0)}
    assert place.projects.stage[0] == Stage.FREE


def test_nothing_happens_before_a_project_ends() -> None:
    place = _place(Kind.START_UP)
    place.projects.left[0] = 3
    place.run(2)
    assert place.scales == {77: 12.0}
    place.run(1, NOW + 2)
    assert len(place.scales) == 2


def test_an_expansion_raises_the_scale_of_its_firm_by_the_planned_jobs() -> None:
    place = _place(Kind.EXPANSION, jobs=6.0)
    place.run(1)
    assert place.scales == {77: 12.0}
    place.run(GROWTH_MONTHS // 2, NOW + 1)
    assert place.scales == {77: pytest.approx(15.0)}
    place.run(GROWTH_MONTHS, NOW + 1 + GROWTH_MONTHS // 2)
    assert place.scales == {77: pytest.approx(18.0)}
    assert place.firms.support[1] == 1_600_000


@pytest.mark.parametrize(("cash", "after"), [(-3.0, 6.0), (9.0, 9.0)])
def test_a_rescue_restores_cash_and_no_more(cash: float, after: float) -> None:
    place = _place(Kind.RESCUE)
    place.firms.cash[1] = cash
    place.run(1)
    assert place.firms.cash[1] == after
    place.run(2 * GROWTH_MONTHS, NOW + 1)
    assert place.scales == {77: 12.0}


def _attractiveness(place: Place, months: int = 1) -> tuple[float, float]:
    """Attractiveness for business and for settlement after a project has ended."""
    municipalities = allocate_municipalities(("9901",))
    for month in range(months):
        place.run(1, NOW + month)
        become_attractive(municipalities, place.built, np.array([1500]), np.array([3000]), _values())
    return float(municipalities.business[0]), float(municipalities.settlement[0])


def test_sites_and_competence_attract_business_and_settlement_projects_attract_settlers() -> None:
    values, per_job, per_inhabitant = _values(), 4_000_000 / 1000.0 / 1500, 4_000_000 / 1000.0 / 3000
    assert _attractiveness(_place(Kind.SITE)) == (pytest.approx(values.site_pull * per_job), 0.0)
    assert _attractiveness(_place(Kind.COMPETENCE)) == (pytest.approx(values.competence_pull * per_job), 0.0)
    assert _attractiveness(_place(Kind.SETTLEMENT)) == (0.0, pytest.approx(values.settlement_pull * per_inhabitant))
    for kind in (Kind.START_UP, Kind.EXPANSION, Kind.RESCUE):
        assert _attractiveness(_place(kind)) == (0.0, 0.0)
    assert _attractiveness(_place(Kind.SITE, number=2))[0] == pytest.approx(2 * values.site_pull * per_job)


def test_attractiveness_wears_off() -> None:
    fresh, later = (_attractiveness(_place(Kind.SITE), months)[0] for months in (1, 97))
    assert later == pytest.approx(fresh * (1.0 - 1.0 / _values().pull_lasts) ** 96)
    assert later < 0.4 * fresh


@pytest.mark.parametrize("kind", ATTRACTION)
def test_projects_for_attractiveness_touch_no_firm(kind: Kind) -> None:
    place, before = _place(kind), _place(kind).firms
    place.run(2 * GROWTH_MONTHS)
    for name, column in zip(Firms._fields, place.firms, strict=True):
        np.testing.assert_array_equal(column, getattr(before, name), err_msg=name)
    assert place.projects.stage[0] == Stage.FREE
    grown = _place(Kind.EXPANSION)
    grown.run(2 * GROWTH_MONTHS)
    assert grown.scales != place.scales


@pytest.mark.parametrize("kind", list(Kind))
def test_nothing_comes_of_a_failed_project(kind: Kind) -> None:
    place, before = _place(kind), _place(kind).firms
    place.run(2 * GROWTH_MONTHS, failure_start_up=1.0, failure_other=1.0)
    for name, column in zip(Firms._fields, place.firms, strict=True):
        np.testing.assert_array_equal(column, getattr(before, name), err_msg=name)
    assert not place.built.any()
    assert place.projects.stage[0] == Stage.FREE


def test_an_office_that_follows_a_project_makes_failure_rarer() -> None:
    """Founded firms among 2,000 start-ups: bound of 4.5 standard errors (false alarm 7e-6)."""
    size, founded = 2000, {}
    for payer, competence in ((0, 0.9), (1, 0.0), (1, 0.9), (2, 0.9)):
        place = _place(Kind.START_UP, number=size, payer=payer)
        place.offices.competence[:] = competence
        place.run(1, failure_start_up=0.4)
        founded[payer, competence] = set(place.scales)
        assert place.offices.finished[0] == size * (payer == Payer.PROGRAMME)
    assert founded[0, 0.9] == founded[1, 0.0] < founded[1, 0.9] == founded[2, 0.9]
    expected = 1.0 - 0.4 * (1.0 - 0.9 * _values().following)
    assert abs(len(founded[1, 0.9]) / size - expected) < 4.5 * 0.5 / np.sqrt(size)
    assert abs(len(founded[0, 0.9]) / size - expected) > 4.5 * 0.5 / np.sqrt(size)


def test_growth_ends_when_the_firm_closes() -> None:
    place, kept = _place(Kind.EXPANSION), _place(Kind.EXPANSION)
    for each in (place, kept):
        each.run(3)
    place.firms.state[1] = FirmState.GONE
    scale = place.firms.scale[1]
    for each in (place, kept):
        each.run(3, NOW + 3)
    assert place.firms.scale[1] == scale < kept.firms.scale[1]
    assert (place.projects.stage[0], kept.projects.stage[0]) == (Stage.FREE, Stage.GROWING)


@pytest.mark.parametrize("months_before", [0, 3])
def test_another_firm_in_the_same_row_is_not_mistaken_for_the_one_that_closed(months_before: int) -> None:
    for kind in (Kind.EXPANSION, Kind.RESCUE):
        place = _place(kind)
        place.projects.left[0] = 1
        if kind is Kind.EXPANSION:
            place.run(months_before)
        place.firms.uid[1] = 78
        cash, scale, support = place.firms.cash[1], place.firms.scale[1], place.firms.support[1]
        place.run(GROWTH_MONTHS, NOW + months_before)
        assert (place.firms.cash[1], place.firms.scale[1], place.firms.support[1]) == (cash, scale, support)
        assert place.projects.stage[0] == Stage.FREE


def test_start_ups_in_a_run_become_firms_with_staff() -> None:
    models = []
    for rate in (20.0, 0.0):
        parameters = Parameters().with_values(**{**SURE, "start_up_rate": rate, "growth_months": 30.0})
        models.append(RestructuringModel(make_margins((4000,)), parameters, seed=3))
        models[-1].run_months(40)
    projects, firms = models[0].development.projects, models[0].firm_columns
    growing = np.flatnonzero((projects.stage == Stage.GROWING) & (projects.kind == Kind.START_UP))
    rows = projects.firm[growing]
    alive = (firms.state[rows] == FirmState.ALIVE) & (firms.uid[rows] == projects.firm_uid[growing])
    assert len(growing) > 10
    assert [int(firm_identity(uid)) for uid in projects.uid[growing]] == projects.firm_uid[growing].tolist()
    assert firms.staff[rows[alive]].sum() > alive.sum()
    without = models[1].development.projects
    assert not ((without.kind == Kind.START_UP) & (without.stage != Stage.FREE)).any()
