"""Markdown: tables of figures for the documents."""

from __future__ import annotations

import pandas as pd


def markdown_table(table: pd.DataFrame) -> str:
    """A table in Markdown; decimal numbers with one decimal and spaced thousands."""

    def text(value: object) -> str:
        return f"{value:,.1f}".replace(",", " ") if isinstance(value, float) else str(value)

    lines = ["| " + " | ".join(table.columns) + " |", "|" + " --- |" * len(table.columns)]
    lines += ["| " + " | ".join(text(value) for value in row) + " |" for row in table.itertuples(index=False)]
    return "\n".join(lines)
