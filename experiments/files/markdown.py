"""Markdown: tables of figures and lines of text for the documents."""

from __future__ import annotations

import textwrap

import pandas as pd

_WIDTH = 120


def markdown_table(table: pd.DataFrame) -> str:
    """A table in Markdown; decimal numbers with one decimal and spaced thousands."""

    def text(value: object) -> str:
        return f"{value:,.1f}".replace(",", " ") if isinstance(value, float) else str(value)

    lines = ["| " + " | ".join(table.columns) + " |", "|" + " --- |" * len(table.columns)]
    lines += ["| " + " | ".join(text(value) for value in row) + " |" for row in table.itertuples(index=False)]
    return "\n".join(lines)


def wrap_markdown(text: str) -> str:
    """Break the lines of paragraphs and lists anew; headings, tables and figures stay."""
    parts = []
    for part in text.split("\n\n"):
        if part.startswith(("#", "|", "!")):
            parts.append(part)
        elif part.startswith("- "):
            items = part.removeprefix("- ").split("\n- ")
            parts.append("\n".join(textwrap.fill(f"- {item}", _WIDTH, subsequent_indent="  ") for item in items))
        else:
            parts.append(textwrap.fill(part, _WIDTH))
    return "\n\n".join(parts)
