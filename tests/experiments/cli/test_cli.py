"""Command line: what it prints, writes and refuses."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

_LONGEST_START = 40
"""Times three seconds."""
OMSTILLING = str(Path(sys.executable).with_name("omstilling"))
SCENARIO = """
title = "Kort"
place = "Andøy"
start = 2015
years = 1
replications = 2
"""


def _call(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([OMSTILLING, *words], capture_output=True, text=True, cwd=cwd, check=False)


def test_help_shows_examples(tmp_path: Path) -> None:
    done = _call("--help", cwd=tmp_path)
    assert done.returncode == 0
    assert "omstilling run sor-varanger-2015" in done.stdout
    assert "Example" in _call("run", "--help", cwd=tmp_path).stdout


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; import omstilling.experiments.cli.main; print([m for m in sys.modules if m in {'numba','pandas'}])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_places_and_scenarios(tmp_path: Path) -> None:
    assert "5605" in _call("places", "varanger", cwd=tmp_path).stdout
    assert "sor-varanger-2015" in _call("scenarios", cwd=tmp_path).stdout
    none = _call("places", "Varangr", cwd=tmp_path)
    assert none.returncode == 2
    assert "no municipality" in none.stderr


def test_run_writes_files_and_json(tmp_path: Path) -> None:
    (tmp_path / "kort.toml").write_text(SCENARIO, encoding="utf-8")
    done = _call("run", "kort.toml", "--json", "--workers", "1", "--out", "ut", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["replications"] == 2
    files = ["figure.png", "panel.parquet", "parameters.csv", "summary.json"]
    assert sorted(path.name for path in (tmp_path / "ut").iterdir()) == files
    table = _call("run", "kort.toml", "--replications", "1", cwd=tmp_path)
    assert "Andøy: simulated and observed" in table.stdout
    assert (tmp_path / "results" / "kort" / "figure.png").is_file()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("years = 1", "yeers = 1"), "Did you mean years?"),
        (("Andøy", "Andøyy"), "Andøy"),
        (("replications = 2", 'replications = 2\n[[shocks]]\nkind="closure"\ndate="2015-05"\nmunicipality="Andøy"\n'
          'industry="05-09"\njobs=9000'), "take 9000 jobs"),
    ],
)  # fmt: skip
def test_bad_input_writes_nothing(tmp_path: Path, change: tuple[str, str], words: str) -> None:
    (tmp_path / "kort.toml").write_text(SCENARIO.replace(*change), encoding="utf-8")
    done = _call("run", "kort.toml", cwd=tmp_path)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["kort.toml"]


@pytest.mark.parametrize("words", [("run",), ("run", "x", "--replications", "0"), ("fly",), ("run", "nosuch")])
def test_wrong_words_end_with_2(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = _call(*words, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr


def _children_once_running(process: subprocess.Popen[str], wanted: bool) -> list[psutil.Process]:
    """Processes that a command has started: as soon as there are some, or none after some seconds."""
    for _ in range(_LONGEST_START if wanted else 1):
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=3)
        children = psutil.Process(process.pid).children(recursive=True)
        if children:
            break
    assert bool(children) == wanted
    return children


@pytest.mark.parametrize(
    ("workers", "by", "code", "words"),
    [
        ("1", signal.SIGINT, 130, "nothing was written"),
        ("2", signal.SIGINT, 130, "nothing was written"),
        ("2", signal.SIGTERM, 143, ""),
    ],
)
def test_stopped_leaves_no_half_file_and_no_process(
    tmp_path: Path, workers: str, by: signal.Signals, code: int, words: str
) -> None:
    (tmp_path / "lang.toml").write_text(SCENARIO.replace("replications = 2", "replications = 5000"), encoding="utf-8")
    process = subprocess.Popen(
        [OMSTILLING, "run", "lang.toml", "--workers", workers, "--out", "ut"], cwd=tmp_path, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    children = _children_once_running(process, wanted=workers == "2")
    process.send_signal(by)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == code, errors
    assert words in errors
    assert not psutil.wait_procs(children, timeout=10)[1]
    assert [path.name for path in tmp_path.iterdir()] == ["lang.toml"]
