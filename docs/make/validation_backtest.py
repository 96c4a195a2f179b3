"""Validation, the part on the whole country: backtests as Markdown with their figures."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from omstilling.calibration.tables.tables import load_tables
from omstilling.experiments.backtesting.backtest import EARLIER, Backtest, assemble
from omstilling.experiments.backtesting.figures import draw_errors, draw_flows, draw_growth
from omstilling.experiments.backtesting.files import what_leaks
from omstilling.experiments.backtesting.flows import (
    Commuting,
    compare_commuting,
    compare_net_migration,
    compared_years,
    migration_summary,
    net_at_start,
)
from omstilling.experiments.backtesting.hindcast import hindcast
from omstilling.experiments.backtesting.scores import MEASURES, accuracy, bias_beside, coverage, skills, verdict
from omstilling.experiments.files.markdown import markdown_table, wrap_markdown
from omstilling.experiments.files.writing import write_atomically
from omstilling.experiments.running.workers import Progress

PERIODS = ((2012, 2022), (2016, 2022))
"""The first is long; the second starts from jobs that are observed."""
_DPI = 100
_BOTH = ("population", "jobs")

_INTRODUCTION = """## The whole country, from {periods}

All 357 municipalities run together, one to one, with losses at random, without programmes, {replications}
replications a period (`omstilling backtest --from 2012 --to 2022 --replications {replications}` gives the same
figures with all age groups). A forecast is the mean over replications. Inhabitants are those of 1 January, jobs those
of the 4th quarter before. {scored} are scored: {left_out} are not, because their figures before 2020 are estimated,
and Ålesund and Haram are scored as one, because their figures of 2020-2022 are known as a sum only.

Three forecasts that need no model stand beside it. *No change*. *Same trend*: the yearly growth of the five years
before the start goes on; for jobs, that since 2005. *Cohort-component*: cohorts are carried forward with fertility and
mortality of the start and net migration by age of the years before; each municipality's rates are drawn towards its
centrality class as far as its own deviation did not last from the first half of those years to the second, losses are
rates and gains numbers (Smith, Tayman and Swanson 2013; Wilson and Grossman 2022); jobs follow inhabitants aged 20-66.

Errors are per cent of what was observed: {measures} (Smith, Tayman and Swanson 2013, ch. 13). Skill is 1 less the
model's error over the other's: 1 is perfect, below 0 worse.

Intervals are of two kinds. `chance`: quantiles of replications. `error`, with model error: around the forecast, as
wide as holds 50, 80 or 90 % of the model's own absolute log errors in a hindcast from {earlier} to the start, among
municipalities of the same size (empirical intervals, Rayer, Smith and Tayman 2009), widened with the horizon: in
proportion for inhabitants, with its square root for jobs. Nothing of the years tested is in them but what is listed
below."""

_PERIOD = """### {first} to {last}

{verdicts}

{accuracy}

{skills}

Per cent of outcomes inside the model's intervals of 50, 80 and 90 %:

{coverage}"""

_DETAILS = """Bias (MALPE) by inhabitants at the start and by centrality (1 most central):

{by_size}

{by_centrality}

![Growth of municipalities, predicted and observed](figures/backtest-growth.png)

![Bias, error and skill](figures/backtest-errors.png)"""

_FLOWS = """### Commuting and moving in the run from {first}

{commuting}Net in-migration below age 65 per 100 persons a year, {years}, by comparing cohorts the same way for both;
MAE is the mean absolute difference over age groups, weighted by persons. *Meant* and *given* are of all ages at the
start: the net migration that the tables of the start aim at, and what the rates and destinations made from them give.

{migration}

![Commuting and net migration, simulated and observed](figures/backtest-flows.png)

### What is not fair to the forecasts

{leaks}"""

_COMMUTING = """Commuting at the end against the matrix of 2021: over {pairs} pairs of municipalities with at least 10
commuters the correlation of log flows is {correlation:.2f}. The run starts from the same matrix fitted to {before}
({at_start:.2f}), so what is tested is whether moves, hires and quits keep it. Per cent of all employed by minutes of
travel:

