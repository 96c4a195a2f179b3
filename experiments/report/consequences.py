"""Consequences: which design serves which goal, what a wrong choice costs, and whom a programme reaches."""

from __future__ import annotations

import numpy as np

from omstilling.experiments.analysis.figures_cost import draw_acceptability, draw_plane
from omstilling.experiments.analysis.ranking import share_best
from omstilling.experiments.analysis.regret import regret
from omstilling.experiments.report.content import Cell, Picture, ReportTable, Section
from omstilling.experiments.report.evidence import Evidence
from omstilling.experiments.report.headline import status_cell
from omstilling.experiments.report.names import case_name, design_name, short_case_name
from omstilling.experiments.report.numbers import effect_cell, plain_cell
from omstilling.experiments.report.reach_map import reach_map
from omstilling.experiments.words.language import Language

PRICE = 1.0
"""MNOK of 2020 that a net job is taken to be worth in examples."""
_HIGHEST_PRICE = 10.0
"""MNOK of 2020 for a net job up to which acceptability is drawn."""
_GOALS = {
    "jobs": ("net_jobs", 1), "population": ("inhabitants_kept", 1), "capacity": ("capacity_index", 1),
    "robust": ("stress_loss", -1), "neighbours": ("neighbour_jobs", 1),
}  # fmt: skip
"""Goals with their indicator and whether more (1) or less (-1) of it is better."""
_PEOPLE = {
    "women": ("women_20_39", 1.0),
    "unemployment": ("unemployment", 1.0),
    "outside": ("outside_labour_force", 100.0),
}
_NEIGHBOURS = {"neighbour_jobs": "neighbour_jobs", "neighbour_people": "neighbour_population"}


def _goal_cell(evidence: Evidence, words: Language, case: str, indicator: str, sign: int) -> Cell:
    """The design with the best mean, and in which share of draws it is the best among those that do something."""
    designs = [name for name in evidence.supporting if not evidence.nothing(case, name)]
    values = np.column_stack([sign * evidence.values(indicator, case, name) for name in designs or evidence.supporting])
    values = values[np.isfinite(values).all(axis=1)]
    if not len(values) or not np.ptp(values) > 0.0:
        return Cell(words("report.tradeoffs.tie"), "")
    best = int(values.mean(axis=0).argmax())
    text = words(
        "report.tradeoffs.goal_cell", design=design_name(words, designs[best]),
        share=words.percent(float(share_best(values)[best])),
    )  # fmt: skip
    return Cell(text, designs[best])


def _goals_table(evidence: Evidence, words: Language) -> ReportTable:
    columns = ("", *(short_case_name(words, case) for case in evidence.scenarios))
    rows = tuple(
        (
            Cell(words(f"report.tradeoffs.goal_{goal}"), indicator),
            *(_goal_cell(evidence, words, case, indicator, sign) for case in evidence.scenarios),
        )
        for goal, (indicator, sign) in _GOALS.items()
    )
    note = words("report.tradeoffs.goals_note")
    return ReportTable("goals", words("report.tradeoffs.goals"), columns, rows, note, numeric=False)


def _regret_table(evidence: Evidence, words: Language) -> ReportTable:
    keys = ("regret_expected", "regret_worst", "regret_best")
    columns = (words("report.headline.design"), *(words(f"report.choice.{key}") for key in keys))
    rows = tuple(
        (
            Cell(design_name(words, row.design), row.design),
            plain_cell(words, row.expected, 1), plain_cell(words, row.worst, 1),
            Cell(words("report.choice.yes") if row.minimax else "", "yes" if row.minimax else ""),
        )
        for row in regret(evidence.outcomes, PRICE).itertuples()
    )  # fmt: skip
    return ReportTable("regret", words("report.choice.regret"), columns, rows)


def _plane(evidence: Evidence, words: Language) -> Picture:
    """Cost and effect of every draw."""
    outcomes = evidence.outcomes
    items = [
        words(
            "report.tradeoffs.plane_item", design=design_name(words, design),
            case=short_case_name(words, case), effect=words.signed(outcomes.effect[s, :, d].mean(), 1),
            cost=words.plain(outcomes.cost[s, :, d].mean(), 1),
        )
        for s, case in enumerate(outcomes.scenarios)
        for d, design in enumerate(outcomes.designs)
    ]  # fmt: skip
    alt = words("report.tradeoffs.plane_alt", list=words.listed(items))
    return Picture("plane", draw_plane(outcomes, words), words("report.tradeoffs.plane"), alt)


def tradeoffs_section(evidence: Evidence, words: Language) -> Section:
    """Goals against each other, and jobs against money."""
    several = len(evidence.giving) > 1
    return Section(
        "tradeoffs", words("report.tradeoffs.heading"), (words("report.tradeoffs.lead"),) if several else (),
        tables=(_goals_table(evidence, words),) if several else (), pictures=(_plane(evidence, words),),
    )  # fmt: skip


def choice_section(evidence: Evidence, words: Language) -> Section:
    """How surely each design is the best choice at each price of a net job, and what a wrong choice costs."""
    curves = Picture(
        "acceptability", draw_acceptability(evidence.outcomes, _HIGHEST_PRICE, words),
        words("report.choice.acceptability"), words("report.choice.acceptability_alt"),
    )  # fmt: skip
    paragraphs = (words("report.choice.lead"), words("report.choice.regret_lead", price=words.plain(PRICE)))
    table = _regret_table(evidence, words)
    return Section("choice", words("report.choice.heading"), paragraphs, tables=(table,), pictures=(curves,))


def _reach_row(evidence: Evidence, words: Language, case: str, design: str, neighbours: bool) -> tuple[Cell, ...]:
    cells = [Cell(design_name(words, design), design), status_cell(evidence, words, case, design)]
    if evidence.nothing(case, design):
        return (*cells, *(Cell(words("report.none")),) * (2 + len(_PEOPLE) + (len(_NEIGHBOURS) if neighbours else 0)))
    for indicator in ("supported_clients", "clients_who_say_triggered"):
        cells.append(plain_cell(words, evidence.estimate(indicator, case, design, what="value").mean))
    for indicator, factor in _PEOPLE.values():
        cells.append(effect_cell(words, evidence.estimate(indicator, case, design).times(factor)))
    if neighbours:
        cells += [effect_cell(words, evidence.estimate(name, case, design)) for name in _NEIGHBOURS.values()]
    return tuple(cells)


def reach_section(evidence: Evidence, words: Language) -> Section:
    """People and neighbours in each case."""
    tables = []
    for case in evidence.scenarios:
        neighbours = bool(evidence.about_scenario(case)["neighbours"])
        keys = ["projects", "triggered", *_PEOPLE, *(_NEIGHBOURS if neighbours else ())]
        columns = (
            words("report.headline.design"), words("report.headline.status"),
            *(words(f"report.reach.{key}") for key in keys),
        )  # fmt: skip
        rows = tuple(_reach_row(evidence, words, case, design, neighbours) for design in evidence.supporting)
        title = words.either("report.reach.table", evidence.open, case=case_name(words, case))
        tables.append(ReportTable(f"reach {case}", title, columns, rows))
    pictures = tuple(reach_map(evidence, words, case) for case in evidence.scenarios) if evidence.open else ()
    lead = words.either("report.reach.lead", evidence.open)
    return Section("reach", words("report.reach.heading"), (lead,), tables=tuple(tables), pictures=pictures)
