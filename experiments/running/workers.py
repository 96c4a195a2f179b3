"""Workers: replications in one process or several, in order, whatever the number of processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import Any

import numpy as np

from omstilling.experiments.running.precompile import precompile

Progress = Callable[[int, int], None]
ONE_THREAD = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

_work: tuple[Callable[[Any, Any], Any], Any] | None = None


def replication_seed(seed: int, replication: int) -> int:
    """Seed of one replication, below 2^63; depends on nothing but its two arguments."""
    sequence = np.random.SeedSequence(seed, spawn_key=(replication,))
    return int(sequence.generate_state(1, np.uint64)[0] >> np.uint64(1))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def begin_worker() -> None:
    """Prepare a worker process: Ctrl-C is its parent's to handle, and it ends with its parent, also one that is killed.

    A worker of a pool that waits for work does not see that nobody is left to give it any.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _receive(function: Callable[[Any, Any], Any], task: Any) -> None:
    global _work
    begin_worker()
    _work = (function, task)


def _do_received(number: int, item: Any) -> tuple[int, Any]:
    if _work is None:
        raise RuntimeError("the worker has no task")
    function, task = _work
    return number, function(task, item)


def _in_processes[T, I, R](
    function: Callable[[T, I], R], task: T, items: Sequence[I], workers: int, done: Progress, compiled: bool
) -> list[R]:
    """Results in order of the items. Where kernels are not in the cache, the first item compiles them here."""
    for name in ONE_THREAD:
        os.environ.setdefault(name, "1")
    results: dict[int, R] = {}
    if not compiled:
        results[0] = function(task, items[0])
        done(1, len(items))
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_receive, initargs=(function, task))
    try:
        futures = [pool.submit(_do_received, number, items[number]) for number in range(len(results), len(items))]
        for future in as_completed(futures):
            number, result = future.result()
            results[number] = result
            done(len(results), len(items))
    except BaseException:
        workers_running = list((pool._processes or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        for process in workers_running:
            process.terminate()
        raise
    pool.shutdown()
    return [results[number] for number in range(len(items))]


def work_through[T, I, R](
    function: Callable[[T, I], R], task: T, items: Sequence[I], workers: int, progress: Progress | None
) -> list[R]:
    """``function(task, item)`` for each item, in order.

    Parameters
    ----------
    function
        A function of a module, so that worker processes find it.
    task
        What all items share; sent to each worker once.
    items
        What differs, e.g. seeds.
    workers
        Processes; the results are the same for any number.
    progress
        Called with the number of items done and in all.

    Raises
    ------
    ValueError
        For no item or fewer than one worker.
    """
    if not items or workers < 1:
        raise ValueError("replications and workers must be 1 or more")
    compiled = precompile()
    done = progress or (lambda _done, _all: None)
    if workers > 1 and len(items) > 1:
        return _in_processes(function, task, items, min(workers, len(items)), done, compiled)
    results = []
    for number, item in enumerate(items):
        results.append(function(task, item))
        done(number + 1, len(items))
    return results


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
    seeds = [replication_seed(seed, number) for number in range(replications)]
    return work_through(function, task, seeds, workers, progress)
