"""Headline: the main table of each case."""

from __future__ import annotations

from omstilling.experiments.analysis.ranking import share_best
from omstilling.experiments.report.content import Cell, ReportTable, Section
from omstilling.experiments.report.estimate import Estimate
from omstilling.experiments.report.evidence import Evidence
from omstilling.experiments.report.findings import price_of
from omstilling.experiments.report.names import case_name, design_name
from omstilling.experiments.report.numbers import effect_cell, plain_cell, share_cell
from omstilling.experiments.words.language import Language

_NUMBERS = 8
"""Columns of the main table besides the design and its programme."""


def status_cell(evidence: Evidence, words: Language, case: str, design: str) -> Cell:
    """What became of the application, in which share of draws; where all apply, how many municipalities get status."""
    if not evidence.about_design(design)["tracks"]:
        return Cell(words("report.headline.baseline"))
    if evidence.open:
        number = float((evidence.statuses(case, design) != "").sum(axis=1).mean())
        return Cell(words("report.headline.municipalities", number=words.plain(number, 1)), number)
    standing = evidence.standing(case, design)
    whole = sum(standing.values())
    texts = []
    for track, number in standing.most_common():
        shown = words.named("map_track", track) if track else words("report.headline.refused")
        if number < whole:
            texts.append(words("report.headline.partly", track=shown, share=words.percent(number / whole)))
        else:
            texts.append(shown)
    return Cell("; ".join(texts), "; ".join(texts))


def _row(evidence: Evidence, words: Language, case: str, design: str, best: float) -> tuple[Cell, ...]:
    def estimate(indicator: str) -> Estimate:
        return evidence.estimate(indicator, case, design)

    net, cost = estimate("net_jobs"), estimate("public_cost").mean
    head = (Cell(design_name(words, design), design), status_cell(evidence, words, case, design))
    if evidence.nothing(case, design):
        return head + (Cell(words("report.none")),) * _NUMBERS
    return (
        *head,
        plain_cell(words, estimate("reported_jobs").mean), effect_cell(words, net),
        effect_cell(words, estimate("inhabitants_kept")), effect_cell(words, estimate("capacity_index")),
        plain_cell(words, cost, 1), plain_cell(words, price_of(cost, net), 1),
        share_cell(words, evidence.better("net_jobs", case, design, evidence.designs[0])), share_cell(words, best),
    )  # fmt: skip


def headline_section(evidence: Evidence, words: Language) -> Section:
    """The main table of each case: jobs, inhabitants, capacity, cost, and how sure they are."""
    keys = (
        "design", "status", "reported", "net", "inhabitants", "capacity", "cost", "price", "better", "best",
    )  # fmt: skip
    columns = tuple(words(f"report.headline.{key}") for key in keys)
    tables = []
    for case in evidence.scenarios:
        outcomes = evidence.outcomes
        best = share_best(outcomes.effect[outcomes.scenarios.index(case)])
        rows = tuple(
            _row(evidence, words, case, design, float(best[outcomes.designs.index(design)]))
            for design in evidence.supporting
        )
        title = words("report.headline.table", case=case_name(words, case))
        tables.append(ReportTable(f"main {case}", title, columns, rows))
    paragraphs = (words.either("report.headline.lead", evidence.open), words("report.headline.note"))
    return Section("headline", words("report.headline.heading"), paragraphs, tables=tuple(tables))
