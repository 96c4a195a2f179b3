"""Design table: every value that a design sets, with unit, meaning and source."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from omstilling.scenarios.design_file import Raw
from omstilling.scenarios.design_keys import ADVICE_KEYS, ALL_TRACK_KEYS, BUDGET_KEY, REGIME_KEYS, Key
from omstilling.scenarios.design_loader import load_design, resolve_design, shipped_blocks

EVERY_TRACK = "every track"


@dataclass(frozen=True)
class DesignValue:
    """One value of a design: the track it holds for (or the design, its advice or its regime), and where it is from."""

    part: str
    key: str
    value: int | float | str
    unit: str
    meaning: str
    source: str


def _values(part: str, table: Raw, known: dict[str, Key]) -> list[DesignValue]:
    return [
        DesignValue(part, key, table[key]["value"], meant.unit, meant.meaning, table[key]["source"])
        for key, meant in known.items()
        if key in table
    ]


def _by_track(resolved: Raw) -> list[DesignValue]:
    """Values that are the same in every track once, then those of each track."""
    tracks = resolved["tracks"] or {EVERY_TRACK: resolved["all"]}
    first, *others = tracks.values()
    common = {key: value for key, value in first.items() if all(other.get(key) == value for other in others)}
    rows = _values(EVERY_TRACK, common, ALL_TRACK_KEYS)
    for name, table in tracks.items():
        rows += _values(name, {key: value for key, value in table.items() if key not in common}, ALL_TRACK_KEYS)
    return rows


def design_table(name_or_path: str | Path) -> list[DesignValue]:
    """Every value of a design with all that it extends, or of a building block.

    Parameters
    ----------
    name_or_path
        As for ``load_design``: a path, a name, or names joined by ``+``.

    Raises
    ------
    ScenarioError
        For a design that does not exist or cannot be carried out.
    """
    resolved = resolve_design(name_or_path)
    if name_or_path not in shipped_blocks():
        load_design(name_or_path)
    budget = {"national_budget": resolved["national_budget"]} if "national_budget" in resolved else {}
    rows = _values("design", budget, {"national_budget": BUDGET_KEY})
    rows += _values("advice", resolved["advice"], ADVICE_KEYS) + _values("regime", resolved["regime"], REGIME_KEYS)
    return rows + _by_track(resolved)
