"""Store words: a language that knows what the users of a store have called their scenarios, designs and experiment."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from omstilling.experiments.batch.results import Results
from omstilling.experiments.reading.trace import DATES, MONTHS, open_rows
from omstilling.experiments.words.language import Language, LanguageCode, language
from omstilling.scenarios.design_loader import shipped_designs
from omstilling.scenarios.experiment import shipped_experiments
from omstilling.scenarios.loader import shipped_scenarios


@cache
def _shipped() -> dict[str, dict[str, tuple[str, str]]]:
    """Title and description in the shipped files, by group and name."""
    groups = {"scenario": shipped_scenarios(), "design": shipped_designs(), "experiment": shipped_experiments()}
    return {group: {name: _told(path) for name, path in found.items()} for group, found in groups.items()}


def _told(path: Path) -> tuple[str, str]:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return data["title"], data.get("description", "").strip()


def _with_blocks(words: Language, name: str) -> dict[str, str] | None:
    """Title and text of a shipped design with shipped blocks; None for anything else."""
    first, *blocks = name.split("+")
    if (
        not blocks
        or f"design.{first}" not in words.texts
        or any(f"block.{block}" not in words.texts for block in blocks)
    ):
        return None
    added = words.listed(words(f"block.{block}") for block in blocks)
    return {
        f"design.{name}": " + ".join([words(f"design.{first}"), *(words(f"block.{block}") for block in blocks)]),
        f"design_text.{name}": words("report.designs.changed", text=words(f"design_text.{first}"), blocks=added),
    }


def _own_texts(words: Language, group: str, about: dict[str, Any]) -> dict[str, str]:
    """Title and description of what is the user's own, also where it has the name of something shipped."""
    name, title, text = about["name"], about["title"], about.get("description", "").strip()
    if _shipped()[group].get(name, ("", "")) == (title, text):
        return {}
    composed = _with_blocks(words, name) if group == "design" else None
    return composed or {f"{group}.{name}": title, f"{group}_text.{name}": text}


def _short_names(words: Language, names: list[str]) -> dict[str, str]:
    """Titles of cases up to the colon, whole where two would be the same."""
    short = {name: words.named("scenario", name).split(":")[0] for name in names}
    taken = list(short.values())
    return {
        f"short_scenario.{name}": text if taken.count(text) == 1 else words.named("scenario", name)
        for name, text in short.items()
    }


def _open_date(words: Language, number: int, years: int) -> str:
    row = open_rows(MONTHS * years)[number]
    left = years - row // MONTHS
    if row == 0 or left == 0:
        return words("date_open.start" if row == 0 else "date_open.last")
    return words("date_open.before", years=left)


def _dates_of_open_runs(words: Language, years: list[int]) -> dict[str, str]:
    """Names of the dates where all who are eligible apply: they count back from the ends of runs of so many years."""
    names = {date: [_open_date(words, number, each) for each in years] for number, date in enumerate(DATES)}
    return {f"date.{date}": words.either_of(dict.fromkeys(found)) for date, found in names.items()}


def store_words(results: Results, lang: LanguageCode | str = LanguageCode.EN) -> Language:
    """A language in which what users have named keeps their names, and what is shipped has a name of the language."""
    head, words = results.store.head, language(lang)
    own: dict[str, str] = {}
    for group, all_about in (
        ("scenario", head["about"]["scenarios"]), ("design", head["about"]["designs"]),
        ("experiment", [head["experiment"]]),
    ):  # fmt: skip
        for about in all_about:
            own |= _own_texts(words, group, about)
    open_years = [about["years"] for about in head["about"]["scenarios"] if about["open"]]
    if open_years:
        own |= _dates_of_open_runs(words, open_years)
    words = words.extended(own)
    return words.extended(_short_names(words, [about["name"] for about in head["about"]["scenarios"]]))
