"""Newer figures of Statistics Norway as a new version of the tables in a data directory, whole or not at all."""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

from omstilling.calibration.statistics_norway import newer_figures
from omstilling.calibration.statistics_norway.client import (
    LICENCE,
    DataUpdateError,
    StatisticsNorway,
    TableInfo,
    Wait,
    address,
)
from omstilling.calibration.statistics_norway.newer_commuting import commuting
from omstilling.calibration.statistics_norway.newer_figures import Draft
from omstilling.calibration.tables.municipal_codes import MunicipalCodeError, municipal_codes
from omstilling.calibration.tables.tables import TableError, read_tables
from omstilling.calibration.tables.versions import MARKER, current_version, versions_directory

Progress = Callable[[int, int, str], object]
"""Called with steps done, all steps, and what is being done."""
_Step = Callable[[StatisticsNorway, TableInfo, Draft], list[int]]
_STEPS: dict[str, _Step] = {
    "07459": newer_figures.population,
    "06913": newer_figures.population_changes,
    "11618": newer_figures.employment,
    "07984": newer_figures.industry_mix,
    "03321": commuting,
}
NUMBERS = tuple(_STEPS)
"""Tables of Statistics Norway, in the order in which they are fetched: later ones need figures of earlier ones."""
PROVENANCE = "provenance.json"


@dataclass(frozen=True)
class Fetched:
    """A table that was fetched: number, title, address, when Statistics Norway updated it, and the years taken."""

    number: str
    title: str
    address: str
    updated: str
    years: tuple[int, ...]


@dataclass(frozen=True)
class DataUpdate:
    """What an update did.

    Attributes
    ----------
    fetched
        Tables asked for; those without ``years`` had nothing newer.
    changed
        Names of the tables that differ from the version before.
    folder
        The new version; None if nothing was newer, or nothing was to be written.
    """

    fetched: tuple[Fetched, ...]
    changed: tuple[str, ...]
    folder: Path | None


def chosen_numbers(text: str) -> tuple[str, ...]:
    """Numbers of tables given with commas between them, in the order in which they are fetched.

    Raises
    ------
    DataUpdateError
        For one that is not used here; it names the nearest.
    """
    asked = [word.strip() for word in text.split(",") if word.strip()]
    for word in asked:
        if word not in NUMBERS:
            near = difflib.get_close_matches(word, NUMBERS, n=1, cutoff=0.4)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise DataUpdateError(f"--tables: found {word!r}; allowed are {', '.join(NUMBERS)}{hint}")
    if not asked:
        raise DataUpdateError(f"--tables: found nothing; allowed are {', '.join(NUMBERS)}")
    return tuple(number for number in NUMBERS if number in asked)


@contextmanager
def _base_folder(data: Path) -> Iterator[tuple[Path, str]]:
    """Folder of the version to start from, and its name: the one in use in the data directory, else those shipped."""
    current = current_version(data)
    if current is not None:
        yield current, current.name
        return
    with resources.as_file(resources.files("omstilling.calibration") / "data") as folder:
        yield folder, "shipped"


def _draft(folder: Path) -> Draft:
    tables = read_tables(folder)
    provenance = folder / PROVENANCE
    mix_year = None
    if provenance.is_file():
        held = json.loads(provenance.read_text(encoding="utf-8"))
        mix_year = max(held["years"].get("07984", ()), default=None)
    return Draft(folder, tables, municipal_codes(tuple(map(str, tables.municipalities.index))), mix_year)


