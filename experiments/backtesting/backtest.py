"""Backtest: the model and naive forecasts from a past year, beside what happened in each municipality."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from omstilling.calibration.estimates.cohort_component import size_class
from omstilling.calibration.margins.ages import groups_of
from omstilling.calibration.margins.employment import jobs_in
from omstilling.calibration.parameters.sets import ParameterChoice
from omstilling.calibration.tables.tables import AGE_GROUPS, AGE_YEARS, JOB_YEARS, load_tables
from omstilling.experiments.backtesting.hindcast import Hindcast, hindcast
from omstilling.experiments.backtesting.naive_forecasts import TREND_YEARS, Forecast, naive_forecasts
from omstilling.experiments.running.workers import Progress

MODEL = "model"
LEVELS = (50, 80, 90)
"""Per cent of outcomes that an interval should hold."""
EARLIER = 2006
"""Start of the earlier hindcast: the first whose jobs (4th quarter of 2005) are observed."""
FIRST_YEARS = range(JOB_YEARS[0] + 1 + TREND_YEARS, AGE_YEARS[-1])
POOLED = ("1508", "1580")
"""Ålesund and Haram: their figures of 2020-2022 are known as a sum only."""
AGE_BANDS = ((0, 5), (6, 15), (16, 19), (20, 29), (30, 44), (45, 66), (67, 79), (80, 105))
_STARTS = np.array([next(n for n, (low, _) in enumerate(AGE_GROUPS) if low == band) for band, _ in AGE_BANDS])
AGE_QUANTITIES = tuple(f"age {low}-{high}" if high < 105 else f"age {low}+" for low, high in AGE_BANDS)
QUANTITIES = ("population", "jobs", *AGE_QUANTITIES)
SIZES = ("under 2 000", "2 000-4 999", "5 000-19 999", "20 000 and more")
"""Classes of municipalities by inhabitants at the start; bounds in ``SIZE_BOUNDS``."""
_FEWEST_IN_CLASS = 20
_GROWTH_OF_ERROR = np.where(np.array(QUANTITIES) == "jobs", 0.5, 1.0)
"""Power of the horizon with which errors grow: 1 for inhabitants, as found for small areas (Smith, Tayman and Swanson
2013, ch. 13); 0.5 for jobs, whose growth is close to a random walk. Set before any coverage was looked at."""


class BacktestError(ValueError):
    """Years that cannot be tested; the message says which can."""


class Unit(NamedTuple):
    """What is scored: a municipality, or two of which the sum alone is known; ``rows`` in the list of codes."""

    code: str
    name: str
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Backtest:
    """Forecasts beside what happened.

    Attributes
    ----------
    simulated, earlier
        The run that is tested, and the hindcast before it that says how wrong the model is.
    seed
        Of the replications.
    table
        A row per unit, quantity and forecast: ``code``, ``name``, ``size``, ``centrality``, ``quantity``,
        ``forecast``, ``start``, ``observed``, ``predicted``; for the model also ``chance_low_50`` to
        ``chance_high_90`` (over replications) and ``error_low_50`` to ``error_high_90`` (with model error).
    left_out
        Codes and names of municipalities that are not scored, because their past is estimated.
    """

    simulated: Hindcast
    earlier: Hindcast
    seed: int
    table: pd.DataFrame
    left_out: dict[str, str]


def last_years(first: int) -> list[int]:
    """Years that a forecast from a year can be scored in: jobs of the 4th quarter before are observed.

    Where jobs at the start lie on a line between two observed years, the end of that line is no test of it.
    """
    start_known = min(year for year in JOB_YEARS if year >= first - 1)
    return [year for year in AGE_YEARS if year > first and year - 1 in JOB_YEARS and year - 1 > start_known]


def check_years(first: int, last: int) -> None:
    """Refuse years without figures.

    Raises
    ------
    BacktestError
        Naming what is allowed.
    """
    if first not in FIRST_YEARS:
        raise BacktestError(
            f"--from {first}: figures allow {FIRST_YEARS[0]} to {FIRST_YEARS[-1]}, because trends need the years before"
        )
    ends = last_years(first)
    if last not in ends:
        allowed = ", ".join(map(str, ends))
        raise BacktestError(
            f"--to {last}: from {first}, figures allow {allowed}; jobs of the 4th quarter before must be observed"
        )


def estimated_codes() -> dict[str, str]:
    """Codes and names of municipalities whose past population is estimated."""
    tables = load_tables()
    codes = sorted(set(tables.quality.loc[tables.quality["quality"] == "estimated", "code"]))
    return {code: str(tables.municipalities.loc[code, "name"]) for code in codes}


def units_of(codes: Sequence[str]) -> list[Unit]:
    """What can be scored among municipalities."""
    names, estimated = load_tables().municipalities["name"], estimated_codes()
    units = [
        Unit(code, str(names.get(code, code)), (row,))  # an unknown code is refused when the region is made
        for row, code in enumerate(codes)
        if code not in estimated and code not in POOLED
    ]
    if all(code in codes for code in POOLED):
        rows = tuple(list(codes).index(code) for code in POOLED)
        units.append(Unit("+".join(POOLED), " and ".join(str(names[code]) for code in POOLED), rows))
    return units


def _quantities(ages: NDArray[np.generic], jobs: NDArray[np.generic], units: list[Unit]) -> NDArray[np.float64]:
    """All quantities of units, shape (..., units, quantities), from ages (..., M, 16) and jobs (..., M)."""
    bands = np.add.reduceat(ages.astype(np.float64), _STARTS, axis=-1)
    table = np.concatenate([bands.sum(axis=-1)[..., None], jobs[..., None], bands], axis=-1)
    return np.stack([table[..., list(unit.rows), :].sum(axis=-2) for unit in units], axis=-2)


def _known(codes: Sequence[str], year: int, units: list[Unit]) -> NDArray[np.float64]:
    """Figures of a year by unit and quantity; jobs may be interpolated."""
    tables = load_tables()
    rows = tables.municipalities.index.get_indexer(list(codes))
    return _quantities(groups_of(tables, year)[0][rows], jobs_in(year - 1)[0][rows], units)


def _simulated(run: Hindcast, year: int, units: list[Unit]) -> NDArray[np.float64]:
    """Replications of a year, shape (R, units, quantities)."""
    row = year - run.first
    return _quantities(run.ages[:, row], run.jobs[:, row], units)


def error_spread(
    errors: NDArray[np.float64], sizes_then: NDArray[np.intp], sizes_now: NDArray[np.intp], level: float
) -> NDArray[np.float64]:
    """Half-width in logs that holds a share of the absolute log errors of units of the same size.

    Empirical prediction intervals (Rayer, Smith and Tayman 2009). A size with fewer than 20 units takes those of all.

    Parameters
    ----------
    errors
        Log errors of the earlier hindcast, shape (units, quantities).
    sizes_then, sizes_now
        Class of size at the start of the earlier hindcast and of the one tested, shape (units,).
    level
        Share to hold, 0-1.

    Returns
    -------
    numpy.ndarray
        Shape (units, quantities).
    """
    spread = np.empty_like(errors)
    for size in range(len(SIZES)):
        same = sizes_then == size
        chosen = errors[same] if same.sum() >= _FEWEST_IN_CLASS else errors
        spread[sizes_now == size] = np.quantile(np.abs(chosen), level, axis=0)
    return spread


def _log_ratio(above: NDArray[np.float64], below: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log ratio of numbers of persons; half a person more, because an age group may be empty."""
    return np.asarray(np.log((above + 0.5) / (below + 0.5)))


