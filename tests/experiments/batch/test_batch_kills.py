"""Kills: a batch killed at any point loses nothing, and a worker that dies takes its own unit with it and no other."""

from __future__ import annotations

import os
import random
import shutil
import signal
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Future
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
from typer.testing import CliRunner

import stores
from omstilling.calibration.inference.sampler import InProcess
from omstilling.experiments.batch import plan as planning
from omstilling.experiments.batch.locks import StoreLockedError
from omstilling.experiments.batch.plan import Plan, make_plan
from omstilling.experiments.batch.results import open_store
from omstilling.experiments.batch.runner import BatchStanding, run_batch
from omstilling.experiments.batch.store import Store
from omstilling.experiments.cli.main import app
from omstilling.experiments.running import executors
from omstilling.experiments.running.executors import dask_executor, local_executor
from omstilling.scenarios.experiment import load_experiment
from stores import HALF, HEAD, TORN, UNLISTED, contents, kill_all, run_here, start_command, wait_for

DRAWS = 6
EXPERIMENT = f"""
title = "A try"
scenarios = ["lierne-2010"]
designs = ["current"]
draws = {DRAWS}
seed = 5
"""
DIED = "the worker process died: it ran out of memory, was killed, or crashed"
LUCK = random.Random(7)


@pytest.fixture(scope="module", autouse=True)
def small_shards() -> Any:
    """A shard for each unit."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planning, "_SHARD_PERSON_MONTHS", 1)
        yield


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("asked") / "try.toml"
    path.write_text(EXPERIMENT, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def plan(file: Path) -> Plan:
    return make_plan(load_experiment(file))


@pytest.fixture(scope="module")
def whole(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An uninterrupted store."""
    folder = tmp_path_factory.mktemp("whole") / "store"
    assert run_here(plan, folder)[:3] == (2 * DRAWS, 2 * DRAWS, 0)
    return folder


def lines(store: Path) -> list[bytes]:
    manifest = store / "manifest.jsonl"
    return manifest.read_bytes().splitlines(keepends=True) if manifest.exists() else []


def shards(store: Path) -> list[Path]:
    """Files of shards that are in place."""
    return [path for path in (store / "shards").glob("*.parquet") if not path.name.startswith(".")]


def half_written(store: Path, pattern: str) -> bool:
    return any(path.stat().st_size for path in store.glob(pattern))


def reached(store: Path, point: str, number: int) -> bool:
    """Whether a batch has come to a point."""
    if point == HALF:
        return half_written(store, "shards/.*.parquet")
    if point == TORN:
        return any(not line.endswith(b"\n") for line in lines(store)[-1:])
    return len(lines(store) if point == "line" else shards(store)) >= number


def verified(store: Path) -> tuple[int, str]:
    """Exit code and words of ``omstilling verify``; it never crashes."""
    said = CliRunner().invoke(app, ["verify", str(store)])
    assert said.exception is None or isinstance(said.exception, SystemExit)
    return said.exit_code, said.output


def killed_at(file: Path, store: Path, workers: int, point: str, number: int) -> None:
    """Start a batch in a process of its own and kill it and its workers at a point."""
    errors = store.with_name("errors")
    process = start_command(
        errors, "batch", file, "--store", store, "--workers", str(workers), point=point, number=number
    )
    try:
        wait_for(lambda: reached(store, point, number), process, errors)
        if point in (HALF, UNLISTED, TORN):  # it stays there
            with pytest.raises(StoreLockedError, match=f"process {process.pid} on"):
                run_here(make_plan(load_experiment(file)), store)
    finally:
        kill_all(process)


KILLS = [
    (1, "line", LUCK.randrange(1, DRAWS)),
    (1, "shard", LUCK.randrange(1, DRAWS)),
    (2, "line", LUCK.randrange(1, DRAWS - 1)),
    (1, HALF, LUCK.randrange(1, DRAWS)),
    (1, UNLISTED, LUCK.randrange(1, DRAWS)),
    (1, TORN, LUCK.randrange(1, DRAWS)),
]


