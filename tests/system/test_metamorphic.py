"""Metamorphic: what must change nothing changes no bit, and what must change something does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from omstilling.model import RegionMargins, RestructuringModel, Shock, ShockKind
from worlds import make_margins

MONTHS = 30


def _record(margins: RegionMargins, shocks: tuple[Shock, ...] = (), seed: int = 11) -> np.ndarray:
    model = RestructuringModel(margins, shocks=shocks, seed=seed)
    model.run_months(MONTHS)
    return model.record.values


def _shock(jobs: int, kind: ShockKind = ShockKind.CLOSURE) -> Shock:
    industry = 12 if kind is ShockKind.PUBLIC_CLOSURE else 2
    duration = 12 if kind is ShockKind.DECLINE else 1
    return Shock(
        kind, make_margins().start_month + 8, "9901", jobs, industry, notice_months=2, duration_months=duration
    )


@pytest.mark.parametrize("kind", list(ShockKind))
def test_a_shock_of_no_jobs_changes_nothing(kind: ShockKind) -> None:
    margins = make_margins((3000, 1500))
    calm = _record(margins)
    np.testing.assert_array_equal(calm, _record(margins, (_shock(0, kind),)))
    assert not np.array_equal(calm, _record(margins, (_shock(40, kind),)))


def test_same_seed_same_bits() -> None:
    margins = make_margins((1200, 600))
    np.testing.assert_array_equal(_record(margins), _record(margins))
    assert not np.array_equal(_record(margins), _record(margins, seed=12))


def _join(one: RegionMargins, other: RegionMargins) -> RegionMargins:
    """Two regions of one municipality each that share nothing."""
    commuting = np.zeros((3, 3), dtype=np.int64)
    share = np.zeros((2, one.destination_share.shape[1], 3))
    travel = np.full((2, 2), 1000.0)
    for place, part in enumerate((one, other)):
        commuting[place, place] = part.commuting[0, 0]
        commuting[place, 2] = part.commuting[0, 1]
        commuting[2, place] = part.commuting[1, 0]
        share[place, :, 2] = part.destination_share[0, :, 1]
        travel[place, place] = part.travel_minutes[0, 0]

    def both(name):
        return np.concatenate([getattr(one, name), getattr(other, name)])

    names = (
        "centrality_index", "centrality_class", "population", "unemployed", "industry_jobs", "establishment_shares",
        "out_migration_rate", "in_migration", "settlement_attractiveness", "past_population", "past_jobs",
    )  # fmt: skip
    return replace(
        one, codes=one.codes + other.codes, names=one.names + other.names, commuting=commuting, travel_minutes=travel,
        commuting_affinity=np.ones((2, 2)), destination_share=share, **{name: both(name) for name in names},
    )  # fmt: skip


def test_two_regions_that_share_nothing_equal_each_alone() -> None:
    one, other = make_margins((1800,), first_code=9901), make_margins((900,), first_code=9950)
    together = _record(_join(one, other))
    np.testing.assert_array_equal(together[:, :1], _record(one))
    np.testing.assert_array_equal(together[:, 1:], _record(other))
    linked = _join(one, other)
    linked.travel_minutes[:] = 20.0
    assert not np.array_equal(_record(linked)[:, :1], _record(one))


def test_doubling_everything_doubles_expected_counts() -> None:
    """Bound of 4.5 standard errors of the difference: false alarm 7e-6 a figure."""
    single = [_record(make_margins((2000,)), seed=s) for s in range(12)]
    double = [_record(make_margins((4000,)), seed=s) for s in range(12)]
    for column in (0, 1, 2):
        a = np.array([2 * record[-1, 0, column] for record in single])
        b = np.array([record[-1, 0, column] for record in double])
        error = np.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b))
        assert abs(a.mean() - b.mean()) < 4.5 * error + 0.01 * b.mean()
        assert abs(1.2 * a.mean() - b.mean()) > 4.5 * error


def test_a_closure_takes_its_jobs_at_once() -> None:
    """Over seven runs, so that what other firms hire and lay off in the month evens out."""
    margins, staff, lost = make_margins((5000,)), [], []
    for seed in range(1, 8):
        model = RestructuringModel(margins, shocks=(_shock(120),), seed=seed)
        model.run_months(8)
        firm = model.firm_named("shock 1")
        staff.append(model.firms[firm].staff)
        before = model.jobs
        model.step()
        lost.append(before - model.jobs)
        with pytest.raises(IndexError):
            model.firms[firm]
    assert min(staff) > 60
    assert 0.8 * sum(staff) < sum(lost) < 1.1 * sum(staff)
