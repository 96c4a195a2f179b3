"""Stage: one block of parameters by sequential Monte Carlo with approximate Bayesian computation (Toni et al. 2009)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyabc
from numpy.typing import NDArray

from omstilling.calibration.inference.adjustment import adjusted_scores
from omstilling.calibration.inference.problem import Particles, Problem, from_score
from omstilling.calibration.inference.sampler import NumberedSampler

EARLIER = "earlier"
"""Name of the parameter that says which draw of the stages before goes with a particle."""
_LARGEST_SEED = 2**62
_FROM_PRIOR = 0.5
"""Share of proposals from the prior."""


@dataclass(frozen=True)
class StageSettings:
    """How thorough a stage is.

    Attributes
    ----------
    pilot
        Prior draws that set the first threshold.
    particles
        Accepted draws in each generation but the last.
    draws
        Accepted draws in the last.
    generations
        Thresholds, each lower than the one before.
    quantile
        A threshold is this quantile of the distances before it.
    """

    pilot: int
    particles: int
    draws: int
    generations: int
    quantile: float = 0.35


class Standing(NamedTuple):
    """How far a stage has come: generation (-1 is the pilot), threshold, draws accepted and wanted, evaluations."""

    stage: str
    generation: int
    generations: int
    threshold: float
    accepted: int
    wanted: int
    evaluated: int


Report = Callable[[Standing], None]


class _Model:
    """The simulator as pyabc calls it: scores and the number of an earlier draw in, statistics out."""

    def __init__(self, problem: Problem, earlier: Particles) -> None:
        self.problem, self.earlier = problem, earlier
        self.__name__ = problem.name

    def values(self, parameter: Any) -> dict[str, float]:
        own = {name: from_score(prior, parameter[name]) for name, prior in self.problem.priors.items()}
        return self.earlier.row(round(parameter[EARLIER])) | own

    def __call__(self, parameter: Any) -> dict[str, float]:
        seed = int(np.random.randint(_LARGEST_SEED))  # noqa: NPY002 - seeded by the sampler for each evaluation
        values = self.values(parameter)
        statistics = dict(self.problem.simulate(values, seed))
        for name in self.problem.observed:
            if not np.isfinite(statistics[name]):
                raise ValueError(f"{self.problem.name}: {name} is {statistics[name]} with seed {seed} and {values}")
        return statistics


class _Guarded(pyabc.MultivariateNormalTransition):  # type: ignore[misc]
    """Proposes around accepted draws or, half of the time, from the prior (defensive mixture, Hesterberg 1995).

    So no draw weighs more than twice what it weighs in the prior. With ten parameters, of which the figures tell half,
    weights would else rest on the few draws that lie where accepted ones are thin.
    """

    def rvs_single(self) -> Any:
        """A draw."""
        if np.random.random() >= _FROM_PRIOR:  # noqa: NPY002 - seeded by the sampler
            return super().rvs_single()
        scores = np.random.standard_normal(len(self.X.columns))  # noqa: NPY002
        return pyabc.Parameter(dict(zip(self.X.columns, scores.tolist(), strict=True)))

    def _pdf_single(self, x: NDArray[np.float64]) -> float:
        prior = float(np.exp(-0.5 * (x @ x)) / (2.0 * np.pi) ** (len(x) / 2.0))
        return _FROM_PRIOR * prior + (1.0 - _FROM_PRIOR) * float(super()._pdf_single(x))


class _FromPrior(pyabc.transition.DiscreteTransition):  # type: ignore[misc]
    """Proposes draws of the stages before as their posterior has them, whatever was accepted.

    So they carry no weight of their own: with a kernel around the accepted ones, hundreds of equal draws would be
    weighted by whether they were kept or changed.
    """

    def __init__(self, weights: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
        self.weights = weights

    def fit(self, X: pd.DataFrame, w: Any) -> None:  # noqa: N803 - pyabc's name
        """There is nothing to learn."""

    def rvs_single(self) -> Any:
        """A draw."""
        number = np.random.choice(len(self.weights), p=self.weights)  # noqa: NPY002 - seeded by the sampler
        return pyabc.Parameter({EARLIER: float(number)})

    def pdf(self, x: Any) -> Any:
        """Its probability."""
        return self.weights[np.asarray(x[EARLIER]).astype(int)]


class _Evaluations:
    """Every evaluation of a stage, accepted or not, kept beside pyabc's database: the reference table."""

    def __init__(self, path: Path, model: _Model, before: int) -> None:
        self.path, self.model = path, model
        kept = pd.read_parquet(path) if path.exists() else pd.DataFrame({"generation": []})
        self.rows: list[dict[str, float]] = kept[kept["generation"] < before].to_dict("records")

    def add(self, generation: int, number: int, particle: Any) -> None:
        statistics = {f"target:{name}": value for name, value in particle.sum_stat.items()}
        self.rows.append(
            {
                "generation": generation, "number": number, "accepted": float(particle.accepted),
                "distance": self.model.problem.distance(particle.sum_stat),
                EARLIER: float(particle.parameter[EARLIER]),
                **self.model.values(particle.parameter), **statistics,
            }
        )  # fmt: skip

    def write(self) -> None:
        if not self.rows:
            return
        temporary = self.path.with_suffix(".tmp")
        pd.DataFrame(self.rows).to_parquet(temporary)
        temporary.replace(self.path)


