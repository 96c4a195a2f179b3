"""Design file: the tables of one file, and what is wrong with them before they are put together."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from omstilling.scenarios.design_keys import ADVICE_KEYS, ALL_TRACK_KEYS, BUDGET_KEY, REGIME_KEYS, Key
from omstilling.scenarios.errors import Problem, ScenarioError, nearest

_TOP_KEYS = ("title", "description", "extends", "without", "national_budget", "advice", "regime", "all", "tracks")
_VALUE_KEYS = ("value", "unit", "source")
Raw = dict[str, Any]


def read_file(path: Path) -> Raw:
    """Tables of a design file.

    Raises
    ------
    ScenarioError
        For text that is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScenarioError(str(path), [Problem("file", "text that is not TOML", str(error))]) from error


def _check_value(key: str, known: Key, value: Any) -> list[Problem]:
    """Problems of one value: it needs a value of the right type, the unit of its key, and a source."""
    if not isinstance(value, dict):
        return [Problem(key, repr(value), '{ value = ..., unit = "...", source = "..." } is expected')]
    problems = [
        Problem(f"{key}.{word}", "an unknown key", f"allowed are {', '.join(_VALUE_KEYS)}", nearest(word, _VALUE_KEYS))
        for word in value
        if word not in _VALUE_KEYS
    ]
    problems += [
        Problem(f"{key}.{word}", "nothing", "the key is required") for word in _VALUE_KEYS if word not in value
    ]
    if problems:
        return problems
    found = value["value"]
    right = isinstance(found, known.kind if known.kind is not float else (int, float)) and not isinstance(found, bool)
    if not right:
        word = {int: "a whole number", float: "a number", str: "text"}[known.kind]
        problems.append(Problem(f"{key}.value", repr(found), f"{word} is expected: {known.meaning}"))
    elif known.least is not None and not found >= known.least:
        problems.append(Problem(f"{key}.value", repr(found), f"{known.least:g} or more is expected: {known.meaning}"))
    if value["unit"] != known.unit:
        problems.append(Problem(f"{key}.unit", repr(value["unit"]), f"the unit is {known.unit!r}"))
    source = value["source"]
    if not isinstance(source, str) or source.strip().removeprefix("choice").strip(": ") == "":
        problems.append(Problem(f"{key}.source", repr(source), "a source, or 'choice: ' and why, is expected"))
    return problems


def flat(table: Raw, known: dict[str, Key]) -> Raw:
    """``mix`` and ``eligibility`` tables as dotted keys."""
    found: Raw = {}
    for key, value in table.items():
        nested = isinstance(value, dict) and any(word.startswith(f"{key}.") for word in known)
        found |= {f"{key}.{word}": inner for word, inner in value.items()} if nested else {key: value}
    return found


def _check_table(prefix: str, table: Any, known: dict[str, Key]) -> list[Problem]:
    if not isinstance(table, dict):
        return [Problem(prefix, repr(table), "a table is expected")]
    problems: list[Problem] = []
    for key, value in flat(table, known).items():
        if key in known:
            problems += _check_value(f"{prefix}.{key}", known[key], value)
        else:
            hint = nearest(key, known)
            allowed = f"allowed are {', '.join(known)}"
            problems.append(Problem(f"{prefix}.{key}", "an unknown key", allowed, hint))
    return problems


def check_file(path: Path, data: Raw) -> None:
    """Refuse unknown keys, wrong types, wrong units and missing sources.

    Raises
    ------
    ScenarioError
        With every problem found.
    """
    problems = [
        Problem(key, "an unknown key", f"allowed are {', '.join(_TOP_KEYS)}", nearest(key, _TOP_KEYS))
        for key in data
        if key not in _TOP_KEYS
    ]
    if not isinstance(data.get("title"), str):
        problems.append(Problem("title", repr(data.get("title", "nothing")), "text is required"))
    if "national_budget" in data:
        problems += _check_value("national_budget", BUDGET_KEY, data["national_budget"])
    problems += _check_table("advice", data.get("advice", {}), ADVICE_KEYS)
    problems += _check_table("regime", data.get("regime", {}), REGIME_KEYS)
    problems += _check_table("all", data.get("all", {}), ALL_TRACK_KEYS)
    tracks = data.get("tracks", {})
    if isinstance(tracks, dict):
        for name, table in tracks.items():
            problems += _check_table(f"tracks.{name}", table, ALL_TRACK_KEYS)
    else:
        problems.append(Problem("tracks", repr(tracks), "tables such as [tracks.acute] are expected"))
    if problems:
        raise ScenarioError(str(path), problems)
