"""National groups: types of municipality by what hits them, and where support goes and does not."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from omstilling.experiments.national.runs import NEVER, NationalRun

MONTHS = 12


class Kind(StrEnum):
    """Type of municipality by the baseline run: what it is hit by under the rules of the reference design."""

    ACUTE = "acute loss"
    DECLINE = "slow decline"
    OTHER = "neither"


class Reach(StrEnum):
    """Where a municipality stands towards a design: with status at some time, in the labour-market region of one, or
    neither.
    """

    STATUS = "with status"
    NEIGHBOUR = "neighbours"
    REST = "the rest"


def kinds_of(baseline: NationalRun) -> NDArray[np.str_]:
    """Type of each municipality, shape (M,); an acute loss comes before a decline."""
    if baseline.hit is None:
        raise ValueError("types are read off the baseline run")
    acute, decline = baseline.hit != NEVER
    return np.where(acute, Kind.ACUTE, np.where(decline, Kind.DECLINE, Kind.OTHER)).astype(np.str_)


def reach_of(run: NationalRun, regions: NDArray[np.str_]) -> NDArray[np.str_]:
    """Where each municipality stands in a run, shape (M,); ``regions`` are keys of labour-market regions."""
    with_status = np.zeros(len(regions), dtype=bool)
    with_status[[status.place for status in run.statuses]] = True
    beside = np.isin(regions, regions[with_status])
    return np.where(with_status, Reach.STATUS, np.where(beside, Reach.NEIGHBOUR, Reach.REST)).astype(np.str_)


def reached(run: NationalRun, hit: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of the municipalities hit (month, -1 for never) got status in that month or later, shape (M,)."""
    found = np.zeros(len(hit), dtype=bool)
    for status in run.statuses:
        found[status.place] |= 0 <= hit[status.place] <= status.granted
    return found


def recovers_anyway(baseline: NationalRun, place: int, granted: int, ended: int, start_month: int) -> bool:
    """Whether a place would have its jobs back without support when its programme ends, or the run does.

    Its jobs in the paired run without support are then at least at the highest level of the four year-ends up to the
    grant.
    """
    jobs = baseline.of("jobs")[:, place]
    year = max((granted - start_month) // MONTHS, 0)
    last = len(jobs) - 1 if ended == NEVER else min(-(-(ended - start_month) // MONTHS), len(jobs) - 1)
    return bool(jobs[last] >= jobs[max(0, year - 3) : year + 1].max())


def money_to_those_who_recover(run: NationalRun, baseline: NationalRun, start_month: int) -> float:
    """Share of the kroner granted that go to places whose jobs would have recovered anyway; NaN without grants."""
    total = sum(status.grants for status in run.statuses)
    if total <= 0:
        return float("nan")
    there = sum(
        status.grants
        for status in run.statuses
        if recovers_anyway(baseline, status.place, status.granted, status.ended, start_month)
    )
    return there / total


def gini(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    """Gini coefficient of values by place, weighted (Gini 1912; the discrete form of Lerman and Yitzhaki 1989)."""
    order = np.argsort(values, kind="stable")
    share = weights[order] / weights.sum()
    middle = np.cumsum(share) - 0.5 * share
    mean = float((values * weights).sum() / weights.sum())
    return float(2.0 * (share * (values[order] - mean) * (middle - 0.5)).sum() / mean)
