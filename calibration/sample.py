"""Sample: one in so many persons, firms and jobs of a region, each of which stands for as many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from omstilling.calibration.rounding import whole
from omstilling.model.margins import RegionMargins
from omstilling.model.shocks import Shock

_WORKING_AGE = slice(16, 75)


def sample_margins(margins: RegionMargins, one_in: int) -> RegionMargins:
    """Margins of a sample: every count divided and rounded so that its parts still add up; ``weight`` says by what.

    Past figures, shares and rates stay as they are. Large firms are too few in a sample: what single firms do to a
    municipality is too even or too rough there, so read it for the country and groups of municipalities.
    """
    if one_in == 1:
        return margins
    size = margins.size
    population = np.stack(
        [whole(of_place.ravel().astype(np.float64), round(of_place.sum() / one_in)) for of_place in margins.population]
    ).reshape(margins.population.shape)
    workers = population[:, :, _WORKING_AGE].sum(axis=(1, 2))
    residents = np.minimum(np.round(margins.employed_residents / one_in).astype(np.int64), workers)
    commuting = np.zeros_like(margins.commuting)
    for home in range(size):
        commuting[home] = whole(margins.commuting[home].astype(np.float64) + 1e-9, int(residents[home]))
    commuting[size] = np.round(margins.commuting[size] / one_in).astype(np.int64)
    jobs = commuting[:, :size].sum(axis=0)
    industry_jobs = np.stack(
        [whole(of_place + 1e-9, int(number)) for of_place, number in zip(margins.industry_jobs, jobs, strict=True)]
    )
    return replace(
        margins,
        population=population,
        commuting=commuting,
        industry_jobs=industry_jobs,
        unemployed=np.minimum(np.round(margins.unemployed / one_in).astype(np.int64), workers - residents),
        in_migration=margins.in_migration / one_in,
        weight=one_in,
    )


def sample_shocks(shocks: Sequence[Shock], one_in: int) -> tuple[Shock, ...]:
    """Dated losses in a sample: as many fewer jobs."""
    return tuple(
        replace(shock, jobs=round(shock.jobs / one_in), firm_jobs=round(shock.firm_jobs / one_in)) for shock in shocks
    )
