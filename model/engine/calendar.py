"""Calendar: time is counted in whole months since January 1900."""

from __future__ import annotations

EPOCH_YEAR = 1900


def month_number(year: int, month: int = 1) -> int:
    """Months since January 1900; ``month`` is 1-12."""
    return (year - EPOCH_YEAR) * 12 + month - 1


def year_of(month: int) -> int:
    """Calendar year of a month number."""
    return EPOCH_YEAR + month // 12


def month_label(month: int) -> str:
    """``YYYY-MM`` of a month number."""
    return f"{year_of(month)}-{month % 12 + 1:02d}"
