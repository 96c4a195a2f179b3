"""Experiment: the schema and loader of files that say which runs a batch makes."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from omstilling.model.parameters import parameter_table
from omstilling.scenarios.design_keys import ALL_TRACK_KEYS
from omstilling.scenarios.errors import WrongKeyError, nearest
from omstilling.scenarios.files import find_file, load_file, shipped_files

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
    parameters = [row["name"] for row in parameter_table()]
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
    return shipped_files("experiments")


def load_experiment(name_or_path: str | Path) -> Experiment:
    """Read and check an experiment file, or a shipped experiment. Scenarios and designs are read when it is planned.

    Raises
    ------
    ScenarioError
        With every problem found: file, key, value, what is allowed, the nearest right name.
    """
    path = find_file(name_or_path, shipped_experiments(), "experiment")
    return load_file(path, "experiment", Experiment, {"sample": Sample}, Experiment.model_validate)
