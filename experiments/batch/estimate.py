"""Estimate: how long a plan takes and how much disk it needs, before anything is started."""

from __future__ import annotations

import time
from typing import NamedTuple

from omstilling.experiments.batch.plan import Plan, Setting
from omstilling.experiments.comparison.paired import TRAJECTORIES
from omstilling.experiments.reading.indicators import INDICATORS
from omstilling.experiments.reading.trace import DATES, MONTHS
from omstilling.experiments.running.precompile import precompile
from omstilling.model import RestructuringModel

_BYTES_A_NUMBER = 2.6
"""Of a number in a compressed shard: 128,903 bytes for 144 runs of Lierne and Dyrøy."""
_TRIED_MONTHS = 24


class Estimate(NamedTuple):
    """Work of a plan: seconds on one processor, and bytes in the store."""

    seconds: float
    size: float


def _tried(setting: Setting) -> tuple[float, float]:
    """Seconds to set up a run of a scenario, and to run a month of it: a short run without support."""
    start = time.perf_counter()
    model = RestructuringModel(setting.margins, seed=1)
    ready = time.perf_counter()
    model.run_months(_TRIED_MONTHS)
    return ready - start, (time.perf_counter() - ready) / _TRIED_MONTHS


def estimate(plan: Plan) -> Estimate:
    """Try a short run of each scenario, and say how long all take and how much they leave."""
    precompile()
    _tried(plan.settings[0])  # loads compiled kernels
    tried = [_tried(setting) for setting in plan.settings]
    seconds = 0.0
    for unit in plan.units:
        setup, monthly = tried[unit.scenario]
        seconds += len(plan.designs) * (setup + monthly * plan.months(unit))
    years = max(rows[-1] for cases in plan.cases for case in cases for rows in case.rows) // MONTHS + 1
    numbers = 2 * len(INDICATORS) * len(DATES) + len(TRAJECTORIES) * years + len(plan.recorded)
    return Estimate(seconds, plan.runs * numbers * _BYTES_A_NUMBER)
