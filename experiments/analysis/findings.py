"""Findings: what each analysis of a store says: a table, how to read it, and figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from omstilling.experiments.analysis.figure_frame import short_scenario
from omstilling.experiments.analysis.reader import Column, Finding, Reader, Shown, by_scenario
from omstilling.experiments.words.numbers import digits_for

if TYPE_CHECKING:
    from omstilling.experiments.analysis.discovery import Discovery
    from omstilling.experiments.analysis.information_value import Information
    from omstilling.experiments.analysis.outcomes import Outcomes
    from omstilling.experiments.words.language import Language

_MOST_LISTED = 15
"""Parameters of a scenario in a printed table."""
_NOISY = 0.5
"""Share of the variance of means that is chance, from which on indices say little."""
_LUCK = 0.001
"""Chances below this are not told apart."""


def ranking_finding(reader: Reader, outcomes: Outcomes) -> Finding:
    """Ranking of designs."""
    from omstilling.experiments.analysis.figures_ranking import draw_ranking
    from omstilling.experiments.analysis.ranking import ranking

    words, frame = reader.words, ranking(outcomes)

    def effects(write: Callable[[Any, int], str]) -> list[str]:
        def written(rows: pd.DataFrame) -> list[str]:
            digits = digits_for(float((rows["high"] - rows["low"]).max()), shown=3)
            return [write(row, digits) for row in rows.itertuples()]

        return by_scenario(frame, written)

    over = [[words.named("design", name) for name in names.split(", ") if name] for names in frame["dominated_by"]]
    printed = (
        reader.scenarios(frame),
        reader.designs(frame),
        Column(
            f"{reader.heading('effect')} ({reader.unit})",
            effects(lambda row, digits: words.signed(row.effect, digits)),
        ),
        Column(reader.heading("mc_error"), effects(lambda row, digits: words.plain(row.mc_error, digits))),
        Column(reader.heading("interval"), effects(lambda row, digits: words.span(row.low, row.high, digits))),
        reader.numbers(frame, "cost", shown=3),
        reader.shares(frame, "p_better"),
        reader.shares(frame, "p_best"),
        Column(reader.heading("dominated_by"), [", ".join(names) for names in over], numeric=False),
    )
    head = reader.head(words("analysis.ranking.what"))
    notes = (*reader.draws(outcomes), words("analysis.ranking.note"))
    figure = Shown("", head, reader.source(notes), lambda: draw_ranking(outcomes, words))
    return Finding(head, frame, printed, notes, (figure,))


def cost_finding(reader: Reader, outcomes: Outcomes, most: float) -> Finding:
    """What effects cost, and how surely designs are worth it up to a willingness to pay."""
    from omstilling.experiments.analysis.cost_effectiveness import acceptability, incremental_costs
    from omstilling.experiments.analysis.figures_cost import draw_acceptability, draw_plane, willingness_levels

    words, frame = reader.words, incremental_costs(outcomes)
    prices = [words.plain(price, digits_for(abs(price))) for price in frame["mnok_per_unit"]]
    printed = (
        reader.scenarios(frame),
        reader.designs(frame),
        reader.numbers(frame, "cost", shown=3),
        reader.numbers(frame, "effect", signed=True, heading=f"{reader.heading('effect')} ({reader.unit})"),
        reader.truths(frame, "on_frontier"),
        Column(reader.heading("mnok_per_unit"), prices),
    )
    head, sure = (reader.head(words(f"analysis.cost.{key}")) for key in ("what", "what_sure"))
    notes = (*reader.draws(outcomes), words("analysis.cost.note"))
    figures = (
        Shown("plane", head, reader.source(notes), lambda: draw_plane(outcomes, words)),
        Shown(
            "acceptability", sure, reader.source((*reader.draws(outcomes), words("analysis.cost.note_sure"))),
            lambda: draw_acceptability(outcomes, most, words),
        ),
    )  # fmt: skip
    curves = acceptability(outcomes, willingness_levels(most))
    return Finding(head, frame, printed, notes, figures, {"acceptability": curves})


def regret_finding(reader: Reader, outcomes: Outcomes, price: float) -> Finding:
    """Loss by a wrong choice."""
    from omstilling.experiments.analysis.figures_regret import draw_regret
    from omstilling.experiments.analysis.regret import regret

    words, frame = reader.words, regret(outcomes, price)
    losses = ["expected", "worst", *(f"mean_{name}" for name in outcomes.scenarios)]
    digits = digits_for(float(frame[losses].to_numpy().max()), shown=3)
    headings = [reader.heading("expected"), reader.heading("worst")] + [
        words("analysis.column.mean", scenario=short_scenario(name, words)) for name in outcomes.scenarios
    ]
    numbers = [
        Column(heading, [words.plain(value, digits) for value in frame[name]])
        for heading, name in zip(headings, losses, strict=True)
    ]
    printed = (reader.designs(frame), *numbers[:2], reader.truths(frame, "minimax"), *numbers[2:])
    head = reader.head(words("analysis.regret.what"))
    notes = (reader.willingness(price), *reader.draws(outcomes), words("analysis.regret.note"))
    figure = Shown("", head, reader.source(notes), lambda: draw_regret(outcomes, price, words))
    return Finding(head, frame, printed, notes, (figure,))


def information_finding(reader: Reader, outcomes: Outcomes, found: Information, price: float) -> Finding:
    """Value of information."""
    from omstilling.experiments.analysis.figures_information import draw_information
    from omstilling.experiments.analysis.information_value import worth_knowing

    words, partial = reader.words, found.partial
    listed = worth_knowing(partial).groupby("scenario", sort=False).head(_MOST_LISTED)
    printed = (
        reader.scenarios(listed),
        reader.keys(listed, "parameter"),
        reader.numbers(listed, "evppi"),
        reader.numbers(listed, "by_chance"),
        reader.truths(listed, "tells"),
    )
    left = len(partial) - len(listed)
    unlisted = [words("analysis.information.unlisted", number=left)] if left else []
    everything = [
        f"{short_scenario(row.scenario, words)}. "
        + words("analysis.information.everything", value=words.plain(row.evpi, digits_for(row.evpi)))
        for row in found.perfect.itertuples()
    ]
    head = reader.head(words("analysis.information.what"))
    read = (reader.willingness(price), *reader.draws(outcomes), words("analysis.information.note"))
    figure = Shown("", head, reader.source(read), lambda: draw_information(found, words))
    frame = partial.merge(found.perfect, on="scenario", how="right")
    return Finding(head, frame, printed, (*everything, *unlisted, *read), (figure,))


def sensitivity_finding(reader: Reader, frame: pd.DataFrame, without: dict[str, str], design: str) -> Finding:
    """Sensitivity of the effect of a design; ``without`` says why some scenarios have no indices."""
    from omstilling.experiments.analysis.figures_sensitivity import draw_sensitivity, is_sobol

    words, item, asked = reader.words, reader.item, reader.results.store.experiment
    sobol = is_sobol(frame)
    printed = [reader.scenarios(frame), reader.keys(frame, "key")]
    names = ("first", "total") if sobol else ("mu_star", "mu", "sigma")
    printed += [reader.numbers(frame, name, signed=name == "mu") for name in names]
    notes = [words("analysis.sensitivity.note_sobol" if sobol else "analysis.sensitivity.note_morris")]
    for scenario, rows in frame.groupby("scenario", sort=False):
        name, chance, left = short_scenario(str(scenario), words), rows["chance"].iloc[0], rows["left_out"].iloc[0]
        if np.isfinite(chance):
            texts = {"share": words.percent(chance), "means": words.percent(rows["chance_of_means"].iloc[0])}
            notes.append(words("analysis.sensitivity.chance", scenario=name, **texts))
        if left:
            notes.append(words("analysis.sensitivity.left_out", points=int(left), scenario=name))
    if frame["chance_of_means"].max() > _NOISY:
        notes.append(words("analysis.sensitivity.noisy"))
    if not np.isfinite(frame["chance"]).any():
        notes.append(words("analysis.sensitivity.no_chance"))
    if len(asked.grid_points) > 1:
        notes.append(words("analysis.sensitivity.grid", points=len(asked.grid_points)))
    if asked.parameters != "point":
        notes.append(words("analysis.sensitivity.drawn"))
    notes += [words("analysis.missing", scenario=short_scenario(name, words), why=why) for name, why in without.items()]
    head = reader.head(words("analysis.sensitivity.what", design=words.named("design", design)))
    draw = Shown("", head, reader.source(notes), lambda: draw_sensitivity(frame, item.name, item.unit, words))
    return Finding(head, frame, tuple(printed), tuple(notes), (draw,))


def _box_line(found: Discovery, words: Language) -> str:
    """What there is to say of the box of a scenario."""
    name, where = short_scenario(found.scenario, words), words.named("design", found.where)
    if found.why_none:
        return words("analysis.missing", scenario=name, why=found.why_none)
    cases, share = words.plain(len(found.cases.lead)), words.percent(float(found.cases.interesting.mean()))
    if found.box is None:
        return words("analysis.discovery.none", scenario=name, where=where, cases=cases, share=share)
    box = found.box
    return words(
        "analysis.discovery.found", scenario=name, where=where, cases=cases, share=share,
        density=words.percent(box.density), coverage=words.percent(box.coverage), mass=words.percent(box.mass),
    )  # fmt: skip


def discovery_finding(reader: Reader, all_found: Sequence[Discovery]) -> Finding:
    """Where one design beats another."""
    from omstilling.experiments.analysis.figures_discovery import draw_discovery

    words, first = reader.words, all_found[0]
    frames = [
        found.limits.assign(
            scenario=found.scenario, density=found.box.density, coverage=found.box.coverage, share=found.box.share,
            mass=found.box.mass,
        )
        for found in all_found
        if found.box is not None
    ]  # fmt: skip
    names = ["scenario", "key", "low", "high", "p", "kept", "density", "coverage", "share", "mass"]
    frame = pd.concat(frames, ignore_index=True)[names] if frames else pd.DataFrame(columns=names)
    frame = frame.replace([-np.inf, np.inf], np.nan)
    ends = [
        Column(reader.heading(name), [words.plain(value, digits_for(abs(value), 3)) for value in frame[name]])
        for name in ("low", "high")
    ]
    luck = [f"< {words.plain(_LUCK, 3)}" if value < _LUCK else words.plain(value, 3) for value in frame["p"]]
    printed = (
        reader.scenarios(frame),
        reader.keys(frame, "key"),
        *ends,
        Column(reader.heading("p"), luck),
        reader.shares(frame, "kept"),
    )
    where, beats = (words.named("design", name) for name in (first.where, first.beats))
    head = reader.head(words("analysis.discovery.what", where=where, beats=beats))
    notes = (*(_box_line(found, words) for found in all_found), words("analysis.discovery.note"))
    draw = Shown("", head, reader.source(notes), lambda: draw_discovery(all_found, reader.item.unit, words))
    return Finding(head, frame, printed, notes, (draw,))
