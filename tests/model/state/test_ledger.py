"""The ledger holds in every month, and notices when it is made not to."""

from __future__ import annotations

import numpy as np
import pytest

from omstilling.model import RestructuringModel
from omstilling.model.state.ledger import LedgerError
from worlds import make_margins


@pytest.fixture(scope="module")
def model() -> RestructuringModel:
    world = RestructuringModel(make_margins((1500, 700)), seed=5)
    world.run_months(24)
    return world


def test_the_ledger_is_checked_every_month(model: RestructuringModel) -> None:
    assert model.ledger_checks == 24


def test_recorded_flows_add_up(model: RestructuringModel) -> None:
    record = model.record
    change = np.diff(record.of("population"), axis=0)
    flows = record.of("births") - record.of("deaths") + record.of("in_migration") - record.of("out_migration")
    np.testing.assert_array_equal(change, flows[1:])
    jobs = record.of("employed_residents") + record.of("in_commuters") - record.of("out_commuters")
    np.testing.assert_array_equal(record.of("jobs"), jobs)


def _spoil_employer(world: RestructuringModel) -> None:
    row = np.flatnonzero(world.person_columns.status == 3)[0]
    world.person_columns.firm[row] = -1


def _spoil_staff(world: RestructuringModel) -> None:
    world.firm_columns.staff[1] += 1


def _spoil_household(world: RestructuringModel) -> None:
    persons = world.person_columns
    row = np.flatnonzero((persons.role == 3) & (persons.status == 1))[0]
    persons.home[row] = 1 - persons.home[row]


def _spoil_state(world: RestructuringModel) -> None:
    row = np.flatnonzero(world.person_columns.status == 3)[0]
    world.person_columns.status[row] = 4


def _spoil_population(world: RestructuringModel) -> None:
    world.counts.births[0] += 1


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_spoil_employer, "without a living employer"),
        (_spoil_staff, "staff unequal"),
        (_spoil_household, "without its head"),
        (_spoil_state, "without a living employer"),
        (_spoil_population, "persons = previous"),
    ],
)
def test_a_broken_identity_is_noticed(spoil, words) -> None:
    world = RestructuringModel(make_margins((900, 400)), seed=6)
    world.run_months(2)
    for flow in world.counts:
        flow[:] = 0
    world.settle_ledger()
    spoil(world)
    with pytest.raises(LedgerError, match=words):
        world.settle_ledger()
