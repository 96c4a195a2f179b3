"""Runner: the replications of a scenario, in one process or several."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from omstilling.calibration.places import Places
from omstilling.calibration.region import region_margins
from omstilling.experiments.result import RunResult
from omstilling.model import Parameters, RegionMargins, RestructuringModel, Shock
from omstilling.scenarios.loader import load_scenario
from omstilling.scenarios.schema import Scenario

Progress = Callable[[int, int], None]
_ONE_THREAD = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Task:
    """What a worker needs to run replications: everything but the seed."""

    margins: RegionMargins
    parameters: Parameters
    shocks: tuple[Shock, ...]
    months: int


def replication_seed(seed: int, replication: int) -> int:
    """Seed of one replication, below 2^63; depends on nothing but its two arguments."""
    sequence = np.random.SeedSequence(seed, spawn_key=(replication,))
    return int(sequence.generate_state(1, np.uint64)[0] >> np.uint64(1))


def simulate(task: Task, seed: int) -> NDArray[np.float64]:
    """Record of one replication, shape (months + 1, M, C)."""
    model = RestructuringModel(task.margins, task.parameters, task.shocks, seed)
    model.run_months(task.months)
    return model.record.values


_task: Task | None = None


def _receive(task: Task) -> None:
    global _task
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    _task = task


def _simulate_received(replication: int, seed: int) -> tuple[int, NDArray[np.float64]]:
    if _task is None:
        raise RuntimeError("the worker has no task")
    return replication, simulate(_task, seed)


def _in_processes(task: Task, seeds: list[int], workers: int, done: Progress) -> list[NDArray[np.float64]]:
    """Records in order of replication. Kernels are compiled, or found in the cache, before workers start."""
    for name in _ONE_THREAD:
        os.environ.setdefault(name, "1")
    records: dict[int, NDArray[np.float64]] = {0: simulate(task, seeds[0])}
    done(1, len(seeds))
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_receive, initargs=(task,))
    try:
        futures = [pool.submit(_simulate_received, number, seeds[number]) for number in range(1, len(seeds))]
        for future in as_completed(futures):
            replication, record = future.result()
            records[replication] = record
            done(len(records), len(seeds))
    except BaseException:
        workers_running = list((pool._processes or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        for process in workers_running:
            process.terminate()
        raise
    pool.shutdown()
    return [records[number] for number in range(len(seeds))]


def run(
    scenario: str | Path | Scenario,
    *,
    replications: int | None = None,
    seed: int | None = None,
    workers: int = 1,
    parameters: Parameters | None = None,
    progress: Progress | None = None,
) -> RunResult:
    """Run a scenario.

    Parameters
    ----------
    scenario
        Name of a shipped example, path of a scenario file, or a loaded scenario.
    replications, seed
        In place of those of the scenario.
    workers
        Processes; the result is the same for any number.
    parameters
        In place of the defaults.
    progress
        Called with the number of replications done and in all.

    Returns
    -------
    RunResult
        ``.panel`` is a table with a row per replication, month and municipality; ``.plot()`` a figure.

    Raises
    ------
    ScenarioError, PlaceError, MarginsError, ShockError
        For input that cannot be run.
    """
    if not isinstance(scenario, Scenario):
        scenario = load_scenario(scenario, Places())
    scenario = scenario.model_copy(
        update={key: value for key, value in (("replications", replications), ("seed", seed)) if value is not None}
    )
    if scenario.replications < 1 or workers < 1:
        raise ValueError("replications and workers must be 1 or more")
    shocks = tuple(spec.to_shock() for spec in scenario.shocks)
    margins = region_margins(scenario.municipalities, scenario.start, shocks)
    task = Task(margins, parameters or Parameters(), shocks, scenario.months)
    seeds = [replication_seed(scenario.seed, number) for number in range(scenario.replications)]
    done = progress or (lambda _done, _all: None)
    if workers > 1 and len(seeds) > 1:
        records = _in_processes(task, seeds, min(workers, len(seeds)), done)
    else:
        records = []
        for number, replication in enumerate(seeds):
            records.append(simulate(task, replication))
            done(number + 1, len(seeds))
    return RunResult(scenario, task.margins, np.stack(records))
