"""Compilation: numba kernels cached between runs, never stale.

numba keys its cache by the file of the kernel alone, so a changed helper in another file would go unseen.
The cache therefore lies in a folder named by the hash of all sources of this package.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numba
from numba.core import config


def source_hash(folder: Path) -> str:
    """Hash of every Python file below a folder, 16 hexadecimal digits."""
    digest = hashlib.sha256(numba.__version__.encode())
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@cache
def cache_folder() -> str:
    """Folder of compiled kernels: ``NUMBA_CACHE_DIR`` if set, else under the user's cache folder."""
    root = os.environ.get("NUMBA_CACHE_DIR")
    if not root:
        root = str(Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "omstilling" / "kernels")
    return str(Path(root) / source_hash(Path(__file__).parents[1]))


def kernel[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function with numba in nopython mode and cache it.

    Fast mathematics stays off: the same inputs give the same bits. A call from kernel to kernel that passes whole
    column tables costs some 100 ns in reference counts: what is called once per row takes numbers.
    """
    before = config.CACHE_DIR
    config.CACHE_DIR = cache_folder()
    try:
        compiled: Callable[P, R] = numba.njit(cache=True, error_model="numpy", nogil=True)(function)
    finally:
        config.CACHE_DIR = before
    return compiled