def _smc(problem: Problem, model: _Model, settings: StageSettings, sampler: NumberedSampler) -> Any:
    earlier = model.earlier
    numbers = np.arange(len(earlier.weights))
    prior = pyabc.Distribution(
        **{name: pyabc.RV("norm", 0.0, 1.0) for name in problem.priors},
        **{EARLIER: pyabc.RV("rv_discrete", values=(numbers, earlier.weights))},
    )
    kernel = pyabc.AggregatedTransition({tuple(problem.priors): _Guarded(), EARLIER: _FromPrior(earlier.weights)})
    last = settings.generations - 1
    sizes = {number: settings.particles for number in range(settings.generations)} | {
        -1: settings.pilot, last: settings.draws
    }  # fmt: skip
    return pyabc.ABCSMC(
        models=pyabc.FunctionModel(model, name=problem.name),
        parameter_priors=prior,
        distance_function=pyabc.FunctionDistance(lambda simulated, observed: problem.distance(simulated)),
        population_size=pyabc.populationstrategy.ListPopulationSize(sizes),
        transitions=kernel,
        eps=pyabc.QuantileEpsilon(alpha=settings.quantile),
        sampler=sampler,
    )


def _generations_done(path: Path, table: Path) -> int:
    """Generations that both the database and the table of evaluations hold whole; a pilot alone is none."""
    if not (path.exists() and table.exists()):
        return 0
    done = int(pyabc.History(_address(path), create=False).max_t) + 1
    if done == 0:
        return 0
    return done if int(pd.read_parquet(table, columns=["generation"])["generation"].max()) >= done - 1 else 0


def _address(path: Path) -> str:
    return f"sqlite:///{path.resolve()}"


def run_stage(
    problem: Problem,
    earlier: Particles,
    settings: StageSettings,
    folder: Path,
    *,
    number: int,
    seed: int,
    executor: Executor,
    workers: int,
    report: Report,
) -> Particles:
    """Posterior of a stage; picks up after the last generation that a killed run left in the folder.

    Parameters
    ----------
    problem
        Targets and parameters.
    earlier
        Posterior of the stages before: the prior of their parameters here.
    settings
        How thorough.
    folder
        ``NAME.db`` (pyabc's database) and ``NAME.parquet`` (every evaluation) are written there.
    number, seed
        Number of the stage and seed of the whole; the result depends on them and not on ``workers``.
    executor, workers
        Where evaluations run, and how many at once.
    report
        Called after each evaluation.

    Returns
    -------
    Particles
        Draws of the earlier parameters and those of this stage together.
    """
    logging.getLogger("ABC").setLevel(logging.WARNING)
    path, table = folder / f"{problem.name}.db", folder / f"{problem.name}.parquet"
    done = _generations_done(path, table)
    if not done:
        path.unlink(missing_ok=True)
        table.unlink(missing_ok=True)
    model = _Model(problem, earlier)
    evaluations = _Evaluations(table, model, done)
    counts = {"generation": -2, "accepted": 0}
    smc: Any = None

    def evaluated(generation: int, index: int, particle: Any) -> None:
        if generation != counts["generation"]:
            evaluations.write()
            counts.update(generation=generation, accepted=0)
        counts["accepted"] += bool(particle.accepted)
        evaluations.add(generation, index, particle)
        wanted = settings.pilot if generation < 0 else smc.population_size(generation)
        threshold = float(smc.eps(generation)) if generation >= 0 else float("inf")
        report(
            Standing(problem.name, generation, settings.generations, threshold, counts["accepted"], wanted, index + 1)
        )

    sampler = NumberedSampler(executor, workers, seed, number, evaluated)
    smc = _smc(problem, model, settings, sampler)
    if done:
        smc.load(_address(path), observed_sum_stat=dict(problem.observed))
    else:
        smc.new(_address(path), dict(problem.observed))
    if done < settings.generations:
        smc.run(max_nr_populations=settings.generations - done)
        evaluations.write()
    return _posterior(smc.history, model)


def accepted_draws(folder: Path, stage: str) -> float:
    """Effective number of draws accepted in the last generation of a stage (Kish: 1 over the sum of squared weights).

    Raises
    ------
    FileNotFoundError
        Where no calibration has left the stage.
    """
    path = folder / f"{stage}.db"
    if not path.exists():
        raise FileNotFoundError(path)
    _, weights = pyabc.History(_address(path), create=False).get_distribution()
    return float(1.0 / np.sum(np.asarray(weights) ** 2))


def _accepted(history: Any, model: _Model) -> tuple[pd.DataFrame, NDArray[np.float64], NDArray[np.float64]]:
    """Last generation: scores and statistics by pyabc's names, misses in standard errors, and weights."""
    frame = history.get_population_extended(m=0, t=history.max_t).sort_index()
    problem, weights = model.problem, frame["w"].to_numpy(dtype=np.float64)
    misses = np.column_stack(
        [
            (frame[f"sumstat_{name}"].to_numpy(dtype=np.float64) - figure) / problem.errors[name]
            for name, figure in problem.observed.items()
        ]
    )
    return frame, misses, weights / weights.sum()


def _posterior(history: Any, model: _Model) -> Particles:
    frame, misses, weights = _accepted(history, model)
    own = list(model.problem.priors)
    scores = adjusted_scores(frame[[f"par_{name}" for name in own]].to_numpy(dtype=np.float64), misses, weights)
    parameters = pd.DataFrame(scores, columns=own).assign(**{EARLIER: frame[f"par_{EARLIER}"].to_numpy()})
    rows = [model.values(row) for row in parameters.to_dict("records")]
    names = (*model.earlier.names, *own)
    return Particles(names, np.array([[row[name] for name in names] for row in rows]), weights)
