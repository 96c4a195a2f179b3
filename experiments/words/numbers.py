"""Numbers as text, the same in tables and figures: spaced thousands, a true minus, no minus before a zero."""

from __future__ import annotations

import math

NOTHING = "–"
_SPACE = "\u00a0"


def plain(value: float, digits: int = 0) -> str:
    """A number such as ``12 345`` or ``−3``; a dash where there is none, a sign for infinity."""
    if math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    text = f"{value:,.{digits}f}".replace(",", _SPACE)
    return text.replace("-", "−") if float(f"{value:.{digits}f}") else text.removeprefix("-")


def signed(value: float, digits: int = 0) -> str:
    """A number with its sign, ``+3`` or ``−3``; a zero has none."""
    text = plain(value, digits)
    return f"+{text}" if value > 0 and float(f"{value:.{digits}f}") else text


def digits_for(size: float, shown: int = 2) -> int:
    """Decimals that show some digits of a size such as the width of an interval; 0 to 4."""
    if not math.isfinite(size) or size <= 0.0:
        return 0
    return min(max(shown - 1 - math.floor(math.log10(size)), 0), 4)


def add_up(values: list[float], digits: int) -> list[float]:
    """Round values so that they add up to their rounded sum: those are moved whose rounding was furthest off."""
    unit = 10.0**-digits
    rounded = [round(value, digits) for value in values]
    steps = round((round(math.fsum(values), digits) - math.fsum(rounded)) / unit)
    step = math.copysign(unit, steps)
    furthest = sorted(range(len(values)), key=lambda i: (rounded[i] - values[i]) * step)
    for i in furthest[: abs(steps)]:
        rounded[i] = round(rounded[i] + step, digits)
    return rounded
