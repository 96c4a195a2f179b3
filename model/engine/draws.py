"""Draws: counter-based random numbers without state.

A draw depends on seed, process, month and the identity of who draws, and on nothing else. The same person draws
the same luck in every run that shares the seed, whatever the order, thread or number of others.

The mixing function is the finaliser of SplitMix64 (Steele, Lea and Flood 2014; constants of Stafford's variant 13).
"""

from __future__ import annotations

import math
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from omstilling.model.engine.compilation import kernel

_ADD = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_S30 = np.uint64(30)
_S27 = np.uint64(27)
_S31 = np.uint64(31)
_S11 = np.uint64(11)
_TO_UNIT = 1.0 / 9007199254740992.0
_SMALL_MEAN = 30.0


class Process(IntEnum):
    """What a draw decides. Numbers are part of the result: append, never renumber."""

    SYNTHESIS = 1
    CYCLE = 2
    FIRM_GROWTH = 3
    FIRM_EXIT = 4
    FIRM_ENTRY = 5
    FIRM_TRAITS = 6
    LAYOFF = 7
    QUIT = 8
    SEARCH = 9
    OFFER = 10
    OUTSIDE_WORK = 11
    FIT = 12
    OUTSIDE_APPLICANT = 13
    OUTSIDE_QUIT = 14
    DEATH = 15
    BIRTH = 16
    SCHOOL = 17
    PARTICIPATION = 18
    LEAVE_HOUSEHOLD = 19
    COUPLE = 20
    MOVE = 22
    DESTINATION = 23
    ARRIVAL = 24
    ARRIVAL_TRAITS = 25
    NEWBORN_TRAITS = 26
    OFFICE = 28
    IDEA = 29
    IDEA_TRAITS = 30
    FUNDING = 31
    PROJECT_END = 32
    LARGE_LOSS = 33
    PLACE_LUCK = 34


_PROCESSES = max(Process) + 1


@kernel
def mix(value: np.uint64) -> np.uint64:
    """Scramble 64 bits (SplitMix64's finaliser)."""
    z = (value ^ (value >> _S30)) * _FIRST
    z = (z ^ (z >> _S27)) * _SECOND
    return z ^ (z >> _S31)


@kernel
def derive(origin: np.uint64, a: int, b: int) -> np.uint64:
    """Identity of something that comes from ``origin`` in circumstances ``a``, ``b`` (e.g. mother and month)."""
    z = mix(origin + _ADD)
    z = mix(z + (np.uint64(a) + np.uint64(1)) * _ADD)
    return mix(z + (np.uint64(b) + np.uint64(1)) * _FIRST)


@kernel
def stream(seed: np.uint64, process: int, month: int) -> np.uint64:
    """Key of one process in one month; draws of different keys are independent."""
    return derive(seed, process, month)


@kernel
def month_streams(seed: np.uint64, month: int) -> NDArray[np.uint64]:
    """Keys of all processes in one month, indexed by Process."""
    keys = np.empty(_PROCESSES, dtype=np.uint64)
    for process in range(_PROCESSES):
        keys[process] = stream(seed, process, month)
    return keys


def shifted(key: np.uint64, number: int) -> np.uint64:
    """Key of a further stream of the same process (64-bit wrap-around)."""
    return np.uint64((int(key) + number) & 0xFFFFFFFFFFFFFFFF)


@kernel
def uniform(key: np.uint64, identity: np.uint64) -> float:
    """Uniform number in [0, 1) of one identity under one key."""
    return float(mix(identity + key) >> _S11) * _TO_UNIT


@kernel
def laplace(u: float) -> float:
    """Laplace number with scale 1 from a uniform one (inverse distribution function)."""
    if u < 0.5:
        return math.log(max(2.0 * u, 1e-300))
    return -math.log(2.0 * (1.0 - u))


@kernel
def normal(u: float, v: float) -> float:
    """Standard normal number from two uniform ones (Box and Muller 1958)."""
    return math.sqrt(-2.0 * math.log(1.0 - u)) * math.cos(2.0 * math.pi * v)


@kernel
def poisson(u: float, mean: float) -> int:
    """Poisson number from one uniform by inversion: more mean never gives fewer.

    Above a mean of 30 a normal approximation with the same mean and variance (error in the distribution
    function below 0.02) keeps the cost constant.
    """
    if mean <= 0.0:
        return 0
    if mean > _SMALL_MEAN:
        return max(0, math.floor(mean + math.sqrt(mean) * _normal_quantile(u) + 0.5))
    term = math.exp(-mean)
    total = term
    count = 0
    while u > total and count < 200:
        count += 1
        term *= mean / count
        total += term
    return count


@kernel
def _normal_quantile(u: float) -> float:
    """Quantile of the standard normal (Abramowitz and Stegun 1964, 26.2.23; error below 4.5e-4)."""
    tail = min(u, 1.0 - u)
    t = math.sqrt(-2.0 * math.log(max(tail, 1e-16)))
    z = t - (2.515517 + 0.802853 * t + 0.010328 * t * t) / (
        1.0 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t * t * t
    )
    return -z if u < 0.5 else z
