"""Large losses: how often and how large against theory, whom they hit, and that designs share them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from omstilling.calibration.margins.region import region_margins
from omstilling.calibration.tables.places import Places
from omstilling.model import Parameters, RestructuringModel
from omstilling.model.engine import draws
from omstilling.model.parameters import FirmValues, kernel_values
from omstilling.model.policy.design import Support
from omstilling.model.shocks import large_losses
from omstilling.model.shocks.large_losses import draw_losses, strike
from omstilling.model.state.columns import NEVER, FirmState
from omstilling.model.state.industries import Market
from omstilling.model.state.structure import MARKETS, TYPICAL_JOBS, municipality_identities
from worlds import make_design, make_margins, make_support, make_track

# Bounds are 4.5 standard errors (false alarm 7e-6 a figure) unless said otherwise; seeds are fixed.

FREQUENT = Parameters().with_values(large_loss_hazard=1.2)
PLACES = 60_000
CODES = municipality_identities(tuple(str(code) for code in range(PLACES)))


def _shares(jobs: float | np.ndarray, parameters: Parameters = FREQUENT, month: int = 1400) -> np.ndarray:
    share = np.full(PLACES, -1.0)
    key = draws.month_streams(np.uint64(7), month)[draws.Process.LARGE_LOSS]
    values = kernel_values(parameters.firms, FirmValues)
    draw_losses(CODES, np.broadcast_to(np.asarray(jobs, dtype=np.int64), PLACES).copy(), values, key, share)
    return share


def _cut_pareto(share: np.ndarray, tail: float) -> np.ndarray:
    """Distribution function of a Pareto distribution between 5 and 30 %."""
    return (1.0 - (0.05 / share) ** tail) / (1.0 - (0.05 / 0.30) ** tail)


@pytest.mark.parametrize("jobs", [20, 400, 2_000, 30_000])
def test_losses_are_as_frequent_as_the_hazard_says(jobs: int) -> None:
    hazard = 1.2 * (jobs / TYPICAL_JOBS) ** -Parameters().firms.large_loss_size_exponent
    chance = 1.0 - np.exp(-hazard / 12.0)
    struck = (_shares(jobs) > 0).mean()
    error = np.sqrt(chance * (1.0 - chance) / PLACES)
    assert abs(struck - chance) < 4.5 * error
    assert abs(struck - 1.1 * chance) > 4.5 * error  # the bound tells 10 % apart


def test_twelve_months_are_a_year() -> None:
    """Places spared for a whole year are exp(-hazard) of all, since months are independent."""
    spared = np.all([_shares(2_000, month=1400 + month) == 0 for month in range(12)], axis=0).mean()
    wanted = np.exp(-1.2)
    error = np.sqrt(wanted * (1.0 - wanted) / PLACES)
    assert abs(spared - wanted) < 4.5 * error
    assert abs(spared - np.exp(-1.1 * 1.2)) > 4.5 * error


def test_shares_are_pareto_between_the_least_and_the_largest() -> None:
    """Kolmogorov and Smirnov, false alarm 1e-5; a tail a tenth thicker is told apart."""
    share = np.concatenate([_shares(2_000, month=month) for month in range(3)])
    share = share[share > 0]
    assert len(share) > 10_000
    assert 0.05 <= share.min() < 0.0501
    assert 0.29 < share.max() <= 0.30
    assert stats.kstest(share, _cut_pareto, args=(2.0,)).pvalue > 1e-5
    assert stats.kstest(share, _cut_pareto, args=(1.8,)).pvalue < 1e-5
    mean = 2.0 / (1.0 - (0.05 / 0.30) ** 2) * 0.05**2 * (1 / 0.05 - 1 / 0.30)
    assert abs(share.mean() - mean) < 4.5 * share.std() / np.sqrt(len(share))
    twice = (share > 0.10).mean() / (share > 0.05).mean()
    assert twice == pytest.approx((1 / 4 - 1 / 36) / (1 - 1 / 36), abs=0.03)


def test_size_does_not_move_luck_but_the_hazard() -> None:
    """A place that is struck when large is struck with the same share when small, and some more are."""
    large, small = _shares(30_000), _shares(400)
    assert ((small > 0) >= (large > 0)).all()
    np.testing.assert_array_equal(small[large > 0], large[large > 0])
    assert (small > 0).sum() > 1.5 * (large > 0).sum()
    assert not np.array_equal(_shares(400), _shares(400, month=1401))
    assert (_shares(400, Parameters().with_values(large_loss_hazard=0.0)) == 0).all()
    mixed = _shares(np.where(np.arange(PLACES) % 2, 400, 30_000))
    np.testing.assert_array_equal(mixed, np.where(np.arange(PLACES) % 2, small, large))


# --- whom they hit ---------------------------------------------------------------------------------------------------

MARGINS = make_margins((6000, 3000), linked=False)
JOBS = int(MARGINS.jobs[0])


@pytest.fixture(scope="module")
def calm() -> RestructuringModel:
    model = RestructuringModel(MARGINS, seed=4)
    model.run_months(18)
    return model


def _model(months: int = 1) -> RestructuringModel:
    model = RestructuringModel(MARGINS, seed=4)
    model.run_months(months)
    return model


def _sellers(model: RestructuringModel, place: int = 0) -> np.ndarray:
    """Rows of the living firms of a place that sell outside, the largest first."""
    firms = model.firm_columns
    rows = np.flatnonzero(
        (firms.state == FirmState.ALIVE) & (firms.municipality == place) & (MARKETS[firms.industry] == Market.TRADABLE)
    )
    rows = rows[rows > 0]
    return rows[np.argsort(-firms.staff[rows], kind="stable")]


def _closing(model: RestructuringModel) -> np.ndarray:
    """Rows of living firms that have announced their closure."""
    firms = model.firm_columns
    return np.flatnonzero((firms.state == FirmState.ALIVE) & (firms.closing != NEVER) & (firms.uid > 0))


@pytest.mark.parametrize("share", [0.05, 0.1, 0.2])
def test_a_loss_takes_about_the_jobs_asked_from_the_largest_that_sell_outside(share: float) -> None:
    model = _model()
    asked, firms = round(share * JOBS), model.firm_columns
    rows, staff, scale = _sellers(model), firms.staff.copy(), firms.scale.copy()
    strike(model, 0, asked)
    closing = _closing(model)
    shrunk = np.flatnonzero(firms.scale != scale)
    hit = np.union1d(closing, shrunk)
    assert set(hit) == set(rows[: len(hit)])
    assert (firms.closing[closing] == model.month + 6).all()
    assert len(shrunk) <= 1
    noted = sum(loss.jobs for loss in model.losses)
    assert asked <= noted <= asked + 0.25 * staff[hit].max()
    assert noted == staff[closing].sum() + sum(
        round(staff[row] * (1 - firms.scale[row] / scale[row])) for row in shrunk
    )
    assert {(loss.month, loss.municipality) for loss in model.losses} == {(model.month, 0)}
    assert [loss.jobs for loss in model.losses] == sorted((loss.jobs for loss in model.losses), reverse=True) or (
        len(shrunk) == 1
    )


@pytest.mark.parametrize("share", [0.06, 0.15])
def test_the_jobs_are_gone_when_notice_has_passed(calm: RestructuringModel, share: float) -> None:
    """Against the same run without the loss, a year and a half on: what is asked, less hires, plus lost demand."""
    model = _model()
    asked = round(share * JOBS)
    strike(model, 0, asked)
    model.run_months(17)
    lost = calm.record.of("jobs") - model.record.of("jobs")
    assert (lost[:2, 0] == 0).all()
    assert (lost[2:7, 0] < 0.7 * asked).all()  # some leave under notice
    assert 0.6 * asked < lost[9, 0] < 1.6 * asked
    assert 0.4 * asked < lost[18, 0] < 2.0 * asked
    assert (np.abs(lost[:, 1]) == 0).all()


def test_a_firm_closes_where_a_fifth_or_less_would_be_left() -> None:
    for left, closes in ((0.19, True), (0.21, False)):
        model = _model()
        row = _sellers(model)[0]
        staff = int(model.firm_columns.staff[row])
        assert staff >= 100
        before = model.firm_columns.scale[row]
        strike(model, 0, int((1.0 - left) * staff))
        assert (model.firm_columns.closing[row] != NEVER) == closes
        after = model.firm_columns.scale[row] / before
        assert after == (1.0 if closes else pytest.approx(left, abs=0.01))
        assert [loss.jobs for loss in model.losses] == [staff if closes else int((1.0 - left) * staff)]


def test_firms_that_a_scenario_names_or_that_close_already_are_spared() -> None:
    model = _model()
    firms, rows = model.firm_columns, _sellers(model)
    firms.spared[rows[0]] = 1
    firms.closing[rows[1]] = model.month + 3
    staff, scale = firms.staff.copy(), firms.scale.copy()
    strike(model, 0, int(staff[rows[2]]))
    assert firms.closing[rows[:3]].tolist() == [NEVER, model.month + 3, model.month + 6]
    np.testing.assert_array_equal(firms.scale, scale)
    assert [loss.jobs for loss in model.losses] == [int(staff[rows[2]])]


def test_a_loss_of_nothing_and_a_place_without_sellers_are_left_alone() -> None:
    model = _model()
    firms = model.firm_columns
    strike(model, 0, 0)
    firms.spared[_sellers(model, 1)] = 1
    strike(model, 1, 500)
    assert _closing(model).tolist() == []
    assert model.losses == []
    strike(model, 0, 10**6)
    staffed = (firms.staff[_sellers(model)] > 0).sum()
    assert len(model.losses) == len(_closing(model)) == staffed


def test_places_of_all_sizes_lose_what_is_asked() -> None:
    """A tenth of jobs: nine tenths of it at least, in nineteen of twenty places of a county with 500 jobs or more."""
    margins = region_margins(Places().municipalities_in_county("18"), 2015)
    model = RestructuringModel(margins, seed=4)
    model.run_months(1)
    places = np.flatnonzero(model.tally.jobs >= 500)
    asked = np.round(0.1 * model.tally.jobs).astype(int)
    for place in places:
        strike(model, int(place), int(asked[place]))
    noted = np.zeros(margins.size)
    for loss in model.losses:
        noted[loss.municipality] += loss.jobs
    assert (noted[places] < 0.9 * asked[places]).mean() <= 0.05


# --- in a run --------------------------------------------------------------------------------------------------------

SMALL = make_margins((900, 700, 1200, 500))
OFTEN = Parameters().with_values(large_loss_hazard=0.4)
LONG = 96


def _run(design=None, random_shocks: bool = True, parameters: Parameters = OFTEN, seed: int = 4) -> RestructuringModel:
    support = {} if design is None else {"support": make_support(design, SMALL, documented_loss=400.0)}
    model = RestructuringModel(SMALL, parameters, seed=seed, random_shocks=random_shocks, **support)
    model.run_months(LONG)
    return model


def _struck(model: RestructuringModel) -> set[tuple[int, int]]:
    return {(loss.month, loss.municipality) for loss in model.losses}


@pytest.fixture(scope="module")
def struck() -> RestructuringModel:
    return _run()


def test_losses_at_random_are_off_unless_asked_for(struck: RestructuringModel) -> None:
    off, never = _run(random_shocks=False), _run(parameters=OFTEN.with_values(large_loss_hazard=0.0))
    assert off.losses == never.losses == []
    np.testing.assert_array_equal(off.record.values, never.record.values)
    assert not np.array_equal(off.record.values, struck.record.values)
    plain = RestructuringModel(SMALL, OFTEN, seed=4)
    plain.run_months(LONG)
    np.testing.assert_array_equal(plain.record.values, off.record.values)
    assert struck.record.of("jobs")[-1].sum() < off.record.of("jobs")[-1].sum()


def test_as_many_places_are_struck_in_a_run_as_the_hazard_says() -> None:
    """Poisson over 20 runs, 4.5 standard errors; twice as many are told apart."""
    number, expected = 0, 0.0
    for seed in range(20):
        model = RestructuringModel(SMALL, OFTEN, seed=seed, random_shocks=True)
        model.run_months(24)
        jobs = np.maximum(model.record.of("jobs")[:-1], 1.0)
        hazard = 0.4 * (jobs / TYPICAL_JOBS) ** -OFTEN.firms.large_loss_size_exponent
        expected += (1.0 - np.exp(-hazard / 12.0)).sum()
        number += len(_struck(model))
    assert abs(number - expected) < 4.5 * np.sqrt(expected)
    assert abs(2 * number - expected) > 4.5 * np.sqrt(expected)


def test_designs_share_the_months_and_places_of_losses(struck: RestructuringModel) -> None:
    """The draw is the same; a programme moves the hazard by what it does to the number of jobs alone."""
    supported = _run(make_design(make_track(yearly_grant=12e6)))
    assert supported.programmes[0].spent_on_projects > 0
    assert not np.array_equal(supported.record.of("jobs"), struck.record.of("jobs"))
    assert _struck(supported) == _struck(struck)
    assert len(_struck(struck)) > 8
    assert _struck(_run(seed=5)) != _struck(struck)


def test_designs_share_the_hazard_of_losses(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[np.ndarray] = []

    def note(uids, jobs, values, key, share) -> None:
        seen.append(np.array(jobs))
        draw_losses(uids, jobs, values, key, share)

    monkeypatch.setattr(large_losses, "draw_losses", note)
    runs = []
    for design in (None, make_design(make_track(yearly_grant=12e6))):
        seen.clear()
        _run(design)
        runs.append(np.array(seen))
    assert len(runs[0]) == LONG
    np.testing.assert_array_equal(runs[0], runs[1])


def test_a_sample_is_struck_as_often_as_all_of_which_it_is_a_tenth() -> None:
    """The hazard falls with the jobs that a sample stands for, and its notices count as many."""
    key = draws.month_streams(np.uint64(7), 1400)[draws.Process.LARGE_LOSS]
    values, share = kernel_values(FREQUENT.firms, FirmValues), np.zeros(PLACES)
    draw_losses(CODES, np.full(PLACES, 40) * 10, values, key, share)
    np.testing.assert_array_equal(share, _shares(400))
    assert (share > 0).sum() < (_shares(40) > 0).sum()


def test_support_by_rounds_does_not_move_losses_either(struck: RestructuringModel) -> None:
    model = RestructuringModel(
        SMALL, OFTEN, seed=4, random_shocks=True, support=Support(make_design(make_track(staff=0.2)), open_rounds=True)
    )
    model.run_months(LONG)
    assert model.programmes
    assert _struck(model) == _struck(struck)
