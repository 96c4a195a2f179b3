"""Estimate: how long a plan takes and how much disk it needs, before anything is started."""

from __future__ import annotations

import time
from typing import NamedTuple

from omstilling.experiments.batch.plan import Plan
from omstilling.experiments.batch.units import parameter_names
from omstilling.experiments.paired import TRAJECTORIES
from omstilling.experiments.precompile import precompile
from omstilling.experiments.registry import INDICATORS
from omstilling.experiments.trace import DATES, MONTHS
from omstilling.model import RestructuringModel

_BYTES_A_NUMBER = 6.0
"""Of a number in a compressed shard; measured on shards of the examples."""
_TRIED_MONTHS = 24


class Estimate(NamedTuple):
    """Work of a plan: seconds on one processor, and bytes in the store."""

    seconds: float
    size: float


def _person_months_a_second(plan: Plan) -> float:
    """Speed on this machine: a short run of the smallest scenario without support, synthesis included."""
    smallest = min(plan.settings, key=lambda setting: float(setting.margins.population.sum()))
    precompile()
    seconds = []
    for _ in range(2):  # the first loads compiled kernels
        start = time.perf_counter()
        model = RestructuringModel(smallest.margins, seed=1)
        model.run_months(_TRIED_MONTHS)
        seconds.append(time.perf_counter() - start)
    return float(smallest.margins.population.sum()) * _TRIED_MONTHS / seconds[-1]


def estimate(plan: Plan) -> Estimate:
    """Try a short run, and say how long all take and how much they leave."""
    work = sum(plan.person_months(unit) for unit in plan.units)
    years = max(rows[-1] for cases in plan.cases for case in cases for rows in case.rows) // MONTHS + 1
    numbers = 2 * len(INDICATORS) * len(DATES) + len(TRAJECTORIES) * years + len(parameter_names(plan))
    return Estimate(work / _person_months_a_second(plan), plan.runs * numbers * _BYTES_A_NUMBER)
