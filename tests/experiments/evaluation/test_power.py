"""Planting, choosing who is granted status, and the performance of estimators."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from omstilling.experiments.evaluation import power
from omstilling.experiments.evaluation.estimators import ESTIMATORS
from omstilling.experiments.evaluation.panel import Panel
from omstilling.experiments.evaluation.power import (
    Selection,
    evaluate_estimators,
    evaluate_runs,
    minimal_detectable_effect,
    performance,
    performance_markdown,
    plant,
    select_treated,
    true_effect,
)
from omstilling.experiments.evaluation.power_figure import draw_power
from panels import make_panel

GRANTS = (2005, 2006, 2007)


@pytest.fixture
def only_differences(monkeypatch: pytest.MonkeyPatch) -> None:
    """One estimator that costs little."""
    name = "difference_in_differences"
    monkeypatch.setattr(power, "ESTIMATORS", {name: ESTIMATORS[name]})


def test_an_effect_builds_up_from_the_grant_on_and_stays() -> None:
    panel = make_panel(1)
    changed = plant(panel, np.array([4, 9]), np.array([2006, 2008]), 0.06, "jobs", years_to_full=3)
    share = changed.outcomes["jobs"] / panel.outcomes["jobs"] - 1.0
    year = {calendar: column for column, calendar in enumerate(panel.years)}
    assert share[4, : year[2006]] == pytest.approx(0.0)
    assert share[4, year[2006] : year[2006] + 5] == pytest.approx([0.02, 0.04, 0.06, 0.06, 0.06])
    assert share[9, year[2007] : year[2007] + 3] == pytest.approx([0.0, 0.02, 0.04])
    assert np.delete(share, [4, 9], axis=0) == pytest.approx(0.0)
    assert changed.outcomes["population"] is panel.outcomes["population"]


def test_the_true_effect_is_in_per_cent_of_counts_and_in_points_of_indices() -> None:
    panel, treated, granted = make_panel(1), np.array([4, 9]), np.array([2006, 2008])
    jobs = plant(panel, treated, granted, 0.06, "jobs", years_to_full=1)
    capacity = plant(panel, treated, granted, 0.06, "capacity_index", years_to_full=1)
    level = panel.outcomes["capacity_index"][treated, granted + 2 - panel.years[0]].mean()
    assert true_effect(jobs, panel, "jobs", treated, granted, 2) == pytest.approx(100.0 * np.log(1.06))
    assert true_effect(capacity, panel, "capacity_index", treated, granted, 2) == pytest.approx(0.06 * level)


@pytest.mark.parametrize("how", ["random", "decline", "matched-like"])
def test_grants_are_spread_over_years_and_drawn_by_the_seed(how: Selection) -> None:
    panel = make_panel(2)
    treated, granted = select_treated(panel, 30, np.random.default_rng(5), how, GRANTS)
    again, _ = select_treated(panel, 30, np.random.default_rng(5), how, GRANTS)
    other, _ = select_treated(panel, 30, np.random.default_rng(6), how, GRANTS)
    assert len(set(treated.tolist())) == 30
    assert [int((granted == year).sum()) for year in GRANTS] == [10, 10, 10]
    assert (treated == again).all()
    assert (treated != other).any()


def test_decline_chooses_among_the_fifth_that_lost_most_jobs() -> None:
    panel = make_panel(3)
    treated, granted = select_treated(panel, 12, np.random.default_rng(1), "decline", (2006,))
    column = 2006 - panel.years[0] - 1
    growth = panel.outcomes["jobs"][:, column] / panel.outcomes["jobs"][:, column - 3]
    assert growth[treated].max() <= np.sort(growth)[panel.size // 5 - 1]
    assert (granted == 2006).all()


def test_matched_like_chooses_small_and_remote_places_whatever_their_growth() -> None:
    chosen = []
    for seed in range(40):
        panel = make_panel(seed)
        treated, _ = select_treated(panel, 20, np.random.default_rng(seed), "matched-like", GRANTS)
        known = {
            "size": np.log(panel.outcomes["population"][:, 0]), "centrality": panel.structure["centrality"],
            "luck": panel.measured("jobs")[:, 5] - panel.measured("jobs")[:, 4],
        }  # fmt: skip
        chosen.append([(figures[treated].mean() - figures.mean()) / figures.std() for figures in known.values()])
    size, centrality, luck = np.mean(chosen, axis=0)
    assert size < -0.3
    assert centrality < -0.3
    assert abs(luck) < 0.15


@pytest.mark.usefixtures("only_differences")
def test_what_else_is_asked_for_changes_no_result() -> None:
    panels, seen = [make_panel(seed) for seed in range(3)], []
    few = evaluate_estimators(
        panels, {"jobs": (0.05,)}, numbers=(8,), follow_ups=(2,), grant_years=GRANTS, draws=2, seed=4
    )
    many = evaluate_estimators(
        panels, {"population": (0.0,), "jobs": (0.0, 0.05)}, numbers=(4, 8), follow_ups=(1, 2), grant_years=GRANTS,
        draws=2, seed=4, progress=lambda done, draws: seen.append((done, draws)),
    )  # fmt: skip
    shared = many.merge(few[["estimator", "outcome", "programmes", "follow_up", "planted"]])
    pd.testing.assert_frame_equal(shared, few)
    assert len(many) == 3 * 2 * 2
    assert seen == [(1, 2), (2, 4), (3, 6)]


def _evaluations(errors: list[float], panels: list[int], truth: float = 2.0) -> pd.DataFrame:
    estimate = truth + np.array(errors)
    return pd.DataFrame(
        {"estimator": "any", "outcome": "jobs", "programmes": 5, "follow_up": 3, "planted": 0.02, "panel": panels,
         "truth": truth, "estimate": estimate, "standard_error": 1.0, "low": estimate - 2.0, "high": estimate + 2.0}
    )  # fmt: skip


def test_performance_of_evaluations_that_are_known() -> None:
    row = performance(_evaluations([-3.0, -1.0, 1.0, 5.0], [0, 1, 2, 3])).iloc[0]
    assert (row["bias"], row["mean_estimate"]) == (0.5, 2.5)
    assert (row["coverage"], row["power"]) == (0.5, 0.5)  # intervals hold the truth at -1 and 1, exclude 0 at 1 and 5
    assert row["rmse"] == pytest.approx(3.0)
    assert row["bias_mc_error"] == pytest.approx(np.std([-3.0, -1.0, 1.0, 5.0], ddof=1) / 2.0)
    assert (row["evaluations"], row["half_width"]) == (4, 2.0)


def test_draws_of_one_panel_count_as_one() -> None:
    repeated = performance(_evaluations([-3.0, -3.0, 1.0, 1.0], [0, 0, 1, 1])).iloc[0]
    once = performance(_evaluations([-3.0, 1.0], [0, 1])).iloc[0]
    alone = performance(_evaluations([-3.0, -3.0, 1.0, 1.0], [7, 7, 7, 7])).iloc[0]
    assert repeated["bias_mc_error"] == pytest.approx(once["bias_mc_error"])
    assert alone["bias_mc_error"] < once["bias_mc_error"]
    assert np.isnan(performance(_evaluations([1.0], [0])).iloc[0]["bias_mc_error"])


@pytest.mark.usefixtures("only_differences")
def test_the_minimal_detectable_effect_is_detected_at_its_rate() -> None:
    def evaluated(effect: float, first: int, panels: int) -> pd.DataFrame:
        return evaluate_estimators(
            (make_panel(seed) for seed in range(first, first + panels)), {"jobs": (effect,)}, numbers=(15,),
            follow_ups=(4,), grant_years=GRANTS, draws=1, seed=2, years_to_full=1,
        )  # fmt: skip

    least = minimal_detectable_effect(evaluated(0.0, 0, 300))["minimal_detectable_effect"].iloc[0]
    seen = evaluated(float(np.expm1(least / 100.0)), 1000, 300)["power"].iloc[0]
    # Of the least effect itself the error is about 4 %, which moves the power by 0.03.
    assert abs(seen - 0.8) < 4.0 * np.hypot(np.sqrt(0.8 * 0.2 / 300), 0.03)
    assert least == pytest.approx((stats.norm.ppf(0.975) + stats.norm.ppf(0.8)) * 1.5, rel=0.3)


@pytest.mark.usefixtures("only_differences")
def test_runs_are_evaluated_against_their_paired_truth() -> None:
    panel, treated, granted = make_panel(9), np.array([4, 9, 30]), np.array([2006, 2007, 2007])
    after = plant(panel, treated, granted, 0.08, "jobs", years_to_full=1)
    table = evaluate_runs(after, panel, treated, granted, (2, 4), ("jobs", "population"), replication=3)
    assert table["truth"].tolist() == pytest.approx([100.0 * np.log(1.08)] * 2 + [0.0] * 2)
    found = ESTIMATORS["difference_in_differences"](after, "jobs", treated, granted, 4)
    assert table["estimate"].iloc[1] == found.effect
    together = performance(pd.concat([table, table.assign(panel=4)]))
    assert together["evaluations"].tolist() == [2] * 4
    assert together["planted"].isna().all()


def _table() -> pd.DataFrame:
    cases = [
        {"estimator": name, "outcome": outcome, "programmes": number, "follow_up": years, "planted": 0.05}
        for name in ESTIMATORS for outcome in ("jobs", "population") for number in (10, 53) for years in (2, 4, 6)
    ]  # fmt: skip
    figures = {"evaluations": 100, "truth": 4.9, "bias": 0.1, "bias_mc_error": 0.05, "coverage": 0.94, "power": 0.6}
    return pd.DataFrame([case | figures | {"spread": 1.0, "rmse": 1.0} for case in cases])


def test_the_figure_has_a_panel_for_each_indicator_and_number_and_a_line_for_each_estimator() -> None:
    figure = draw_power(_table(), "Power", "Panels that are made up.")
    panels = [axes for axes in figure.axes if axes.axison]
    assert len(panels) == 4
    assert [axes.get_title(loc="left") for axes in panels[:2]] == [
        "Jobs, effect +5 % once whole", "Population, effect +5 % once whole",
    ]  # fmt: skip
    assert all(len(axes.containers) == len(ESTIMATORS) for axes in panels)
    figure.draw_without_rendering()


def test_the_figure_shows_one_effect_or_that_of_runs() -> None:
    table = _table()
    two = pd.concat([table, table.assign(planted=0.1)])
    with pytest.raises(ValueError, match="one effect on jobs"):
        draw_power(two, "Power", "Panels that are made up.")
    runs = draw_power(table.assign(planted=np.nan), "Power", "Runs.")
    assert "simulated programmes" in runs.axes[0].get_title(loc="left")


def test_the_table_for_documents() -> None:
    lines = performance_markdown(_table().head(1)).splitlines()
    assert lines[0].startswith("| estimator | outcome | programmes | years of follow-up | true effect | bias |")
    assert lines[2] == "| matched comparison | jobs | 10 | 2 | +4.90 | +0.10 ± 0.05 | 1.00 | 94.0 | 60.0 | 1.00 | 100 |"


def _evaluate(panel: Panel, **changed: object) -> pd.DataFrame:
    asked = {"numbers": (4,), "follow_ups": (2,), "grant_years": GRANTS, "draws": 1, "seed": 1}
    return evaluate_estimators([panel], {"jobs": (0.0,)}, **{**asked, **changed})


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"how": "worst"}, "no rule 'worst'"),
        ({"grant_years": ()}, "grant years"),
        ({"grant_years": (2001,)}, "grant years must be within 2002-2013"),
        ({"follow_ups": (9,)}, "outside the panel"),
        ({"numbers": (70,)}, "references"),
        ({"years_to_full": 0}, "a year or more"),
        ({"draws": 0}, "nothing to evaluate"),
    ],
)
def test_wrong_questions_are_refused(changed: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _evaluate(make_panel(1), **changed)


def test_wrong_effects_and_powers_are_refused() -> None:
    panel = make_panel(1)
    with pytest.raises(ValueError, match="no outcome"):
        plant(panel, np.array([1]), np.array([2006]), 0.1, "happiness")
    with pytest.raises(ValueError, match="not in the panel"):
        plant(panel, np.array([200]), np.array([2006]), 0.1, "jobs")
    with pytest.raises(ValueError, match="above 0"):
        plant(panel, np.array([1]), np.array([2006]), -1.0, "jobs")
    with pytest.raises(ValueError, match="between 0 and 1"):
        minimal_detectable_effect(_table(), power=1.0)
    with pytest.raises(ValueError, match="planted effect of 0"):
        minimal_detectable_effect(_table())
