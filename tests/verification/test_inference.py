"""Inference: planted parameters come back, the same from any executor and after a kill; stages build on each other.

All seeds are fixed, so a pass stays a pass; a rate of false alarm is that of a fresh seed.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cloudpickle
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from omstilling.calibration.inference.blocks import CARRIED, priors_of
from omstilling.calibration.inference.calibrate import CalibrationError, Thoroughness, calibrate
from omstilling.calibration.inference.problem import Particles, Problem, from_score, prior_particles, to_score
from omstilling.calibration.inference.sampler import InProcess
from omstilling.calibration.inference.stage import Report, StageSettings, Standing, run_stage
from omstilling.model.parameter_fields import Prior, uniform

# Worker processes do not find a test module by name.
cloudpickle.register_pickle_by_value(sys.modules[__name__])

SEED = 2019
SETTINGS = StageSettings(pilot=40, particles=30, draws=60, generations=3)
SHORT = StageSettings(pilot=8, particles=6, draws=8, generations=3)
"""Enough to tell equal runs from different ones."""
PRIORS = {"height": uniform(0.0, 4.0), "slope": uniform(-1.0, 1.0)}
CARRIED_PRIORS = {"side": uniform(0.0, 1.0)}
ERRORS = {"level": 0.1, "tilt": 0.05}
TRUTH = {"height": 1.3, "slope": 0.35, "side": 0.5}
OTHER = {"height": 2.9, "slope": -0.45, "side": 0.5}


def toy(values: Mapping[str, float], seed: int) -> dict[str, float]:
    """Two figures, each with noise of the size of its error; the carried parameter shifts one of them a little."""
    noise = np.random.default_rng(seed).standard_normal(2)
    return {
        "level": values["height"] + 0.4 * (values["side"] - 0.5) + 0.1 * float(noise[0]),
        "tilt": values["slope"] + 0.05 * float(noise[1]),
    }


def impure(values: Mapping[str, float], seed: int) -> dict[str, float]:
    """A simulator whose result depends on how often it was called before: wrong, to be found out."""
    os.environ["TOY_CALLS"] = str(int(os.environ["TOY_CALLS"]) + 1)
    return toy(values, int(os.environ["TOY_CALLS"]))


def _problem(truth: Mapping[str, float] = TRUTH) -> Problem:
    return Problem("toy", PRIORS, toy(truth, 7), ERRORS, toy)


def _earlier() -> Particles:
    return prior_particles(CARRIED_PRIORS, 20, SEED)


def _silent(standing: Standing) -> None:
    """Report to nobody."""


@dataclass(frozen=True)
class Run:
    """A finished stage: posterior, every evaluation, what was reported, and the problem."""

    particles: Particles
    table: pd.DataFrame
    standings: tuple[Standing, ...]
    problem: Problem


def _run(
    folder: Path,
    problem: Problem | None = None,
    settings: StageSettings = SHORT,
    *,
    seed: int = SEED,
    executor: Executor | None = None,
    workers: int = 1,
    number: int = 1,
) -> Run:
    folder.mkdir(exist_ok=True)
    problem = problem or _problem()
    standings: list[Standing] = []
    particles = run_stage(
        problem, _earlier(), settings, folder, number=number, seed=seed, executor=executor or InProcess(),
        workers=workers, report=standings.append,
    )  # fmt: skip
    return Run(particles, pd.read_parquet(folder / "toy.parquet"), tuple(standings), problem)


def _equal(first: Run, second: Run) -> bool:
    """Bit for bit: draws, weights and every evaluation."""
    return (
        first.particles.names == second.particles.names
        and np.array_equal(first.particles.values, second.particles.values)
        and np.array_equal(first.particles.weights, second.particles.weights)
        and list(first.table.columns) == list(second.table.columns)
        and np.array_equal(first.table.to_numpy(), second.table.to_numpy())
    )


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return _run(tmp_path_factory.mktemp("uninterrupted"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return _run(tmp_path_factory.mktemp("whole"), settings=SETTINGS)


@pytest.fixture(scope="module")
def of_other_figures(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return _run(tmp_path_factory.mktemp("other"), _problem(OTHER), SETTINGS)


def _column(particles: Particles, name: str) -> NDArray[np.float64]:
    return particles.values[:, particles.names.index(name)]


def _mean(particles: Particles, name: str) -> float:
    return float(particles.weights @ _column(particles, name))


def _deviation(particles: Particles, name: str) -> float:
    return float(np.sqrt(particles.weights @ (_column(particles, name) - _mean(particles, name)) ** 2))


def _share_below(particles: Particles, name: str, value: float) -> float:
    return float(particles.weights[_column(particles, name) < value].sum())


# Recovery


@pytest.mark.parametrize(("which", "truth"), [("whole", TRUTH), ("of_other_figures", OTHER)])
def test_planted_values_are_recovered(which: str, truth: dict[str, float], request: pytest.FixtureRequest) -> None:
    """False alarms: at most 1 in 10 for each case (two intervals of 95 %, and thresholds above 0 widen them)."""
    found: Particles = request.getfixturevalue(which).particles
    assert found.names == ("side", "height", "slope")
    assert found.weights.sum() == pytest.approx(1.0)
    assert len(found.weights) == SETTINGS.draws
    wrong = OTHER if truth is TRUTH else TRUTH
    for name, prior in PRIORS.items():
        assert 0.025 < _share_below(found, name, truth[name]) < 0.975
        assert not 0.025 < _share_below(found, name, wrong[name]) < 0.975
        assert _deviation(found, name) < 0.35 * (prior.second - prior.first) / np.sqrt(12.0)


def test_posterior_follows_the_figures(whole: Run, of_other_figures: Run) -> None:
    for name in PRIORS:
        moved = _mean(of_other_figures.particles, name) - _mean(whole.particles, name)
        assert moved == pytest.approx(OTHER[name] - TRUTH[name], abs=0.25)


def test_carried_draws_are_kept_as_they_were(whole: Run) -> None:
    """The figures hardly tell the carried parameter: its draws are the earlier ones, spread as before."""
    before = _earlier()
    assert set(_column(whole.particles, "side")) <= set(_column(before, "side"))
    assert _deviation(whole.particles, "side") > 0.6 * _deviation(before, "side")


def test_weights_are_prior_over_proposal(whole: Run) -> None:
    """The last weights again by hand (Toni et al. 2009, S2): normal kernels around the draws before, by Scott's rule.

    Bandwidth as pyabc's: covariance of the weighted draws times the square of Scott's factor for their effective
    number.
    """
    last = SETTINGS.generations - 1
    weights = np.full(SETTINGS.particles, 1.0 / SETTINGS.particles)
    scores: NDArray[np.float64] | None = None
    for generation in range(last + 1):
        rows = whole.table.query(f"generation == {generation} and accepted == 1")
        new = np.array([[to_score(prior, row[name]) for name, prior in PRIORS.items()] for _, row in rows.iterrows()])
        if scores is not None:
            covariance = np.cov(scores.T, aweights=weights)
            factor = (1.0 / (weights**2).sum()) ** (-1.0 / (len(PRIORS) + 4))
            kernel = stats.multivariate_normal(np.zeros(2), covariance * factor**2)
            proposal = kernel.pdf(new[:, None, :] - scores[None, :, :]) @ weights
            weights = stats.norm.pdf(new).prod(axis=1) / proposal
            weights /= weights.sum()
        scores = new
    found = whole.particles
    order_found, order = np.argsort(_column(found, "height")), np.argsort(rows["height"].to_numpy())
    assert found.weights[order_found] == pytest.approx(weights[order], rel=0.02)
    assert np.ptp(weights) > 0.2 * weights.mean()  # so equal weights would be told apart


# The same from any executor


@pytest.fixture(scope="module")
def pool() -> Iterator[Executor]:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as executor:
        yield executor


def test_any_number_of_workers_gives_the_same(uninterrupted: Run, tmp_path: Path, pool: Executor) -> None:
    np.random.seed(1)  # noqa: NPY002 - the caller's luck, in the generator that pyabc draws from, does not matter
    assert _equal(_run(tmp_path / "three", workers=3), uninterrupted)
    assert _equal(_run(tmp_path / "pool", executor=pool, workers=2), uninterrupted)


def test_another_seed_or_stage_differs(uninterrupted: Run, tmp_path: Path) -> None:
    assert not _equal(_run(tmp_path / "seed", seed=SEED + 1), uninterrupted)
    assert not _equal(_run(tmp_path / "number", number=2), uninterrupted)


def test_a_simulator_that_remembers_is_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the comparison above can fail."""
    runs = []
    for workers in (1, 3):
        monkeypatch.setenv("TOY_CALLS", "0")
        runs.append(_run(tmp_path / str(workers), replace(_problem(), simulate=impure), workers=workers))
    assert not _equal(*runs)


