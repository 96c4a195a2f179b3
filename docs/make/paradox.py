"""Paradox: what programmes report, what they change and what is left of capacity, beside what evaluations found.

``make paradox`` writes docs/paradox.md and its figure.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from omstilling.calibration.parameters.source import ParameterSource
from omstilling.calibration.tables.tables import load_tables
from omstilling.experiments.comparison.comparison import Comparison, compare
from omstilling.experiments.drawing.style import BLUE, GREY, ORANGE, head_and_note, look_of, style_axes
from omstilling.experiments.files.markdown import markdown_table
from omstilling.experiments.files.writing import write_atomically
from omstilling.experiments.reading.waterfall import PARTS

SCENARIOS = {
    "andoy-2018": "andoy",
    "sor-varanger-2015": "sor-varanger-2016",
    "vestre-toten-2009": "vestre-toten",
    "ringerike-2012": "ringeriksregionen",
    "lierne-2010": "lierne",
    "dyroy-2010": "dyroy",
}
"""Shipped scenarios, each with its programme in the programmes table."""
DESIGN = "current"
REPLICATIONS = 100
WORKERS = 2
MNOK_PER_REPORTED_JOB = (0.13, 0.56)
SAY_TRIGGERED = (0.80, 0.90)
NET_EFFECT = (0.0, 6.0)
"""Ranges that evaluations give: programmes table and Distriktssenteret 2009; Kundeeffektundersøkelsen 2022 (88 %);
TF-rapport 704 (no measurable effect) to Distriktssenteret 2009 (+6 %).
"""
MATCHED_PAIRS = 53
"""Programme municipalities, each with a reference, in TF-rapport 704."""
_LAST, _END, _START = 3, 1, 0


def _reading(comparison: Comparison, name: str, date: str) -> pd.Series[float]:
    table = comparison.table
    rows = table[(table["design"] == DESIGN) & (table["indicator"] == name) & (table["date"] == date)]
    return rows.iloc[0]


def _label(comparison: Comparison) -> str:
    """Short name of a scenario: its title up to the colon."""
    return comparison.scenario.title.split(":")[0]


def _gain_kept(comparison: Comparison) -> NDArray[np.float64]:
    """Share of the capacity gained during the programme that is there five years after, by replication."""
    index = comparison.values("capacity_index", 1) - comparison.values("capacity_index", 0)
    return np.asarray(index[:, _LAST] / index[:, _END])


def _stated(programme: str) -> str:
    """What sources state of a programme: jobs reported, or the target."""
    row = load_tables().programmes.set_index("programme").loc[programme]
    if not np.isnan(row["jobs_reported"]):
        return f"{row['jobs_reported']:.0f} reported"
    return "" if np.isnan(row["job_target"]) else f"target {row['job_target']:.0f}"


def summary_of(name: str, comparison: Comparison) -> dict[str, object]:
    """One row of the document: what is reported, changed and kept in one scenario under ``current``."""
    effect = _reading(comparison, "employment_effect", "end+5")
    capacity = comparison.values("capacity_index", 1).mean(axis=0)
    gains = [float(_reading(comparison, "capacity_index", date)["difference"]) for date in ("end", "end+3", "end+5")]
    low, kept, high = np.quantile(_gain_kept(comparison), (0.05, 0.5, 0.95))
    jobs = comparison.values("jobs", 0)[:, _LAST]
    return {
        "scenario": _label(comparison),
        "public MNOK": float(_reading(comparison, "public_cost", "end")["mean"]),
        "reported jobs": float(_reading(comparison, "reported_jobs", "end")["mean"]),
        "sources state": _stated(SCENARIOS[name]),
        "MNOK per reported job": f"{_reading(comparison, 'mnok_per_reported_job', 'end')['mean']:.2f}",
        "say triggered %": 100.0 * float(_reading(comparison, "share_who_say_triggered", "end")["mean"]),
        "net effect on jobs %": f"{effect['mean']:+.2f} ± {effect['mc_error']:.2f}",
        "90 % of runs": f"{effect['low']:+.1f} to {effect['high']:+.1f}",
        "capacity: start, end, +3, +5": " → ".join(f"{value:.0f}" for value in capacity),
        "of it gained": " → ".join(f"{gain:+.0f}" for gain in gains),
        "gain kept at +5 %": f"{100 * kept:.0f} ({100 * low:.0f} to {100 * high:.0f})",
        "chance %": 100.0 * float(jobs.std(ddof=1) / jobs.mean()),
    }


def _pooled(results: dict[str, Comparison]) -> dict[str, float]:
    """Figures of all scenarios together: each counts alike."""
    shares = [_reading(c, "share_who_say_triggered", "end")["mean"] for c in results.values()]
    cost = [_reading(c, "public_cost", "end")["mean"] for c in results.values()]
    reported = [_reading(c, "reported_jobs", "end")["mean"] for c in results.values()]
    effects = [_reading(c, "employment_effect", "end+5") for c in results.values()]
    chance = [c.values("jobs", 0)[:, _LAST] for c in results.values()]
    return {
        "cost": float(sum(cost) / sum(reported)),
        "share": float(np.mean(shares)),
        "effect": float(np.mean([effect["mean"] for effect in effects])),
        "error": float(np.sqrt(sum(effect["mc_error"] ** 2 for effect in effects)) / len(effects)),
        "chance": float(np.sqrt(np.mean([(jobs.std(ddof=1) / jobs.mean()) ** 2 for jobs in chance]))),
    }


def _within(value: float, bounds: tuple[float, float]) -> str:
    return "inside" if bounds[0] <= value <= bounds[1] else "**outside**"


def _verdict(results: dict[str, Comparison]) -> str:
    """What the figures say of each pattern, in words."""
    pooled = _pooled(results)
    matched = 100.0 * pooled["chance"] * np.sqrt(2.0 / MATCHED_PAIRS)
    outside = [
        _label(c)
        for c in results.values()
        if _within(_reading(c, "mnok_per_reported_job", "end")["mean"], MNOK_PER_REPORTED_JOB) != "inside"
    ]
    low, high = MNOK_PER_REPORTED_JOB
    compared = "more than" if matched > pooled["effect"] else "less than"
    lines = [
        f"Cost per reported job: {pooled['cost']:.2f} MNOK over all six, {_within(pooled['cost'], (low, high))} the "
        f"range {low}-{high} of evaluations; outside it one by one: {', '.join(outside) or 'none'}.",
        f"Clients who say that support triggered the project: {100 * pooled['share']:.0f} %, "
        f"{_within(pooled['share'], SAY_TRIGGERED)} 80-90 % (one parameter, `credit_taken`, is set for this).",
        f"Net effect on employment five years after the end: {pooled['effect']:+.2f} % ± {pooled['error']:.2f} on "
        f"average over the six, {_within(pooled['effect'], NET_EFFECT)} 0 to +6 %.",
        f"What an evaluator can see: without a programme, chance alone spreads jobs by {100 * pooled['chance']:.1f} % "
        f"(one standard deviation) at that date. A comparison of {MATCHED_PAIRS} programme municipalities with as many "
        f"references then has a standard error of {matched:.1f} points, {compared} the effect itself, before any error "
        "of matching.",
    ]
    return "\n".join(f"- {line}" for line in lines)


def _draw(results: dict[str, Comparison]) -> Figure:
    """Reported against net jobs, net effect with its spread, and the course of capacity, by scenario."""
    figure = Figure(figsize=(12.5, 4.8), layout="constrained")
    bars, effects, course = figure.subplots(1, 3)
    names = [_label(c) for c in results.values()]
    for row, c in enumerate(results.values()):
        net, reported = _reading(c, "net_jobs", "end+5")["mean"], _reading(c, "reported_jobs", "end")["mean"]
        bars.barh(row - 0.2, reported, height=0.36, color=BLUE, label="reported" if row == 0 else None)
        bars.barh(row + 0.2, net, height=0.36, color=ORANGE, label="net, five years after" if row == 0 else None)
        effect = _reading(c, "employment_effect", "end+5")
        effects.plot([effect["low"], effect["high"]], [row, row], color=BLUE, linewidth=2, alpha=0.5)
        effects.plot(effect["mean"], row, "o", color=BLUE)
        gain = c.values("capacity_index", 1)
        low, middle, high = np.quantile(gain, (0.05, 0.5, 0.95), axis=0)
        years = np.array([0.0, 1.0, 2.0, 3.0]) + 0.06 * (row - 2.5)
        course.errorbar(years, middle, yerr=(middle - low, high - middle), marker="o", markersize=4, linewidth=1.2,
                        color=look_of(row + 1).colour, label=names[row], capsize=2)  # fmt: skip
    for axes in (bars, effects):
        axes.set_yticks(range(len(names)), names if axes is bars else [""] * len(names))
        axes.set_ylim(len(names) - 0.5, -0.5)
    effects.axvspan(*NET_EFFECT, color=GREY, alpha=0.12, linewidth=0)
    effects.axvline(0.0, color=GREY, linewidth=0.8)
    bars.legend(frameon=False, fontsize=8.5)
    course.legend(frameon=False, fontsize=8)
    course.set_xticks(range(4), ["start", "end", "+3 years", "+5 years"])
    style_axes(course)
    for axes, title in (
        (bars, "Jobs reported and net jobs"),
        (effects, "Net effect on jobs after five years, %:\nmean, 90 % of runs; grey: evaluations"),
        (course, "Development capacity, 0–100:\nmedian and 90 % of runs"),
    ):
        axes.set_title(title, loc="left", fontsize=10)
        axes.spines[["top", "right"]].set_visible(False)
    note = f"Design {DESIGN}, one set of parameters, {REPLICATIONS} paired replications each."
    head_and_note(figure, "Many jobs reported, few net jobs, capacity that rises and falls back in part", note)
    return figure


def _waterfalls(results: dict[str, Comparison]) -> pd.DataFrame:
    rows = []
    for c in results.values():
        chosen = (c.waterfall["design"] == DESIGN) & (c.waterfall["date"] == "end+5")
        parts = c.waterfall[chosen].set_index("part")["jobs"]
        rows.append({"scenario": _label(c)} | {part.replace("_", " "): float(parts[part]) for part in PARTS})
    return pd.DataFrame(rows)


_TEXT = """# The paradox: many jobs reported, little net effect

