"""Estimate: how long a plan takes and how much disk it needs, before anything is started."""

from __future__ import annotations

import time
from typing import NamedTuple

from omstilling.experiments.batch.plan import Plan
from omstilling.experiments.paired import TRAJECTORIES
from omstilling.experiments.precompile import precompile
from omstilling.experiments.registry import INDICATORS
from omstilling.experiments.trace import DATES, MONTHS
from omstilling.model import RestructuringModel

_BYTES_A_NUMBER = 2.6
"""Of a number in a compressed shard: 128,903 bytes for 144 runs of Lierne and Dyrøy."""
_TRIED_MONTHS = 24


class Estimate(NamedTuple):
    """Work of a plan: seconds on one processor, and bytes in the store."""

    seconds: float
    size: float


def _tried(plan: Plan) -> tuple[float, float]:
    """Seconds a person to set up a run, and a person and month to run it: a short run of the smallest scenario."""
    smallest = min(plan.settings, key=lambda setting: float(setting.margins.population.sum()))
    persons = float(smallest.margins.population.sum())
    precompile()
    for _ in range(2):  # the first loads compiled kernels
        start = time.perf_counter()
        model = RestructuringModel(smallest.margins, seed=1)
        ready = time.perf_counter()
        model.run_months(_TRIED_MONTHS)
        done = time.perf_counter()
    return (ready - start) / persons, (done - ready) / persons / _TRIED_MONTHS


def estimate(plan: Plan) -> Estimate:
    """Try a short run, and say how long all take and how much they leave."""
    each, monthly = _tried(plan)
    runs = sum(float(plan.settings[unit.scenario].margins.population.sum()) for unit in plan.units) * len(plan.designs)
    seconds = each * runs + monthly * sum(plan.person_months(unit) for unit in plan.units)
    years = max(rows[-1] for cases in plan.cases for case in cases for rows in case.rows) // MONTHS + 1
    numbers = 2 * len(INDICATORS) * len(DATES) + len(TRAJECTORIES) * years + len(plan.recorded)
    return Estimate(seconds, plan.runs * numbers * _BYTES_A_NUMBER)
