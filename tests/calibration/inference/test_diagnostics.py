"""Diagnostics of a calibration on problems with known answers."""

import numpy as np
import pandas as pd
import pytest

from omstilling.calibration.inference import adjustment
from omstilling.calibration.inference.diagnostics import (
    contraction,
    leave_one_out,
    misspecification,
    nearest_rows,
    recovery,
    reference_table,
)
from omstilling.calibration.inference.problem import Problem
from omstilling.model.engine.parameter_fields import uniform

ROWS = 400


def simulate(values, seed):
    """Two places that share a slope, and one figure that tells the level."""
    draws = np.random.default_rng(seed).normal(size=3)
    return {
        "path_a": values["slope"] + 0.2 * draws[0],
        "path_b": values["slope"] + 0.2 * draws[1],
        "level": values["level"] + 0.1 * draws[2],
    }


PROBLEM = Problem(
    "toy", {"slope": uniform(-1.0, 1.0), "level": uniform(0.0, 2.0), "idle": uniform(0.0, 1.0)},
    {"path_a": 0.5, "path_b": 0.5, "level": 1.5}, {"path_a": 0.2, "path_b": 0.2, "level": 0.1}, simulate,
)  # fmt: skip


def simulate_with_noise(values, seed):
    """Figures so uncertain that how near a draw must be matters little."""
    draws = np.random.default_rng(seed).normal(size=2)
    return {"one": values["slope"] + draws[0], "two": values["slope"] + draws[1]}


NOISY = Problem(
    "noisy", {"slope": uniform(-1.0, 1.0)}, {"one": 0.0, "two": 0.0}, {"one": 1.0, "two": 1.0}, simulate_with_noise
)


def table_of(problem=PROBLEM, seed=7):
    """Reference table of a problem, as a stage leaves it."""
    draws = np.random.default_rng(seed)
    rows = []
    for number in range(ROWS):
        values = {name: draws.uniform(prior.first, prior.second) for name, prior in problem.priors.items()}
        figures = {f"target:{name}": value for name, value in problem.simulate(values, number).items()}
        rows.append({"generation": 0, **values, **figures})
    return pd.DataFrame(rows)


def test_what_figures_tell_is_recovered_and_what_they_do_not_tell_is_not():
    found = {item.name: item for item in recovery(table_of(), PROBLEM, adjusted=False)}
    assert found["slope"].correlation > 0.9
    assert found["level"].correlation > 0.9
    assert abs(found["idle"].correlation) < 0.3


def test_coverage_is_what_it_says_and_is_not_when_values_do_not_go_with_their_figures():
    # 400 truths: the standard error of a coverage of 80 % is 2 points; 8 points is 4 of them
    for adjusted in (False, True):
        assert recovery(table_of(NOISY), NOISY, adjusted=adjusted)[0].coverage[1] == pytest.approx(0.80, abs=0.08)
    found = recovery(table_of(NOISY), NOISY, adjusted=False)[0]
    assert np.histogram(found.ranks, np.linspace(0, 1, 5))[0].max() < 1.4 * ROWS / 4
    mixed = table_of(NOISY)
    mixed["slope"] = np.where(mixed["target:one"] > 0, -1.0, 1.0)  # the wrong way round, and all at the edges
    assert recovery(mixed, NOISY, adjusted=False)[0].correlation < 0.95
    assert recovery(mixed, NOISY, adjusted=False)[0].coverage[0] != pytest.approx(0.50, abs=0.08)


def test_adjusted_draws_recover_better_and_their_intervals_are_not_too_wide(monkeypatch):
    """Where draws are not near enough their intervals are too wide, until they are moved.

    These figures are straight in the parameters, so that the line may be drawn out past the draws.
    """
    monkeypatch.setattr(adjustment, "_WITHIN", 0.025)
    near, moved = (recovery(table_of(), PROBLEM, adjusted=adjusted) for adjusted in (False, True))
    assert near[0].coverage[1] > 0.88
    assert moved[0].coverage[1] == pytest.approx(0.80, abs=0.08)
    assert moved[1].correlation > near[1].correlation


def test_a_wrong_model_is_flagged_and_a_right_one_is_not():
    draws = np.random.default_rng(3)
    runs = draws.normal(size=(60, 8))
    assert misspecification(runs, draws.normal(size=8)) > 0.05
    wrong = np.zeros(8)
    wrong[2] = 8.0  # one figure that no run comes near
    assert misspecification(runs, wrong) < 0.05


def test_false_alarms_are_as_rare_as_stated():
    draws = np.random.default_rng(4)
    alarms = [misspecification(draws.normal(size=(60, 8)), draws.normal(size=8)) < 0.05 for _ in range(200)]
    # 5 % of 200 is 10 with a standard deviation of 3.1; 24 is 4.5 of them
    assert sum(alarms) < 24


def test_a_left_out_place_is_predicted_from_the_other():
    groups = {"a": ["path_a"], "b": ["path_b"]}
    table = leave_one_out(table_of(), PROBLEM, groups, with_error=False)
    assert table["inside_90"].all()
    assert table["median"].to_numpy() == pytest.approx([0.5, 0.5], abs=0.2)
    wider = leave_one_out(table_of(), PROBLEM, groups, with_error=True)
    gained = (wider["high_80"] - wider["low_80"]) / (table["high_80"] - table["low_80"])
    assert (gained > 1.05).all()
    assert wider["median"].tolist() == table["median"].tolist()


def test_the_left_out_figure_is_not_looked_at():
    other = {**PROBLEM.observed, "path_a": -9.0}
    left = nearest_rows(table_of(), PROBLEM, other, ["path_a"])
    assert (left == nearest_rows(table_of(), PROBLEM, PROBLEM.observed, ["path_a"])).all()
    assert set(left) != set(nearest_rows(table_of(), PROBLEM, other))


def test_contraction():
    draws = np.random.default_rng(5)
    equal = np.full(20_000, 1 / 20_000)
    assert contraction(draws.uniform(2, 4, 20_000), equal, 2, 4) == pytest.approx(0.0, abs=0.02)
    assert contraction(draws.uniform(2.9, 3.1, 20_000), equal, 2, 4) == pytest.approx(0.99, abs=0.01)


def test_the_reference_table_holds_prior_draws_alone(tmp_path):
    pd.DataFrame({"generation": [-1, 0, 0, 1], "x": [1.0, 2, 3, 4]}).to_parquet(tmp_path / "toy.parquet")
    assert reference_table(tmp_path, "toy")["x"].tolist() == [1, 2, 3]
