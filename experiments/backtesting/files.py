"""Files of a backtest: the table, the summary and two figures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from omstilling.calibration.margins.employment import jobs_in
from omstilling.calibration.tables.tables import JOB_YEARS
from omstilling.experiments.backtesting.backtest import EARLIER, Backtest
from omstilling.experiments.backtesting.flows import (
    compare_commuting,
    compare_net_migration,
    migration_summary,
    net_at_start,
)
from omstilling.experiments.backtesting.naive_forecasts import TREND_YEARS, job_trend_start
from omstilling.experiments.backtesting.scores import (
    INTERVALS,
    MEASURES,
    accuracy,
    best_naive,
    coverage,
    errors_by,
    skills,
    verdict,
)
from omstilling.experiments.files.writing import write_atomically

_DPI = 130
_DIGITS = 4


def what_leaks(first: int) -> list[str]:
    """What the forecasts from a year know that nobody knew then, in sentences."""
    said = [
        "The model's parameters of growth were set looking at 2010-2021, and the persistence of moving at 2005-2021.",
        "Commuting at the start is the matrix of 2021 fitted to the year, and employed residents before 2017 follow"
        " their shares of 2017.",
        "Who moves where follows figures before the start; industries and sizes of firms are of 2009-2021 and"
        " one county; centrality is that of 2024.",
        "Fertility at the start lies on straight lines between known years, and life expectancy is that of 2019 less"
        " 0.2 years a year: the model and the cohort-component projection share both.",
        f"The hindcast from {EARLIER} takes moving by age from 2005-2010, years it forecasts, so the intervals with"
        " model error are somewhat too narrow.",
    ]
    if jobs_in(first - 1)[1] == "interpolated":
        before = max(year for year in JOB_YEARS if year < first - 1)
        after = min(year for year in JOB_YEARS if year > first - 1)
        said.insert(
            0,
            f"Jobs of {first - 1} are not observed but lie on a line between {before} and {after}: all forecasts of"
            " jobs start from it, the same trend of jobs has it as its end, so both know something of"
            f" {after}, and the error of jobs in the earlier hindcast is measured at it. A start whose jobs are"
            " observed, such as 2016, is a fairer test.",
        )
    return said


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [dict(row) for row in table.round(_DIGITS).to_dict(orient="records")]


def _flows(result: Backtest) -> dict[str, Any]:
    migration = compare_net_migration(result.simulated)
    flows: dict[str, Any] = {
        "net_migration": _records(migration),
        "net_migration_by_centrality": _records(migration_summary(migration).fillna(0.0)),
        "net_migration_at_start": _records(net_at_start(result.simulated)),
    }
    commuting = compare_commuting(result.simulated)
    if commuting is not None and len(commuting.pairs) > 1:
        flows["commuting"] = {
            "pairs": len(commuting.pairs),
            "correlation_of_logs": round(commuting.correlation, _DIGITS),
            "correlation_of_logs_at_start": round(commuting.correlation_at_start, _DIGITS),
            "per_cent_by_minutes": _records(commuting.bands),
        }
    return flows


def summary(result: Backtest) -> dict[str, Any]:
    """All scores, ready for JSON."""
    run, table = result.simulated, result.table
    return {
        "from": run.first,
        "to": run.last,
        "municipalities": len(run.codes),
        "scored": int(table["code"].nunique()),
        "left_out": result.left_out,
        "pooled": sorted(code for code in table["code"].unique() if "+" in code),
        "replications": len(run.ages),
        "seed": result.seed,
        "parameters": run.sets.label,
        "earlier_hindcast": {"from": result.earlier.first, "to": run.first, "replications": len(result.earlier.ages)},
        "trend_of_population": [run.first - TREND_YEARS, run.first],
        "trend_of_jobs": [job_trend_start(run.first), run.first - 1],
        "jobs_at_start": jobs_in(run.first - 1)[1],
        "what_leaks": what_leaks(run.first),
        "verdict": {quantity: verdict(table, quantity) for quantity in ("population", "jobs")},
        "best_naive": {quantity: best_naive(table, quantity) for quantity in ("population", "jobs")},
        "measures": MEASURES,
        "accuracy": _records(accuracy(table)),
        "skill": _records(skills(table)),
        "intervals": INTERVALS,
        "coverage": _records(coverage(table)),
        "by_size": _records(errors_by(table, "size")),
        "by_centrality": _records(errors_by(table, "centrality")),
        **_flows(result),
        "source": "Observed figures: Statistics Norway (CC BY 4.0)",
    }


def summary_json(result: Backtest) -> str:
    """The summary as text."""
    return json.dumps(summary(result), ensure_ascii=False, indent=2, allow_nan=False)


def save_backtest(result: Backtest, folder: Path) -> list[Path]:
    """Write ``backtest.csv``, ``summary.json``, ``growth.png`` and ``errors.png``, each whole or not at all."""
    from omstilling.experiments.backtesting.figures import draw_errors, draw_growth

    folder.mkdir(parents=True, exist_ok=True)
    text = summary_json(result) + "\n"
    growth, errors = draw_growth(result), draw_errors(result)
    return [
        write_atomically(folder / "backtest.csv", lambda path: result.table.round(2).to_csv(path, index=False)),
        write_atomically(folder / "summary.json", lambda path: path.write_text(text, encoding="utf-8")),
        write_atomically(folder / "growth.png", lambda path: growth.savefig(path, dpi=_DPI)),
        write_atomically(folder / "errors.png", lambda path: errors.savefig(path, dpi=_DPI)),
    ]
