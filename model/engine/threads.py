"""Threads: parts of the rows of a table worked on side by side, with the same result for any number of threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from omstilling.model.engine.compilation import kernel

LEAST_ROWS = 200_000
"""Fewer rows than this are not worth a second thread."""


@kernel
def gather(listed: NDArray[np.int32], firsts: NDArray[np.int64], numbers: NDArray[np.int64]) -> int:
    """Move together what parts have listed, each from its first position on; returns the number of all.

    ``firsts`` and ``numbers`` have shape (P,). The order is that of one list of all rows.
    """
    total = numbers[0]
    for part in range(1, len(firsts)):
        first = firsts[part]
        for order in range(numbers[part]):
            listed[total + order] = listed[first + order]
        total += numbers[part]
    return int(total)


class Threads:
    """A number of threads for kernels that release the interpreter and write each row by itself.

    Numba's own parallel loops would not do: they may not be forked and take twice as long to compile.
    """

    def __init__(self, number: int) -> None:
        """Keep ``number`` threads ready; 1 is the caller's own."""
        self.number = number
        self._pool = ThreadPoolExecutor(number - 1) if number > 1 else None

    def firsts(self, rows: int) -> NDArray[np.int64]:
        """First row of each part and the end of the last, shape (P + 1,)."""
        return np.linspace(0, rows, self.number + 1).astype(np.int64)

    def each[T](self, work: Callable[[int, int, int], T], rows: int) -> list[T]:
        """Call ``work(part, first, last)`` for every part of the rows; results in order of parts."""
        firsts = self.firsts(rows)
        parts = [(part, int(firsts[part]), int(firsts[part + 1])) for part in range(self.number)]
        if self._pool is None:
            return [work(*part) for part in parts]
        others = [self._pool.submit(work, *part) for part in parts[1:]]
        return [work(*parts[0]), *(other.result() for other in others)]
