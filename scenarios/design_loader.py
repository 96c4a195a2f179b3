"""Design loader: design files by path, by name, or a design with building blocks (``current+capacity-first``)."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

from omstilling.model.design import Advice, Design, DesignError, Eligibility, Rule, Track, check_design
from omstilling.scenarios.design_keys import (
    ADVICE_KEYS,
    BUDGET_KEY,
    ELIGIBILITY_KEYS,
    MIX_KINDS,
    TRACK_KEYS,
    Key,
)
from omstilling.scenarios.errors import Problem, ScenarioError, nearest

_TOP_KEYS = ("title", "description", "extends", "without", "national_budget", "advice", "all", "tracks")
_VALUE_KEYS = ("value", "unit", "source")
_HERE = Path()
Raw = dict[str, Any]


def _shipped(folder: str) -> dict[str, Path]:
    files = (resources.files("omstilling.scenarios") / folder).iterdir()
    paths = [Path(str(item)) for item in files if item.name.endswith(".toml")]
    return {path.stem: path for path in sorted(paths)}


def shipped_designs() -> dict[str, Path]:
    """Shipped designs by name."""
    order = ("none", "current", "adjust", "refine", "extend", "split-2024")
    found = _shipped("designs")
    return {name: found[name] for name in order if name in found} | found


def shipped_blocks() -> dict[str, Path]:
    """Building blocks by name: a few keys that change any design."""
    return _shipped("blocks")


def find_design(name_or_path: str, folder: Path = _HERE) -> Path:
    """Path of a design or building block: a file, looked up from a folder, or a shipped one.

    Raises
    ------
    ScenarioError
        If there is neither a file nor a shipped one of that name.
    """
    path = folder / name_or_path
    if path.suffix == ".toml" and path.is_file():
        return path
    shipped = shipped_designs() | shipped_blocks()
    if name_or_path in shipped:
        return shipped[name_or_path]
    allowed = (
        f"a .toml file, one of {', '.join(shipped_designs())}, or a block {', '.join(shipped_blocks())} is expected"
    )
    raise ScenarioError(name_or_path, [Problem("design", repr(name_or_path), allowed, nearest(name_or_path, shipped))])


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


def _check_value(path: str, key: str, known: Key, value: Any) -> list[Problem]:
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
    if value["unit"] != known.unit:
        problems.append(Problem(f"{key}.unit", repr(value["unit"]), f"the unit is {known.unit!r}"))
    source = value["source"]
    if not isinstance(source, str) or source.strip().removeprefix("choice").strip(": ") == "":
        problems.append(Problem(f"{key}.source", repr(source), "a source, or 'choice: ' and why, is expected"))
    return problems


def _flat(table: Raw, known: dict[str, Key]) -> Raw:
    """``mix`` and ``eligibility`` tables as dotted keys."""
    flat: Raw = {}
    for key, value in table.items():
        nested = isinstance(value, dict) and any(word.startswith(f"{key}.") for word in known)
        flat |= {f"{key}.{word}": inner for word, inner in value.items()} if nested else {key: value}
    return flat


_ALL_TRACK_KEYS = TRACK_KEYS | {f"eligibility.{key}": known for key, known in ELIGIBILITY_KEYS.items()}


def _check_table(path: str, prefix: str, table: Any, known: dict[str, Key]) -> list[Problem]:
    if not isinstance(table, dict):
        return [Problem(prefix, repr(table), "a table is expected")]
    problems: list[Problem] = []
    for key, value in _flat(table, known).items():
        if key in known:
            problems += _check_value(path, f"{prefix}.{key}", known[key], value)
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
        problems += _check_value(str(path), "national_budget", BUDGET_KEY, data["national_budget"])
    problems += _check_table(str(path), "advice", data.get("advice", {}), ADVICE_KEYS)
    problems += _check_table(str(path), "all", data.get("all", {}), _ALL_TRACK_KEYS)
    tracks = data.get("tracks", {})
    if isinstance(tracks, dict):
        for name, table in tracks.items():
            problems += _check_table(str(path), f"tracks.{name}", table, _ALL_TRACK_KEYS)
    else:
        problems.append(Problem("tracks", repr(tracks), "tables such as [tracks.acute] are expected"))
    if problems:
        raise ScenarioError(str(path), problems)


def _bases(data: Raw, path: Path) -> list[str]:
    extends = data.get("extends", [])
    bases = [extends] if isinstance(extends, str) else extends
    if not isinstance(bases, list) or not all(isinstance(base, str) for base in bases):
        raise ScenarioError(str(path), [Problem("extends", repr(extends), "a name or a list of names is expected")])
    return bases


def _without(over: Raw, tracks: Raw, path: Path) -> list[str]:
    """Tracks of the base that are left out."""
    names = over.get("without", [])
    if not isinstance(names, list):
        problem = Problem("without", repr(names), f"a list of tracks is expected; the tracks are {', '.join(tracks)}")
        raise ScenarioError(str(path), [problem])
    for name in names:
        if name not in tracks:
            allowed = f"the tracks are {', '.join(tracks)}"
            raise ScenarioError(str(path), [Problem("without", repr(name), allowed, nearest(str(name), tracks))])
    return names


def _merged(base: Raw, over: Raw, path: Path) -> Raw:
    """``base`` with the keys of ``over`` changed; what ``over.all`` sets holds for every track of ``base`` too."""
    tracks = {name: dict(table) for name, table in base.get("tracks", {}).items()}
    for name in _without(over, tracks, path):
        del tracks[name]
    for_all = _flat(over.get("all", {}), _ALL_TRACK_KEYS)
    tracks = {name: {**table, **for_all} for name, table in tracks.items()}
    common = {**base.get("all", {}), **for_all}
    for name, table in over.get("tracks", {}).items():
        tracks[name] = dict(tracks.get(name, common)) | _flat(table, _ALL_TRACK_KEYS)
    merged = base | {key: over[key] for key in ("title", "national_budget") if key in over}
    merged["advice"] = {**base.get("advice", {}), **over.get("advice", {})}
    return merged | {"tracks": tracks, "all": common}


def _resolve(path: Path, seen: tuple[Path, ...] = ()) -> Raw:
    """Tables of a design file with all that it extends; files that it names are looked up beside it."""
    if path.resolve() in seen:
        chain = " -> ".join(file.stem for file in (*seen, path))
        raise ScenarioError(str(path), [Problem("extends", chain, "a design cannot extend itself")])
    data = read_file(path)
    check_file(path, data)
    resolved: Raw = {}
    for base in _bases(data, path):
        try:
            found = find_design(base, path.parent)
        except ScenarioError as error:
            problems = [Problem("extends", item.found, item.allowed, item.nearest) for item in error.problems]
            raise ScenarioError(str(path), problems) from error
        resolved = _merged(resolved, _resolve(found, (*seen, path.resolve())), path)
    return _merged(resolved, data, path)


def words_of(name_or_path: str | Path) -> list[str]:
    """A design, and the blocks that are joined to it by ``+``."""
    return [str(name_or_path)] if Path(name_or_path).is_file() else str(name_or_path).split("+")


def resolve_design(name_or_path: str | Path) -> Raw:
    """Tables of a design, or of a block, with all that it extends and the blocks joined to it.

    Raises
    ------
    ScenarioError
        With every problem found in the files.
    """
    first, *blocks = words_of(name_or_path)
    resolved = _resolve(find_design(first))
    for block in blocks:
        resolved = _merged(resolved, {**_resolve(find_design(block)), "title": resolved["title"]}, Path(block))
    return resolved


def _eligibility(values: Raw) -> Eligibility:
    given = {key: values[f"eligibility.{key}"] for key in ELIGIBILITY_KEYS if f"eligibility.{key}" in values}
    if given.get("rule") not in tuple(Rule):
        raise DesignError("eligibility.rule", repr(given.get("rule", "nothing")), f"{' or '.join(Rule)} is expected")
    return Eligibility(**{**given, "rule": Rule(given["rule"])})


def _track(name: str, table: Raw) -> Track:
    values = {key: value["value"] for key, value in table.items()}
    for key in TRACK_KEYS:
        if key not in values and not key.startswith("mix."):
            if key == "payer":
                values[key] = ""
                continue
            raise DesignError(f"tracks.{name}.{key}", "nothing", f"a value is needed: {TRACK_KEYS[key].meaning}")
    try:
        eligibility = _eligibility(values)
    except DesignError as error:
        raise DesignError(f"tracks.{name}.{error.key}", error.found, error.allowed) from error
    mix = tuple(float(values.get(f"mix.{kind}", 0.0)) for kind in MIX_KINDS)
    plain = {key: values[key] for key in TRACK_KEYS if not key.startswith("mix.")}
    return Track(name=name, eligibility=eligibility, mix=mix, **plain)  # type: ignore[arg-type]


def load_design(name_or_path: str | Path) -> Design:
    """Read and check a design: a path, a name, or names joined by ``+`` of which the first is a design.

    Raises
    ------
    ScenarioError
        With every problem found: file, key, value, what is allowed, the nearest right name.
    """
    first, *blocks = words_of(name_or_path)
    if first in shipped_blocks():
        allowed = f"a block changes a design: current+{first} is meant"
        raise ScenarioError(first, [Problem("design", repr(first), allowed)])
    resolved = resolve_design(name_or_path)
    name = "+".join([Path(first).stem, *(Path(block).stem for block in blocks)])
    try:
        advice = Advice(**{key: value["value"] for key, value in resolved["advice"].items()})
        design = Design(
            name=name,
            title=" + ".join([resolved["title"], *blocks]),
            tracks=tuple(_track(key, table) for key, table in resolved["tracks"].items()),
            advice=advice,
            national_budget=float(resolved.get("national_budget", {"value": 0.0})["value"]),
        )
        check_design(design)
    except DesignError as error:
        problem = Problem(error.key, error.found, error.allowed)
        raise ScenarioError(str(find_design(first)), [problem]) from error
    return design


def renamed(design: Design, name: str) -> Design:
    """The same design under another name."""
    return replace(design, name=name)
