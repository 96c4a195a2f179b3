"""Job growth: how it spreads among municipalities, and how often one loses a large share of its jobs in a year."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import laplace

from omstilling.calibration.tables.tables import load_tables
from omstilling.model.parameters import FirmParameters
from omstilling.model.state.structure import TYPICAL_JOBS

_YEARS = (2017, 2018, 2019, 2020, 2021)
"""Years that follow each other in one register; the break of 2015 is left out."""
_SHARES = 40
_MOST_HAZARD = 0.5


@dataclass(frozen=True)
class JobGrowth:
    """Yearly log growth of jobs of a municipality: a Laplace core whose spread falls with size, and large losses.

    Attributes
    ----------
    spread
        Standard deviation of the core in a place of 2,000 jobs, log points a year.
    size_exponent
        The spread is ``spread`` times (jobs / 2,000) to the minus this.
    loss_hazard, loss_size_exponent
        Large losses a year in a place of 2,000 jobs, and how the hazard falls with size likewise.
    log_likelihood, log_likelihood_without
        Of this, and of the same without large losses.
    """

    spread: float
    size_exponent: float
    loss_hazard: float
    loss_size_exponent: float
    log_likelihood: float
    log_likelihood_without: float

    def large_losses_a_year(self, jobs: NDArray[np.float64]) -> float:
        """Expected large losses a year in places with so many jobs, shape (M,)."""
        return float((self.loss_hazard * (jobs / TYPICAL_JOBS) ** -self.loss_size_exponent).sum())


def observed_growth() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Yearly log growth of jobs less the median of its centrality class and year, and jobs before, shape (4 x 357,)."""
    tables = load_tables()
    classes = tables.municipalities["centrality_class"].to_numpy()
    growth, jobs = [], []
    for first, last in itertools.pairwise(_YEARS):
        before = tables.employment[f"jobs_{first}"].to_numpy()
        change = np.log(tables.employment[f"jobs_{last}"].to_numpy() / before)
        for number in np.unique(classes):
            change[classes == number] -= np.median(change[classes == number])
        growth.append(change)
        jobs.append(before)
    return np.concatenate(growth), np.concatenate(jobs)


def _losses() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Log growth by a large loss and its probability, over a grid of a truncated Pareto distribution, shape (S,)."""
    values = FirmParameters()
    share = np.geomspace(values.large_loss_least, values.large_loss_most, _SHARES)
    density = share ** (-values.large_loss_tail - 1.0) * np.gradient(share)
    return np.log(1.0 - share), density / density.sum()


def _log_likelihood(
    growth: NDArray[np.float64], size: NDArray[np.float64], core: tuple[float, float], losses: tuple[float, float]
) -> float:
    scale = core[0] * size ** -core[1] / np.sqrt(2.0)
    hazard = np.clip(losses[0] * size ** -losses[1], 0.0, _MOST_HAZARD)
    drop, chance = _losses()
    ordinary = laplace.pdf(growth, scale=scale)
    struck = (laplace.pdf(growth[:, None] - drop[None, :], scale=scale[:, None]) * chance).sum(axis=1)
    return float(np.log((1.0 - hazard) * ordinary + hazard * struck).sum())


@cache
def fitted_growth() -> JobGrowth:
    """Maximum likelihood of the mixture for the growth observed."""
    growth, jobs = observed_growth()
    size = jobs / TYPICAL_JOBS

    def loss(x: NDArray[np.float64]) -> float:
        return -_log_likelihood(growth, size, (np.exp(x[0]), x[1]), (1.0 / (1.0 + np.exp(-x[2])), x[3]))

    def loss_without(x: NDArray[np.float64]) -> float:
        return -_log_likelihood(growth, size, (np.exp(x[0]), x[1]), (0.0, 0.0))

    fit = minimize(loss, [np.log(0.03), 0.2, -4.0, 0.3], method="Nelder-Mead", options={"maxiter": 4000})
    without = minimize(loss_without, [np.log(0.03), 0.2], method="Nelder-Mead")
    spread, exponent, hazard, loss_exponent = fit.x
    return JobGrowth(
        float(np.exp(spread)), float(exponent), float(1.0 / (1.0 + np.exp(-hazard))), float(loss_exponent),
        -float(fit.fun), -float(without.fun),
    )  # fmt: skip
