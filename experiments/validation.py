"""Validation: the model against what happened, written to docs/validation.md with figures."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from omstilling.calibration.employment import jobs_in
from omstilling.calibration.places import Places
from omstilling.calibration.tables import load_tables
from omstilling.experiments.figures import draw_panel
from omstilling.experiments.markdown import markdown_table
from omstilling.experiments.result import RunResult
from omstilling.experiments.runner import run
from omstilling.experiments.writing import write_atomically
from omstilling.scenarios.loader import load_scenario, shipped_scenarios
from omstilling.scenarios.schema import Scenario

START, END = 2010, 2020
REGIONS = 24
DRAW_SEED = 2010
REPLICATIONS = 10
CLOSURE_REPLICATIONS = 40
WORKERS = 2
HISTORICAL = "current"
"""Design under which the historical programmes ran."""
_TREND_YEARS = 5
_KINDS = ("population", "jobs")


def drawn_regions() -> list[str]:
    """Keys of the regions, drawn at random with a fixed seed."""
    regions = np.array(sorted(load_tables().municipalities["region"].unique()))
    chosen = np.random.default_rng(DRAW_SEED).choice(len(regions), REGIONS, replace=False)
    return [str(key) for key in regions[np.sort(chosen)]]


def _totals(codes: list[str], kind: str, year: int) -> float:
    """Inhabitants on 1 January of a year, or jobs in the 4th quarter before it, summed over municipalities."""
    tables = load_tables()
    if kind == "population":
        groups = tables.population.loc[codes, year]
        return float(groups.sum())
    rows = tables.municipalities.index.get_indexer(codes)
    return float(jobs_in(year - 1)[0][rows].sum())


def compare_region(key: str) -> list[dict[str, object]]:
    """Growth 2010-2020 of one region: observed, simulated, and two naive forecasts, in per cent."""
    codes = list(Places().municipalities_of(key))
    scenario = Scenario(name=key, title=key, region=key, municipalities=tuple(codes), start=START, years=END - START)
    result = run(scenario, replications=REPLICATIONS, workers=WORKERS)
    rows = []
    for kind in _KINDS:
        base, observed = _totals(codes, kind, START), _totals(codes, kind, END)
        trend = (base / _totals(codes, kind, START - _TREND_YEARS)) ** ((END - START) / _TREND_YEARS)
        months = result.row_of(END if kind == "population" else END - 1, kind)
        simulated = sum(result.of(kind, code)[:, months] for code in codes) / base
        low, middle, high = np.quantile(simulated, (0.05, 0.5, 0.95))
        figures = {"observed": observed / base, "simulated": middle, "low": low, "high": high, "same trend": trend}
        row: dict[str, object] = {"region": key, "kind": kind, "start": base, "no change": 0.0}
        rows.append(row | {name: 100.0 * (value - 1.0) for name, value in figures.items()})
    return rows


def _errors(table: pd.DataFrame) -> pd.DataFrame:
    """Mean absolute error, bias and coverage by kind, per cent of the start."""
    rows = []
    for kind in _KINDS:
        part = table[table["kind"] == kind]
        inside = ((part["observed"] >= part["low"]) & (part["observed"] <= part["high"])).mean()
        for forecast in ("simulated", "no change", "same trend"):
            error = part[forecast] - part["observed"]
            coverage = f"{inside:.0%}" if forecast == "simulated" else ""
            rows.append((kind, forecast, error.abs().mean(), error.abs().median(), error.mean(), coverage))
    names = ["what", "forecast", "mean absolute error", "median", "bias", "coverage of the 90 % interval"]
    return pd.DataFrame(rows, columns=names)


def _draw_growth(table: pd.DataFrame) -> Figure:
    figure = Figure(figsize=(9.5, 4.6), layout="constrained")
    titles = {"population": "Inhabitants, growth 2010–2020 (%)", "jobs": "Jobs, growth 4th quarter 2009–2019 (%)"}
    for axes, kind in zip(figure.subplots(1, 2), _KINDS, strict=True):
        part = table[table["kind"] == kind]
        spread = (part["simulated"] - part["low"], part["high"] - part["simulated"])
        axes.errorbar(part["observed"], part["simulated"], yerr=np.abs(spread), fmt="o", color="#0072B2",
                      ecolor="#9ecae1", markersize=5, label="simulated, median and 90 %")  # fmt: skip
        axes.plot(part["observed"], part["same trend"], "x", color="#D55E00", markersize=6, label="same trend")
        ends = [min(part["observed"].min(), part["low"].min()), max(part["observed"].max(), part["high"].max())]
        axes.plot(ends, ends, color="#555555", linewidth=0.8, linestyle="--")
        axes.set_title(titles[kind], loc="left", fontsize=10.5)
        axes.set_xlabel("observed")
        axes.set_ylabel("forecast")
        axes.spines[["top", "right"]].set_visible(False)
    figure.axes[0].legend(frameon=False, fontsize=8.5)
    return figure


def _draw_closures(results: list[RunResult]) -> Figure:
    figure = Figure(figsize=(10.5, 3.3 * len(results)), layout="constrained")
    for row, result in zip(figure.subplots(len(results), 2), results, strict=True):
        for axes, kind in zip(row, ("jobs", "population"), strict=True):
            draw_panel(axes, result, result.scenario.focus, kind)
        row[0].set_title(f"{result.scenario.title}\nJobs", loc="left", fontsize=9.5)
        row[1].set_title("Inhabitants", loc="left", fontsize=9.5)
    figure.axes[0].legend(frameon=False, fontsize=8)
    return figure


def _closure_table(results: list[RunResult]) -> pd.DataFrame:
    """Observed figures after the event and how often the intervals hold them."""
    rows = []
    for result in results:
        table = result.compared(result.scenario.focus)
        event = min((1900 + shock.date // 12 for shock in result.scenario.shocks), default=result.scenario.start)
        for kind in ("jobs", "population"):
            part = table[(table["column"] == kind) & (table["year"] > event)]
            inside = (part["observed"] >= part["q05"]) & (part["observed"] <= part["q95"])
            error = 100.0 * (part["q50"] / part["observed"] - 1.0)
            rows.append(
                (result.scenario.name, kind, len(part), f"{inside.sum()} of {len(part)}", error.mean(), error.iloc[-1])
            )
    names = ["scenario", "what", "years observed after", "inside 90 %", "mean error %", "error in the last year %"]
    return pd.DataFrame(rows, columns=names)


_TEXT = """# Validation

