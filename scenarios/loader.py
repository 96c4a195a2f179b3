"""Loader: scenario files by path or by the name of a shipped example."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import ValidationError

from omstilling.model.shocks import ShockKind
from omstilling.scenarios.checks import scenario_problems, where_problems
from omstilling.scenarios.errors import Problem, ScenarioError, nearest
from omstilling.scenarios.schema import Scenario, ShockSpec

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


class Places(Protocol):
    """What the loader needs to know of places; the methods raise ValueError for a place that does not exist."""

    def resolve_municipality(self, text: str) -> str:
        """Code of a municipality given by code or name."""
        ...

    def resolve_region(self, text: str) -> str:
        """Key of a labour-market region given by key or name."""
        ...

    def region_of(self, code: str) -> str:
        """Key of the labour-market region of a municipality."""
        ...

    def municipalities_of(self, region: str) -> tuple[str, ...]:
        """Codes of a region's municipalities."""
        ...


def shipped_scenarios() -> dict[str, Path]:
    """Shipped examples by name."""
    folder = resources.files("omstilling.scenarios") / "examples"
    paths = [Path(str(item)) for item in folder.iterdir() if item.name.endswith(".toml")]
    return {path.stem: path for path in sorted(paths)}


def find_scenario(name_or_path: str | Path) -> Path:
    """Path of a scenario file.

    Raises
    ------
    ScenarioError
        If there is neither a file nor a shipped example of that name.
    """
    text, path = str(name_or_path), Path(name_or_path)
    shipped = shipped_scenarios()
    if path.suffix == ".toml":
        if path.is_file():
            return path
        raise ScenarioError(text, [Problem("scenario", "no such file", "the path of a .toml file is expected")])
    if text in shipped:
        return shipped[text]
    allowed = f"shipped are {', '.join(shipped)}; or give the path of a .toml file"
    raise ScenarioError(text, [Problem("scenario", repr(text), allowed, nearest(text, shipped))])


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        twice = str(error).startswith(("Cannot overwrite", "Cannot declare"))
        reason = f"{error}: a key may be given once" if twice else str(error)
        raise ScenarioError(str(path), [Problem("file", "text that is not valid TOML", reason)]) from error
    except (UnicodeDecodeError, OSError) as error:
        raise ScenarioError(str(path), [Problem("file", "a file that cannot be read", str(error))]) from error


def _key(location: tuple[int | str, ...]) -> str:
    """A place in a file: ``shocks[0].date``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")


def _problem(error: ErrorDetails) -> Problem:
    """A pydantic error in the words of a scenario file."""
    location, key, found = error["loc"], _key(error["loc"]), error["input"]
    if error["type"] == "extra_forbidden":
        fields = ShockSpec.model_fields if location[0] == "shocks" else Scenario.model_fields
        allowed = [name for name in fields if name != "name"]
        near = nearest(str(location[-1]), allowed)
        return Problem(key, "an unknown key", f"allowed are {', '.join(allowed)}", near)
    if error["type"] == "missing":
        return Problem(key, "nothing", "the key is required")
    message = error["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    near = nearest(str(found), list(ShockKind)) if error["type"] == "enum" else ""
    return Problem(key, "a table" if isinstance(found, dict) else repr(found), message, near)


def _file_problems(data: dict[str, Any]) -> Iterator[Problem]:
    if "name" in data:
        yield Problem("name", repr(data["name"]), "the file's name is the name of the scenario")
    yield from where_problems(data)


def _settle(scenario: Scenario, places: Places) -> Scenario:
    """Fill in the region and its municipalities."""
    if scenario.municipalities:
        return scenario
    region = scenario.region or places.region_of(scenario.place)
    return scenario.model_copy(update={"region": region, "municipalities": places.municipalities_of(region)})


def load_scenario(name_or_path: str | Path, places: Places) -> Scenario:
    """Read and check a scenario file.

    Parameters
    ----------
    name_or_path
        Name of a shipped example or path of a ``.toml`` file.
    places
        Where municipalities and regions are looked up.

    Raises
    ------
    ScenarioError
        With every problem found: file, key, value, what is allowed, the nearest right name.
    """
    path = find_scenario(name_or_path)
    data = _read(path)
    problems = list(_file_problems(data))
    try:
        scenario = Scenario.model_validate({**data, "name": path.stem}, context={"places": places})
    except ValidationError as error:
        raise ScenarioError(str(path), [*problems, *map(_problem, error.errors())]) from error
    if not problems:
        scenario = _settle(scenario, places)
        problems = list(scenario_problems(scenario))
    if problems:
        raise ScenarioError(str(path), problems)
    return scenario
