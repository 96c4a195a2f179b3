"""Loader: scenario files by path or by the name of a shipped example."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path
from typing import Any, Protocol

from pydantic import BaseModel, ValidationError

from omstilling.scenarios.errors import Problem, ScenarioError, WrongKeyError, nearest
from omstilling.scenarios.schema import ProgrammeSpec, Scenario, ShockSpec


class Places(Protocol):
    """What the loader needs to know of places."""

    def resolve_municipality(self, text: str) -> str:
        """Code of a municipality."""
        ...

    def resolve_region(self, text: str) -> str:
        """Key of a labour-market region."""
        ...

    def resolve_county(self, text: str) -> str:
        """Number of a county."""
        ...

    def municipalities_in_county(self, number: str) -> tuple[str, ...]:
        """Codes of a county's municipalities."""
        ...

    def all_municipalities(self) -> tuple[str, ...]:
        """Codes of the whole country."""
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
    path = Path(name_or_path)
    if path.suffix == ".toml" and path.is_file():
        return path
    shipped = shipped_scenarios()
    if str(name_or_path) in shipped:
        return shipped[str(name_or_path)]
    allowed = f"a .toml file or one of {', '.join(shipped)} is expected"
    raise ScenarioError(
        str(name_or_path), [Problem("scenario", repr(str(name_or_path)), allowed, nearest(str(name_or_path), shipped))]
    )


def _problem(error: Any) -> Problem:
    """A pydantic error in the words of a scenario file."""
    location = [str(part) for part in error["loc"]]
    key = ".".join(location) or "file"
    if error["type"] == "extra_forbidden":
        kinds: dict[str, type[BaseModel]] = {"shocks": ShockSpec, "programme": ProgrammeSpec}
        kind = kinds.get(location[0], Scenario)
        allowed = [name for name in kind.model_fields if name != "name"]
        return Problem(key, "an unknown key", f"allowed are {', '.join(allowed)}", nearest(location[-1], allowed))
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "value_error" and isinstance(error["ctx"]["error"], WrongKeyError):
        wrong = error["ctx"]["error"]
        return Problem(".".join([*location, wrong.key]), wrong.found, wrong.allowed)
    if error["type"] == "missing":
        return Problem(key, "nothing", "the key is required")
    found = repr(error["input"]) if not isinstance(error["input"], dict) else "a table"
    return Problem(key, found, message)


def load_scenario(name_or_path: str | Path, places: Places) -> Scenario:
    """Read and check a scenario file.

    Raises
    ------
    ScenarioError
        With every problem found: file, key, value, what is allowed, the nearest right name.
    """
    path = find_scenario(name_or_path)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScenarioError(str(path), [Problem("file", "text that is not TOML", str(error))]) from error
    if "name" in data:
        problem = Problem("name", repr(data["name"]), "the file name is the name of the scenario")
        raise ScenarioError(str(path), [problem])
    try:
        return Scenario.model_validate({**data, "name": path.stem}, context={"places": places})
    except ValidationError as error:
        raise ScenarioError(str(path), [_problem(item) for item in error.errors()]) from error
