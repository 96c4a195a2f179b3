"""Records: what is kept of every run, as a table of Arrow and as the bytes of a Parquet file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from omstilling.experiments.comparison.paired import TRAJECTORIES
from omstilling.experiments.reading.indicators import INDICATORS
from omstilling.experiments.reading.trace import AFTER, DATES
from omstilling.experiments.reading.waterfall import PARTS

OK, FAILED = "ok", "failed"
_LISTS = {
    "readings": (len(INDICATORS), len(DATES)), "base": (len(INDICATORS), len(DATES)), "parts": (len(AFTER), len(PARTS)),
}  # fmt: skip
"""Lists of fixed length and their shape."""


@dataclass(frozen=True)
class RunRecord:
    """One run.

    Attributes
    ----------
    run
        Identity.
    scenario, design, point, draw, replication, seed
        Which run it is.
    status, error_type, error_message, error_traceback
        ``ok``, or ``failed`` and why.
    phase, track, refusal
        How the programme ended, what it was granted, why it was refused.
    years
        Calendar years at the end of which indicators are read, by date of DATES.
    readings, base
        Every indicator at every date, of the run and of its paired baseline, shape (I, 4) laid out flat.
    parts
        From reported to net jobs at the dates after the programme, shape (3, 7) laid out flat.
    trajectories
        Columns of TRAJECTORIES by year from the start, shape (years, 3) laid out flat.
    parameters
        Values of the parameters that vary, by name in the metadata of the file.
    statuses, place_jobs
        Where all who are eligible apply: the track that each municipality first was granted, empty for none, and its
        jobs above those of the paired run at the last date, shape (M,); else empty.
    """

    run: str
    scenario: str
    design: str
    point: int
    draw: int
    replication: int
    seed: int
    status: str = OK
    error_type: str = ""
    error_message: str = ""
    error_traceback: str = ""
    phase: str = ""
    track: str = ""
    refusal: str = ""
    years: tuple[int, ...] = ()
    readings: tuple[float, ...] = ()
    base: tuple[float, ...] = ()
    parts: tuple[float, ...] = ()
    trajectories: tuple[float, ...] = ()
    parameters: tuple[float, ...] = ()
    statuses: tuple[str, ...] = ()
    place_jobs: tuple[float, ...] = ()


_TEXTS = (
    "run", "scenario", "design", "status", "error_type", "error_message", "error_traceback", "phase", "track",
    "refusal",
)  # fmt: skip
_NUMBERS = ("readings", "base", "parts", "trajectories", "parameters", "place_jobs")
_SCHEMA = pa.schema(
    [
        *(pa.field(name, pa.string()) for name in _TEXTS[:3]),
        *(pa.field(name, pa.int32()) for name in ("point", "draw", "replication")),
        pa.field("seed", pa.uint64()),
        *(pa.field(name, pa.string()) for name in _TEXTS[3:]),
        pa.field("years", pa.list_(pa.int32())),
        pa.field("statuses", pa.list_(pa.string())),
        *(pa.field(name, pa.list_(pa.float64())) for name in _NUMBERS),
    ]
)


def schema_with(parameters: Sequence[str]) -> pa.Schema:
    """Schema of a shard; its metadata names what the lists hold."""
    return _SCHEMA.with_metadata(
        {
            "indicators": ",".join(item.name for item in INDICATORS), "dates": ",".join(DATES),
            "parts": ",".join(PARTS), "trajectories": ",".join(TRAJECTORIES), "parameters": ",".join(parameters),
        }
    )  # fmt: skip


def encode(records: Sequence[RunRecord], parameters: Sequence[str]) -> bytes:
    """The bytes of a Parquet file; the same for the same records."""
    columns = {name: [getattr(record, name) for record in records] for name in _SCHEMA.names}
    table = pa.table(columns, schema=schema_with(parameters))
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", use_dictionary=list(_TEXTS[1:]))
    return bytes(sink.getvalue())


def array_of(column: pa.ChunkedArray, name: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """A column of lists of fixed length as an array with the runs in front, e.g. (runs, I, 4) of ``readings``."""
    values = column.combine_chunks().flatten().to_numpy(zero_copy_only=False)
    return np.asarray(values, dtype=np.float64).reshape(-1, *_LISTS[name])
