"""Toys for tests of inference: reports that stop a stage, and moments of weighted draws."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from omstilling.calibration.inference.problem import Particles
from omstilling.calibration.inference.stage import Report, Standing

SEED = 2019


def silent(standing: Standing) -> None:
    """Report to nobody."""


class Killed(Exception):  # noqa: N818 - as KeyboardInterrupt
    """Thrown from a report, as Ctrl-C would be."""


def at(generation: int, accepted: int) -> Callable[[Standing], bool]:
    return lambda standing: standing.generation == generation and standing.accepted == accepted


def killing(moment: Callable[[Standing], bool]) -> Report:
    def report(standing: Standing) -> None:
        if moment(standing):
            raise Killed

    return report


def column_of(particles: Particles, name: str) -> NDArray[np.float64]:
    return particles.values[:, particles.names.index(name)]


def mean_of(particles: Particles, name: str) -> float:
    return float(particles.weights @ column_of(particles, name))


def deviation_of(particles: Particles, name: str) -> float:
    return float(np.sqrt(particles.weights @ (column_of(particles, name) - mean_of(particles, name)) ** 2))
