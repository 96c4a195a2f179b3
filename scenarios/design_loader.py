"""Design loader: design files by path, by name, or a design with building blocks (``current+capacity-first``)."""

from __future__ import annotations

from pathlib import Path

from omstilling.model.policy.design import (
    Advice,
    Design,
    DesignError,
    Eligibility,
    Ranking,
    Regime,
    Rule,
    Track,
    design_problems,
)
from omstilling.scenarios.design_file import Raw, check_file, flat, read_file
from omstilling.scenarios.design_keys import ALL_TRACK_KEYS, ELIGIBILITY_KEYS, GRANT_MULTIPLE, MIX_KINDS, TRACK_KEYS
from omstilling.scenarios.errors import Problem, ScenarioError, nearest
from omstilling.scenarios.files import shipped_files

_HERE = Path()
_BASELINE = "none"


def shipped_designs() -> dict[str, Path]:
    """Shipped designs by name."""
    order = ("none", "current", "adjust", "refine", "extend", "split-2024")
    found = shipped_files("designs")
    return {name: found[name] for name in order if name in found} | found


def shipped_blocks() -> dict[str, Path]:
    """Building blocks by name: a few keys that change any design."""
    return shipped_files("blocks")


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


def _times(value: Raw, multiple: Raw) -> Raw:
    """A grant, or a multiple, times a multiple; the source says so."""
    source = f"{value['source']}; x {multiple['value']:g}, {multiple['source']}"
    return {**value, "value": value["value"] * multiple["value"], "source": source}


def _changed(table: Raw, changes: Raw) -> Raw:
    """``table`` with ``changes``. A multiple changes the grant of the table; without one it waits for a grant.

    Multiples follow one another, so that a block does what its title says when it is joined twice; a grant that is
    given anew is not multiplied by what held before.
    """
    before = dict(table)
    waiting = before.pop(GRANT_MULTIPLE, None)
    changed = {**before, **changes}
    multiple = changed.pop(GRANT_MULTIPLE, None)
    if "yearly_grant" in changed:
        return changed | {"yearly_grant": _times(changed["yearly_grant"], multiple)} if multiple else changed
    if waiting and multiple:
        multiple = _times(waiting, multiple)
    return changed | ({GRANT_MULTIPLE: multiple or waiting} if multiple or waiting else {})


def _spread(data: Raw) -> Raw:
    """A file in which each of its tracks has what the file sets for all, and dotted keys."""
    for_all = flat(data.get("all", {}), ALL_TRACK_KEYS)
    tracks = {name: for_all | flat(table, ALL_TRACK_KEYS) for name, table in data.get("tracks", {}).items()}
    return {**data, "all": for_all, "tracks": tracks}


def _merged(base: Raw, over: Raw, path: Path) -> Raw:
    """``base`` with the keys of ``over`` changed; what ``over.all`` sets holds for every track of ``base`` too."""
    tracks = dict(base.get("tracks", {}))
    for name in _without(over, tracks, path):
        del tracks[name]
    common: Raw = base.get("all", {})
    own = {name: _changed(tracks.get(name, common), table) for name, table in over["tracks"].items()}
    tracks = {name: _changed(table, over["all"]) for name, table in tracks.items()} | own
    merged = base | {key: over[key] for key in ("title", "national_budget") if key in over}
    for part in ("advice", "regime"):
        merged[part] = {**base.get(part, {}), **over.get(part, {})}
    return merged | {"tracks": tracks, "all": _changed(common, over["all"])}


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
    return _merged(resolved, _spread(data), path)


def words_of(name_or_path: str | Path) -> list[str]:
    """A design, and the blocks that are joined to it by ``+``.

    Raises
    ------
    ScenarioError
        If there is nothing before, between or after the ``+``.
    """
    given = str(name_or_path)
    words = [given] if Path(given).is_file() else given.split("+")
    if not all(word.strip() for word in words):
        allowed = "a design such as current, or with blocks such as current+half-money, is expected"
        raise ScenarioError(
            given or "no name", [Problem("design", repr(given), allowed, nearest(words[0], shipped_designs()))]
        )
    return words


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


