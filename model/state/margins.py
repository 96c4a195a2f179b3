"""Margins: the totals a synthetic region must match, as plain arrays. No file is known here."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

MAX_AGE = 105
"""Oldest single year of age in the tables of the model; older persons are counted here."""

MIGRATION_AGE_BOUNDS: tuple[int, ...] = (0, 6, 16, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 75, 80)
"""Lowest age of each age group in which moving is tabulated (years)."""

SIZE_CLASS_BOUNDS: tuple[tuple[int, int], ...] = (
    (1, 4),
    (5, 9),
    (10, 19),
    (20, 49),
    (50, 99),
    (100, 249),
    (250, 1000),
)
"""Lowest and highest number of jobs in each size class of establishments (table 07091); the last is open."""


class MarginsError(ValueError):
    """Margins that contradict each other."""


@dataclass(frozen=True)
class RegionMargins:
    """What is known of a region at the start of a run.

    M municipalities, K industries, A = 15 age groups of moving, S = 7 size classes of establishments.
    Index M in a commuting or moving table is the outside (the rest of the country and abroad).

    Attributes
    ----------
    codes, names
        Municipal codes of 2024 and names, length M.
    start_month
        Months since January 1900 at the first of January of the start year.
    centrality_index, centrality_class
        Statistics Norway's centrality, 0-1000 and 1 (most central) to 6, shape (M,).
    population
        Persons by sex (0 man, 1 woman) and single year of age, shape (M, 2, MAX_AGE + 1).
    commuting
        Employed persons by home (row) and work (column) municipality, shape (M + 1, M + 1), [M, M] = 0.
        Rows 0..M-1 sum to employed residents, columns 0..M-1 to jobs.
    unemployed
        Unemployed residents, shape (M,).
    industry_jobs
        Jobs by municipality and industry, shape (M, K); rows sum to jobs.
    establishment_shares
        Share of establishments in each size class, shape (M, K, S); last axis sums to 1.
    travel_minutes
        Car travel between (and, on the diagonal, within) municipalities, minutes, shape (M, M).
    commuting_affinity
        How many more commute from one place to another than distance alone says, 1 for as many, shape (M, M).
    out_migration_rate
        Yearly probability of moving to another municipality or abroad by age group, shape (M, A).
    in_migration
        Expected persons moving in from the outside a year by age group, shape (M, A).
    destination_share
        Where movers of an age group go by structure alone, shape (M, A, M + 1): from, age, to; the last axis sums to 1.
    settlement_attractiveness
        Net in-migration a year beyond what structure predicts, share of inhabitants, shape (M,)
        (*bostedsattraktivitet*).
    fertility
        Births per woman and year by single year of age, shape (MAX_AGE + 1,).
    mortality
        Yearly probability of death by sex and single year of age, shape (2, MAX_AGE + 1).
    past_population, past_jobs
        Inhabitants on 1 January and jobs in the 4th quarter of the years before those of the start, oldest first, shape
        (M, H).
    weight
        Persons and firms that each one in the run stands for; all counts here are of the run.
    quality
        For each kind of figure how it is known: ``observed``, ``interpolated``, ``carried`` or ``modelled``.
    """

    codes: tuple[str, ...]
    names: tuple[str, ...]
    start_month: int
    centrality_index: NDArray[np.float64]
    centrality_class: NDArray[np.int8]
    population: NDArray[np.int64]
    commuting: NDArray[np.int64]
    unemployed: NDArray[np.int64]
    industry_jobs: NDArray[np.int64]
    establishment_shares: NDArray[np.float64]
    travel_minutes: NDArray[np.float64]
    commuting_affinity: NDArray[np.float64]
    out_migration_rate: NDArray[np.float64]
    in_migration: NDArray[np.float64]
    destination_share: NDArray[np.float64]
    settlement_attractiveness: NDArray[np.float64]
    fertility: NDArray[np.float64]
    mortality: NDArray[np.float64]
    past_population: NDArray[np.float64]
    past_jobs: NDArray[np.float64]
    weight: int = 1
    quality: dict[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Number of municipalities M."""
        return len(self.codes)

    @property
    def jobs(self) -> NDArray[np.int64]:
        """Jobs by workplace municipality, shape (M,)."""
        return self.commuting[:, : self.size].sum(axis=0)

    @property
    def employed_residents(self) -> NDArray[np.int64]:
        """Employed persons by home municipality, shape (M,)."""
        return self.commuting[: self.size].sum(axis=1)

    def check(self) -> None:
        """Raise MarginsError where totals contradict each other.

        Raises
        ------
        MarginsError
            Jobs that do not add up over industries, negative counts, or more employed and unemployed
            residents than inhabitants aged 16-74.
        """
        if (self.population < 0).any() or (self.commuting < 0).any() or (self.industry_jobs < 0).any():
            raise MarginsError("negative counts in the margins")
        wrong = np.flatnonzero(self.industry_jobs.sum(axis=1) != self.jobs)
        if wrong.size:
            raise MarginsError(f"industry jobs of {self.names[wrong[0]]} do not add up to its jobs")
        of_working_age = self.population[:, :, 16:75].sum(axis=(1, 2))
        wrong = np.flatnonzero(self.employed_residents + self.unemployed > of_working_age)
        if wrong.size:
            raise MarginsError(f"more employed and unemployed in {self.names[wrong[0]]} than inhabitants aged 16-74")
