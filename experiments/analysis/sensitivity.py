"""Sensitivity: how much of an outcome comes from each key of a sample, by the methods of Sobol and Morris (SALib)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from omstilling.experiments.analysis.outcomes import designs_of, indicator_named, known_name, scenarios_of
from omstilling.experiments.batch.points import salib_problem, sample_values
from omstilling.experiments.batch.results import Results
from omstilling.experiments.reading.trace import DATES
from omstilling.scenarios.errors import Problem, ScenarioError
from omstilling.scenarios.experiment import Sample

_BOOTSTRAPS = 200
_METHODS = ("saltelli", "morris")


def analysed_sample(results: Results) -> Sample:
    """The sample of a store's experiment.

    Raises
    ------
    ScenarioError
        Where it has none, or one of a method that sensitivity is not read from.
    """
    sample = results.store.experiment.sample
    if sample is None or sample.method not in _METHODS:
        found = "no sample" if sample is None else repr(sample.method)
        allowed = f"an experiment with the method {' or '.join(_METHODS)} is needed for a sensitivity analysis"
        raise ScenarioError(str(results.store.path), [Problem("sample.method", found, allowed)])
    return sample


def sample_outcome(results: Results, design: str, indicator: str, date: str, scenario: str) -> NDArray[np.float64]:
    """Effect of a design at every point of the sample, against the paired run without programme.

    Parameters
    ----------
    results
        The store.
    design
        One of its designs besides the baseline.
    indicator, date, scenario
        What is read, when and where.

    Returns
    -------
    numpy.ndarray
        Shape (points, R), R being draws times replications: what differs among these is chance, and the parameters that
        the sample does not set where they are drawn. Mean over the points of a grid, if there is one too. NaN where a
        run failed or is not there.

    Raises
    ------
    ScenarioError
        For an unknown name, or a store without a sample of Sobol's or Morris' method.
    """
    sample, asked = analysed_sample(results), results.store.experiment
    known_name("--design", design, designs_of(results)[1:])
    known_name("--date", date, DATES)
    chosen = results.cube["difference"].sel(
        design=design, date=date, indicator=indicator_named(indicator, results).name,
        scenario=scenarios_of(results, [scenario])[0],
    )  # fmt: skip
    of_sample = len(sample_values(sample, asked.seed))
    points = of_sample * len(asked.grid_points)  # the sample runs fastest
    every = chosen.reindex(point=range(points), draw=range(asked.draws), replication=range(asked.replications))
    values = every.transpose("point", "draw", "replication").to_numpy()
    return np.asarray(values.reshape(len(asked.grid_points), of_sample, -1).mean(axis=0))


def _whole_groups(values: NDArray[np.float64], size: int) -> NDArray[np.bool_]:
    """Which rows belong to groups of a sample of which every run is there, shape (points,)."""
    known = np.isfinite(values).all(axis=1).reshape(-1, size).all(axis=1)
    return np.repeat(known, size)


def sensitivity(sample: Sample, outcome: NDArray[np.float64], seed: int) -> pd.DataFrame:
    """Sensitivity indices of an outcome.

    Parameters
    ----------
    sample
        With the method ``saltelli`` (Sobol's indices) or ``morris`` (elementary effects).
    outcome
        Of every point and replication, shape (points, R); NaN where a run failed. Groups of points that lack one are
        left out whole.
    seed
        Of the experiment: the sample follows from it.

    Returns
    -------
    pandas.DataFrame
        ``key`` and, for Sobol, ``first`` and ``total`` with ``first_error`` and ``total_error`` (95 % half widths, of
        the mean over replications), the largest total first; for Morris, ``mu_star`` with ``mu_star_error``, ``mu`` and
        ``sigma``. ``chance`` is the share of the variance of single replications that is chance alone, and
        ``chance_of_means`` that of the variance of the means, which indices are of; they are the same in every row, and
        NaN for one replication. ``left_out`` counts points.

    Raises
    ------
    ScenarioError
        For a sample of another method, with too few whole groups, or an outcome that is everywhere the same.
    """
    if sample.method not in _METHODS:
        allowed = f"{' or '.join(_METHODS)} is needed for a sensitivity analysis"
        raise ScenarioError("sample", [Problem("sample.method", repr(sample.method), allowed)])
    keys = len(sample.ranges)
    whole = _whole_groups(outcome, keys + 2 if sample.method == "saltelli" else keys + 1)
    if whole.sum() < 2 * (keys + 2):
        found = f"{int(whole.sum())} points without a failed run"
        raise ScenarioError("sample", [Problem("sample.points", found, f"{2 * (keys + 2)} or more are needed")])
    kept = outcome[whole]
    mean = kept.mean(axis=1)
    if not np.ptp(mean) > 0.0:
        found = f"{mean[0]:g} at every point"
        raise ScenarioError("sample", [Problem("outcome", found, "one that varies is needed")])
    frame = _sobol(sample, mean) if sample.method == "saltelli" else _morris(sample, mean, whole, seed)
    chance, chance_of_means = _chance(kept)
    return frame.assign(chance=chance, chance_of_means=chance_of_means, left_out=int((~whole).sum()))


def _chance(values: NDArray[np.float64]) -> tuple[float, float]:
    """Shares of the variance of single values (points, R), and of that of the means of points, that are chance.

    Every point has the same R draws, so that what these have in common moves all points alike and no difference of
    them: only what is left of a value beside its point and its draw is chance in a mean.
    """
    points, runs = values.shape
    if runs < 2:
        return float("nan"), float("nan")
    means = values.mean(axis=1, keepdims=True)
    left = values - means - values.mean(axis=0) + values.mean()
    in_means = float((left**2).sum() / ((points - 1) * (runs - 1))) / runs
    of_means, within = float(means.var(ddof=1)), float(values.var(axis=1, ddof=1).mean())
    by_keys = max(of_means - in_means, 0.0)
    return within / (by_keys + within) if within > 0.0 else 0.0, min(in_means / of_means, 1.0)


def sensitivities(
    results: Results, design: str, indicator: str, date: str, scenarios: Iterable[str] = ()
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Sensitivity indices of the effect of a design in each scenario: see ``sample_outcome`` and ``sensitivity``.

    Returns
    -------
    pandas.DataFrame, dict
        ``scenario`` and the columns of ``sensitivity``; and why a scenario has none, where it has none.

    Raises
    ------
    ScenarioError
        For an unknown name, or where no scenario has indices.
    """
    sample, seed = analysed_sample(results), results.store.experiment.seed
    frames: list[pd.DataFrame] = []
    errors: dict[str, ScenarioError] = {}
    for scenario in scenarios_of(results, scenarios):
        outcome = sample_outcome(results, design, indicator, date, scenario)
        try:
            frame = sensitivity(sample, outcome, seed)
        except ScenarioError as error:
            errors[scenario] = error
            continue
        frame.insert(0, "scenario", scenario)
        frames.append(frame)
    if not frames:
        raise next(iter(errors.values()))
    return pd.concat(frames, ignore_index=True), {scenario: str(error) for scenario, error in errors.items()}


def _sobol(sample: Sample, mean: NDArray[np.float64]) -> pd.DataFrame:
    from SALib.analyze import sobol

    found = sobol.analyze(
        salib_problem(sample), mean, calc_second_order=False, num_resamples=_BOOTSTRAPS, seed=1, print_to_console=False
    )
    frame = pd.DataFrame(
        {"key": list(sample.ranges), "first": found["S1"], "first_error": found["S1_conf"], "total": found["ST"],
         "total_error": found["ST_conf"]}
    )  # fmt: skip
    return frame.sort_values("total", ascending=False, kind="stable", ignore_index=True)


def _morris(sample: Sample, mean: NDArray[np.float64], whole: NDArray[np.bool_], seed: int) -> pd.DataFrame:
    from SALib.analyze import morris

    values = sample_values(sample, seed)[whole]
    found = morris.analyze(
        salib_problem(sample), values, mean, num_resamples=_BOOTSTRAPS, seed=1, print_to_console=False
    )
    frame = pd.DataFrame(
        {"key": list(sample.ranges), "mu_star": np.asarray(found["mu_star"], dtype=float),
         "mu_star_error": np.asarray(found["mu_star_conf"], dtype=float), "mu": np.asarray(found["mu"], dtype=float),
         "sigma": np.asarray(found["sigma"], dtype=float)}
    )  # fmt: skip
    return frame.sort_values("mu_star", ascending=False, kind="stable", ignore_index=True)
