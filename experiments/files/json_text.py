"""JSON text: tables and summaries as strict JSON, in which there is no NaN and no infinity."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def _plain(value: Any) -> Any:
    """A value as JSON can hold it: null for what is no number or infinite."""
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a table as objects."""
    return [{str(key): _plain(value) for key, value in row.items()} for row in frame.to_dict(orient="records")]


def json_text(summary: dict[str, Any]) -> str:
    """Indented text, Norwegian letters as they are.

    Raises
    ------
    ValueError
        For a NaN or infinity outside of tables.
    """
    return json.dumps(summary, ensure_ascii=False, indent=2, allow_nan=False)
