"""National files: tables and figures of a national comparison, each whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from omstilling.experiments.files.json_text import json_text, records
from omstilling.experiments.files.writing import write_atomically
from omstilling.experiments.national.tables import KEY_FIGURES

if TYPE_CHECKING:
    from omstilling.experiments.national.comparison import NationalComparison

SOURCE = "Simulated with omstilling. Start of the runs: Statistics Norway (CC BY 4.0)"


def national_json(comparison: NationalComparison) -> str:
    """Text of ``national.json``: what was compared, and all tables but effects before the last year."""
    scenario, effects = comparison.scenario, comparison.effects
    summary = {
        "scenario": scenario.name,
        "title": scenario.title,
        "municipalities": len(comparison.margins.codes),
        "start": scenario.start,
        "years": scenario.years,
        "replications": scenario.replications,
        "seed": scenario.seed,
        "parameters": comparison.sets.label,
        "budget_nok_a_year": comparison.budget,
        "baseline": comparison.designs[0].name,
        "designs": {design.name: design.title for design in comparison.designs},
        "figures": {name: {"unit": unit, "definition": text} for name, (unit, text) in KEY_FIGURES.items()},
        "key_figures": records(comparison.key_figures),
        "coverage": records(comparison.coverage),
        "status": records(comparison.status),
        "effects_in_the_last_year": records(effects[effects["year"] == effects["year"].max()]),
        "source": SOURCE,
    }
    return json_text(summary)


def save_national(comparison: NationalComparison, folder: Path) -> list[Path]:
    """Write tables and figures of a national comparison.

    Returns
    -------
    list of Path
        The files written: ``key_figures.csv``, ``effects.csv``, ``coverage.csv``, ``status.csv``, ``decisions.csv``,
        ``parameters.csv``, ``national.json``, ``map.png``, ``timing.png`` and ``effects.png``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = national_json(comparison) + "\n"
    writers = {
        "key_figures.csv": lambda path: comparison.key_figures.to_csv(path, index=False),
        "effects.csv": lambda path: comparison.effects.to_csv(path, index=False),
        "coverage.csv": lambda path: comparison.coverage.to_csv(path, index=False),
        "status.csv": lambda path: comparison.status.to_csv(path, index=False),
        "decisions.csv": lambda path: comparison.decisions.to_csv(path, index=False),
        "parameters.csv": lambda path: comparison.parameters.to_csv(path, index=False),
        "national.json": lambda path: path.write_text(text, encoding="utf-8"),
        "map.png": comparison.plot_map,
        "timing.png": comparison.plot_timing,
        "effects.png": comparison.plot_effects,
    }
    return [write_atomically(folder / name, write) for name, write in writers.items()]
