"""Estimators of evaluators against effects that are known, and against formulas written out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.optimize import minimize

from omstilling.experiments.evaluation import power
from omstilling.experiments.evaluation.estimation import Estimate
from omstilling.experiments.evaluation.estimators import ESTIMATORS, Estimator
from omstilling.experiments.evaluation.panel import Panel
from omstilling.experiments.evaluation.power import evaluate_estimators, plant, true_effect
from omstilling.experiments.evaluation.synthetic_control import donor_weights
from panels import make_panel

# Statistical bounds say their false-alarm rate for one comparison; seeds are fixed.

PANELS, PROGRAMMES, GRANTS, FOLLOW_UP = 200, 10, (2006, 2007, 2008), 4
FALSE_ALARM = 1e-4


def _evaluated(panels: int, effects: tuple[float, ...]) -> pd.DataFrame:
    replications = (make_panel(seed, municipalities=100) for seed in range(panels))
    return evaluate_estimators(
        replications, {"jobs": effects}, numbers=(PROGRAMMES,), follow_ups=(FOLLOW_UP,), grant_years=GRANTS, draws=1,
        seed=1, years_to_full=3,
    )  # fmt: skip


def _faults(row: pd.Series) -> set[str]:
    """What is wrong with an estimator, each found by chance in less than one in a thousand.

    Bias of more than 3.9 Monte Carlo errors (1e-4); coverage below what a rate of 95 % gives (1e-4); a stated error
    that is off by more than 3.7 standard errors of a spread, 5.5 % each with tails as heavy as those of the panels.
    """
    evaluations = int(row["evaluations"])
    covered = round(row["coverage"] * evaluations)
    found = {
        "bias": abs(row["bias"]) > stats.norm.ppf(1.0 - FALSE_ALARM / 2.0) * row["bias_mc_error"],
        "coverage": covered < stats.binom.ppf(FALSE_ALARM, evaluations, 0.95),
        "standard error": abs(row["standard_error"] / row["spread"] - 1.0) > 3.7 * 0.055 * np.sqrt(200 / evaluations),
    }
    return {fault for fault, there in found.items() if there}


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return _evaluated(PANELS, (0.0, 0.06)).set_index(["estimator", "planted"])


@pytest.mark.parametrize("planted", [0.0, 0.06])
@pytest.mark.parametrize("name", ESTIMATORS)
def test_a_planted_effect_is_recovered_within_the_stated_error(table: pd.DataFrame, name: str, planted: float) -> None:
    row = table.loc[name, planted]
    assert row["truth"] == pytest.approx(100.0 * np.log1p(planted))
    assert not _faults(row)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_no_effect_is_called_one_at_the_nominal_rate_and_an_effect_more_often(table: pd.DataFrame, name: str) -> None:
    false_positives = round(table.loc[(name, 0.0), "power"] * PANELS)
    assert false_positives <= stats.binom.ppf(1.0 - FALSE_ALARM, PANELS, 0.05)
    assert table.loc[(name, 0.06), "power"] > 0.4


def _perturbed(change: Callable[[Estimate], Estimate]) -> Estimator:
    return lambda *arguments: change(ESTIMATORS["difference_in_differences"](*arguments))


def _scaled(found: Estimate, factor: float) -> Estimate:
    half = factor * (found.high - found.low) / 2.0
    return Estimate(found.effect, factor * found.standard_error, found.effect - half, found.effect + half)


PERTURBATIONS: dict[str, tuple[Callable[[Estimate], Estimate], set[str]]] = {
    "unchanged": (lambda e: e, set()),
    "sign changed": (lambda e: Estimate(-e.effect, e.standard_error, -e.high, -e.low), {"bias", "coverage"}),
    "a fifth lost": (lambda e: replace(e, effect=0.8 * e.effect), {"bias"}),
    "intervals halved": (lambda e: _scaled(e, 0.5), {"coverage", "standard error"}),
    "errors doubled": (lambda e: _scaled(e, 2.0), {"standard error"}),
}


@pytest.mark.parametrize("perturbation", PERTURBATIONS)
def test_the_checks_find_a_wrong_estimator(perturbation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    change, faults = PERTURBATIONS[perturbation]
    monkeypatch.setattr(power, "ESTIMATORS", {"perturbed": _perturbed(change)})
    found = _faults(_evaluated(PANELS, (0.06,)).iloc[0])
    assert found >= faults
    assert faults or not found


TREATED = np.array([3, 17, 40, 41, 77, 98])
FIRST_YEAR = np.array([2006, 2007, 2006, 2008, 2008, 2007])


def _numbers(found: Estimate) -> list[float]:
    return [found.effect, found.standard_error, found.low, found.high]


def _reordered(panel: Panel, order: np.ndarray) -> Panel:
    return Panel(
        tuple(panel.codes[row] for row in order), panel.years,
        {name: figures[order] for name, figures in panel.outcomes.items()},
        {name: figures[order] for name, figures in panel.structure.items()}, panel.industry_shares[order],
    )  # fmt: skip


@pytest.mark.parametrize("outcome", ["jobs", "population", "capacity_index"])
@pytest.mark.parametrize("name", ESTIMATORS)
def test_the_order_of_municipalities_changes_nothing(name: str, outcome: str) -> None:
    panel, order = make_panel(5), np.random.default_rng(2).permutation(120)
    found = ESTIMATORS[name](panel, outcome, TREATED, FIRST_YEAR, FOLLOW_UP)
    again = ESTIMATORS[name](_reordered(panel, order), outcome, np.argsort(order)[TREATED], FIRST_YEAR, FOLLOW_UP)
    assert _numbers(again) == pytest.approx(_numbers(found), rel=1e-6)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_an_effect_moves_the_estimate_by_its_size_and_leaves_the_error(name: str) -> None:
    panel, together = make_panel(6), np.full(len(TREATED), 2007)
    planted = plant(panel, TREATED, together, 0.05, "population", years_to_full=2)
    before, after = (ESTIMATORS[name](p, "population", TREATED, together, 3) for p in (panel, planted))
    moved = true_effect(planted, panel, "population", TREATED, together, 3)
    assert moved == pytest.approx(100.0 * np.log(1.05))
    assert after.effect - before.effect == pytest.approx(moved)
    assert after.standard_error == pytest.approx(before.standard_error)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_what_all_municipalities_share_is_no_effect(name: str) -> None:
    panel = make_panel(7)
    shared = np.where(np.asarray(panel.years) >= 2008, 1.1, 1.0)
    shifted = panel.with_outcome("population", panel.outcomes["population"] * shared)
    shifted = shifted.with_outcome("jobs", panel.outcomes["jobs"] * shared)
    found = [ESTIMATORS[name](p, "jobs", TREATED, FIRST_YEAR, FOLLOW_UP) for p in (panel, shifted)]
    assert _numbers(found[1]) == pytest.approx(_numbers(found[0]), rel=1e-6)


def test_matched_comparison_finds_twins() -> None:
    panel = make_panel(8, municipalities=40)
    twins = {name: np.concatenate([figures, figures]) for name, figures in panel.outcomes.items()}
    doubled = Panel(
        tuple(f"{row}" for row in range(80)), panel.years, twins,
        {"centrality": np.tile(panel.structure["centrality"], 2)}, np.tile(panel.industry_shares, (2, 1)),
    )  # fmt: skip
    treated, granted = np.arange(40), np.resize([2005, 2006], 40)
    gains = np.random.default_rng(1).normal(3.0, 1.0, 40)
    later = np.asarray(panel.years) >= granted[:, None]
    doubled.outcomes["jobs"][:40] *= np.exp(later * gains[:, None] / 100.0)
    found = ESTIMATORS["matched_comparison"](doubled, "jobs", treated[:12], granted[:12], 3)
    interval = stats.ttest_1samp(gains[:12], 0.0).confidence_interval()
    assert (found.effect, found.low, found.high) == pytest.approx((gains[:12].mean(), *interval))


def test_structural_regression_is_least_squares_with_hc3_for_one_grant_year() -> None:
    panel, outcome = make_panel(9), "jobs"
    found = ESTIMATORS["structural_regression"](panel, outcome, TREATED, np.full(len(TREATED), 2007), FOLLOW_UP)
    start = 2007 - panel.years[0] - 1
    values = panel.measured(outcome)
    status = np.isin(np.arange(panel.size), TREATED)
    x = np.column_stack([status, np.ones(panel.size), panel.conditions(outcome, start)])
    inverse = np.linalg.inv(x.T @ x)
    left = (values[:, start + 1 + FOLLOW_UP] - values[:, start]).copy()
    coefficients = inverse @ x.T @ left
    left -= x @ coefficients
    weights = (left / (1.0 - np.einsum("ij,jk,ik->i", x, inverse, x))) ** 2
    error = np.sqrt((inverse @ (x.T * weights) @ x @ inverse)[0, 0])
    assert (found.effect, found.standard_error) == pytest.approx((coefficients[0], error))


def test_difference_in_differences_is_welchs_comparison_for_one_grant_year() -> None:
    panel = make_panel(10)
    found = ESTIMATORS["difference_in_differences"](panel, "jobs", TREATED, np.full(len(TREATED), 2007), FOLLOW_UP)
    start, values = 2007 - panel.years[0] - 1, panel.measured("jobs")
    growth = values[:, start + 1 + FOLLOW_UP] - values[:, start]
    welch = stats.ttest_ind(growth[TREATED], np.delete(growth, TREATED), equal_var=False).confidence_interval()
    assert (found.low, found.high) == pytest.approx((welch.low, welch.high))


def test_donor_weights_are_the_least_squares_of_their_definition() -> None:
    rng = np.random.default_rng(3)
    donors, path = rng.normal(size=(5, 7)).cumsum(axis=0), rng.normal(size=5).cumsum()
    changes = np.diff(np.vstack([donors, np.zeros(7)]), axis=0)
    penalty = 5 * (changes - changes.mean(axis=1, keepdims=True)).var()
    best = minimize(
        lambda w: float(((donors @ w - path) ** 2).sum() + penalty * (w @ w)), np.full(7, 1 / 7), method="SLSQP",
        bounds=[(0.0, 1.0)] * 7, constraints={"type": "eq", "fun": lambda w: w.sum() - 1.0},
        options={"ftol": 1e-12, "maxiter": 500},
    )  # fmt: skip
    weights = donor_weights(path, donors)
    assert weights.sum() == pytest.approx(1.0)
    assert weights.min() >= 0.0
    assert weights == pytest.approx(best.x, abs=1e-4)


def test_recovery_after_bad_luck_looks_like_an_effect() -> None:
    """Levels that only fluctuate: who is chosen at a low rises again (regression to the mean)."""
    rng, found = np.random.default_rng(4), []
    for seed in range(30):
        panel = make_panel(seed)
        level = panel.outcomes["jobs"][:, [0]] * np.exp(0.05 * rng.normal(size=(panel.size, len(panel.years))))
        lucky = panel.with_outcome("jobs", level)
        treated, granted = power.select_treated(lucky, 20, rng, "decline", GRANTS)
        found.append(ESTIMATORS["difference_in_differences"](lucky, "jobs", treated, granted, FOLLOW_UP).effect)
    assert np.mean(found) > 3.0  # per cent, of no effect at all


REFUSED: dict[str, tuple[dict[str, object], str]] = {
    "row outside": ({"treated": np.array([3, 120])}, "row 120 is not in the panel"),
    "row below": ({"treated": np.array([-1, 3])}, "row -1 is not in the panel"),
    "row twice": ({"treated": np.array([3, 3])}, "twice"),
    "no rows": ({"treated": np.array([0.5, 1.5])}, "row numbers"),
    "one treated": ({"treated": np.array([3]), "first_year": np.array([2006])}, "two or more"),
    "too many": ({"treated": np.arange(61), "first_year": np.full(61, 2006)}, "more than the 59 references"),
    "no pre-period": ({"first_year": np.array([2006, 2001])}, "no pre-period"),
    "beyond the panel": ({"follow_up": 8}, "outside the panel, which ends in 2013"),
    "before the grant": ({"follow_up": -1}, "outside the panel"),
    "years missing": ({"first_year": np.array([2006])}, "one year for each"),
    "no such outcome": ({"outcome": "happiness"}, "no outcome 'happiness'"),
}


@pytest.mark.parametrize("name", ESTIMATORS)
@pytest.mark.parametrize("case", REFUSED)
def test_wrong_input_is_refused(case: str, name: str) -> None:
    changed, message = REFUSED[case]
    given = {"outcome": "jobs", "treated": np.array([3, 17]), "first_year": np.array([2006, 2007]), "follow_up": 3}
    with pytest.raises(ValueError, match=message):
        ESTIMATORS[name](make_panel(1), **{**given, **changed})


def test_a_regression_needs_more_references_than_conditions() -> None:
    with pytest.raises(ValueError, match="too few"):
        ESTIMATORS["structural_regression"](make_panel(1, 9), "jobs", np.array([1, 2]), np.array([2006, 2006]), 3)


WRONG_PANELS: dict[str, tuple[dict[str, object], str]] = {
    "gap": ({"years": (2000, *range(2002, 2015))}, "follow each other"),
    "shape": ({"structure": {"centrality": np.zeros(3)}}, "shape"),
    "no centrality": ({"structure": {}}, "centrality"),
    "no jobs": ({"outcomes": {"population": np.ones((120, 14))}}, "'jobs'"),
    "missing": ({"industry_shares": np.full((120, 5), np.nan)}, "missing figures"),
    "nothing": ({"outcomes": {"population": np.ones((120, 14)), "jobs": np.zeros((120, 14))}}, "above 0"),
}


@pytest.mark.parametrize("case", WRONG_PANELS)
def test_a_panel_that_is_none_is_refused(case: str) -> None:
    changed, message = WRONG_PANELS[case]
    with pytest.raises(ValueError, match=message):
        replace(make_panel(1), **changed)
