"""Scores of a backtest: errors as demographers measure them, skill against naive forecasts, coverage of intervals."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd

from omstilling.experiments.backtesting.backtest import LEVELS, MODEL, QUANTITIES
from omstilling.experiments.backtesting.naive_forecasts import NAIVE

FORECASTS = (MODEL, *NAIVE)
MEASURES = {
    "MAPE": "mean absolute percentage error",
    "MALPE": "mean algebraic percentage error: bias, above 0 where the forecast is too high",
    "MedAPE": "median absolute percentage error",
    "RMSPE": "root mean square percentage error",
    "WMAPE": "weighted mean absolute percentage error: absolute errors in persons over all persons",
    "total": "percentage error of the sum over municipalities",
}
"""After Smith, Tayman and Swanson (2013, ch. 13); errors are per cent of what was observed."""
SKILL_MEASURES = ("MAPE", "RMSPE", "WMAPE")
INTERVALS = {"chance": "over replications", "error": "with model error"}


def percentage_errors(rows: pd.DataFrame) -> pd.Series:
    """Predicted over observed less 1, per cent; municipalities where there was nobody are left out."""
    there = rows[rows["observed"] > 0]
    return 100.0 * (there["predicted"] / there["observed"] - 1.0)


def measures_of(rows: pd.DataFrame) -> dict[str, float]:
    """All of ``MEASURES`` for the rows of one forecast and quantity."""
    error = percentage_errors(rows)
    return {
        "MAPE": float(error.abs().mean()),
        "MALPE": float(error.mean()),
        "MedAPE": float(error.abs().median()),
        "RMSPE": float(np.sqrt((error**2).mean())),
        "WMAPE": float(100.0 * (rows["predicted"] - rows["observed"]).abs().sum() / rows["observed"].sum()),
        "total": float(100.0 * (rows["predicted"].sum() / rows["observed"].sum() - 1.0)),
    }


def accuracy(table: pd.DataFrame) -> pd.DataFrame:
    """A row per quantity and forecast: number of municipalities and ``MEASURES``."""
    rows = [
        {"quantity": quantity, "forecast": forecast, "n": len(part), **measures_of(part)}
        for (quantity, forecast), part in table.groupby(["quantity", "forecast"], sort=False)
    ]
    order = {name: number for number, name in enumerate((*QUANTITIES, *FORECASTS))}
    return pd.DataFrame(rows).sort_values(
        ["quantity", "forecast"], key=lambda names: names.map(order), ignore_index=True
    )


def skill(model: float, other: float) -> float:
    """1 less the model's error over another's: 1 is perfect, 0 no better, below 0 worse; 0 where both are without."""
    if other == 0.0:
        return 0.0 if model == 0.0 else -np.inf
    return 1.0 - model / other


def closer_share(table: pd.DataFrame, quantity: str, other: str) -> float:
    """Share of municipalities in which the model was closer than another forecast; ties count half."""
    part = table[table["quantity"] == quantity].set_index(["forecast", "code"])
    error = (part["predicted"] - part["observed"]).abs()
    gain = error[other] - error[MODEL]
    return float((gain > 0).mean() + 0.5 * (gain == 0).mean())


def skills(table: pd.DataFrame) -> pd.DataFrame:
    """A row per quantity and naive forecast: skill by ``SKILL_MEASURES``, ``closer``, and whether it is the best.

    The best of the three is the one with the smallest MAPE.
    """
    errors = accuracy(table).set_index(["quantity", "forecast"])
    rows = []
    for quantity in errors.index.unique("quantity"):
        best = errors.loc[quantity].loc[list(NAIVE), "MAPE"].idxmin()
        model = errors.loc[(quantity, MODEL)]
        for name in NAIVE:
            other = errors.loc[(quantity, name)]
            gained = {measure: skill(model[measure], other[measure]) for measure in SKILL_MEASURES}
            rows.append({
                "quantity": quantity, "against": name, **gained, "closer": closer_share(table, quantity, name),
                "best": name == best,
            })  # fmt: skip
    return pd.DataFrame(rows)


def coverage(table: pd.DataFrame) -> pd.DataFrame:
    """Per cent of outcomes inside the model's intervals, a row per quantity, a column per kind and level."""
    rows = []
    for quantity, part in table[table["forecast"] == MODEL].groupby("quantity", sort=False):
        row: dict[str, Any] = {"quantity": quantity}
        for kind, level in itertools.product(INTERVALS, LEVELS):
            low, high = part[f"{kind}_low_{level}"], part[f"{kind}_high_{level}"]
            row[f"{kind} {level}"] = 100.0 * float(((part["observed"] >= low) & (part["observed"] <= high)).mean())
        rows.append(row)
    return pd.DataFrame(rows)


def errors_by(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Bias and error of population and jobs by a class of municipalities (``size`` or ``centrality``).

    Returns
    -------
    pandas.DataFrame
        ``quantity``, ``class``, ``forecast``, ``n``, ``MALPE``, ``MAPE``; classes in order of size or centrality.
    """
    rows = []
    order = (
        sorted(table[column].unique())
        if column == "centrality"
        else list(table.sort_values("start").loc[table["quantity"] == "population", column].unique())
    )
    groups = dict(list(table.groupby(["quantity", column, "forecast"])))
    for quantity, name, forecast in itertools.product(("population", "jobs"), order, FORECASTS):
        part = groups[quantity, name, forecast]
        found = measures_of(part)
        rows.append((quantity, name, forecast, len(part), found["MALPE"], found["MAPE"]))
    return pd.DataFrame(rows, columns=["quantity", "class", "forecast", "n", "MALPE", "MAPE"])


def best_naive(table: pd.DataFrame, quantity: str) -> str:
    """Name of the naive forecast with the smallest MAPE."""
    rows = skills(table[table["quantity"] == quantity])
    return str(rows.loc[rows["best"], "against"].iloc[0])


def bias_beside(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Bias (MALPE) of the model and of the best naive forecast side by side, a row per class.

    Returns
    -------
    pandas.DataFrame
        ``column`` as text, ``municipalities``, and two columns each for population and jobs.
    """
    found = errors_by(table, column)
    sides = [
        found[(found["quantity"] == quantity) & (found["forecast"] == name)]
        .set_index("class")["MALPE"]
        .rename(f"{quantity}, {name}")
        for quantity in ("population", "jobs")
        for name in (MODEL, best_naive(table, quantity))
    ]
    numbers = found.drop_duplicates("class").set_index("class")["n"].rename("municipalities")
    return pd.concat([numbers, *sides], axis=1).reset_index(names=column).astype({column: str})


def verdict(table: pd.DataFrame, quantity: str) -> str:
    """One sentence: whether the model beats the best of the naive forecasts."""
    part = table[table["quantity"] == quantity]
    errors = accuracy(part).set_index("forecast")["MAPE"]
    best = best_naive(part, quantity)
    row = skills(part).set_index("against").loc[best]
    gained = float(row["MAPE"])
    outcome = "wins against" if gained > 0.0 else "loses against" if gained < 0.0 else "ties with"
    return (
        f"{quantity.capitalize()}: the model {outcome} the best naive forecast ({best}): MAPE"
        f" {errors[MODEL]:.2f} against {errors[best]:.2f} %, skill {gained:+.2f}"
        f" (by RMSPE {row['RMSPE']:+.2f}, by WMAPE {row['WMAPE']:+.2f});"
        f" closer in {row['closer']:.0%} of municipalities."
    )
