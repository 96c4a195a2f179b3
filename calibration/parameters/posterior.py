"""Posterior: weighted draws of calibrated parameters with their provenance, written by inference, read by runs."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from omstilling.calibration.tables.versions import chosen_folder
from omstilling.model import Parameters
from omstilling.scenarios.errors import nearest

_DRAWS, _PROVENANCE = "posterior.csv", "posterior.json"
_WEIGHT = "weight"
_ROUNDING = 1e-9
_SHORT = 16
_KINDS: dict[str, type] = {
    "code_version": str, "data_version": str, "settings": dict, "seed": int, "date": str, "draws": int,
    "posterior_hash": str,
}  # fmt: skip
"""Keys of the provenance with the type of each."""


class PosteriorError(ValueError):
    """A posterior that cannot be used: the file, the key, what was found, what is allowed."""

    def __init__(self, file: Path, key: str, found: object, allowed: str, near: str = "") -> None:
        hint = f"; did you mean {near}?" if near else ""
        super().__init__(f"{file}: {key}: found {found}; {allowed}{hint}")
        self.file = file
        self.key = key
        self.found = str(found)
        self.allowed = allowed


@dataclass(frozen=True, eq=False)
class Posterior:
    """N weighted draws of P calibrated parameters.

    Attributes
    ----------
    names
        Fields of the blocks of ``Parameters``, length P; all others keep their default.
    values
        Shape (N, P), each in the unit of its parameter.
    weights
        Positive, with sum 1, shape (N,).
    provenance
        ``code_version``, ``data_version``, ``settings``, ``seed``, ``date``, ``draws``, ``posterior_hash``.
    """

    names: tuple[str, ...]
    values: NDArray[np.float64]
    weights: NDArray[np.float64]
    provenance: dict[str, Any]

    def effective_size(self) -> float:
        """Draws of equal weight that would be worth as much (Kish)."""
        return float(1.0 / (self.weights**2).sum())

    def mean(self) -> NDArray[np.float64]:
        """Weighted mean of each parameter, shape (P,)."""
        return np.asarray(self.weights @ self.values)

    def quantile(self, share: float) -> NDArray[np.float64]:
        """Least draw of each parameter at or below which lies at least a share (0-1) of the weight, shape (P,)."""
        order = np.argsort(self.values, axis=0, kind="stable")
        below = np.cumsum(self.weights[order], axis=0)
        rows = np.minimum((below < share - _ROUNDING).sum(axis=0), len(self.weights) - 1)
        columns = np.arange(len(self.names))
        return np.asarray(self.values[order[rows, columns], columns])

    @property
    def label(self) -> str:
        """Number of draws and the first eight digits of the file's hash."""
        return f"{len(self.weights)} draws, {self.provenance['posterior_hash'][:8]}"


def parameter_names() -> tuple[str, ...]:
    """Every parameter of the model, in the order of the parameter table."""
    blocks = Parameters()
    return tuple(item.name for block in fields(blocks) for item in fields(getattr(blocks, block.name)))


def _hash_of(folder: Path, files: Sequence[Path]) -> str:
    """Hash of names below a folder and bytes of files."""
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:_SHORT]


def data_version() -> str:
    """Hash of the tables in use, those shipped or the user's, 16 hexadecimal digits."""
    folder = chosen_folder() or Path(__file__).parents[1] / "data"
    return _hash_of(folder, sorted(folder.glob("*.csv")))


def code_version() -> str:
    """Hash of the sources of the model, 16 hexadecimal digits."""
    folder = Path(__file__).parents[2] / "model"
    return _hash_of(folder, sorted(folder.rglob("*.py")))


def _check_names(file: Path, names: Sequence[str]) -> None:
    known = parameter_names()
    for name in names:
        if name not in known:
            allowed = "a column is a parameter of the model (see 'omstilling parameters')"
            raise PosteriorError(file, "column", repr(name), allowed, nearest(name, known))
        if list(names).count(name) > 1:
            raise PosteriorError(file, "column", f"{name!r} twice", "each parameter once is expected")
    if not names:
        raise PosteriorError(file, "column", "no parameter", "at least one is expected")


def _check_draws(file: Path, values: NDArray[np.float64], weights: NDArray[np.float64]) -> None:
    if not len(weights):
        raise PosteriorError(file, "rows", "no draw", "at least one is expected")
    if not np.isfinite(values).all():
        row = int(np.flatnonzero(~np.isfinite(values).all(axis=1))[0])
        raise PosteriorError(file, f"row {row + 2}", "a value that is no number", "finite numbers are expected")
    if not (weights > 0.0).all():
        row = int(np.flatnonzero(~(weights > 0.0))[0])
        raise PosteriorError(file, f"weight in row {row + 2}", weights[row], "weights above 0 are expected")
    if not abs(weights.sum() - 1.0) <= _ROUNDING:
        raise PosteriorError(file, _WEIGHT, f"a sum of {weights.sum():.10g}", "weights that sum to 1 are expected")


