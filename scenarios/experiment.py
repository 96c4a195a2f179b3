"""Experiment: the schema and loader of files that say which runs a batch makes."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from importlib import resources
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from omstilling.model import Parameters
from omstilling.scenarios.design_keys import ALL_TRACK_KEYS
from omstilling.scenarios.errors import Problem, ScenarioError, WrongKeyError, nearest

PARAMETER, DESIGN = "parameters.", "design."
"""How keys of a grid or sample begin: a parameter of the model, or a key that every track of a design has."""
_MOST_RUNS_A_POINT = 10_000


def _dotted(table: Any) -> Any:
    """A table whose keys may be written with or without quotes: ``parameters.x`` is then a table in a table."""
    if not isinstance(table, dict):
        return table
    flat: dict[str, Any] = {}
    for key, value in table.items():
        inner = _dotted(value)
        flat |= {f"{key}.{name}": item for name, item in inner.items()} if isinstance(inner, dict) else {key: value}
    return flat


def _tuple(value: Any) -> Any:
    return (value,) if isinstance(value, (str, int, float)) else value


Words = Annotated[tuple[str, ...], BeforeValidator(_tuple), Field(min_length=1)]


def factor_names() -> list[str]:
    """Every key that a grid or a sample may vary."""
    blocks = Parameters()
    parameters = [item.name for block in fields(blocks) for item in fields(getattr(blocks, block.name))]
    numbers = [key for key, meant in ALL_TRACK_KEYS.items() if meant.kind in (int, float)]
    return [f"{PARAMETER}{name}" for name in parameters] + [f"{DESIGN}{key}" for key in numbers]


def _check_factors(given: str, names: list[str]) -> None:
    known = factor_names()
    for name in names:
        if name not in known:
            near = nearest(name, known)
            hint = f"; did you mean {near}?" if near else ""
            allowed = (
                f"{PARAMETER}NAME (see 'omstilling parameters') or {DESIGN}KEY (see 'omstilling designs') is meant"
            )
            raise WrongKeyError(given, repr(name), allowed + hint)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Sample(_Strict):
    """Points between bounds: a Latin hypercube, a Sobol sequence, or the designs of Sobol's and Morris' methods.

    ``points``: their number; for ``saltelli`` the base number N of N (D + 2) points, for ``morris`` the number of
    trajectories of D + 1 points each, where D is the number of ``ranges``.
    """

    method: Literal["latin-hypercube", "sobol", "saltelli", "morris"]
    points: int = Field(ge=1, le=1_000_000)
    ranges: Annotated[dict[str, tuple[float, float]], BeforeValidator(_dotted)] = Field(min_length=1)

    @model_validator(mode="after")
    def _bounds(self) -> Self:
        _check_factors("ranges", list(self.ranges))
        for name, (low, high) in self.ranges.items():
            if not low < high:
                raise WrongKeyError(f"ranges.{name}", f"[{low:g}, {high:g}]", "a lower and a higher bound are needed")
        return self


class Experiment(_Strict):
    """Scenarios x designs x points x parameter draws x replications.

    Every run of a draw and replication has the same random draws, whatever the scenario, design or point. ``draws``
    sets of parameters come from ``parameters``; a ``grid`` or ``sample`` changes some of them, or keys of every track
    of every design. ``budget_neutral`` names a design: the grants of all others are multiplied so that, for the track
    that each is granted, they add up to the same as its own.
    """

    name: str
    title: str
    description: str = ""
    scenarios: Words
    designs: Words
    parameters: Literal["posterior", "point", "prior"] = "posterior"
    draws: int = Field(default=20, ge=1, le=_MOST_RUNS_A_POINT)
    replications: int = Field(default=1, ge=1, le=_MOST_RUNS_A_POINT)
    seed: int = Field(default=1, ge=0, lt=2**63)
    grid: Annotated[dict[str, tuple[float, ...]], BeforeValidator(_dotted)] = Field(default_factory=dict)
    sample: Sample | None = None
    budget_neutral: str = ""

    @model_validator(mode="after")
    def _agree(self) -> Self:
        _check_factors("grid", list(self.grid))
        for name, values in self.grid.items():
            if not values or len(set(values)) != len(values):
                raise WrongKeyError(f"grid.{name}", list(values), "one or more distinct values are needed")
        both = sorted(set(self.grid) & set(self.sample.ranges if self.sample else ()))
        if both:
            raise WrongKeyError("grid", ", ".join(both), "a key is varied by the grid or by the sample, not by both")
        for key, words in (("scenarios", self.scenarios), ("designs", self.designs)):
            twice = [word for word in words if words.count(word) > 1]
            if twice:
                raise WrongKeyError(key, f"{twice[0]} twice", "each once is expected")
        return self

    @property
    def grid_points(self) -> list[dict[str, float]]:
        """Every combination of the grid; a single empty one without a grid."""
        return [dict(zip(self.grid, values, strict=True)) for values in product(*self.grid.values())]


def shipped_experiments() -> dict[str, Path]:
    """Shipped experiments by name."""
    folder = resources.files("omstilling.scenarios") / "experiments"
    paths = [Path(str(item)) for item in folder.iterdir() if item.name.endswith(".toml")]
    return {path.stem: path for path in sorted(paths)}


def find_experiment(name_or_path: str | Path) -> Path:
    """Path of an experiment file.

    Raises
    ------
    ScenarioError
        If there is neither a file nor a shipped experiment of that name.
    """
    path, shipped = Path(name_or_path), shipped_experiments()
    if path.suffix == ".toml" and path.is_file():
        return path
    if str(name_or_path) in shipped:
        return shipped[str(name_or_path)]
    allowed = f"a .toml file or one of {', '.join(shipped)} is expected"
    name = str(name_or_path)
    raise ScenarioError(name, [Problem("experiment", repr(name), allowed, nearest(name, shipped))])


def _problem(error: Any) -> Problem:
    """A pydantic error in the words of an experiment file."""
    location = [str(part) for part in error["loc"]]
    key = ".".join(location) or "file"
    if error["type"] == "extra_forbidden":
        kind = Sample if location[0] == "sample" else Experiment
        allowed = [name for name in kind.model_fields if name != "name"]
        return Problem(key, "an unknown key", f"allowed are {', '.join(allowed)}", nearest(location[-1], allowed))
    if error["type"] == "value_error" and isinstance(error["ctx"]["error"], WrongKeyError):
        wrong = error["ctx"]["error"]
        return Problem(".".join([*location, wrong.key]), wrong.found, wrong.allowed)
    if error["type"] == "missing":
        return Problem(key, "nothing", "the key is required")
    found = "a table" if isinstance(error["input"], dict) else repr(error["input"])
    return Problem(key, found, str(error["msg"]).removeprefix("Value error, "))


def load_experiment(name_or_path: str | Path) -> Experiment:
    """Read and check an experiment file. Its scenarios and designs are read when it is planned.

    Raises
    ------
    ScenarioError
        With every problem found: file, key, value, what is allowed, the nearest right name.
    """
    path = find_experiment(name_or_path)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScenarioError(str(path), [Problem("file", "text that is not TOML", str(error))]) from error
    if "name" in data:
        raise ScenarioError(str(path), [Problem("name", repr(data["name"]), "the file name is the name")])
    try:
        return Experiment.model_validate({**data, "name": path.stem})
    except ValidationError as error:
        raise ScenarioError(str(path), [_problem(item) for item in error.errors()]) from error
