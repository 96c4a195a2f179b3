"""Bench of batches: what runner and store add to simulation, reading a store, many paired runs, a second process."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import wraps
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from unittest import mock

from fresh import fresh, peak_bytes

if TYPE_CHECKING:
    from omstilling.experiments.batch.plan import Plan, Unit
    from omstilling.experiments.batch.records import RunRecord
    from omstilling.scenarios.schema import Scenario

COMPARED, COMPARED_START = "andoy-2018", 2014
"""About 5,000 inhabitants, run to the end of 2028."""
RUNS = 3
_ALL = ("none", "current", "adjust", "refine", "extend", "split-2024")
_PAIR = ("none", "current")
_TURNS, _DRAWS = 5, 50
"""Overhead: 5 times 50 draws of two designs, 500 runs."""
_KEPT_RUNS = 10_000
_PAIRS = 1_000
_SIMULATED = 12
"""Units that are simulated for the store of many runs: more than a shard holds, so that no shard repeats itself."""

Figures = dict[str, tuple[str, list[float]]]


def compared_scenario() -> Scenario:
    """The scenario of the bench."""
    from omstilling.calibration.tables.places import Places
    from omstilling.scenarios.loader import load_scenario

    return load_scenario(COMPARED, Places()).model_copy(update={"start": COMPARED_START})


def _plan(folder: Path, designs: tuple[str, ...], draws: int, seed: int = 1) -> Plan:
    """A batch of the scenario of the bench, written to a file in a folder; parameters from the posterior."""
    from omstilling.experiments.batch.plan import make_plan
    from omstilling.scenarios.experiment import Experiment
    from omstilling.scenarios.loader import find_scenario

    file = folder / "bench.toml"
    text = find_scenario(COMPARED).read_text(encoding="utf-8")
    file.write_text(re.sub(r"(?m)^start = \d+$", f"start = {COMPARED_START}", text), encoding="utf-8")
    return make_plan(
        Experiment(name="bench", title="Bench", scenarios=(str(file),), designs=designs, draws=draws, seed=seed)
    )


@contextmanager
def _model_clock() -> Iterator[list[float]]:
    """Seconds that models take meanwhile, one figure for each time that one is made, branched or run."""
    from omstilling.model import RestructuringModel

    seconds: list[float] = []

    def timed[**P, R](method: Callable[P, R]) -> Callable[P, R]:
        @wraps(method)
        def run(*arguments: P.args, **named: P.kwargs) -> R:
            start = time.perf_counter()
            try:
                return method(*arguments, **named)
            finally:
                seconds.append(time.perf_counter() - start)

        return run

    with ExitStack() as stack:
        for name in ("__init__", "branch", "run_months"):
            method = timed(getattr(RestructuringModel, name))
            stack.enter_context(mock.patch.object(RestructuringModel, name, method))
        yield seconds


def _batch_seconds(plan: Plan, folder: Path) -> float:
    """Seconds of the same runs as a batch in this process, from the plan to the finished store."""
    from omstilling.experiments.batch.runner import run_batch
    from omstilling.experiments.batch.store import Store
    from omstilling.experiments.running.executors import local_executor

    start = time.perf_counter()
    standing = run_batch(plan, Store(folder), lambda: local_executor(1), 1)
    seconds = time.perf_counter() - start
    if standing.failed:
        raise RuntimeError(f"{standing.failed} runs of the bench have failed")
    return seconds


def _overhead_shares() -> list[float]:
    """What reading, runner and store add to the models' time in the same batch, as a share of it, by turn."""
    shares = []
    with TemporaryDirectory() as name:
        folder = Path(name)
        for turn in range(_TURNS):
            plan = _plan(folder, _PAIR, _DRAWS, seed=turn + 1)
            with _model_clock() as model_seconds:
                seconds = _batch_seconds(plan, folder / str(turn))
            shares.append(seconds / sum(model_seconds) - 1.0)
    return shares


def _as_unit(plan: Plan, unit: Unit, records: list[RunRecord]) -> Iterator[RunRecord]:
    """Records of one unit under the identity of another."""
    for identity, record in zip(plan.run_ids(unit), records, strict=True):
        yield replace(record, run=identity, draw=unit.draw, seed=plan.seed(unit))


def write_many(folder: Path, runs: int) -> Path:
    """A store of at least so many runs, all designs: a few are simulated, the others repeat them by other names."""
    from omstilling.experiments.batch.records import encode
    from omstilling.experiments.batch.store import Store
    from omstilling.experiments.batch.units import run_unit

    plan = _plan(folder, _ALL, -(-runs // len(_ALL)))
    simulated = [run_unit(plan, unit) for unit in plan.units[:_SIMULATED]]
    store = Store(folder / "many")
    with store.writing():
        store.begin(plan)
        for name, units in plan.shards.items():
            records = [
                record for unit in units for record in _as_unit(plan, unit, simulated[unit.draw % len(simulated)])
            ]
            store.add(name, encode(records, plan.recorded), len(records), 0, 0.0)
    return store.path


def read_many(path: str) -> dict[str, float]:
    """Seconds to open a store and compare its designs, and the highest memory of this process in GB."""
    from omstilling.experiments.analysis.outcomes import outcomes_of
    from omstilling.experiments.analysis.ranking import ranking
    from omstilling.experiments.batch.results import open_store

    start = time.perf_counter()
    results = open_store(path)
    compared = ranking(outcomes_of(results))
    seconds = time.perf_counter() - start
    if len(compared) != len(_ALL):
        raise RuntimeError(f"{len(compared)} designs of {len(_ALL)} are compared")
    return {"seconds": seconds, "gigabytes": peak_bytes() / 1e9, "runs": float(results.table.num_rows)}


def _reading() -> Figures:
    with TemporaryDirectory() as name:
        path = write_many(Path(name), _KEPT_RUNS)
        found = [fresh("bench_batch", "read_many", str(path)) for _ in range(RUNS)]
    return {
        "store_read_seconds_10k": ("s", [each["seconds"] for each in found]),
        "store_read_gigabytes_10k": ("GB", [each["gigabytes"] for each in found]),
    }


def _paired_seconds(replications: int, workers: int) -> float:
    """Seconds to compare two designs over 15 years; parameters are fixed, so that versions stay comparable."""
    from omstilling.experiments.comparison.comparison import compare
    from omstilling.model import Parameters

    scenario = compared_scenario()
    start = time.perf_counter()
    compare(scenario, _PAIR, replications=replications, workers=workers, parameters=Parameters())
    return time.perf_counter() - start


def _pairs_and_scaling() -> Figures:
    """The long comparison in two processes, in one, and in two again, as the machine may change its pace meanwhile."""
    first, alone, last = (_paired_seconds(_PAIRS, workers) for workers in (2, 1, 2))
    return {
        "paired_1000_seconds": ("s", [first, last]),
        "scaling_2_workers": ("times", [alone / ((first + last) / 2.0)]),
    }


def measure_batches() -> Figures:
    """Keys of batches."""
    _paired_seconds(1, 1)  # compile, or load from the cache
    return {"batch_overhead_share": ("share", _overhead_shares()), **_reading(), **_pairs_and_scaling()}
