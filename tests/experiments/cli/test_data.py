"""``omstilling data``, and which tables are used."""

from __future__ import annotations

import os
import shutil
from importlib import resources
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from omstilling.calibration.statistics_norway.update import DataUpdate, chosen_numbers
from omstilling.calibration.tables.tables import TableError, load_tables, read_tables
from omstilling.calibration.tables.versions import current_version
from omstilling.experiments.cli.main import app
from statistics_norway_server import (
    StatisticsNorwayServer,
)

SHIPPED = Path(str(resources.files("omstilling.calibration") / "data"))
CODES = tuple(map(str, load_tables().municipalities.index))


def _run(*words: str, **variables: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["data", *words], env={"COLUMNS": "200", **variables})
    return done.exit_code, done.stdout, done.stderr


def test_the_command_updates_and_status_tells(server: StatisticsNorwayServer, tmp_path: Path) -> None:
    here = {"OMSTILLING_DATA": str(tmp_path / "d"), "OMSTILLING_STATISTICS_NORWAY": server.url, "OMSTILLING_TABLES": ""}
    code, out, _ = _run("status", **here)
    assert code == 0
    assert "the tables shipped" in out
    assert "1986-2022" in out
    assert "Nothing fetched" in out
    code, out, _ = _run("update", "--tables", "11618", "--dry-run", **here)
    assert (code, "employment.csv" in out, (tmp_path / "d").exists()) == (0, True, False)
    code, out, _ = _run("update", "--tables", "11618", **here)
    assert code == 0
    assert "CC BY 4.0" in out
    assert str(current_version(tmp_path / "d")) in out
    assert "Fetched, not in use" in _run("status", **here)[1]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--tables", "07459,1161"), "11618"),
        (("--tables", ","), "found nothing"),
        (("--to", "file"), "a folder is expected"),
    ],
)
def test_wrong_words_end_with_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], expected: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    code, _, errors = _run("update", *words)
    assert code == 2
    assert expected in errors
    assert os.listdir() == ["file"]


def test_offline_ends_with_2(tmp_path: Path) -> None:
    code, _, errors = _run("update", "--to", str(tmp_path / "d"), OMSTILLING_STATISTICS_NORWAY="http://127.0.0.1:9")
    assert code == 2
    assert "127.0.0.1:9" in errors
    assert list(tmp_path.iterdir()) == []


def test_tables_are_fetched_in_the_order_in_which_they_need_each_other() -> None:
    assert chosen_numbers(" 03321, 11618") == ("11618", "03321")


def test_the_users_tables_are_read_when_asked_for(
    whole: tuple[DataUpdate, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = load_tables.__wrapped__
    folder = whole[0].folder
    assert folder is not None
    monkeypatch.setenv("OMSTILLING_DATA", str(whole[1]))
    assert fresh().population.columns[-1] == 2022
    for asked in ("user", str(folder), str(whole[1])):
        monkeypatch.setenv("OMSTILLING_TABLES", asked)
        assert fresh().population.columns[-1] == 2024
    monkeypatch.setenv("OMSTILLING_DATA", str(tmp_path))
    for asked, words in (("user", "omstilling data update"), (str(tmp_path / "no"), "no such folder")):
        monkeypatch.setenv("OMSTILLING_TABLES", asked)
        with pytest.raises(TableError, match=words):
            fresh()
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "current").write_text("2026\n", encoding="utf-8")
    monkeypatch.setenv("OMSTILLING_TABLES", "user")
    with pytest.raises(TableError, match="2026"):
        fresh()


@pytest.mark.parametrize(
    ("name", "column", "words"),
    [
        ("population.csv", "2023", "2023 is missing"),
        ("employment.csv", "jobs_2022", "same years"),
        ("employment.csv", "employed_2022", "same years"),
    ],
)
def test_newer_years_have_no_gap(
    whole: tuple[DataUpdate, Path], tmp_path: Path, name: str, column: str, words: str
) -> None:
    assert whole[0].folder is not None
    folder = Path(shutil.copytree(whole[0].folder, tmp_path / "copy"))
    pd.read_csv(folder / name, dtype=str).drop(columns=column).to_csv(folder / name, index=False)
    with pytest.raises(TableError, match=words):
        read_tables(folder)
