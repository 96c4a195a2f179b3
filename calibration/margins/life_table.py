"""Life table: mortality and fertility by single year of age."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from omstilling.model.state.margins import MAX_AGE

_LIFE_EXPECTANCY_2019 = (81.2, 84.7)
"""Years at birth, men and women, 2019 (Statistics Norway; to be verified)."""
_GAIN_PER_YEAR = 0.2
"""Years of life expectancy gained per calendar year; a choice in line with 2005-2019."""
_SLOPE = (0.098, 0.105)
"""Gompertz slope by sex; a choice."""
_INFANT = 0.002
_FERTILITY_MIDPOINTS = (12.0, 17.0, 22.0, 27.0, 32.0, 37.0, 42.0, 47.0, 50.0)
_FERTILITY_2019 = (0.0, 1.9, 24.0, 89.0, 118.0, 61.0, 12.0, 0.7, 0.0)
"""Births per 1,000 women and year at the midpoints of five-year groups, 2019 (Statistics Norway; to be verified)."""
_TOTAL_FERTILITY = ((2005, 1.84), (2009, 1.98), (2015, 1.73), (2019, 1.53), (2022, 1.41))
"""Children per woman by year (Statistics Norway; to be verified); straight lines between."""


def life_expectancy(mortality: NDArray[np.float64]) -> float:
    """Life expectancy at birth of yearly death probabilities by age, shape (106,); deaths fall mid-year."""
    alive = np.concatenate([[1.0], np.cumprod(1.0 - mortality)])
    return float(((alive[:-1] + alive[1:]) / 2.0).sum())


def _gompertz(level: float, slope: float) -> NDArray[np.float64]:
    ages = np.arange(MAX_AGE + 1)
    mortality = 1.0 - np.exp(-np.exp(level + slope * ages))
    mortality[0] = _INFANT
    return np.asarray(mortality)


@cache
def mortality_of(year: int) -> NDArray[np.float64]:
    """Yearly death probability by sex and age, shape (2, 106): Gompertz curves of that year's life expectancy."""
    rows = []
    for target, slope in zip(_LIFE_EXPECTANCY_2019, _SLOPE, strict=True):
        wanted = target + _GAIN_PER_YEAR * (min(year, 2022) - 2019)
        level = brentq(lambda x, s=slope, w=wanted: life_expectancy(_gompertz(x, s)) - w, -16.0, -5.0)
        rows.append(_gompertz(float(level), slope))
    return np.stack(rows)


@cache
def fertility_of(year: int) -> NDArray[np.float64]:
    """Births per woman and year by age, shape (106,); sums to the total fertility rate of the year."""
    shape = np.interp(np.arange(MAX_AGE + 1) + 0.5, _FERTILITY_MIDPOINTS, _FERTILITY_2019)
    years, totals = zip(*_TOTAL_FERTILITY, strict=True)
    return np.asarray(shape / shape.sum() * np.interp(year, years, totals))
