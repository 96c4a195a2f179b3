"""Comparison files: tables and figures of a comparison, each whole or not at all."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omstilling.experiments.files.json_text import json_text, records
from omstilling.experiments.files.writing import write_atomically
from omstilling.experiments.reading.trace import DATES

if TYPE_CHECKING:
    from omstilling.experiments.comparison.comparison import Comparison

COLUMNS = {
    "design": "name of the design",
    "indicator": "name in the registry (docs/indicators.md)",
    "group": "what the indicator is about",
    "unit": "unit of mean, sd, difference, mc_error, low and high",
    "date": "start: year-end before the application; end: of the design's own programme; end+3 and end+5: years later",
    "year": "calendar year at the end of which the date lies",
    "mean": "mean over replications; for ratios the ratio of means",
    "sd": "standard deviation over replications",
    "difference": "mean paired difference to the baseline: same draws, no programme",
    "mc_error": "Monte Carlo standard error of the difference",
    "low": "5th percentile of paired differences; for ratios lower end of a bootstrap 90 % interval of the ratio",
    "high": "95th percentile likewise; infinite where a ratio has no upper end",
    "p_better": "share of replications in which the design is better than the baseline, ties counting half",
}
"""Columns of the table of indicators, by name with definition."""
SOURCE = "Simulated with omstilling. Start of the runs: Statistics Norway (CC BY 4.0)"


def _designs(comparison: Comparison) -> list[dict[str, Any]]:
    """Each design with its title, what became of its programme, and in how many replications."""
    return [
        {
            "name": design.name,
            "title": design.title,
            "status": comparison.status_of(d),
            "refused_because": comparison.refusal_of(d) or None,
            "dates": {label: comparison.year_of(date, d) for date, label in enumerate(DATES)},
            "tracks": dict(Counter(tracks[d] for tracks in comparison.tracks if tracks[d])),
            "phases": dict(Counter(phases[d] for phases in comparison.phases)) if design.tracks else {},
        }
        for d, design in enumerate(comparison.designs)
    ]


def comparison_summary(comparison: Comparison) -> dict[str, Any]:
    """What was compared and all that came out, ready for strict JSON."""
    scenario, margins = comparison.scenario, comparison.margins
    names = dict(zip(margins.codes, margins.names, strict=True))
    return {
        "scenario": scenario.name,
        "title": scenario.title,
        "programme_municipalities": {code: names[code] for code in scenario.application.municipalities},
        "municipalities": names,
        "job_target": scenario.application.job_target or None,
        "replications": scenario.replications,
        "seed": scenario.seed,
        "parameters": comparison.sets.label,
        "baseline": comparison.designs[0].name,
        "designs": _designs(comparison),
        "variance_reduction": records(comparison.pairing),
        "waterfall": records(comparison.waterfall),
        "indicators": records(comparison.table),
        "source": SOURCE,
    }


def comparison_json(comparison: Comparison) -> str:
    """Text of ``indicators.json``."""
    return json_text(comparison_summary(comparison))


def _write_parquet(comparison: Comparison, path: Path) -> None:
    """Write the table of indicators; columns carry their definition, the file what was compared."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(comparison.table, preserve_index=False)
    fields = [field.with_metadata({"definition": COLUMNS[field.name]}) for field in table.schema]
    scenario = comparison.scenario
    about = {
        "scenario": scenario.name,
        "seed": str(scenario.seed),
        "replications": str(scenario.replications),
        "parameters": comparison.sets.label,
        "baseline": comparison.designs[0].name,
        "source": SOURCE,
    }
    schema = pa.schema(fields, {**(table.schema.metadata or {}), **about})
    pq.write_table(table.cast(schema), path, compression="zstd")


def save_comparison(comparison: Comparison, folder: Path) -> list[Path]:
    """Write tables and figures of a comparison.

    Returns
    -------
    list of Path
        The files written: ``indicators.csv``, ``indicators.parquet``, ``indicators.json``, ``waterfall.csv``,
        ``pairing.csv``, ``reports.csv``, ``parameters.csv``, ``trajectories.png``, ``tradeoff.png`` and
        ``waterfall.png``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = comparison_json(comparison) + "\n"
    writers = {
        "indicators.csv": lambda path: comparison.table.to_csv(path, index=False),
        "indicators.parquet": lambda path: _write_parquet(comparison, path),
        "indicators.json": lambda path: path.write_text(text, encoding="utf-8"),
        "waterfall.csv": lambda path: comparison.waterfall.to_csv(path, index=False),
        "pairing.csv": lambda path: comparison.pairing.to_csv(path, index=False),
        "reports.csv": lambda path: comparison.reports.to_csv(path, index=False),
        "parameters.csv": lambda path: comparison.parameters.to_csv(path, index=False),
        "trajectories.png": comparison.plot_trajectories,
        "tradeoff.png": comparison.plot_tradeoff,
        "waterfall.png": comparison.plot_waterfall,
    }
    return [write_atomically(folder / name, write) for name, write in writers.items()]
