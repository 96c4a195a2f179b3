"""Region: the margins of any set of municipalities at the start of any year."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from omstilling.calibration.margins import ages, employment, industries, life_table, mobility
from omstilling.calibration.margins.travel import commuting_affinity, travel_minutes
from omstilling.calibration.tables.tables import load_tables
from omstilling.model.engine.calendar import month_number
from omstilling.model.shocks.shocks import Shock, jobs_in_named_firms
from omstilling.model.state.margins import MarginsError, RegionMargins

START_YEARS = range(2002, 2023)
"""Years a run can start in. Before 2005 the age structure and jobs of 2005 are carried back."""


def _rows_of(codes: Sequence[str]) -> NDArray[np.intp]:
    index = load_tables().municipalities.index
    unknown = [code for code in codes if code not in index]
    if unknown or not codes or len(set(codes)) != len(codes):
        raise MarginsError(f"a region needs distinct municipalities of 2024, found {unknown or list(codes)}")
    return np.asarray(index.get_indexer(list(codes)))


def _check_losses(codes: Sequence[str], year: int, shocks: Sequence[Shock]) -> None:
    """Refuse losses of more jobs than a place had in the 4th quarter of a year."""
    jobs = dict(zip(load_tables().municipalities.index, employment.jobs_in(year)[0], strict=True))
    for code in codes:
        lost = sum(shock.jobs for shock in shocks if shock.municipality == code)
        if lost > jobs[code]:
            name = load_tables().municipalities.loc[code, "name"]
            raise MarginsError(f"the shocks take {lost} jobs, but {name} has {jobs[code]:.0f}")


def distinct_names(places: pd.DataFrame) -> tuple[str, ...]:
    """Names of municipalities; where two of the country have the same, with the county in brackets."""
    everywhere = load_tables().municipalities["name"]
    twice = set(everywhere[everywhere.duplicated(keep=False)])
    counties = load_tables().unemployment["unit"]
    return tuple(
        f"{name} ({counties[county]})" if name in twice else str(name)
        for name, county in zip(places["name"], places["county"], strict=True)
    )


def region_margins(codes: Sequence[str], start_year: int, shocks: Sequence[Shock] = ()) -> RegionMargins:
    """Margins of a region on 1 January of a year.

    Jobs and employed residents are those of the 4th quarter before.

    Parameters
    ----------
    codes
        Municipal codes of 2024.
    start_year
        2002 to 2022.
    shocks
        Dated losses: their firms must exist, and their jobs stand until they are lost.

    Raises
    ------
    MarginsError
        For unknown codes, a year out of range, or named firms with more jobs than their municipality.
    """
    if start_year not in START_YEARS:
        raise MarginsError(f"start year {start_year}: figures allow {START_YEARS[0]} to {START_YEARS[-1]}")
    tables, rows = load_tables(), _rows_of(codes)
    _check_losses(codes, start_year - 1, shocks)
    places = tables.municipalities.iloc[rows]
    names = distinct_names(places)
    classes = places["centrality_class"].to_numpy(dtype=np.int8)
    groups, women, age_quality = ages.groups_of(tables, start_year)
    commuting = employment.regional_commuting(rows, start_year - 1, shocks)
    jobs = commuting[:, :-1].sum(axis=0)
    unemployed, unemployment_quality = employment.unemployed_in(rows, start_year, commuting[:-1].sum(axis=1))
    out_rate, in_migration, share = mobility.regional_mobility(rows, start_year)
    named = [
        (list(codes).index(code), industry, number)
        for (code, industry, _), number in jobs_in_named_firms(shocks).items()
    ]
    margins = RegionMargins(
        codes=tuple(codes),
        names=names,
        start_month=month_number(start_year),
        centrality_index=places["centrality"].to_numpy(dtype=np.float64),
        centrality_class=classes,
        population=np.stack([ages.population_by_sex_and_age(groups[r], int(women[r]), start_year) for r in rows]),
        commuting=commuting,
        unemployed=unemployed,
        industry_jobs=industries.industry_jobs(jobs, classes, names, named),
        establishment_shares=industries.establishment_shares(classes),
        travel_minutes=travel_minutes()[np.ix_(rows, rows)],
        commuting_affinity=commuting_affinity()[np.ix_(rows, rows)],
        out_migration_rate=out_rate,
        in_migration=in_migration,
        destination_share=share,
        settlement_attractiveness=mobility.national_mobility(start_year).attractiveness[rows],
        fertility=life_table.fertility_of(start_year),
        mortality=life_table.mortality_of(start_year),
        past_population=employment.past_population(rows, start_year),
        past_jobs=employment.past_jobs(rows, start_year, shocks),
        quality={
            "population": age_quality,
            "jobs": employment.jobs_in(start_year - 1)[1],
            "employed_residents": employment.employed_residents_in(start_year - 1)[1],
            "unemployed": unemployment_quality,
            "commuting": "modelled",
            "industry_jobs": "modelled",
        },
    )
    margins.check()
    return margins
