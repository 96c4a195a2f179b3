"""Target: one observed figure, its error, and the block of parameters it is for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Statistics = dict[str, float]


class Block(StrEnum):
    """Stages of calibration, in their order: each starts from what those before it left."""

    DEMOGRAPHY = "demography"
    LABOUR = "labour"
    FIRMS = "firms"
    SHOCK = "shock"
    PROGRAMME = "programme"


@dataclass(frozen=True)
class Target:
    """An observed figure.

    Attributes
    ----------
    name
        Key of the statistic that the block's functions give, of figures and of runs alike.
    block
        Stage that it is for.
    definition, unit
        In words; ``log points`` are differences of natural logarithms.
    observed
        The figure.
    error
        One standard error of the comparison: sampling error of the observed figure, and how far definitions differ.
    source
        Table or study.
    required
        Whether ``omstilling validate`` fails when it is missed.
    """

    name: str
    block: Block
    definition: str
    unit: str
    observed: float
    error: float
    source: str
    required: bool = False

    def missed_by(self, simulated: float) -> float:
        """Distance in standard errors."""
        return abs(simulated - self.observed) / self.error

    def met(self, simulated: float) -> bool:
        """Whether a simulated mean is within two standard errors."""
        return self.missed_by(simulated) <= WITHIN


WITHIN = 2.0
"""Standard errors within which a target is met."""


class Meaning(NamedTuple):
    """What a statistic means: definition, unit, source and whether it is required."""

    definition: str
    unit: str
    source: str
    required: bool = False


def bootstrap_errors(
    statistics: Callable[[NDArray[np.intp]], Mapping[str, float]], municipalities: int, repeats: int = 200
) -> Statistics:
    """Standard deviation of each statistic over samples of municipalities with replacement (Efron 1979).

    Parameters
    ----------
    statistics
        Of the figures of some municipalities, given as rows; each may stand there more than once.
    municipalities
        Number M.
    repeats
        Samples; their seed is fixed.
    """
    draws = np.random.default_rng(1979)
    samples = [statistics(draws.integers(0, municipalities, municipalities)) for _ in range(repeats)]
    return {name: float(np.std([sample[name] for sample in samples], ddof=1)) for name in samples[0]}


def targets_from(
    block: Block,
    meanings: Mapping[str, Meaning],
    observed: Statistics,
    sampling: Statistics,
    *,
    stated: Mapping[str, float],
    left_open: Callable[[str], float],
) -> tuple[Target, ...]:
    """Targets of a block.

    Parameters
    ----------
    block, meanings, observed
        What the statistics mean, and the figures.
    sampling
        Sampling error of each figure.
    stated
        Errors that sources state or that are chosen, in place of it.
    left_open
        What definitions and trends leave open of a statistic, besides sampling.
    """
    return tuple(
        Target(
            name, block, meaning.definition, meaning.unit, observed[name],
            stated.get(name, float(np.hypot(sampling[name], left_open(name)))), meaning.source, meaning.required,
        )
        for name, meaning in meanings.items()
    )  # fmt: skip
