"""Targets of firms: how jobs of municipalities grow and spread, how large firms are and how long they live."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omstilling.calibration.targets.municipalities import CLASS_GROUPS, class_groups
from omstilling.calibration.targets.target import Block, Meaning, Statistics, Target, bootstrap_errors, targets_from
from omstilling.calibration.targets.working_life import SIZES, WorkingLife, observed_working_life

_SIZE_GROUPS: dict[str, tuple[float, float]] = {
    "under_700": (0, 700),
    "700_1999": (700, 2000),
    "2000_over": (2000, 1e9),
}
"""Jobs of a municipality."""
_LARGE_FALL = -0.05
_JOBS = "Statistics Norway, table 11618"
_SIZE_SOURCE = "Statistics Norway, table 07091, Telemark"
_SURVIVAL = "Statistics Norway, survival of new limited companies"

_MEANINGS: dict[str, Meaning] = {
    **{
        f"job_growth_spread_{name}": Meaning(
            f"standard deviation of yearly growth of jobs 2017-2021, municipalities of {name.replace('_', ' ')} jobs",
            "log points", _JOBS, True,
        )
        for name in _SIZE_GROUPS
    },
    "job_growth_persistence": Meaning(
        "correlation of growth of jobs 2017-2019 with 2019-2021 over municipalities", "1", _JOBS, True
    ),
    "large_falls": Meaning(
        "municipalities whose jobs fall by 5 % or more in a year, against the median", "share a year", _JOBS, True
    ),
    **{
        f"job_growth_{group}": Meaning(f"growth of jobs 2017-2021, {group} municipalities", "log points", _JOBS, True)
        for group in CLASS_GROUPS
    },
    **{
        f"firms_{name}": Meaning(f"private firms with {name} staff at the end of 2021", "share", _SIZE_SOURCE)
        for name in SIZES[:-1]
    },
    "survival_first_year": Meaning("entrants alive after a year", "share", _SURVIVAL, True),
    "survival_next_years": Meaning("of those, alive after five years", "share", _SURVIVAL, True),
    "survivors_growth": Meaning(
        "mean staff of entrants alive after five years over that of entrants", "times", "Statistics Norway 2011"
    ),
    "firms_growth": Meaning(
        "growth of the number of private firms 2016-2021", "log points", "Statistics Norway, table 07091, Telemark"
    ),
}  # fmt: skip

_STATED_ERRORS = {
    "survival_first_year": 0.03, "survival_next_years": 0.03, "survivors_growth": 1.0, "firms_growth": 0.03,
    **{f"firms_{name}": 0.03 for name in SIZES},
}  # fmt: skip
"""Ranges of the sources; of sizes and number of firms, how far one county may differ: choices."""
_LEAST_ERROR = 0.005
"""Of growth of jobs: what the sector composition of the country leaves open; a choice."""


def _spread_statistics(jobs: NDArray[np.float64]) -> Statistics:
    """Spread, persistence and large falls of growth of jobs, shape of ``jobs`` (5, M)."""
    yearly = np.diff(np.log(jobs), axis=0)
    yearly -= np.median(yearly, axis=1, keepdims=True)
    statistics: Statistics = {}
    for name, (low, high) in _SIZE_GROUPS.items():
        chosen = yearly[(jobs[:-1] >= low) & (jobs[:-1] < high)]
        statistics[f"job_growth_spread_{name}"] = float(np.sqrt(np.mean(chosen**2))) if chosen.size else 0.0
    statistics["job_growth_persistence"] = float(np.corrcoef(yearly[:2].sum(axis=0), yearly[2:].sum(axis=0))[0, 1])
    statistics["large_falls"] = float(np.mean(yearly <= _LARGE_FALL))
    return statistics


def firm_statistics(window: WorkingLife, groups: NDArray[np.int8]) -> Statistics:
    """Statistics of figures or of a run; ``groups`` as ``class_groups`` gives them."""
    jobs = np.maximum(window.jobs, 1.0)
    statistics = _spread_statistics(jobs)
    for number, group in enumerate(CLASS_GROUPS):
        here = groups == number
        here = here if here.any() else np.ones_like(here)
        statistics[f"job_growth_{group}"] = float(np.log(jobs[-1][here].sum() / jobs[0][here].sum()))
    firms = window.firms
    statistics |= {f"firms_{name}": float(share) for name, share in zip(SIZES[:-1], firms.sizes, strict=False)}
    return statistics | {
        "survival_first_year": firms.first_year,
        "survival_next_years": firms.next_years,
        "survivors_growth": firms.survivors_growth,
        "firms_growth": firms.number_growth,
    }


def firm_targets(codes: tuple[str, ...]) -> tuple[Target, ...]:
    """Targets of the block for a set of municipalities."""
    window, groups = observed_working_life(codes), class_groups(codes)
    observed = firm_statistics(window, groups)
    errors = bootstrap_errors(lambda rows: firm_statistics(window.of(rows), groups[rows]), len(codes))
    return targets_from(
        Block.FIRMS, _MEANINGS, observed, errors, stated=_STATED_ERRORS, left_open=lambda _name: _LEAST_ERROR
    )