def update(
    data: Path, *, numbers: Sequence[str] = NUMBERS, url: str | None = None, wait: Wait = time.sleep,
    progress: Progress = lambda _done, _all, _what: None, dry_run: bool = False,
) -> DataUpdate:  # fmt: skip
    """Fetch newer figures and put a new version of all tables into a data directory.

    Everything is fetched, mapped to the municipalities of 2024 and validated first; then the version appears under its
    name, and last the marker names it. On any fault, and on Ctrl-C, the version in use before stays in use.

    Parameters
    ----------
    data
        Data directory; see ``table_versions.data_directory``.
    numbers
        Tables of Statistics Norway.
    url
        Address of PxWebApi 2; Statistics Norway's if None.
    wait
        Waits a number of seconds.
    progress
        Told what is being done.
    dry_run
        Fetch and validate, write nothing.

    Raises
    ------
    DataUpdateError
        If figures cannot be had, are not what they must be, or cannot be written.
    """
    steps = len(numbers) + 1
    try:
        with _base_folder(data) as (folder, name):
            draft = _draft(folder)
            progress(0, steps, "Statistics Norway")
            source = StatisticsNorway(url or address(), wait)
            fetched = []
            for done, number in enumerate(numbers):
                progress(done, steps, f"table {number}")
                info = source.info(number)
                years = tuple(_STEPS[number](source, info, draft))
                fetched.append(Fetched(number, info.title, info.address, info.updated, years))
            progress(steps - 1, steps, "validation")
            written = _write(data, draft, fetched, name, dry_run) if draft.changed else None
    except (TableError, MunicipalCodeError) as error:
        raise DataUpdateError(f"{error}. The tables in use are left as they were") from error
    except OSError as error:
        raise DataUpdateError(f"{error}; nothing was changed in {versions_directory(data)}") from error
    progress(steps, steps, "done")
    return DataUpdate(tuple(fetched), tuple(sorted(draft.changed)), written)


def _write(data: Path, draft: Draft, fetched: Sequence[Fetched], base: str, dry_run: bool) -> Path | None:
    """Write the tables beside the versions, validate them there, and make them the version in use."""
    versions = versions_directory(data)
    created = [part for part in (versions, *versions.parents) if not part.exists()]
    parent = Path(tempfile.gettempdir()) if dry_run else versions
    folder: Path | None = None
    placed: Path | None = None
    try:
        if not dry_run:
            versions.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".new-", dir=parent))
        _fill(folder, draft, fetched, base)
        _validate(folder)
        if dry_run:
            return None
        placed = _place(folder, versions)
        _mark(versions, placed.name)
        marked, placed = placed, None
        return marked
    finally:
        # Whatever happened, Ctrl-C too: no half version stays, nor a whole one that nothing names.
        for left in (folder, placed):
            if left is not None:
                shutil.rmtree(left, ignore_errors=True)
        for part in created:
            if part.is_dir() and not any(part.iterdir()):
                part.rmdir()


def _fill(folder: Path, draft: Draft, fetched: Sequence[Fetched], base: str) -> None:
    """All tables of the draft, and where they come from."""
    for path in sorted(draft.base.glob("*.csv")):
        if path.name not in draft.changed:
            shutil.copyfile(path, folder / path.name)
    for name, table in draft.changed.items():
        table.to_csv(folder / name, index=False, lineterminator="\n")
    held = draft.base / PROVENANCE
    years = json.loads(held.read_text(encoding="utf-8"))["years"] if held.is_file() else {}
    for one in fetched:
        years[one.number] = sorted({*years.get(one.number, ()), *one.years})
    about = {
        "source": "Statistics Norway (Statistisk sentralbyrå)",
        "licence": LICENCE,
        "fetched": datetime.now(UTC).isoformat(timespec="seconds"),
        "starts_from": base,
        "tables": [asdict(one) for one in fetched],
        "years": years,
        "sha256": {path.name: _digest(path) for path in sorted(folder.glob("*.csv"))},
    }
    text = json.dumps(about, ensure_ascii=False, indent=2)
    (folder / PROVENANCE).write_text(text + "\n", encoding="utf-8")
    folder.chmod(0o755)
    for path in folder.iterdir():
        _flush(path)


def _validate(folder: Path) -> None:
    """Refuse tables that could not be read back.

    Raises
    ------
    DataUpdateError
        It names the table, without the temporary folder.
    """
    try:
        read_tables(folder)
    except TableError as error:
        reason = str(error).replace(f"{folder}{os.sep}", "")
        raise DataUpdateError(
            f"the new figures are refused: {reason}. The tables in use are left as they were"
        ) from error


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _place(folder: Path, versions: Path) -> Path:
    """Give a filled folder its name: the time, with a number where two versions are made in a second."""
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H%M%S")
    target, number = versions / stamp, 1
    while target.exists():
        number += 1
        target = versions / f"{stamp}-{number}"
    folder.rename(target)
    return target


def _mark(versions: Path, name: str) -> None:
    """Let the marker name a version, in one step."""
    handle, temporary = tempfile.mkstemp(prefix=".current-", dir=versions)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(name + "\n")
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(versions / MARKER)
    finally:
        Path(temporary).unlink(missing_ok=True)
