"""Panels that cost nothing: random growth with trends, spread by size and common shocks."""

from __future__ import annotations

import numpy as np

from omstilling.experiments.evaluation.panel import Panel

FIRST_YEAR = 2000


def make_panel(seed: int, municipalities: int = 120, years: int = 14) -> Panel:
    """A panel without any programme.

    Log jobs: a trend by size and centrality and one of the municipality's own (0.4 % a year), yearly shocks that all
    share, yearly shocks of its own that are larger where the place is small (2 % at 4 000 inhabitants) and have heavy
    tails (t with 5 degrees of freedom), and noise of a year that goes away (0.5 %). Population follows half of it.
    """
    rng = np.random.default_rng(seed)
    log_size, centrality = rng.normal(8.3, 1.0, municipalities), rng.uniform(300.0, 950.0, municipalities)
    small = np.exp(-0.25 * (log_size - 8.3))[:, None]
    trend = 0.002 * (log_size - 8.3) + 0.01 * (centrality - 625.0) / 1000.0 + rng.normal(0.0, 0.004, municipalities)
    own = 0.02 / np.sqrt(5.0 / 3.0) * small * rng.standard_t(5, (municipalities, years))
    growth = trend[:, None] + rng.normal(0.0, 0.01, years) + own
    passing = 0.005 * rng.normal(size=(municipalities, years))
    jobs = np.exp(log_size[:, None] - 0.8 + growth.cumsum(axis=1) + passing)
    moving = 0.5 * growth + 0.004 * small * rng.normal(size=(municipalities, years))
    population = np.exp(log_size[:, None] + moving.cumsum(axis=1))
    capacity = 40.0 + rng.normal(0.0, 2.0, (municipalities, years)).cumsum(axis=1).clip(-30.0, 30.0)
    return Panel(
        tuple(f"{row:04d}" for row in range(municipalities)), tuple(range(FIRST_YEAR, FIRST_YEAR + years)),
        {"jobs": jobs, "population": population, "capacity_index": capacity},
        {"centrality": centrality}, rng.dirichlet(np.full(5, 4.0), municipalities),
    )  # fmt: skip
