"""Assessment: what an administrator knows of each municipality, from figures published by then and notified losses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from omstilling.model.policy.design import Eligibility, Regime
from omstilling.model.policy.eligibility import Evidence

if TYPE_CHECKING:
    from omstilling.model.world import World

_MONTHS = 12
_QUARTER_ROW = 11
"""Row of the record, within a year, that holds the end of November: employment of the 4th quarter."""


def published(months: int, lag: int) -> int:
    """Years of a run whose figures are out when ``months`` have passed and figures come ``lag`` months after a year."""
    return max(0, (months - lag) // _MONTHS)


class Assessment:
    """Yearly figures as they are published, and losses as they are notified.

    Figures of the years before the run come from the margins (``past_population`` and ``past_jobs``). Those of the
    start itself count as known from the first month on, a choice: a run begins when they are out.
    """

    def __init__(self, world: World, regime: Regime) -> None:
        """Begin with what was known at the start."""
        self._world = world
        self._regime = regime

    def jobs(self, months: int) -> NDArray[np.float64]:
        """Jobs in the 4th quarter of each year published by then, oldest first, shape (years, M)."""
        years = published(months, self._regime.employment_lag_months)
        return self._series("jobs", self._world.margins.past_jobs, _QUARTER_ROW, years)

    def population(self, months: int) -> NDArray[np.float64]:
        """Inhabitants on 1 January of each year published by then, oldest first, shape (years, M)."""
        years = published(months, self._regime.population_lag_months)
        return self._series("population", self._world.margins.past_population, _MONTHS, years)

    def _series(self, column: str, past: NDArray[np.float64], first_row: int, years: int) -> NDArray[np.float64]:
        """Figures before the run, at its start, and of some years since."""
        recorded = self._world.record.of(column)
        rows = [0, *(first_row + _MONTHS * year for year in range(years))]
        return np.concatenate([past.T, recorded[rows]])

    def notified(self, years: int, months: int) -> NDArray[np.float64]:
        """Jobs that firms announced as lost within some years (*melding om masseoppsigelse*), shape (M,)."""
        now = self._world.margins.start_month + months
        jobs = np.zeros(self._world.margins.size)
        for loss in self._world.losses:
            if now - _MONTHS * years <= loss.month < now:
                jobs[loss.municipality] += loss.jobs * self._world.margins.weight
        return jobs

    def evidence(self, rules: Eligibility, months: int) -> list[Evidence]:
        """What is known of each municipality over the years of the rules when some months of the run have passed.

        A loss counts from the highest figure of those years to the last one published, or as notified if that is more:
        figures of a year come long after a closure.
        """
        margins, jobs, population = self._world.margins, self.jobs(months), self.population(months)
        window = jobs[-1 - rules.loss_years :]
        highest = np.maximum(window.max(axis=0), 1.0)
        falls = [self._fall(series, rules.decline_years) for series in (jobs, population)]
        old = self._world.record.of("persons_67_plus")
        row = _MONTHS * published(months, self._regime.population_lag_months)
        old_share = old[row] / np.maximum(population[-1], 1.0)
        lost = np.maximum(highest - window[-1], self.notified(rules.loss_years, months))
        found = []
        for place in range(margins.size):
            loss, share = float(lost[place]), float(lost[place] / highest[place])
            of_class = int(margins.centrality_class[place])
            decline = (float(falls[0][place]), float(falls[1][place]))
            found.append(
                Evidence(share, loss, *decline, of_class, float(population[-1, place]), float(old_share[place]))
            )
        return found

    @staticmethod
    def _fall(series: NDArray[np.float64], years: int) -> NDArray[np.float64]:
        """Fall over some years, or as many as are known, as a share of the first figure, shape (M,)."""
        first = series[max(0, len(series) - 1 - years)]
        return np.asarray(1.0 - series[-1] / np.maximum(first, 1.0))