@pytest.mark.parametrize(("workers", "point", "number"), KILLS)
def test_killed_batch_goes_on_as_if_it_had_not_been(
    plan: Plan, whole: Path, file: Path, tmp_path: Path, workers: int, point: str, number: int
) -> None:
    store = tmp_path / "store"
    killed_at(file, store, workers, point, number)
    listed, code_and_words = len(Store(store).entries()), verified(store)
    words = {HALF: "not in the manifest", UNLISTED: "not in the manifest", TORN: "line"}
    if point in words:
        assert listed == number - 1
        assert code_and_words[0] == 1
        assert words[point] in code_and_words[1]
    else:
        assert listed >= number - (point == "shard")
    assert (contents(store) == contents(whole)) == (listed == DRAWS)
    kept = {path: path.stat().st_mtime_ns for path in shards(store) if path.stem in Store(store).entries()}
    assert run_here(plan, store)[:3] == (2 * DRAWS, 2 * DRAWS, 0)
    assert contents(store) == contents(whole)
    assert {path: path.stat().st_mtime_ns for path in kept} == kept  # nothing that was there is run again
    assert verified(store) == (0, f"{DRAWS} shards, all as they must be\n")


def test_killed_twice_and_resumed_by_other_processes(whole: Path, file: Path, tmp_path: Path) -> None:
    store, errors = tmp_path / "store", tmp_path / "errors"
    killed_at(file, store, 1, HALF, 2)
    process = start_command(errors, "resume", store, "--workers", "1", point=UNLISTED, number=2)
    wait_for(lambda: len(shards(store)) >= 3, process, errors)
    kill_all(process)
    assert contents(store) != contents(whole)
    process = start_command(errors, "resume", store, "--workers", "2")
    assert process.wait() == 0, errors.read_text(encoding="utf-8")
    assert contents(store) == contents(whole)


def test_killed_before_the_store_says_what_it_is_for(plan: Plan, whole: Path, file: Path, tmp_path: Path) -> None:
    store, errors = tmp_path / "store", tmp_path / "errors"
    process = start_command(errors, "batch", file, "--store", store, "--workers", "1", point=HEAD)
    wait_for(lambda: half_written(store, ".*.json"), process, errors)
    kill_all(process)
    assert verified(store)[0] == 2
    assert contents(store) != contents(whole)
    run_here(plan, store)
    assert contents(store) == contents(whole)


def test_what_is_left_of_a_manifest_that_was_mended_when_it_was_killed_is_taken_away(
    plan: Plan, whole: Path, tmp_path: Path
) -> None:
    store = Path(shutil.copytree(whole, tmp_path / "store"))
    (store / ".manifest-x1.jsonl").write_bytes(lines(store)[0][:20])
    assert contents(store) != contents(whole)
    code, words = verified(store)
    assert (code, ".manifest-x1.jsonl" in words) == (1, True)
    run_here(plan, store)
    assert contents(store) == contents(whole)
    assert verified(store)[0] == 0


def test_line_without_its_end_is_mended(plan: Plan, whole: Path, tmp_path: Path) -> None:
    store = Path(shutil.copytree(whole, tmp_path / "store"))
    manifest = store / "manifest.jsonl"
    manifest.write_bytes(manifest.read_bytes()[:-1])  # as a full disk may leave it
    shards(store)[0].unlink()
    run_here(plan, store)
    assert verified(store) == (0, f"{DRAWS} shards, all as they must be\n")
    assert Store(store).entries() == Store(whole).entries()


def test_workers_end_with_the_process_that_is_killed(file: Path, tmp_path: Path) -> None:
    store, errors = tmp_path / "store", tmp_path / "errors"
    process = start_command(errors, "batch", file, "--store", store, "--workers", "2", point=UNLISTED)
    try:
        wait_for(lambda: bool(shards(store)), process, errors)
        started = psutil.Process(process.pid).children(recursive=True)
        assert len([child for child in started if "spawn_main" in " ".join(child.cmdline())]) == 2
        assert set(psutil.wait_procs(started, timeout=0.0)[1]) == set(started)
        process.kill()
        process.wait()
        assert not psutil.wait_procs(started, timeout=120.0)[1]
    finally:
        for child in started:
            if child.is_running():
                os.kill(child.pid, signal.SIGKILL)


def records(store: Path) -> dict[str, dict[str, Any]]:
    """Records of a store by identity, as text, so that what is not there equals itself."""
    return {row["run"]: {key: repr(value) for key, value in row.items()} for row in open_store(store).table.to_pylist()}


