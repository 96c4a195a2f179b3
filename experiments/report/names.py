"""Names: cases, designs and months as they stand in sentences."""

from __future__ import annotations

from omstilling.experiments.words.language import Language


def case_name(words: Language, name: str) -> str:
    """Title of a scenario."""
    return words.named("scenario", name)


def short_case_name(words: Language, name: str) -> str:
    """Title of a scenario, short where it stays its own."""
    return words.named("short_scenario", name)


def design_name(words: Language, name: str) -> str:
    """Short name of a shipped design, else the title of the user's own."""
    return words.named("design", name)


def quoted(words: Language, name: str) -> str:
    """Name of a design in a sentence."""
    return words("number.quoted", text=design_name(words, name))


def month_name(words: Language, label: str) -> str:
    """A month such as ``2015-11`` in words."""
    year, month = label.split("-")
    return words("report.places.month", month=words(f"month.{month}"), year=year)
