"""Parameter fields: a number with symbol, unit, prior and source."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

CHOICE = "choice"


@dataclass(frozen=True)
class Prior:
    """Prior distribution: ``kind`` is ``uniform`` (low, high) or ``fixed``."""

    kind: str
    first: float = 0.0
    second: float = 0.0

    def __str__(self) -> str:
        """Readable form, e.g. ``uniform(0.1, 0.3)``."""
        return self.kind if self.kind == "fixed" else f"{self.kind}({self.first:g}, {self.second:g})"


def uniform(low: float, high: float) -> Prior:
    """Flat prior between two bounds."""
    return Prior("uniform", low, high)


FIXED = Prior("fixed")


def number(default: float, symbol: str, unit: str, prior: Prior, source: str) -> Any:
    """Field of a parameter block."""
    return field(default=default, metadata={"symbol": symbol, "unit": unit, "prior": prior, "source": source})
