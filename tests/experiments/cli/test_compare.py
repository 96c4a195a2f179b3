"""Command line: comparing designs, and listing what there is to choose from."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from omstilling.scenarios.design_loader import load_design, shipped_blocks, shipped_designs
from omstilling.scenarios.design_table import design_table

OMSTILLING = str(Path(sys.executable).with_name("omstilling"))
SCENARIO = """
title = "Kort på Andøy"
place = "Andøy"
start = 2015
years = 2
replications = 2

[programme]
municipalities = ["Andøy"]
applies = "2015-01"
documented_employment_decline = 0.2
"""
ONE_YEAR = """
title = "Ett år"
extends = "current"

[all]
years = { value = 1, unit = "years", source = "choice: short" }
midterm_year = { value = 0, unit = "years", source = "choice: none" }
"""
COMPARE = ("compare", "kort.toml", "--workers", "1", "--designs", "none,ett.toml")


def _call(*words: str, cwd: Path, width: int = 120) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"COLUMNS": str(width)}
    return subprocess.run(
        [OMSTILLING, *words], capture_output=True, text=True, cwd=cwd, check=False, env=environment, encoding="utf-8"
    )


def _put_files(folder: Path) -> None:
    (folder / "kort.toml").write_text(SCENARIO, encoding="utf-8")
    (folder / "ett.toml").write_text(ONE_YEAR, encoding="utf-8")


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    folder = tmp_path_factory.mktemp("compare")
    _put_files(folder)
    return folder, _call(*COMPARE, cwd=folder)


def test_compare_prints_tables_and_writes_files(done: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, process = done
    assert process.returncode == 0, process.stderr
    for words in (
        "Kort på Andøy", "ett     track decline  2016  Ett år", "Difference from none: end, 2016",
        "Difference from none: end+5, 2021", "capacity_index", "mnok_per_net_job", "From reported to net jobs: end+5",
        "= net effect in the region", "Pairing", "Written to results/kort-compare: indicators.csv",
    ):  # fmt: skip
        assert words in process.stdout
    assert len(list((folder / "results" / "kort-compare").iterdir())) == 10


def test_json_prints_the_file_and_nothing_else(done: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, _ = done
    process = _call(*COMPARE, "--json", "--out", "ut", cwd=folder)
    assert process.returncode == 0, process.stderr
    assert process.stdout == (folder / "ut" / "indicators.json").read_text(encoding="utf-8")
    held = json.loads(process.stdout)
    assert held["replications"] == 2
    assert [design["name"] for design in held["designs"]] == ["none", "ett"]
    again = folder / "results" / "kort-compare" / "indicators.json"
    assert json.loads(again.read_text(encoding="utf-8")) == held


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--designs", "none,refne"), "Did you mean refine?"),
        (("--designs", "current+capacity-frist"), "Did you mean capacity-first?"),
        (("--designs", "none"), "found none alone"),
        (("--designs", ""), "found ''"),
        (("--designs", "current,current"), "each design once"),
        (("--designs", "current", "--out", "kort.toml"), "a folder is expected"),
        (("--designs", "current", "--out", "kort.toml/under"), "a folder is expected"),
        (("--replications", "0"), "--replications"),
    ],
)
def test_bad_input_is_refused_before_anything_runs(tmp_path: Path, words: tuple[str, ...], message: str) -> None:
    _put_files(tmp_path)
    process = _call("compare", "kort.toml", *words, cwd=tmp_path)
    assert process.returncode == 2
    assert process.stderr.startswith("error: ")
    assert message in process.stderr
    assert "Traceback" not in process.stderr
    assert process.stdout == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ett.toml", "kort.toml"]


def test_a_run_with_a_design_says_so(tmp_path: Path) -> None:
    _put_files(tmp_path)
    process = _call("run", "kort.toml", "--design", "ett.toml", "--replications", "1", cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    summary = json.loads((tmp_path / "results" / "kort-ett" / "summary.json").read_text(encoding="utf-8"))
    assert summary["design"] == "ett"
    wrong = _call("run", "kort.toml", "--design", "curent", cwd=tmp_path)
    assert wrong.returncode == 2
    assert "Did you mean current?" in wrong.stderr


def test_designs_and_blocks_are_listed_with_titles(tmp_path: Path) -> None:
    text = _call("designs", cwd=tmp_path).stdout
    for name in (*shipped_designs(), *shipped_blocks()):
        assert f"\n{name} " in text
    assert "Capacity first: a year without project money" in text


def test_a_design_is_shown_with_units_and_sources(tmp_path: Path) -> None:
    text = _call("designs", "current+capacity-first", cwd=tmp_path).stdout
    assert "6\u00a0000\u00a0000  NOK of 2020 a year" in text
    assert "12  months" in text
    assert "choice: a year to staff, learn and plan" in text
    wrong = _call("designs", "split-2023", cwd=tmp_path)
    assert wrong.returncode == 2
    assert "Did you mean split-2024?" in wrong.stderr


@pytest.mark.parametrize("name", [*shipped_designs(), "adjust+half-money"])
def test_the_table_of_a_design_holds_what_is_run(name: str) -> None:
    rows = design_table(name)
    for track in load_design(name).tracks:
        of_track = {row.key: row.value for row in rows if row.part in ("every track", track.name)}
        assert of_track["yearly_grant"] == track.yearly_grant
        assert of_track["years"] == track.years
        assert of_track["eligibility.rule"] == track.eligibility.rule
        assert of_track["mix.settlement"] == track.mix[4]
    assert all(row.unit and row.source for row in rows)


def test_indicators_are_listed_and_explained(tmp_path: Path) -> None:
    text = _call("indicators", cwd=tmp_path).stdout
    assert "stress_loss" in text
    assert "development capacity (utviklingsevne)" in text
    whole = _call("indicators", "stress_loss", cwd=tmp_path).stdout
    assert "0.3 x jobs in the largest tradable industry / jobs" in whole
    wrong = _call("indicators", "stres_loss", cwd=tmp_path)
    assert wrong.returncode == 2
    assert "did you mean stress_loss?" in wrong.stderr
