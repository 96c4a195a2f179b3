"""Power: what evaluators' estimators make of effects that are known.

A panel without any programme is given some, drawn by chance or by decline, and an effect is planted; or a simulated run
with programmes is laid beside the paired run without. Each estimator sees the panel alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd

from omstilling.experiments.evaluation.estimation import treated_rows
from omstilling.experiments.evaluation.estimators import ESTIMATORS
from omstilling.experiments.evaluation.performance import minimal_detectable_effect, performance, performance_markdown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from omstilling.experiments.evaluation.panel import Panel

__all__ = [
    "Selection", "evaluate_estimators", "evaluate_runs", "minimal_detectable_effect", "performance",
    "performance_markdown", "plant", "select_treated", "true_effect",
]  # fmt: skip

Selection = Literal["random", "decline", "matched-like"]
"""Who is granted status: anyone; those that lost most jobs; small and remote places, whatever their growth."""

_YEARS_TO_FULL = 6
"""Years until a planted effect is whole: a programme lasts up to six years."""
_DECLINE_YEARS = 3
"""Years before the grant over which decline counts; a choice."""
_DECLINE_SHARE = 0.2
"""Part of municipalities with the worst growth of jobs among which programmes are drawn; a choice."""


def plant(
    panel: Panel, treated: ArrayLike, first_year: ArrayLike, effect: float, outcome: str,
    years_to_full: int = _YEARS_TO_FULL,
) -> Panel:  # fmt: skip
    """The panel with an effect of programmes on one outcome.

    Parameters
    ----------
    panel
        Without the effect.
    treated, first_year
        Rows of programme municipalities and the year of each grant, shape (n,).
    effect
        Share of the outcome once it is whole, 0.06 for 6 % more; of rates and indices also a share of their level.
    outcome
        What is changed; nothing else follows.
    years_to_full
        Ends of years, that of the grant being the first, over which the effect grows by equal steps.

    Raises
    ------
    ValueError
        For rows or an outcome that the panel does not have, a build-up of less than a year, or a loss of all.
    """
    if years_to_full < 1:
        raise ValueError(f"an effect needs a year or more until it is whole, found {years_to_full}")
    if outcome not in panel.outcomes:
        raise ValueError(f"no outcome {outcome!r} in the panel; there are {', '.join(panel.outcomes)}")
    age = np.asarray(panel.years) - np.asarray(first_year)[:, None] + 1
    figures = panel.outcomes[outcome].copy()
    figures[treated_rows(panel, treated)] *= 1.0 + effect * np.clip(age / years_to_full, 0.0, 1.0)
    return panel.with_outcome(outcome, figures)


def true_effect(
    with_programme: Panel, without: Panel, outcome: str, treated: ArrayLike, first_year: ArrayLike, follow_up: int
) -> float:
    """Mean difference between two panels over the treated at the end of ``first_year + follow_up``, as measured."""
    rows, columns = np.asarray(treated), np.asarray(first_year) + follow_up - without.years[0]
    difference = with_programme.measured(outcome)[rows, columns] - without.measured(outcome)[rows, columns]
    return float(difference.mean())


def select_treated(
    panel: Panel, number: int, rng: np.random.Generator, how: Selection, grant_years: Sequence[int]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Choose who is granted status, and when.

    ``random``: each municipality is as likely. ``decline``: in each grant year by lot among the fifth of municipalities
    with the worst growth of jobs over the three years before, as the scheme asks for a large loss; bad luck is part of
    such losses, and luck changes (regression to the mean). ``matched-like``: small and remote places more often, by
    structure alone, so that like references exist.

    Parameters
    ----------
    panel
        Without programmes.
    number
        Programmes.
    rng
        Draws of who and when.
    how
        One of the three above.
    grant_years
        Years over which grants are spread evenly.

    Returns
    -------
    tuple
        Rows of the treated and the year of each grant, shape (number,).

    Raises
    ------
    ValueError
        For a rule that is not known, no grant year or one that the panel does not hold.
    """
    if how not in get_args(Selection):
        raise ValueError(f"no rule {how!r} to select by; there are {', '.join(get_args(Selection))}")
    if not grant_years or min(grant_years) <= panel.years[0] + 1 or max(grant_years) > panel.years[-1]:
        raise ValueError(f"grant years must be within {panel.years[0] + 2}-{panel.years[-1]}, found {grant_years}")
    first_year = rng.permutation(np.resize(np.asarray(grant_years, dtype=np.int64), number))
    if how == "decline":
        return _declining(panel, first_year, rng), first_year
    odds = np.ones(panel.size)
    if how == "matched-like":
        known = np.stack([np.log(panel.outcomes["population"][:, 0]), panel.structure["centrality"]])
        odds = np.exp(-((known - known.mean(axis=1, keepdims=True)) / known.std(axis=1, keepdims=True)).mean(axis=0))
    return rng.choice(panel.size, number, replace=False, p=odds / odds.sum()).astype(np.int64), first_year


