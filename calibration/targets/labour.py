"""Targets of the labour market: flows of workers, unemployment, employment and commuting."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omstilling.calibration.margins.travel import travel_minutes_between
from omstilling.calibration.targets.municipalities import CLASS_GROUPS, class_groups
from omstilling.calibration.targets.target import Block, Meaning, Statistics, Target, bootstrap_errors, targets_from
from omstilling.calibration.targets.working_life import WorkingLife, observed_working_life

_BANDS: dict[str, tuple[float, float]] = {"near": (0.0, 30.0), "middle": (30.0, 60.0), "far": (60.0, 1e9)}
"""Minutes by car between municipalities."""
_REGISTER = "Nordic register studies (to be verified)"
_COMMUTING = "Statistics Norway, table 03321"

_MEANINGS: dict[str, Meaning] = {
    "separation": Meaning("employed who leave for non-employment", "share a month", _REGISTER, True),
    "job_change": Meaning("employed who change employer", "share a month", _REGISTER),
    "job_finding": Meaning("unemployed who find a job", "share a month", "NAV and Frisch Centre (to be verified)"),
    "unemployment": Meaning(
        "unemployed per person in the labour force 2017-2019", "share", "NAV, registered wholly unemployed", True
    ),
    **{
        f"employed_{group}": Meaning(
            f"employed residents per resident aged 15-74 in 2021, {group} municipalities", "share",
            "Statistics Norway, table 11618", True,
        )
        for group in CLASS_GROUPS
    },
    **{
        f"commuting_{band}": Meaning(
            f"employed who work in another municipality of the set, {band}: "
            + (f"{low:g} minutes or more" if high > 1e6 else f"{low:g}-{high:g} minutes"),
            "share", _COMMUTING, band == "near",
        )
        for band, (low, high) in _BANDS.items()
    },
}  # fmt: skip

_STATED_ERRORS = {"separation": 0.0018, "job_change": 0.0015, "job_finding": 0.08, "unemployment": 0.004}
"""Half the range of the sources as two standard errors; job finding more, since the unemployed of the model are counted
from the first day and the registered are not.
"""
_LEAST_ERROR = {"employed": 0.01, "commuting": 0.005}
"""What definitions leave open; choices."""


def labour_statistics(window: WorkingLife, minutes: NDArray[np.float64], groups: NDArray[np.int8]) -> Statistics:
    """Statistics of figures or of a run; ``minutes`` between the municipalities, shape (M, M)."""
    statistics: Statistics = {
        "separation": window.flows.separation,
        "job_change": window.flows.job_change,
        "job_finding": window.flows.job_finding,
        "unemployment": window.flows.unemployment,
    }
    for number, group in enumerate(CLASS_GROUPS):
        here = groups == number
        here = here if here.any() else np.ones_like(here)
        statistics[f"employed_{group}"] = float(window.employed[here].sum() / window.adults[here].sum())
    elsewhere = window.commuting * (1.0 - np.eye(len(minutes)))
    for band, (low, high) in _BANDS.items():
        within = (minutes >= low) & (minutes < high)
        statistics[f"commuting_{band}"] = float(elsewhere[within].sum() / window.employed.sum())
    return statistics


def labour_targets(codes: tuple[str, ...]) -> tuple[Target, ...]:
    """Targets of the block for a set of municipalities."""
    window, groups, minutes = observed_working_life(codes), class_groups(codes), travel_minutes_between(codes)
    observed = labour_statistics(window, minutes, groups)

    def resampled(rows: NDArray[np.intp]) -> Statistics:
        return labour_statistics(window.of(rows), minutes[np.ix_(rows, rows)], groups[rows])

    errors = bootstrap_errors(resampled, len(codes))
    return targets_from(
        Block.LABOUR,
        _MEANINGS,
        observed,
        errors,
        stated=_STATED_ERRORS,
        left_open=lambda name: _LEAST_ERROR.get(name.split("_")[0], 0.0),
    )
