"""Versions of the tables that ``omstilling data update`` has written on this machine: where they are, which is used."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_data_path

from omstilling.calibration.tables.tables import TableError

DATA_VARIABLE = "OMSTILLING_DATA"
"""Environment variable: data directory in place of the user's own."""
TABLES_VARIABLE = "OMSTILLING_TABLES"
"""Environment variable: ``user`` for the newest version in the data directory, or a folder of tables."""
MARKER = "current"
"""File that holds the name of the version in use. It is written last, so it never names half a version."""


def data_directory() -> Path:
    """Directory of the user's data; on Linux ``~/.local/share/omstilling`` unless ``OMSTILLING_DATA`` names another."""
    named = os.environ.get(DATA_VARIABLE)
    return Path(named) if named else user_data_path("omstilling", appauthor=False)


def versions_directory(data: Path) -> Path:
    """Folder that holds a folder per version, named by its time, and the marker."""
    return data / "tables"


def current_version(data: Path) -> Path | None:
    """Folder of the version in use in a data directory; None where nothing has been fetched.

    Raises
    ------
    TableError
        If the marker names a folder that is not there.
    """
    marker = versions_directory(data) / MARKER
    try:
        name = marker.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    folder = marker.parent / name
    if not name or not folder.is_dir():
        raise TableError(
            f"{marker}: names version {name!r}, which is no folder beside it; run 'omstilling data update'"
        )
    return folder


def chosen_folder() -> Path | None:
    """Folder of the tables that ``OMSTILLING_TABLES`` asks for; None for those shipped.

    Raises
    ------
    TableError
        If it asks for the user's tables and there are none, or for a folder that is not there.
    """
    asked = os.environ.get(TABLES_VARIABLE, "")
    if not asked:
        return None
    if asked == "user":
        found = current_version(data_directory())
        if found is None:
            raise TableError(
                f"{TABLES_VARIABLE}=user: no tables in {versions_directory(data_directory())}; run 'omstilling data "
                f"update' first, or unset {TABLES_VARIABLE} for the tables shipped"
            )
        return found
    folder = Path(asked)
    if not folder.is_dir():
        raise TableError(f"{TABLES_VARIABLE}={asked}: no such folder; expected 'user' or a folder of tables")
    return current_version(folder) or folder
