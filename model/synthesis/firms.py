"""Synthetic firms: skewed sizes by industry that add up to the jobs, and the firms that a scenario names."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omstilling.model.engine.compilation import kernel
from omstilling.model.engine.draws import derive, normal, uniform
from omstilling.model.state.columns import NEVER, OUTSIDE_FIRM, Firms, FirmState, allocate_firms
from omstilling.model.state.margins import SIZE_CLASS_BOUNDS, RegionMargins

_ALIVE = int(FirmState.ALIVE)
_TAG_FIRM = 1000
_BOUNDS = np.array(SIZE_CLASS_BOUNDS, dtype=np.float64)
_SPARE = 1.5


@dataclass(frozen=True)
class NamedFirm:
    """A firm that a scenario speaks of: municipality row, industry index, jobs at the start, name."""

    municipality: int
    industry: int
    jobs: int
    name: str


@kernel
def _draw_size(shares: NDArray[np.float64], bounds: NDArray[np.float64], key: np.uint64, uid: np.uint64) -> int:
    """Jobs of one establishment: a size class by its share, log-uniform within the class."""
    u = uniform(key, uid)
    chosen = len(shares) - 1
    for size_class in range(len(shares)):
        if u < shares[size_class]:
            chosen = size_class
            break
        u -= shares[size_class]
    low = bounds[chosen, 0]
    high = bounds[chosen, 1] + 1.0
    return int(low * math.exp(math.log(high / low) * uniform(key + np.uint64(1), uid)))


@kernel
def _split_jobs(
    jobs: int,
    shares: NDArray[np.float64],
    bounds: NDArray[np.float64],
    origin: np.uint64,
    industry: int,
    key: np.uint64,
    sizes: NDArray[np.int32],
) -> int:
    """Write sizes that add up to ``jobs``; returns how many firms that takes."""
    number = 0
    left = jobs
    while left > 0:
        uid = derive(origin, _TAG_FIRM + industry, number)
        size = min(left, _draw_size(shares, bounds, key, uid))
        sizes[number] = size
        left -= size
        number += 1
    return number


@kernel
def _draw_traits(
    firms: Firms, row: int, start_month: int, key: np.uint64, wage_spread: float, cash_mean: float
) -> None:
    """Wage, age, cash and ownership of a firm that exists at the start."""
    uid = firms.uid[row]
    size = firms.staff[row]
    z = normal(uniform(key + np.uint64(2), uid), uniform(key + np.uint64(3), uid))
    firms.wage[row] = math.exp(wage_spread * z)
    firms.productivity[row] = math.exp(wage_spread * z)
    years = -12.0 * math.log(1.0 - uniform(key + np.uint64(4), uid)) * (1.0 + 0.3 * math.log(size))
    firms.founded[row] = start_month - int(12.0 * min(years, 80.0)) - 1
    firms.cash[row] = 2.0 * cash_mean * uniform(key + np.uint64(5), uid)
    firms.local_owner[row] = uniform(key + np.uint64(6), uid) < 1.0 / (1.0 + size / 60.0)
    firms.closing[row] = NEVER
    firms.named[row] = -1
    firms.state[row] = _ALIVE


def _sizes_by_cell(
    margins: RegionMargins, named: tuple[NamedFirm, ...], origins: NDArray[np.uint64], key: np.uint64
) -> dict[tuple[int, int], list[int]]:
    cells: dict[tuple[int, int], list[int]] = {}
    buffer = np.zeros(int(margins.industry_jobs.max(initial=1)) + 1, dtype=np.int32)
    for home in range(margins.size):
        for industry in range(margins.industry_jobs.shape[1]):
            special = [firm.jobs for firm in named if (firm.municipality, firm.industry) == (home, industry)]
            rest = int(margins.industry_jobs[home, industry]) - sum(special)
            shares = margins.establishment_shares[home, industry]
            number = _split_jobs(rest, shares, _BOUNDS, origins[home], industry, key, buffer)
            cells[home, industry] = [*special, *(int(size) for size in buffer[:number])]
    return cells


def place_firms(
    margins: RegionMargins,
    named: tuple[NamedFirm, ...],
    origins: NDArray[np.uint64],
    key: np.uint64,
    wage_spread: float,
    cash_mean: float,
) -> tuple[Firms, int]:
    """Firms sorted by municipality and industry; row 0 is the outside employer.

    Returns
    -------
    Firms
        Columns with room for entrants.
    int
        Rows in use.
    """
    cells = _sizes_by_cell(margins, named, origins, key)
    used = 1 + sum(len(sizes) for sizes in cells.values())
    firms = allocate_firms(int(used * _SPARE) + 64)
    firms.state[OUTSIDE_FIRM] = _ALIVE
    firms.wage[OUTSIDE_FIRM] = 1.0
    firms.municipality[OUTSIDE_FIRM] = -1
    firms.closing[OUTSIDE_FIRM] = NEVER
    firms.named[OUTSIDE_FIRM] = -1
    row = 1
    for (home, industry), sizes in cells.items():
        numbers = [n for n, firm in enumerate(named) if (firm.municipality, firm.industry) == (home, industry)]
        for order, size in enumerate(sizes):
            # Named firms take identities of their own, so that the others keep theirs whether or not one is named.
            label = 2 * _TAG_FIRM + numbers[order] if order < len(numbers) else order - len(numbers)
            firms.uid[row] = derive(origins[home], _TAG_FIRM + industry, label)
            firms.municipality[row] = home
            firms.industry[row] = industry
            firms.staff[row] = size
            _draw_traits(firms, row, margins.start_month, key, wage_spread, cash_mean)
            if order < len(numbers):
                firms.named[row] = numbers[order]
                firms.spared[row] = 1
            row += 1
    return firms, used
