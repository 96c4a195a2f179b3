"""Experiment run: an experiment file run into a store, from Python."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from omstilling.experiments.batch.plan import make_plan
from omstilling.experiments.batch.results import Results, open_store
from omstilling.experiments.batch.runner import BatchStanding, run_batch
from omstilling.experiments.batch.store import Store
from omstilling.experiments.running.executors import local_executor
from omstilling.scenarios.experiment import Experiment, load_experiment


def run_experiment(
    experiment: str | Path | Experiment,
    store: str | Path,
    *,
    workers: int = 1,
    progress: Callable[[BatchStanding], None] = lambda _standing: None,
    max_failures: int | None = None,
) -> Results:
    """Run an experiment into a store, or what the store lacks of it.

    Parameters
    ----------
    experiment
        Path of an experiment file, the name of a shipped one, or an experiment.
    store
        Folder; one that holds part of the experiment is completed.
    workers
        Processes; the store is the same for any number.
    progress
        Called after each shard.
    max_failures
        Stop when more runs than this have failed; never if left out.

    Raises
    ------
    ScenarioError, PlaceError, MarginsError, ShockError, PosteriorError
        For what cannot be run.
    StoreError
        Where the store is for other runs, or another process writes to it.
    TooManyFailuresError
        All that was done until then is kept.
    """
    asked = experiment if isinstance(experiment, Experiment) else load_experiment(experiment)
    run_batch(make_plan(asked), Store(Path(store)), lambda: local_executor(workers), workers, progress, max_failures)
    return open_store(store)
