"""The wheel holds every module, table and scenario of the tree."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("model", "scenarios", "calibration", "experiments")
SHIPPED = (".py", ".csv", ".toml", ".md", ".typed", ".json")


def missing_from(wheel: set[str], tree: set[str]) -> set[str]:
    """Files of the tree that the wheel does not hold, by their path in the package."""
    return {name for name in tree if f"omstilling/{name}" not in wheel}


def _tree() -> set[str]:
    files = (path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.suffix in SHIPPED)
    return {path.relative_to(ROOT).as_posix() for path in files}


def test_an_omission_is_noticed() -> None:
    assert missing_from({"omstilling/model/a.py"}, {"model/a.py", "model/b/c.py"}) == {"model/b/c.py"}


def test_the_wheel_holds_the_tree(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in (*PACKAGES, "pyproject.toml", "README.md", "LICENSE"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source / name)
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "-w", str(tmp_path / "wheel"), str(source)], check=True, capture_output=True)
    (wheel,) = (tmp_path / "wheel").glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    assert missing_from(held, _tree()) == set()
    assert not [name for name in held if name.startswith(PACKAGES)]


def test_the_product_never_reads_shared_inputs() -> None:
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            assert "../" + "shared" not in path.read_text(encoding="utf-8"), path
