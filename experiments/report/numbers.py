"""Numbers: estimates as cells and as text, with as many decimals as they carry."""

from __future__ import annotations

import math

from omstilling.experiments.report.content import Cell
from omstilling.experiments.report.estimate import Estimate
from omstilling.experiments.words.language import Language

_WIDE = 20.0
"""An interval wider than this is written in whole numbers."""


def decimals(estimate: Estimate) -> int:
    """Decimals of an estimate: none where its interval is wide, one else."""
    return 0 if not math.isfinite(estimate.high) or estimate.high - estimate.low >= _WIDE else 1


def mean_text(words: Language, estimate: Estimate) -> str:
    """Mean with its sign."""
    return words.signed(estimate.mean, decimals(estimate))


def span_text(words: Language, estimate: Estimate) -> str:
    """Interval of an estimate."""
    return words.span(estimate.low, estimate.high, decimals(estimate))


def effect_cell(words: Language, estimate: Estimate) -> Cell:
    """Mean and interval of an effect."""
    if math.isnan(estimate.mean):
        return Cell(words("report.none"))
    span = (estimate.low, estimate.high)
    return Cell(mean_text(words, estimate), estimate.mean, span, span_text(words, estimate))


def plain_cell(words: Language, value: float, digits: int = 0) -> Cell:
    """A number without sign."""
    return Cell(words("report.none")) if math.isnan(value) else Cell(words.plain(value, digits), value)


def share_cell(words: Language, share: float) -> Cell:
    """A share as per cent."""
    return Cell(words("report.none")) if math.isnan(share) else Cell(words.percent(share), share)
