"""Small synthetic regions and short programmes for tests: round numbers, no file read."""

from __future__ import annotations

import itertools

import numpy as np

from omstilling.model.engine.calendar import month_number
from omstilling.model.policy.design import Advice, Application, Design, Eligibility, Rule, Support, Track
from omstilling.model.state.industries import INDUSTRIES
from omstilling.model.state.margins import MAX_AGE, MIGRATION_AGE_BOUNDS, SIZE_CLASS_BOUNDS, RegionMargins

_INDUSTRY_SHARES = np.array([5, 3, 15, 2, 8, 13, 5, 3, 2, 1, 6, 5, 6, 8, 15, 3]) / 100.0
_MOVE_RATES = (0.04, 0.025, 0.05, 0.13, 0.11, 0.07, 0.05, 0.035, 0.025, 0.02, 0.018, 0.015, 0.012, 0.01, 0.015)


def whole(shares: np.ndarray, total: int) -> np.ndarray:
    """Integers close to ``shares`` of ``total`` that add up to it."""
    exact = shares / shares.sum() * total
    numbers = np.floor(exact).astype(np.int64)
    numbers[np.argsort(numbers - exact)[: total - numbers.sum()]] += 1
    return numbers


def make_population(persons: int) -> np.ndarray:
    """Persons by sex and age, shape (2, 106)."""
    ages = np.arange(MAX_AGE + 1)
    weights = np.where(ages < 65, 1.0, np.exp(-((np.maximum(ages - 65, 0) / 18.0) ** 2)))
    weights[100:] = 0.0
    return whole(np.concatenate([weights, weights]), persons).reshape(2, -1)


def make_margins(
    persons: tuple[int, ...] = (4000, 2000), *, linked: bool = True, outside: bool = True, first_code: int = 9901,
    migration: bool = True, births: bool = True, deaths: bool = True,
) -> RegionMargins:  # fmt: skip
    """A region of municipalities with the given numbers of inhabitants."""
    size = len(persons)
    population = np.stack([make_population(n) for n in persons])
    commuting = np.zeros((size + 1, size + 1), dtype=np.int64)
    for home, n in enumerate(persons):
        employed = int(0.47 * n)
        away = employed // 10
        commuting[home, home] = employed
        if linked and size > 1:
            commuting[home, home] -= away
            commuting[home, (home + 1) % size] += away
        if outside:
            commuting[home, home] -= away // 2
            commuting[home, size] += away // 2
            commuting[size, home] += away // 3
    jobs = commuting[:, :size].sum(axis=0)
    out_rate = np.tile(_MOVE_RATES, (size, 1)) * (1.0 if migration else 0.0)
    bounds = [*MIGRATION_AGE_BOUNDS, MAX_AGE + 1]
    by_group = np.stack([population[:, :, a:b].sum(axis=(1, 2)) for a, b in itertools.pairwise(bounds)], axis=1)
    share = np.zeros((size, size + 1))
    share[:, size] = 1.0
    if linked and size > 1:
        for home in range(size):
            share[home, (home + 1) % size] = 0.3
            share[home, size] = 0.7
    ages = np.arange(MAX_AGE + 1)
    mortality = np.minimum(np.stack([3e-5 * np.exp(0.098 * ages), 1.5e-5 * np.exp(0.101 * ages)]), 1.0)
    fertility = np.where((ages >= 18) & (ages < 45), 0.11 * np.exp(-(((ages - 30) / 6.5) ** 2)), 0.0)
    classes = len(SIZE_CLASS_BOUNDS)
    sizes = np.array([0.60, 0.18, 0.11, 0.07, 0.025, 0.011, 0.004])
    travel = np.full((size, size), 25.0) if linked else np.full((size, size), 400.0)
    np.fill_diagonal(travel, 8.0)
    return RegionMargins(
        codes=tuple(str(first_code + i) for i in range(size)),
        names=tuple(f"Testøy {first_code + i}" for i in range(size)),
        start_month=month_number(2012),
        centrality_index=np.full(size, 650.0),
        centrality_class=np.full(size, 5, dtype=np.int8),
        population=population,
        commuting=commuting,
        unemployed=np.array([int(0.015 * n) for n in persons]),
        industry_jobs=np.stack([whole(_INDUSTRY_SHARES, int(j)) for j in jobs]),
        establishment_shares=np.broadcast_to(sizes, (size, len(INDUSTRIES), classes)).copy(),
        travel_minutes=travel,
        commuting_affinity=np.ones((size, size)),
        out_migration_rate=out_rate,
        in_migration=by_group * out_rate * share[:, size:],
        destination_share=np.repeat(share[:, None, :], len(_MOVE_RATES), axis=1),
        past_population=np.repeat(np.array([persons], dtype=np.float64).T, 10, axis=1),
        past_jobs=np.repeat(jobs[:, None].astype(np.float64), 10, axis=1),
        settlement_attractiveness=np.zeros(size),
        fertility=fertility * (1.0 if births else 0.0),
        mortality=mortality * (1.0 if deaths else 0.0),
    )


APPLIED = 6
"""Months from the start of the run to the application of ``make_support``."""


def make_track(**changes: object) -> Track:
    """A short track that any loss of a job opens: 2 + 3 months, two years of grants, the last 3 months to wind down."""
    values: dict[str, object] = {
        "name": "acute", "eligibility": Eligibility(Rule.ACUTE, loss_share=0.0, loss_persons=1.0),
        "clarification_months": 2, "anchoring_months": 3, "years": 2, "capacity_first_months": 0, "midterm_year": 0,
        "midterm_least_used": 0.0, "taper_years": 0, "taper_share": 1.0, "wind_down_months": 3,
        "yearly_grant": 4_000_000.0, "own_share": 0.25, "payer": "state", "aid_intensity": 0.4, "staff": 1.0,
        "guidance": 0.5, "strictness": 0.3, "exit_kept": 0.5, "mix": (0.25, 0.35, 0.1, 0.1, 0.05, 0.15),
    }  # fmt: skip
    return Track(**{**values, **changes})  # type: ignore[arg-type]


def make_design(
    *tracks: Track, name: str = "short", national_budget: float = 60e6, advice: Advice | None = None
) -> Design:
    """A design of the given tracks, or of the short one."""
    return Design(name, "A short programme", tracks or (make_track(),), advice or Advice(), national_budget)


def make_support(
    design: Design, margins: RegionMargins, places: tuple[str, ...] = ("9901",), **changes: object
) -> Support:
    """One application with a documented loss of 100 jobs, half a year into the run."""
    values: dict[str, object] = {"name": "Test", "month": margins.start_month + APPLIED, "documented_loss": 100.0}
    return Support(design, (Application(municipalities=places, **{**values, **changes}),))  # type: ignore[arg-type]
