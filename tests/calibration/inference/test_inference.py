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
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import cloudpickle
import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import stats

from inference_toys import SEED, Killed, at, column_of, deviation_of, killing, mean_of
from omstilling.calibration.inference.adjustment import adjusted_scores
from omstilling.calibration.inference.problem import Particles, Problem, from_score, prior_particles, to_score
from omstilling.calibration.inference.sampler import InProcess
from omstilling.calibration.inference.stage import Report, StageSettings, Standing, run_stage
from omstilling.model.engine.parameter_fields import uniform

# Worker processes do not find a test module by name.
cloudpickle.register_pickle_by_value(sys.modules[__name__])

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


def _share_below(particles: Particles, name: str, value: float) -> float:
    return float(particles.weights[column_of(particles, name) < value].sum())


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
        assert deviation_of(found, name) < 0.35 * (prior.second - prior.first) / np.sqrt(12.0)


def test_posterior_follows_the_figures(whole: Run, of_other_figures: Run) -> None:
    for name in PRIORS:
        moved = mean_of(of_other_figures.particles, name) - mean_of(whole.particles, name)
        assert moved == pytest.approx(OTHER[name] - TRUTH[name], abs=0.25)


def test_carried_draws_are_kept_as_they_were(whole: Run) -> None:
    """The figures hardly tell the carried parameter: its draws are the earlier ones, spread as before."""
    before = _earlier()
    assert set(column_of(whole.particles, "side")) <= set(column_of(before, "side"))
    assert deviation_of(whole.particles, "side") > 0.6 * deviation_of(before, "side")


def test_weights_are_prior_over_proposal(whole: Run) -> None:
    """The last weights again by hand (Toni et al. 2009, S2): half from the prior, half by normal kernels around
    the draws before, by Scott's rule.

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
            prior = stats.norm.pdf(new).prod(axis=1)
            weights = prior / (0.5 * prior + 0.5 * proposal)
            assert weights.max() <= 2.0
            weights /= weights.sum()
        scores = new
    assert whole.particles.weights == pytest.approx(weights, rel=0.02)
    assert whole.particles.weights[::-1] != pytest.approx(weights, rel=0.02)
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
    from omstilling.experiments.running.executors import dask_executor

    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=threads, processes=False, dashboard_address=None
        ) as cluster,
        dask_executor(cluster.scheduler_address) as (executor, workers),
    ):
        problem = replace(_problem(), simulate=pausing)
        assert _equal(_run(tmp_path, problem, executor=executor, workers=workers), uninterrupted)


# Killed and resumed


MOMENTS = {
    "in the pilot": (at(-1, 4), -1),
    "at the last accepted of generation 0": (at(0, SHORT.particles), -1),
    "in the middle of generation 1": (at(1, SHORT.particles // 2), 1),
    "at the very last accepted": (at(2, SHORT.draws), 2),
}
"""When a run is killed, and the generation that the next one begins with."""


def _start(folder: Path, report: Report, seed: int = SEED) -> None:
    run_stage(
        _problem(), _earlier(), SHORT, folder, number=1, seed=seed, executor=InProcess(), workers=2, report=report
    )


@pytest.mark.parametrize("when", MOMENTS)
def test_killed_and_resumed_is_uninterrupted(when: str, uninterrupted: Run, tmp_path: Path) -> None:
    moment, goes_on_with = MOMENTS[when]
    with pytest.raises(Killed):
        _start(tmp_path, killing(moment))
    resumed = _run(tmp_path)
    assert resumed.standings[0].generation == goes_on_with
    assert _equal(resumed, uninterrupted)
    later = tuple(standing for standing in uninterrupted.standings if standing.generation >= goes_on_with)
    assert resumed.standings == later


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # the child forks and is shot
def test_killed_twice_and_by_force(uninterrupted: Run, tmp_path: Path) -> None:
    """A process that is shot in generation 1 leaves what the next one needs; so does one that is thrown out later."""

    def shoot(standing: Standing) -> None:
        if at(1, 3)(standing):
            os.kill(os.getpid(), signal.SIGKILL)

    victim = multiprocessing.get_context("fork").Process(target=_start, args=(tmp_path, shoot))
    victim.start()
    victim.join()
    assert victim.exitcode == -signal.SIGKILL
    with pytest.raises(Killed):
        _start(tmp_path, killing(at(2, 3)))
    resumed = _run(tmp_path)
    assert resumed.standings[0].generation == 2
    assert _equal(resumed, uninterrupted)
    again = _run(tmp_path)  # a finished stage is read and not run again
    assert again.standings == ()
    assert _equal(again, uninterrupted)


def test_killed_between_database_and_table(uninterrupted: Run, tmp_path: Path) -> None:
    """The database has generation 0 and the table does not: all is done again rather than evaluations lost."""
    with pytest.raises(Killed):
        _start(tmp_path, killing(at(1, 3)))
    table = tmp_path / "toy.parquet"
    pd.read_parquet(table).query("generation < 0").to_parquet(table)
    resumed = _run(tmp_path)
    assert resumed.standings[0].generation == -1
    assert _equal(resumed, uninterrupted)


def test_resuming_with_another_seed_is_told_apart(uninterrupted: Run, tmp_path: Path) -> None:
    """So that the comparisons above can fail: what was done is taken over, what follows differs."""
    with pytest.raises(Killed):
        _start(tmp_path, killing(at(1, 3)))
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


def test_draws_of_the_posterior_are_the_last_accepted_adjusted(whole: Run) -> None:
    """In the order of acceptance: earlier draws as they were, own ones adjusted by regression on their figures."""
    last = whole.table.query("generation == 2 and accepted == 1")
    found = whole.particles
    assert np.array_equal(last["side"], column_of(found, "side"))
    scores = np.array([[to_score(prior, value) for value in last[name]] for name, prior in PRIORS.items()]).T
    misses = np.array(
        [(last[f"target:{name}"] - figure) / ERRORS[name] for name, figure in whole.problem.observed.items()]
    ).T
    moved = adjusted_scores(scores, misses, found.weights)
    for column, (name, prior) in enumerate(PRIORS.items()):
        assert column_of(found, name) == pytest.approx([from_score(prior, score) for score in moved[:, column]])
        assert column_of(found, name) != pytest.approx(last[name].to_numpy(), rel=1e-3)


def test_distance_is_a_root_mean_square_in_errors() -> None:
    problem = replace(_problem(), observed={"level": 1.0, "tilt": 0.0})
    assert problem.distance({"level": 1.3, "tilt": 0.2}) == pytest.approx(np.sqrt((9.0 + 16.0) / 2.0))
    assert problem.distance({"level": 1.0, "tilt": 0.0, "of nobody": 5.0}) == 0.0