Generated by `make paradox`: six historical programmes under the design `{design}` with one set of parameters
({parameters}), {replications} paired replications each, run until five years after the end.
Nothing in the model is an effect of a programme on jobs: what is reported, and what is different from the paired run,
both come out of the same ideas, firms and workers.

{table}

"Chance" is the standard deviation of jobs at the last date without a programme, in per cent.

{verdict}

![Reported and net jobs, net effect, capacity](figures/paradox.png)

## From reported to net jobs, five years after the end

reported − deadweight − displaced within − displaced to neighbours − failed or ended + multiplier = net, exactly, in
every replication; the table shows means. *Displaced within* is what other firms there have less: in local services,
which follow demand, all that supported firms add, and in tradable industries how much more staff lags behind what
firms want. *Multiplier* is what local services and the public sector have more in all, and what other tradable firms
want more in a more attractive place. *Net* counts the neighbours in the region too.

{waterfalls}

## What is bad

- The reporting of secured jobs (`secured_share`) and the credit that clients give (`credit_taken`) are set by hand to
  these same figures: they shape what is reported, not what is changed.
- Small places do not find ideas for all the money that a large grant brings, and return part of it; the sources say
  nothing of money returned.
- Rates of ideas, returns and failures are choices within wide priors; their uncertainty is not carried here.
"""


def write_paradox(folder: Path) -> Path:
    """Run the six scenarios and write ``paradox.md`` and its figure into a folder; takes some minutes.

    One set of parameters for all, so that what differs between replications without a programme is chance.
    """
    results = {}
    for name in SCENARIOS:
        print(name, file=sys.stderr)
        results[name] = compare(
            name, ("none", DESIGN), replications=REPLICATIONS, workers=WORKERS, parameters=ParameterSource.POINT
        )
    figures = folder / "figures"
    figures.mkdir(parents=True, exist_ok=True)
    write_atomically(figures / "paradox.png", lambda path: _draw(results).savefig(path, dpi=110))
    table = pd.DataFrame([summary_of(name, comparison) for name, comparison in results.items()])
    text = _TEXT.format(
        design=DESIGN, parameters=next(iter(results.values())).sets.label, replications=REPLICATIONS,
        table=markdown_table(table), verdict=_verdict(results), waterfalls=markdown_table(_waterfalls(results)),
    )  # fmt: skip
    return write_atomically(folder / "paradox.md", lambda path: path.write_text(text, encoding="utf-8"))


if __name__ == "__main__":
    print(write_paradox(Path(__file__).parents[1]))
