"""Stages of inference: each starts from the one before, and a folder is for one calibration."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import cloudpickle
import numpy as np
import pytest

from inference_toys import SEED, Killed, at, deviation_of, killing, mean_of, silent
from omstilling.calibration.inference.blocks import CARRIED, priors_of
from omstilling.calibration.inference.calibrate import CalibrationError, Thoroughness, calibrate
from omstilling.calibration.inference.problem import Particles, Problem, prior_particles
from omstilling.calibration.inference.sampler import InProcess
from omstilling.calibration.inference.smoothing import smoothed
from omstilling.calibration.inference.stage import Standing, run_stage
from omstilling.model.engine.parameter_fields import uniform

# Worker processes do not find a test module by name.
cloudpickle.register_pickle_by_value(sys.modules[__name__])


STAGED = Thoroughness(carried=40, pilot=30, particles=40, generations=(2,), quantile=0.35, draws=40)
BRIEF = replace(STAGED, pilot=4, particles=4, draws=4)


def rough_level(values: Mapping[str, float], seed: int) -> dict[str, float]:
    """Tells the height only roughly."""
    return {"level": values["height"] + 0.6 * float(np.random.default_rng(seed).standard_normal())}


def pressure(values: Mapping[str, float], seed: int) -> dict[str, float]:
    """Depends on the height, of the first stage, and hardly on its own parameter."""
    return {"pressure": values["height"] + 0.2 * values["load"] + 0.1 * float(np.random.default_rng(seed).normal())}


def load_alone(values: Mapping[str, float], seed: int) -> dict[str, float]:
    """Does not depend on the first stage."""
    return {"pressure": values["load"] + 0.1 * float(np.random.default_rng(seed).normal())}


FIRST = Problem("first", {"height": uniform(0.0, 4.0)}, {"level": 2.0}, {"level": 0.6}, rough_level)
SECOND = Problem("second", {"load": uniform(0.0, 1.0)}, {"pressure": 2.9}, {"pressure": 0.1}, pressure)
SECOND_ALONE = replace(SECOND, observed={"pressure": 0.8}, simulate=load_alone)


def _calibrate(folder: Path, *problems: Problem, thoroughness: Thoroughness = STAGED, seed: int = SEED) -> Particles:
    return calibrate(folder, thoroughness, seed, InProcess(), 1, silent, problems=problems)


def _stage_of(folder: Path, problem: Problem, earlier: Particles, number: int) -> Particles:
    """One stage of ``calibrate`` by itself."""
    return run_stage(
        problem, earlier, STAGED.stage(2, 2), folder, number=number, seed=SEED, executor=InProcess(), workers=1,
        report=silent,
    )  # fmt: skip


def test_posterior_of_a_stage_is_the_prior_of_the_next(tmp_path: Path) -> None:
    """The second's figure asks for more height than the first's; draws come along whole, row by row.

    False alarms of the twin: with 40 draws the mean's standard error is some 0.16 of a deviation of draws in either
    stage, so 0.7 deviations are at least 3 standard errors of the difference: some 3 in 1000.
    """
    both = _calibrate(tmp_path / "both", FIRST, SECOND)
    carried = prior_particles(priors_of(CARRIED), STAGED.carried, SEED)
    first = _stage_of(tmp_path / "both", FIRST, carried, 1)  # read from the folder
    assert first.names == (*CARRIED, "height")
    assert both.names == (*CARRIED, "height", "load")
    prior = smoothed(first, {**priors_of(CARRIED), **FIRST.priors}, STAGED.carried, SEED, 2)
    assert {tuple(row[:-1]) for row in both.values} <= {tuple(row) for row in prior.values}
    assert not {tuple(row) for row in first.values} & {tuple(row) for row in prior.values}
    spread = deviation_of(first, "height")
    assert mean_of(both, "height") - mean_of(first, "height") > 0.8 * spread
    assert deviation_of(both, "height") < 0.7 * spread
    (tmp_path / "alone").mkdir()
    alone = _stage_of(tmp_path / "alone", SECOND_ALONE, first, 2)
    assert abs(mean_of(alone, "height") - mean_of(first, "height")) < 0.7 * spread
    assert deviation_of(alone, "height") == pytest.approx(spread, rel=0.4)


def test_killed_in_the_second_stage(tmp_path: Path) -> None:
    def report(standing: Standing) -> None:
        if standing.stage == "second" and standing.generation == 1:
            raise Killed

    with pytest.raises(Killed):
        calibrate(tmp_path / "killed", BRIEF, SEED, InProcess(), 1, report, problems=[FIRST, SECOND])
    resumed = _calibrate(tmp_path / "killed", FIRST, SECOND, thoroughness=BRIEF)
    whole = _calibrate(tmp_path / "whole", FIRST, SECOND, thoroughness=BRIEF)
    assert np.array_equal(resumed.values, whole.values)
    assert np.array_equal(resumed.weights, whole.weights)


def test_other_settings_in_the_same_folder_are_refused(tmp_path: Path) -> None:
    found = _calibrate(tmp_path, FIRST, thoroughness=BRIEF)
    for key, value in {
        "carried": 11, "pilot": 5, "particles": 5, "generations": (3,), "quantile": 0.4, "draws": 5
    }.items():  # fmt: skip
        with pytest.raises(CalibrationError, match=rf"settings\.json: {key}: found"):
            _calibrate(tmp_path, FIRST, thoroughness=replace(BRIEF, **{key: value}))
    with pytest.raises(CalibrationError, match=f"seed: found {SEED}, this calibration has {SEED + 1}"):
        _calibrate(tmp_path, FIRST, thoroughness=BRIEF, seed=SEED + 1)
    with pytest.raises(CalibrationError, match="stages: found"):
        _calibrate(tmp_path, FIRST, SECOND, thoroughness=BRIEF)
    again = _calibrate(tmp_path, FIRST, thoroughness=BRIEF)  # the same is not refused
    assert np.array_equal(again.values, found.values)


@pytest.mark.parametrize(
    "other",
    [
        {"observed": {"level": 3.5}},
        {"errors": {"level": 0.1}},
        {"priors": {"height": uniform(0.0, 40.0)}},
    ],
    ids=lambda other: next(iter(other)),
)
def test_other_targets_in_the_same_folder_are_refused(other: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    """A stage by the same name with other figures, errors or priors would take over what is not its own."""
    with pytest.raises(Killed):
        calibrate(tmp_path, BRIEF, SEED, InProcess(), 1, killing(at(0, 1)), problems=[FIRST])
    with pytest.raises(CalibrationError):
        calibrate(tmp_path, BRIEF, SEED, InProcess(), 1, killing(at(0, 1)), problems=[replace(FIRST, **other)])
