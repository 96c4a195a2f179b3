"""Municipal codes in force since 2017, and the municipalities of 2024 that they are part of."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import pandas as pd

FIRST_YEAR = 2017
"""First year whose codes the table holds."""
_COLUMNS = ("code", "name", "code_2024", "first_year", "last_year", "share", "share_jobs", "note")
_MUNICIPALITY = re.compile(r"\d{4}")
_ENDED = re.compile(r"-(\d{4})\)\s*$")
"""How labels of Statistics Norway show a code that is no longer in force: ``Haram (-2019)``."""


class MunicipalCodeError(ValueError):
    """A code that belongs to no municipality of 2024, or a table of codes that is not what it must be."""


@dataclass(frozen=True)
class Part:
    """Part of a former municipality that lies in one of 2024.

    Attributes
    ----------
    code
        Municipality of 2024; empty for what lies outside of all municipalities.
    share, share_jobs
        Share of its inhabitants and of its jobs, 0-1; 1 unless it was split.
    """

    code: str
    share: float
    share_jobs: float


class MunicipalCodes:
    """Maps codes in force from 2017 to those of 2024.

    Parameters
    ----------
    table
        As ``municipal_codes.csv``: a row per code and municipality of 2024 that it is part of.
    current
        The codes of 2024.

    Raises
    ------
    MunicipalCodeError
        If a municipality of 2024 is not reached, a code leads to none, or shares do not add up to 1.
    """

    def __init__(self, table: pd.DataFrame, current: Iterable[str]) -> None:
        current = set(current)
        reached = set(table["code_2024"]) - {""}
        for code in sorted(reached ^ current):
            problem = "is not reached" if code in current else "is no municipality of 2024"
            raise MunicipalCodeError(f"municipal_codes.csv: {code} {problem}")
        self._parts: dict[str, tuple[Part, ...]] = {}
        self._years: dict[str, tuple[int, int | None]] = {}
        for code, rows in table.groupby("code", sort=False):
            parts = tuple(Part(row.code_2024, float(row.share), float(row.share_jobs)) for row in rows.itertuples())
            if any(abs(sum(getattr(part, key) for part in parts) - 1.0) > 1e-9 for key in ("share", "share_jobs")):
                raise MunicipalCodeError(f"municipal_codes.csv: the shares of {code} do not add up to 1")
            self._parts[str(code)] = parts
            last = rows["last_year"].iloc[0]
            self._years[str(code)] = (int(rows["first_year"].iloc[0]), int(last) if last else None)

    def __contains__(self, code: str) -> bool:
        return code in self._parts

    def parts(self, code: str, table: str) -> tuple[Part, ...]:
        """Parts of a code; more than one if it was split.

        Raises
        ------
        MunicipalCodeError
            For a code that is not known; it names ``table`` and the nearest code.
        """
        if code in self._parts:
            return self._parts[code]
        near = difflib.get_close_matches(code, self._parts, n=1, cutoff=0.5)
        hint = f"; the nearest is {near[0]}" if near else ""
        raise MunicipalCodeError(
            f"table {table}: code {code!r} is no municipality of {FIRST_YEAR} or later{hint}; "
            "a municipality of later than 2024 must be added to municipal_codes.csv"
        )

    def is_split(self, code: str) -> bool:
        """Whether a code became parts of several municipalities."""
        return len(self._parts.get(code, ())) > 1

    def in_force(self, code: str, year: int, slack: int = 0) -> bool:
        """Whether a code was in force in a year, or within ``slack`` years of it."""
        first, last = self._years[code]
        return first - slack <= year and (last is None or year <= last + slack)

    def to_ask(self, labels: Mapping[str, str], year: int) -> list[str]:
        """Codes of a table to ask for: those in force within a year of it, and unknown ones not known to have ended.

        Codes of a table that are no municipality (the country, counties, city districts) are left out.

        Parameters
        ----------
        labels
            Label by code, as the table has them.
        """
        asked = []
        for code, label in labels.items():
            if _MUNICIPALITY.fullmatch(code) is None:
                continue
            ended = _ENDED.search(label)
            if self.in_force(code, year, 1) if code in self._parts else ended is None or int(ended[1]) >= year:
                asked.append(code)
        return asked


@cache
def municipal_codes(current: tuple[str, ...]) -> MunicipalCodes:
    """The shipped table of codes, checked against the codes of 2024."""
    path = resources.files("omstilling.calibration.tables") / "municipal_codes.csv"
    with path.open(encoding="utf-8") as file:
        table = pd.read_csv(file, dtype=str, keep_default_na=False)
    if tuple(table.columns) != _COLUMNS:
        raise MunicipalCodeError(
            f"municipal_codes.csv: columns {', '.join(table.columns)}; {', '.join(_COLUMNS)} expected"
        )
    return MunicipalCodes(table, current)
