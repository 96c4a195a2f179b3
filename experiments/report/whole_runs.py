"""Whole runs: the part of a store in which every design of every case ran, so that all have the same draws."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd
import pyarrow as pa

from omstilling.experiments.analysis.outcomes import DRAW_KEYS, outcomes_of
from omstilling.experiments.batch.records import OK
from omstilling.experiments.batch.results import Results
from omstilling.experiments.batch.store import StoreError
from omstilling.experiments.comparison.paired import BASELINE
from omstilling.scenarios.errors import ScenarioError


class WholeRuns(NamedTuple):
    """Runs that are compared, and names of designs and cases of the experiment that have none."""

    results: Results
    left_out: tuple[str, ...]


def _kept(results: Results, keep: pd.Series[bool]) -> Results:
    return Results(results.store, results.table.filter(pa.array(keep.to_numpy(dtype=bool))))


def _ran(results: Results) -> tuple[list[str], list[str]]:
    """Cases in which the baseline ran, and designs that ran in all of them, as the experiment orders them."""
    about, runs = results.store.head["about"], results.runs
    ran = set(runs.loc[runs["status"] == OK, ["scenario", "design"]].itertuples(index=False, name=None))
    cases = [each["name"] for each in about["scenarios"] if (each["name"], BASELINE) in ran]
    designs = [each["name"] for each in about["designs"] if all((case, each["name"]) in ran for case in cases)]
    return cases, designs


def whole_runs(results: Results) -> WholeRuns:
    """Leave out designs and cases without a run, then draws in which any of the others failed or is not there.

    Raises
    ------
    StoreError
        Where nothing is left to compare.
    """
    path, about, runs = results.store.path, results.store.head["about"], results.runs
    if not (runs["status"] == OK).any():
        raise StoreError(f"{path}: every run has failed; there is nothing to report")
    cases, designs = _ran(results)
    if not cases or len(designs) < 2:
        raise StoreError(f"{path}: no design besides the baseline has runs in every case; there is nothing to report")
    some = _kept(results, (runs["status"] == OK) & runs["scenario"].isin(cases) & runs["design"].isin(designs))
    try:
        whole = outcomes_of(some).whole
    except ScenarioError as error:
        raise StoreError(f"{path}: no draw in which every design ran; 'omstilling resume {path}'") from error
    every = pd.MultiIndex.from_product([some.cube[name].values for name in DRAW_KEYS])
    draws = pd.MultiIndex.from_frame(some.runs[list(DRAW_KEYS)])
    named = [each["name"] for group in ("scenarios", "designs") for each in about[group]]
    left_out = tuple(name for name in named if name not in (*cases, *designs))
    return WholeRuns(_kept(some, pd.Series(draws.isin(every[whole]))), left_out)
