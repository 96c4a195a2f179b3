"""Bench: speed and memory of the model, the same keys each time, as a table and in benchmarks/latest.json."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench_batch import COMPARED, compared_scenario, measure_batches
from bench_country import cost_curve, measure_country
from fresh import fresh, peak_bytes
from plain_mesa import worker_steps_per_second

RUNS = 3
_SMALL = ("1871",)
_SMALL_START = 2015
_BIG_INHABITANTS = 1_000_000
_HERE = Path(__file__).parent

Figures = dict[str, tuple[str, list[float]]]


def big_region() -> list[str]:
    """Municipalities of the largest region that together have about a million inhabitants."""
    from omstilling.calibration.tables.tables import load_tables

    population = load_tables().population[2015].sort_values(ascending=False)
    chosen = population[population.cumsum() <= _BIG_INHABITANTS].index
    return [str(code) for code in chosen]


def _speed(codes: list[str], months: int) -> float:
    """Person-months a second after a warm month."""
    from omstilling.calibration.margins.region import region_margins
    from omstilling.model import RestructuringModel

    model = RestructuringModel(region_margins(codes, _SMALL_START), seed=1)
    model.run_months(2)
    persons = 0
    start = time.perf_counter()
    for _ in range(months):
        model.step()
        persons += model.population
    return persons / (time.perf_counter() - start)


def _synthesis_seconds() -> float:
    """Seconds for the synthetic population of a million, margins at hand."""
    from omstilling.calibration.margins.region import region_margins
    from omstilling.model import RestructuringModel

    margins = region_margins(big_region(), _SMALL_START)
    start = time.perf_counter()
    model = RestructuringModel(margins, seed=1)
    return (time.perf_counter() - start) * 1e6 / model.population


def bytes_per_person() -> float:
    """Peak memory of this process after a run of a million persons, less its peak with a small region, a person."""
    from omstilling.calibration.tables.tables import load_tables

    _speed(list(_SMALL), 12)
    codes, before = big_region(), peak_bytes()
    _speed(codes, 12)
    return float((peak_bytes() - before) / load_tables().population.loc[codes, _SMALL_START].sum())


def _help_seconds() -> float:
    start = time.perf_counter()
    subprocess.run([str(Path(sys.executable).with_name("omstilling")), "--help"], check=True, capture_output=True)
    return time.perf_counter() - start


def _compare_seconds() -> float:
    """Seconds for 200 paired replications of all six designs, a municipality of 5,000 over 15 years, two processes."""
    from omstilling.experiments.comparison.comparison import compare
    from omstilling.model import Parameters

    scenario = compared_scenario()
    start = time.perf_counter()
    compare(scenario, replications=200, workers=2, parameters=Parameters())  # fixed: versions stay comparable
    return time.perf_counter() - start


def _programme_seconds(without: bool) -> float:
    """Seconds of a run of 15 years with a programme, or of one whose offices and programmes do nothing."""
    from omstilling.calibration.margins.region import region_margins
    from omstilling.calibration.tables.places import Places
    from omstilling.model import RestructuringModel
    from omstilling.model.policy.design import Support
    from omstilling.scenarios.design_loader import load_design
    from omstilling.scenarios.loader import load_scenario

    class Idle(RestructuringModel):
        def develop_municipalities(self) -> None:
            pass

        def administer_programmes(self) -> None:
            pass

    scenario = load_scenario(COMPARED, Places())
    shocks = tuple(spec.to_shock() for spec in scenario.shocks)
    margins = region_margins(scenario.municipalities, scenario.start, shocks)
    support = Support(load_design("current"), (scenario.application,))
    model = (Idle if without else RestructuringModel)(margins, shocks=shocks, support=support)
    start = time.perf_counter()
    model.run_months(180)
    return time.perf_counter() - start


def _overhead_share() -> float:
    """What offices and programmes add to a run's time, as a share of the time without them; medians of 9 each."""
    pairs = [(_programme_seconds(False), _programme_seconds(True)) for _ in range(9)]
    with_them, without = (statistics.median(seconds) for seconds in zip(*pairs, strict=True))
    return with_them / without - 1.0


def _repeated(measure: Callable[[], float]) -> list[float]:
    return [measure() for _ in range(RUNS)]


def measure() -> Figures:
    """Every key with its unit and values, one per run."""
    small, big = list(_SMALL), big_region()
    _speed(small, 2)  # compile, or load from the cache
    fast = _repeated(lambda: _speed(small, 120))
    plain = _repeated(worker_steps_per_second)
    return {
        "person_months_per_second_1m": ("/s", _repeated(lambda: _speed(big, 12))),
        "person_months_per_second_5k": ("/s", fast),
        "bytes_per_person": ("bytes", _repeated(lambda: float(fresh("bench", "bytes_per_person")))),
        "population_seconds_1m": ("s", _repeated(_synthesis_seconds)),
        "help_seconds": ("s", _repeated(_help_seconds)),
        "plain_mesa_worker_months_per_second": ("/s", plain),
        "compare_seconds_200x6": ("s", [_compare_seconds()]),
        "programme_overhead_share": ("share", _repeated(_overhead_share)),
        "ratio_to_plain_mesa": ("times", [a / b for a, b in zip(fast, plain, strict=True)]),
        **measure_batches(),
        **measure_country(),
    }


def _report(figures: Figures, curve: list[dict[str, float]]) -> dict[str, object]:
    import numba
    import numpy as np

    keys = {
        key: {"median": statistics.median(values), "min": min(values), "max": max(values), "unit": unit}
        for key, (unit, values) in figures.items()
    }
    machine = {
        "cores": os.cpu_count(), "python": platform.python_version(), "numba": numba.__version__,
        "numpy": np.__version__, "machine": platform.machine(),
    }  # fmt: skip
    return {"machine": machine, "runs": RUNS, "keys": keys, "curve": curve}


def main() -> None:
    """Measure, print a table, and write ``latest.json`` beside this file."""
    from rich.console import Console
    from rich.table import Table

    figures = measure()
    table = Table(box=None, header_style="bold", title=f"Median of {RUNS} runs")
    for title in ("Key", "Median", "Min", "Max", "Unit"):
        table.add_column(title, justify="left" if title in ("Key", "Unit") else "right")
    for key, (unit, values) in figures.items():
        cells = (f"{value:,.3g}" if value < 1000 else f"{value:,.0f}" for value in _three(values))
        table.add_row(key, *cells, unit)
    Console().print(table)
    curve = cost_curve()
    growth = Table(box=None, header_style="bold", title="Cost by number of persons, two threads from 200,000")
    for title in ("Persons", "Municipalities", "Seconds a month", "Microseconds a person-month"):
        growth.add_column(title, justify="right")
    for row in curve:
        growth.add_row(
            f"{row['persons']:,.0f}", f"{row['municipalities']:.0f}", f"{row['seconds_a_month']:.4f}",
            f"{row['microseconds_a_person_month']:.3f}",
        )  # fmt: skip
    Console().print(growth)
    path = _HERE / "latest.json"
    path.write_text(json.dumps(_report(figures, curve), indent=2) + "\n", encoding="utf-8")
    Console().print(f"Written: {path}")


def _three(values: list[float]) -> tuple[float, float, float]:
    return statistics.median(values), min(values), max(values)


if __name__ == "__main__":
    main()
