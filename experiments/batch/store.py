"""Store: the shards of a batch in a folder, whole or not there, with a manifest that says what each must be."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Any

from omstilling.calibration.parameters.posterior import code_version, data_version
from omstilling.experiments.batch.about import about
from omstilling.experiments.batch.locks import locked
from omstilling.experiments.batch.plan import SCHEMA, Plan
from omstilling.experiments.files.writing import left_of, write_atomically
from omstilling.scenarios.experiment import Experiment

_HEAD, _MANIFEST, _TIMES, _LOCK, _SHARDS = "store.json", "manifest.jsonl", "times.jsonl", "lock", "shards"
_LIBRARIES = ("numpy", "numba", "pyarrow")


class StoreError(ValueError):
    """A folder that is no store, or a store of something else."""


@dataclass(frozen=True)
class Entry:
    """A line of the manifest: a shard, the hash of its bytes, their number, and its runs, failed ones among them."""

    shard: str
    sha256: str
    size: int
    runs: int
    failed: int


@dataclass(frozen=True)
class Fault:
    """Something in a store that is not as it must be: which file, and what is wrong with it."""

    file: str
    what: str


def _lock_file_version() -> str:
    """Hash of the lock file of libraries, 16 hexadecimal digits; ``none`` where the package came without it."""
    file = Path(__file__).parents[2] / "requirements.lock"
    return hashlib.sha256(file.read_bytes()).hexdigest()[:16] if file.is_file() else "none"


def _provenance(plan: Plan) -> dict[str, Any]:
    """What the runs follow from besides the experiment."""
    return {
        "code_version": code_version(), "data_version": data_version(), "parameters": plan.sets.label,
        "lock_file": _lock_file_version(),
        "platform": f"{platform.system()} {platform.machine()}", "python": platform.python_version(),
        **{name: metadata.version(name) for name in _LIBRARIES},
    }  # fmt: skip


def _append(path: Path, line: dict[str, Any]) -> None:
    """Add a line and have it on disk before going on, after a line break where the last line has none."""
    with path.open("ab+") as file:
        if size := file.tell():
            file.seek(size - 1)
            file.write(b"" if file.read() == b"\n" else b"\n")
        file.write((json.dumps(line) + "\n").encode())
        file.flush()
        os.fsync(file.fileno())


def _lines(path: Path) -> tuple[list[dict[str, Any]], list[int]]:
    """Lines of a file as objects, and the numbers of those that are none, counted from 1."""
    good, bad = [], []
    text = path.read_bytes().decode("utf-8", errors="replace") if path.exists() else ""
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            found = json.loads(line)
            good.append(found) if isinstance(found, dict) else bad.append(number)
        except json.JSONDecodeError:
            bad.append(number)
    return good, bad


class Store:
    """A folder of results.

    ``store.json`` says of which experiment, with which versions; ``shards/`` holds a Parquet file for some hundred
    runs each; ``manifest.jsonl`` a line for each shard that is whole; ``times.jsonl`` how long each took.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def head(self) -> dict[str, Any]:
        """Contents of ``store.json``.

        Raises
        ------
        StoreError
            Where there is none, or one of another version.
        """
        file = self.path / _HEAD
        try:
            found = json.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise StoreError(f"{self.path}: no store; 'omstilling batch FILE --store {self.path}' makes one") from error
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            raise StoreError(f"{file}: not JSON: {error}") from error
        if not isinstance(found, dict) or found.get("schema") != SCHEMA:
            version = found.get("schema") if isinstance(found, dict) else found
            raise StoreError(f"{file}: schema: found {version!r}; this version reads {SCHEMA}")
        return found

    @property
    def experiment(self) -> Experiment:
        """The experiment that the store is for."""
        return Experiment.model_validate(self.head["experiment"])

    def begin(self, plan: Plan) -> None:
        """Note what an empty folder is for, or see that it is for the same; needs ``writing``.

        Raises
        ------
        StoreError
            Where it is for other runs.
        """
        wanted: dict[str, Any] = {
            "schema": SCHEMA, "experiment": plan.experiment.model_dump(mode="json"), "plan": plan.digest,
            "runs": plan.runs, "about": about(plan), "provenance": _provenance(plan),
        }  # fmt: skip
        if not (self.path / _HEAD).exists():
            self._claim()
            text = json.dumps(wanted, indent=1, ensure_ascii=False) + "\n"
            write_atomically(self.path / _HEAD, lambda path: path.write_text(text, encoding="utf-8"))
        for key in ("code_version", "data_version", "parameters"):
            found, now = self.head["provenance"][key], wanted["provenance"][key]
            if found != now:
                raise StoreError(
                    f"{self.path}: {key}: the store has {found!r}, now it is {now!r}; another store is needed"
                )
        if self.head["plan"] != plan.digest:
            raise StoreError(
                f"{self.path}: the store is for other runs of {self.head['experiment']['name']}: "
                "the experiment, a scenario or a design has changed; another store is needed"
            )
        (self.path / _SHARDS).mkdir(exist_ok=True)

    def _left(self) -> list[Path]:
        """What processes left that were killed while they wrote the head or the manifest anew."""
        return [*left_of(self.path / _HEAD), *left_of(self.path / _MANIFEST)]

    def _claim(self) -> None:
        """See that the folder is empty but for what a killed process left."""
        left = self._left()
        if set(self.path.iterdir()) - {*left, self.path / _LOCK}:
            raise StoreError(f"{self.path}: the folder is not empty and holds no store; another is needed")
        for file in left:
            file.unlink()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the only process that writes."""
        self.path.mkdir(parents=True, exist_ok=True)
        with locked(self.path / _LOCK):
            yield

    def file_of(self, shard: str) -> Path:
        """Path of a shard."""
        return self.path / _SHARDS / f"{shard}.parquet"

    def entries(self) -> dict[str, Entry]:
        """Shards that the manifest calls whole, by name."""
        found: dict[str, Entry] = {}
        for line in _lines(self.path / _MANIFEST)[0]:
            if line.get("dropped"):
                found.pop(str(line.get("shard")), None)
            elif set(line) == set(Entry.__dataclass_fields__):
                found[line["shard"]] = Entry(**line)
        return found

    def times(self) -> list[dict[str, Any]]:
        """Runs and seconds of each shard, whenever it was made."""
        return [line for line in _lines(self.path / _TIMES)[0] if {"runs", "seconds"} <= set(line)]

    def add(self, shard: str, data: bytes, runs: int, failed: int, seconds: float) -> None:
        """Write a shard, then its line of the manifest."""
        file = self.file_of(shard)
        write_atomically(file, lambda path: path.write_bytes(data))
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        entry = Entry(shard, hashlib.sha256(data).hexdigest(), len(data), runs, failed)
        _append(self.path / _MANIFEST, asdict(entry))
        _append(self.path / _TIMES, {"shard": shard, "runs": runs, "seconds": round(seconds, 3)})

    def faults(self) -> list[Fault]:
        """What is not as it must be: every shard is read and hashed."""
        entries = self.entries()
        faults = [Fault(_MANIFEST, f"line {number} is torn or changed") for number in _lines(self.path / _MANIFEST)[1]]
        for shard, entry in entries.items():
            file = self.file_of(shard)
            if not file.exists():
                faults.append(Fault(str(file.relative_to(self.path)), "missing"))
            elif (size := file.stat().st_size) != entry.size:
                faults.append(Fault(str(file.relative_to(self.path)), f"{size} bytes, {entry.size} are expected"))
            elif hashlib.sha256(file.read_bytes()).hexdigest() != entry.sha256:
                faults.append(Fault(str(file.relative_to(self.path)), "changed: its hash is not that of the manifest"))
        known = {self.file_of(shard) for shard in entries}
        folder = self.path / _SHARDS
        for file in (*self._left(), *(sorted(folder.iterdir()) if folder.exists() else ())):
            if file not in known:
                faults.append(
                    Fault(str(file.relative_to(self.path)), "not in the manifest: left by a run that was stopped")
                )
        return faults

    def mend(self) -> list[Fault]:
        """Take away all that is not as it must be, so that it is run again; needs ``writing``."""
        faults, manifest = self.faults(), self.path / _MANIFEST
        if any(fault.file == _MANIFEST for fault in faults):
            text = "".join(json.dumps(line) + "\n" for line in _lines(manifest)[0])
            write_atomically(manifest, lambda path: path.write_text(text, encoding="utf-8"))
        for fault in faults:
            if fault.file == _MANIFEST:
                continue
            file = self.path / fault.file
            file.unlink(missing_ok=True)
            if file.stem in self.entries():
                _append(manifest, {"shard": file.stem, "dropped": fault.what})
        return faults
