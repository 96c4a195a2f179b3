"""About: what a store says of its scenarios and designs, so that it can be read without their files."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from omstilling.experiments.batch.plan import Plan, Setting
from omstilling.experiments.comparison.paired import with_baseline
from omstilling.experiments.reading.trace import MONTHS
from omstilling.model.development.ideas import Kind
from omstilling.model.engine.calendar import month_label
from omstilling.model.policy.design import Design
from omstilling.scenarios.design_loader import design_description, load_design
from omstilling.scenarios.schema import ShockSpec

_MIX = tuple(kind.name.lower() for kind in Kind)


def _strict(value: Any) -> Any:
    """A value without infinities, which JSON has not: None means no limit."""
    if isinstance(value, dict):
        return {key: _strict(item) for key, item in value.items()}
    return None if isinstance(value, float) and math.isinf(value) else value


def _shock(shock: ShockSpec, names: dict[str, str]) -> dict[str, Any]:
    return {
        "kind": str(shock.kind), "month": month_label(shock.date), "municipality": names[shock.municipality],
        "jobs": shock.jobs, "firm": shock.firm, "years": shock.duration_months / MONTHS,
    }  # fmt: skip


def about_scenario(setting: Setting) -> dict[str, Any]:
    """A scenario: names, places with their inhabitants and jobs at the start, what happens and who applies when.

    Where all who are eligible apply, ``open`` is true, and all municipalities count as those of the programme.
    """
    scenario, margins, application = setting.scenario, setting.margins, setting.application
    names = dict(zip(margins.codes, margins.names, strict=True))
    chosen = application.municipalities if application else margins.codes
    here = [margins.codes.index(code) for code in chosen]
    return {
        "name": scenario.name, "title": scenario.title, "description": scenario.description.strip(),
        "start": scenario.start, "open": application is None, "years": scenario.years,
        "applies": month_label(application.month) if application else "",
        "codes": list(chosen), "municipalities": [names[code] for code in chosen],
        "neighbours": [name for code, name in names.items() if code not in chosen],
        "inhabitants": int(margins.population[here].sum()), "jobs": int(margins.industry_jobs[here].sum()),
        "job_target": application.job_target if application else 0.0,
        "grant_factor": application.grant_factor if application else 1.0,
        "shocks": [_shock(shock, names) for shock in scenario.shocks], "random_shocks": scenario.random_shocks,
    }  # fmt: skip


def about_design(design: Design, description: str, used: Sequence[Design]) -> dict[str, Any]:
    """A design as it is written: its title, tracks with their values, and standing advice.

    ``yearly_grants`` of a track are those that it has in each scenario at the first point, which a budget may change.
    """
    tracks = [
        _strict(asdict(track))
        | {
            "mix": dict(zip(_MIX, track.mix, strict=True)),
            "yearly_grants": [each.tracks[number].yearly_grant for each in used],
        }
        for number, track in enumerate(design.tracks)
    ]
    return {
        "name": design.name, "title": design.title, "description": description, "tracks": tracks,
        "advice": asdict(design.advice),
    }  # fmt: skip


def about(plan: Plan) -> dict[str, Any]:
    """Scenarios and designs of a plan, the baseline first."""
    asked = plan.experiment.designs
    descriptions = {load_design(name).name: design_description(name) for name in asked}
    designs = [
        about_design(design, descriptions.get(design.name, ""), [cases[0].designs[number] for cases in plan.cases])
        for number, design in enumerate(with_baseline(asked))
    ]
    return {"scenarios": [about_scenario(setting) for setting in plan.settings], "designs": designs}
