"""Readable rows, Mesa agents and the data collector."""

from __future__ import annotations

from collections import Counter

import mesa
import numpy as np
import pytest

from omstilling.model import RestructuringModel
from omstilling.model.places.institutions import Municipality, Outside
from omstilling.model.policy.administration import CompetenceBody, County, DevelopmentOffice, State
from worlds import make_margins


@pytest.fixture(scope="module")
def model() -> RestructuringModel:
    world = RestructuringModel(make_margins((900, 400)), seed=2)
    world.run_months(6)
    return world


def test_persons_and_firms_read_as_rows(model: RestructuringModel) -> None:
    person = next(person for person in model.persons if person.employer)
    assert model.persons[person.row] == person
    assert 14 <= person.age < 76
    assert person.home.startswith("Testøy")
    assert model.firms[person.employer].staff >= 1
    big = model.firms.where(lambda firm: firm.staff > 20)
    assert len(big) == (model.firms.frame()["staff"] > 20).sum() > 0
    assert len(model.persons) == model.population


@pytest.mark.parametrize("row", [-1, 10**7])
def test_rows_that_do_not_exist_are_refused(model: RestructuringModel, row: int) -> None:
    with pytest.raises(IndexError, match="no living person"):
        model.persons[row]
    with pytest.raises(IndexError, match="no living firm"):
        model.firms[row]
    with pytest.raises(IndexError):
        model.firms[0]


def test_institutions_are_mesa_agents(model: RestructuringModel) -> None:
    assert isinstance(model, mesa.Model)
    kinds = Counter(type(agent) for agent in model.agents)
    assert kinds == {Municipality: 2, Outside: 1, DevelopmentOffice: 2, State: 1, County: 1, CompetenceBody: 1}
    place = model.municipality_agents[0]
    assert place.population == model.record.of("population")[-1, 0]
    assert place.jobs == model.record.of("jobs")[-1, 0]
    assert sum(agent.population for agent in model.municipality_agents) == model.population
    assert model.outside.employed_from_region == (model.person_columns.firm == 0)[: 1300 * 2].sum() - np.sum(
        (model.person_columns.firm == 0) & (model.person_columns.status == 0)
    )


def test_the_data_collector_has_every_month() -> None:
    world = RestructuringModel(make_margins((600, 400)), seed=2)
    seen = []
    world.run_months(6, lambda _: seen.append((world.population, world.jobs, world.unemployed)))
    frame = world.datacollector.get_model_vars_dataframe()
    assert list(frame.columns) == ["population", "jobs", "unemployed"]
    assert list(frame.itertuples(index=False, name=None)) == seen
    assert len(set(seen)) == 6


def test_batch_run_of_mesa_collects_every_month() -> None:
    given = {"margins": make_margins((600,)), "threads": 1}
    rows = mesa.batch_run(
        RestructuringModel, given, rng=[2, 3], max_steps=3, data_collection_period=1, display_progress=False
    )
    assert [(row["RunId"], row["Step"]) for row in rows] == [(run, step) for run in (0, 1) for step in (1, 2, 3)]
    world = RestructuringModel(make_margins((600,)), seed=2)
    world.run_months(3)
    assert [row["jobs"] for row in rows[:3]] == list(world.record.of("jobs").sum(axis=1)[1:])


def test_any_dated_event_can_be_scheduled() -> None:
    world = RestructuringModel(make_margins((600,)), seed=2)
    seen = []

    def look() -> None:
        seen.append(world.month)

    world.schedule_event(look, at=3.5)
    world.run_months(6)
    assert seen == [world.margins.start_month + 2]
