"""Statistics of paired replications against figures worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from omstilling.experiments.reading.statistics import ratio_row, summary_row, variance_reduction

NAN, INF = float("nan"), float("inf")
WITH = np.array([11.0, 10.0, 14.0, 13.0])
WITHOUT = np.array([10.0, 10.0, 11.0, 15.0])
# Differences 1, 0, 3, -2: mean 0.5, sum of squares about it 0.25 + 0.25 + 6.25 + 6.25 = 13.


def test_a_summary_by_hand() -> None:
    row = summary_row(WITH, WITHOUT, 1)
    assert row["mean"] == 12.0
    assert row["sd"] == pytest.approx(np.sqrt((1 + 4 + 4 + 1) / 3))
    assert row["difference"] == 0.5
    assert row["mc_error"] == pytest.approx(np.sqrt(13 / 3) / 2)
    # Sorted differences -2, 0, 1, 3 lie at 0, 1/3, 2/3 and 1.
    assert row["low"] == pytest.approx(-2.0 + 2.0 * 0.15)
    assert row["high"] == pytest.approx(1.0 + 2.0 * 0.85)
    assert row["p_better"] == (2 + 0.5) / 4


@pytest.mark.parametrize(("better", "share"), [(1, 0.625), (-1, 0.375), (0, NAN)])
def test_ties_count_half_and_no_direction_is_better_where_none_is(better: int, share: float) -> None:
    np.testing.assert_equal(summary_row(WITH, WITHOUT, better)["p_better"], share)
    assert summary_row(WITH, WITH, 1)["p_better"] == 0.5


def test_pairs_matter_and_their_order_does_not() -> None:
    row = summary_row(WITH, WITHOUT, 1)
    order = [2, 0, 3, 1]
    assert summary_row(WITH[order], WITHOUT[order], 1) == pytest.approx(row)
    torn = summary_row(WITH, WITHOUT[order], 1)
    assert torn["difference"] == row["difference"]
    assert torn["mc_error"] != pytest.approx(row["mc_error"])


def test_one_replication_has_no_spread() -> None:
    row = summary_row(WITH[:1], WITHOUT[:1], 1)
    np.testing.assert_equal(
        [row[name] for name in ("mean", "sd", "difference", "mc_error", "low", "high", "p_better")],
        [11.0, NAN, 1.0, NAN, 1.0, 1.0, 1.0],
    )


def test_a_pair_that_lacks_one_side_is_left_out() -> None:
    with_gap, without_gap = np.append(WITH, [NAN, 99.0]), np.append(WITHOUT, [5.0, NAN])
    assert summary_row(with_gap, without_gap, 1) == summary_row(WITH, WITHOUT, 1)
    assert summary_row(np.append(WITH, 99.0), np.append(WITHOUT, 5.0), 1) != summary_row(WITH, WITHOUT, 1)


def test_an_indicator_that_is_never_defined_has_no_summary() -> None:
    row = summary_row(np.full(3, NAN), np.array([1.0, 2.0, NAN]), 1)
    assert list(row) == list(summary_row(WITH, WITHOUT, 1))
    assert all(np.isnan(value) for value in row.values())


def test_a_ratio_is_that_of_means_and_not_the_mean_of_ratios() -> None:
    cost, jobs = np.array([10.0, 20.0, 30.0]), np.array([1.0, 10.0, 4.0])
    row = ratio_row(cost, jobs)
    assert row["mean"] == pytest.approx(60.0 / 15.0)
    assert row["mean"] != pytest.approx(np.mean(cost / jobs))
    assert row["low"] < row["mean"] < row["high"]
    assert list(row) == list(ratio_row(cost, -jobs))


def test_a_ratio_that_never_varies_has_an_interval_of_no_width() -> None:
    row = ratio_row(np.full(5, 6.0), np.full(5, 3.0))
    assert (row["low"], row["mean"], row["high"]) == (2.0, 2.0, 2.0)
    assert ratio_row(np.full(5, 6.0), np.array([3.0, 3.0, 3.0, 3.0, 2.0]))["high"] > 2.0


def test_the_interval_of_a_ratio_is_that_of_resampled_means() -> None:
    """Two pairs (1, 1) and (3, 1): resampled ratios are 1, 2 and 3 with chances 1/4, 1/2 and 1/4."""
    row = ratio_row(np.array([1.0, 3.0]), np.array([1.0, 1.0]))
    assert (row["low"], row["mean"], row["high"]) == (1.0, 2.0, 3.0)
    narrow = ratio_row(np.repeat([1.0, 3.0], 200), np.ones(400))
    assert 1.7 < narrow["low"] < 2.0 < narrow["high"] < 2.3


@pytest.mark.parametrize("jobs", [[0.0, 0.0], [-2.0, 1.0], [-3.0, -4.0], [NAN, 2.0]])
def test_there_is_no_cost_per_job_where_there_are_no_jobs(jobs: list[float]) -> None:
    assert all(np.isnan(value) for value in ratio_row(np.array([5.0, 6.0]), np.array(jobs)).values())


def test_a_ratio_whose_denominator_can_be_none_has_no_upper_end() -> None:
    cost = np.full(4, 8.0)
    row = ratio_row(cost, np.array([5.0, -3.0, -1.0, 3.0]))
    assert row["mean"] == 8.0
    assert row["high"] == INF
    assert np.isfinite(row["low"])
    surely = ratio_row(cost, np.array([5.0, 1.0, 1.0, 3.0]))
    assert np.isfinite(surely["high"])


def test_pairing_takes_variance_away_by_hand() -> None:
    # Variances 10/3 and 17/3 (10, 10, 11, 15: mean 11.5, squares 2.25 + 2.25 + 0.25 + 12.25), of differences 13/3.
    assert variance_reduction(WITH, WITHOUT) == pytest.approx((10 / 3 + 17 / 3) / (13 / 3))
    noise = np.random.default_rng(3).normal(size=(2, 4000))
    assert variance_reduction(*noise) == pytest.approx(1.0, abs=0.1)
    assert variance_reduction(noise[0], noise[0] + 0.1 * noise[1]) > 100.0
    assert variance_reduction(noise[0], -noise[0]) == pytest.approx(0.5)


def test_a_difference_that_never_varies_is_known_for_sure() -> None:
    assert variance_reduction(WITH, WITH + 2.0) == INF
    assert variance_reduction(WITH, WITH + np.array([2.0, 2.0, 2.0, 2.1])) < INF


def test_one_replication_or_a_gap_tells_nothing_of_pairing() -> None:
    assert np.isnan(variance_reduction(WITH[:1], WITHOUT[:1]))
    assert np.isnan(variance_reduction(np.append(WITH, NAN), np.append(WITHOUT, 3.0)))
