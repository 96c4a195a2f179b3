"""Registry document: ``docs/indicators.md`` as the registry gives it; ``make docs`` renews it."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from omstilling.experiments.files.writing import write_atomically
from omstilling.experiments.reading.indicators import INDICATORS, RATIOS, Indicator, Ratio

DOCS = Path(__file__).parents[1]
_HEAD = """# Indicators

Generated from `experiments/reading/indicators.py` by `make docs`. `omstilling compare` reads every indicator in the
programme's municipalities, unless its definition says otherwise, at four dates: the year-end before the application
(`start`), the end of the longest programme compared (`end`), and three and five years later (`end+3`, `end+5`). The
paired run has the same draws and no programme.

"Better" is what counts as better: more, less, or neither. Money is in millions of kroner of 2020, all that was paid
until the date.
"""
_RATIO_HEAD = """
## Ratios of means

A mean over replications divided by another, because the denominator can be near 0 in one replication. The interval is
a bootstrap 90 % interval of the ratio itself.
"""
_TITLES = ("Name", "Unit", "Better", "Definition", "Formula", "What may be concluded", "Source")
_BETTER = {1: "more", -1: "less", 0: ""}


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _table(items: list[Indicator] | list[Ratio]) -> str:
    lines = [_row(_TITLES), "|" + "---|" * len(_TITLES)]
    lines += [
        _row((f"`{item.name}`", item.unit, _BETTER[item.better], item.definition, item.formula_text, item.conclusion,
              item.source))
        for item in items
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def indicators_markdown() -> str:
    """Text of ``docs/indicators.md``: every indicator with unit, definition, formula, conclusion and source."""
    text = _HEAD
    for group, items in groupby(INDICATORS, key=lambda item: item.group):
        text += f"\n## {group.capitalize()}\n\n{_table(list(items))}"
    return f"{text}{_RATIO_HEAD}\n{_table(list(RATIOS))}"


def main() -> None:
    """Write ``docs/indicators.md``."""
    text = indicators_markdown()
    print(write_atomically(DOCS / "indicators.md", lambda path: path.write_text(text, encoding="utf-8")))


if __name__ == "__main__":
    main()