def _intervals(simulated: Hindcast, earlier: Hindcast, units: list[Unit]) -> dict[str, NDArray[np.float64]]:
    """Lower and upper ends over replications and with model error, shape (units, quantities) each."""
    first, last = simulated.first, simulated.last
    draws = _simulated(simulated, last, units)
    predicted = draws.mean(axis=0)
    then = _known(simulated.codes, earlier.first, units)[:, 0]
    now = _known(simulated.codes, first, units)[:, 0]
    errors = _log_ratio(_simulated(earlier, first, units).mean(axis=0), _known(simulated.codes, first, units))
    horizon = ((last - first) / (first - earlier.first)) ** _GROWTH_OF_ERROR
    ends: dict[str, NDArray[np.float64]] = {}
    for level in LEVELS:
        low, high = np.quantile(draws, (0.5 - level / 200.0, 0.5 + level / 200.0), axis=0)
        factor = np.exp(horizon * error_spread(errors, size_class(then), size_class(now), level / 100.0))
        ends |= {f"chance_low_{level}": low, f"chance_high_{level}": high}
        ends |= {f"error_low_{level}": predicted / factor, f"error_high_{level}": predicted * factor}
    return ends


def assemble(simulated: Hindcast, earlier: Hindcast, seed: int) -> Backtest:
    """Lay a run and the naive forecasts beside what happened; ``earlier`` must reach the start of the run."""
    tables, first, last = load_tables(), simulated.first, simulated.last
    units = units_of(simulated.codes)
    rows = tables.municipalities.index.get_indexer(list(simulated.codes))
    start, observed = _known(simulated.codes, first, units), _known(simulated.codes, last, units)
    predicted = {MODEL: _simulated(simulated, last, units).mean(axis=0)}
    for name, forecast in naive_forecasts(tables, first, last).items():
        there = Forecast(forecast.ages[rows], forecast.jobs[rows])
        predicted[name] = _quantities(there.ages, there.jobs, units)
    intervals = _intervals(simulated, earlier, units)
    sizes = [SIZES[number] for number in size_class(start[:, 0])]
    centrality = tables.municipalities["centrality_class"].to_numpy()[rows][[unit.rows[0] for unit in units]]
    parts = []
    for forecast_name, values in predicted.items():
        for number, quantity in enumerate(QUANTITIES):
            columns = {
                "code": [unit.code for unit in units], "name": [unit.name for unit in units], "size": sizes,
                "centrality": centrality, "quantity": quantity, "forecast": forecast_name, "start": start[:, number],
                "observed": observed[:, number], "predicted": values[:, number],
            }  # fmt: skip
            ends = {name: values_at[:, number] for name, values_at in intervals.items()}
            parts.append(pd.DataFrame(columns | (ends if forecast_name == MODEL else {})))
    left_out = {code: name for code, name in estimated_codes().items() if code in simulated.codes}
    return Backtest(simulated, earlier, seed, pd.concat(parts, ignore_index=True), left_out)