Generated by `make validation`. The parameters are set by hand; inference comes later. Observed figures:
Statistics Norway (CC BY 4.0), tables 07459 and 11618.

## Baseline 2010-2020: {regions} regions drawn at random (seed {seed})

Each region runs alone from 1 January {start}, {replications} replications, without shocks. Growth in per cent
of the start. "Same trend" continues the yearly growth of 2005-2010. Moving by age and place is set from figures
of 2005-2010 alone.

What is not fair to the forecasts: jobs of 2009 are not observed but lie on a line between 2005 and 2015, so the
"same trend" of jobs knows half of what it forecasts, and the model's parameters of growth were set looking at
2010-2021 as a whole.

{errors}

{verdict}

![Growth of regions, forecast against observed](figures/validation-growth.png)

{table}

## Closures and a slow decline

{closure_replications} replications each, with the programme that followed under the design `{historical}`. The model
knows nothing of new firms that came by chance or other policy. Where a closure falls between 2005 and 2015, the level
of jobs before it is interpolated to the jobs of 2015 plus those lost.

{closures}

![Closures, simulated and observed](figures/validation-closures.png)

## What is bad

{bad}
"""

_BAD = """- Industries and sizes of firms come from one county: a place that lives of fish or mining has too little
  of it unless a scenario names the firm.
- Fertility stays at the level of the start year; it fell from 1.95 to 1.53 in 2010-2019, so births are too many.
- Immigration stays at the rate of the years before the start; the wave of 2012 and the low of 2017-2020 are not in it.
- National growth of jobs is one number for all industries; the oil downturn of 2014-2016 and the pandemic are missing.
- Parameter uncertainty is not carried yet, so the intervals hold chance alone and are too narrow.
- Andøy's jobs show no fall until 2021, though the station was decided closed: the date in the sources is inferred.
- Registered unemployment stands for all unemployment; surveys find more."""


def _verdict(errors: pd.DataFrame) -> str:
    """Say in words how the model stands against the naive forecasts."""
    lines = []
    for kind in _KINDS:
        part = errors[errors["what"] == kind].set_index("forecast")["mean absolute error"]
        best = part.drop("simulated").idxmin()
        better = part["simulated"] < part[best]
        lines.append(
            f"- **{kind.capitalize()}**: the model's mean absolute error is {part['simulated']:.1f} points, "
            f"{'smaller' if better else 'larger'} than that of the best naive forecast ({best}, {part[best]:.1f})."
        )
    return "\n".join(lines)


def write_validation(folder: Path) -> Path:
    """Run everything and write ``validation.md`` and its figures into a folder; takes some minutes."""
    rows: list[dict[str, object]] = []
    for number, key in enumerate(drawn_regions()):
        print(f"{number + 1}/{REGIONS} {key}", file=sys.stderr)
        rows += compare_region(key)
    table = pd.DataFrame(rows)
    results = []
    for name in shipped_scenarios():
        print(name, file=sys.stderr)
        scenario = load_scenario(name, Places())
        results.append(run(scenario, replications=CLOSURE_REPLICATIONS, workers=WORKERS, design=HISTORICAL))
    errors = _errors(table)
    figures = folder / "figures"
    figures.mkdir(parents=True, exist_ok=True)
    write_atomically(figures / "validation-growth.png", lambda path: _draw_growth(table).savefig(path, dpi=110))
    write_atomically(figures / "validation-closures.png", lambda path: _draw_closures(results).savefig(path, dpi=90))
    columns = ["region", "kind", "start", "observed", "simulated", "low", "high", "same trend"]
    text = _TEXT.format(
        regions=REGIONS, seed=DRAW_SEED, start=START, replications=REPLICATIONS, errors=markdown_table(errors),
        verdict=_verdict(errors), table=markdown_table(table[columns]), closure_replications=CLOSURE_REPLICATIONS,
        historical=HISTORICAL,
        closures=markdown_table(_closure_table(results)), bad=_BAD,
    )  # fmt: skip
    return write_atomically(folder / "validation.md", lambda path: path.write_text(text, encoding="utf-8"))


if __name__ == "__main__":
    print(write_validation(Path("docs")))
