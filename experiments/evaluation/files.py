"""Evaluation files: tables and the figure of power, each whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from omstilling.experiments.files.json_text import json_text, records
from omstilling.experiments.files.writing import write_atomically

if TYPE_CHECKING:
    from omstilling.experiments.evaluation.evaluation import Evaluation

_SOURCE = "Simulated with omstilling. Start of the runs: Statistics Norway (CC BY 4.0)"


def evaluation_json(evaluation: Evaluation) -> str:
    """Text of ``evaluation.json``."""
    comparison = evaluation.comparison
    summary = {
        "scenario": comparison.scenario.name,
        "design": evaluation.design,
        "replications": comparison.scenario.replications,
        "seed": comparison.scenario.seed,
        "parameters": comparison.sets.label,
        "planted": records(evaluation.planted),
        "simulated": records(evaluation.simulated),
        "minimal_detectable_effect": records(evaluation.detectable),
        "source": _SOURCE,
    }
    return json_text(summary)


def power_figure(evaluation: Evaluation, path: Path) -> None:
    """Draw the power to see the effects of SHOWN."""
    from omstilling.experiments.evaluation.evaluation import SHOWN
    from omstilling.experiments.evaluation.power_figure import draw_power

    table = evaluation.planted
    shown = table[[SHOWN.get(row.outcome) == row.planted for row in table.itertuples()]]
    comparison = evaluation.comparison
    note = f"{comparison.scenario.title}; {comparison.scenario.replications} runs without support. {_SOURCE}."
    draw_power(shown, "Which indicators can show a result", note).savefig(path, dpi=150)


def save_evaluation(evaluation: Evaluation, folder: Path) -> list[Path]:
    """Write ``planted.csv``, ``simulated.csv``, ``detectable.csv``, ``evaluation.json`` and ``power.png``."""
    folder.mkdir(parents=True, exist_ok=True)
    text = evaluation_json(evaluation) + "\n"
    writers = {
        "planted.csv": lambda path: evaluation.planted.to_csv(path, index=False),
        "simulated.csv": lambda path: evaluation.simulated.to_csv(path, index=False),
        "detectable.csv": lambda path: evaluation.detectable.to_csv(path, index=False),
        "evaluation.json": lambda path: path.write_text(text, encoding="utf-8"),
        "power.png": lambda path: power_figure(evaluation, path),
    }
    return [write_atomically(folder / name, write) for name, write in writers.items()]
