"""Stores of batches in tests: run here, compared byte for byte, made by processes that stop or die where they are told.

A module of its own, so that worker processes and command lines find it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from omstilling.calibration.inference.sampler import InProcess
from omstilling.experiments.batch import plan as planning
from omstilling.experiments.batch import runner
from omstilling.experiments.batch import store as storing
from omstilling.experiments.batch.plan import Plan, Unit
from omstilling.experiments.batch.records import RunRecord
from omstilling.experiments.batch.runner import BatchStanding, run_batch
from omstilling.experiments.batch.store import Store

HALF, UNLISTED, TORN, HEAD = "half a shard", "a shard that is not listed", "half a line", "half a head"
_LONGEST_WAIT = 300.0
"""Seconds after which what is waited for will not come any more."""


def run_here(plan: Plan, folder: Path, **how: Any) -> BatchStanding:
    """Run a plan in this process."""
    return run_batch(plan, Store(folder), InProcess, 1, **how)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a store but those that say when and in which order; lines of the manifest sorted."""
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    manifest = b"".join(sorted(files.pop("manifest.jsonl", b"").splitlines()))
    return {name: data for name, data in files.items() if name not in ("times.jsonl", "lock")} | {"manifest": manifest}


def _stay() -> NoReturn:
    while True:
        signal.pause()


def _halves(suffix: str, number: int, write: Callable[..., int]) -> Callable[..., int]:
    """A way to write files of which one of a kind is left at its half, and the process stays there."""
    count = [0]

    def written(path: Path, data: Any, *args: Any, **how: Any) -> int:
        count[0] += path.suffix == suffix
        if path.suffix == suffix and count[0] == number:
            write(path, data[: len(data) // 2], *args, **how)
            _stay()
        return write(path, data, *args, **how)

    return written


def _stays_before_line(number: int, torn: bool) -> Callable[..., None]:
    """A way to add lines that stays before a line of the manifest, or in the middle of it."""
    append, count = storing._append, [0]

    def added(path: Path, line: dict[str, Any]) -> None:
        count[0] += path.name == "manifest.jsonl"
        if path.name == "manifest.jsonl" and count[0] == number:
            with path.open("a", encoding="utf-8") as file:
                file.write('{"shard": "0123' if torn else "")
            _stay()
        append(path, line)

    return added


def command_line(point: str, number: int) -> None:
    """The command line with a shard for each unit; stays at a point of the making of a shard, counted from 1."""
    from omstilling.experiments.cli.main import main

    planning._SHARD_PERSON_MONTHS = 1
    if point == HALF:
        Path.write_bytes = _halves(".parquet", number, Path.write_bytes)  # type: ignore[method-assign]
    elif point == HEAD:
        Path.write_text = _halves(".json", number, Path.write_text)  # type: ignore[method-assign]
    elif point in (UNLISTED, TORN):
        storing._append = _stays_before_line(number, point == TORN)
    main()


def start_command(errors: Path, *words: str | Path, point: str = "", number: int = 1) -> subprocess.Popen[bytes]:
    """Start ``omstilling`` with some words in a session of its own; what it says goes to a file."""
    here = str(Path(__file__).parent)
    code = f"import sys; sys.path.insert(0, {here!r}); import stores; stores.command_line({point!r}, {number})"
    with errors.open("ab") as file:
        return subprocess.Popen(
            [sys.executable, "-c", code, *map(str, words)], stdout=file, stderr=file, start_new_session=True
        )


def wait_for(seen: Callable[[], bool], process: subprocess.Popen[bytes], errors: Path) -> None:
    """Wait until something is seen that a process does."""
    end = time.monotonic() + _LONGEST_WAIT
    while not seen():
        ended = process.poll() is not None
        if (ended and not seen()) or time.monotonic() > end:
            raise AssertionError(f"it did not come: {errors.read_text(encoding='utf-8')}")
        time.sleep(0.001)


def kill_all(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and all it started, as ``kill -9`` does."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def die_at(draw: int, once: str = "") -> None:
    """Let this process kill itself when it comes to a draw; only once, if a file to remember it by is named."""
    run_unit = runner.run_unit

    def deadly(plan: Plan, unit: Unit) -> list[RunRecord]:
        if unit.draw == draw and not (once and Path(once).exists()):
            if once:
                Path(once).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return run_unit(plan, unit)

    runner.run_unit = deadly


class Deadly:
    """The same for workers of dask, as a plugin."""

    def __init__(self, draw: int) -> None:
        self.draw = draw

    def setup(self, worker: Any) -> None:
        die_at(self.draw)
