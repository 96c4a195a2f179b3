"""National flows: moves between municipalities add up, fall with distance, and every region is a cut of the country."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omstilling.calibration.margins.mobility import Flows, national_flows, national_mobility, regional_mobility
from omstilling.calibration.margins.region import region_margins
from omstilling.calibration.margins.travel import travel_minutes
from omstilling.calibration.tables.tables import load_tables

MUNICIPALITIES, GROUPS = 357, 15
EVERYWHERE = np.arange(MUNICIPALITIES)
ABROAD = 0.10
YEARS = (2005, 2015, 2022)
REGIONS = st.lists(st.integers(0, MUNICIPALITIES - 1), min_size=1, max_size=12, unique=True).map(np.array)


def _leaving(year: int) -> np.ndarray:
    """Moves out that do not go abroad, shape (357, 15)."""
    return (1.0 - ABROAD) * national_mobility(year).outflow


def _coming(year: int, flows: Flows) -> np.ndarray:
    """Moves in from other municipalities: what abroad does not bring, as many in all as leave, shape (357, 15)."""
    inflow = national_mobility(year).inflow
    wanted = np.maximum(inflow - flows.from_abroad, 0.1 * inflow)
    return wanted * _leaving(year).sum(axis=0) / wanted.sum(axis=0)


def _sums_hold(year: int, flows: Flows) -> tuple[bool, bool]:
    """Whether rows and columns add up: relative errors of at most 1e-6 and 1e-3."""
    rows = np.abs(flows.inside.sum(axis=2) / _leaving(year) - 1.0).max()
    columns = np.abs(flows.inside.sum(axis=0).T / _coming(year, flows) - 1.0).max()
    return bool(rows < 1e-6), bool(columns < 1e-3)


@pytest.mark.parametrize("year", YEARS)
def test_moves_add_up_to_those_who_leave_and_those_who_come(year: int) -> None:
    flows = national_flows(year)
    assert flows.inside.shape == (MUNICIPALITIES, GROUPS, MUNICIPALITIES)
    assert flows.from_abroad.shape == (MUNICIPALITIES, GROUPS)
    assert (flows.inside >= 0).all()
    assert (flows.from_abroad >= 0).all()
    assert flows.inside[EVERYWHERE, :, EVERYWHERE].sum() == 0.0
    assert _sums_hold(year, flows) == (True, True)


def test_flows_that_do_not_add_up_are_noticed() -> None:
    flows = national_flows(2015)
    bergen, oslo = (load_tables().municipalities.index.get_loc(code) for code in ("4601", "0301"))
    moved = flows.inside.copy()
    moved[:, :, bergen] += 0.01 * moved[:, :, oslo]
    moved[:, :, oslo] *= 0.99
    assert _sums_hold(2015, Flows(moved, flows.from_abroad)) == (True, False)
    leaving = flows.inside.copy()
    leaving[oslo] *= 1.0 + 1e-5
    assert _sums_hold(2015, Flows(leaving, flows.from_abroad)) == (False, True)
    coming = _coming(2015, flows)
    by_size = _leaving(2015)[:, :, None] * (coming / coming.sum(axis=0)).T[None, :, :]
    assert _sums_hold(2015, Flows(by_size, flows.from_abroad)) == (True, True)  # sums alone do not make a gravity model
    one_sided = coming.T[None, :, :] * ((travel_minutes() + 10.0) ** -2.0)[:, None, :]
    one_sided[EVERYWHERE, :, EVERYWHERE] = 0.0
    one_sided *= (_leaving(2015) / one_sided.sum(axis=2))[:, :, None]
    assert _sums_hold(2015, Flows(one_sided, flows.from_abroad)) == (True, False)


@pytest.mark.parametrize(("exponent", "holds"), [(2.0, True), (2.05, False)])
def test_moves_fall_with_the_square_of_minutes_and_ten(exponent: float, holds: bool) -> None:
    """Balancing leaves cross-ratios of flows as they are: f_ij f_kl / (f_il f_kj) is that of distances alone."""
    flows, deterrence = national_flows(2015), (travel_minutes() + 10.0) ** -exponent
    rng = np.random.default_rng(3)
    picked = np.array([rng.choice(MUNICIPALITIES, 4, replace=False) for _ in range(300)])
    i, j, k, m = picked.T
    for group in (3, 8, 14):
        of = flows.inside[:, group, :]
        found = np.log(of[i, j] * of[k, m] / (of[i, m] * of[k, j]))
        wanted = np.log(deterrence[i, j] * deterrence[k, m] / (deterrence[i, m] * deterrence[k, j]))
        assert np.allclose(found, wanted, atol=1e-8) == holds


@pytest.mark.parametrize("year", [2018, 2022])
def test_as_many_move_in_by_place_and_age_as_the_national_figures_say(year: int) -> None:
    flows, mobility = national_flows(year), national_mobility(year)
    found = flows.inside.sum(axis=0).T + flows.from_abroad
    np.testing.assert_allclose(found, mobility.inflow, rtol=1e-3)
    assert not np.allclose(found, mobility.outflow, rtol=1e-3)


@pytest.mark.parametrize("year", [2005, 2015, 2018, 2022])
def test_as_many_move_into_the_country_as_the_national_figures_say(year: int) -> None:
    """To a thousandth of its net in-migration, which is what makes it grow."""
    flows, mobility = national_flows(year), national_mobility(year)
    found = flows.inside.sum() + flows.from_abroad.sum()
    net = (mobility.inflow - mobility.outflow).sum()
    assert 15_000 < net < 45_000
    assert abs(found - mobility.inflow.sum()) < 1e-3 * net


@pytest.mark.parametrize("year", YEARS)
def test_in_a_run_of_the_country_only_abroad_is_outside(year: int) -> None:
    out_rate, inflow, share = regional_mobility(EVERYWHERE, year)
    np.testing.assert_allclose(share[:, :, -1], ABROAD, atol=1e-9)
    np.testing.assert_allclose(share.sum(axis=2), 1.0, atol=1e-12)
    assert share[EVERYWHERE, :, EVERYWHERE].sum() == 0.0
    np.testing.assert_allclose(inflow, national_flows(year).from_abroad, atol=1e-6)
    assert (out_rate == national_mobility(year).out_rate).all()
    some = regional_mobility(EVERYWHERE[:-1], year)[2]
    assert (some[:, :, -1] > ABROAD + 1e-9).all()


def _inside(rows: np.ndarray, year: int) -> np.ndarray:
    """Expected moves a year within a region as a run has them: outflow times shares, shape (M, 15, M)."""
    out_rate, _, share = regional_mobility(rows, year)
    mobility = national_mobility(year)
    np.testing.assert_array_equal(out_rate, np.tile(mobility.out_rate, (len(rows), 1)))
    return mobility.outflow[rows][:, :, None] * share[:, :, :-1]


def _in_all(rows: np.ndarray, year: int) -> np.ndarray:
    """Expected moves a year into each municipality of a region from anywhere, shape (M, 15)."""
    return regional_mobility(rows, year)[1] + _inside(rows, year).sum(axis=0).T


@given(rows=REGIONS, year=st.sampled_from(YEARS))
@settings(deadline=None, derandomize=True, max_examples=40)
def test_as_many_come_to_a_place_in_any_region_as_in_the_country(rows: np.ndarray, year: int) -> None:
    flows = national_flows(year)
    country = (flows.from_abroad + flows.inside.sum(axis=0).T)[rows]
    np.testing.assert_allclose(_in_all(rows, year), country, rtol=1e-9)
    wrong = regional_mobility(rows, year)[1] + 1.01 * _inside(rows, year).sum(axis=0).T
    assert len(rows) == 1 or not np.allclose(wrong, country, rtol=1e-9)


@given(rows=REGIONS, more=REGIONS, year=st.sampled_from(YEARS))
@settings(deadline=None, derandomize=True, max_examples=40)
def test_destinations_of_a_region_are_those_of_a_larger_one(rows: np.ndarray, more: np.ndarray, year: int) -> None:
    """What a region calls outside is the outside of a larger one and what is added to it."""
    added = np.setdiff1d(more, rows)
    larger = np.concatenate([rows, added])
    size = len(rows)
    _, inflow, share = regional_mobility(rows, year)
    _, less, wide = regional_mobility(larger, year)
    np.testing.assert_allclose(share[:, :, :-1], wide[:size, :, :size], rtol=1e-12)
    np.testing.assert_allclose(share[:, :, -1], wide[:size, :, size:].sum(axis=2), atol=1e-12)
    from_added = _inside(larger, year)[size:, :, :size].sum(axis=0).T
    np.testing.assert_allclose(inflow, less[:size] + from_added, rtol=1e-9)
    assert len(added) == 0 or (inflow > less[:size]).all()


@given(rows=REGIONS, data=st.data())
@settings(deadline=None, derandomize=True, max_examples=20)
def test_the_order_of_municipalities_does_not_matter(rows: np.ndarray, data: st.DataObject) -> None:
    order = np.array(data.draw(st.permutations(range(len(rows)))))
    one, other = regional_mobility(rows, 2015), regional_mobility(rows[order], 2015)
    np.testing.assert_allclose(one[1][order], other[1], rtol=1e-9)
    np.testing.assert_allclose(one[2][order][:, :, np.append(order, len(rows))], other[2], rtol=1e-12)


def test_margins_of_a_region_hold_these_moves() -> None:
    codes = ("1871", "1868", "1866")
    rows = load_tables().municipalities.index.get_indexer(list(codes))
    margins = region_margins(codes, 2015)
    out_rate, inflow, share = regional_mobility(rows, 2015)
    np.testing.assert_array_equal(margins.out_migration_rate, out_rate)
    np.testing.assert_array_equal(margins.in_migration, inflow)
    np.testing.assert_array_equal(margins.destination_share, share)
    assert share[0, 5, 1] > share[0, 5, 0] == 0.0


@pytest.mark.parametrize("year", YEARS)
def test_those_from_abroad_spread_as_inhabitants_of_their_age_do(year: int) -> None:
    flows, mobility = national_flows(year), national_mobility(year)
    persons = mobility.outflow / mobility.out_rate
    immigrants = flows.from_abroad.sum(axis=0)
    np.testing.assert_allclose(flows.from_abroad * persons.sum(axis=0), immigrants * persons, rtol=1e-9)
    if year == 2022:  # where no age has more who leave for good than emigrants
        net = (mobility.inflow - mobility.outflow).sum(axis=0)
        np.testing.assert_allclose(immigrants, ABROAD * mobility.outflow.sum(axis=0) + net, rtol=1e-9)
