"""Stores for tests of reports: small, with names that a page must escape."""

from __future__ import annotations

from pathlib import Path

from omstilling.experiments.batch.plan import make_plan
from omstilling.experiments.batch.results import Results, open_store
from omstilling.scenarios.experiment import load_experiment
from stores import run_here

NASTY = "<b>Ærlig</b> & \"$x$\" | 'en' _to_"
EXPERIMENT = f"""
title = '''{NASTY} title'''
description = '''What does {NASTY} give?'''
scenarios = ["lierne-2010", "andre.toml"]
designs = ["none", "current", "refine", "egen.toml"]
draws = 10
"""


def write_inputs(folder: Path) -> Path:
    """Write an experiment with a scenario and a design of its own; returns its path."""
    from omstilling.scenarios.loader import shipped_scenarios

    lines = shipped_scenarios()["lierne-2010"].read_text(encoding="utf-8").splitlines()
    rest = [line for line in lines if not line.startswith(("title", "description", "place"))]
    own = [f"title = '''{NASTY} case'''", 'municipalities = ["Lierne", "Røyrvik"]', *rest]
    (folder / "andre.toml").write_text("\n".join(own), encoding="utf-8")
    (folder / "egen.toml").write_text(f"title = '''{NASTY} design'''\nextends = 'adjust'\n", encoding="utf-8")
    paths = EXPERIMENT.replace('"andre.toml"', f'"{folder / "andre.toml"}"')
    file = folder / "mine.toml"
    file.write_text(paths.replace('"egen.toml"', f'"{folder / "egen.toml"}"'), encoding="utf-8")
    return file


def small_store(folder: Path) -> Results:
    """A store of two cases, one with a neighbour, and four designs under ten draws."""
    run_here(make_plan(load_experiment(write_inputs(folder))), folder / "store")
    return open_store(folder / "store")
