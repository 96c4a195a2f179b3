"""Analysis against cases with known answers."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from omstilling.experiments.analysis.cost_effectiveness import acceptability, incremental_costs
from omstilling.experiments.analysis.discovery import discover
from omstilling.experiments.analysis.information_value import partial_information, perfect_information
from omstilling.experiments.analysis.outcomes import Outcomes
from omstilling.experiments.analysis.ranking import dominated_by, ranking, share_best
from omstilling.experiments.analysis.regret import regret
from omstilling.experiments.analysis.sensitivity import sensitivity
from omstilling.experiments.batch.points import sample_values
from omstilling.scenarios.errors import ScenarioError
from omstilling.scenarios.experiment import Sample

SEED = 11


def outcomes(effect: Any, cost: Any, better: int = 1) -> Outcomes:
    """Outcomes of arrays (S, N, D); designs are called a, b, c ..., scenarios 0, 1 ..."""
    effect = np.asarray(effect, dtype=float)
    cost = np.broadcast_to(np.asarray(cost, dtype=float), effect.shape)
    names = tuple("abcdefgh"[: effect.shape[2]])
    return Outcomes(tuple(map(str, range(len(effect)))), names, effect, cost, "net_jobs", "jobs", "end+5", better)


def test_ranking_by_hand() -> None:
    effect = [[[0.0, 2.0, 1.0], [0.0, -1.0, 1.0], [0.0, 3.0, 3.0], [0.0, 0.0, 1.0]]]
    table = ranking(outcomes(effect, [0.0, 10.0, 8.0])).set_index("design")
    assert table.loc["b", "effect"] == 1.0
    assert table.loc["b", "p_better"] == pytest.approx((1 + 0 + 1 + 0.5) / 4)
    assert table["p_best"].tolist() == pytest.approx([0.0, 1.5 / 4, 2.5 / 4])
    assert table.loc["b", "dominated_by"] == "c"
    assert table.loc["c", "dominated_by"] == ""
    assert table.loc["c", "mc_error"] == pytest.approx(np.std([1, 1, 3, 1], ddof=1) / 2)
    less = ranking(outcomes(effect, [0.0, 10.0, 8.0], better=-1)).set_index("design")
    assert less.loc["b", "p_better"] == pytest.approx(1.5 / 4)


def test_equal_designs_share_and_do_not_dominate_each_other() -> None:
    same = np.ones((5, 2))
    assert share_best(same).tolist() == [0.5, 0.5]
    assert dominated_by(same, same) == [[], []]
    assert dominated_by(same, same * [1.0, 2.0]) == [[], [0]]


def test_frontier_leaves_out_the_dominated_also_by_mixtures() -> None:
    """Costs 0, 10, 20, 30 and effects 0, 1, 5, 6: b buys at 10, less well than a mix of a and c at 4; then d at 10."""
    table = incremental_costs(outcomes([[[0.0, 1.0, 5.0, 6.0]]], [0.0, 10.0, 20.0, 30.0])).set_index("design")
    assert table["on_frontier"].tolist() == [True, False, True, True]
    assert table["mnok_per_unit"].tolist()[2:] == [4.0, 10.0]
    assert np.isnan(table.loc["b", "mnok_per_unit"])
    plain = incremental_costs(outcomes([[[0.0, 4.0, 5.0, 6.0]]], [0.0, 10.0, 20.0, 30.0])).set_index("design")
    assert plain["on_frontier"].all()


def test_acceptability_is_the_normal_distribution_of_two_designs() -> None:
    """Effect of b normal with mean 2 and deviation 1, cost 3. False alarms: 20 000 draws, 4 standard errors."""
    effect = np.zeros((1, 20_000, 2))
    effect[0, :, 1] = np.random.default_rng(SEED).normal(2.0, 1.0, 20_000)
    table = acceptability(outcomes(effect, [0.0, 3.0]), np.array([0.5, 1.4, 3.0])).query("design == 'b'")
    exact = [stats.norm.sf(3.0 / level, 2.0, 1.0) for level in (0.5, 1.4, 3.0)]
    assert table["p_best"].tolist() == pytest.approx(exact, abs=0.015)
    assert exact[0] != pytest.approx(exact[1], abs=0.1)
    assert table["frontier"].tolist() == [False, False, True]


def test_regret_by_hand() -> None:
    effect = [[[0.0, 4.0, 2.0]], [[0.0, -2.0, 1.0]]]
    table = regret(outcomes(effect, 0.0), 1.0).set_index("design")
    assert table["mean_0"].tolist() == [4.0, 0.0, 2.0]
    assert table["mean_1"].tolist() == [1.0, 3.0, 0.0]
    assert table["expected"].tolist() == [2.5, 1.5, 1.0]
    assert table["minimax"].tolist() == [False, False, True]
    assert regret(outcomes(effect, [0.0, 0.0, 9.0]), 1.0).set_index("design")["minimax"].tolist() == [
        False,
        True,
        False,
    ]


def test_value_of_information_of_a_normal_benefit() -> None:
    """Benefit 0 or x + y, normal with deviations 1 and 0.5: the value is deviation times 0.3989.

    False alarms: 800 draws; the standard error of a mean of positive parts is about 0.02.
    """
    draws = np.random.default_rng(SEED).standard_normal((800, 3)) * [1.0, 0.5, 1.0]
    draws -= draws.mean(axis=0)
    benefit = np.column_stack([np.zeros(800), draws[:, 0] + draws[:, 1]])
    unit = stats.norm.pdf(0.0)
    assert perfect_information(benefit) == pytest.approx(np.sqrt(1.25) * unit, abs=0.07)
    table = partial_information(pd.DataFrame(draws, columns=["x", "y", "idle"]).assign(fixed=1.0), benefit)
    assert table["parameter"].tolist()[:2] == ["x", "y"]
    found = table.set_index("parameter")
    assert found.loc["x", "evppi"] == pytest.approx(unit, abs=0.07)
    assert found.loc["y", "evppi"] == pytest.approx(0.5 * unit, abs=0.07)
    assert found.loc["idle", "evppi"] < 0.05
    assert found["tells"].to_dict()["x"]
    with pytest.raises(ValueError, match="found 5 draws"):
        partial_information(pd.DataFrame(draws[:5]), benefit[:5])


def test_certain_benefits_leave_nothing_to_know() -> None:
    assert perfect_information(np.tile([1.0, 2.0], (10, 1))) == 0.0


ISHIGAMI = Sample.model_validate(
    {
        "method": "saltelli", "points": 1024,
        "ranges": {f"parameters.{name}": [-np.pi, np.pi] for name in ("forgetting", "turnover", "contacts")},
    }
)  # fmt: skip


def ishigami(x: np.ndarray) -> np.ndarray:
    """Ishigami and Homma (1990): first-order indices 0.314, 0.442, 0; total 0.558, 0.442, 0.244."""
    return np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def test_sobol_indices_of_ishigami_with_noise_and_failures() -> None:
    values = ishigami(sample_values(ISHIGAMI, SEED))[:, None]
    noisy = np.hstack([values, values]) + np.random.default_rng(SEED).normal(0.0, 0.3, (len(values), 2))
    noisy[[7, 900], 1] = np.nan
    table = sensitivity(ISHIGAMI, noisy, SEED).set_index("key")
    assert table["left_out"].iloc[0] == 2 * 5
    assert table["chance"].iloc[0] == pytest.approx(0.09 / (13.84 + 0.09), rel=0.2)
    for key, first, total in (("forgetting", 0.314, 0.558), ("turnover", 0.442, 0.442), ("contacts", 0.0, 0.244)):
        assert table.loc[f"parameters.{key}", "first"] == pytest.approx(first, abs=0.09)
        assert table.loc[f"parameters.{key}", "total"] == pytest.approx(total, abs=0.09)
    shuffled = np.random.default_rng(1).permutation(values)
    assert sensitivity(ISHIGAMI, shuffled, SEED)["total"].min() > 0.7


def test_morris_finds_slopes() -> None:
    ranges = {"parameters.forgetting": (0.0, 1.0), "parameters.turnover": (0.0, 1.0), "parameters.contacts": (0.0, 1.0)}
    sample = Sample.model_validate({"method": "morris", "points": 20, "ranges": ranges})
    x = sample_values(sample, SEED)
    table = sensitivity(sample, (3.0 * x[:, 0] - 1.0 * x[:, 1])[:, None], SEED).set_index("key")
    assert table.loc["parameters.forgetting", "mu_star"] == pytest.approx(3.0)
    assert table.loc["parameters.turnover", "mu"] == pytest.approx(-1.0)
    assert table.loc["parameters.contacts", "mu_star"] == pytest.approx(0.0, abs=1e-9)


def test_sensitivity_needs_its_own_sample_and_enough_of_it() -> None:
    plain = ISHIGAMI.model_copy(update={"method": "sobol"})
    with pytest.raises(ScenarioError, match="saltelli or morris"):
        sensitivity(plain, np.zeros((10, 1)), SEED)
    with pytest.raises(ScenarioError, match="0 points without a failed run"):
        sensitivity(ISHIGAMI, np.full((1024 * 5, 1), np.nan), SEED)


def test_a_planted_box_is_found() -> None:
    random = np.random.default_rng(SEED)
    cases = pd.DataFrame(random.random((600, 4)), columns=["a", "b", "c", "d"]).assign(fixed=1.0)
    inside = ((cases["a"] > 0.6) & (cases["b"] < 0.5)).to_numpy()
    interesting = np.where(random.random(600) < 0.05, ~inside, inside)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        box = discover(cases, interesting)
        nothing = discover(cases, random.random(600) < 0.3, 0.99)
    assert box is not None
    limits = box.limits.set_index("key")
    assert {"a", "b"} <= set(limits.index)
    # PRIM peels 5 % at a time, and at a density of 0.8 the box may reach a quarter beyond the planted one
    assert 0.5 < limits.loc["a", "low"] < 0.65
    assert 0.45 < limits.loc["b", "high"] < 0.6
    assert box.density > 0.8 > 2 * box.share
    assert box.coverage > 0.7
    assert nothing is None or nothing.coverage < 0.3
    with pytest.raises(ScenarioError, match="40 or more, some of interest"):
        discover(cases, np.zeros(600, dtype=bool))
