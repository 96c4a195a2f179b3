"""Workers: replications in one process or several, in order, whatever the number of processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import Any

import numpy as np

from omstilling.experiments.precompile import precompile

Progress = Callable[[int, int], None]
_ONE_THREAD = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

_work: tuple[Callable[[Any, int], Any], Any] | None = None


def replication_seed(seed: int, replication: int) -> int:
    """Seed of one replication, below 2^63; depends on nothing but its two arguments."""
    sequence = np.random.SeedSequence(seed, spawn_key=(replication,))
    return int(sequence.generate_state(1, np.uint64)[0] >> np.uint64(1))


def _receive(function: Callable[[Any, int], Any], task: Any) -> None:
    global _work
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    _work = (function, task)


def _do_received(replication: int, seed: int) -> tuple[int, Any]:
    if _work is None:
        raise RuntimeError("the worker has no task")
    function, task = _work
    return replication, function(task, seed)


def _in_processes[T, R](
    function: Callable[[T, int], R], task: T, seeds: list[int], workers: int, done: Progress
) -> list[R]:
    """Results in order of replication. Kernels are compiled, or found in the cache, before workers start."""
    for name in _ONE_THREAD:
        os.environ.setdefault(name, "1")
    results: dict[int, R] = {0: function(task, seeds[0])}
    done(1, len(seeds))
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_receive, initargs=(function, task))
    try:
        futures = [pool.submit(_do_received, number, seeds[number]) for number in range(1, len(seeds))]
        for future in as_completed(futures):
            replication, result = future.result()
            results[replication] = result
            done(len(results), len(seeds))
    except BaseException:
        workers_running = list((pool._processes or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        for process in workers_running:
            process.terminate()
        raise
    pool.shutdown()
    return [results[number] for number in range(len(seeds))]


def replicate[T, R](
    function: Callable[[T, int], R], task: T, seed: int, replications: int, workers: int, progress: Progress | None
) -> list[R]:
    """``function(task, seed of the replication)`` for each replication, in order.

    Parameters
    ----------
    function
        A function of a module, so that worker processes find it.
    task
        What all replications share; sent to each worker once.
    seed, replications
        Each replication has its own seed, made from both.
    workers
        Processes; the results are the same for any number.
    progress
        Called with the number of replications done and in all.

    Raises
    ------
    ValueError
        For fewer than one replication or worker.
    """
    if replications < 1 or workers < 1:
        raise ValueError("replications and workers must be 1 or more")
    precompile()
    seeds = [replication_seed(seed, number) for number in range(replications)]
    done = progress or (lambda _done, _all: None)
    if workers > 1 and len(seeds) > 1:
        return _in_processes(function, task, seeds, min(workers, len(seeds)), done)
    results = []
    for number, replication in enumerate(seeds):
        results.append(function(task, replication))
        done(number + 1, len(seeds))
    return results
