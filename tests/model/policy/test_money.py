"""Money: granted = spent + held + returned in every month of every design, and the way from reported to net jobs."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace

import numpy as np
import pytest

from omstilling.experiments.reading.trace import AFTER, Trace, reading_rows, trace_run
from omstilling.experiments.reading.waterfall import PARTS, Waterfall, waterfall
from omstilling.model import RestructuringModel
from omstilling.model.policy.programme import Phase
from omstilling.model.state.accounts import Payment, Purpose
from omstilling.model.state.ledger import LedgerError
from omstilling.scenarios.design_loader import load_design, shipped_designs
from worlds import make_design, make_margins, make_support

MARGINS = make_margins((1600, 900))
SEED = 8
EVIDENCE = {
    "acute": {"documented_loss": 400.0},
    "decline": {"documented_loss": 0.0, "documented_population_decline": 0.2},
}
GRANTED = {("refine", "decline"): False}
NOT_GRANTED = {"none"}
LONGEST = max(track.months for name in shipped_designs() for track in load_design(name).tracks)
CASES = [(name, loss) for name in shipped_designs() for loss in EVIDENCE]


@dataclass
class Auditor:
    """Adds up the journal by account and purpose after each month and compares with what the owners say they hold."""

    model: RestructuringModel
    seen: int = 0
    received: dict[tuple[str, Purpose], int] = field(default_factory=dict)
    paid: dict[tuple[str, Purpose], int] = field(default_factory=dict)
    months: int = 0
    wrong: list[str] = field(default_factory=list)

    def _of(self, sums: dict[tuple[str, Purpose], int], account: str, *purposes: Purpose) -> int:
        return sum(sums.get((account, purpose), 0) for purpose in purposes)

    def audit(self) -> None:
        accounts = self.model.accounts
        for payment in accounts.journal[self.seen :]:
            for sums, account in ((self.received, payment.payee), (self.paid, payment.payer)):
                sums[account, payment.purpose] = sums.get((account, payment.purpose), 0) + payment.amount
        self.seen = len(accounts.journal)
        self.months += 1
        for programme in self.model.programmes:
            account = programme.account
            granted = self._of(self.received, account, Purpose.GRANT, Purpose.OWN_SHARE)
            spent = self._of(self.paid, account, Purpose.PROJECTS, Purpose.STAFF)
            returned = self._of(self.paid, account, Purpose.RETURN)
            self._compare(account, granted, spent + programme.held + returned)
            self._compare(f"{account}, spent", spent, programme.spent_on_projects + programme.spent_on_staff)
            self._compare(f"{account}, granted", granted, programme.granted + programme.own_share)
        for county in self.model.counties.values():
            received = self._of(self.received, county.account, *Purpose)
            self._compare(county.account, received, self._of(self.paid, county.account, *Purpose))
        state = self._of(self.paid, "State", Purpose.GRANT, Purpose.GUIDANCE, Purpose.ADVICE)
        self._compare("State", state - self._of(self.received, "State", Purpose.RETURN), -accounts.balances["State"])
        self._compare("all accounts", sum(accounts.balances.values()), 0)

    def _compare(self, what: str, one: int, other: int) -> None:
        if one != other:
            self.wrong.append(f"month {self.months}: {what}: {one} against {other}")


def _audited(name: str, loss: str) -> tuple[RestructuringModel, Auditor]:
    """A fresh model whose accounts are audited after each month."""
    model = RestructuringModel(MARGINS, seed=SEED, support=make_support(load_design(name), MARGINS, **EVIDENCE[loss]))
    auditor, record = Auditor(model), model.record_indicators

    def record_and_audit() -> None:
        record()
        auditor.audit()

    model.record_indicators = record_and_audit  # type: ignore[method-assign]
    return model, auditor


@pytest.fixture(scope="module")
def runs() -> dict[tuple[str, str], tuple[RestructuringModel, Auditor, Trace]]:
    """Every shipped design under both kinds of loss, to five years after the end of the longest."""
    found = {}
    for name, loss in CASES:
        model, auditor = _audited(name, loss)
        rows = reading_rows(model.support.applications[0], MARGINS.start_month, LONGEST)
        found[name, loss] = (model, auditor, trace_run(model, rows))
    return found


@pytest.mark.parametrize(("name", "loss"), CASES)
def test_granted_is_spent_held_and_returned_in_every_month(runs, name: str, loss: str) -> None:
    model, auditor, _ = runs[name, loss]
    assert auditor.wrong == []
    assert auditor.months == len(model.record.values) - 1 > 120
    granted = name not in NOT_GRANTED and GRANTED.get((name, loss), True)
    assert (model.programmes[0].granted > 0) == granted
    assert model.programmes[0].phase is (Phase.ORDINARY if granted else Phase.REFUSED)


def test_the_auditor_notices_a_krone_that_goes_astray() -> None:
    model, auditor = _audited("current", "acute")
    model.run_months(30)
    assert auditor.wrong == []
    model.accounts.journal.append(Payment(model.month, "Programme Test", "Projects", 1, Purpose.PROJECTS))
    auditor.audit()
    assert len(auditor.wrong) == 2


def _forge_grant(model: RestructuringModel) -> None:
    model.accounts.pay(model.month, "State", "Programme Test", 1, Purpose.GRANT)


def _forge_expense(model: RestructuringModel) -> None:
    model.accounts.pay(model.month, "Programme Test", "Projects", 1, Purpose.PROJECTS)


def _forge_transfer(model: RestructuringModel) -> None:
    model.accounts.pay(model.month, "State", "County 99", 1, Purpose.GRANT)


def _hide_a_krone(model: RestructuringModel) -> None:
    model.development.purses.money[0, 0] -= 1


@pytest.mark.parametrize(
    ("forge", "words"),
    [
        (_forge_grant, "Programme Test"),
        (_forge_expense, "Programme Test"),
        (_forge_transfer, "County 99"),
        (_hide_a_krone, "Programme Test"),
    ],
)
def test_the_ledger_detects_a_forged_payment(forge, words: str) -> None:
    model = RestructuringModel(MARGINS, seed=SEED, support=make_support(make_design(), MARGINS))
    model.run_months(16)
    assert model.programmes[0].held > 0
    forge(model)
    with pytest.raises(LedgerError, match=words):
        model.step()


def test_a_negative_payment_is_a_fault_and_nothing_is_booked_for_none() -> None:
    model = RestructuringModel(MARGINS, seed=SEED, support=make_support(make_design(), MARGINS))
    with pytest.raises(LedgerError, match="-1 kroner"):
        model.accounts.pay(model.month, "State", "County 99", -1, Purpose.GRANT)
    model.accounts.pay(model.month, "State", "County 99", 0, Purpose.GRANT)
    assert model.accounts.journal == []
    model.accounts.pay(model.month, "State", "County 99", 7, Purpose.GRANT)
    assert model.accounts.frame()["amount"].tolist() == [7]


def _parts(runs, name: str, loss: str) -> list[Waterfall]:
    return [waterfall(runs[name, loss][2], runs["none", loss][2], date) for date in range(1, len(AFTER) + 1)]


@pytest.mark.parametrize(("name", "loss"), CASES)
def test_reported_jobs_fall_to_net_jobs_without_a_remainder(runs, name: str, loss: str) -> None:
    model, _, trace = runs[name, loss]
    baseline = runs["none", loss][2]
    for date, parts in enumerate(_parts(runs, name, loss), start=1):
        assert abs(parts.residual()) < 1e-9
        jobs = [each.at("jobs", date) for each in (trace, baseline)]
        assert parts.net == jobs[0].sum() - jobs[1].sum()
        assert parts.displaced_to_neighbours == jobs[1][1] - jobs[0][1]
        assert 0.0 <= parts.deadweight <= parts.reported
        assert parts.reported == pytest.approx(
            trace.here("reported_created", date) + trace.here("reported_secured", date)
        )
    assert (parts.reported > 0.0) == bool(model.programmes[0].supported)
    assert [item.name for item in fields(Waterfall)] == list(PARTS)


@pytest.mark.parametrize("part", PARTS)
def test_a_wrong_part_leaves_a_remainder(runs, part: str) -> None:
    for parts in _parts(runs, "current", "acute"):
        assert parts.reported > 5.0
        wrong = replace(parts, **{part: getattr(parts, part) + 0.001})
        assert abs(wrong.residual()) == pytest.approx(0.001)


def test_a_job_that_is_not_there_changes_the_parts(runs) -> None:
    trace, baseline = runs["current", "acute"][2], runs["none", "acute"][2]
    cells = trace.cells.copy()
    cells[2, 1, 0] += 1.0
    changed, parts = waterfall(replace(trace, cells=cells), baseline, 2), waterfall(trace, baseline, 2)
    assert (changed.net - parts.net, changed.displaced_to_neighbours - parts.displaced_to_neighbours) == (1.0, -1.0)
    np.testing.assert_allclose(changed.residual(), 0.0, atol=1e-9)