def design_description(name_or_path: str | Path) -> str:
    """What the file of a design says of it, without blocks joined to it; empty where it says nothing.

    Raises
    ------
    ScenarioError
        For a design that does not exist.
    """
    return str(read_file(find_design(words_of(name_or_path)[0])).get("description", "")).strip()


def _eligibility(values: Raw) -> Eligibility:
    given = {key: values[f"eligibility.{key}"] for key in ELIGIBILITY_KEYS if f"eligibility.{key}" in values}
    if given.get("rule") not in tuple(Rule):
        raise DesignError("eligibility.rule", repr(given.get("rule", "nothing")), f"{' or '.join(Rule)} is expected")
    return Eligibility(**{**given, "rule": Rule(given["rule"])})


def _track(name: str, table: Raw) -> Track:
    values = {key: value["value"] for key, value in table.items()}
    plain = [key for key in TRACK_KEYS if not key.startswith("mix.") and key != GRANT_MULTIPLE]
    for key in plain:
        if key not in values and key != "payer":
            raise DesignError(f"tracks.{name}.{key}", "nothing", f"a value is needed: {TRACK_KEYS[key].meaning}")
    try:
        eligibility = _eligibility(values)
    except DesignError as error:
        raise DesignError(f"tracks.{name}.{error.key}", error.found, error.allowed) from error
    mix = tuple(float(values.get(f"mix.{kind}", 0.0)) for kind in MIX_KINDS)
    of_track = {"payer": "", **{key: values[key] for key in plain if key in values}}
    return Track(name=name, eligibility=eligibility, mix=mix, **of_track)  # type: ignore[arg-type]


def _regime(table: Raw) -> Regime:
    values = {key: value["value"] for key, value in table.items()}
    if values.get("ranking") in tuple(Ranking):  # else the design's check says what is allowed
        values["ranking"] = Ranking(values["ranking"])
    return Regime(**values)


def _tracks(tables: Raw) -> tuple[list[Track], list[DesignError]]:
    """Tracks, and why others cannot be made."""
    tracks, problems = [], []
    for name, table in tables.items():
        try:
            tracks.append(_track(name, table))
        except DesignError as error:
            problems.append(error)
    return tracks, problems


def _baseline_problems(design: Design) -> list[DesignError]:
    """What differences are taken from has to be no support at all, whatever file the name was given to."""
    support = [track.name for track in design.tracks] + (["advice"] if design.advice != Advice() else [])
    if design.name != _BASELINE or not support:
        return []
    allowed = f"the name {_BASELINE} is kept for the baseline, without tracks and advice; another name is needed"
    return [DesignError("design", f"{_BASELINE!r} with {', '.join(support)}", allowed)]


def load_design(name_or_path: str | Path) -> Design:
    """Read and check a design: a path, a name, or names joined by ``+`` of which the first is a design.

    Raises
    ------
    ScenarioError
        File, key, value, what is allowed, the nearest right name. Every problem of a file is listed at once; those of
        what the files make together once each file is right by itself.
    """
    first, *blocks = words_of(name_or_path)
    if first in shipped_blocks():
        allowed = f"a block changes a design: current+{first} is meant"
        raise ScenarioError(first, [Problem("design", repr(first), allowed)])
    resolved = resolve_design(name_or_path)
    tracks, problems = _tracks(resolved["tracks"])
    design = Design(
        name="+".join([Path(first).stem, *(Path(block).stem for block in blocks)]),
        title=" + ".join([resolved["title"], *blocks]),
        tracks=tuple(tracks),
        advice=Advice(**{key: value["value"] for key, value in resolved["advice"].items()}),
        national_budget=float(resolved.get("national_budget", {"value": 0.0})["value"]),
        regime=_regime(resolved["regime"]),
    )
    problems += [*design_problems(design), *_baseline_problems(design)]
    if problems:
        # What a design and its blocks make together is no fault of any one file.
        file = str(name_or_path) if blocks else str(find_design(first))
        raise ScenarioError(file, [Problem(error.key, error.found, error.allowed) for error in problems])
    return design
