"""Analysis of stores: what is read of runs with planted answers."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from omstilling.experiments.analysis.discovery import cases_of, discoveries
from omstilling.experiments.analysis.information_value import information_of, partial_information
from omstilling.experiments.analysis.outcomes import draw_values, outcomes_of
from omstilling.experiments.analysis.sensitivity import sample_outcome, sensitivities, sensitivity
from omstilling.experiments.batch.points import points_of, sample_values
from omstilling.experiments.batch.results import open_store
from omstilling.scenarios.errors import ScenarioError
from omstilling.scenarios.experiment import Sample
from planted_stores import DRAWS, SEED, Run, boxed, experiment, planted, sampled


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three designs in two scenarios."""
    folder = tmp_path_factory.mktemp("planted") / "store"
    planted(folder, experiment(), boxed)
    return folder


def test_outcomes_keep_the_order_of_the_experiment(store: Path) -> None:
    found = outcomes_of(open_store(store))
    assert found.scenarios == ("lierne-2010", "dyroy-2010")  # the store itself is sorted by name
    assert found.designs == ("none", "current", "refine")
    assert found.effect[1, :, 1:].tolist() == [[4.0, 1.0]] * DRAWS
    assert outcomes_of(open_store(store), scenarios=["dyroy-2010"]).effect.shape == (1, DRAWS, 3)
    assert outcomes_of(open_store(store), date="end").effect[1, 0].tolist() == [0.0, 8.0, 2.0]


def test_values_of_draws_stand_beside_their_outcomes(store: Path, tmp_path: Path) -> None:
    results = open_store(store)
    values, found = draw_values(results), outcomes_of(results)
    inside = (values["turnover"] > 0.6) & (values["contacts"] < 0.5)
    assert (found.effect[0, :, 2] == 8.0).tolist() == inside.tolist()
    assert (found.effect[0, :, 2] == 8.0).tolist() != inside[::-1].tolist()
    grid = experiment(draws=3, grid={"design.guidance": (0.0, 1.0), "parameters.turnover": (0.1, 0.2)})
    varied = draw_values(planted(tmp_path / "grid", grid, boxed))
    assert varied["design.guidance"].tolist() == [0.0] * 6 + [1.0] * 6
    assert varied["turnover"].tolist() == ([0.1] * 3 + [0.2] * 3) * 2


def test_draws_that_failed_are_left_out_and_counted(tmp_path: Path) -> None:
    def failing(run: Run) -> float | None:
        return None if (run["draw"], run["number"], run["scenario"]) == (2, 1, "dyroy-2010") else boxed(run)

    results = planted(tmp_path / "store", experiment(draws=20), failing)
    assert outcomes_of(results).effect.shape == (2, 19, 3)
    assert outcomes_of(results, scenarios=["lierne-2010"]).effect.shape == (1, 20, 3)
    assert len(information_of(results, outcomes_of(results), 1.0).perfect) == 2


def test_outcome_of_a_sample_by_hand(tmp_path: Path) -> None:
    results = sampled(tmp_path / "store", "saltelli", 8, replications=3)
    points = pd.DataFrame(points_of(results.store.experiment))
    found = sample_outcome(results, "refine", "net_jobs", "end+5", "dyroy-2010")
    exact = 8.0 * points["parameters.turnover"] + 4.0 * points["design.strictness"]
    assert found.shape == (8 * 5, 2 * 3)
    assert found == pytest.approx(np.tile(exact.to_numpy()[:, None], 6))
    of_current = sample_outcome(results, "current", "net_jobs", "end+5", "dyroy-2010")
    assert of_current == pytest.approx(found / 2)
    assert of_current != pytest.approx(found)


def test_outcome_of_a_sample_is_the_mean_over_a_grid_and_nan_where_a_run_failed(tmp_path: Path) -> None:
    sample = Sample.model_validate({"method": "morris", "points": 2, "ranges": {"parameters.turnover": (0.0, 1.0)}})
    asked = experiment(draws=1, sample=sample, grid={"design.guidance": (0.0, 1.0)}, parameters="point")

    def effect(run: Run) -> float | None:
        failed = run["parameters.turnover"] > 0.9 and run["design.guidance"] == 1.0 and run["number"] == 1
        return None if failed else run["parameters.turnover"] + 10.0 * run["design.guidance"]

    results = planted(tmp_path / "store", asked, effect, parameters=0)
    found = sample_outcome(results, "current", "net_jobs", "end+5", "lierne-2010")[:, 0]
    values = np.array([point["parameters.turnover"] for point in points_of(asked)][:4])
    assert np.isnan(found).tolist() == (values > 0.9).tolist()
    assert found[values <= 0.9] == pytest.approx(values[values <= 0.9] + 5.0)