def backtest(
    first: int,
    last: int,
    codes: Sequence[str] | None = None,
    replications: int = 20,
    seed: int = 1,
    workers: int = 1,
    progress: Progress | None = None,
    parameters: ParameterChoice = None,
) -> Backtest:
    """Simulate municipalities from a past year and lay them beside what happened, with three naive forecasts.

    Parameters
    ----------
    first, last
        Years of 1 January; jobs are those of the 4th quarter before. See ``FIRST_YEARS`` and ``last_years``.
    codes
        Municipal codes of 2024, simulated together; all 357 if left out.
    replications
        Of the run tested and, as many again, of the earlier hindcast from 2006 to the start.
    seed
        The replications follow from it.
    workers
        Processes, each with a copy of the country (0.8 GB); the result is the same for any number.
    progress
        Called with the number of replications done and in all.
    parameters
        For all replications, or where those of each come from; see ``parameter_sets``. The posterior if left out.

    Raises
    ------
    BacktestError
        For years without figures, or municipalities of which none can be scored.
    MarginsError
        For unknown codes.
    PosteriorError
        If the shipped posterior is not what it must be.
    """
    check_years(first, last)
    codes = list(codes if codes is not None else load_tables().municipalities.index)
    note = progress or (lambda _done, _all: None)
    both = 2 * replications
    if not units_of(codes):
        raise BacktestError(f"none of {', '.join(codes)} can be scored: their past is estimated or known as a sum only")
    earlier = hindcast(
        EARLIER, first, codes, replications, seed, workers, lambda done, _all: note(done, both), parameters
    )
    simulated = hindcast(
        first, last, codes, replications, seed, workers, lambda done, _all: note(replications + done, both), parameters
    )
    return assemble(simulated, earlier, seed)
