"""Report format: what a report is written as. Loads nothing heavy."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path


class ReportFormat(StrEnum):
    """A page with figures, a Word document, a workbook of the tables, or Markdown."""

    HTML = "html"
    DOCX = "docx"
    XLSX = "xlsx"
    MD = "md"


def format_of(path: Path) -> ReportFormat:
    """The format of a file's ending.

    Raises
    ------
    ValueError
        For another ending.
    """
    ending = path.suffix.removeprefix(".").lower()
    if ending not in tuple(ReportFormat):
        allowed = ", ".join(f".{known}" for known in ReportFormat)
        raise ValueError(f"{path}: found the ending {path.suffix or 'none'!r}; {allowed} or a format is expected")
    return ReportFormat(ending)
