"""Pairing: two runs that differ in nothing that matters are equal bit for bit, so an effect is a paired difference."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from omstilling.model import Parameters, RestructuringModel
from omstilling.model.development.ideas import Kind
from omstilling.model.development.projects import Stage
from omstilling.model.firms.turnover import take_row
from omstilling.model.policy.design import Design
from omstilling.model.state.columns import NEVER, FirmState
from omstilling.model.state.record import COLUMNS
from omstilling.scenarios.design_loader import load_design
from worlds import make_design, make_margins, make_support

MARGINS = make_margins((1600, 900))
MONTHS = 60
SURE = Parameters().with_values(failure_start_up=0.0, failure_other=0.0)
GUEST = 987_654_321
"""Identity of what is put into one of two worlds."""


def _run(design: Design, months: int = MONTHS, seed: int = 6) -> RestructuringModel:
    model = RestructuringModel(MARGINS, seed=seed, support=make_support(design, MARGINS, documented_loss=400.0))
    model.run_months(months)
    return model


def _by_identity(table, living: np.ndarray, links: dict[str, np.ndarray]) -> pd.DataFrame:
    """Living rows sorted by identity; columns that name rows of other tables hold the identities of those rows."""
    frame = pd.DataFrame({name: getattr(table, name)[living] for name in table._fields})
    for name, identities in links.items():
        rows = frame[name].to_numpy().astype(int)
        frame[name] = np.where(rows >= 0, identities[np.maximum(rows, 0)], 0).astype(np.uint64)
    return frame[frame["uid"] != GUEST].sort_values("uid", ignore_index=True)


def _world(model: RestructuringModel) -> dict[str, pd.DataFrame]:
    """Everything that lives in a model but guests, independent of the order of rows."""
    persons, firms, projects = model.person_columns, model.firm_columns, model.development.projects
    firm_uid = firms.uid.copy()
    firm_uid[0] = 1
    tables = {
        "persons": _by_identity(persons, persons.status > 0, {"head": persons.uid, "firm": firm_uid}),
        "firms": _by_identity(firms, (firms.state == FirmState.ALIVE) & (np.arange(len(firms.uid)) > 0), {}),
        "projects": _by_identity(projects, projects.stage > 0, {}).drop(columns="firm"),
    }
    offices = model.development.offices
    tables["offices"] = pd.DataFrame({name: getattr(offices, name) for name in offices._fields})
    tables["municipalities"] = pd.DataFrame({n: getattr(model.municipalities, n) for n in model.municipalities._fields})
    return tables


def _differing(one: RestructuringModel, other: RestructuringModel) -> list[str]:
    """What differs between two runs: recorded columns, and columns of what lives at the end."""
    found = [name for name in COLUMNS if not np.array_equal(one.record.of(name), other.record.of(name))]
    worlds = _world(one), _world(other)
    for name, table in worlds[0].items():
        twin = worlds[1][name]
        if len(table) != len(twin):
            found.append(name)
        else:
            found += [f"{name}.{column}" for column in table if not table[column].equals(twin[column])]
    return found


@pytest.fixture(scope="module")
def without() -> RestructuringModel:
    return _run(load_design("none"))


def test_a_world_is_equal_to_itself_and_not_to_another_seed(without: RestructuringModel) -> None:
    assert _differing(without, _run(load_design("none"))) == []
    other = _differing(without, _run(load_design("none"), seed=7))
    assert {"jobs", "population", "persons", "firms"} <= set(other)


@pytest.mark.parametrize("name", ["current", "split-2024"])
def test_a_design_under_another_name_is_the_same_design(name: str) -> None:
    model = _run(load_design(name))
    assert _differing(model, _run(replace(load_design(name), name="another"))) == []
    assert model.programmes[0].spent_on_projects > 0
    first, *others = load_design(name).tracks
    poorer = replace(load_design(name), tracks=(replace(first, yearly_grant=0.3 * first.yearly_grant), *others))
    assert {"support_paid", "jobs"} <= set(_differing(model, _run(poorer)))


def test_a_programme_changes_nothing_where_nothing_links_to_it() -> None:
    """Luck is each one's own: what a programme sets off in one place does not shift the draws of another."""
    apart = make_margins((1600, 900), linked=False)
    runs = []
    for name in ("none", "current"):
        model = RestructuringModel(apart, seed=6, support=make_support(load_design(name), apart, documented_loss=400.0))
        model.run_months(100)
        runs.append(model)
    assert runs[1].programmes[0].spent_on_projects > 0
    without, supported = ({name: run.record.of(name) for name in COLUMNS} for run in runs)
    assert [name for name in COLUMNS if not np.array_equal(without[name][:, 1], supported[name][:, 1])] == []
    moved = {name for name in COLUMNS if not np.array_equal(without[name][:, 0], supported[name][:, 0])}
    assert {"support_paid", "jobs", "population", "capacity_index"} <= moved