def _declining(panel: Panel, first_year: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Municipalities in decline for each grant, in the order of grants, shape (number,)."""
    treated, free = np.empty(len(first_year), dtype=np.int64), np.ones(panel.size, dtype=bool)
    for year in np.unique(first_year):
        grants = np.flatnonzero(first_year == year)
        growth = panel.past_growth("jobs", int(year) - panel.years[0] - 1, _DECLINE_YEARS)
        worst = [row for row in np.argsort(growth) if free[row]][: max(len(grants), int(_DECLINE_SHARE * panel.size))]
        treated[grants] = rng.choice(worst, len(grants), replace=False)
        free[treated[grants]] = False
    return treated


def _estimates(
    with_programme: Panel, without: Panel, treated: NDArray[np.int64], first_year: NDArray[np.int64],
    follow_ups: Sequence[int], outcome: str,
) -> list[dict[str, object]]:  # fmt: skip
    """A row of figures for each estimator and follow-up."""
    rows: list[dict[str, object]] = []
    for follow_up in follow_ups:
        found_by = {
            name: estimator(with_programme, outcome, treated, first_year, follow_up)
            for name, estimator in ESTIMATORS.items()
        }
        truth = true_effect(with_programme, without, outcome, treated, first_year, follow_up)
        for name, found in found_by.items():
            rows.append({
                "estimator": name, "outcome": outcome, "programmes": len(treated), "follow_up": follow_up,
                "truth": truth, "estimate": found.effect, "standard_error": found.standard_error,
                "low": found.low, "high": found.high,
            })  # fmt: skip
    return rows


def evaluate_runs(
    with_programme: Panel, without: Panel, treated: ArrayLike, first_year: ArrayLike, follow_ups: Sequence[int],
    outcomes: Sequence[str], replication: int = 0,
) -> pd.DataFrame:  # fmt: skip
    """Estimates from a run with programmes, beside the truth from the paired run without.

    Parameters
    ----------
    with_programme, without
        Panels of two runs on the same draws. Estimators see the first alone: what programmes do to the references
        (displacement) is in it.
    treated, first_year
        Rows of programme municipalities and the year of each grant, shape (n,).
    follow_ups
        Years after the grant at whose end the outcome is read.
    outcomes
        What is evaluated.
    replication
        Number of the pair, for ``performance`` of several tables put together.

    Returns
    -------
    pandas.DataFrame
        A row for each outcome, follow-up and estimator: ``truth`` (mean paired difference over the treated),
        ``estimate``, ``standard_error``, ``low``, ``high``; ``planted`` is NaN, since the effect came out of the run.
    """
    treated, first_year = np.asarray(treated, dtype=np.int64), np.asarray(first_year, dtype=np.int64)
    rows = [
        row
        for outcome in outcomes
        for row in _estimates(with_programme, without, treated, first_year, follow_ups, outcome)
    ]
    return pd.DataFrame(rows).assign(planted=np.nan, panel=replication)


def evaluate_estimators(
    panels: Iterable[Panel], effects: Mapping[str, Sequence[float]], *, numbers: Sequence[int],
    follow_ups: Sequence[int], grant_years: Sequence[int], draws: int, seed: int, how: Selection = "random",
    years_to_full: int = _YEARS_TO_FULL, progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Performance of every estimator over draws of who is granted status, with effects planted.

    Parameters
    ----------
    panels
        Independent replications without any programme; taken one at a time.
    effects
        For each outcome the effects to plant, as shares (``plant``). 0 shows how often chance is taken for an effect.
    numbers
        Numbers of programmes.
    follow_ups
        Years after the grant at whose end the outcome is read.
    grant_years, how
        When and who (``select_treated``).
    draws
        Draws of the treated from each panel.
    seed
        Of the draws. Each panel, draw and number of programmes has a stream of its own, so that a result does not
        depend on what else is asked for.
    years_to_full
        Build-up of effects (``plant``).
    progress
        Called after each panel with the number of panels and of draws done.

    Returns
    -------
    pandas.DataFrame
        As of ``performance``.

    Raises
    ------
    ValueError
        Where nothing is asked for, or something that a panel does not hold (``select_treated``, ``plant``,
        ``estimate.draw_sample``).
    """
    rows: list[dict[str, object]] = []
    for replication, panel in enumerate(panels):
        for draw in range(draws):
            for number in numbers:
                rng = np.random.default_rng([seed, replication, draw, number])
                treated, first_year = select_treated(panel, number, rng, how, grant_years)
                for outcome, sizes in effects.items():
                    for planted in sizes:
                        changed = plant(panel, treated, first_year, planted, outcome, years_to_full)
                        found = _estimates(changed, panel, treated, first_year, follow_ups, outcome)
                        rows += [row | {"planted": planted, "panel": replication} for row in found]
        if progress:
            progress(replication + 1, (replication + 1) * draws)
    if not rows:
        raise ValueError("nothing to evaluate: one panel, draw, number, follow-up and effect are needed at least")
    return performance(pd.DataFrame(rows))
