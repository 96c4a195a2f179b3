"""Runner: the shards of a plan that a store lacks, on any executor; what fails is recorded, what is done is kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import AbstractContextManager, closing, suppress
from typing import NamedTuple

import cloudpickle

from omstilling.experiments.batch.plan import Plan, Unit
from omstilling.experiments.batch.records import FAILED, RunRecord, encode
from omstilling.experiments.batch.store import Store
from omstilling.experiments.batch.units import died, run_unit

ExecutorMaker = Callable[[], AbstractContextManager[Executor]]
_PER_WORKER = 2
_held: tuple[bytes, Plan] | None = None


class TooManyFailuresError(RuntimeError):
    """More runs failed than were allowed."""


class BatchStanding(NamedTuple):
    """How far a batch has come: runs done, of all, failed; seconds of work a run so far, and seconds left or NaN."""

    done: int
    runs: int
    failed: int
    seconds_a_run: float
    left: float


class _Shard(NamedTuple):
    """A shard as a worker sends it back."""

    data: bytes
    runs: int
    failed: int
    seconds: float


def _plan_of(pickled: bytes) -> Plan:
    """The plan, read once in each process."""
    global _held
    if _held is None or _held[0] != pickled:
        _held = (pickled, cloudpickle.loads(pickled))
    return _held[1]


def _packed(plan: Plan, records: list[RunRecord], seconds: float) -> _Shard:
    failed = sum(record.status == FAILED for record in records)
    return _Shard(encode(records, plan.recorded), len(records), failed, seconds)


def _run_shard(pickled: bytes, units: tuple[Unit, ...]) -> _Shard:
    """Run the units of a shard in a worker."""
    plan, start = _plan_of(pickled), time.perf_counter()
    records = [record for unit in units for record in run_unit(plan, unit)]
    return _packed(plan, records, time.perf_counter() - start)


def _run_one(pickled: bytes, unit: Unit) -> list[RunRecord]:
    return run_unit(_plan_of(pickled), unit)


def _died(error: BaseException) -> bool:
    """Whether an error says that a worker process died; dask, which need not be installed, has an error of its own."""
    return isinstance(error, BrokenExecutor) or type(error).__name__ == "KilledWorker"


def _run_alone(maker: ExecutorMaker, plan: Plan, pickled: bytes, units: list[Unit]) -> Iterator[list[RunRecord]]:
    """Records of units that are run one at a time; one that takes its worker with it is recorded as failed."""
    left = units[::-1]
    while left:
        # An executor that is found broken at ``submit`` says nothing of the unit, which is tried on a new one.
        with suppress(BrokenExecutor), maker() as executor:
            while left:
                future = executor.submit(_run_one, pickled, left[-1])
                error = future.exception()
                if error is not None and not _died(error):
                    raise error
                unit = left.pop()
                yield future.result() if error is None else died(plan, unit)


def _run_carefully(
    maker: ExecutorMaker, plan: Plan, pickled: bytes, shards: list[tuple[Unit, ...]]
) -> Iterator[_Shard]:
    """Run shards that were in flight when a worker died, in order, unit by unit."""
    found = _run_alone(maker, plan, pickled, [unit for units in shards for unit in units])
    for units in shards:
        start = time.perf_counter()
        records = [record for _ in units for record in next(found)]
        yield _packed(plan, records, time.perf_counter() - start)


def _run_together(
    executor: Executor, most: int, pickled: bytes, shards: dict[str, tuple[Unit, ...]], waiting: list[str]
) -> Iterator[tuple[str, _Shard | None]]:
    """Shards as they are done, some at once; None for one that was in flight when a worker died.

    Takes from ``waiting`` what it begins, and ends early where the executor is broken.
    """
    running: dict[Future[_Shard], str] = {}
    broken = False
    while running or (waiting and not broken):
        try:
            while waiting and not broken and len(running) < most and not any(future.done() for future in running):
                running[executor.submit(_run_shard, pickled, shards[waiting[-1]])] = waiting[-1]
                waiting.pop()
        except BrokenExecutor:
            broken = True
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            error = future.exception()
            if error is not None and not _died(error):
                raise error
            broken = broken or isinstance(error, BrokenExecutor)
            yield running.pop(future), future.result() if error is None else None


def _finished(
    maker: ExecutorMaker, workers: int, plan: Plan, missing: dict[str, tuple[Unit, ...]]
) -> Generator[tuple[str, _Shard], None, None]:
    """Shards in the order in which they are done; those in flight when a worker died come last, unit by unit."""
    pickled, waiting = cloudpickle.dumps(plan), list(missing)[::-1]
    unsure: list[str] = []  # which of those in flight took its worker along is not known
    while waiting:
        with maker() as executor:
            for name, shard in _run_together(executor, _PER_WORKER * workers, pickled, missing, waiting):
                if shard is None:
                    unsure.append(name)
                else:
                    yield name, shard
    yield from zip(unsure, _run_carefully(maker, plan, pickled, [missing[name] for name in unsure]), strict=True)


def _timed(store: Store) -> tuple[float, int]:
    """Seconds that all shards so far took, and their runs."""
    times = store.times()
    return sum(line["seconds"] for line in times), sum(line["runs"] for line in times)


def _standing(done: int, runs: int, failed: int, pace: float, workers: int) -> BatchStanding:
    return BatchStanding(done, runs, failed, pace, (runs - done) * pace / workers)


def standing_of(store: Store, runs: int, workers: int = 1) -> BatchStanding:
    """How far a store has come, at the pace of all shards so far, also of those before an interruption."""
    entries, (seconds, timed) = store.entries().values(), _timed(store)
    done, failed = sum(entry.runs for entry in entries), sum(entry.failed for entry in entries)
    return _standing(done, runs, failed, seconds / timed if timed else float("nan"), workers)


def run_batch(
    plan: Plan,
    store: Store,
    maker: ExecutorMaker,
    workers: int,
    progress: Callable[[BatchStanding], None] = lambda _standing: None,
    max_failures: int | None = None,
) -> BatchStanding:
    """Run what a store lacks of a plan.

    Parameters
    ----------
    plan, store
        What to run, and where to keep it. What is damaged in the store is run again.
    maker
        Makes an executor; a new one is made where a worker process dies.
    workers
        How many shards run at once. The store is the same for any number.
    progress
        Called after each shard.
    max_failures
        Stop when more runs than this have failed; never if left out.

    Raises
    ------
    StoreError
        Where the store is for other runs.
    StoreLockedError
        Where another process writes to it.
    TooManyFailuresError
        All shards done until then are kept.
    """
    with store.writing():
        store.begin(plan)
        store.mend()
        kept = store.entries()
        missing = {name: units for name, units in plan.shards.items() if name not in kept}
        standing, seconds, timed = standing_of(store, plan.runs, workers), *_timed(store)
        progress(standing)
        with closing(_finished(maker, workers, plan, missing)) as finished:  # an error here ends the workers
            for name, shard in finished:
                store.add(name, shard.data, shard.runs, shard.failed, shard.seconds)
                seconds, timed = seconds + shard.seconds, timed + shard.runs
                standing = _standing(
                    standing.done + shard.runs, plan.runs, standing.failed + shard.failed, seconds / timed, workers
                )
                progress(standing)
                if max_failures is not None and standing.failed > max_failures:
                    raise TooManyFailuresError(
                        f"{standing.failed} runs have failed, {max_failures} are allowed; "
                        f"'omstilling ls {store.path} --failed' lists them"
                    )
    return standing