def _check_provenance(file: Path, provenance: Mapping[str, Any], draws: int, digest: str) -> None:
    for key, kind in _KINDS.items():
        if not isinstance(provenance.get(key), kind):
            raise PosteriorError(file, key, repr(provenance.get(key)), f"a value of type {kind.__name__} is expected")
    if provenance["draws"] != draws:
        raise PosteriorError(file, "draws", provenance["draws"], f"{_DRAWS} beside it holds {draws}")
    if provenance["posterior_hash"] != digest:
        allowed = f"{_DRAWS} beside it has {digest}: the two files do not belong together, or one was changed"
        raise PosteriorError(file, "posterior_hash", provenance["posterior_hash"], allowed)


def _checked(
    folder: Path, names: Sequence[str], table: NDArray[np.float64], text: bytes, provenance: Mapping[str, Any]
) -> Posterior:
    """The posterior of a table with weights in its first column, if it is one."""
    weights, values = table[:, 0].copy(), table[:, 1:].copy()
    _check_names(folder / _DRAWS, names)
    _check_draws(folder / _DRAWS, values, weights)
    _check_provenance(folder / _PROVENANCE, provenance, len(weights), hashlib.sha256(text).hexdigest())
    for array in (weights, values):
        array.flags.writeable = False  # one copy serves all that use it
    return Posterior(tuple(names), values, weights, dict(provenance))


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise PosteriorError(path, "file", "nothing", "a file is expected") from error


def _parse_draws(path: Path, text: bytes) -> tuple[list[str], NDArray[np.float64]]:
    """Names of parameters, and weights and values as a table."""
    try:
        header, *rows = csv.reader(io.StringIO(text.decode("utf-8")))
    except (UnicodeDecodeError, csv.Error, ValueError) as error:
        raise PosteriorError(path, "file", error, "comma-separated values with a head are expected") from error
    if header[:1] != [_WEIGHT]:
        raise PosteriorError(path, "first column", repr("".join(header[:1])), f"{_WEIGHT} is expected")
    table = np.empty((len(rows), len(header)))
    for number, row in enumerate(rows):
        if len(row) != len(header):
            raise PosteriorError(path, f"row {number + 2}", f"{len(row)} values", f"{len(header)} are expected")
        try:
            table[number] = [float(word) for word in row]
        except ValueError as error:
            raise PosteriorError(path, f"row {number + 2}", error, "numbers are expected") from error
    return header[1:], table


def _read(folder: Path) -> Posterior:
    text = _bytes_of(folder / _DRAWS)
    names, table = _parse_draws(folder / _DRAWS, text)
    path = folder / _PROVENANCE
    try:
        provenance = json.loads(_bytes_of(path))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise PosteriorError(path, "file", error, "JSON is expected") from error
    if not isinstance(provenance, dict):
        raise PosteriorError(path, "file", type(provenance).__name__, "an object is expected")
    return _checked(folder, names, table, text, provenance)


@cache
def _read_shipped() -> Posterior:
    return _read(Path(__file__).parent)


def load_posterior(folder: Path | None = None) -> Posterior:
    """Posterior of a folder with ``posterior.csv`` and ``posterior.json``; the shipped one, read once, if left out.

    Raises
    ------
    PosteriorError
        For files that are missing, unknown or repeated parameters, values that are no numbers, weights that are not
        positive or do not sum to 1, or a provenance that lacks a key or does not belong to the draws.
    """
    return _read_shipped() if folder is None else _read(folder)


def _write_whole(path: Path, text: bytes) -> None:
    """Write a file that appears whole or not at all."""
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


def write_posterior(
    folder: Path, names: Sequence[str], values: ArrayLike, weights: ArrayLike, provenance: Mapping[str, Any]
) -> Posterior:
    """Write draws and their provenance into a folder, each file whole or not at all; reading gives the same bits.

    Parameters
    ----------
    folder
        Must be there.
    names, values, weights
        As of ``Posterior``.
    provenance
        At least ``settings``, ``seed`` and ``date``. Versions are those of now unless given; ``draws`` and
        ``posterior_hash`` are filled in.

    Raises
    ------
    PosteriorError
        For what ``load_posterior`` would refuse; nothing is written then.
    """
    table = np.column_stack([np.asarray(weights, dtype=np.float64), np.asarray(values, dtype=np.float64)])
    lines = [",".join([_WEIGHT, *names]), *(",".join(map(repr, row)) for row in table.tolist())]
    text = ("\n".join(lines) + "\n").encode()
    digest = hashlib.sha256(text).hexdigest()
    versions = {"code_version": code_version(), "data_version": data_version()}
    full = versions | dict(provenance) | {"draws": len(table), "posterior_hash": digest}
    posterior = _checked(folder, names, table, text, full)
    _write_whole(folder / _DRAWS, text)
    _write_whole(folder / _PROVENANCE, (json.dumps(full, ensure_ascii=False, indent=2) + "\n").encode())
    return posterior
