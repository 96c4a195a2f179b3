"""Runs: the same bits for any number of workers and any order, and what a result shows."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from omstilling.calibration.tables.places import Places
from omstilling.experiments import run
from omstilling.experiments.files.writing import write_atomically
from omstilling.experiments.running.result import RunResult
from omstilling.experiments.running.workers import replication_seed
from omstilling.model.state.record import COLUMNS
from omstilling.scenarios.loader import load_scenario

FILES = ["figure.png", "panel.parquet", "parameters.csv", "summary.json"]


def _short(name: str = "andoy-2018", **changes: int):
    return load_scenario(name, Places()).model_copy(update={"years": 4, "replications": 3, **changes})


@pytest.fixture(scope="module")
def result() -> RunResult:
    return run(_short())


def test_workers_change_no_bit(result: RunResult) -> None:
    np.testing.assert_array_equal(result.values, run(_short(), workers=2).values)
    assert not np.array_equal(result.values, run(_short(), seed=2).values)


def test_a_replication_is_the_same_among_more_or_fewer(result: RunResult) -> None:
    np.testing.assert_array_equal(run(_short(), replications=2).values, result.values[:2])
    assert not np.array_equal(result.values[0], result.values[1])
    assert len({replication_seed(1, n) for n in range(1000)} | {replication_seed(2, n) for n in range(1000)}) == 2000


def test_the_panel_has_a_row_for_every_replication_month_and_municipality(result: RunResult) -> None:
    panel = result.panel
    assert list(panel.columns) == ["replication", "month", "municipality", "name", *COLUMNS]
    assert len(panel) == 3 * 49
    assert not panel.duplicated(["replication", "month", "municipality"]).any()
    assert panel["month"].iloc[0] == "2014-12"
    row = panel[(panel["replication"] == 1) & (panel["month"] == "2016-06")]
    assert row["jobs"].item() == result.of("jobs", "1871")[1, 18]


def test_simulated_and_observed_meet_at_the_start(result: RunResult) -> None:
    table = result.compared("1871").set_index(["column", "year"])
    start = table.loc[("population", 2015)]
    assert start["observed"] == start["q05"] == start["q95"]
    assert table.loc[("population", 2017)]["q05"] < table.loc[("population", 2017)]["q95"]


def test_files_carry_units_and_are_whole(result: RunResult, tmp_path: Path) -> None:
    files = result.save(tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == FILES
    schema = pq.read_schema(files[0])
    for name, (unit, _) in COLUMNS.items():
        assert schema.field(name).metadata[b"unit"].decode() == unit
    assert json.loads(files[1].read_text(encoding="utf-8"))["focus"]["name"] == "Andøy"
    assert files[3].read_bytes()[:4] == b"\x89PNG"


def test_a_failed_write_leaves_nothing_and_keeps_the_old(tmp_path: Path) -> None:
    path = tmp_path / "summary.json"
    path.write_text("old")

    def fail(temporary: Path) -> None:
        temporary.write_text("half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_atomically(path, fail)
    assert [item.name for item in tmp_path.iterdir()] == ["summary.json"]
    assert path.read_text() == "old"
