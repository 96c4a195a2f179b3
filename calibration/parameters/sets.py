"""Parameter sets: the parameters of each replication, from its seed alone, so that all designs have the same."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from omstilling.calibration.parameters.posterior import Posterior, load_posterior, parameter_names
from omstilling.calibration.parameters.source import ParameterSource
from omstilling.model import Parameters
from omstilling.model.engine.parameter_fields import Prior

__all__ = ["ParameterChoice", "ParameterSets", "ParameterSource", "parameter_sets", "posterior_sets"]


_SPAWN_KEY = 0x70617261
"""Sets these draws apart from all else that is made from the seed of a replication."""


@dataclass(frozen=True, eq=False)
class ParameterSets(ABC):
    """Parameters by replication.

    Attributes
    ----------
    label
        Source as results state it, e.g. ``posterior (500 draws, 1a2b3c4d)``.
    names
        Parameters that the source sets; all others have their default.
    """

    label: str
    names: tuple[str, ...]

    @abstractmethod
    def for_seed(self, seed: int) -> Parameters:
        """Parameters of the replication with a seed; they depend on nothing else."""


ParameterChoice = Parameters | ParameterSource | ParameterSets | None
"""What a user says: one set for all replications, a source, or sets; the shipped posterior if nothing."""


@dataclass(frozen=True, eq=False)
class _OneSet(ParameterSets):
    """The same for every replication."""

    parameters: Parameters

    def for_seed(self, seed: int) -> Parameters:
        return self.parameters


@dataclass(frozen=True, eq=False)
class _WeightedSets(ParameterSets):
    """A draw of N by weight, so that dependence between parameters is kept; values (N, P), sums of weights (N,)."""

    values: NDArray[np.float64]
    cumulative: NDArray[np.float64]

    def for_seed(self, seed: int) -> Parameters:
        row = int(np.searchsorted(self.cumulative, _uniform(seed, 1)[0], side="right"))
        return _with(self.names, self.values[min(row, len(self.values) - 1)])


@dataclass(frozen=True, eq=False)
class _UniformSets(ParameterSets):
    """Independent draws between bounds, shape (P,) each."""

    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def for_seed(self, seed: int) -> Parameters:
        return _with(self.names, self.low + (self.high - self.low) * _uniform(seed, len(self.names)))


def _uniform(seed: int, number: int) -> NDArray[np.float64]:
    """Numbers in [0, 1) that belong to a seed, shape (number,)."""
    sequence = np.random.SeedSequence(seed, spawn_key=(_SPAWN_KEY,))
    return np.random.Generator(np.random.Philox(sequence)).random(number)


def _with(names: tuple[str, ...], values: NDArray[np.float64]) -> Parameters:
    """The defaults with some parameters changed."""
    return Parameters().with_values(**dict(zip(names, values.tolist(), strict=True)))


def posterior_sets(posterior: Posterior) -> ParameterSets:
    """A draw of a posterior for each replication."""
    label = f"{ParameterSource.POSTERIOR} ({posterior.label})"
    return _WeightedSets(label, posterior.names, posterior.values, np.cumsum(posterior.weights))


def _point_set(posterior: Posterior) -> ParameterSets:
    label = f"{ParameterSource.POINT} (mean of {posterior.label})"
    return _OneSet(label, posterior.names, _with(posterior.names, posterior.mean()))


def uncertain_parameters() -> dict[str, Prior]:
    """Prior of every parameter that has one, in the order of the parameter table."""
    blocks = Parameters()
    return {
        item.name: item.metadata["prior"]
        for block in fields(blocks)
        for item in fields(getattr(blocks, block.name))
        if item.metadata["prior"].kind == "uniform"
    }


def _prior_sets() -> ParameterSets:
    """Independent draws from the priors of the parameter table; those without one keep their default.

    No draw has to be thrown away: the model needs chances and shares within 0-1 and ``higher_education`` +
    ``upper_secondary`` of at most 1, and the bounds of the table keep all of these.
    """
    priors = uncertain_parameters()
    low, high = (np.array([getattr(prior, end) for prior in priors.values()]) for end in ("first", "second"))
    return _UniformSets(f"{ParameterSource.PRIOR} ({len(priors)} parameters drawn)", tuple(priors), low, high)


def parameter_sets(choice: ParameterChoice = None) -> ParameterSets:
    """Parameter sets of a choice.

    Parameters
    ----------
    choice
        ``posterior``, also if left out: a draw of the shipped posterior for each replication, by weight. ``point``: its
        weighted mean for all. ``prior``: independent draws from the priors of the parameter table. Or the parameters
        themselves, for all, or sets made before.

    Raises
    ------
    PosteriorError
        If the shipped posterior is not what it must be.
    """
    if isinstance(choice, ParameterSets):
        return choice
    if isinstance(choice, Parameters):
        return _OneSet("given", parameter_names(), choice)
    source = ParameterSource.POSTERIOR if choice is None else ParameterSource(choice)
    if source is ParameterSource.PRIOR:
        return _prior_sets()
    return posterior_sets(load_posterior()) if source is ParameterSource.POSTERIOR else _point_set(load_posterior())
