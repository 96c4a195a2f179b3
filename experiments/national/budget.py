"""National budget: what all designs share where all who are eligible apply."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from omstilling.calibration.tables.tables import load_tables
from omstilling.model import RegionMargins
from omstilling.model.policy.design import Design

REFERENCE = "current"
"""Design whose rules say which places are hit, and whose budget all designs share."""
_RURAL = 5


def budget_for(margins: RegionMargins, start: int, budget: float) -> float:
    """Part of the national budget for the municipalities of a run, by inhabitants in centrality classes 5 and 6."""
    tables = load_tables()
    rural = tables.municipalities["centrality_class"].to_numpy() >= _RURAL
    known = min(max(start, 2005), 2022)
    inhabitants = tables.ages.loc[known].filter(like="age_").sum(axis=1).to_numpy() * rural
    here = np.isin(tables.municipalities.index, margins.codes)
    return float(round(budget * inhabitants[here].sum() / inhabitants.sum()))


def with_budget(designs: tuple[Design, ...], budget: float) -> tuple[Design, ...]:
    """The designs under one budget, so that they differ in who gets the money and what for, not in how much."""
    return tuple(replace(design, national_budget=budget) if design.tracks else design for design in designs)
