"""Observed: what happened in a municipality, to lay beside a run."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from omstilling.calibration.tables.tables import AGE_COLUMNS, JOB_YEARS, POPULATION_YEARS, RESIDENT_YEARS, load_tables


def observed_series(code: str) -> pd.DataFrame:
    """Figures of a municipality by year, 1986-2022.

    Returns
    -------
    pandas.DataFrame
        Index ``year``; ``population`` on 1 January, ``jobs`` and ``employed_residents`` in the 4th quarter; NaN where
        there is no figure (nothing is interpolated).
    """
    tables = load_tables()
    series = pd.DataFrame(index=pd.Index(list(POPULATION_YEARS), name="year"))
    series["population"] = tables.population.loc[code]
    series["jobs"] = np.nan
    series["employed_residents"] = np.nan
    for year in JOB_YEARS:
        series.loc[year, "jobs"] = tables.employment.loc[code, f"jobs_{year}"]
    for year in RESIDENT_YEARS:
        series.loc[year, "employed_residents"] = tables.employment.loc[code, f"employed_{year}"]
    return series


def observed_total(codes: Sequence[str]) -> pd.DataFrame:
    """Figures of several municipalities together, as ``observed_series``; NaN where one of them has none.

    Of Ålesund and Haram, whose figures of 2020-2022 are known as a sum only, the age table holds each half.
    """
    total = sum((observed_series(code) for code in codes[1:]), start=observed_series(codes[0]))
    ages = load_tables().ages[list(AGE_COLUMNS)].sum(axis=1).unstack("code")[list(codes)].sum(axis=1)
    total["population"] = total["population"].fillna(ages)
    return total
