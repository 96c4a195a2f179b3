"""Names: cases, designs and months as a reader knows them; what users have written keeps its own words."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Any

from omstilling.experiments.language import Language
from omstilling.experiments.report.evidence import Evidence
from omstilling.scenarios.design_loader import shipped_designs
from omstilling.scenarios.experiment import shipped_experiments
from omstilling.scenarios.loader import shipped_scenarios


@cache
def _shipped_titles() -> dict[str, dict[str, str]]:
    """Titles in the shipped files, by group and name."""
    groups = {"scenario": shipped_scenarios(), "design": shipped_designs(), "experiment": shipped_experiments()}
    return {
        group: {name: tomllib.loads(path.read_text(encoding="utf-8"))["title"] for name, path in found.items()}
        for group, found in groups.items()
    }


def is_shipped(group: str, about: dict[str, Any]) -> bool:
    """Whether a thing is the shipped one, and not a user's of the same name."""
    return bool(_shipped_titles()[group].get(about["name"]) == about["title"])


def case_name(evidence: Evidence, words: Language, name: str) -> str:
    """Title of a scenario."""
    about = evidence.about_scenario(name)
    return words.named("scenario", name, about["title"]) if is_shipped("scenario", about) else about["title"]


def short_case_name(evidence: Evidence, words: Language, name: str) -> str:
    """Title of a scenario up to the colon."""
    return case_name(evidence, words, name).split(":")[0]


def design_name(evidence: Evidence, words: Language, name: str) -> str:
    """Short name of a shipped design, else the title of the user's own."""
    about = evidence.about_design(name)
    return words.named("design", name, about["title"]) if is_shipped("design", about) else about["title"]


def quoted(evidence: Evidence, words: Language, name: str) -> str:
    """Name of a design in a sentence."""
    return words("number.quoted", text=design_name(evidence, words, name))


def design_text(evidence: Evidence, words: Language, name: str) -> str:
    """What a design is, in a sentence or two."""
    about = evidence.about_design(name)
    own = about["description"] or about["title"]
    return words.named("design_text", name, own) if is_shipped("design", about) else own


def experiment_title(evidence: Evidence, words: Language) -> str:
    """Title of the experiment."""
    asked = evidence.head["experiment"]
    return (
        words.named("experiment", asked["name"], asked["title"]) if is_shipped("experiment", asked) else asked["title"]
    )


def experiment_text(evidence: Evidence, words: Language) -> str:
    """What the experiment asks; empty where its file does not say."""
    asked = evidence.head["experiment"]
    own = asked["description"].strip()
    return words.named("experiment_text", asked["name"], own) if is_shipped("experiment", asked) else own


def month_name(words: Language, label: str) -> str:
    """A month such as ``2015-11`` in words."""
    year, month = label.split("-")
    return words("report.places.month", month=words(f"month.{month}"), year=year)
