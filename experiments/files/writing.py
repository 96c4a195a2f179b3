"""Writing: files appear whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from omstilling.model.state.record import COLUMNS

if TYPE_CHECKING:
    from omstilling.experiments.running.result import RunResult


def write_atomically(path: Path, write: Callable[[Path], object]) -> Path:
    """Let ``write`` fill a temporary file beside ``path``, then put it in place; on any error nothing is left."""
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        write(temporary)
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def left_of(path: Path) -> list[Path]:
    """What processes left beside a file that were killed while ``write_atomically`` wrote it."""
    return sorted(path.parent.glob(f".{path.stem}-*{path.suffix}"))


def _write_panel(result: RunResult, path: Path) -> None:
    """Write the panel; each column carries its unit and definition as metadata."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(result.panel, preserve_index=False)
    fields = [
        field.with_metadata({"unit": COLUMNS[field.name][0], "definition": COLUMNS[field.name][1]})
        if field.name in COLUMNS
        else field
        for field in table.schema
    ]
    about = {**(table.schema.metadata or {}), "sample": result.sample_note or "everyone"}
    pq.write_table(table.cast(pa.schema(fields, about)), path, compression="zstd")


def save_result(result: RunResult, folder: Path) -> list[Path]:
    """Write panel, summary, parameters and figure of a run.

    Returns
    -------
    list of Path
        The files written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(result.summary(), ensure_ascii=False, indent=2)
    return [
        write_atomically(folder / "panel.parquet", lambda path: _write_panel(result, path)),
        write_atomically(folder / "summary.json", lambda path: path.write_text(text + "\n", encoding="utf-8")),
        write_atomically(folder / "parameters.csv", lambda path: result.parameters.to_csv(path, index=False)),
        write_atomically(folder / "figure.png", lambda path: result.plot(path)),
    ]
