"""Industries: jobs by industry and sizes of establishments, by centrality, from the figures of one county."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from omstilling.calibration.margins.rounding import whole
from omstilling.calibration.tables.tables import load_tables
from omstilling.model.state.industries import INDUSTRIES
from omstilling.model.state.margins import SIZE_CLASS_BOUNDS, MarginsError

_MOST_CENTRAL, _LEAST_CENTRAL = 3, 6
_SIZE_COLUMNS = (
    "size_1_4", "size_5_9", "size_10_19", "size_20_49", "size_50_99", "size_100_249", "size_250_over",
)  # fmt: skip
_PRIOR_ESTABLISHMENTS = 2.0
"""Weight of the all-class distribution where a class has few establishments of an industry; a choice."""


def _known_class(centrality_class: int) -> int:
    """Class whose figures are used: Telemark has classes 3 to 6, so classes 1 and 2 borrow those of 3."""
    return min(max(centrality_class, _MOST_CENTRAL), _LEAST_CENTRAL)


@cache
def _shares() -> dict[int, NDArray[np.float64]]:
    table = load_tables().industry_mix.pivot(index="centrality_class", columns="nace", values="share")
    table = table.reindex(columns=[industry.nace for industry in INDUSTRIES]).fillna(0.0)
    return {int(number): row.to_numpy(dtype=np.float64) for number, row in table.iterrows()}


def industry_jobs(
    jobs: NDArray[np.int64],
    classes: NDArray[np.int8],
    names: Sequence[str],
    named: Sequence[tuple[int, int, int]],
) -> NDArray[np.int64]:
    """Jobs by municipality and industry, shape (M, 16); rows add up to ``jobs``.

    Jobs that are not in named firms follow the mean mix of the centrality class.

    Parameters
    ----------
    named
        Municipality row, industry index and jobs of firms that a scenario names.

    Raises
    ------
    MarginsError
        If named firms have more jobs than the municipality.
    """
    fixed = np.zeros((len(jobs), len(INDUSTRIES)), dtype=np.int64)
    for place, industry, number in named:
        fixed[place, industry] += number
    for place in np.flatnonzero(fixed.sum(axis=1) > jobs).tolist():
        raise MarginsError(f"the named firms have {fixed[place].sum()} jobs, but {names[place]} has {jobs[place]}")
    rest = jobs - fixed.sum(axis=1)
    mix = [whole(_shares()[_known_class(int(c))], int(n)) for c, n in zip(classes, rest, strict=True)]
    return np.asarray(fixed + np.stack(mix))


@cache
def _sizes() -> dict[tuple[int, str], NDArray[np.float64]]:
    table = load_tables().establishment_sizes
    national = table.groupby("nace")[list(_SIZE_COLUMNS)].sum()
    sizes = {}
    for number in range(_MOST_CENTRAL, _LEAST_CENTRAL + 1):
        own = table[table["centrality_class"] == number].set_index("nace")[list(_SIZE_COLUMNS)]
        for nace, prior in national.iterrows():
            share = prior.to_numpy(dtype=np.float64)
            count = _PRIOR_ESTABLISHMENTS * share / share.sum()
            if nace in own.index:
                count = count + own.loc[nace].to_numpy(dtype=np.float64)
            sizes[number, str(nace)] = count / count.sum()
    return sizes


def establishment_shares(classes: NDArray[np.int8]) -> NDArray[np.float64]:
    """Share of establishments in each size class, shape (M, 16, 7)."""
    shares = np.zeros((len(classes), len(INDUSTRIES), len(SIZE_CLASS_BOUNDS)))
    for place, number in enumerate(classes):
        for index, industry in enumerate(INDUSTRIES):
            shares[place, index] = _sizes()[_known_class(int(number)), industry.nace]
    return shares