def pausing(values: Mapping[str, float], seed: int) -> dict[str, float]:
    """The toy, with time for another thread to come between."""
    time.sleep(0.002)
    return toy(values, seed)


@pytest.mark.parametrize("threads", [1, 3])
def test_dask_gives_the_same(threads: int, uninterrupted: Run, tmp_path: Path) -> None:
    """Also from a worker with several threads, which share the generators that pyabc draws from."""
    distributed = pytest.importorskip("distributed")
    from omstilling.experiments.executors import dask_executor

    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=threads, processes=False, dashboard_address=None
        ) as cluster,
        dask_executor(cluster.scheduler_address) as (executor, workers),
    ):
        problem = replace(_problem(), simulate=pausing)
        assert _equal(_run(tmp_path, problem, executor=executor, workers=workers), uninterrupted)


# Killed and resumed


class Killed(Exception):  # noqa: N818 - as KeyboardInterrupt
    """Thrown from a report, as Ctrl-C would be."""


def _at(generation: int, accepted: int) -> Callable[[Standing], bool]:
    return lambda standing: standing.generation == generation and standing.accepted == accepted


MOMENTS = {
    "in the pilot": (_at(-1, 4), -1),
    "at the last accepted of generation 0": (_at(0, SHORT.particles), -1),
    "in the middle of generation 1": (_at(1, SHORT.particles // 2), 1),
    "at the very last accepted": (_at(2, SHORT.draws), 2),
}
"""When a run is killed, and the generation that the next one begins with."""


def _killing(moment: Callable[[Standing], bool]) -> Report:
    def report(standing: Standing) -> None:
        if moment(standing):
            raise Killed

    return report


def _start(folder: Path, report: Report, seed: int = SEED) -> None:
    run_stage(
        _problem(), _earlier(), SHORT, folder, number=1, seed=seed, executor=InProcess(), workers=2, report=report
    )


@pytest.mark.parametrize("when", MOMENTS)
def test_killed_and_resumed_is_uninterrupted(when: str, uninterrupted: Run, tmp_path: Path) -> None:
    moment, goes_on_with = MOMENTS[when]
    with pytest.raises(Killed):
        _start(tmp_path, _killing(moment))
    resumed = _run(tmp_path)
    assert resumed.standings[0].generation == goes_on_with
    assert _equal(resumed, uninterrupted)
    later = tuple(standing for standing in uninterrupted.standings if standing.generation >= goes_on_with)
    assert resumed.standings == later


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # the child forks and is shot
def test_killed_twice_and_by_force(uninterrupted: Run, tmp_path: Path) -> None:
    """A process that is shot in generation 1 leaves what the next one needs; so does one that is thrown out later."""

    def shoot(standing: Standing) -> None:
        if _at(1, 3)(standing):
            os.kill(os.getpid(), signal.SIGKILL)

    victim = multiprocessing.get_context("fork").Process(target=_start, args=(tmp_path, shoot))
    victim.start()
    victim.join()
    assert victim.exitcode == -signal.SIGKILL
    with pytest.raises(Killed):
        _start(tmp_path, _killing(_at(2, 3)))
    resumed = _run(tmp_path)
    assert resumed.standings[0].generation == 2
    assert _equal(resumed, uninterrupted)
    again = _run(tmp_path)  # a finished stage is read and not run again
    assert again.standings == ()
    assert _equal(again, uninterrupted)


def test_killed_between_database_and_table(uninterrupted: Run, tmp_path: Path) -> None:
    """The database has generation 0 and the table does not: all is done again rather than evaluations lost."""
    with pytest.raises(Killed):
        _start(tmp_path, _killing(_at(1, 3)))
    table = tmp_path / "toy.parquet"
    pd.read_parquet(table).query("generation < 0").to_parquet(table)
    resumed = _run(tmp_path)
    assert resumed.standings[0].generation == -1
    assert _equal(resumed, uninterrupted)


def test_resuming_with_another_seed_is_told_apart(uninterrupted: Run, tmp_path: Path) -> None:
    """So that the comparisons above can fail: what was done is taken over, what follows differs."""
    with pytest.raises(Killed):
        _start(tmp_path, _killing(_at(1, 3)))
    other = _run(tmp_path, seed=SEED + 1)
    assert not _equal(other, uninterrupted)
    taken_over = [run.table.query("generation < 1").to_numpy() for run in (other, uninterrupted)]
    assert np.array_equal(*taken_over)


# Thresholds and the table of evaluations


def test_thresholds_fall_from_a_quantile_of_the_pilot(whole: Run) -> None:
    threshold = {standing.generation: standing.threshold for standing in whole.standings}
    assert threshold[-1] == np.inf
    falling = [threshold[generation] for generation in range(SETTINGS.generations)]
    assert all(later < 0.9 * before for before, later in itertools.pairwise(falling))
    pilot = whole.table.query("generation == -1")["distance"]
    assert (pilot <= falling[0]).mean() == pytest.approx(SETTINGS.quantile, abs=1.0 / SETTINGS.pilot)


def test_every_evaluation_is_in_the_table(whole: Run) -> None:
    table, standings = whole.table, whole.standings
    assert len(table) == len(standings)
    threshold = {standing.generation: standing.threshold for standing in standings}
    wanted = {-1: SETTINGS.pilot, 0: SETTINGS.particles, 1: SETTINGS.particles, 2: SETTINGS.draws}
    assert list(table["generation"].unique()) == list(wanted)
    for generation, rows in table.groupby("generation"):
        assert list(rows["number"]) == list(range(len(rows)))
        assert rows["accepted"].sum() == wanted[generation]
        assert rows["accepted"].iloc[-1] == 1.0
        assert np.array_equal(rows["accepted"] == 1.0, rows["distance"] <= threshold[generation])
    assert (table.query("generation > 0")["accepted"] == 0.0).any()
    told = [(standing.generation, standing.evaluated - 1) for standing in standings]
    assert told == list(zip(table["generation"], table["number"], strict=True))


def test_distances_in_the_table_are_those_of_its_statistics(whole: Run) -> None:
    def distances(problem: Problem) -> list[float]:
        rows = whole.table[[f"target:{name}" for name in problem.observed]]
        return [
            problem.distance({name.removeprefix("target:"): row[name] for name in row})
            for row in rows.to_dict("records")
        ]

    found = list(whole.table["distance"])
    assert found == distances(whole.problem)
    assert found != distances(replace(whole.problem, errors={**ERRORS, "tilt": 0.06}))


def test_draws_of_the_posterior_are_the_last_accepted(whole: Run) -> None:
    last = whole.table.query("generation == 2 and accepted == 1")[["side", "height", "slope"]].to_numpy()
    found = whole.particles.values
    assert np.array_equal(np.unique(last, axis=0), np.unique(found, axis=0))
    assert len(np.unique(found, axis=0)) == SETTINGS.draws


def test_distance_is_a_root_mean_square_in_errors() -> None:
    problem = replace(_problem(), observed={"level": 1.0, "tilt": 0.0})
    assert problem.distance({"level": 1.3, "tilt": 0.2}) == pytest.approx(np.sqrt((9.0 + 16.0) / 2.0))
    assert problem.distance({"level": 1.0, "tilt": 0.0, "of nobody": 5.0}) == 0.0


# Stages

STAGED = Thoroughness(carried=10, pilot=30, particles=40, generations=(2,), quantile=0.35, draws=40)
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
    return calibrate(folder, thoroughness, seed, InProcess(), 1, _silent, problems=problems)


def _stage_of(folder: Path, problem: Problem, earlier: Particles, number: int) -> Particles:
    """One stage of ``calibrate`` by itself."""
    return run_stage(
        problem, earlier, STAGED.stage(2, 2), folder, number=number, seed=SEED, executor=InProcess(), workers=1,
        report=_silent,
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
    assert {tuple(row[:-1]) for row in both.values} <= {tuple(row) for row in first.values}
    spread = _deviation(first, "height")
    assert _mean(both, "height") - _mean(first, "height") > 0.8 * spread
    assert _deviation(both, "height") < 0.7 * spread
    (tmp_path / "alone").mkdir()
    alone = _stage_of(tmp_path / "alone", SECOND_ALONE, first, 2)
    assert abs(_mean(alone, "height") - _mean(first, "height")) < 0.7 * spread
    assert _deviation(alone, "height") == pytest.approx(spread, rel=0.4)


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
        calibrate(tmp_path, BRIEF, SEED, InProcess(), 1, _killing(_at(0, 1)), problems=[FIRST])
    with pytest.raises(CalibrationError):
        calibrate(tmp_path, BRIEF, SEED, InProcess(), 1, _killing(_at(0, 1)), problems=[replace(FIRST, **other)])


# Scores


@given(st.floats(-100.0, 100.0), st.floats(1e-3, 100.0), st.floats(0.0, 1.0), st.floats(-4.0, 4.0))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_scores_and_values_are_inverse(low: float, width: float, share: float, score: float) -> None:
    prior = Prior("uniform", low, low + width)
    value = low + share * width
    assert from_score(prior, to_score(prior, value)) == pytest.approx(value, abs=2e-9 * width + 1e-12)
    assert prior.first <= from_score(prior, score) <= prior.second
    narrow = uniform(0.0, width)  # a narrow prior far from 0 has no digits left for the score
    assert to_score(narrow, from_score(narrow, score)) == pytest.approx(score, abs=1e-6)


@given(st.floats(-3.0, 3.0), st.floats(0.01, 1.0))
@settings(max_examples=30, deadline=None, derandomize=True)
def test_value_rises_with_its_score(score: float, step: float) -> None:
    assert from_score(uniform(2.0, 3.0), score) < from_score(uniform(2.0, 3.0), score + step)


def test_normal_scores_give_the_uniform_prior() -> None:
    """False alarms: 1 in 10 000; scores a fifth too wide, or shifted by a tenth, are rejected."""
    scores = np.random.default_rng(3).standard_normal(5000)

    def chance(of: NDArray[np.float64]) -> float:
        values = [from_score(uniform(-1.0, 3.0), score) for score in of]
        return float(stats.kstest(values, stats.uniform(-1.0, 4.0).cdf).pvalue)

    assert chance(scores) > 1e-4
    assert chance(1.2 * scores) < 1e-4
    assert chance(scores + 0.1) < 1e-4


def test_bounds_have_finite_scores() -> None:
    prior = uniform(0.2, 0.9)
    assert np.isfinite([to_score(prior, 0.2), to_score(prior, 0.9)]).all()
    assert to_score(prior, 0.2) == pytest.approx(-to_score(prior, 0.9))


def test_prior_particles_fill_the_priors_and_follow_the_seed() -> None:
    """False alarms: 1 in 10 000 for each parameter."""
    drawn = prior_particles(PRIORS, 2000, SEED)
    assert drawn.names == tuple(PRIORS)
    assert drawn.effective_size == pytest.approx(2000.0)
    for name, prior in PRIORS.items():
        cdf = stats.uniform(prior.first, prior.second - prior.first).cdf
        assert stats.kstest(_column(drawn, name), cdf).pvalue > 1e-4
        assert stats.kstest(_column(drawn, name), lambda x, cdf=cdf: cdf(x + 0.2)).pvalue < 1e-4
    assert np.array_equal(drawn.values, prior_particles(PRIORS, 2000, SEED).values)
    assert not np.array_equal(drawn.values, prior_particles(PRIORS, 2000, SEED + 1).values)
