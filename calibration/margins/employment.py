"""Employment: jobs, employed residents and commuting at the start of any year."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from omstilling.calibration.margins.ages import groups_of
from omstilling.calibration.tables.tables import AGE_GROUPS, JOB_YEARS, RESIDENT_YEARS, load_tables
from omstilling.model.engine.calendar import year_of
from omstilling.model.shocks.shocks import Shock, ShockKind

PAST_YEARS = 10
"""Years before the start whose figures a run knows: those over which a decline is measured."""
_ITERATIONS = 60
_LAST_MONTH_COUNTED = 10
"""A loss up to November (counted from 0) shows in the 4th quarter of its year."""
_WORKING_AGE = slice(AGE_GROUPS.index((16, 19)), AGE_GROUPS.index((67, 74)) + 1)


def _interpolation(year: int) -> tuple[int, int, float]:
    """Known years before and after, and the share of the way between them."""
    before = max(known for known in JOB_YEARS if known < year)
    after = min(known for known in JOB_YEARS if known > year)
    return before, after, (year - before) / (after - before)


def jobs_in(year: int) -> tuple[NDArray[np.float64], str]:
    """Jobs in the 4th quarter, shape (357,), and how they are known.

    Between known years they follow a straight line in logs (``interpolated``); before 2005 they are those of 2005
    (``carried``).
    """
    table = load_tables().employment
    if year in JOB_YEARS:
        return table[f"jobs_{year}"].to_numpy(), "observed"
    if year < JOB_YEARS[0]:
        return table[f"jobs_{JOB_YEARS[0]}"].to_numpy(), "carried"
    before, after, share = _interpolation(year)
    low, high = table[f"jobs_{before}"].to_numpy(), table[f"jobs_{after}"].to_numpy()
    return np.round(np.exp((1 - share) * np.log(low) + share * np.log(high))), "interpolated"


def jobs_before_losses(year: int, shocks: Sequence[Shock]) -> NDArray[np.float64]:
    """Jobs in the 4th quarter, shape (357,), where dated losses after it have not yet happened.

    A straight line between two known years spreads a sudden loss between them over all years. Where a shock falls
    between ``year`` and the next known year, the line therefore runs to that year's jobs plus those lost.
    """
    jobs = jobs_in(year)[0].copy()
    if year in JOB_YEARS or year < JOB_YEARS[0]:
        return jobs
    before, after, share = _interpolation(year)
    table = load_tables().employment
    lost = np.zeros(len(jobs))
    for shock in shocks:
        quarter = year_of(shock.month) + (shock.month % 12 > _LAST_MONTH_COUNTED)
        if shock.kind is not ShockKind.DECLINE and year < quarter <= after:
            lost[table.index.get_loc(shock.municipality)] += shock.jobs
    low, high = table[f"jobs_{before}"].to_numpy(), table[f"jobs_{after}"].to_numpy() + lost
    raised = np.round(np.exp((1 - share) * np.log(low) + share * np.log(high)))
    return np.where(lost > 0, raised, jobs)


def working_age(year: int) -> NDArray[np.float64]:
    """Inhabitants aged 16-74 on 1 January, shape (357,)."""
    groups, _, _ = groups_of(load_tables(), year)
    return np.asarray(groups[:, _WORKING_AGE].sum(axis=1))


def employed_residents_in(year: int) -> tuple[NDArray[np.float64], str]:
    """Employed residents in the 4th quarter, shape (357,), and how they are known.

    Before 2017 each municipality keeps its employed share of 2017, scaled so that the country's employed residents
    equal its jobs (``modelled``).
    """
    table = load_tables().employment
    if year in RESIDENT_YEARS:
        return table[f"employed_{year}"].to_numpy(), "observed"
    share = table["employed_2017"].to_numpy() / working_age(2018)
    residents = share * working_age(year + 1)
    jobs, _ = jobs_in(year)
    return np.round(residents * jobs.sum() / residents.sum()), "modelled"


@cache
def national_commuting(year: int) -> NDArray[np.float64]:
    """Employed persons by home and work in the 4th quarter, shape (357, 357).

    The matrix of 2021 fitted to the year's employed residents (rows) and jobs (columns) by iterative proportional
    fitting (Deming and Stephan 1940).
    """
    matrix = load_tables().commuting.to_numpy().copy()
    residents, _ = employed_residents_in(year)
    jobs, _ = jobs_in(year)
    jobs = jobs * residents.sum() / jobs.sum()
    for _ in range(_ITERATIONS):
        matrix *= (residents / np.maximum(matrix.sum(axis=1), 1e-9))[:, None]
        matrix *= (jobs / np.maximum(matrix.sum(axis=0), 1e-9))[None, :]
    return matrix


def regional_commuting(rows: NDArray[np.intp], year: int, shocks: Sequence[Shock] = ()) -> NDArray[np.int64]:
    """Whole commuters within a region and to and from the outside, shape (M + 1, M + 1).

    Rows add up to employed residents and columns to jobs exactly: the outside takes what is not within. Jobs that
    dated losses have not yet taken (see ``jobs_before_losses``) are held as those of 2021 are.
    """
    jobs = jobs_before_losses(year, shocks)
    residents = employed_residents_in(year)[0]
    national = national_commuting(year)
    extra = national * ((jobs - jobs_in(year)[0]) / jobs)[None, :]
    residing = np.round(residents + extra.sum(axis=1)).astype(np.int64)[rows]
    inside = np.round((national + extra)[np.ix_(rows, rows)]).astype(np.int64)
    workplaces = jobs[rows].astype(np.int64)
    for axis, limit in ((1, residing), (0, workplaces)):
        for place in np.flatnonzero(inside.sum(axis=axis) > limit):
            inside[place, place] -= inside.sum(axis=axis)[place] - limit[place]
    size = len(rows)
    commuting = np.zeros((size + 1, size + 1), dtype=np.int64)
    commuting[:size, :size] = inside
    commuting[:size, size] = residing - inside.sum(axis=1)
    commuting[size, :size] = workplaces - inside.sum(axis=0)
    return commuting


def unemployed_in(
    rows: NDArray[np.intp], start_year: int, employed: NDArray[np.int64]
) -> tuple[NDArray[np.int64], str]:
    """Unemployed residents in January, shape (M,), and how they are known.

    The registered share of the labour force of the municipality where published (Telemark), else of its county.
    Before 2011 it is that of January 2011, after 2021 that of December 2021.
    """
    table = load_tables().unemployment
    codes = load_tables().municipalities.index[rows]
    month = "2011-01" if start_year < 2011 else ("2021-12" if start_year > 2021 else f"{start_year}-01")
    keys = [code if code in table.index else code[:2] for code in codes]
    share = table.loc[keys, month].to_numpy(dtype=np.float64)
    known = "observed" if month == f"{start_year}-01" else "carried"
    return np.round(employed * share / (1.0 - share)).astype(np.int64), known


def past_jobs(rows: NDArray[np.intp], start_year: int, shocks: Sequence[Shock] = ()) -> NDArray[np.float64]:
    """Jobs in the 4th quarter of the ten years before that of the start, oldest first, shape (M, 10).

    Between known years they are interpolated, before 2005 carried back, and stand as at the start before dated losses;
    see ``jobs_before_losses``.
    """
    years = range(start_year - 1 - PAST_YEARS, start_year - 1)
    return np.stack([jobs_before_losses(year, shocks)[rows] for year in years], axis=1)


def past_population(rows: NDArray[np.intp], start_year: int) -> NDArray[np.float64]:
    """Inhabitants on 1 January of the ten years before the start, oldest first, shape (M, 10).

    Where a figure is missing, the next known year's is carried back.
    """
    table = load_tables().population.iloc[rows]
    years = list(range(start_year - PAST_YEARS, start_year))
    return np.asarray(table[[*years, start_year]].bfill(axis=1).ffill(axis=1)[years].to_numpy(dtype=np.float64))
