"""National comparison: designs under one budget on the same draws; who is reached, what it costs and changes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omstilling.calibration.tables.places import Places
from omstilling.experiments.evaluation.evaluation import EFFECTS, Evaluation, evaluate_comparison, panel_of
from omstilling.experiments.national.budget import budget_for
from omstilling.experiments.national.comparison import NationalComparison, compare_national
from omstilling.experiments.national.groups import Kind, Reach, gini, kinds_of, reach_of, recovers_anyway
from omstilling.experiments.national.runs import NEVER
from omstilling.experiments.national.tables import KEY_FIGURES
from omstilling.scenarios.errors import ScenarioError
from omstilling.scenarios.loader import load_scenario
from omstilling.scenarios.schema import Applicants, Scenario

PLACES = (
    "1835", "1836", "1832", "1815", "1816", "1818", "1828", "1834", "1839", "1851", "1856", "1857", "1859", "1874",
    "1811", "1812", "1813", "1820", "1822",
)  # fmt: skip
YEARS = 12


def scenario_of(**changes: object) -> Scenario:
    """A dozen small municipalities in which all who are eligible apply."""
    values: dict[str, object] = {
        "name": "small", "title": "Small places", "municipalities": PLACES, "start": 2012, "years": YEARS,
        "replications": 2, "seed": 3, "random_shocks": True, "applicants": Applicants.ELIGIBLE,
    }  # fmt: skip
    return Scenario(**{**values, **changes})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def compared() -> NationalComparison:
    return compare_national(scenario_of(), ("current", "split-2024"), budget=600e6)


def test_designs_share_draws_and_budget(compared: NationalComparison) -> None:
    assert [design.name for design in compared.designs] == ["none", "current", "split-2024"]
    assert {design.national_budget for design in compared.designs[1:]} == {compared.budget}
    for runs in compared.runs:
        losses = [{(loss.month, loss.municipality) for loss in run.losses} for run in runs]
        assert losses[0] == losses[1] == losses[2]
        for run in runs[1:]:
            assert run.state_paid.max() <= compared.budget
            assert run.statuses
            np.testing.assert_array_equal(runs[0].yearly[0, :, :4], run.yearly[0, :, :4])
        assert not runs[0].statuses
        assert runs[0].state_paid.sum() == 0
    assert not np.array_equal(compared.runs[0][0].yearly, compared.runs[1][0].yearly)


def test_the_same_for_any_number_of_workers(compared: NationalComparison) -> None:
    again = compare_national(scenario_of(), ("current", "split-2024"), budget=600e6, workers=2)
    pd.testing.assert_frame_equal(compared.effects, again.effects)
    pd.testing.assert_frame_equal(compared.status, again.status)
    other = compare_national(scenario_of(seed=4), ("current", "split-2024"), budget=600e6)
    assert not compared.effects.equals(other.effects)


def test_effects_of_groups_add_up_to_the_whole() -> None:
    """In one replication, where a mean is the run itself."""
    one = compare_national(scenario_of(replications=1), ("current",), budget=600e6).effects.fillna(0.0)
    sums = one[one["indicator"].isin(["jobs", "population"])]
    whole = sums[sums["division"] == "all"].set_index(["indicator", "year"])["difference"].sort_index()
    for division in ("type", "reach"):
        parts = sums[sums["division"] == division].groupby(["indicator", "year"])["difference"].sum().sort_index()
        np.testing.assert_allclose(parts, whole, atol=1e-6)
    assert (whole != 0.0).any()


def test_net_jobs_are_those_of_places_with_status_and_of_all_others(compared: NationalComparison) -> None:
    figures = compared.key_figures.pivot_table(index="design", columns="figure", values="mean")
    both = figures["net_jobs_with_status"] + figures["displaced_jobs"]
    np.testing.assert_allclose(both, figures["net_jobs"], atol=1e-9)
    assert figures.loc["none", "net_jobs"] == 0.0
    assert (figures.loc[["current", "split-2024"], "state_cost"] > 0.0).all()
    cost = figures["state_cost"] <= figures["public_cost"] + 1e-9
    assert cost.all()
    assert set(compared.key_figures["figure"]) == set(KEY_FIGURES)


def test_coverage_counts_those_hit_that_got_status_then(compared: NationalComparison) -> None:
    table = compared.coverage.set_index(["design", "hit_by"])
    assert (table.loc["none", "share"] == 0.0).all()
    assert table["share"].between(0.0, 1.0).all()
    assert table.loc[("current", "slow decline"), "reached"] > 0.0
    poor = compare_national(scenario_of(replications=1), ("current",), budget=10e6)
    assert poor.coverage["reached"].sum() == 0.0
    assert poor.decisions["granted"].sum() == 0


def test_who_gets_status_is_among_those_who_applied(compared: NationalComparison) -> None:
    granted = compared.decisions[compared.decisions["granted"]]
    asked = set(zip(granted["design"], granted["code"], granted["track"], strict=True))
    assert asked == set(zip(compared.status["design"], compared.status["code"], compared.status["track"], strict=True))
    assert compared.status["share"].between(0.0, 1.0).all()
    assert (compared.status["earliest"] <= compared.status["first_year"]).all()


def test_files_are_all_written_and_the_json_is_strict(compared: NationalComparison, tmp_path: Path) -> None:
    files = {path.name for path in compared.save(tmp_path)}
    assert files == {
        "key_figures.csv", "effects.csv", "coverage.csv", "status.csv", "decisions.csv", "parameters.csv",
        "national.json", "map.png", "timing.png", "effects.png",
    }  # fmt: skip
    summary = json.loads((tmp_path / "national.json").read_text(encoding="utf-8"), parse_constant=pytest.fail)
    assert summary["budget_nok_a_year"] == compared.budget
    assert set(summary["figures"]) == set(KEY_FIGURES)


def test_a_sample_or_a_single_programme_is_refused() -> None:
    with pytest.raises(ScenarioError, match="sample"):
        compare_national(scenario_of(sample=10), ("current",))
    with pytest.raises(ScenarioError, match="applicants"):
        compare_national(scenario_of(applicants=Applicants.PROGRAMME), ("current",))


def test_parts_of_the_budget_add_up_to_the_country() -> None:
    from omstilling.calibration.margins.region import region_margins

    places = Places()
    counties = sorted({code[:2] for code in places.all_municipalities()})
    parts = [budget_for(region_margins(places.municipalities_in_county(c), 2015), 2015, 60e6) for c in counties]
    assert abs(sum(parts) - 60e6) < len(counties)
    assert budget_for(region_margins(["0301"], 2015), 2015, 60e6) == 0.0


def test_types_follow_what_hits_the_baseline(compared: NationalComparison) -> None:
    baseline = compared.runs[0][0]
    hit = np.full((2, len(PLACES)), NEVER)
    assert (kinds_of(replace(baseline, hit=hit)) == Kind.OTHER).all()
    hit[1, 2] = 5
    assert kinds_of(replace(baseline, hit=hit))[2] == Kind.DECLINE
    hit[0, 2] = 9
    assert kinds_of(replace(baseline, hit=hit))[2] == Kind.ACUTE
    with pytest.raises(ValueError, match="baseline"):
        kinds_of(compared.runs[0][1])
    assert (reach_of(baseline, compared.regions) == Reach.REST).all()


def test_a_place_recovers_where_its_jobs_come_back(compared: NationalComparison) -> None:
    baseline = compared.runs[0][0]
    start = compared.margins.start_month
    yearly = baseline.yearly.copy()
    column = yearly[:, 0, 1]
    column[:] = [100, 100, 80, 70, 70, 80, 90, 100, 100, 100, 100, 100, 100]
    run = replace(baseline, yearly=yearly)
    assert recovers_anyway(run, 0, start + 24, start + 12 * 9, start)
    assert not recovers_anyway(run, 0, start + 24, start + 12 * 5, start)
    assert recovers_anyway(run, 0, start + 24, NEVER, start)


@given(values=st.lists(st.floats(0.1, 10.0), min_size=2, max_size=30), factor=st.floats(0.1, 10.0))
@settings(deadline=None, derandomize=True)
def test_gini_is_that_of_pairs_and_free_of_scale(values: list[float], factor: float) -> None:
    x, ones = np.array(values), np.ones(len(values))
    pairs = np.abs(x[:, None] - x[None, :]).mean() / (2.0 * x.mean())
    assert abs(gini(x, ones) - pairs) < 1e-9
    assert abs(gini(factor * x, ones) - pairs) < 1e-9
    assert gini(np.full(5, 2.0), np.arange(1.0, 6.0)) == pytest.approx(0.0, abs=1e-12)
    assert abs(gini(np.append(x, x[0]), np.append(ones, 1.0)) - gini(x, np.append([2.0], ones[1:]))) < 1e-9


@pytest.fixture(scope="module")
def evaluated(compared: NationalComparison) -> Evaluation:
    return evaluate_comparison(compared, draws=4, numbers=(4,), follow_ups=(2, 4))


def test_evaluators_see_what_a_run_shows(compared: NationalComparison, evaluated: Evaluation) -> None:
    run = compared.runs[0][0]
    panel = panel_of(run, compared)
    assert panel.years == tuple(range(2011, 2012 + YEARS))
    np.testing.assert_array_equal(panel.outcomes["jobs"], run.of("jobs").T)
    assert set(evaluated.planted["outcome"]) == set(EFFECTS)
    assert len(evaluated.planted) == 4 * 2 * sum(map(len, EFFECTS.values()))
    none = evaluated.planted[(evaluated.planted["planted"] == 0.0) & (evaluated.planted["outcome"] == "jobs")]
    assert (none["truth"].abs() < 1e-9).all()
    assert (evaluated.detectable["minimal_detectable_effect"] > 0.0).all()


def test_evaluation_files(evaluated: Evaluation, tmp_path: Path) -> None:
    assert {path.name for path in evaluated.save(tmp_path)} == {
        "planted.csv", "simulated.csv", "detectable.csv", "evaluation.json", "power.png",
    }  # fmt: skip
    json.loads((tmp_path / "evaluation.json").read_text(encoding="utf-8"), parse_constant=pytest.fail)


def test_shipped_country_and_county_scenarios_are_whole() -> None:
    country, county = load_scenario("country", Places()), load_scenario("nordland", Places())
    assert len(country.municipalities) == 357
    assert country.applicants is Applicants.ELIGIBLE
    assert country.random_shocks
    assert {code[:2] for code in county.municipalities} == {"18"}
    assert load_scenario("country-tenth", Places()).sample == 10
