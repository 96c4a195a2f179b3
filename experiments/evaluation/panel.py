"""Panel: yearly figures of municipalities, as an evaluator would hold them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

COUNTS = frozenset({"jobs", "population"})
"""Outcomes measured in logs, so that a difference is a per cent; all others are measured in their own points."""

_PAST_YEARS = 5
"""Years of past growth that evaluators look at, or as many as there are; a choice."""


@dataclass(frozen=True)
class Panel:
    """Yearly figures of M municipalities in Y years.

    Attributes
    ----------
    codes
        Municipal codes, length M.
    years
        Calendar years, one after the other, length Y; a figure holds at the end of its year. The first is the year
        before the start of a run.
    outcomes
        Figures by name, shape (M, Y): ``jobs`` and ``population`` (counts above 0), and any rate in per cent or index
        in points.
    structure
        What is known of municipalities beforehand and does not change, shape (M,): at least ``centrality`` (Statistics
        Norway's index, 0-1000); shares of age groups, of single industries and the like may stand beside it.
    industry_shares
        Shares of jobs by industry at the start, shape (M, K), rows sum to 1.

    Raises
    ------
    ValueError
        For shapes that do not fit, missing figures, years with gaps, or counts that are not above 0.
    """

    codes: tuple[str, ...]
    years: tuple[int, ...]
    outcomes: dict[str, NDArray[np.float64]]
    structure: dict[str, NDArray[np.float64]]
    industry_shares: NDArray[np.float64]

    def __post_init__(self) -> None:
        if self.years != tuple(range(self.years[0], self.years[0] + len(self.years))):
            raise ValueError(f"years of a panel must follow each other, found {self.years}")
        for name in sorted(COUNTS - set(self.outcomes)):
            raise ValueError(f"a panel needs the outcome {name!r}; there are {', '.join(self.outcomes) or 'none'}")
        if "centrality" not in self.structure:
            raise ValueError(f"a panel needs the structure 'centrality'; there are {', '.join(self.structure)}")
        yearly, fixed = (self.size, len(self.years)), (self.size,)
        self._check("industry_shares", self.industry_shares, (self.size, *self.industry_shares.shape[1:2]))
        for name, figures in self.structure.items():
            self._check(name, figures, fixed)
        for name, figures in self.outcomes.items():
            self._check(name, figures, yearly)
            if name in COUNTS and not (figures > 0.0).all():
                raise ValueError(f"{name} must be above 0 everywhere")

    @staticmethod
    def _check(name: str, figures: NDArray[np.float64], expected: tuple[int, ...]) -> None:
        if figures.shape != expected:
            raise ValueError(f"{name} has the shape {figures.shape}, expected {expected}")
        if not np.isfinite(figures).all():
            raise ValueError(f"{name} has missing figures")

    @property
    def size(self) -> int:
        """Number of municipalities M."""
        return len(self.codes)

    def measured(self, outcome: str) -> NDArray[np.float64]:
        """An outcome as effects are stated in, shape (M, Y): 100 x log of a count, points of anything else.

        Raises
        ------
        ValueError
            For an outcome that the panel does not have.
        """
        if outcome not in self.outcomes:
            raise ValueError(f"no outcome {outcome!r} in the panel; there are {', '.join(self.outcomes)}")
        figures = self.outcomes[outcome]
        return 100.0 * np.log(figures) if outcome in COUNTS else figures

    def with_outcome(self, outcome: str, figures: NDArray[np.float64]) -> Panel:
        """The same panel with other figures of one outcome, shape (M, Y)."""
        return replace(self, outcomes={**self.outcomes, outcome: figures})

    def past_growth(self, outcome: str, column: int, years: int = _PAST_YEARS) -> NDArray[np.float64]:
        """Growth up to a year, per cent (or points) a year, shape (M,); over fewer years where there are no more."""
        values, first = self.measured(outcome), max(column - years, 0)
        return (values[:, column] - values[:, first]) / (column - first)

    def conditions(self, outcome: str, column: int) -> NDArray[np.float64]:
        """Structure at the end of a year as evaluators hold it constant, standardised, shape (M, Q).

        Log population, jobs per inhabitant, centrality and whatever else is in ``structure``, past growth of population
        and jobs; for an outcome that is neither, its level and past growth too, since rates and indices revert. As the
        conditions of ``calibration.attractiveness`` (Vareide and Nygaard, TF-notat 32/2014), but without growth in the
        region during the window, which a programme may have changed.
        """
        population, jobs = (self.outcomes[name][:, column] for name in ("population", "jobs"))
        columns = [np.log(population), jobs / population, *self.structure.values()]
        columns += [self.past_growth(name, column) for name in ("population", "jobs")]
        if outcome not in COUNTS:
            columns += [self.measured(outcome)[:, column], self.past_growth(outcome, column)]
        table = np.stack(columns, axis=1)
        spread = table.std(axis=0)
        return (table - table.mean(axis=0)) / np.where(spread > 0.0, spread, 1.0)

    def likeness(self, outcome: str, column: int) -> NDArray[np.float64]:
        """Coordinates whose Euclidean distance tells how unlike municipalities are, shape (M, Q + K).

        The conditions, each with variance 1, and the industry mix, with variance 1 in all: a mix of many industries
        must not outweigh size and growth.
        """
        mix = self.industry_shares - self.industry_shares.mean(axis=0)
        spread = np.sqrt(mix.var(axis=0).sum())
        return np.hstack([self.conditions(outcome, column), mix / (spread if spread > 0.0 else 1.0)])
