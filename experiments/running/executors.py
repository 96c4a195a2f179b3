"""Executors: where the evaluations of a calibration run: this process, local processes, or a dask cluster."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager

from omstilling.calibration.inference.sampler import InProcess
from omstilling.experiments.running.precompile import precompile
from omstilling.experiments.running.workers import ONE_THREAD, begin_worker


@contextmanager
def local_executor(workers: int) -> Iterator[Executor]:
    """Processes on this machine, with one thread each; none beside this one for a single worker."""
    precompile()
    if workers == 1:
        yield InProcess()
        return
    for name in ONE_THREAD:
        os.environ.setdefault(name, "1")
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=begin_worker)
    try:
        yield pool
    except BaseException:
        running = list((pool._processes or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        for process in running:
            process.terminate()
        raise
    pool.shutdown(cancel_futures=True)


@contextmanager
def dask_executor(address: str) -> Iterator[tuple[Executor, int]]:
    """A dask cluster by the address of its scheduler, and its number of workers: each does one evaluation at a time."""
    from distributed import Client

    with Client(address, timeout="10s") as client:
        yield client.get_executor(pure=False), len(client.nthreads())


@contextmanager
def dask_batch_executor(address: str, workers: int) -> Iterator[Executor]:
    """A dask cluster by the address of its scheduler, or without one a cluster of processes on this machine."""
    from distributed import LocalCluster

    with ExitStack() as stack:
        if not address:
            for name in ONE_THREAD:
                os.environ.setdefault(name, "1")
            cluster = LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None)
            address = stack.enter_context(cluster).scheduler_address
        yield stack.enter_context(dask_executor(address))[0]
