"""Documents: a report as Markdown, as a Word document, and its tables as a workbook."""

from __future__ import annotations

import html
import io
import re
from pathlib import Path
from typing import Any

from omstilling.experiments.report.content import Cell, Picture, Report, ReportTable

_SHEET_NAME = 31
_PICTURE_CM = 16.5
_DPI = 160


def _plain_markdown(text: str) -> str:
    """A text in which nothing counts as Markdown or HTML."""
    return re.sub(r"([\\`*_|\[\]])", r"\\\1", html.escape(text, quote=False)).replace("\n", " ")


def _markdown_table(table: ReportTable) -> list[str]:
    lines = [f"**{_plain_markdown(table.title)}**", ""]
    lines.append("| " + " | ".join(_plain_markdown(column) for column in table.columns) + " |")
    side = "---:" if table.numeric else "---"
    lines.append("| " + " | ".join(["---", *([side] * (len(table.columns) - 1))]) + " |")
    lines += ["| " + " | ".join(_plain_markdown(cell.line) for cell in row) + " |" for row in table.rows]
    return [*lines, *(["", f"*{_plain_markdown(table.note)}*"] if table.note else []), ""]


def markdown(report: Report) -> str:
    """Text and tables as Markdown; what figures show stands in words."""
    lines = [f"# {_plain_markdown(report.title)}", "", _plain_markdown(report.lead), ""]
    for section in report.sections:
        lines += [f"## {_plain_markdown(section.heading)}", ""]
        for paragraph in section.paragraphs:
            lines += [_plain_markdown(paragraph), ""]
        if section.items:
            lines += [*(f"- {_plain_markdown(item)}" for item in section.items), ""]
        for picture in section.pictures:
            lines += [_plain_markdown(picture.alt), ""]
        for table in section.tables:
            lines += _markdown_table(table)
        if section.command:
            lines += ["```", section.command, "```", ""]
    return "\n".join(lines)


def _png(picture: Picture) -> io.BytesIO:
    written = io.BytesIO()
    picture.figure.savefig(written, format="png", dpi=_DPI)
    written.seek(0)
    return written


def _word_table(document: Any, table: ReportTable) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    document.add_paragraph(table.title, style="Caption")
    grid = document.add_table(rows=1, cols=len(table.columns), style="Light List Accent 1")
    rows = [table.columns, *(tuple(cell.line for cell in row) for row in table.rows)]
    for number, texts in enumerate(rows):
        cells = grid.rows[0].cells if number == 0 else grid.add_row().cells
        for column, text in enumerate(texts):
            paragraph = cells[column].paragraphs[0]
            paragraph.add_run(text).font.size = Pt(8)
            if table.numeric and column:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    document.add_paragraph(table.note)


def write_word(report: Report, path: Path) -> None:
    """Write text, tables and figures as a Word document, across the page so that tables have room."""
    from docx import Document
    from docx.enum.section import WD_ORIENT
    from docx.shared import Cm

    document = Document()
    page = document.sections[0]
    page.orientation, page.page_width, page.page_height = WD_ORIENT.LANDSCAPE, page.page_height, page.page_width
    page.left_margin = page.right_margin = Cm(1.8)
    document.core_properties.title = report.title
    document.core_properties.language = str(report.words.code)
    document.add_heading(report.title, 0)
    document.add_paragraph(report.lead)
    for section in report.sections:
        document.add_heading(section.heading, 1)
        for paragraph in section.paragraphs:
            document.add_paragraph(paragraph)
        for item in section.items:
            document.add_paragraph(item, style="List Bullet")
        for picture in section.pictures:
            document.add_picture(_png(picture), width=Cm(_PICTURE_CM))
            document.add_paragraph(picture.caption, style="Caption")
        for table in section.tables:
            _word_table(document, table)
        if section.command:
            document.add_paragraph(section.command)
    document.save(str(path))


def _sheet_name(table: ReportTable, taken: set[str]) -> str:
    """A name that a workbook takes: short, without the signs it refuses, and no other's."""
    plain = re.sub(r"[\[\]:*?/\\']", " ", table.name)
    number, name = 1, plain[:_SHEET_NAME]
    while name.lower() in taken:
        number += 1
        name = f"{plain[: _SHEET_NAME - len(str(number)) - 1]} {number}"
    taken.add(name.lower())
    return name


def _spread(cells: tuple[Cell, ...], spans: list[bool]) -> list[float | str | None]:
    """Values of a row; an estimate takes three columns."""
    values: list[float | str | None] = []
    for cell, spanned in zip(cells, spans, strict=True):
        values.append(cell.text if cell.value is None and cell.span is None else cell.value)
        if spanned:
            values += list(cell.span) if cell.span else [None, None]
    return values


def _write_sheet(sheet: Any, table: ReportTable) -> None:
    from openpyxl.styles import Alignment, Font

    spans = [any(row[column].span for row in table.rows) for column in range(len(table.columns))]
    headings: list[float | str | None] = []
    for column, spanned in zip(table.columns, spans, strict=True):
        headings += [column, "5 %", "95 %"] if spanned else [column]
    rows: list[list[float | str | None]] = [[table.title], headings, *(_spread(row, spans) for row in table.rows)]
    below: list[list[float | str | None]] = [[], [table.note]]
    for number, values in enumerate(rows + below, start=1):
        for position, value in enumerate(values, start=1):
            cell = sheet.cell(number, position, value)
            if isinstance(value, str):
                cell.data_type = "s"  # a name that begins with = is no formula
            if number == 2:
                cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
    sheet["A1"].font = Font(bold=True, size=13)
    sheet.freeze_panes = "B3"
    for cells in sheet.columns:
        longest = max(len(str(cell.value or "")) for cell in cells[1 : len(rows)])
        sheet.column_dimensions[cells[0].column_letter].width = min(max(longest + 2, 10), 40)


def write_workbook(report: Report, path: Path) -> None:
    """Write every table as a sheet, with numbers as numbers."""
    from openpyxl import Workbook

    workbook = Workbook()
    workbook.remove(workbook.active)
    taken: set[str] = set()
    for table in report.tables:
        _write_sheet(workbook.create_sheet(_sheet_name(table, taken)), table)
    workbook.save(path)
