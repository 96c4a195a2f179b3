"""Sample: one in so many persons, firms and jobs of a region, each of which stands for as many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from omstilling.model.shocks.shocks import Shock
from omstilling.model.state.margins import RegionMargins

_GOLDEN = 0.6180339887498949
_WORKING_AGE = slice(16, 75)


def _systematic(counts: NDArray[np.int64], total: int, place: int) -> NDArray[np.int64]:
    """Systematic sample of ``total`` from cells in order (Madow and Madow 1944): no cell is favoured for its size.

    Places start at different points of the first interval, so that what is rounded away in one is kept in another.
    """
    share = np.maximum(counts, 1e-9)
    marks = np.cumsum(share) / share.sum() * total + (_GOLDEN * (place + 1)) % 1.0
    edges = np.floor(marks + 1e-9)
    edges[-1] = total
    return np.diff(np.concatenate([[0.0], np.minimum(edges, total)])).astype(np.int64)


def sample_margins(margins: RegionMargins, one_in: int) -> RegionMargins:
    """Margins of a sample: every count divided and rounded so that its parts still add up; ``weight`` says by what.

    Past figures, shares and rates stay as they are. Large firms are too few in a sample: what single firms do to a
    municipality is too even or too rough there, so read it for the country and groups of municipalities.
    """
    if one_in == 1:
        return margins
    size = margins.size
    population = np.stack(
        [
            _systematic(of_place.ravel(), round(of_place.sum() / one_in), place)
            for place, of_place in enumerate(margins.population)
        ]
    ).reshape(margins.population.shape)
    workers = population[:, :, _WORKING_AGE].sum(axis=(1, 2))
    residents = np.minimum(np.round(margins.employed_residents / one_in).astype(np.int64), workers)
    commuting = np.zeros_like(margins.commuting)
    for home in range(size):
        commuting[home] = _systematic(margins.commuting[home], int(residents[home]), home)
    commuting[size] = _systematic(margins.commuting[size], round(margins.commuting[size].sum() / one_in), size)
    jobs = commuting[:, :size].sum(axis=0)
    industry_jobs = np.stack(
        [_systematic(of_place, int(jobs[place]), place) for place, of_place in enumerate(margins.industry_jobs)]
    )
    return replace(
        margins,
        population=population,
        commuting=commuting,
        industry_jobs=industry_jobs,
        unemployed=np.minimum(np.round(margins.unemployed / one_in).astype(np.int64), workers - residents),
        in_migration=margins.in_migration / one_in,
        weight=margins.weight * one_in,
    )


def sample_shocks(shocks: Sequence[Shock], one_in: int) -> tuple[Shock, ...]:
    """Dated losses in a sample: as many fewer jobs."""
    return tuple(
        replace(shock, jobs=round(shock.jobs / one_in), firm_jobs=round(shock.firm_jobs / one_in)) for shock in shocks
    )
