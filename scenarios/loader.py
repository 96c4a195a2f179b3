"""Loader: scenario files by path or by the name of a shipped example."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from pydantic import BaseModel

from omstilling.scenarios.files import find_file, load_file, shipped_files
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
    return shipped_files("examples")


def find_scenario(name_or_path: str | Path) -> Path:
    """Path of a scenario file.

    Raises
    ------
    ScenarioError
        If there is neither a file nor a shipped example of that name.
    """
    return find_file(name_or_path, shipped_scenarios(), "scenario")


def load_scenario(name_or_path: str | Path, places: Places) -> Scenario:
    """Read and check a scenario file.

    Raises
    ------
    ScenarioError
        With every problem found: file, key, value, what is allowed, the nearest right name.
    """
    parts: dict[str, type[BaseModel]] = {"shocks": ShockSpec, "programme": ProgrammeSpec}
    return load_file(
        find_scenario(name_or_path), "scenario", Scenario, parts,
        lambda data: Scenario.model_validate(data, context={"places": places}),
    )  # fmt: skip
