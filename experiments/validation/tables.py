"""Tables of a calibration report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from omstilling.calibration.inference.blocks import CARRIED, INFERRED, fixed_parameters, priors_of
from omstilling.calibration.inference.diagnostics import LEVELS, UNINFORMED, Recovery, contraction, statistics_of
from omstilling.calibration.inference.problem import Problem
from omstilling.calibration.parameters.posterior import Posterior
from omstilling.calibration.targets.target import Block
from omstilling.experiments.validation.target_check import TargetCheck
from omstilling.model.parameters import parameter_table


def figure_text(value: float) -> str:
    """A number with three significant digits, whatever its size."""
    return f"{value:,.0f}".replace(",", " ") if abs(value) >= 10_000 else f"{value:.3g}"


def parameters_drawn(posterior: Posterior) -> pd.DataFrame:
    """Every inferred or carried parameter: prior, posterior mean and 90 % interval, contraction, informed or not."""
    stage_of = {name: str(block) for block, names in INFERRED.items() for name in names}
    priors = priors_of(posterior.names)
    sources = {row["name"]: row["source"] for row in parameter_table()}
    low, high, mean = posterior.quantile(0.05), posterior.quantile(0.95), posterior.mean()
    rows = []
    for column, name in enumerate(posterior.names):
        prior = priors[name]
        gained = contraction(posterior.values[:, column], posterior.weights, prior.first, prior.second)
        rows.append(
            {
                "parameter": name, "stage": stage_of.get(name, "carried"),
                "prior": f"{figure_text(prior.first)} to {figure_text(prior.second)}",
                "posterior mean": figure_text(mean[column]),
                "90 % interval": f"{figure_text(low[column])} to {figure_text(high[column])}",
                "contraction": f"{gained:.2f}",
                "informed": "yes" if gained >= UNINFORMED else "no",
                "source of the prior": sources[name],
            }
        )  # fmt: skip
    order = [name for names in INFERRED.values() for name in names] + list(CARRIED)
    return pd.DataFrame(rows).set_index("parameter").loc[order].reset_index()


def parameters_fixed() -> pd.DataFrame:
    """Every parameter that is not drawn, and why."""
    return pd.DataFrame([{"parameter": name, "why": why} for name, why in fixed_parameters().items()])


def targets_beside(check: TargetCheck) -> pd.DataFrame:
    """Target, observed, simulated, within error."""
    table = check.table
    ends = zip(table["low"], table["high"], strict=True)
    return pd.DataFrame(
        {
            "block": table["block"], "target": table["target"],
            "observed": [figure_text(value) for value in table["observed"]],
            "error": [figure_text(value) for value in table["error"]],
            "simulated": [figure_text(value) for value in table["simulated"]],
            "90 % of runs": [f"{figure_text(low)} to {figure_text(high)}" for low, high in ends],
            "within error": ["yes" if met else "**no**" for met in table["met"]],
            "required": ["required" if needed else "" for needed in table["required"]],
        }
    )  # fmt: skip


def target_meanings(check: TargetCheck) -> pd.DataFrame:
    """Definition, unit and source of every target."""
    every = [target for block in Block for target in check.targets[block]]
    return pd.DataFrame(
        [{"target": t.name, "definition": t.definition, "unit": t.unit, "source": t.source} for t in every]
    )


def recovered(found: Mapping[str, Sequence[Recovery]], nearest: Mapping[str, Sequence[Recovery]]) -> pd.DataFrame:
    """By parameter: correlation of true and inferred values, by the ``nearest`` draws alone and as found; coverage."""
    return pd.DataFrame(
        [
            {
                "stage": stage, "parameter": item.name, "correlation, nearest alone": f"{alone.correlation:.2f}",
                "correlation": f"{item.correlation:.2f}",
                **{f"in {level} %": f"{100 * held:.0f} %" for level, held in zip(LEVELS, item.coverage, strict=True)},
            }
            for stage, items in found.items()
            for item, alone in zip(items, nearest[stage], strict=True)
        ]
    )  # fmt: skip


def prior_predictive(references: Mapping[str, pd.DataFrame], problems: Mapping[str, Problem]) -> pd.DataFrame:
    """By stage: how many observed figures lie inside 90 % of what the priors give, and which do not."""
    rows = []
    for stage, problem in problems.items():
        names = list(problem.observed)
        drawn = statistics_of(references[stage], names)
        low, high = np.quantile(drawn, [0.05, 0.95], axis=0)
        figures = np.array([problem.observed[name] for name in names])
        outside = [name for name, out in zip(names, (figures < low) | (figures > high), strict=True) if out]
        rows.append(
            {
                "stage": stage, "prior draws": len(drawn), "targets": len(names),
                "inside 90 %": len(names) - len(outside), "outside": ", ".join(outside) or "none",
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def strongest_pairs(posterior: Posterior, number: int) -> list[tuple[str, str, float]]:
    """Pairs of inferred parameters with the largest weighted correlation."""
    inferred = [name for names in INFERRED.values() for name in names]
    columns = [posterior.names.index(name) for name in inferred]
    covariance = np.cov(posterior.values[:, columns].T, aweights=posterior.weights)
    spread = np.sqrt(np.maximum(np.diag(covariance), np.finfo(float).tiny))
    matrix = covariance / np.outer(spread, spread)
    pairs = [(inferred[i], inferred[j], float(matrix[i, j])) for i in range(len(inferred)) for j in range(i)]
    return sorted(pairs, key=lambda pair: -abs(pair[2]))[:number]
