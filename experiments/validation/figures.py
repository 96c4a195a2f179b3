"""Figures of a calibration: prior and posterior, pairs, ranks, targets, and closures predicted from the others."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from omstilling.experiments.drawing.style import BLUE, GREY, ORANGE, head_and_note, style_axes

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from omstilling.calibration.inference.diagnostics import Recovery
    from omstilling.calibration.parameters.posterior import Posterior
    from omstilling.model.engine.parameter_fields import Prior

_COLUMNS = 6
_PALE = "#cccccc"


def _grid(number: int, height: float = 1.5) -> tuple[Figure, list[Axes]]:
    """A figure with so many small panels; the rest of the last row stays empty."""
    rows = math.ceil(number / _COLUMNS)
    figure = Figure(figsize=(12.0, height * rows + 0.9), layout="constrained")
    axes = figure.subplots(rows, _COLUMNS, squeeze=False).ravel().tolist()
    for spare in axes[number:]:
        spare.set_axis_off()
    return figure, axes[:number]


def draw_marginals(posterior: Posterior, priors: Mapping[str, Prior]) -> Figure:
    """Posterior of each parameter over its flat prior; the panel spans the prior."""
    names = [name for name in posterior.names if name in priors]
    figure, panels = _grid(len(names))
    for axes, name in zip(panels, names, strict=True):
        prior, values = priors[name], posterior.values[:, posterior.names.index(name)]
        edges = np.linspace(prior.first, prior.second, 16).tolist()
        axes.hist(values, edges, weights=posterior.weights, density=True, color=BLUE, alpha=0.75)
        axes.axhline(1.0 / (prior.second - prior.first), color=ORANGE, linewidth=1.2)
        axes.set_title(name, fontsize=8, loc="left")
        axes.set_xlim(prior.first, prior.second)
        axes.set_yticks([])
        axes.tick_params(labelsize=7)
        style_axes(axes)
        axes.grid(visible=False)
    head_and_note(
        figure, "What the targets say of each parameter", "Bars: posterior. Line: prior. Each panel spans the prior."
    )
    return figure


def draw_pairs(posterior: Posterior, pairs: Sequence[tuple[str, str, float]]) -> Figure:
    """Draws of the pairs of parameters that go most together; size of a point by weight."""
    figure, panels = _grid(len(pairs), height=2.0)
    sizes = 3.0 + 12.0 * posterior.weights / posterior.weights.max()
    for axes, (first, second, correlation) in zip(panels, pairs, strict=True):
        x, y = (posterior.values[:, posterior.names.index(name)] for name in (first, second))
        axes.scatter(x, y, s=sizes, color=BLUE, alpha=0.4, linewidths=0)
        axes.set_xlabel(first, fontsize=7.5)
        axes.set_ylabel(second, fontsize=7.5)
        axes.set_title(f"r = {correlation:.2f}", fontsize=8, loc="left")
        axes.tick_params(labelsize=6.5)
        style_axes(axes)
    head_and_note(
        figure, "Parameters that the targets tie together", "Draws of the posterior; larger points weigh more."
    )
    return figure


def draw_ranks(found: Mapping[str, Sequence[Recovery]]) -> Figure:
    """Ranks of true values among posterior draws, by stage; flat if intervals are right."""
    items = [recovery for recoveries in found.values() for recovery in recoveries]
    figure, panels = _grid(len(items), height=1.3)
    for axes, item in zip(panels, items, strict=True):
        axes.hist(item.ranks, np.linspace(0.0, 1.0, 11).tolist(), color=GREY, alpha=0.8)
        axes.axhline(len(item.ranks) / 10.0, color=ORANGE, linewidth=1.2)
        axes.set_title(item.name, fontsize=8, loc="left")
        axes.set_xticks([0, 1])
        axes.set_yticks([])
        axes.tick_params(labelsize=7)
        style_axes(axes)
        axes.grid(visible=False)
    head_and_note(
        figure, "Simulation-based calibration: ranks of true values",
        "Flat (line): intervals hold what they say. A hump in the middle: they are too wide; horns: too narrow.",
    )  # fmt: skip
    return figure


def draw_targets(table: pd.DataFrame) -> Figure:
    """Every target: observed as 0, simulated in standard errors of the target, with 90 % of the runs."""
    height = 0.2 * len(table) + 1.4
    figure = Figure(figsize=(9.0, height), layout="constrained")
    axes = figure.subplots()
    rows = np.arange(len(table))[::-1]
    centre, low, high = ((table[name] - table["observed"]) / table["error"] for name in ("simulated", "low", "high"))
    colours = np.where(table["met"], BLUE, ORANGE)
    axes.axvspan(-2.0, 2.0, color=_PALE, alpha=0.5, linewidth=0)
    axes.axvline(0.0, color=GREY, linewidth=1.0)
    axes.hlines(rows, low.clip(-8, 8), high.clip(-8, 8), color=colours, linewidth=1.4)
    axes.scatter(centre.clip(-8, 8), rows, color=colours, s=18, zorder=3)
    labels = [f"{row.target}{' *' if row.required else ''}" for row in table.itertuples()]
    style_axes(axes)
    axes.set_yticks(rows, labels, fontsize=7)
    axes.set_xlim(-8.2, 8.2)
    axes.set_ylim(-0.7, len(table) - 0.3)
    axes.set_xlabel("simulated less observed, standard errors of the target", fontsize=8.5)
    head_and_note(
        figure, "Calibrated model beside every target",
        "Point: mean of runs; line: 90 % of runs. Grey band: within error. Orange: missed. * required. Ends at 8.",
    )  # fmt: skip
    return figure


def draw_left_out(table: pd.DataFrame) -> Figure:
    """Closures predicted by a posterior that has not seen them."""
    figure = Figure(figsize=(8.5, 0.24 * len(table) + 1.3), layout="constrained")
    axes = figure.subplots()
    rows = np.arange(len(table))[::-1]
    for level, width in ((90, 1.2), (80, 3.0), (50, 6.0)):
        axes.hlines(rows, 100 * table[f"low_{level}"], 100 * table[f"high_{level}"], color=BLUE, linewidth=width,
                    alpha=0.55)  # fmt: skip
    axes.scatter(100 * table["observed"], rows, color=ORANGE, s=26, zorder=3, label="observed")
    style_axes(axes)
    axes.set_yticks(rows, table["target"], fontsize=7.5)
    axes.set_xlabel("change since before the closure, log points x 100", fontsize=8.5)
    axes.legend(frameon=False, fontsize=8)
    head_and_note(
        figure, "Each closure predicted from the others",
        "Lines: 50, 80 and 90 % intervals of a posterior that has not seen it, error of a single place included.",
    )  # fmt: skip
    return figure