def test_indices_of_a_store_by_formula(tmp_path: Path) -> None:
    """Variance of 8 x + 4 y is 64 / 12 + 16 / 12: shares 0.8 and 0.2. False alarms: 64 points, error about 0.1."""
    found, without = sensitivities(sampled(tmp_path / "saltelli", "saltelli", 64), "refine", "net_jobs", "end+5")
    assert without == {}
    shares = found[found["scenario"] == "dyroy-2010"].set_index("key")["total"]
    assert shares.to_dict() == pytest.approx(
        {"parameters.turnover": 0.8, "design.strictness": 0.2, "parameters.contacts": 0.0}, abs=0.15
    )
    slopes, _ = sensitivities(
        sampled(tmp_path / "morris", "morris", 10), "current", "net_jobs", "end+5", ["lierne-2010"]
    )
    assert slopes.set_index("key")["mu_star"].to_dict() == pytest.approx(
        {"parameters.turnover": 4.0, "design.strictness": 2.0, "parameters.contacts": 0.0}, abs=1e-9
    )


def test_chance_that_all_points_share_is_not_chance_of_their_means(tmp_path: Path) -> None:
    """Variance 1 over points, 9 over draws that all points share, 4 between single runs; means of 5 runs.

    Chance is 13 of 14 of single runs, and 0.8 of 1.8 of means. False alarms: 384 points, about 0.03.
    """
    random = np.random.default_rng(SEED)
    sample = Sample.model_validate({"method": "saltelli", "points": 128, "ranges": {"parameters.turnover": (0.0, 1.0)}})
    draws = random.normal(0.0, 3.0, 5)
    draws *= 3.0 / draws.std(ddof=1)
    by_point = np.sqrt(12.0) * sample_values(sample, SEED)[:, :1]
    values = by_point + draws + random.normal(0.0, 2.0, (384, 5))
    found = sensitivity(sample, values, SEED)
    assert found["chance"].item() == pytest.approx(13.0 / 14.0, abs=0.02)
    assert found["chance_of_means"].item() == pytest.approx(0.8 / 1.8, abs=0.08)
    assert np.isnan(sensitivity(sample, values[:, :1], SEED)["chance"].item())
    alone = sensitivity(sample, by_point + draws, SEED)
    assert alone["chance_of_means"].item() == pytest.approx(0.0, abs=1e-9)


def test_cases_are_draws_with_what_one_design_is_better_by(tmp_path: Path) -> None:
    def effect(run: Run) -> float | None:
        if (run["number"], run["draw"], run["replication"]) == (2, 4, 1):
            return None
        return (
            None if (run["number"], run["draw"]) == (1, 7) else boxed(run) + (run["replication"] - 0.5) * run["number"]
        )

    results = planted(tmp_path / "store", experiment(draws=50, replications=2), effect)
    cases = cases_of(results, "refine", "current", "net_jobs", "end+5", "lierne-2010")
    inside = (cases.keys["turnover"] > 0.6) & (cases.keys["contacts"] < 0.5)
    assert len(cases.lead) == 49  # the draw in which current never ran is not there
    assert cases.interesting.tolist() == inside.tolist()
    lead = np.where(inside, 4.0, -3.0)
    lead[4] -= 0.5  # only the replication in which both ran
    assert cases.lead == pytest.approx(lead)
    less = cases_of(results, "refine", "current", "unemployment", "end+5", "lierne-2010")
    assert less.lead == pytest.approx(cases.lead)  # less unemployment is better
    back = cases_of(results, "current", "refine", "net_jobs", "end+5", "lierne-2010")
    assert back.lead == pytest.approx(-cases.lead)
    assert not cases_of(results, "none", "current", "net_jobs", "end+5", "dyroy-2010").interesting.any()


