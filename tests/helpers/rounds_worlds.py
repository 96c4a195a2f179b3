"""Municipalities with pasts of their own and designs whose rounds they apply in, for tests of rounds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from omstilling.model import RegionMargins, RestructuringModel
from omstilling.model.policy.design import (
    Advice,
    Design,
    Eligibility,
    Ranking,
    Regime,
    Rule,
    Support,
    Track,
)
from omstilling.model.state.accounts import Purpose
from worlds import make_design, make_margins, make_track

ACUTE = make_track(
    name="acute", eligibility=Eligibility(Rule.ACUTE, loss_share=0.15, loss_persons=50.0, isolated_factor=0.5)
)
DECLINE = make_track(
    name="decline", eligibility=Eligibility(Rule.DECLINE, population_decline=0.1, employment_decline=0.6), years=3
)
ALWAYS = make_track(name="always", eligibility=Eligibility(Rule.ACUTE, loss_share=0.0, loss_persons=0.0))
GUIDANCE = 20_834
"""Kroner a month of half guidance: 500,000 / 24 rounded up."""
FIRST_YEAR = 12 * GUIDANCE + 4_000_000
"""A programme granted in January, with its first grant in June."""
YEARS = 15
SIZES = (900, 700, 800, 600, 650, 750)
PASTS: dict[str, tuple[float, float]] = {
    "9901": (0.30, 0.00), "9902": (0.00, 0.20), "9903": (0.02, 0.02), "9904": (0.20, 0.30), "9905": (0.13, 0.00),
    "9906": (0.00, 0.12),
}  # fmt: skip
"""Falls of jobs and of inhabitants before the start as shares of what was: the fifth loses too few jobs."""


PLENTY = Advice(0.13, 6, 5)
ADVICE = 12 * 32_500
"""Kroner a year for all six."""
SHORT = make_track(
    name="short", eligibility=Eligibility(Rule.ACUTE, loss_share=0.0, loss_persons=1.0), years=2, midterm_year=1,
    midterm_least_used=0.75, clarification_months=0, anchoring_months=1, yearly_grant=5_000_001.0, guidance=0.7,
)  # fmt: skip
TAPERED = make_track(
    name="tapered", eligibility=Eligibility(Rule.ACUTE, loss_share=0.0, loss_persons=0.0), years=4, taper_years=2,
    taper_share=0.37, yearly_grant=3_333_333.0, guidance=0.9, clarification_months=3, anchoring_months=4,
)  # fmt: skip


def margins_of(
    codes: Sequence[str] = tuple(PASTS), sizes: Sequence[int] = SIZES, linked: bool = False
) -> RegionMargins:
    margins = make_margins(tuple(sizes), linked=linked)
    falls = np.array([PASTS.get(code, (0.0, 0.0)) for code in codes])
    before = 1.0 / (1.0 - falls)
    return replace(
        margins,
        codes=tuple(codes),
        past_jobs=np.repeat(margins.jobs[:, None] * before[:, :1], 10, axis=1),
        past_population=np.repeat(margins.population.sum(axis=(1, 2))[:, None] * before[:, 1:], 10, axis=1),
    )


def design_of(
    *tracks: Track, budget: float = 1e9, advice: Advice | None = None, ranking: Ranking = Ranking.SEVERITY,
    **regime: object,
) -> Design:  # fmt: skip
    design = make_design(*(tracks or (ACUTE, DECLINE)), national_budget=budget, advice=advice)
    return replace(design, regime=Regime(ranking=ranking, **regime))  # type: ignore[arg-type]


def run_rounds(design: Design, months: int, margins: RegionMargins | None = None, seed: int = 3) -> RestructuringModel:
    model = RestructuringModel(margins or margins_of(), seed=seed, support=Support(design, open_rounds=True))
    model.run_months(months)
    return model


def granted_in(model: RestructuringModel) -> list[tuple[str, str, int]]:
    """Code, track and month since the start of each programme, in order."""
    start = model.margins.start_month
    return [
        (model.margins.codes[p.places[0]], p.track.name, p.history[0][0] - start) for p in model.programmes if p.track
    ]


def paid_by_state(model: RestructuringModel) -> dict[int, int]:
    """Kroner that the State paid, by calendar year."""
    paid: dict[int, int] = defaultdict(int)
    for payment in model.accounts.journal:
        if payment.payer == "State":
            assert payment.purpose in (Purpose.GRANT, Purpose.GUIDANCE, Purpose.ADVICE)
            paid[1900 + payment.month // 12] += payment.amount
    return dict(paid)
