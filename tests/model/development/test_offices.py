"""Development offices: what the capacity index binds together, and how staff learn, leave and are kept."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from omstilling.model import Parameters
from omstilling.model.development.offices import (
    Offices,
    capacity_index,
    change_leader,
    leave_programme,
    open_offices,
    run_offices,
    staffing,
)
from omstilling.model.engine import draws
from omstilling.model.parameters import CapacityValues, kernel_values
from omstilling.model.state.structure import allocate_municipalities

PARTS = ("competence", "network", "routines", "anchoring")
STREAM = int(draws.Process.OFFICE)
# Bounds of random tests are 4.5 standard errors (false alarm 7e-6); seeds are fixed.


def _values(**changes: float):
    return kernel_values(Parameters().with_values(**changes).capacity, CapacityValues)


def _key(month: int = 5):
    return draws.month_streams(np.uint64(3), month)[STREAM]


def _open(size: int = 1, inhabitants: int = 3000, **columns: float) -> tuple[Offices, object, np.ndarray]:
    """Offices of some equal municipalities, some of their columns set, with the municipalities and inhabitants."""
    municipalities = allocate_municipalities(tuple(str(10_000 + number) for number in range(size)))
    population = np.full(size, inhabitants, dtype=np.int64)
    offices = open_offices(municipalities, population, _values(), _key(-1))
    for name, value in columns.items():
        getattr(offices, name)[:] = value
    return offices, municipalities, population


def _run(months: int, size: int = 1, inhabitants: int = 3000, values=None, **columns: float) -> Offices:
    offices, municipalities, population = _open(size, inhabitants, **columns)
    for month in range(months):
        run_offices(offices, municipalities, population, values or _values(turnover=0.0), _key(month))
    return offices


def _index(staffed: float, competence: float, network: float, routines: float, anchoring: float) -> float:
    offices, *_ = _open(competence=competence, network=network, routines=routines, anchoring=anchoring)
    return capacity_index(offices, 0, staffed)


SHARE = st.floats(0.03, 0.95)


@given(parts=st.lists(SHARE, min_size=5, max_size=5))
@settings(deadline=None, derandomize=True)
def test_capacity_is_the_geometric_mean_of_five_parts(parts: list[float]) -> None:
    assert _index(*parts) == pytest.approx(100.0 * stats.gmean(parts), rel=1e-12)


def test_capacity_is_not_the_arithmetic_mean() -> None:
    parts = (0.1, 0.9, 0.9, 0.9, 0.9)
    assert _index(*parts) < 100.0 * np.mean(parts) - 10.0


@given(parts=st.lists(SHARE, min_size=5, max_size=5), which=st.integers(0, 4))
@settings(deadline=None, derandomize=True)
def test_each_part_raises_capacity(parts: list[float], which: int) -> None:
    more = [part + 0.04 * (number == which) for number, part in enumerate(parts)]
    assert _index(*more) > _index(*parts)


@pytest.mark.parametrize("weakest", range(5))
def test_the_weakest_part_binds(weakest: int) -> None:
    parts = [0.2 if number == weakest else 0.7 for number in range(5)]
    gains = [_index(*(p + 0.1 * (n == raised) for n, p in enumerate(parts))) - _index(*parts) for raised in range(5)]
    assert gains[weakest] > 3.0 * max(gain for number, gain in enumerate(gains) if number != weakest)
    even = [0.7] * 5
    gains = [_index(*(p + 0.1 * (n == raised) for n, p in enumerate(even))) - _index(*even) for raised in range(5)]
    assert max(gains) == pytest.approx(min(gains))


def test_staffing_saturates() -> None:
    levels = np.array([staffing(fte, 3000.0, 0.6) for fte in range(9)])
    gains = np.diff(levels)
    assert levels[0] == 0.0
    assert (gains > 0.0).all()
    assert (np.diff(gains) < 0.0).all()
    assert levels[-1] < 1.0
    assert staffing(2.0, 6000.0, 0.6) == staffing(1.0, 3000.0, 0.6)


def test_the_network_saturates() -> None:
    """At rest a share won / (won + lost) of local firms is known: twice the staff knows less than twice as many."""
    size = {fte: _run(600, ordinary_staff=fte, leader=1.0).network[0] for fte in (1.0, 2.0, 200.0)}
    values = _values()
    for fte, known in size.items():
        won = min(1.0, values.contacts * fte / 3.0)
        assert known == pytest.approx(won / (won + values.contacts_lost), rel=1e-3)
    assert size[1.0] < size[2.0] < 2.0 * size[1.0]
    assert size[2.0] < size[200.0] < 1.0


def test_guidance_and_finished_projects_build_competence_and_routines() -> None:
    idle = _run(24)
    assert (idle.competence[0], idle.routines[0]) == (_values().ordinary_competence, _values().ordinary_routines)
    guided, closely = _run(24, guidance=0.5), _run(24, guidance=1.0)
    one, three = _run(24, finished=1), _run(24, finished=3)
    for less, more in ((idle, guided), (guided, closely), (idle, one), (one, three)):
        assert less.competence[0] < more.competence[0] < 1.0
        assert less.routines[0] < more.routines[0] < 1.0


def test_offices_learn_faster_under_a_good_leader_and_forget_without_practice() -> None:
    poor, good = _run(12, guidance=0.5, leader=0.6), _run(12, guidance=0.5, leader=1.6)
    assert poor.competence[0] < good.competence[0]
    after = _run(36, competence=0.8, routines=0.6)
    assert _values().ordinary_competence < after.competence[0] < 0.8
    assert _values().ordinary_routines < after.routines[0] < 0.6


@pytest.mark.parametrize("routines", [0.0, 0.2, 0.5, 1.0])
def test_turnover_takes_competence_that_is_not_written_down(routines: float) -> None:
    values = _values()
    offices, municipalities, _ = _open(competence=0.8, routines=routines)
    change_leader(offices, 0, values, _key(), municipalities.uid[0])
    lost = 0.8 - offices.competence[0]
    assert lost == pytest.approx(0.8 * values.loss_at_turnover * (1.0 - routines))
    assert (lost > 0.0) == (routines < 1.0)
    assert offices.routines[0] == routines


def test_leaders_leave_at_the_rate_of_turnover_and_others_stay() -> None:
    values, size, months = _values(), 800, 24
    offices, municipalities, population = _open(size)
    changes = 0
    for month in range(months):
        before = offices.leader.copy()
        run_offices(offices, municipalities, population, values, _key(month))
        changes += int((offices.leader != before).sum())
    expected = values.turnover * size * months
    assert abs(changes - expected) < 4.5 * np.sqrt(expected)
    assert abs(changes - 1.4 * expected) > 4.5 * np.sqrt(expected)
    np.testing.assert_array_equal(_run(24, size).leader, _open(size)[0].leader)


def test_each_hire_is_a_new_draw_of_quality() -> None:
    values = _values()
    offices, municipalities, _ = _open()
    hired = []
    for month in range(400):
        change_leader(offices, 0, values, _key(month), municipalities.uid[0])
        hired.append(offices.leader[0])
    assert len(set(hired)) == len(hired)
    standard = np.log(hired) / values.leader_spread
    assert stats.kstest(standard, "norm").pvalue > 1e-5
    assert stats.kstest(standard / 1.5, "norm").pvalue < 1e-5
    change_leader(offices, 0, values, _key(399), municipalities.uid[0])
    assert offices.leader[0] == hired[-1]


def test_the_backing_of_the_council_says_nothing_of_the_leader() -> None:
    """Rank correlation with quality and its distance from the median; bound of 4.5 standard errors each."""
    size = 2000
    offices, *_ = _open(size)
    for quality in (np.log(offices.leader), np.abs(np.log(offices.leader))):
        assert abs(stats.spearmanr(offices.council, quality).statistic) < 4.5 / np.sqrt(size)
        follows = offices.council + 0.2 * quality
        assert abs(stats.spearmanr(follows, quality).statistic) > 4.5 / np.sqrt(size)


def test_the_end_of_a_programme_keeps_the_planned_part_of_its_staff() -> None:
    offices, municipalities, population = _open(2, programme_staff=2.0, engagement=1.0)
    ordinary = offices.ordinary_staff.copy()
    values, places = _values(turnover=0.0), np.array([1])
    leave_programme(offices, places, 0.6 * offices.council[places], municipalities, values, _key())
    assert offices.ordinary_staff[1] == ordinary[1] + 0.6 * offices.council[1] * 2.0
    assert (offices.programme_staff[1], offices.engagement[1]) == (0.0, 0.0)
    assert (offices.ordinary_staff[0], offices.programme_staff[0]) == (ordinary[0], 2.0)
    for month in range(120):
        run_offices(offices, municipalities, population, values, _key(month))
    np.testing.assert_allclose(offices.staff, offices.ordinary_staff + offices.programme_staff)
    assert offices.anchoring[1] == pytest.approx(offices.council[1], abs=1e-3)


@pytest.mark.parametrize(("kept", "staff"), [(0.7, 1.0), (0.2, 1.0), (0.0, 0.0)])
def test_the_leader_stays_with_the_chance_of_what_is_kept(kept: float, staff: float) -> None:
    size = 1500
    offices, municipalities, _ = _open(size, programme_staff=staff)
    before = offices.leader.copy()
    leave_programme(offices, np.arange(size), np.full(size, kept), municipalities, _values(), _key())
    stayed = (offices.leader == before).mean()
    expected = kept if staff else 1.0
    assert abs(stayed - expected) < 4.5 * 0.5 / np.sqrt(size)
    assert abs(stayed - (expected - 0.15)) > 4.5 * 0.5 / np.sqrt(size)
