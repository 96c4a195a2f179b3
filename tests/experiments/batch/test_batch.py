"""Batches: the same runs as ``compare``, the same store however it came about, and nothing lost by what fails."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omstilling.experiments import compare
from omstilling.experiments.batch import plan as planning
from omstilling.experiments.batch import units
from omstilling.experiments.batch.locks import StoreLockedError
from omstilling.experiments.batch.plan import Plan, Unit, make_plan
from omstilling.experiments.batch.results import open_store
from omstilling.experiments.batch.runner import BatchStanding, TooManyFailuresError, run_batch
from omstilling.experiments.batch.store import Store, StoreError
from omstilling.experiments.reading.trace import DATES
from omstilling.experiments.running.executors import dask_batch_executor, local_executor
from omstilling.scenarios.experiment import Experiment
from stores import contents, run_here

ASKED = Experiment(
    name="try", title="A try", scenarios=("dyroy-2010",), designs=("none", "current", "refine"), draws=3, seed=5
)
LISTED = ("store.json", "shards")


@pytest.fixture(scope="module", autouse=True)
def small_shards() -> Any:
    """A shard for each unit, so that there are several."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planning, "_SHARD_PERSON_MONTHS", 1)
        yield


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(ASKED)


@pytest.fixture(scope="module")
def whole(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An uninterrupted store."""
    folder = tmp_path_factory.mktemp("whole") / "store"
    standing = run_here(plan, folder)
    assert standing[:3] == (9, 9, 0)
    return folder


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "store"))


def test_runs_are_those_of_compare(whole: Path) -> None:
    compared = compare("dyroy-2010", ASKED.designs, replications=3, seed=5)
    cube = open_store(whole).cube.isel(scenario=0, point=0, replication=0)
    assert list(cube["design"].values) == [design.name for design in compared.designs]
    values = cube["value"].transpose("draw", "design", "indicator", "date").to_numpy()
    for number in (1, 2):  # the baseline is read at dates of its own
        assert np.array_equal(values[:, number], compared.readings[:, number], equal_nan=True)
    other = compare("dyroy-2010", ASKED.designs, replications=3, seed=6)
    assert not np.array_equal(values[:, 1], other.readings[:, 1], equal_nan=True)


def test_store_is_the_same_from_two_processes(plan: Plan, whole: Path, tmp_path: Path) -> None:
    run_batch(plan, Store(tmp_path / "two"), lambda: local_executor(2), 2)
    assert contents(tmp_path / "two") == contents(whole)


def test_store_is_the_same_from_a_dask_cluster(plan: Plan, whole: Path, tmp_path: Path) -> None:
    run_batch(plan, Store(tmp_path / "dask"), lambda: dask_batch_executor("", 2), 2)
    assert contents(tmp_path / "dask") == contents(whole)


def test_other_seeds_give_other_runs(plan: Plan) -> None:
    other = make_plan(ASKED.model_copy(update={"seed": 6}))
    assert not set(other.shards) & set(plan.shards)
    assert plan.digest == make_plan(ASKED).digest != other.digest
    more = make_plan(ASKED.model_copy(update={"draws": 4}))
    assert set(plan.shards) < set(more.shards)  # more of the same are the same and more


def test_identity_follows_from_each_thing_that_counts(plan: Plan) -> None:
    first = Unit(0, 0, 0, 0)
    ids = plan.run_ids(first)
    assert len(set(ids)) == 3
    for changed in (
        {"scenarios": ("lierne-2010",)},
        {"seed": 6},
        {"parameters": "point"},
        {"grid": {"parameters.forgetting": (0.011,)}},
    ):
        assert not set(make_plan(ASKED.model_copy(update=changed)).run_ids(first)) & set(ids)
    guided = make_plan(ASKED.model_copy(update={"grid": {"design.guidance": (0.123,)}})).run_ids(first)
    assert guided[0] == ids[0]  # the baseline has no guidance
    assert not set(guided[1:]) & set(ids)


class Stopped(Exception):  # noqa: N818 - as KeyboardInterrupt
    """Thrown from the progress, as Ctrl-C would be."""


def test_stopped_and_resumed_equals_uninterrupted(plan: Plan, whole: Path, tmp_path: Path) -> None:
    def progress(standing: BatchStanding) -> None:
        if standing.done == 3:
            raise Stopped

    with pytest.raises(Stopped):
        run_here(plan, tmp_path / "store", progress=progress)
    assert len(Store(tmp_path / "store").entries()) == 1
    assert contents(tmp_path / "store") != contents(whole)
    run_here(plan, tmp_path / "store")
    assert contents(tmp_path / "store") == contents(whole)


def _tear(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def _change(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


@pytest.mark.parametrize(
    ("harm", "words"),
    [(Path.unlink, "missing"), (_tear, "bytes"), (_change, "changed")],
    ids=["deleted", "torn", "changed"],
)
def test_damaged_shard_is_named_and_run_again(plan: Plan, whole: Path, copy: Path, harm: Any, words: str) -> None:
    assert not Store(copy).faults()
    shard = sorted((copy / "shards").iterdir())[1]
    others = {path: path.stat().st_mtime_ns for path in (copy / "shards").iterdir() if path != shard}
    harm(shard)
    (fault,) = Store(copy).faults()
    assert fault.file == f"shards/{shard.name}"
    assert words in fault.what
    run_here(plan, copy)
    after, before = contents(copy), contents(whole)
    assert {name: after[name] for name in after if name != "manifest"} == {
        name: before[name] for name in before if name != "manifest"
    }
    assert Store(copy).entries() == Store(whole).entries()
    assert {path: path.stat().st_mtime_ns for path in others} == others  # nothing else was run again


def test_torn_manifest_and_leftovers_are_mended(plan: Plan, whole: Path, copy: Path) -> None:
    _tear(copy / "manifest.jsonl")
    (copy / "shards" / ".half-1234.parquet").write_bytes(b"PAR1")
    files = {fault.file for fault in Store(copy).faults()}
    assert {"manifest.jsonl", "shards/.half-1234.parquet"} < files
    run_here(plan, copy)
    assert not Store(copy).faults()
    assert contents(copy) == contents(whole)


def test_full_disk_loses_nothing_that_was_there(plan: Plan, whole: Path, copy: Path, monkeypatch: Any) -> None:
    shard = sorted((copy / "shards").iterdir())[0]
    shard.unlink()
    write = Path.write_bytes

    def full(path: Path, data: bytes) -> int:
        write(path, data[:50])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        with pytest.raises(OSError, match="No space left"):
            run_here(plan, copy)
    assert len(list((copy / "shards").iterdir())) == 2
    run_here(plan, copy)
    assert Store(copy).entries() == Store(whole).entries()


def test_two_writers_are_refused(plan: Plan, whole: Path) -> None:
    with Store(whole).writing(), pytest.raises(StoreLockedError, match=r"process .* writes to this store"):
        run_here(plan, whole)
    run_here(plan, whole)


def test_store_of_something_else_is_refused(plan: Plan, copy: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="other runs of try"):
        run_here(make_plan(ASKED.model_copy(update={"seed": 6})), copy)
    head = json.loads((copy / "store.json").read_text(encoding="utf-8"))
    head["provenance"]["code_version"] = "older"
    (copy / "store.json").write_text(json.dumps(head), encoding="utf-8")
    with pytest.raises(StoreError, match="code_version: the store has 'older'"):
        run_here(plan, copy)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").touch()
    with pytest.raises(StoreError, match="not empty and holds no store"):
        run_here(plan, tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir() if path.name != "lock"] == ["letter.txt"]


def test_a_run_that_fails_is_a_record_and_stops_nothing(
    plan: Plan, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulate = units.simulate_designs

    def failing(task: Any, seed: int) -> Any:
        if any(design.name == "refine" for design in task.designs) and seed == plan.seed(Unit(0, 0, 1, 0)):
            raise FloatingPointError("planted")
        return simulate(task, seed)

    monkeypatch.setattr(units, "simulate_designs", failing)
    assert run_here(plan, tmp_path / "store").failed == 1
    results, sound = open_store(tmp_path / "store"), open_store(whole)
    (failure,) = results.failures.to_dict("records")
    assert (failure["design"], failure["draw"], failure["error_type"]) == ("refine", 1, "FloatingPointError")
    assert failure["error_message"] == "planted"
    assert "in failing" in failure["error_traceback"]
    mine, theirs = (found.cube["value"].sel(design="refine").to_numpy() for found in (results, sound))
    assert np.isnan(mine[:, :, 1]).all()
    assert np.array_equal(np.delete(mine, 1, axis=2), np.delete(theirs, 1, axis=2), equal_nan=True)
    assert results.cube["value"].sel(design="current").equals(sound.cube["value"].sel(design="current"))
    with pytest.raises(TooManyFailuresError, match="1 runs have failed, 0 are allowed"):
        run_here(plan, tmp_path / "strict", max_failures=0)


def test_sql_says_what_the_cube_says(whole: Path) -> None:
    results = open_store(whole)
    found = results.sql(
        "select design, avg(difference) as d from indicators where indicator = 'net_jobs' and date = 'end+5' "
        "group by design order by design"
    )
    cube = results.cube["difference"].sel(indicator="net_jobs", date=DATES[-1]).mean(("scenario", "point", "draw"))
    for design, mean in found.itertuples(index=False):
        assert mean == pytest.approx(float(cube.sel(design=design).squeeze()))
    assert results.sql("select count(*) as n from runs")["n"].item() == 9
    assert results.sql("select count(distinct parameter) as n from parameters")["n"].item() == len(plan_names(results))
    paths = results.sql("select max(years_from_start) as y, count(distinct quantity) as q from trajectories")
    assert paths["q"].item() == 3
    assert paths["y"].item() > 10


def plan_names(results: Any) -> list[str]:
    return list(results.names("parameters"))
