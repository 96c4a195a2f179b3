"""Figures: runs beside what was observed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from omstilling.calibration.tables.observed import observed_series, observed_total
from omstilling.experiments.drawing.style import BLUE, ORANGE, head_and_note, style_axes
from omstilling.experiments.running.result import EVERYWHERE, JOBS_MONTH
from omstilling.model.engine.calendar import EPOCH_YEAR

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from omstilling.experiments.running.result import RunResult

_COLUMNS = (("jobs", "Jobs (persons employed in the municipality)"), ("population", "Inhabitants"))


def _years(result: RunResult) -> NDArray[np.float64]:
    """Time of each row in years: the start, then the end of each month."""
    return np.asarray(EPOCH_YEAR + (result.margins.start_month + np.arange(result.values.shape[1])) / 12.0)


def _draw_bands(axes: Axes, time: NDArray[np.float64], series: NDArray[np.float64]) -> None:
    low, lower, middle, upper, high = np.quantile(series, (0.05, 0.25, 0.5, 0.75, 0.95), axis=0)
    axes.fill_between(time, low, high, color=BLUE, alpha=0.18, linewidth=0, label="simulated, 90 %")
    axes.fill_between(time, lower, upper, color=BLUE, alpha=0.35, linewidth=0, label="simulated, 50 %")
    axes.plot(time, middle, color=BLUE, linewidth=1.8, label="simulated, median")


def _draw_observed(axes: Axes, observed: pd.DataFrame, column: str, time: NDArray[np.float64]) -> None:
    observed = observed[column].dropna()
    moment = observed.index.to_numpy(dtype=np.float64) + (0.0 if column == "population" else (JOBS_MONTH + 1) / 12.0)
    shown = (moment >= time[0] - 1.2) & (moment <= time[-1] + 0.01)
    axes.plot(moment[shown], observed.to_numpy()[shown], "o", color="black", markersize=4.5, label="observed", zorder=4)


def _mark_shocks(axes: Axes, result: RunResult, code: str) -> None:
    for shock in result.scenario.shocks:
        if shock.municipality == code:
            when = EPOCH_YEAR + shock.date / 12.0
            axes.axvline(when, color=ORANGE, linewidth=1.2, linestyle="--")
            axes.annotate(
                f"{shock.firm or shock.kind.value.replace('_', ' ')}: −{shock.jobs} jobs",
                (when, 0.02),
                xycoords=("data", "axes fraction"),
                xytext=(4, 0),
                textcoords="offset points",
                color=ORANGE,
                fontsize=8.5,
            )


def draw_panel(axes: Axes, result: RunResult, code: str, column: str) -> None:
    """One column of one municipality: simulated bands, observed points, shocks."""
    time = _years(result)
    _draw_bands(axes, time, result.of(column, code))
    observed = observed_total(result.margins.codes) if code == EVERYWHERE else observed_series(code)
    _draw_observed(axes, observed, column, time)
    _mark_shocks(axes, result, code)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    style_axes(axes)
    axes.margins(x=0.02)


def draw_run(result: RunResult) -> Figure:
    """Jobs and population of the focus: simulated median, 50 and 90 % bands, and the observed figures."""
    code = result.focus
    figure = Figure(figsize=(10.5, 4.6), layout="constrained")
    for axes, (column, title) in zip(figure.subplots(1, 2), _COLUMNS, strict=True):
        draw_panel(axes, result, code, column)
        axes.set_title(title, fontsize=10.5, loc="left")
    figure.axes[0].legend(frameon=False, fontsize=8.5, loc="best")
    note = (
        f"{result.focus_name}, {result.values.shape[0]} replications, design {result.design}."
        " Observed: Statistics Norway (CC BY 4.0), tables 07459, 11618."
    )
    if result.margins.quality.get("jobs") != "observed":
        note += f" Jobs at the start are {result.margins.quality['jobs']}."
    head_and_note(figure, result.scenario.title, f"{note} {result.sample_note}".strip())
    return figure
