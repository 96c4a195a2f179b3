"""Content: what a report says, whatever it is written as: sections of paragraphs, tables and figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from matplotlib.figure import Figure

from omstilling.experiments.words.language import Language


class Cell(NamedTuple):
    """A cell of a table: as it is read, and for a workbook its number or word, and the interval of an estimate.

    ``below`` is the interval as it is read, in a smaller type under the estimate where there is room for it.
    """

    text: str
    value: float | str | None = None
    span: tuple[float, float] | None = None
    below: str = ""

    @property
    def line(self) -> str:
        """All of it on one line."""
        return f"{self.text} ({self.below})" if self.below else self.text


@dataclass(frozen=True)
class ReportTable:
    """A table.

    Attributes
    ----------
    name
        Short and the same in every language, e.g. for a sheet.
    title
        What it shows.
    columns
        Headings; the first column names the rows.
    rows
        Cells of each row.
    note
        How to read it.
    numeric
        Whether all but the first column are numbers, set to the right.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    numeric: bool = True


@dataclass(frozen=True)
class Picture:
    """A figure with its caption, and what one who does not see it has to know."""

    name: str
    figure: Figure
    caption: str
    alt: str


@dataclass(frozen=True)
class Section:
    """A section: paragraphs, a list, tables and figures, in this order."""

    name: str
    heading: str
    paragraphs: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    tables: tuple[ReportTable, ...] = ()
    pictures: tuple[Picture, ...] = ()
    command: str = ""


@dataclass(frozen=True)
class Report:
    """A report in a language."""

    words: Language
    title: str
    lead: str
    sections: tuple[Section, ...] = field(default_factory=tuple)

    @property
    def tables(self) -> tuple[ReportTable, ...]:
        """All tables in order."""
        return tuple(table for section in self.sections for table in section.tables)


def words_row(cells: Sequence[str]) -> tuple[Cell, ...]:
    """A row of words."""
    return tuple(Cell(text, text) for text in cells)
