"""Backtest: its table, its scores and its command."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from validation_backtest import backtest_section

from omstilling.calibration.margins.ages import groups_of
from omstilling.calibration.margins.employment import jobs_in
from omstilling.calibration.tables.tables import load_tables
from omstilling.experiments.backtesting.backtest import (
    AGE_QUANTITIES,
    LEVELS,
    MODEL,
    QUANTITIES,
    Backtest,
    BacktestError,
    assemble,
    backtest,
    check_years,
    error_spread,
    units_of,
)
from omstilling.experiments.backtesting.files import save_backtest, summary
from omstilling.experiments.backtesting.flows import compare_commuting, compare_net_migration, migration_summary
from omstilling.experiments.backtesting.hindcast import hindcast
from omstilling.experiments.backtesting.scores import (
    FORECASTS,
    accuracy,
    best_naive,
    coverage,
    errors_by,
    measures_of,
    skill,
    skills,
    verdict,
)

OMSTILLING = str(Path(sys.executable).with_name("omstilling"))
CODES = ["1871", "1870", "1868", "1866"]
FIRST, LAST = 2016, 2018


@pytest.fixture(scope="module")
def result() -> Backtest:
    return backtest(FIRST, LAST, CODES, replications=2, seed=3)


def _score_table(predicted: dict[str, np.ndarray], observed: np.ndarray) -> pd.DataFrame:
    """A table of made-up forecasts, the same for every quantity."""
    size = len(observed)
    parts = [
        pd.DataFrame({
            "code": [str(n) for n in range(size)], "quantity": quantity, "forecast": name, "start": observed,
            "observed": observed, "predicted": values,
        })
        for quantity in QUANTITIES
        for name, values in predicted.items()
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def test_table_starts_from_the_figures_and_ages_add_up(result: Backtest) -> None:
    table = result.table
    assert len(table) == len(CODES) * len(QUANTITIES) * len(FORECASTS)
    for code in CODES:
        population = table[(table["code"] == code) & (table["quantity"] == "population")]
        assert set(population["start"]) == {load_tables().population.loc[code, FIRST]}
        assert set(population["observed"]) == {load_tables().population.loc[code, LAST]}
    for _, part in table.groupby(["code", "forecast"]):
        by_age = part[part["quantity"].isin(AGE_QUANTITIES)]
        assert by_age["predicted"].sum() == pytest.approx(
            part.loc[part["quantity"] == "population", "predicted"].item()
        )
    assert table.drop(columns=[c for c in table if "_low_" in c or "_high_" in c]).notna().all(axis=None)


def test_runs_start_from_the_figures_and_repeat(result: Backtest) -> None:
    run, rows = result.simulated, load_tables().municipalities.index.get_indexer(CODES)
    assert np.array_equal(run.ages[0, 0], groups_of(load_tables(), FIRST)[0][rows])
    assert np.array_equal(run.jobs[0, 0], jobs_in(FIRST - 1)[0][rows])
    assert (run.commuting.sum(axis=0) <= run.jobs.max(axis=(0, 1)) + 1).all()
    again = hindcast(FIRST, LAST, CODES, 1, 3)
    assert np.array_equal(again.ages[0], run.ages[0])
    assert not np.array_equal(run.ages[0], run.ages[1])


def test_intervals_are_nested(result: Backtest) -> None:
    model = result.table[result.table["forecast"] == MODEL]
    for kind in ("chance", "error"):
        widths = [model[f"{kind}_high_{level}"] - model[f"{kind}_low_{level}"] for level in LEVELS]
        assert (widths[0] <= widths[1] + 1e-9).all()
        assert (widths[1] <= widths[2] + 1e-9).all()


def test_estimated_places_are_left_out_and_the_two_known_as_a_sum_pooled() -> None:
    units = units_of(list(load_tables().municipalities.index))
    assert len(units) == 357 - 5 - 1
    assert [unit.name for unit in units if len(unit.rows) == 2] == ["Ålesund and Haram"]
    assert units_of(["1806", "1508"]) == []
    with pytest.raises(BacktestError, match="none of 1806 can be scored"):
        backtest(FIRST, LAST, ["1806"], 1)


def test_skill_is_0_against_itself_and_1_when_perfect() -> None:
    rng = np.random.default_rng(4)
    observed = rng.uniform(500.0, 9000.0, 200)
    wrong = {
        name: observed * rng.normal(1.0, spread, 200)
        for name, spread in zip(FORECASTS[1:], (0.3, 0.2, 0.1), strict=True)
    }
    perfect = _score_table({MODEL: observed, **wrong}, observed)
    assert (skills(perfect)[["MAPE", "RMSPE", "WMAPE", "closer"]] == 1.0).all(axis=None)
    assert "wins" in verdict(perfect, "jobs")
    copied = _score_table({MODEL: wrong[FORECASTS[3]], **wrong}, observed)
    itself = skills(copied).query("best")
    assert set(itself["against"]) == {FORECASTS[3]} == {best_naive(copied, "population")}
    assert (itself[["MAPE", "RMSPE", "WMAPE"]] == 0.0).all(axis=None)
    assert (itself["closer"] == 0.5).all()
    assert "ties" in verdict(copied, "population")
    worse = _score_table({MODEL: 2.0 * observed, **wrong}, observed)
    assert "loses" in verdict(worse, "population")
    assert skill(0.0, 0.0) == 0.0


def test_measures_by_hand() -> None:
    rows = pd.DataFrame({"observed": [100.0, 200.0, 0.0], "predicted": [110.0, 160.0, 1.0]})
    found = measures_of(rows)
    assert found["MAPE"] == pytest.approx(15.0)
    assert found["MALPE"] == pytest.approx(-5.0)
    assert found["MedAPE"] == pytest.approx(15.0)
    assert found["RMSPE"] == pytest.approx(np.sqrt(250.0))
    assert found["WMAPE"] == pytest.approx(17.0)
    assert found["total"] == pytest.approx(100.0 * (271.0 / 300.0 - 1.0))


def _coverage_of(factor: float) -> pd.DataFrame:
    """Coverage where outcomes are normal and intervals ``factor`` times as wide as they ought to be."""
    rng = np.random.default_rng(5)
    predicted = np.full(4000, 1000.0)
    table = _score_table({MODEL: predicted}, predicted + rng.normal(0.0, 50.0, 4000))
    for level, deviations in zip(LEVELS, (0.6745, 1.2816, 1.6449), strict=True):
        for kind in ("chance", "error"):
            table[f"{kind}_low_{level}"] = table["predicted"] - factor * deviations * 50.0
            table[f"{kind}_high_{level}"] = table["predicted"] + factor * deviations * 50.0
    return coverage(table)


def test_coverage_of_right_and_wrong_intervals() -> None:
    wanted = np.tile(LEVELS, 2)
    right, narrow = (_coverage_of(factor).drop(columns="quantity").to_numpy() for factor in (1.0, 0.3))
    assert right == pytest.approx(np.tile(wanted, (len(QUANTITIES), 1)), abs=2.5)
    assert (narrow < wanted - 25.0).all()


def test_spread_of_errors_is_that_of_the_size() -> None:
    rng = np.random.default_rng(6)
    sizes = np.repeat([0, 1], 3000)
    errors = rng.normal(0.0, np.where(sizes == 0, 0.1, 0.02)[:, None], (6000, 1))
    spread = error_spread(errors, sizes, sizes, 0.9)
    assert spread[0, 0] == pytest.approx(0.1645, rel=0.05)
    assert spread[-1, 0] == pytest.approx(0.0329, rel=0.05)
    few = error_spread(errors[:10], sizes[:10], np.full(10, 3), 0.9)
    assert few[0, 0] == pytest.approx(np.quantile(np.abs(errors[:10]), 0.9))


def test_scores_of_a_small_region(result: Backtest, tmp_path: Path) -> None:
    assert len(accuracy(result.table)) == len(QUANTITIES) * len(FORECASTS)
    assert errors_by(result.table, "size")["n"].sum() == 2 * len(FORECASTS) * len(CODES)
    files = save_backtest(result, tmp_path / "ut")
    assert [path.name for path in files] == ["backtest.csv", "summary.json", "growth.png", "errors.png"]
    written = json.loads((tmp_path / "ut" / "summary.json").read_text(encoding="utf-8"))
    assert written == json.loads(json.dumps(summary(result)))
    assert written["jobs_at_start"] == "observed"
    assert written["trend_of_jobs"] == [2005, 2015]
    assert set(written["verdict"]) == {"population", "jobs"}
    assert len(pd.read_csv(tmp_path / "ut" / "backtest.csv")) == len(result.table)


@pytest.fixture(scope="module")
def perfect(result: Backtest) -> Backtest:
    """A run to 2022 that did what happened, with the commuting of 2021."""
    tables, years = load_tables(), range(FIRST, 2023)
    rows = tables.municipalities.index.get_indexer(CODES)
    run = replace(
        result.simulated,
        last=years[-1],
        ages=np.stack([groups_of(tables, year)[0][rows] for year in years])[None],
        jobs=np.stack([jobs_in(year - 1)[0][rows] for year in years])[None],
        commuting=tables.commuting.to_numpy()[np.ix_(rows, rows)],
    )
    return assemble(run, result.earlier, 1)


def test_a_run_that_did_what_happened_is_scored_as_perfect(perfect: Backtest) -> None:
    gained = skills(perfect.table)
    assert (gained[["MAPE", "RMSPE", "WMAPE"]] == 1.0).all(axis=None)
    assert (coverage(perfect.table).drop(columns="quantity") == 100.0).all(axis=None)
    found = compare_commuting(perfect.simulated)
    assert found is not None
    assert found.correlation == pytest.approx(1.0)
    assert found.bands["observed"].sum() == pytest.approx(100.0)
    assert found.bands["simulated"].tolist() == found.bands["observed"].tolist()
    migration = compare_net_migration(perfect.simulated)
    assert migration["simulated"].to_numpy() == pytest.approx(migration["observed"].to_numpy())
    assert migration_summary(migration)["MAE"].max() == pytest.approx(0.0, abs=1e-9)


def test_commuting_is_compared_only_where_the_matrix_is(result: Backtest) -> None:
    assert compare_commuting(result.simulated) is None


def test_document_says_who_wins(perfect: Backtest, tmp_path: Path) -> None:
    text = backtest_section([perfect], tmp_path)
    assert "Population: the model wins" in text
    assert "skill +1.00" in text
    names = re.findall(r"figures/([a-z-]+[.]png)", text)
    assert sorted(names) == sorted(path.name for path in tmp_path.iterdir())
    assert max(len(line) for line in text.splitlines() if not line.startswith("|")) <= 120


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (2010, 2022, "2011 to 2021"),
        (2022, 2023, "2011 to 2021"),
        (2012, 2016, "2018, 2019"),
        (2017, 2018, "2019, 2020"),
        (2016, 2016, "2018"),
    ],
)
def test_years_without_figures_are_refused(first: int, last: int, words: str) -> None:
    with pytest.raises(BacktestError, match=words):
        check_years(first, last)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--from", "2010"), "--from 2010: figures allow 2011 to 2021"),
        (("--to", "2017"), "--to 2017: from 2012, figures allow 2018, 2019"),
        (("--replications", "0"), "--replications"),
        (("--out", "taken/ut"), "a folder is expected"),
    ],
)
def test_command_refuses_with_2(tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    command = [OMSTILLING, "backtest", *words]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert told in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_help_has_examples(tmp_path: Path) -> None:
    done = subprocess.run([OMSTILLING, "backtest", "--help"], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert "omstilling backtest --from 2012 --to 2022" in done.stdout