def test_design_keys_of_points_are_among_the_keys_of_cases(tmp_path: Path) -> None:
    asked = experiment(draws=30, grid={"design.guidance": (0.0, 0.5, 1.0)}, scenarios=("dyroy-2010",))

    def effect(run: Run) -> float:
        return run["number"] * (run["design.guidance"] - 0.7 + 1e-3 * run["turnover"])

    results = planted(tmp_path / "store", asked, effect)
    (found,) = discoveries(results, "current", "none", "net_jobs", "end+5")
    assert found.box is not None
    assert found.limits["key"].tolist() == ["design.guidance"]
    assert 0.5 <= found.limits["low"].iloc[0] <= 1.0
    assert found.limits["high"].iloc[0] == np.inf
    assert found.limits["kept"].iloc[0] == pytest.approx(1 / 3)
    assert found.box.density == found.box.coverage == 1.0


def test_value_of_a_parameter_that_bends_and_the_time_it_takes() -> None:
    """Benefit 0 or sin(2 pi x) with noise: knowing x is worth the mean of its positive part, 1 / pi.

    False alarms: 1,000 draws with noise of 0.5, standard error about 0.02. Time: about a second, 20 are allowed.
    """
    random = np.random.default_rng(SEED)
    values = pd.DataFrame(random.random((1000, 47)), columns=[f"p{number}" for number in range(47)])
    curve = np.sin(2.0 * np.pi * values["p0"].to_numpy())
    benefit = np.column_stack([np.zeros(1000), *(curve - worse for worse in (0.0, 5.0, 5.0, 5.0, 5.0))])
    benefit += random.normal(0.0, 0.5, benefit.shape)
    before = time.process_time()
    found = partial_information(values, benefit).set_index("parameter")
    assert time.process_time() - before < 20.0
    assert found.index[0] == "p0"
    assert found.loc["p0", "evppi"] - found["evppi"].iloc[1:].mean() == pytest.approx(1.0 / np.pi, abs=0.06)
    assert found["tells"].sum() < 10  # of 46 that do not matter, one in twenty passes by chance
    shuffled = partial_information(values[["p0"]], random.permutation(benefit))
    assert shuffled["evppi"].item() < 0.1


def test_values_that_are_few_or_equal_are_fitted() -> None:
    random = np.random.default_rng(SEED)
    values = pd.DataFrame({"two": random.integers(0, 2, 400), "five": random.integers(0, 5, 400), "one": 3.0})
    benefit = np.column_stack([np.zeros(400), np.where(values["two"] == 1, 1.0, -1.0)])
    found = partial_information(values, benefit).set_index("parameter")
    share = (values["two"] == 1).mean()
    assert found.loc["two", "evppi"] == pytest.approx(share - max(2.0 * share - 1.0, 0.0))
    assert set(found.index) == {"two", "five"}
    assert not found.loc["five", "tells"]


def test_replications_of_a_draw_do_not_make_chance_look_small() -> None:
    """Parameters that do not matter pass as often as one in twenty, also where draws are repeated.

    Benefit follows x alone, 40 draws of 10 replications each, 200 others: about 10 pass by chance, and had every
    replication counted as a draw of its own most would. False alarms: 30 is six standard deviations off.
    """
    random = np.random.default_rng(SEED)
    draws = pd.DataFrame(random.random((40, 201)), columns=["x", *(f"idle{number}" for number in range(200))])
    repeated = draws.loc[draws.index.repeat(10)].reset_index(drop=True)
    benefit = np.column_stack([np.zeros(400), repeated["x"] - 0.5 + random.normal(0.0, 0.02, 400)])
    found = partial_information(repeated, benefit).set_index("parameter")
    assert found.index[0] == "x"
    assert found["tells"].sum() < 30
    apart = repeated + 1e-9 * random.random(repeated.shape)
    assert partial_information(apart, benefit)["tells"].sum() > 100


def test_cases_need_what_varies(tmp_path: Path) -> None:
    results = planted(tmp_path / "store", experiment(draws=50), lambda run: float(run["draw"] % 2) * run["number"], 0)
    with pytest.raises(ScenarioError, match="the same values in all"):
        discoveries(results, "current", "none", "net_jobs", "end+5")
