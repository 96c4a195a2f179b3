"""Documents say what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from omstilling.model.indicators import COLUMNS

ROOT = Path(__file__).parents[2]


def test_every_column_is_documented_with_its_unit() -> None:
    text = (ROOT / "docs" / "outputs.md").read_text(encoding="utf-8")
    for name, (unit, definition) in COLUMNS.items():
        assert f"| {name} | {unit} | {definition} |" in text


def test_the_examples_of_the_readme_run(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        exec(compile(block.replace("replications=20", "replications=1"), "README.md", "exec"), {})
    assert (tmp_path / "sor-varanger.png").is_file()


def test_the_first_commands_of_the_readme_are_targets() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    first = re.findall(r"^make (\w+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert first[:2] == ["demo", "test"]
    for target in first:
        assert f"\n{target}:" in makefile
