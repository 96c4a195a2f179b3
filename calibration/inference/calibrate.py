"""Calibrate: all stages, one after the other, into one posterior with its provenance."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from omstilling.calibration.inference.blocks import CARRIED, block_problem, priors_of
from omstilling.calibration.inference.problem import Particles, Problem, prior_particles
from omstilling.calibration.inference.smoothing import smoothed
from omstilling.calibration.inference.stage import Report, StageSettings, run_stage
from omstilling.calibration.parameters.posterior import Posterior, code_version, data_version, write_posterior
from omstilling.calibration.targets.target import Block

_SETTINGS = "settings.json"


class CalibrationError(ValueError):
    """A calibration that cannot go on."""


@dataclass(frozen=True)
class Thoroughness:
    """How thorough a calibration is.

    Attributes
    ----------
    carried
        Draws of the earlier parameters that each stage starts from: of those carried from their priors, then of what
        the stages before have left.
    pilot, particles, quantile
        As in ``StageSettings``.
    generations
        Of each stage in order; the last number holds for all further ones.
    draws
        Of the posterior: the last generation of the last stage.
    """

    carried: int
    pilot: int
    particles: int
    generations: tuple[int, ...]
    quantile: float
    draws: int

    def stage(self, number: int, stages: int) -> StageSettings:
        """Settings of a stage, counted from 1."""
        draws = self.draws if number == stages else self.particles
        generations = self.generations[min(number, len(self.generations)) - 1]
        return StageSettings(self.pilot, self.particles, draws, generations, self.quantile)


QUICK = Thoroughness(carried=20, pilot=2, particles=3, generations=(1,), quantile=0.6, draws=4)
"""A minute: goes through every stage, tells nothing."""
FULL = Thoroughness(carried=1000, pilot=50, particles=120, generations=(1,), quantile=0.35, draws=500)
"""Under two hours on two cores. One generation a stage: with ten parameters, of which the figures tell half, the
weights of further ones rested on a handful of draws; the adjustment does what lower thresholds would.
"""


def calibrate(
    folder: Path,
    thoroughness: Thoroughness,
    seed: int,
    executor: Executor,
    workers: int,
    report: Report,
    problems: Sequence[Problem] | None = None,
) -> Particles:
    """Posterior of all stages.

    Parameters
    ----------
    folder
        For the databases; a calibration that was killed goes on from there.
    thoroughness
        QUICK or FULL, or others.
    seed
        The result follows from it, whatever the number of workers.
    executor, workers
        Where evaluations run, and how many at once.
    report
        Called after each evaluation.
    problems
        Stages; those of the blocks if left out.

    Raises
    ------
    CalibrationError
        If the folder holds a calibration with other settings.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stages = [block_problem(block) for block in Block] if problems is None else list(problems)
    _check_settings(folder, thoroughness, seed, stages)
    particles = prior_particles(priors_of(CARRIED), thoroughness.carried, seed)
    priors = dict(priors_of(CARRIED))
    for number, problem in enumerate(stages, start=1):
        settings = thoroughness.stage(number, len(stages))
        if number > 1:
            particles = smoothed(particles, priors, thoroughness.carried, seed, number)
        priors |= problem.priors
        particles = run_stage(
            problem, particles, settings, folder, number=number, seed=seed, executor=executor, workers=workers,
            report=report,
        )  # fmt: skip
    return particles


def _check_settings(folder: Path, thoroughness: Thoroughness, seed: int, stages: Sequence[Problem]) -> None:
    """Note what a folder is for, or refuse one that is for something else."""
    wanted = {
        **asdict(thoroughness), "seed": seed, "stages": {stage.name: _digest(stage) for stage in stages},
        "carried_priors": _digest_of({name: str(prior) for name, prior in priors_of(CARRIED).items()}),
        "code_version": code_version(), "data_version": data_version(),
    }  # fmt: skip
    wanted = json.loads(json.dumps(wanted))
    path = folder / _SETTINGS
    if not path.exists():
        temporary = path.with_suffix(".tmp")
        temporary.write_text(json.dumps(wanted, indent=1), encoding="utf-8")
        temporary.replace(path)
        return
    found = json.loads(path.read_text(encoding="utf-8"))
    for key, value in wanted.items():
        if found.get(key) != value:
            raise CalibrationError(
                f"{path}: {key}: found {found.get(key)!r}, this calibration has {value!r}; "
                "give the same, or another folder"
            )


def _digest_of(what: object) -> str:
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:16]


def _digest(problem: Problem) -> str:
    """Hash of what a stage is to explain and with which priors."""
    priors = {name: str(prior) for name, prior in problem.priors.items()}
    return _digest_of([priors, dict(problem.observed), dict(problem.errors)])


def _last_evaluation(folder: Path) -> float:
    """When the last stage was done, seconds since 1970."""
    return (folder / f"{list(Block)[-1]}.parquet").stat().st_mtime


def posterior_of(folder: Path, particles: Particles, thoroughness: Thoroughness, seed: int) -> Posterior:
    """Write ``posterior.csv`` and ``posterior.json`` into a folder."""
    provenance: dict[str, Any] = {
        "code_version": code_version(),
        "data_version": data_version(),
        "settings": {**asdict(thoroughness), "stages": [str(block) for block in Block]},
        "seed": seed,
        "date": datetime.fromtimestamp(_last_evaluation(folder), UTC).date().isoformat(),
    }
    return write_posterior(folder, particles.names, particles.values, particles.weights, provenance)
