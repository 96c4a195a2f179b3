"""Results: a store as tables of pandas, as a cube of xarray, and as views of DuckDB."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from omstilling.experiments.batch.records import FAILED, OK, array_of
from omstilling.experiments.batch.store import Store, StoreError

if TYPE_CHECKING:
    import duckdb
    import xarray

_SCALARS = (
    "run", "scenario", "design", "point", "draw", "replication", "seed", "status", "phase", "track", "refusal",
)  # fmt: skip
_ERRORS = ("error_type", "error_message", "error_traceback")
_DIMENSIONS = ("scenario", "point", "draw", "replication", "design")


@dataclass(frozen=True, eq=False)
class Results:
    """What a store holds.

    Attributes
    ----------
    store
        The store.
    table
        Every run as it is kept, a row each.
    """

    store: Store
    table: pa.Table

    def names(self, what: str) -> list[str]:
        """Names of what lists hold: ``indicators``, ``dates``, ``parts``, ``trajectories`` or ``parameters``."""
        metadata = self.table.schema.metadata or {}
        text = metadata.get(what.encode(), b"").decode()
        return text.split(",") if text else []

    @cached_property
    def runs(self) -> pd.DataFrame:
        """A row a run: which it is, how it ended, and the parameters that vary."""
        frame = self.table.select(list(_SCALARS)).to_pandas()
        values = np.asarray(self.table["parameters"].combine_chunks().flatten(), dtype=np.float64)
        parameters = pd.DataFrame(values.reshape(len(frame), -1), columns=self.names("parameters"))
        return pd.concat([frame, parameters], axis=1)

    @cached_property
    def failures(self) -> pd.DataFrame:
        """Runs that failed, with the error of each."""
        frame = self.table.select([*_SCALARS, *_ERRORS]).to_pandas()
        return frame[frame["status"] == FAILED].reset_index(drop=True)

    @cached_property
    def _whole(self) -> tuple[pa.Table, dict[str, Any], tuple[Any, ...]]:
        """Runs that did not fail, coordinates of the dimensions, and the position of each run in them."""
        whole = self.table.filter(pa.compute.equal(self.table["status"], OK))
        keys = whole.select(list(_DIMENSIONS)).to_pandas()
        coordinates: dict[str, Any] = {
            name: list(pd.unique(keys[name])) if name in ("scenario", "design") else sorted(pd.unique(keys[name]))
            for name in _DIMENSIONS
        }
        position = tuple(pd.Index(coordinates[name]).get_indexer(keys[name].to_numpy()) for name in _DIMENSIONS)
        return whole, coordinates, position

    def _cube(self, columns: dict[str, Any], more: dict[str, Any]) -> xarray.Dataset:
        """Values of runs, shape (runs, ...) with the dimensions ``more``, as variables; NaN where there is no run."""
        import xarray as xr

        _, known, position = self._whole
        coordinates = known | more
        shape = tuple(len(values) for values in coordinates.values())
        variables = {}
        for name, values in columns.items():
            filled = np.full(shape, np.nan)
            filled[position] = values
            variables[name] = (tuple(coordinates), filled)
        return xr.Dataset(variables, coordinates)

    @cached_property
    def cube(self) -> xarray.Dataset:
        """Indicators of all runs.

        Returns
        -------
        xarray.Dataset
            ``value``, ``base`` (of the paired baseline) and ``difference`` by scenario, point, draw, replication,
            design, indicator and date; NaN where a run failed or is not there yet.
        """
        whole = self._whole[0]
        columns = {name: array_of(whole[column], column) for name, column in (("value", "readings"), ("base", "base"))}
        dataset = self._cube(columns, {"indicator": self.names("indicators"), "date": self.names("dates")})
        return dataset.assign(difference=dataset["value"] - dataset["base"])

    @cached_property
    def waterfall(self) -> xarray.DataArray:
        """Parts from reported to net jobs of all runs, by the dimensions of ``cube``, date after the programme, part.

        Each part is a number of jobs as ``waterfall.Waterfall`` defines it.
        """
        values = array_of(self._whole[0]["parts"], "parts")
        return self._cube({"jobs": values}, {"date": self.names("dates")[1:], "part": self.names("parts")})["jobs"]

    @cached_property
    def trajectories(self) -> xarray.DataArray:
        """Jobs, inhabitants and capacity of all runs by the dimensions of ``cube``, year from the start and quantity.

        NaN beyond the last year of a design.
        """
        column, names = self._whole[0]["trajectories"].combine_chunks(), self.names("trajectories")
        lengths = np.diff(column.offsets.to_numpy()) // len(names)
        values = np.full((len(lengths), int(lengths.max(initial=0)), len(names)), np.nan)
        values[np.arange(values.shape[1]) < lengths[:, None]] = column.flatten().to_numpy().reshape(-1, len(names))
        more = {"year": list(range(values.shape[1])), "quantity": names}
        return self._cube({"value": values}, more)["value"]

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A DuckDB connection with the views ``runs``, ``indicators``, ``parameters`` and ``trajectories``."""
        import duckdb

        connection = duckdb.connect()
        connection.register("kept", self.table)
        for what in ("indicators", "dates", "parameters", "trajectories"):
            connection.register(f"{what}_names", pd.DataFrame({"name": self.names(what)}).reset_index(names="number"))
        dates = len(self.names("dates"))
        width = len(self.names("trajectories"))
        scalars = ", ".join((*_SCALARS, *_ERRORS))
        keys = ", ".join(("run", *_DIMENSIONS))
        connection.execute(f"""
            create view runs as select {scalars} from kept;
            create view indicators as
              select *, value - base as difference from (
                select {keys}, i.name as indicator, d.name as date, k.years[d.number + 1] as year,
                  k.readings[i.number * {dates} + d.number + 1] as value,
                  k.base[i.number * {dates} + d.number + 1] as base
                from kept k, indicators_names i, dates_names d where status = '{OK}');
            create view parameters as
              select {keys}, p.name as parameter, k.parameters[p.number + 1] as value from kept k, parameters_names p;
            create view trajectories as
              select {keys}, t.name as quantity, y.number as years_from_start,
                k.trajectories[y.number * {width} + t.number + 1] as value
              from kept k, trajectories_names t,
                (select unnest(range(0, (select max(len(trajectories)) from kept) // {width})) as number) y
              where status = '{OK}' and y.number < len(k.trajectories) // {width};
        """)
        return connection

    def sql(self, query: str) -> pd.DataFrame:
        """Answer of a query over the views.

        Raises
        ------
        duckdb.Error
            For a query that is none.
        """
        with self.connect() as connection:
            return connection.execute(query).df()


def open_store(path: str | Path) -> Results:
    """Read a store.

    Raises
    ------
    StoreError
        Where there is none, it holds no run yet, or a shard is missing.
    """
    store = Store(Path(path))
    store.head  # noqa: B018 - refuses what is no store
    shards = sorted(store.entries())
    if not shards:
        raise StoreError(f"{path}: the store holds no run yet; 'omstilling resume {path}' runs it")
    try:
        tables = [pq.read_table(store.file_of(shard)) for shard in shards]
    except (OSError, pa.ArrowInvalid) as error:
        raise StoreError(f"{path}: {error}; 'omstilling verify {path}' says what is wrong") from error
    order = [(name, "ascending") for name in ("scenario", "point", "draw", "replication")]
    return Results(store, pa.concat_tables(tables).sort_by(order))
