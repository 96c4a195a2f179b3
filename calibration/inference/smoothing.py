"""Smoothing: a posterior of few draws as a prior of many (kernel smoothing with shrinkage, Liu and West 2001)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from omstilling.calibration.inference.problem import Particles, from_score, to_score
from omstilling.model.engine.parameter_fields import Prior


def _systematic(weights: NDArray[np.float64], number: int, offset: float) -> NDArray[np.intp]:
    """Rows drawn as often as their weights say, give or take one (Kitagawa 1996), shape (number,)."""
    marks = (np.arange(number) + offset) / number
    return np.minimum(np.searchsorted(np.cumsum(weights), marks, side="right"), len(weights) - 1)


def _bandwidth(draws: float, parameters: int) -> float:
    """Of a normal kernel, in standard deviations (Silverman 1986, section 4.3)."""
    return float((4.0 / ((parameters + 2.0) * draws)) ** (1.0 / (parameters + 4.0)))


def smoothed(particles: Particles, priors: Mapping[str, Prior], number: int, seed: int, stage: int) -> Particles:
    """Equally weighted draws around those of a stage, with the same means and covariances of scores.

    Each stage accepts few draws of those before it. If it took them as they are, the first stages would be left with a
    handful; around each of them there are others just as likely.

    Parameters
    ----------
    particles
        Posterior of a stage, N draws of P parameters.
    priors
        Of its parameters; draws are smoothed as standard normal scores of them.
    number
        Draws wanted.
    seed, stage
        The result follows from them.
    """
    random = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0, stage)))
    columns = [
        [to_score(priors[name], value) for value in particles.values[:, column]]
        for column, name in enumerate(particles.names)
    ]
    scores, weights = np.array(columns).T, particles.weights
    width = min(_bandwidth(particles.effective_size, len(particles.names)), 1.0)
    mean = weights @ scores
    away = scores - mean
    factor = np.sqrt(weights)[:, None] * away  # covariance is its square, whether or not draws outnumber parameters
    chosen = _systematic(weights, number, float(random.random()))
    noise = random.standard_normal((number, len(weights))) @ factor
    drawn = mean + np.sqrt(1.0 - width**2) * away[chosen] + width * noise
    values = np.array(
        [[from_score(priors[name], score) for name, score in zip(particles.names, row, strict=True)] for row in drawn]
    )
    return Particles(particles.names, values, np.full(number, 1.0 / number))
