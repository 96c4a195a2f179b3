"""Parameter sets: from the seed of a replication alone, by weight, the same under every design; wrong files refused."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import subprocess
import sys
from dataclasses import asdict, fields, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numba.core.dispatcher import Dispatcher
from scipy.stats import chisquare, kstest

from omstilling.calibration.parameters import posterior as posterior_module
from omstilling.calibration.parameters.posterior import (
    PosteriorError,
    code_version,
    data_version,
    load_posterior,
    parameter_names,
    write_posterior,
)
from omstilling.calibration.parameters.sets import ParameterSource, parameter_sets, posterior_sets
from omstilling.experiments import compare, compare_national, run
from omstilling.experiments.backtesting.backtest import backtest
from omstilling.experiments.comparison.comparison import Comparison
from omstilling.experiments.running.workers import replication_seed
from omstilling.model import Parameters, RestructuringModel
from omstilling.scenarios.design_loader import load_design
from omstilling.scenarios.schema import Applicants, ProgrammeSpec, Scenario
from worlds import make_design, make_margins, make_track

OMSTILLING = str(Path(sys.executable).with_name("omstilling"))
SHIPPED = Path(posterior_module.__file__).parent
NAMES = ("growth_spread", "quit_rate", "prospects")
VALUES = np.array([[0.2, 0.005, 2.0], [0.25, 0.006, 1.0 / 3.0], [0.3, 0.007, 4.0]])
WEIGHTS = np.array([0.5, 0.2, 0.3])
ABOUT = {"settings": {"rounds": 3}, "seed": 7, "date": "2026-01-01"}
SHORT = make_design(make_track(years=1, clarification_months=0, anchoring_months=0))
TWIN = replace(load_design("none"), name="twin")
SCENARIO = Scenario(
    name="utsira", title="Utsira", municipalities=("1151",), start=2015, years=2, replications=3,
    programme=ProgrammeSpec(municipalities=("1151",), applies="2016-01", documented_loss=50),
)  # fmt: skip
FALSE_ALARM = 1e-4


def _flat(parameters: Parameters) -> dict[str, float]:
    return {name: value for block in asdict(parameters).values() for name, value in block.items()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_posterior(tmp_path, NAMES, VALUES, WEIGHTS, ABOUT)
    return tmp_path


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return compare(SCENARIO, (TWIN, SHORT))


# --- the posterior ---------------------------------------------------------------------------------------------------


def test_the_shipped_posterior_is_whole() -> None:
    posterior = load_posterior()
    assert len(posterior.weights) == posterior.provenance["draws"] >= 500
    assert abs(posterior.weights.sum() - 1.0) < 1e-9
    digest = hashlib.sha256((SHIPPED / "posterior.csv").read_bytes()).hexdigest()
    assert posterior.provenance["posterior_hash"] == digest
    assert set(posterior.names) <= set(parameter_names())
    assert 1.0 <= posterior.effective_size() <= len(posterior.weights) + 1e-6
    assert load_posterior() is posterior


def test_what_is_written_is_read_to_the_bit(folder: Path) -> None:
    posterior = load_posterior(folder)
    assert posterior.names == NAMES
    np.testing.assert_array_equal(posterior.values, VALUES)
    np.testing.assert_array_equal(posterior.weights, WEIGHTS)
    assert posterior.provenance == ABOUT | {
        "code_version": code_version(), "data_version": data_version(), "draws": 3,
        "posterior_hash": hashlib.sha256((folder / "posterior.csv").read_bytes()).hexdigest(),
    }  # fmt: skip
    assert sorted(path.name for path in folder.iterdir()) == ["posterior.csv", "posterior.json"]
    np.testing.assert_allclose(posterior.mean(), WEIGHTS @ VALUES)
    assert posterior.effective_size() == pytest.approx(1.0 / (0.25 + 0.04 + 0.09))
    np.testing.assert_array_equal(posterior.quantile(0.5), [0.2, 0.005, 2.0])
    np.testing.assert_array_equal(posterior.quantile(0.95), [0.3, 0.007, 4.0])


def _damage_byte(folder: Path) -> None:
    path = folder / "posterior.csv"
    path.write_bytes(path.read_bytes().replace(b"0.25", b"0.26"))


def _damage_provenance(folder: Path) -> None:
    path = folder / "posterior.json"
    path.write_text(json.dumps({k: v for k, v in json.loads(path.read_text()).items() if k != "seed"}))


def _rename(folder: Path) -> None:
    path = folder / "posterior.csv"
    path.write_bytes(path.read_bytes().replace(b"quit_rate", b"quit_rat"))


def _put_text(folder: Path) -> None:
    path = folder / "posterior.csv"
    path.write_bytes(path.read_bytes().replace(b"0.006", b"much"))


def _drop_weights(folder: Path) -> None:
    path = folder / "posterior.csv"
    path.write_bytes(path.read_bytes().replace(b"weight,", b"mass,"))


@pytest.mark.parametrize(
    ("damage", "file", "words"),
    [
        (_damage_byte, "posterior.csv", "posterior_hash"),
        (_damage_provenance, "posterior.json", "seed: found None"),
        (_rename, "posterior.csv", "'quit_rat'; .* did you mean quit_rate"),
        (_put_text, "posterior.csv", "row 3: .*much"),
        (_drop_weights, "posterior.csv", "'mass'; weight is expected"),
        (lambda folder: (folder / "posterior.json").unlink(), "posterior.json", "found nothing"),
        (lambda folder: (folder / "posterior.json").write_text("{"), "posterior.json", "JSON is expected"),
        (lambda folder: (folder / "posterior.csv").write_text(""), "posterior.csv", "head are expected"),
    ],
)  # fmt: skip
def test_damage_is_refused_with_the_reason(folder: Path, damage, file: str, words: str) -> None:
    damage(folder)
    with pytest.raises(PosteriorError, match=words) as refusal:
        load_posterior(folder)
    assert refusal.value.file.parent == folder
    assert file in str(refusal.value)
    assert refusal.value.key
    assert refusal.value.found
    assert refusal.value.allowed


@pytest.mark.parametrize(
    ("names", "values", "weights", "words"),
    [
        (NAMES, VALUES, 0.9 * WEIGHTS, "weight: found a sum of 0.9; weights that sum to 1"),
        (NAMES, VALUES, [1.2, -0.2, 0.0], "weight in row 3: found -0.2"),
        (NAMES, VALUES, [np.nan, 0.5, 0.5], "weight in row 2"),
        (NAMES, np.full((3, 3), np.inf), WEIGHTS, "row 2: found a value that is no number"),
        (("quit_rate", "prospects", "growth"), VALUES, WEIGHTS, "'growth'"),
        (("quit_rate", "prospects", "quit_rate"), VALUES, WEIGHTS, "'quit_rate' twice"),
        (NAMES, np.empty((0, 3)), [], "no draw"),
        ((), np.empty((3, 0)), WEIGHTS, "no parameter"),
    ],
)  # fmt: skip
def test_a_wrong_posterior_is_not_written(tmp_path: Path, names, values, weights, words: str) -> None:
    with pytest.raises(PosteriorError, match=words):
        write_posterior(tmp_path, names, values, weights, ABOUT)
    assert not list(tmp_path.iterdir())


# --- the sets --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", [ParameterSource.POSTERIOR, ParameterSource.PRIOR])
def test_a_set_follows_from_the_seed_alone(source: ParameterSource) -> None:
    sets = parameter_sets(source)
    seeds = [replication_seed(1, number) for number in range(20)]
    found = {seed: sets.for_seed(seed) for seed in seeds}
    again = pickle.loads(pickle.dumps(sets))
    assert [again.for_seed(seed) for seed in reversed(seeds)] == [found[seed] for seed in reversed(seeds)]
    assert len({tuple(_flat(parameters).values()) for parameters in found.values()}) > 15
    defaults = _flat(Parameters())
    for parameters in found.values():
        moved = {name for name, value in _flat(parameters).items() if value != defaults[name]}
        assert moved <= set(sets.names)


def test_draws_come_by_weight(folder: Path) -> None:
    """Fails for right code once in ten thousand choices of seeds (chi-square, 2 degrees of freedom)."""
    sets = posterior_sets(load_posterior(folder))
    drawn = [sets.for_seed(replication_seed(5, number)).firms.growth_spread for number in range(5000)]
    counts = [drawn.count(value) for value in VALUES[:, 0]]
    assert sum(counts) == 5000
    assert chisquare(counts, 5000 * WEIGHTS).pvalue > FALSE_ALARM
    assert chisquare(counts, 5000 * np.full(3, 1.0 / 3.0)).pvalue < FALSE_ALARM
    whole = {tuple(_flat(sets.for_seed(seed))[name] for name in NAMES) for seed in range(50)}
    assert whole == {tuple(row) for row in VALUES.tolist()}, "values of different draws are mixed"


def test_prior_draws_fill_their_priors_and_fixed_ones_stay() -> None:
    """Each of 112 tests of uniformity fails for right code once in a million choices of seeds."""
    sets = parameter_sets(ParameterSource.PRIOR)
    drawn = [_flat(sets.for_seed(replication_seed(2, number))) for number in range(300)]
    blocks = Parameters()
    items = [item for block in fields(blocks) for item in fields(getattr(blocks, block.name))]
    for item in items:
        prior, values = item.metadata["prior"], np.array([row[item.name] for row in drawn])
        if prior.kind == "fixed":
            assert set(values) == {item.default}
        else:
            width = prior.second - prior.first
            assert kstest(values, "uniform", (prior.first, width)).pvalue > 1e-6, item.name
    table = pd.DataFrame(drawn)[list(sets.names)].corr().to_numpy()
    assert np.abs(table - np.eye(len(table))).max() < 0.35, "priors are drawn together"


def test_no_corner_of_the_priors_is_impossible() -> None:
    blocks = Parameters()
    priors = {i.name: i.metadata["prior"] for b in fields(blocks) for i in fields(getattr(blocks, b.name))}
    assert priors["higher_education"].second + priors["upper_secondary"].second <= 1.0
    rng = np.random.default_rng(8)
    drawn = {name: prior for name, prior in priors.items() if prior.kind == "uniform"}
    for number in range(6):
        corner = {name: float(rng.choice([prior.first, prior.second])) for name, prior in drawn.items()}
        model = RestructuringModel(make_margins((1600, 900)), Parameters().with_values(**corner), seed=number)
        model.run_months(24)
        assert np.isfinite(model.record.values).all()


def test_point_and_given_are_the_same_for_all() -> None:
    posterior, point = load_posterior(), parameter_sets(ParameterSource.POINT)
    mean = dict(zip(posterior.names, posterior.mean(), strict=True))
    assert point.for_seed(1) == point.for_seed(2) == Parameters().with_values(**mean)
    given = Parameters().with_values(quit_rate=0.005)
    assert parameter_sets(given).for_seed(3) == given
    assert parameter_sets().label == parameter_sets(ParameterSource.POSTERIOR).label
    digest = posterior.provenance["posterior_hash"][:8]
    assert parameter_sets().label == f"posterior ({len(posterior.weights)} draws, {digest})"


def test_a_set_compiles_nothing() -> None:
    sets = parameter_sets()
    margins = make_margins((1600, 900))
    versions = []
    for seed in (1, 2, 3):
        RestructuringModel(margins, sets.for_seed(seed), seed=seed).run_months(12)
        modules = [module for name, module in sys.modules.items() if name.startswith("omstilling.model")]
        kernels = {kernel for module in modules for kernel in vars(module).values() if isinstance(kernel, Dispatcher)}
        versions.append(sum(len(kernel.signatures) for kernel in kernels))
    assert versions[0] == versions[1] == versions[2] > 0


# --- what uses them --------------------------------------------------------------------------------------------------


def test_all_designs_of_a_replication_have_the_same_set(comparison: Comparison) -> None:
    np.testing.assert_array_equal(comparison.readings[:, 1], comparison.readings[:, 0])
    np.testing.assert_array_equal(comparison.trajectories[:, 1], comparison.trajectories[:, 0])
    assert not comparison.parts[:, 1].any()
    assert comparison.parts[:, 2].any()
    record = comparison.parameters
    assert list(record.columns) == ["replication", "seed", *load_posterior().names]
    assert len(record.drop(columns=["replication", "seed"]).drop_duplicates()) == SCENARIO.replications
    for row, seed in zip(record.to_dict(orient="records"), record["seed"], strict=True):
        drawn = _flat(parameter_sets().for_seed(int(seed)))
        assert all(row[name] == drawn[name] for name in load_posterior().names)


def test_a_comparison_runs_with_the_set_it_records(comparison: Comparison) -> None:
    """The first replication alone, under its own set given by hand, is the same to the bit; under another it is not."""
    own = parameter_sets().for_seed(int(comparison.parameters["seed"][0]))
    alone = compare(SCENARIO, (TWIN, SHORT), replications=1, parameters=own)
    np.testing.assert_array_equal(alone.readings[0], comparison.readings[0])
    assert alone.sets.label == "given"
    other = compare(SCENARIO, (TWIN, SHORT), replications=1, parameters=ParameterSource.POINT)
    assert not np.array_equal(other.readings[0], comparison.readings[0], equal_nan=True)


def test_neither_workers_nor_their_number_change_a_set(comparison: Comparison) -> None:
    two = compare(SCENARIO, (TWIN, SHORT), workers=2)
    np.testing.assert_array_equal(two.readings, comparison.readings)
    pd.testing.assert_frame_equal(two.parameters, comparison.parameters)
    for source in ParameterSource:
        one, both = (run(SCENARIO, replications=2, workers=workers, parameters=source) for workers in (1, 2))
        np.testing.assert_array_equal(one.values, both.values)
        assert one.sets.label.startswith(source)
        assert one.summary()["parameters"] == one.sets.label


def test_country_and_backtest_draw_sets_too() -> None:
    scenario = Scenario(
        name="small", title="Small", municipalities=("1151", "1144"), start=2015, years=1, replications=1,
        applicants=Applicants.ELIGIBLE,
    )  # fmt: skip
    drawn, given = (compare_national(scenario, ("current",), parameters=choice) for choice in (None, Parameters()))
    assert drawn.sets.label == parameter_sets().label
    assert not np.array_equal(drawn.runs[0][0].yearly, given.runs[0][0].yearly)
    own = compare_national(scenario, ("current",), parameters=drawn.sets.for_seed(replication_seed(1, 0)))
    for mine, theirs in zip(drawn.runs[0], own.runs[0], strict=True):
        np.testing.assert_array_equal(mine.yearly, theirs.yearly)
    short = [
        backtest(2016, 2018, ["1871"], replications=1, parameters=choice).simulated for choice in (None, Parameters())
    ]
    assert [item.sets.label for item in short] == [parameter_sets().label, "given"]
    assert not np.array_equal(short[0].ages, short[1].ages)


# --- the command line ------------------------------------------------------------------------------------------------


def _call(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"COLUMNS": "160"}
    return subprocess.run(
        [OMSTILLING, *words], capture_output=True, text=True, cwd=cwd, check=False, env=environment, encoding="utf-8"
    )


def test_the_command_line_takes_all_three_sources_and_says_which(tmp_path: Path) -> None:
    (tmp_path / "kort.toml").write_text('title = "Kort"\nplace = "Utsira"\nstart = 2015\nyears = 1\nreplications = 2\n')
    for source in ParameterSource:
        done = _call("run", "kort.toml", "--workers", "1", "--parameters", source, "--out", source, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        label = parameter_sets(source).label
        assert f"parameters: {label}" in done.stdout
        assert json.loads((tmp_path / source / "summary.json").read_text(encoding="utf-8"))["parameters"] == label
        record = pd.read_csv(tmp_path / source / "parameters.csv")
        assert tuple(record.columns) == ("replication", "seed", *parameter_sets(source).names)
        drawn = _flat(parameter_sets(source).for_seed(int(record["seed"][1])))
        assert all(record[name][1] == drawn[name] for name in parameter_sets(source).names)


@pytest.mark.parametrize("verb", [("run", "andoy-2018"), ("compare", "nordland"), ("evaluate",), ("backtest",)])
def test_a_wrong_source_is_refused_with_what_is_allowed(verb: tuple[str, ...], tmp_path: Path) -> None:
    done = _call(*verb, "--parameters", "posteriour", cwd=tmp_path)
    assert done.returncode == 2
    assert "--parameters" in done.stderr
    assert all(source in done.stderr for source in ParameterSource)
    assert not list(tmp_path.iterdir())


def test_parameters_are_listed_with_prior_and_posterior(tmp_path: Path) -> None:
    name = load_posterior().names[0]
    done = _call("parameters", name, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert name in done.stdout
    assert f"{load_posterior().mean()[0]:.3g} (" in done.stdout
    wrong = _call("parameters", "qiut_rate", cwd=tmp_path)
    assert wrong.returncode == 2
    assert "did you mean quit_rate" in wrong.stderr


def test_the_version_of_the_data_is_that_of_the_tables_in_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = data_version()
    for table in (SHIPPED.parent / "data").glob("*.csv"):
        (tmp_path / table.name).write_bytes(table.read_bytes())
    monkeypatch.setenv("OMSTILLING_TABLES", str(tmp_path))
    assert data_version() == shipped
    (tmp_path / "programmes.csv").write_text("other", encoding="utf-8")
    assert data_version() != shipped
