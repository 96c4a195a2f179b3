"""Problem: what one stage of inference is to explain, and with which parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from omstilling.model.engine.parameter_fields import Prior

Values = Mapping[str, float]


@dataclass(frozen=True)
class Problem:
    """A stage of inference.

    Attributes
    ----------
    name
        Of the stage.
    priors
        Of the parameters inferred in this stage; uniform between two bounds.
    observed, errors
        Targets and their standard errors, by name.
    simulate
        Statistics from the values of all parameters (also those of earlier stages) and a seed below 2^62; a function
        of a module or a picklable object, so that worker processes find it.
    """

    name: str
    priors: Mapping[str, Prior]
    observed: Mapping[str, float]
    errors: Mapping[str, float]
    simulate: Callable[[Values, int], Mapping[str, float]]

    def distance(self, simulated: Mapping[str, float]) -> float:
        """Root mean square over targets of simulated less observed, in standard errors."""
        misses = [(simulated[name] - figure) / self.errors[name] for name, figure in self.observed.items()]
        return float(np.sqrt(np.mean(np.square(misses))))


def from_score(prior: Prior, score: float) -> float:
    """Parameter whose prior probability of a lower value is that of a standard normal score.

    Inference works on scores: their prior is standard normal and has no edges, so kernels fit it.
    """
    return float(prior.first + (prior.second - prior.first) * ndtr(score))


def to_score(prior: Prior, value: float) -> float:
    """The inverse of ``from_score``; finite at the bounds."""
    share = (value - prior.first) / (prior.second - prior.first)
    return float(ndtri(np.clip(share, 1e-9, 1.0 - 1e-9)))


@dataclass(frozen=True)
class Particles:
    """Weighted draws of parameters.

    Attributes
    ----------
    names
        Parameters, length P.
    values
        Shape (N, P).
    weights
        Shape (N,); they add up to 1.
    """

    names: tuple[str, ...]
    values: NDArray[np.float64]
    weights: NDArray[np.float64]

    @property
    def effective_size(self) -> float:
        """Kish's effective number of draws: 1 over the sum of squared weights."""
        return float(1.0 / np.sum(self.weights**2))

    def row(self, number: int) -> dict[str, float]:
        """One draw."""
        return dict(zip(self.names, self.values[number].tolist(), strict=True))


def prior_particles(priors: Mapping[str, Prior], number: int, seed: int) -> Particles:
    """Independent draws from priors, equally weighted, shape (number, P)."""
    draws = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0,))).random((number, len(priors)))
    low = np.array([prior.first for prior in priors.values()])
    high = np.array([prior.second for prior in priors.values()])
    return Particles(tuple(priors), low + (high - low) * draws, np.full(number, 1.0 / number))
