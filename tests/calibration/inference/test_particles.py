"""Scores of priors, and draws of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from inference_toys import SEED, column_of
from omstilling.calibration.inference.problem import from_score, prior_particles, to_score
from omstilling.model.engine.parameter_fields import Prior, uniform

PRIORS = {"height": uniform(0.0, 4.0), "slope": uniform(-1.0, 1.0)}


@given(st.floats(-100.0, 100.0), st.floats(1e-3, 100.0), st.floats(0.0, 1.0), st.floats(-4.0, 4.0))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_scores_and_values_are_inverse(low: float, width: float, share: float, score: float) -> None:
    prior = Prior("uniform", low, low + width)
    value = low + share * width
    assert from_score(prior, to_score(prior, value)) == pytest.approx(value, abs=2e-9 * width + 1e-12)
    assert prior.first <= from_score(prior, score) <= prior.second
    narrow = uniform(0.0, width)  # a narrow prior far from 0 has no digits left for the score
    assert to_score(narrow, from_score(narrow, score)) == pytest.approx(score, abs=1e-6)


@given(st.floats(-3.0, 3.0), st.floats(0.01, 1.0))
@settings(max_examples=30, deadline=None, derandomize=True)
def test_value_rises_with_its_score(score: float, step: float) -> None:
    assert from_score(uniform(2.0, 3.0), score) < from_score(uniform(2.0, 3.0), score + step)


def test_normal_scores_give_the_uniform_prior() -> None:
    """False alarms: 1 in 10 000; scores a fifth too wide, or shifted by a tenth, are rejected."""
    scores = np.random.default_rng(3).standard_normal(5000)

    def chance(of: NDArray[np.float64]) -> float:
        values = [from_score(uniform(-1.0, 3.0), score) for score in of]
        return float(stats.kstest(values, stats.uniform(-1.0, 4.0).cdf).pvalue)

    assert chance(scores) > 1e-4
    assert chance(1.2 * scores) < 1e-4
    assert chance(scores + 0.1) < 1e-4


def test_bounds_have_finite_scores() -> None:
    prior = uniform(0.2, 0.9)
    assert np.isfinite([to_score(prior, 0.2), to_score(prior, 0.9)]).all()
    assert to_score(prior, 0.2) == pytest.approx(-to_score(prior, 0.9))


def test_prior_particles_fill_the_priors_and_follow_the_seed() -> None:
    """False alarms: 1 in 10 000 for each parameter."""
    drawn = prior_particles(PRIORS, 2000, SEED)
    assert drawn.names == tuple(PRIORS)
    assert drawn.effective_size == pytest.approx(2000.0)
    for name, prior in PRIORS.items():
        cdf = stats.uniform(prior.first, prior.second - prior.first).cdf
        assert stats.kstest(column_of(drawn, name), cdf).pvalue > 1e-4
        assert stats.kstest(column_of(drawn, name), lambda x, cdf=cdf: cdf(x + 0.2)).pvalue < 1e-4
    assert np.array_equal(drawn.values, prior_particles(PRIORS, 2000, SEED).values)
    assert not np.array_equal(drawn.values, prior_particles(PRIORS, 2000, SEED + 1).values)
