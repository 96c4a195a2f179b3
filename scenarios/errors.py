"""Errors of scenario files: which file, which key, what was found, what is allowed, the nearest right name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in a file."""

    key: str
    found: str
    allowed: str
    nearest: str = ""

    def __str__(self) -> str:
        """One line."""
        hint = f" Did you mean {self.nearest}?" if self.nearest else ""
        return f"{self.key}: found {self.found}; {self.allowed}.{hint}"


class WrongKeyError(ValueError):
    """A value that is wrong beside others: the key, what was found, what is allowed."""

    def __init__(self, key: str, found: object, allowed: str) -> None:
        super().__init__(f"{key}: found {found}; {allowed}")
        self.key = key
        self.found = str(found)
        self.allowed = allowed


class ScenarioError(ValueError):
    """A scenario that cannot be run; the message lists every problem found."""

    def __init__(self, file: str, problems: Iterable[Problem]) -> None:
        self.file = file
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{file}: {problem}" for problem in self.problems))


def nearest(found: str, allowed: Iterable[str]) -> str:
    """The allowed word most like the one found, or nothing."""
    close = difflib.get_close_matches(found, list(allowed), n=1, cutoff=0.6)
    return close[0] if close else ""
