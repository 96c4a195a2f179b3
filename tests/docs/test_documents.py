"""Documents say what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from omstilling.calibration.margins.region import region_margins
from omstilling.calibration.tables.places import Places
from omstilling.model import RestructuringModel
from omstilling.model.policy.design import Support
from omstilling.model.state.record import COLUMNS
from omstilling.scenarios.design_loader import load_design
from omstilling.scenarios.experiment import load_experiment
from omstilling.scenarios.loader import load_scenario

ROOT = Path(__file__).parents[2]


def test_every_column_is_documented_with_its_unit() -> None:
    text = (ROOT / "docs" / "outputs.md").read_text(encoding="utf-8")
    for name, (unit, definition) in COLUMNS.items():
        assert f"| {name} | {unit} | {definition} |" in text


def test_the_examples_of_the_readme_run(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 7
    small = tmp_path / "small.toml"
    codes = ", ".join(
        f'"{code}"'
        for code in (1811, 1812, 1813, 1815, 1816, 1818, 1820, 1822, 1827, 1828, 1832, 1834, 1835, 1836, 1839, 1851)
    )
    small.write_text(
        f'title = "Small"\nmunicipalities = [{codes}]\nstart = 2012\nyears = 14\napplicants = "eligible"\n',
        encoding="utf-8",
    )
    little = tmp_path / "little.toml"
    little.write_text(
        'title = "Little"\nscenarios = ["lierne-2010"]\ndesigns = ["current"]\ndraws = 2\n', encoding="utf-8"
    )
    for block in blocks:
        shorter = block.replace("replications=20", "replications=1").replace("replications=4", "replications=1")
        shorter = shorter.replace('"three-roads", "results', f'{str(little)!r}, "results').replace(
            "workers=2", "workers=1"
        )
        exec(compile(shorter.replace('"nordland"', repr(str(small))), "README.md", "exec"), {})
    assert (tmp_path / "map.png").is_file()
    assert (tmp_path / "rapport.html").is_file()
    assert (tmp_path / "sor-varanger.png").is_file()
    assert (tmp_path / "results" / "mine" / "waterfall.png").is_file()


def test_the_files_of_the_readme_load(tmp_path: Path) -> None:
    blocks = re.findall(r"```toml\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    for name, block in zip(("scenario.toml", "design.toml", "experiment.toml"), blocks, strict=True):
        (tmp_path / name).write_text(block, encoding="utf-8")
    scenario = load_scenario(tmp_path / "scenario.toml", Places())
    assert scenario.application.documented_loss == 160
    experiment = load_experiment(tmp_path / "experiment.toml")
    assert (experiment.budget_neutral, len(experiment.grid_points)) == ("current", 6)
    design = load_design(tmp_path / "design.toml")
    assert {track.own_share for track in design.tracks} == {0.125}
    assert design.tracks[0].eligibility.loss_share == 0.1
    support = Support(load_design("current"), (scenario.application,))
    shocks = [shock.to_shock() for shock in scenario.shocks]
    margins = region_margins(scenario.municipalities, scenario.start, shocks)
    model = RestructuringModel(margins, shocks=shocks, seed=scenario.seed, support=support)
    model.run_months(24)
    assert model.programmes[0].track is not None, "the programme of the README is refused"


def test_the_first_commands_of_the_readme_are_targets() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    first = re.findall(r"^make (\w+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert first[:2] == ["demo", "test"]
    for target in first:
        assert f"\n{target}:" in makefile
