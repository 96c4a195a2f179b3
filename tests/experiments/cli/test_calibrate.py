"""``omstilling calibrate`` and ``omstilling validate``."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from omstilling.calibration.inference.blocks import CARRIED, INFERRED
from omstilling.calibration.parameters.posterior import code_version, load_posterior
from omstilling.calibration.parameters.sets import ParameterSource
from omstilling.calibration.targets.municipalities import calibration_codes
from omstilling.calibration.targets.registry import all_targets, targets_of
from omstilling.calibration.targets.target import Block
from omstilling.experiments.cli import validate as cli_validate
from omstilling.experiments.cli.main import app
from omstilling.experiments.validation import report as calibration_report
from omstilling.experiments.validation import target_check
from omstilling.experiments.validation.target_check import TargetCheck


def omstilling(*words):
    return CliRunner().invoke(app, list(words), env={"COLUMNS": "200"})


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    """Folder of a calibration in quick mode, and what it printed."""
    folder = tmp_path_factory.mktemp("quick")
    return folder, omstilling("calibrate", "--quick", "--workers", "1", "--seed", "4", "--out", str(folder))


def test_quick_mode_gives_a_posterior_of_all_stages(quick):
    folder, result = quick
    assert result.exit_code == 0, result.output
    posterior = load_posterior(folder)
    assert posterior.names == (*CARRIED, *(name for names in INFERRED.values() for name in names))
    assert len(posterior.weights) == 4
    assert posterior.provenance["code_version"] == code_version()
    assert posterior.provenance["settings"]["stages"] == [str(block) for block in Block]
    assert str(folder / "posterior.csv") in result.stdout.replace("\n", "")


def test_a_finished_calibration_is_read_again_and_another_seed_is_refused(quick):
    folder, _ = quick
    before = (folder / "posterior.csv").read_bytes()
    again = omstilling("calibrate", "--quick", "--workers", "1", "--seed", "4", "--out", str(folder))
    assert again.exit_code == 0, again.output
    assert (folder / "posterior.csv").read_bytes() == before
    other = omstilling("calibrate", "--quick", "--workers", "1", "--seed", "5", "--out", str(folder))
    assert other.exit_code == 2
    assert "seed: found 4, this calibration has 5" in other.output
    assert (folder / "posterior.csv").read_bytes() == before


def test_report_of_a_calibration(quick, tmp_path, monkeypatch):
    folder, _ = quick
    municipalities = calibration_codes()[:12]
    check, backtest = calibration_report.check_targets, calibration_report.backtest
    monkeypatch.setattr(
        calibration_report, "check_targets",
        lambda workers, parameters, progress: check(replications=3, parameters=parameters),
    )  # fmt: skip
    monkeypatch.setattr(
        calibration_report, "backtest",
        lambda first, last, replications, workers, parameters, progress: backtest(
            first, last, municipalities, replications=1, parameters=parameters
        ),
    )  # fmt: skip
    text = calibration_report.write_calibration(folder, tmp_path).read_text(encoding="utf-8")
    for target in all_targets():
        assert f"| {target.name} |" in text
    for name in (*CARRIED, "native_tie", "samples"):
        assert f"| {name} |" in text
    for part in ("Required and missed", "Each closure predicted from the others", "skill", "flagged"):
        assert part in text
    for figure in ("targets", "marginals", "pairs", "ranks", "left-out"):
        assert f"figures/calibration-{figure}.png" in text
        assert (tmp_path / "figures" / f"calibration-{figure}.png").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--engine", "slurm"), "--engine: found 'slurm'; local or dask is expected"),
        (("--engine", "dask"), "--scheduler: the address of a dask scheduler is needed"),
        (("--scheduler", "tcp://127.0.0.1:1"), "--scheduler: the address of a dask scheduler is needed"),
    ],
)
def test_calibrate_refuses(words, message, tmp_path):
    result = omstilling("calibrate", *words, "--out", str(tmp_path / "none"))
    assert result.exit_code == 2
    assert message in result.output
    assert not (tmp_path / "none").exists()


def right(block):
    """Runs that hit every target of a block."""
    return np.tile([target.observed for target in targets_of(block)], (3, 1))


def checked(monkeypatch, simulated):
    """``omstilling validate`` with runs that are given."""
    found = TargetCheck("given", {block: targets_of(block) for block in Block}, simulated)
    monkeypatch.setattr(target_check, "check_targets", lambda **_: found)
    return omstilling("validate")


def test_validate_exits_with_0_when_every_target_is_met(monkeypatch):
    result = checked(monkeypatch, {block: right(block) for block in Block})
    assert result.exit_code == 0, result.output
    assert f"{len(all_targets())} of {len(all_targets())} targets within error" in result.stdout


def test_validate_exits_with_1_when_a_required_target_is_missed_and_names_it(monkeypatch):
    simulated = {block: right(block) for block in Block}
    column = [target.name for target in targets_of(Block.SHOCK)].index("ripple")
    simulated[Block.SHOCK][:, column] += 2.1 * targets_of(Block.SHOCK)[column].error
    result = checked(monkeypatch, simulated)
    assert result.exit_code == 1
    assert "Required and missed: ripple" in result.stdout


def test_a_missed_target_that_is_not_required_is_shown_and_does_not_fail(monkeypatch):
    simulated = {block: right(block) for block in Block}
    column = [target.name for target in targets_of(Block.SHOCK)].index("residents_per_job")
    simulated[Block.SHOCK][:, column] += 2.1 * targets_of(Block.SHOCK)[column].error
    result = checked(monkeypatch, simulated)
    assert result.exit_code == 0
    assert " NO" in result.stdout


def test_validate_runs_the_model_and_prints_json():
    result = omstilling("validate", "--replications", "2", "--workers", "1", "--parameters", "point", "--json")
    found = json.loads(result.stdout)
    assert result.exit_code == bool(found["missed"])
    assert [row["target"] for row in found["table"]] == [target.name for target in all_targets()]
    assert found["met"] == sum(row["met"] for row in found["table"])


def test_a_posterior_of_other_code_is_said_to_be_stale(monkeypatch):
    found = load_posterior().provenance
    monkeypatch.setattr("omstilling.calibration.parameters.posterior.code_version", lambda: found["code_version"])
    assert cli_validate._stale(ParameterSource.POSTERIOR) == []
    monkeypatch.setattr("omstilling.calibration.parameters.posterior.code_version", lambda: "0" * 16)
    assert "other model" in cli_validate._stale(ParameterSource.POSTERIOR)[0]
