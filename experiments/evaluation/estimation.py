"""Estimate: what an evaluation says of an effect, and the sample that it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    from omstilling.experiments.evaluation.panel import Panel

LEVEL = 0.95
"""Level of all intervals."""


@dataclass(frozen=True)
class Estimate:
    """Mean effect on the programme municipalities, its standard error and its 95 % interval.

    Per cent (100 x log points) for jobs and population, points for rates and indices.
    """

    effect: float
    standard_error: float
    low: float
    high: float


def t_interval(effect: float, standard_error: float, freedom: float) -> Estimate:
    """An estimate with the interval of Student's t."""
    half = float(stats.t.ppf(0.5 + LEVEL / 2.0, freedom)) * standard_error
    return Estimate(float(effect), float(standard_error), float(effect - half), float(effect + half))


@dataclass(frozen=True)
class Sample:
    """Programme municipalities, their windows, and the references: those that never have a programme.

    Attributes
    ----------
    panel, outcome
        The figures, and which of them is evaluated.
    values
        The outcome as measured, shape (M, Y).
    treated
        Rows of programme municipalities, shape (n,).
    start
        Column of the year before the grant of each, shape (n,).
    length
        Years from there to the year that is read.
    references
        Rows of all others, shape (r,).
    """

    panel: Panel
    outcome: str
    values: NDArray[np.float64]
    treated: NDArray[np.int64]
    start: NDArray[np.int64]
    length: int
    references: NDArray[np.int64]

    def growth(self, start: int) -> NDArray[np.float64]:
        """Growth of every municipality in the window from a column on, shape (M,)."""
        return self.values[:, start + self.length] - self.values[:, start]

    def windows(self) -> Iterator[tuple[int, NDArray[np.int64]]]:
        """Windows, one a grant year: its first column, and which of the treated it belongs to."""
        for start in np.unique(self.start):
            yield int(start), np.flatnonzero(self.start == start)

    def treated_growth(self) -> NDArray[np.float64]:
        """Growth of each programme municipality in its own window, shape (n,)."""
        return self.values[self.treated, self.start + self.length] - self.values[self.treated, self.start]


def treated_rows(panel: Panel, treated: ArrayLike) -> NDArray[np.int64]:
    """Rows of programme municipalities, shape (n,); ValueError for what are no different rows of the panel."""
    rows = np.asarray(treated)
    if rows.ndim != 1 or not rows.size or not np.issubdtype(rows.dtype, np.integer):
        raise ValueError("treated must be the row numbers of programme municipalities")
    outside = rows[(rows < 0) | (rows >= panel.size)]
    if outside.size:
        raise ValueError(f"treated row {outside[0]} is not in the panel, whose rows are 0 to {panel.size - 1}")
    if len(np.unique(rows)) < len(rows):
        raise ValueError("a treated row stands twice")
    return rows.astype(np.int64)


def draw_sample(panel: Panel, outcome: str, treated: ArrayLike, first_year: ArrayLike, follow_up: int) -> Sample:
    """The sample of an evaluation.

    Parameters
    ----------
    panel, outcome
        The figures, and which of them is evaluated.
    treated
        Rows of programme municipalities, shape (n,).
    first_year
        Year in which each is granted its status, shape (n,).
    follow_up
        Years after that year, 0 or more; the outcome is read at the end of ``first_year + follow_up``.

    Raises
    ------
    ValueError
        For rows, years or outcomes that are not in the panel, fewer than two treated or more than references, a grant
        without two figures before it (past growth needs them), or a follow-up beyond the last year.
    """
    values, rows = panel.measured(outcome), treated_rows(panel, treated)
    if len(rows) < 2:
        raise ValueError("one treated municipality shows no spread; two or more are needed")
    if 2 * len(rows) > panel.size:
        raise ValueError(f"{len(rows)} treated are more than the {panel.size - len(rows)} references")
    years = np.asarray(first_year)
    if years.shape != rows.shape or not np.issubdtype(years.dtype, np.integer):
        raise ValueError(f"first_year must be one year for each of the {len(rows)} treated")
    if years.min() < panel.years[0] + 2:
        raise ValueError(
            f"no pre-period: status granted in {years.min()} needs figures of two years before,"
            f" and the panel begins in {panel.years[0]}"
        )
    if follow_up < 0 or years.max() + follow_up > panel.years[-1]:
        raise ValueError(
            f"a follow-up of {follow_up} years after {years.max()} is outside the panel, which ends in"
            f" {panel.years[-1]}"
        )
    start = (years - panel.years[0] - 1).astype(np.int64)
    references = np.setdiff1d(np.arange(panel.size), rows)
    return Sample(panel, outcome, values, rows, start, 1 + int(follow_up), references)
