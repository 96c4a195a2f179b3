"""Experiment files, their points and designs: what is asked, and clear words for what cannot be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from omstilling.experiments.batch.design_points import design_at, planned_grants, with_grants
from omstilling.experiments.batch.points import points_of
from omstilling.experiments.cli.main import app
from omstilling.scenarios.design_loader import load_design
from omstilling.scenarios.errors import ScenarioError
from omstilling.scenarios.experiment import Experiment, load_experiment, shipped_experiments

TEXT = """
title = "Små forsøk"
scenarios = ["lierne-2010", "dyroy-2010"]
designs = ["current", "refine"]
draws = 3

[grid]
design.guidance = [0.0, 1.0]
"parameters.forgetting" = [0.01, 0.02]
"""
ASKED = {"name": "x", "title": "x", "scenarios": ["lierne-2010"], "designs": ["current"]}


def written(folder: Path, text: str) -> Path:
    path = folder / "forsok.toml"
    path.write_text(text, encoding="utf-8")
    return path


def sampled(method: str, points: int = 8, **more: Any) -> Experiment:
    ranges = {"parameters.forgetting": [0.005, 0.03], "design.guidance": [0.0, 1.0]}
    return Experiment.model_validate(ASKED | {"sample": {"method": method, "points": points, "ranges": ranges}} | more)


def test_shipped_experiments_can_be_read() -> None:
    assert len(shipped_experiments()) >= 3
    for name in shipped_experiments():
        assert load_experiment(name).title


def test_keys_of_a_grid_may_stand_with_or_without_quotes(tmp_path: Path) -> None:
    asked = load_experiment(written(tmp_path, TEXT))
    assert asked.name == "forsok"
    assert points_of(asked) == [
        {"design.guidance": guidance, "parameters.forgetting": forgetting}
        for guidance in (0.0, 1.0)
        for forgetting in (0.01, 0.02)
    ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("draws = 3", "drows = 3"), "drows: found an unknown key; allowed are .*Did you mean draws"),
        (("draws = 3", "draws = 0"), "draws: found 0; Input should be greater than or equal to 1"),
        (("draws = 3", 'parameters = "posterier"'), "parameters: found 'posterier'"),
        (("design.guidance", "design.guidence"), "did you mean design.guidance"),
        (("parameters.forgetting", "parameters.forgeting"), "did you mean parameters.forgetting"),
        (("[0.0, 1.0]", "[1.0, 1.0]"), "grid.design.guidance: found .*distinct values"),
        (('["current", "refine"]', '["current", "current"]'), "designs: found current twice"),
        (('title = "Små forsøk"', ""), "title: found nothing; the key is required"),
        (("[grid]", "[grid"), "not TOML"),
        (("draws = 3", 'name = "y"'), "the file name is the name"),
    ],
)
def test_bad_files_are_refused_with_clear_words(tmp_path: Path, change: tuple[str, str], words: str) -> None:
    path = written(tmp_path, TEXT.replace(*change))
    with pytest.raises(ScenarioError, match=words) as found:
        load_experiment(path)
    assert str(path) in str(found.value)


def test_unknown_experiments_are_refused() -> None:
    with pytest.raises(ScenarioError, match="Did you mean three-roads"):
        load_experiment("three-road")


def test_a_key_is_varied_once() -> None:
    with pytest.raises(ValueError, match="by the grid or by the sample"):
        sampled("sobol", grid={"design.guidance": [0.5]})
    with pytest.raises(ValueError, match="a lower and a higher bound"):
        Experiment.model_validate(
            ASKED | {"sample": {"method": "sobol", "points": 2, "ranges": {"design.guidance": [1.0, 0.0]}}}
        )


@pytest.mark.parametrize(
    ("method", "number"), [("latin-hypercube", 8), ("sobol", 8), ("saltelli", 8 * 4), ("morris", 8 * 3)]
)
def test_samples_are_the_same_for_a_seed_and_lie_within_bounds(method: str, number: int) -> None:
    points = points_of(sampled(method))
    assert len(points) == number
    assert points == points_of(sampled(method))
    assert points != points_of(sampled(method, seed=2))
    values = np.array([[point["parameters.forgetting"], point["design.guidance"]] for point in points])
    assert (values >= [0.005, 0.0]).all()
    assert (values <= [0.03, 1.0]).all()


def test_hypercube_has_a_point_in_every_eighth() -> None:
    values = [point["design.guidance"] for point in points_of(sampled("latin-hypercube"))]
    assert sorted(int(8 * value) for value in values) == list(range(8))
    uniform = np.random.default_rng(1).random(8)
    assert sorted(int(8 * value) for value in uniform) != list(range(8))


def test_grid_times_sample() -> None:
    points = points_of(sampled("sobol", 4, grid={"design.strictness": [0.0, 0.5]}))
    assert len(points) == 8
    assert [point["design.strictness"] for point in points] == [0.0] * 4 + [0.5] * 4


def test_design_keys_hold_in_every_track_and_nowhere_else() -> None:
    before = load_design("split-2024")
    after = design_at(before, {"design.guidance": 0.3, "design.years": 5.0, "parameters.forgetting": 0.01})
    assert [(track.guidance, track.years) for track in after.tracks] == [(0.3, 5)] * len(before.tracks)
    assert after.tracks[0].yearly_grant == before.tracks[0].yearly_grant
    assert design_at(before, {"parameters.forgetting": 0.01}) is before
    assert design_at(load_design("none"), {"design.guidance": 0.3}) == load_design("none")
    ruled = design_at(before, {"design.eligibility.loss_years": 2.0})
    assert {track.eligibility.loss_years for track in ruled.tracks} == {2}


def test_mix_still_sums_to_1_and_multiples_change_grants() -> None:
    before = load_design("current")
    after = design_at(before, {"design.mix.site": 0.5, "design.grant_multiple": 2.0})
    for old, new in zip(before.tracks, after.tracks, strict=True):
        assert sum(new.mix) == pytest.approx(1.0)
        assert new.mix[3] == 0.5
        assert new.mix[0] / new.mix[1] == pytest.approx(old.mix[0] / old.mix[1])
        assert new.yearly_grant == 2.0 * old.yearly_grant


def test_designs_that_cannot_be_are_refused() -> None:
    with pytest.raises(ScenarioError, match=r"guidance: found 1.5; a share between 0 and 1"):
        design_at(load_design("current"), {"design.guidance": 1.5})


def test_grants_are_made_neutral() -> None:
    current, refine = load_design("current"), load_design("refine")
    total = planned_grants(current.tracks[0])
    neutral = with_grants(refine, refine.tracks[0], total)
    assert planned_grants(neutral.tracks[0]) == pytest.approx(total)
    halved = with_grants(refine, refine.tracks[0], 0.5 * total)
    assert planned_grants(halved.tracks[0]) == pytest.approx(0.5 * total)
    none = load_design("none")
    assert with_grants(none, current.tracks[0], 0.0) == none


def test_command_line_from_plan_to_sql(tmp_path: Path) -> None:
    text = 'title = "Ett forsøk"\nscenarios = "dyroy-2010"\ndesigns = "current"\ndraws = 2\n'
    path, store = str(written(tmp_path, text)), str(tmp_path / "store")

    def call(*words: str) -> Any:
        return CliRunner().invoke(app, list(words))

    planned = call("plan", path)
    assert planned.exit_code == 0
    assert "4 runs in 1 shards" in planned.output
    assert not (tmp_path / "store").exists()
    assert call("batch", path, "--store", store, "--workers", "1").exit_code == 0
    assert "4 of 4 runs (100 %), 0 failed" in call("status", store).output
    assert "1 shards, all as they must be" in call("verify", store).output
    assert "no run has failed" in call("ls", store, "--failed").output
    asked = call("sql", store, "select count(*) as n from runs", "--csv")
    assert asked.output == "n\n4\n"
    assert call("sql", store, "select nothing from nowhere").exit_code == 2
    next((tmp_path / "store" / "shards").iterdir()).unlink()
    broken = call("verify", store)
    assert broken.exit_code == 1
    assert "missing" in broken.output
    assert call("resume", store, "--workers", "1").exit_code == 0
    assert call("verify", store).exit_code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("plan", "nosuch"), "a .toml file or one of"),
        (("status", "nowhere"), "no store"),
        (("ls", "nowhere"), "no store"),
        (("batch", "three-roads", "--store", "x", "--engine", "rocket"), "local or dask is expected"),
        (("batch", "three-roads", "--store", "x", "--scheduler", "tcp://x:1"), "for --engine dask only"),
    ],
)
def test_wrong_words_end_with_2(words: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    found = CliRunner().invoke(app, list(words))
    assert found.exit_code == 2
    assert said in found.output
    assert not list(tmp_path.iterdir())
