"""Files: reading and checking TOML files of scenarios and experiments, in the words of their readers."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from omstilling.scenarios.errors import Problem, ScenarioError, WrongKeyError, nearest


def shipped_files(folder: str) -> dict[str, Path]:
    """Files shipped in a folder of the package, by name."""
    files = (resources.files("omstilling.scenarios") / folder).iterdir()
    paths = [Path(str(item)) for item in files if item.name.endswith(".toml")]
    return {path.stem: path for path in sorted(paths)}


def find_file(name_or_path: str | Path, shipped: Mapping[str, Path], what: str) -> Path:
    """Path of a file, or of a shipped one by name; ``what`` it is for the message.

    Raises
    ------
    ScenarioError
        If there is neither.
    """
    path, name = Path(name_or_path), str(name_or_path)
    if path.suffix == ".toml" and path.is_file():
        return path
    if name in shipped:
        return shipped[name]
    allowed = f"a .toml file or one of {', '.join(shipped)} is expected"
    raise ScenarioError(name, [Problem(what, repr(name), allowed, nearest(name, shipped))])


def _problem(error: Any, kind: type[BaseModel], parts: Mapping[str, type[BaseModel]]) -> Problem:
    """A pydantic error in the words of a file."""
    location = [str(part) for part in error["loc"]]
    key = ".".join(location) or "file"
    if error["type"] == "extra_forbidden":
        allowed = [name for name in parts.get(location[0], kind).model_fields if name != "name"]
        return Problem(key, "an unknown key", f"allowed are {', '.join(allowed)}", nearest(location[-1], allowed))
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "value_error" and isinstance(error["ctx"]["error"], WrongKeyError):
        wrong = error["ctx"]["error"]
        return Problem(".".join([*location, wrong.key]), wrong.found, wrong.allowed)
    if error["type"] == "missing":
        return Problem(key, "nothing", "the key is required")
    found = repr(error["input"]) if not isinstance(error["input"], dict) else "a table"
    return Problem(key, found, message)


def load_file[T: BaseModel](
    path: Path, what: str, kind: type[T], parts: Mapping[str, type[BaseModel]], validate: Callable[[dict[str, Any]], T]
) -> T:
    """Read and check a TOML file; its name is that of the file.

    Parameters
    ----------
    path, what
        The file, and what it is, for messages.
    kind, parts
        Its schema, and those of tables in it, by key: they say which keys are allowed.
    validate
        Makes it from the tables of the file.

    Raises
    ------
    ScenarioError
        With every problem found: file, key, value, what is allowed, the nearest right name.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScenarioError(str(path), [Problem("file", "text that is not TOML", str(error))]) from error
    if "name" in data:
        problem = Problem("name", repr(data["name"]), f"the file name is the name of the {what}")
        raise ScenarioError(str(path), [problem])
    try:
        return validate({**data, "name": path.stem})
    except ValidationError as error:
        raise ScenarioError(str(path), [_problem(item, kind, parts) for item in error.errors()]) from error
