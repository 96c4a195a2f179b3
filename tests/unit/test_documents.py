"""Documents say what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from omstilling.calibration.places import Places
from omstilling.model.indicators import COLUMNS
from omstilling.scenarios.design_loader import load_design
from omstilling.scenarios.loader import load_scenario

ROOT = Path(__file__).parents[2]


def test_every_column_is_documented_with_its_unit() -> None:
    text = (ROOT / "docs" / "outputs.md").read_text(encoding="utf-8")
    for name, (unit, definition) in COLUMNS.items():
        assert f"| {name} | {unit} | {definition} |" in text


def test_the_examples_of_the_readme_run(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 3
    for block in blocks:
        exec(compile(block.replace("replications=20", "replications=1"), "README.md", "exec"), {})
    assert (tmp_path / "sor-varanger.png").is_file()
    assert (tmp_path / "results" / "mine" / "waterfall.png").is_file()


def test_the_files_of_the_readme_load(tmp_path: Path) -> None:
    blocks = re.findall(r"```toml\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    for name, block in zip(("scenario.toml", "design.toml"), blocks, strict=True):
        (tmp_path / name).write_text(block, encoding="utf-8")
    assert load_scenario(tmp_path / "scenario.toml", Places()).application.documented_loss == 75
    design = load_design(tmp_path / "design.toml")
    assert {track.own_share for track in design.tracks} == {0.125}
    assert design.tracks[0].eligibility.loss_share == 0.1


def test_the_first_commands_of_the_readme_are_targets() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    first = re.findall(r"^make (\w+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert first[:2] == ["demo", "test"]
    for target in first:
        assert f"\n{target}:" in makefile
