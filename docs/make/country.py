"""Country report: designs under one national budget, and what evaluators could see; written to docs/country.md.

``make country`` runs it; it takes about half an hour on two cores.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from omstilling.experiments.evaluation.evaluation import SHOWN, Evaluation, evaluate_comparison
from omstilling.experiments.evaluation.files import power_figure
from omstilling.experiments.evaluation.performance import performance_markdown
from omstilling.experiments.files.markdown import markdown_table, wrap_markdown
from omstilling.experiments.files.writing import write_atomically
from omstilling.experiments.national.comparison import NationalComparison, compare_national
from omstilling.experiments.national.groups import Kind, Reach
from omstilling.experiments.national.tables import KEY_FIGURES
from omstilling.experiments.words.numbers import NOTHING, digits_for, plain, signed

SCENARIO = "country"
REPLICATIONS = 3
WORKERS = 2
DRAWS = 30
EVALUATED = "current"
_FOLLOW_UP = 5
_GROUPS = (
    ("type with status", Kind.ACUTE, "with status, hit by an acute loss"),
    ("type with status", Kind.DECLINE, "with status, in slow decline"),
    ("type", Kind.ACUTE, "all that are hit by an acute loss"),
    ("type", Kind.DECLINE, "all in slow decline"),
    ("type", Kind.OTHER, "neither"),
    ("reach", Reach.NEIGHBOUR, "neighbours of those with status"),
    ("reach", Reach.REST, "the rest"),
    ("all", "all", "the whole country"),
)
_INDICATORS = {"jobs": "Jobs, %", "population": "Inhabitants, %", "capacity_index": "Development capacity, points"}


def _with_error(mean: float, error: float, sign: bool = False) -> str:
    """A mean and its standard error, with as many digits as the mean needs."""
    if np.isnan(mean):
        return NOTHING
    digits = digits_for(abs(mean), shown=3)
    text = signed(mean, digits) if sign else plain(mean, digits)
    return text if np.isnan(error) else f"{text} ± {plain(error, digits)}"


def key_figures_markdown(comparison: NationalComparison) -> str:
    """Figures of each design in the last year."""
    table = comparison.key_figures
    rows = []
    for name, (unit, _) in KEY_FIGURES.items():
        own = table[table["figure"] == name]
        cells = {row["design"]: _with_error(row["mean"], row["mc_error"]) for _, row in own.iterrows()}
        rows.append({"figure": name.replace("_", " "), "unit": unit} | cells)
    return markdown_table(pd.DataFrame(rows))


def effects_markdown(comparison: NationalComparison, indicator: str) -> str:
    """Paired differences by group in the last year: per cent, or points of the index."""
    table = comparison.effects
    last = table[(table["year"] == table["year"].max()) & (table["indicator"] == indicator)]
    rows = []
    for division, group, words in _GROUPS:
        cells = {}
        for _, row in last[(last["division"] == division) & (last["group"] == str(group))].iterrows():
            scale = 1.0 if indicator == "capacity_index" else 100.0 / (row["mean"] - row["difference"])
            cells[row["design"]] = _with_error(scale * row["difference"], scale * row["mc_error"], sign=True)
        rows.append({"municipalities": words} | cells)
    return markdown_table(pd.DataFrame(rows))


def coverage_markdown(comparison: NationalComparison) -> str:
    """Places hit and reached."""
    table = comparison.coverage[comparison.coverage["design"] != comparison.designs[0].name]
    return markdown_table(
        pd.DataFrame(
            {
                "design": table["design"], "hit by": table["hit_by"], "places": table["places"],
                "that get status": table["reached"], "share %": 100.0 * table["share"],
                "months until status": [NOTHING if np.isnan(wait) else plain(wait, 0) for wait in table["months"]],
            }
        )
    )  # fmt: skip


def _shown(evaluation: Evaluation) -> pd.DataFrame:
    """Planted effects of most programmes, five years after the grant: none, and those of SHOWN."""
    table = evaluation.planted
    most = table[(table["programmes"] == table["programmes"].max()) & (table["follow_up"] == _FOLLOW_UP)]
    return most[[row.planted in (0.0, SHOWN.get(row.outcome)) for row in most.itertuples()]]


def _detectable_markdown(evaluation: Evaluation) -> str:
    """Least effects that would be seen four times in five, five years after the grant."""
    table = evaluation.detectable[evaluation.detectable["follow_up"] == _FOLLOW_UP]
    wide = table.pivot_table(index=["outcome", "programmes"], columns="estimator", values="minimal_detectable_effect")
    wide.columns = [str(name).replace("_", " ") for name in wide.columns]
    return markdown_table(wide.reset_index().assign(outcome=lambda frame: frame["outcome"].str.replace("_", " ")))


def _sentences(comparison: NationalComparison) -> str:
    """What the key figures say, in words."""
    figures = comparison.key_figures.pivot_table(index="design", columns="figure", values=["mean", "mc_error"])
    lines = []
    for design in comparison.designs[1:]:
        mean, error = figures.loc[design.name, "mean"], figures.loc[design.name, "mc_error"]
        jobs = _with_error(mean["net_jobs"], error["net_jobs"], sign=True)
        people = _with_error(mean["inhabitants_kept"], error["inhabitants_kept"], sign=True)
        lines.append(
            f"- **{design.name}**: {plain(mean['programmes'], 1)} programmes for {plain(mean['public_cost'], 0)} MNOK;"
            f" {jobs} net jobs in the country, {people} inhabitants in the places with status;"
            f" {plain(mean['reported_jobs'], 0)} jobs reported."
        )
    return "\n".join(lines)


_TEXT = """# The whole country: who should get support

