"""Draws of a stage: moved to where the figures are those observed, and smoothed into a prior of the next."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from inference_toys import SEED, column_of
from omstilling.calibration.inference.adjustment import adjusted_scores
from omstilling.calibration.inference.problem import Particles, prior_particles, to_score
from omstilling.calibration.inference.smoothing import smoothed
from omstilling.model.engine.parameter_fields import uniform

PRIORS = {"height": uniform(0.0, 4.0), "slope": uniform(-1.0, 1.0)}
NOISE = 0.5


def _accepted(draws: int, shift: float = 0.0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Scores of two parameters and misses of a figure that tells the first, nearest of many to an observed 1."""
    random = np.random.default_rng(SEED)
    scores = random.standard_normal((10 * draws, 2))
    misses = scores[:, :1] + NOISE * random.standard_normal((10 * draws, 1)) + shift - 1.0
    nearest = np.argsort(np.abs(misses[:, 0] - shift * 2.0))[:draws]
    return scores[nearest], misses[nearest]


def test_adjusted_draws_have_the_known_posterior() -> None:
    """A normal mean: posterior 0.8 with deviation 0.447. False alarms: the mean's standard error is 0.03, 1 in 10 000.

    The draws are accepted in a wide window, so unadjusted ones have too wide a spread, and are found out.
    """
    scores, misses = _accepted(400)
    found = adjusted_scores(scores, misses, np.full(400, 1.0 / 400))
    assert found[:, 0].mean() == pytest.approx(1.0 / (1.0 + NOISE**2), abs=0.12)
    exact = np.sqrt(NOISE**2 / (1.0 + NOISE**2))
    assert found[:, 0].std() == pytest.approx(exact, rel=0.15)
    wide = adjusted_scores(scores + 0.4 * misses, misses, np.full(400, 1.0 / 400))
    assert np.allclose(wide[:, 0], found[:, 0], atol=0.02)  # whatever goes along with the misses is taken out
    assert found[:, 1].std() == pytest.approx(scores[:, 1].std(), rel=0.1)  # the figure tells nothing of the second
    assert not np.allclose(found[:, 0], scores[:, 0], atol=0.02)


def test_weights_count() -> None:
    scores, misses = _accepted(200)
    weights = np.full(200, 1e-9)
    weights[:60] = 1.0
    alone = adjusted_scores(scores[:60], misses[:60], np.full(60, 1.0 / 60))[:, 0]
    assert np.allclose(adjusted_scores(scores, misses, weights)[:60, 0], alone, atol=0.02)
    assert not np.allclose(adjusted_scores(scores, misses, np.ones(200))[:60, 0], alone, atol=0.02)


def test_a_figure_that_no_draw_reaches_is_left_out() -> None:
    scores, misses = _accepted(100)
    far = misses + 50.0
    weights = np.full(100, 0.01)
    assert adjusted_scores(scores, far, weights) is scores
    both = adjusted_scores(scores, np.hstack([misses, far]), weights)
    assert np.array_equal(both, adjusted_scores(scores, misses, weights))


def test_too_few_draws_stay_as_they_are() -> None:
    scores, misses = _accepted(40)
    few = adjusted_scores(scores[:19], misses[:19], np.full(19, 1.0 / 19))
    assert np.array_equal(few, scores[:19])
    assert not np.array_equal(adjusted_scores(scores, misses, np.full(40, 1.0 / 40)), scores)


def _correlated(draws: int) -> Particles:
    """A posterior of draws along a line, the later the heavier."""
    random = np.random.default_rng(SEED)
    height = random.uniform(1.0, 3.0, draws)
    slope = 0.6 * (height - 2.0) + random.normal(0.0, 0.1, draws)
    weights = np.linspace(0.2, 1.0, draws)
    return Particles(("height", "slope"), np.column_stack([height, slope]), weights / weights.sum())


def _moments(particles: Particles) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    scores = np.column_stack(
        [[to_score(prior, value) for value in column_of(particles, name)] for name, prior in PRIORS.items()]
    )
    return particles.weights @ scores, np.cov(scores.T, aweights=particles.weights, ddof=0)


def test_smoothing_keeps_means_and_covariances_and_parts_equal_draws() -> None:
    """False alarms: 4000 draws; means within 5 and covariances within 5 standard errors, some 1 in 100 000."""
    few = _correlated(60)
    many = smoothed(few, PRIORS, 4000, SEED, 2)
    assert many.names == few.names
    assert many.effective_size == pytest.approx(4000.0)
    assert len(np.unique(many.values[:, 0])) == 4000
    (mean, covariance), (mean_then, covariance_then) = _moments(few), _moments(many)
    assert np.allclose(mean_then, mean, atol=5 * np.sqrt(np.diag(covariance).max() / 4000))
    assert np.allclose(covariance_then, covariance, atol=5 * np.sqrt(2.0 / 4000) * np.diag(covariance).max())
    unweighted = Particles(few.names, few.values, np.full(60, 1.0 / 60))
    assert not np.allclose(_moments(unweighted)[0], mean_then, atol=0.02)
    for name, prior in PRIORS.items():
        assert (column_of(many, name) >= prior.first).all()
        assert (column_of(many, name) <= prior.second).all()


def test_smoothing_follows_seed_and_stage() -> None:
    few = _correlated(30)
    again = smoothed(few, PRIORS, 50, SEED, 2).values
    assert np.array_equal(smoothed(few, PRIORS, 50, SEED, 2).values, again)
    assert not np.array_equal(smoothed(few, PRIORS, 50, SEED + 1, 2).values, again)
    assert not np.array_equal(smoothed(few, PRIORS, 50, SEED, 3).values, again)


def test_smoothing_of_prior_draws_is_the_prior_again() -> None:
    drawn = smoothed(prior_particles(PRIORS, 1000, SEED), PRIORS, 1000, SEED, 1)
    mean, covariance = _moments(drawn)
    assert np.allclose(mean, 0.0, atol=0.15)
    assert np.allclose(covariance, np.eye(2), atol=0.2)
