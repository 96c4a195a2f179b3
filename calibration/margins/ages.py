"""Ages: inhabitants by sex and single year of age from age groups."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omstilling.calibration.margins.life_table import mortality_of
from omstilling.calibration.margins.rounding import whole
from omstilling.calibration.tables.tables import AGE_COLUMNS, AGE_GROUPS, AGE_YEARS, Tables
from omstilling.model.state.margins import MAX_AGE

_BOYS = 0.514
"""Share of boys among newborn (Statistics Norway)."""
_OPEN_GROUP = AGE_GROUPS.index((80, 105))
_WOMEN_AGES = slice(20, 40)


def _survivors(year: int) -> NDArray[np.float64]:
    """Survivors by sex and age of a birth cohort of 1, shape (2, 106)."""
    share = np.cumprod(1.0 - mortality_of(year), axis=1)
    share = np.concatenate([np.ones((2, 1)), share[:, :-1]], axis=1)
    return np.asarray(share * np.array([[_BOYS], [1.0 - _BOYS]]))


def single_years(groups: NDArray[np.float64], year: int) -> NDArray[np.float64]:
    """Persons by single year of age, shape (..., 106), smooth within groups; sums over each group are kept.

    Parameters
    ----------
    groups
        Persons by age group, shape (..., 16).
    year
        Year whose mortality spreads the open group from 80.
    """
    from scipy.interpolate import PchipInterpolator  # here, as workers that are sent margins do not need it

    edges = np.array([low for low, _ in AGE_GROUPS])
    closed = groups[..., :_OPEN_GROUP]
    cumulative = np.concatenate([np.zeros((*groups.shape[:-1], 1)), np.cumsum(closed, axis=-1)], axis=-1)
    smooth = PchipInterpolator(edges, cumulative, axis=-1)(np.arange(81))
    old = _survivors(year).sum(axis=0)[80 : MAX_AGE + 1]
    old = groups[..., _OPEN_GROUP:] * (old / old.sum())
    return np.concatenate([np.diff(smooth, axis=-1), old], axis=-1)


def groups_of(tables: Tables, year: int) -> tuple[NDArray[np.float64], NDArray[np.float64], str]:
    """Age groups (357, 16) and women aged 20-39 (357,) on 1 January, and how they are known.

    Before 2005 the structure of 2005 is scaled to the exact total of the year: ``carried``.
    """
    known = min(max(year, AGE_YEARS[0]), AGE_YEARS[-1])
    table = tables.ages.loc[known]
    groups = table[list(AGE_COLUMNS)].to_numpy(dtype=np.float64)
    women = table["women_20_39"].to_numpy(dtype=np.float64)
    if known == year:
        return groups, women, "observed"
    totals = tables.population[year].to_numpy()
    factor = np.where(np.isnan(totals), 1.0, totals / groups.sum(axis=1))
    scaled = np.stack([whole(row, round(row.sum() * f)) for row, f in zip(groups, factor, strict=True)])
    return scaled.astype(np.float64), np.round(women * factor), "carried"


def _women_by_age(persons: NDArray[np.int64], share: NDArray[np.float64], women_20_39: int) -> NDArray[np.int64]:
    """Women by age: by the life table, but exact at 20-39, never more than there are persons."""
    cumulative = np.round(np.cumsum(persons * share))
    women = np.diff(np.concatenate([[0.0], cumulative])).astype(np.int64)
    young = persons[_WOMEN_AGES]
    wanted = min(women_20_39, int(young.sum()))
    if young.sum() > 0:
        women[_WOMEN_AGES] = whole(young.astype(np.float64), wanted)
    return np.asarray(np.clip(women, 0, persons))


def population_by_sex_and_age(groups: NDArray[np.float64], women_20_39: int, year: int) -> NDArray[np.int64]:
    """One municipality's inhabitants, shape (2, 106): every age group and the women aged 20-39 exact."""
    smooth = single_years(groups, year)
    persons = np.concatenate(
        [
            whole(np.maximum(smooth[low : high + 1], 1e-9), round(group))
            for (low, high), group in zip(AGE_GROUPS, groups, strict=True)
        ]
    )
    survivors = _survivors(year)
    women = _women_by_age(persons, survivors[1] / survivors.sum(axis=0), women_20_39)
    return np.stack([persons - women, women])
