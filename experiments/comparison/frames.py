"""Comparison frames: the table of indicators of a comparison, computed from its readings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from omstilling.experiments.reading.indicators import INDICATORS, RATIOS
from omstilling.experiments.reading.statistics import ratio_row, summary_row
from omstilling.experiments.reading.trace import DATES

if TYPE_CHECKING:
    from omstilling.experiments.comparison.comparison import Comparison


def indicator_frame(comparison: Comparison) -> pd.DataFrame:
    """Every indicator by design and date; see ``Comparison.table`` for the columns."""
    rows = []
    for d, design in enumerate(comparison.designs):
        for date, label in enumerate(DATES):
            head = {"design": design.name, "date": label, "year": comparison.year_of(date, d)}
            for i, item in enumerate(INDICATORS):
                values, base = comparison.readings[:, d, i, date], comparison.base[:, d, i, date]
                rows.append(
                    head
                    | {"indicator": item.name, "group": item.group, "unit": item.unit}
                    | summary_row(values, base, item.better)
                )
            for ratio in RATIOS:
                above, below = (comparison.values(name, d)[:, date] for name in (ratio.numerator, ratio.denominator))
                rows.append(
                    head | {"indicator": ratio.name, "group": ratio.group, "unit": ratio.unit} | ratio_row(above, below)
                )
    columns = ["design", "indicator", "group", "unit", "date", "year"]
    frame = pd.DataFrame(rows)
    return frame[columns + [name for name in frame.columns if name not in columns]]