def units_in_shards(plan: Plan, monkeypatch: pytest.MonkeyPatch, number: int) -> Plan:
    """The same with several units in a shard."""
    monkeypatch.setattr(planning, "_SHARD_PERSON_MONTHS", (number - 0.5) * plan.person_months(plan.units[0]))
    other = make_plan(plan.experiment)
    assert [len(units) for units in other.shards.values()] == [number] * (DRAWS // number)
    return other


def only_the_dead_are_lost(store: Path, whole: Path, draw: int) -> None:
    """The runs of a draw have failed as those of a dead worker do, and all others are as they would have been."""
    mine, sound = records(store), records(whole)
    assert list(mine) == list(sound)
    failures = open_store(store).failures
    assert failures[["draw", "design"]].values.tolist() == [[draw, "none"], [draw, "current"]]
    assert set(failures["error_message"]) == {DIED}
    dead = set(failures["run"])
    assert {run: row for run, row in mine.items() if run not in dead} == {
        run: row for run, row in sound.items() if run not in dead
    }
    assert all(mine[run] != sound[run] for run in dead)


def test_worker_that_dies_takes_its_own_unit_only(
    plan: Plan, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = units_in_shards(plan, monkeypatch, 3)
    monkeypatch.setattr(executors, "begin_worker", partial(stores.die_at, 1))
    standing = run_batch(plan, Store(tmp_path / "store"), lambda: local_executor(2), 2)
    assert standing[:3] == (2 * DRAWS, 2 * DRAWS, 2)
    only_the_dead_are_lost(tmp_path / "store", whole, 1)


def test_worker_that_dies_once_loses_nothing(
    plan: Plan, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = tmp_path / "once"
    monkeypatch.setattr(executors, "begin_worker", partial(stores.die_at, 1, str(once)))
    run_batch(plan, Store(tmp_path / "store"), lambda: local_executor(2), 2)
    assert once.exists()
    assert contents(tmp_path / "store") == contents(whole)


def test_worker_of_dask_that_dies_takes_its_own_unit_only(plan: Plan, whole: Path, tmp_path: Path) -> None:
    dask, distributed = pytest.importorskip("dask"), pytest.importorskip("distributed")

    @contextmanager
    def cluster_of_one() -> Iterator[Any]:
        with (
            dask.config.set({"distributed.scheduler.allowed-failures": 0}),
            distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster,
            distributed.Client(cluster) as client,
        ):
            client.register_plugin(type("Plugin", (stores.Deadly, distributed.WorkerPlugin), {})(1))
            yield cluster

    with cluster_of_one() as cluster:

        @contextmanager
        def maker() -> Iterator[Any]:
            with dask_executor(cluster.scheduler_address) as (executor, _):
                yield executor

        run_batch(plan, Store(tmp_path / "store"), maker, 1)
    only_the_dead_are_lost(tmp_path / "store", whole, 1)


class Told(InProcess):
    """An executor whose worker dies when it is told: with the work, or before it is given any."""

    def __init__(self, told: Iterator[str]) -> None:
        self.told = told

    def submit(self, *args: Any, **how: Any) -> Future[Any]:
        what = next(self.told, "works")
        if what == "broken":
            raise BrokenExecutor
        if what == "dies":
            future: Future[Any] = Future()
            future.set_exception(BrokenExecutor())
            return future
        return super().submit(*args, **how)


@pytest.mark.parametrize(
    ("told", "failed"),
    [
        (["works", "broken"], 0),
        (["works", "dies"], 0),
        (["dies", *["works"] * (DRAWS - 1), "broken"], 0),
        (["dies", *["works"] * (DRAWS - 1), "dies"], 2),
    ],
    ids=["before a shard", "in a shard", "before it is tried again", "twice"],
)
def test_death_is_laid_to_what_ran_when_it_came(
    plan: Plan, whole: Path, tmp_path: Path, told: list[str], failed: int
) -> None:
    orders = iter(told)

    @contextmanager
    def maker() -> Iterator[Any]:
        yield Told(orders)

    standing: BatchStanding = run_batch(plan, Store(tmp_path / "store"), maker, 1)
    assert next(orders, "") == ""
    assert standing[:3] == (2 * DRAWS, 2 * DRAWS, failed)
    if failed:
        only_the_dead_are_lost(tmp_path / "store", whole, 0)
    else:
        assert contents(tmp_path / "store") == contents(whole)
        changed = Path(shutil.copytree(tmp_path / "store", tmp_path / "changed"))
        shards(changed)[0].write_bytes(b"PAR1")
        assert contents(changed) != contents(whole)
