"""Store words: a language that knows what the users of a store have called their scenarios, designs and experiment."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Any

from omstilling.experiments.batch.results import Results
from omstilling.experiments.language import Language, LanguageCode, language
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


def _own_texts(group: str, about: dict[str, Any]) -> dict[str, str]:
    """Title and description of what is the user's own, also where it has the name of something shipped."""
    name, title = about["name"], about["title"]
    if _shipped_titles()[group].get(name) == title:
        return {}
    return {f"{group}.{name}": title, f"{group}_text.{name}": about.get("description", "").strip()}


def store_words(results: Results, lang: LanguageCode | str = LanguageCode.EN) -> Language:
    """A language in which what users have named keeps their names, and what is shipped has a name of the language."""
    head = results.store.head
    own: dict[str, str] = {}
    for group, all_about in (
        ("scenario", head["about"]["scenarios"]), ("design", head["about"]["designs"]),
        ("experiment", [head["experiment"]]),
    ):  # fmt: skip
        for about in all_about:
            own |= _own_texts(group, about)
    return language(lang).extended(own)