Generated by `make country`: {title}. {replications} replications of {designs} designs on the same draws, {years} years,
{municipalities} municipalities one to one. Every design may spend {budget} MNOK of 2020 a year on grants, guidance and
advice together. Start of the runs: Statistics Norway (CC BY 4.0). Parameters: {parameters}; errors are Monte
Carlo standard errors of the mean over replications.

## What comes out

{sentences}

{key_figures}

## Who gets status, and when

Places are hit when the figures published by then, or notified losses, meet the rules of the design `current`.

{coverage}

![Map of those with status](figures/country-map.png)

![Municipalities with status by year and type](figures/country-timing.png)

## What it changes where

Difference from the run without support at the end of {last}.

{effects}

![Net effects by type and year](figures/country-effects.png)

## What an evaluator could see

Matched comparison, structural regression, difference-in-differences and synthetic control see the yearly figures of all
municipalities, as an evaluator does. Effects are per cent of jobs and inhabitants, points of other indicators; 95 %
intervals.

### Effects planted, municipalities drawn at random

{most} programmes, {follow_up} years after the grant, {draws} draws from each of {replications} runs without support.

{planted}

![Power by indicator, number of programmes and years](figures/country-power.png)

Least effect that would be seen four times in five, {follow_up} years after the grant:

{detectable}

### Effects planted, municipalities drawn among those in decline

Who gets status has lost jobs; part of that is bad luck, and luck changes. The same table shows what this does to bias.

{declining}

### What the design {evaluated} did, and what estimators say it did

Status by the rules; the truth is the paired difference to the run without support, which nobody can observe.

{simulated}

## What is bad

- {replications} replications are few draws of chance and parameters; parameters that are not calibrated do not vary.
- Programmes that ran at the start are not simulated: what they would hold of the budget falls evenly over six years.
- Each municipality applies alone and whenever it is eligible; real ones hesitate, and some apply together.
- Industries and sizes of firms come from one county: a random loss may take several firms where one would go.
- Advice to all rural municipalities is paid from the same budget; in reality it has a line of its own.
"""


def _draw_files(comparison: NationalComparison, evaluation: Evaluation, figures: Path) -> None:
    """Write the four figures."""
    figures.mkdir(parents=True, exist_ok=True)

    def small(draw: Figure, path: Path) -> None:
        draw.savefig(path, dpi=110)

    write_atomically(figures / "country-map.png", lambda path: small(comparison.plot_map(), path))
    write_atomically(figures / "country-timing.png", lambda path: small(comparison.plot_timing(), path))
    write_atomically(figures / "country-effects.png", lambda path: small(comparison.plot_effects(), path))
    write_atomically(figures / "country-power.png", lambda path: power_figure(evaluation, path))


def report_country(comparison: NationalComparison, folder: Path) -> Path:
    """Write ``country.md`` and its figures into a folder from runs that are there."""
    number = [design.name for design in comparison.designs].index(EVALUATED)
    evaluation = evaluate_comparison(comparison, number, draws=DRAWS)
    declining = evaluate_comparison(comparison, number, draws=DRAWS, selection="decline")
    _draw_files(comparison, evaluation, folder / "figures")
    scenario = comparison.scenario
    effects = "\n\n".join(f"{title}\n\n{effects_markdown(comparison, name)}" for name, title in _INDICATORS.items())
    text = _TEXT.format(
        title=scenario.title, parameters=comparison.sets.label, replications=scenario.replications,
        designs=len(comparison.designs), years=scenario.years, municipalities=len(comparison.margins.codes),
        budget=plain(comparison.budget / 1e6, 0),
        sentences=_sentences(comparison), key_figures=key_figures_markdown(comparison),
        coverage=coverage_markdown(comparison), last=scenario.start + scenario.years - 1, effects=effects,
        most=evaluation.planted["programmes"].max(), follow_up=_FOLLOW_UP, draws=DRAWS,
        planted=performance_markdown(_shown(evaluation)), detectable=_detectable_markdown(evaluation),
        declining=performance_markdown(_shown(declining)), evaluated=EVALUATED,
        simulated=performance_markdown(evaluation.simulated) if len(evaluation.simulated) else "Too few programmes.",
    )  # fmt: skip
    text = wrap_markdown(text.rstrip()) + "\n"
    return write_atomically(folder / "country.md", lambda path: path.write_text(text, encoding="utf-8"))


def main() -> None:
    """Run the country and write the report."""

    def progress(done: int, number: int) -> None:
        print(f"{done}/{number}", file=sys.stderr)

    comparison = compare_national(SCENARIO, replications=REPLICATIONS, workers=WORKERS, progress=progress)
    print(report_country(comparison, Path(__file__).parents[1]))


if __name__ == "__main__":
    main()
