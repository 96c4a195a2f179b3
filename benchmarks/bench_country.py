"""Bench of the country: start-up, fifteen years one to one and one in ten, memory, and how cost grows with persons."""

from __future__ import annotations

import time

from fresh import fresh, peak_bytes

MONTHS = 180
_START = 2015
_TENTH = 10
_CURVE_MONTHS = 12
_CURVE = (5_000, 50_000, 500_000, 1_000_000, 2_500_000, 10_000_000)
"""Inhabitants up to which the largest municipalities that fit are taken together; the last takes the whole country."""

Figures = dict[str, tuple[str, list[float]]]


def run_country(one_in: int, months: int, threads: int) -> dict[str, float]:
    """Seconds of start-up (tables, margins, synthetic population) and of the months after it, and peak memory in MB.

    Behaviours are all there; nobody applies for a programme.
    """
    start = time.perf_counter()
    from omstilling.calibration.margins.region import region_margins
    from omstilling.calibration.margins.sample import sample_margins
    from omstilling.calibration.tables.tables import load_tables
    from omstilling.model import RestructuringModel

    codes = [str(code) for code in load_tables().municipalities.index]
    margins = sample_margins(region_margins(codes, _START), one_in)
    model = RestructuringModel(margins, seed=1, random_shocks=True, threads=threads)
    started = time.perf_counter()
    model.run_months(months)
    return {
        "start": started - start, "months": time.perf_counter() - started, "peak_mb": peak_bytes() / 1e6,
        "persons": float(model.population),
    }  # fmt: skip


def _fresh(one_in: int, months: int, threads: int) -> dict[str, float]:
    """Figures of ``run_country`` in a process of its own."""
    return dict(fresh("bench_country", "run_country", one_in, months, threads))


def measure_country(threads: int = 2) -> Figures:
    """Keys of the country; the long run once, kernels compiled before."""
    _fresh(_TENTH, 2, threads)
    whole, tenth = (
        _fresh(1, MONTHS, threads),
        [_fresh(_TENTH, MONTHS, threads) for _ in range(3)],
    )
    return {
        "country_seconds_15y": ("s", [whole["months"]]),
        "country_peak_mb": ("MB", [whole["peak_mb"]]),
        "country_start_seconds": (
            "s",
            [whole["start"], *(_fresh(1, 0, threads)["start"] for _ in range(2))],
        ),
        "country_tenth_seconds": ("s", [figures["months"] for figures in tenth]),
    }


def cost_curve(threads: int = 2) -> list[dict[str, float]]:
    """Seconds a month by number of persons, from some thousand to the whole country."""
    from omstilling.calibration.margins.region import region_margins
    from omstilling.calibration.tables.tables import load_tables
    from omstilling.model import RestructuringModel
    from omstilling.model.engine.threads import LEAST_ROWS

    population = load_tables().population[_START].sort_values()
    rows = []
    for most in _CURVE:
        fitting = population[population <= most][::-1]
        chosen = fitting.index[fitting.cumsum() <= most]
        used = threads if fitting[chosen].sum() >= LEAST_ROWS else 1
        model = RestructuringModel(region_margins([str(code) for code in chosen], _START), seed=1, threads=used)
        model.run_months(2)
        start, persons = time.perf_counter(), 0
        for _ in range(_CURVE_MONTHS):
            model.step()
            persons += model.population
        seconds = time.perf_counter() - start
        rows.append(
            {
                "persons": persons / _CURVE_MONTHS, "municipalities": float(len(chosen)),
                "seconds_a_month": seconds / _CURVE_MONTHS, "microseconds_a_person_month": 1e6 * seconds / persons,
            }
        )  # fmt: skip
    return rows