def _empty(guidance: float = 0.0, **changes: float) -> Design:
    """``current`` without money, staff and guidance."""
    current = load_design("current")
    values = {"yearly_grant": 0.0, "staff": 0.0, "guidance": guidance, **changes}
    return replace(current, tracks=tuple(replace(track, **values) for track in current.tracks))


@pytest.mark.parametrize("changes", [{}, {"yearly_grant": 6e6, "taper_years": 6, "taper_share": 0.0}])
def test_a_programme_without_money_and_guidance_changes_nothing(without: RestructuringModel, changes) -> None:
    model = _run(_empty(**changes))
    assert model.programmes[0].track is not None
    assert _differing(without, model) == []


@pytest.mark.parametrize(
    ("changes", "moved"),
    [
        ({"guidance": 0.01}, {"capacity_competence", "capacity_routines", "capacity_anchoring"}),
        ({"yearly_grant": 3e6}, {"support_paid", "capacity_anchoring", "jobs", "projects"}),
        ({"yearly_grant": 3e6, "staff": 1.0}, {"capacity_staffing", "capacity_network", "jobs"}),
    ],
)
def test_a_little_of_anything_changes_something(without: RestructuringModel, changes, moved: set[str]) -> None:
    assert moved <= set(_differing(without, _run(_empty(**changes))))


def _pair(guest) -> tuple[RestructuringModel, RestructuringModel]:
    """Two equal models of which the second gets a guest after a year; both run on for two years."""
    models = []
    for invite in (None, guest):
        model = RestructuringModel(MARGINS, SURE, seed=6, support=make_support(make_design(), MARGINS))
        model.run_months(12)
        if invite:
            invite(model)
        model.run_months(24)
        models.append(model)
    return models[0], models[1]


def _open_firm(model: RestructuringModel, scale: float) -> int:
    """A newly founded firm that keeps the size it is given, whatever the month brings."""
    firms, row = model.firm_columns, take_row(model.firm_space, len(model.firm_columns.uid))
    for name in firms._fields:
        getattr(firms, name)[row] = 0
    firms.uid[row], firms.scale[row], firms.state[row], firms.spared[row] = GUEST, scale, FirmState.ALIVE, 1
    firms.wage[row] = firms.productivity[row] = 1.0
    firms.founded[row], firms.closing[row], firms.named[row], firms.industry[row] = model.month, NEVER, -1, 2
    return row


def _begin_project(model: RestructuringModel, kind: Kind, cost: int) -> int:
    projects = model.development.projects
    row = take_row(model.development.space, len(projects.uid))
    projects.uid[row], projects.kind[row], projects.stage[row], projects.left[row] = GUEST, kind, Stage.RUNNING, 9
    projects.firm[row], projects.firm_uid[row], projects.jobs[row], projects.cost[row] = -1, 0, 0.0, cost
    projects.place[row], projects.payer[row], projects.support[row] = 0, 0, 0
    return row


def _inert_guests(model: RestructuringModel) -> None:
    _open_firm(model, 0.0)
    _begin_project(model, Kind.COMPETENCE, 0)


def test_a_firm_that_wants_nobody_and_a_project_that_costs_nothing_shift_no_luck() -> None:
    alone, with_guests = _pair(_inert_guests)
    firms = with_guests.firm_columns
    assert ((firms.uid == GUEST) & (firms.state == FirmState.ALIVE)).sum() == 1
    assert _differing(alone, with_guests) == []
    assert [p.uid for p in alone.development.supported] == [p.uid for p in with_guests.development.supported]
    rows = [np.flatnonzero(model.firm_columns.uid > 0) for model in (alone, with_guests)]
    order = [model.firm_columns.uid[row] for model, row in zip((alone, with_guests), rows, strict=True)]
    assert not np.array_equal(order[0], order[1][: len(order[0])])  # the guest moved others to other rows


@pytest.mark.parametrize(
    ("guest", "moved"),
    [
        (lambda model: _open_firm(model, 5.0), {"jobs", "hires"}),
        (lambda model: _begin_project(model, Kind.COMPETENCE, 5_000_000), {"business_attractiveness"}),
        (lambda model: _begin_project(model, Kind.START_UP, 0), {"firms", "jobs"}),
    ],
    ids=["hires", "builds", "founds"],
)
def test_a_guest_that_does_something_is_noticed(guest, moved: set[str]) -> None:
    assert moved <= set(_differing(*_pair(guest)))