{bands}

"""


def run_periods(replications: int, seed: int, workers: int, progress: Progress | None = None) -> list[Backtest]:
    """A backtest of each period; one earlier hindcast, up to the last start, serves all."""
    codes = list(load_tables().municipalities.index)
    earlier = hindcast(EARLIER, max(first for first, _ in PERIODS), codes, replications, seed, workers, progress)
    runs = [hindcast(first, last, codes, replications, seed, workers, progress) for first, last in PERIODS]
    return [assemble(run, earlier, seed) for run in runs]


def _of_both(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["quantity"].isin(_BOTH)]


def _two_digits(table: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    """The table with two decimals in some columns, as text."""
    return table.assign(**{name: table[name].map("{:.2f}".format) for name in columns})


def _period(result: Backtest) -> str:
    """Scores of one period: who wins, errors, skill, coverage."""
    table = result.table
    scored = _two_digits(accuracy(_of_both(table)).drop(columns="n"), tuple(MEASURES))
    gained = skills(table)
    gained = gained[gained["best"] | gained["quantity"].isin(_BOTH)].drop(columns="best")
    gained = _two_digits(gained, ("MAPE", "RMSPE", "WMAPE")).assign(closer=gained["closer"].map("{:.0%}".format))
    names = {"MAPE": "skill by MAPE", "RMSPE": "by RMSPE", "WMAPE": "by WMAPE", "closer": "closer in"}
    return _PERIOD.format(
        first=result.simulated.first,
        last=result.simulated.last,
        verdicts="\n".join(f"- {verdict(table, quantity)}" for quantity in _BOTH),
        accuracy=markdown_table(scored),
        skills=markdown_table(gained.rename(columns=names)),
        coverage=markdown_table(coverage(table)),
    )


def _commuting_text(found: Commuting, first: int) -> str:
    return _COMMUTING.format(
        pairs=len(found.pairs),
        correlation=found.correlation,
        at_start=found.correlation_at_start,
        before=first - 1,
        bands=markdown_table(found.bands.rename(columns={"at_start": f"start ({first - 1})"})),
    )


def _flows(result: Backtest) -> str:
    """Commuting, net migration and what leaks."""
    run = result.simulated
    commuting, years = compare_commuting(run), compared_years(run)
    migration = migration_summary(compare_net_migration(run)).merge(net_at_start(run), on="centrality")
    return _FLOWS.format(
        first=run.first,
        commuting=_commuting_text(commuting, run.first) if commuting else "",
        years=f"{years[0]}-{years[-1]}",
        migration=markdown_table(_two_digits(migration, tuple(migration.columns[1:]))),
        leaks="\n".join(f"- {line}" for line in what_leaks(run.first)),
    )


def _save(figure: Figure, path: Path) -> None:
    figure.savefig(path, dpi=_DPI)


def backtest_section(results: list[Backtest], folder: Path) -> str:
    """The section of the document; figures of the first period go into a folder."""
    first = results[0]
    for name, draw in (("growth", draw_growth), ("errors", draw_errors), ("flows", draw_flows)):
        write_atomically(folder / f"backtest-{name}.png", partial(_save, draw(first)))
    introduction = _INTRODUCTION.format(
        periods=" and ".join(str(result.simulated.first) for result in results),
        replications=len(first.simulated.ages),
        scored=first.table["code"].nunique(),
        left_out=", ".join(first.left_out.values()),
        measures="; ".join(f"{name}, {meaning}" for name, meaning in MEASURES.items()),
        earlier=EARLIER,
    )
    by_size, by_centrality = (markdown_table(bias_beside(first.table, column)) for column in ("size", "centrality"))
    details = _DETAILS.format(by_size=by_size, by_centrality=by_centrality)
    parts = [introduction, _period(first), details, *(_period(result) for result in results[1:]), _flows(first)]
    return wrap_markdown("\n\n".join(parts))
