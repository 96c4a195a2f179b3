"""Stores of batches with planted answers: no model runs, what each run gives is a function of its parameters."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from omstilling.experiments.batch.plan import SCHEMA
from omstilling.experiments.batch.points import points_of
from omstilling.experiments.batch.records import FAILED, RunRecord, encode
from omstilling.experiments.batch.results import Results, open_store
from omstilling.experiments.batch.store import Store
from omstilling.experiments.reading.indicators import INDICATORS
from omstilling.experiments.reading.trace import DATES
from omstilling.scenarios.design_loader import shipped_designs
from omstilling.scenarios.experiment import Experiment, Sample
from omstilling.scenarios.loader import shipped_scenarios

SEED = 5
DRAWS = 150
NET_JOBS, COST, UNEMPLOYMENT = (
    next(number for number, item in enumerate(INDICATORS) if item.name == name)
    for name in ("net_jobs", "public_cost", "unemployment")
)
END = DATES.index("end")
Run = dict[str, Any]


def planted(folder: Path, asked: Experiment, effect: Callable[[Run], float | None], parameters: int = 3) -> Results:
    """A store whose net jobs are what a function says of each run (None: it failed) and whose cost is 10 a design.

    Parameters are uniform by draw, called ``turnover``, ``contacts`` ...; those of the sample are at its points. At the
    date ``end`` effects are twice as large.
    """
    names = ["turnover", "contacts", "prospects", "services"][:parameters]
    drawn = np.random.default_rng(SEED).random((asked.draws, parameters))
    records = []
    for scenario in asked.scenarios:
        for point, given in enumerate(points_of(asked)):
            varied = {key.removeprefix("parameters."): value for key, value in given.items() if "parameters" in key}
            for draw in range(asked.draws):
                values = dict(zip(names, drawn[draw].tolist(), strict=True)) | varied
                for replication in range(asked.replications):
                    for number, design in enumerate(asked.designs):
                        run = {"scenario": scenario, "design": design, "number": number, "draw": draw}
                        run |= {"replication": replication, **values, **given}
                        name = f"{scenario} {point} {draw} {replication} {design}"
                        records.append(_record(name, run, point, effect(run), tuple(values.values())))
    store = Store(folder)
    (folder / "shards").mkdir(parents=True)
    head = {
        "schema": SCHEMA, "experiment": asked.model_dump(mode="json"), "plan": "", "runs": len(records),
        "about": {
            "scenarios": _about(asked.scenarios, shipped_scenarios()),
            "designs": _about(asked.designs, shipped_designs()),
        },
    }  # fmt: skip
    (folder / "store.json").write_text(json.dumps(head), encoding="utf-8")
    store.add("planted", encode(records, list(values)), len(records), 0, 1.0)
    return open_store(folder)


def _about(names: Sequence[str], shipped: dict[str, Path]) -> list[dict[str, Any]]:
    """Names with titles: those of shipped files, else the names; no scenario in which all who are eligible apply."""
    told = {name: tomllib.loads(shipped[name].read_text("utf-8")) for name in names if name in shipped}
    return [{"title": name, "open": False} | told.get(name, {}) | {"name": name} for name in names]


def _record(name: str, run: Run, point: int, effect: float | None, parameters: tuple[float, ...]) -> RunRecord:
    where = (name, run["scenario"], run["design"], point, run["draw"], run["replication"], 1)
    if effect is None:
        return RunRecord(*where, status=FAILED, error_type="Planted", parameters=parameters)
    base = np.full((len(INDICATORS), len(DATES)), 100.0)
    readings = base.copy()
    readings[NET_JOBS] += effect
    readings[NET_JOBS, END] += effect
    readings[UNEMPLOYMENT] -= effect
    readings[COST] += 10.0 * run["number"]
    return RunRecord(
        *where, years=(1, 2, 3, 4), readings=tuple(readings.ravel()), base=tuple(base.ravel()), parts=(0.0,) * 21,
        trajectories=(0.0,) * 3, parameters=parameters,
    )  # fmt: skip


def experiment(**changes: Any) -> Experiment:
    given: dict[str, Any] = {
        "name": "planted", "title": "Planted", "scenarios": ("lierne-2010", "dyroy-2010"),
        "designs": ("none", "current", "refine"), "draws": DRAWS,
    }  # fmt: skip
    return Experiment.model_validate(given | changes)


def boxed(run: Run) -> float:
    """Net jobs: current gives 4; refine 8 where turnover is above 0.6 and contacts below 0.5 in Lierne, else 1."""
    if run["number"] == 0:
        return 0.0
    inside = run["turnover"] > 0.6 and run["contacts"] < 0.5 and run["scenario"] == "lierne-2010"
    return 4.0 if run["number"] == 1 else 8.0 if inside else 1.0


RANGES = {"parameters.turnover": (0.0, 1.0), "parameters.contacts": (0.0, 1.0), "design.strictness": (0.0, 1.0)}


def sampled(folder: Path, method: str, points: int, **changes: Any) -> Results:
    """Net jobs of refine: 8 times turnover and 4 times strictness, of current half as much, none of contacts."""
    asked = experiment(
        sample=Sample.model_validate({"method": method, "points": points, "ranges": RANGES}), parameters="point",
        **({"draws": 2} | changes),
    )  # fmt: skip

    def effect(run: Run) -> float:
        return run["number"] / 2 * (8.0 * run["parameters.turnover"] + 4.0 * run["design.strictness"])

    return planted(folder, asked, effect, parameters=0)
