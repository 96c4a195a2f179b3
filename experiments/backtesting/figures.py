"""Figures of a backtest: growth forecast and observed; bias, error and skill; flows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from omstilling.experiments.backtesting.backtest import AGE_QUANTITIES, MODEL, QUANTITIES
from omstilling.experiments.backtesting.flows import (
    AGE_LABELS,
    FEWEST_SIMULATED,
    compare_commuting,
    compare_net_migration,
    compared_years,
)
from omstilling.experiments.backtesting.naive_forecasts import COHORT_COMPONENT, NO_CHANGE, SAME_TREND
from omstilling.experiments.backtesting.scores import FORECASTS, accuracy, best_naive, errors_by, skills
from omstilling.experiments.drawing.style import BLUE, GREY, ORANGE, head_and_note, style_axes, thousands

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from omstilling.experiments.backtesting.backtest import Backtest

SOURCE = "Observed figures: Statistics Norway (CC BY 4.0), tables 07459 and 11618."
_COLOURS = {MODEL: BLUE, NO_CHANGE: "#999999", SAME_TREND: "#E69F00", COHORT_COMPONENT: ORANGE}
_NAMES = {"population": "inhabitants", "jobs": "jobs"}
_REMOTE = 5
"""Centrality classes 5 and 6 are drawn apart from the rest."""
_MOST_SHOWN = (1.0, 99.0)
"""Percentiles of growth between which axes run; what lies outside is drawn at the edge."""
_LOWEST_SKILL = -2.0
"""Bars of skill are cut here, because it has no lower end."""


def _growth(rows: pd.DataFrame, column: str) -> pd.Series:
    return 100.0 * (rows[column] / rows["start"] - 1.0)


def _draw_growth(axes: Axes, rows: pd.DataFrame, ends: tuple[float, float]) -> None:
    """Predicted against observed growth, a point per municipality, the diagonal, and how many lie outside."""
    seen, said = _growth(rows, "observed"), _growth(rows, "predicted")
    axes.axhline(0.0, color="#dddddd", linewidth=0.8, zorder=0)
    axes.axvline(0.0, color="#dddddd", linewidth=0.8, zorder=0)
    axes.plot(ends, ends, color=GREY, linewidth=0.9, linestyle="--", zorder=1)
    for remote, colour, label in ((False, BLUE, "centrality 1-4"), (True, ORANGE, "centrality 5-6")):
        chosen = (rows["centrality"] >= _REMOTE) == remote
        axes.scatter(seen[chosen].clip(*ends), said[chosen].clip(*ends), s=13, color=colour, alpha=0.55, linewidth=0,
                     label=label, clip_on=False)  # fmt: skip
    axes.set_xlim(ends)
    axes.set_ylim(ends)
    axes.set_aspect("equal")
    axes.spines[["top", "right"]].set_visible(False)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(thousands))


def draw_growth(result: Backtest) -> Figure:
    """Growth of each municipality, predicted against observed: population and jobs, model and best naive forecast."""
    first, last = result.simulated.first, result.simulated.last
    figure = Figure(figsize=(9.6, 10.6), layout=ConstrainedLayoutEngine(hspace=0.06))
    grid = figure.subplots(2, 2)
    errors = accuracy(result.table).set_index(["quantity", "forecast"])["MAPE"]
    for row, quantity in zip(grid, ("population", "jobs"), strict=True):
        part = result.table[result.table["quantity"] == quantity]
        shown = (MODEL, best_naive(result.table, quantity))
        drawn = part[part["forecast"].isin(shown)]
        values = np.concatenate([_growth(drawn, "observed"), _growth(drawn, "predicted")])
        low, high = np.percentile(values, _MOST_SHOWN)
        ends = (float(np.floor(low / 5.0) * 5.0), float(np.ceil(high / 5.0) * 5.0))
        for axes, name in zip(row, shown, strict=True):
            _draw_growth(axes, part[part["forecast"] == name], ends)
            told = "Model" if name == MODEL else f"Best naive forecast: {name}"
            axes.set_title(
                f"{told}\n{_NAMES[quantity].capitalize()}, mean absolute error {errors[quantity, name]:.1f} %",
                loc="left", fontsize=10.5,
            )  # fmt: skip
            axes.set_xlabel("observed growth, %")
            axes.set_ylabel("predicted growth, %")
    grid[0, 0].legend(frameon=False, fontsize=8.5, loc="lower right", handletextpad=0.2)
    head_and_note(
        figure,
        f"Growth {first}–{last} of {len(drawn) // 2} municipalities, predicted and observed",
        f"Inhabitants on 1 January {first} and {last}, jobs in the 4th quarter of {first - 1} and {last - 1}. On the"
        f" dashed line the forecast is right; points on the edge lie outside. {SOURCE}",
    )
    return figure


def _draw_bias(axes: Axes, table: pd.DataFrame, title: str) -> None:
    """Bias of each forecast by class, as points side by side."""
    classes = list(table["class"].unique())
    numbers = table[table["forecast"] == MODEL].set_index("class")["n"]
    axes.axhline(0.0, color=GREY, linewidth=0.9)
    for place, name in enumerate(FORECASTS):
        bias = table[table["forecast"] == name].set_index("class")["MALPE"]
        where = np.arange(len(classes)) + 0.2 * (place - 1.5)
        axes.bar(where, bias.loc[classes], 0.18, color=_COLOURS[name], label=name)
    axes.set_xticks(range(len(classes)), [f"{name}\n({numbers[name]})" for name in classes], fontsize=7.5)
    axes.set_title(title, loc="left", fontsize=9.5)
    axes.set_ylabel("bias, %")
    style_axes(axes)


def _draw_ages(axes: Axes, result: Backtest) -> None:
    errors = accuracy(result.table).set_index(["quantity", "forecast"])["WMAPE"]
    for name in FORECASTS:
        values = [errors[quantity, name] for quantity in AGE_QUANTITIES]
        axes.plot(values, color=_COLOURS[name], marker="o", markersize=4, linewidth=1.8 if name == MODEL else 1.2)
    labels = [quantity.removeprefix("age ") for quantity in AGE_QUANTITIES]
    axes.set_xticks(range(len(labels)), labels, fontsize=7.5)
    axes.set_ylim(bottom=0.0)
    axes.set_title("Error by age: absolute errors over all persons", loc="left", fontsize=9.5)
    axes.set_ylabel("WMAPE, %")
    style_axes(axes)


def _draw_skill(axes: Axes, result: Backtest) -> None:
    """Skill of the model against each naive forecast, population, jobs and ages."""
    found = skills(result.table).set_index(["quantity", "against"])["MAPE"]
    axes.axhline(0.0, color=GREY, linewidth=0.9)
    for place, name in enumerate(FORECASTS[1:]):
        values = np.array([found[quantity, name] for quantity in QUANTITIES])
        where = np.arange(len(QUANTITIES)) + 0.26 * (place - 1)
        axes.bar(where, np.maximum(values, _LOWEST_SKILL), 0.24, color=_COLOURS[name])
    labels = ["total", "jobs", *(quantity.removeprefix("age ") for quantity in AGE_QUANTITIES)]
    axes.set_xticks(range(len(labels)), labels, fontsize=7.5)
    axes.set_title("Skill of the model (above 0: it wins)", loc="left", fontsize=9.5)
    axes.set_ylabel("1 − MAPE of model / of other")
    style_axes(axes)


def draw_errors(result: Backtest) -> Figure:
    """Bias by size and centrality, error by age, and skill of the model."""
    first, last = result.simulated.first, result.simulated.last
    figure = Figure(figsize=(12.6, 7.6), layout="constrained")
    grid = figure.subplots(2, 3)
    tables = {column: errors_by(result.table, column) for column in ("size", "centrality")}
    for row, quantity in zip(grid, ("population", "jobs"), strict=True):
        for axes, (column, table) in zip(row[:2], tables.items(), strict=True):
            title = f"Bias of {quantity} by " + (
                "number of inhabitants" if column == "size" else "centrality (1 central)"
            )
            _draw_bias(axes, table[table["quantity"] == quantity], title)
        both = [axes.get_ylim() for axes in row[:2]]
        for axes in row[:2]:
            axes.set_ylim(min(low for low, _ in both), max(high for _, high in both))
    _draw_ages(grid[0, 2], result)
    _draw_skill(grid[1, 2], result)
    handles, labels = grid[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper right", ncols=4, frameon=False, fontsize=9)
    head_and_note(
        figure,
        f"Forecasts {first}–{last}: bias, error and skill",
        "Bias: mean of predicted over observed less 1; above 0 the forecast is too high. In brackets the number of"
        f" municipalities. {SOURCE}",
    )
    return figure


def _draw_commuting(left: Axes, right: Axes, result: Backtest) -> None:
    """Flows between municipalities, and commuters by minutes."""
    found = compare_commuting(result.simulated)
    if found is None:
        raise ValueError("commuting is drawn for runs that end where the matrix is")
    observed, simulated = found.pairs["observed"], found.pairs["simulated"].clip(lower=FEWEST_SIMULATED)
    left.scatter(observed, simulated, s=5, color=BLUE, alpha=0.25, linewidth=0)
    ends = (float(observed.min()), float(observed.max()))
    left.plot(ends, ends, color=GREY, linewidth=0.9, linestyle="--")
    left.set_xscale("log")
    left.set_yscale("log")
    left.set_xlabel("observed commuters")
    left.set_ylabel("simulated commuters")
    left.set_title(
        f"Commuting between municipalities: correlation of logs {found.correlation:.2f}", loc="left", fontsize=10
    )
    style_axes(left)
    left.xaxis.set_major_formatter(FuncFormatter(thousands))
    bands = found.bands.iloc[1:]
    where = np.arange(len(bands))
    right.bar(where - 0.2, bands["observed"], 0.38, color=ORANGE, label="observed")
    right.bar(where + 0.2, bands["simulated"], 0.38, color=BLUE, label="simulated")
    right.set_xticks(where, bands["minutes"], fontsize=8)
    right.set_xlabel("minutes by car between municipalities")
    right.set_ylabel("% of all employed")
    right.set_title("Commuters by distance", loc="left", fontsize=10)
    right.legend(frameon=False, fontsize=8.5)
    style_axes(right)


def draw_flows(result: Backtest) -> Figure:
    """Commuting at the end and net migration by age, simulated and observed."""
    figure = Figure(figsize=(11.0, 10.5), layout="constrained")
    top, bottom = np.asarray(figure.subfigures(2, 1, height_ratios=(1.0, 1.35)))
    left, right = top.subplots(1, 2)
    _draw_commuting(left, right, result)
    table = compare_net_migration(result.simulated)
    grid = bottom.subplots(2, 3, sharex=True, sharey=True)
    for axes, (number, part) in zip(grid.flat, table.groupby("centrality"), strict=False):
        axes.axhline(0.0, color=GREY, linewidth=0.9)
        axes.plot(part["age"], part["observed"], color=ORANGE, marker="o", markersize=3.5, label="observed")
        axes.plot(part["age"], part["simulated"], color=BLUE, marker="s", markersize=3.5, label="simulated")
        axes.set_title(f"Centrality {number}", loc="left", fontsize=9.5)
        axes.xaxis.set_major_locator(FixedLocator(range(0, len(AGE_LABELS), 2)))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.tick_params(axis="x", labelsize=7.5)
        style_axes(axes)
    grid[0, 0].legend(frameon=False, fontsize=8.5)
    years = compared_years(result.simulated)
    bottom.supylabel("net in-migration, per 100 persons of that age a year", fontsize=9)
    head_and_note(
        figure,
        f"Flows in a run from {result.simulated.first}: commuting at the end, and net migration {years[0]}–{years[-1]}",
        "Pairs with at least 10 commuters in the matrix of 2021 (tables 03321, 07459); at the bottom none is simulated."
        " Net migration by comparing cohorts, the same way for both. Observed: Statistics Norway (CC BY 4.0).",
    )
    return figure
