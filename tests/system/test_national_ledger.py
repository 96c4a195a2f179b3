"""National ledger: people, jobs, commuters and money add up across the municipalities of a county, each month."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from omstilling.calibration.margins.region import region_margins
from omstilling.calibration.tables.places import Places
from omstilling.model import RestructuringModel
from omstilling.model.policy.design import Support
from omstilling.model.state.accounts import Purpose
from omstilling.model.state.columns import NOBODY, OUTSIDE_FIRM, Status
from omstilling.scenarios.design_loader import load_design

MONTHS = 24


@pytest.fixture(scope="module")
def model() -> RestructuringModel:
    """Finnmark with programmes from the first round on, threads side by side, and the flows of every month."""
    margins = region_margins(Places().municipalities_in_county("56"), 2016)
    design = replace(load_design("current"), national_budget=400e6)
    made = RestructuringModel(
        margins, seed=4, support=Support(design, open_rounds=True), random_shocks=True, threads=2
    )  # fmt: skip
    made.commuting = []  # type: ignore[attr-defined]
    for _ in range(MONTHS):
        made.step()
        made.commuting.append(_commuting(made))  # type: ignore[attr-defined]
    return made


def _commuting(model: RestructuringModel) -> np.ndarray:
    """Employed residents by home and place of work; the last column works outside, shape (M, M + 1)."""
    persons, used, size = model.person_columns, int(model.person_space.counters[0]), model.margins.size
    rows = np.flatnonzero((persons.status[:used] == Status.EMPLOYED) & (persons.firm[:used] != NOBODY))
    firm = persons.firm[rows]
    work = np.where(firm == OUTSIDE_FIRM, size, model.firm_columns.municipality[firm])
    return np.bincount(persons.home[rows].astype(int) * (size + 1) + work, minlength=size * (size + 1)).reshape(
        size, -1
    )


def test_persons_add_up_in_every_place_and_month(model: RestructuringModel) -> None:
    record = model.record
    change = np.diff(record.of("population"), axis=0)
    flows = {name: record.of(name)[1:] for name in ("births", "deaths", "in_migration", "out_migration")}
    natural = flows["births"] - flows["deaths"]
    np.testing.assert_array_equal(change, natural + flows["in_migration"] - flows["out_migration"])
    assert not np.array_equal(change, natural)
    assert model.ledger_checks == MONTHS


def test_every_status_is_somebody_of_the_place(model: RestructuringModel) -> None:
    names = (
        "children", "students", "employed_residents", "unemployed", "outside_labour_force", "retired",
    )  # fmt: skip
    parts = sum(model.record.of(name) for name in names)
    np.testing.assert_array_equal(parts, model.record.of("population"))


def test_jobs_are_residents_at_work_and_commuters(model: RestructuringModel) -> None:
    record, size = model.record, model.margins.size
    of = {name: record.of(name) for name in ("jobs", "employed_residents", "in_commuters", "out_commuters")}
    np.testing.assert_array_equal(of["jobs"], of["employed_residents"] + of["in_commuters"] - of["out_commuters"])
    for month, matrix in enumerate(model.commuting, start=1):  # type: ignore[attr-defined]
        at_home = np.diag(matrix)
        np.testing.assert_array_equal(matrix.sum(axis=1), of["employed_residents"][month])
        np.testing.assert_array_equal(matrix.sum(axis=1) - at_home, of["out_commuters"][month])
        from_outside = of["in_commuters"][month] - (matrix[:, :size].sum(axis=0) - at_home)
        assert (from_outside >= 0).all()
        np.testing.assert_array_equal(of["jobs"][month], matrix[:, :size].sum(axis=0) + from_outside)
        # Over all places: commuters within cancel; what is left are those who cross the border.
        across = from_outside.sum() - matrix[:, size].sum()
        assert of["jobs"][month].sum() - of["employed_residents"][month].sum() == across


def test_money_of_all_accounts_is_what_is_held_and_what_is_spent(model: RestructuringModel) -> None:
    accounts = model.accounts
    assert sum(accounts.balances.values()) == 0
    assert any(programme.granted for programme in model.programmes)
    granted = accounts.total(Purpose.GRANT, payer=model.state.account)
    back = accounts.total(Purpose.RETURN, payee=model.state.account)
    received = sum(programme.granted for programme in model.programmes)
    assert granted == received
    own = accounts.total(Purpose.OWN_SHARE)
    returned = sum(accounts.total(Purpose.RETURN, payer=programme.account) for programme in model.programmes)
    spent = sum(programme.spent_on_projects + programme.spent_on_staff for programme in model.programmes)
    held = sum(programme.held for programme in model.programmes)
    assert granted + own == spent + held + returned
    assert back <= returned
    by_month: dict[int, int] = {}
    for payment in accounts.journal:
        by_month[payment.month] = by_month.get(payment.month, 0) + payment.amount
    assert min(by_month.values()) > 0
    assert len(by_month) == MONTHS
