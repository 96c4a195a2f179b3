"""Dependence: what the answer depends on, from a sample of Sobol or Morris where there is one, else by information."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from omstilling.experiments.analysis.figure_frame import key_name
from omstilling.experiments.analysis.figures_information import draw_information
from omstilling.experiments.analysis.figures_sensitivity import draw_sensitivity, is_sobol
from omstilling.experiments.analysis.information_value import Information, information_of
from omstilling.experiments.analysis.outcomes import DEFAULT_DATE, DEFAULT_EFFECT
from omstilling.experiments.analysis.sensitivity import analysed_sample, sensitivities
from omstilling.experiments.report.consequences import PRICE
from omstilling.experiments.report.content import Cell, Picture, ReportTable, Section
from omstilling.experiments.report.evidence import Evidence
from omstilling.experiments.report.findings import best_design
from omstilling.experiments.report.names import design_name, short_case_name
from omstilling.experiments.report.numbers import plain_cell
from omstilling.experiments.words.language import Language
from omstilling.scenarios.errors import ScenarioError
from omstilling.scenarios.experiment import DESIGN

_MOST_ROWS = 10


def dependence_section(evidence: Evidence, words: Language) -> Section:
    """Sensitivity indices of the design with most net jobs, or the value of information of each parameter."""
    try:
        analysed_sample(evidence.results)
    except ScenarioError:
        return _by_information(evidence, words)
    return _by_sample(evidence, words)


def _section(
    words: Language,
    paragraphs: list[str],
    tables: list[ReportTable],
    pictures: list[Picture],
    items: Sequence[str] = (),
) -> Section:
    return Section(
        "dependence", words("report.sensitivity.heading"), tuple(paragraphs), tuple(items), tuple(tables),
        tuple(pictures),
    )  # fmt: skip


def _case_cell(evidence: Evidence, words: Language, case: str) -> Cell:
    return Cell(short_case_name(words, case), case)


def _sample_table(evidence: Evidence, words: Language, table: pd.DataFrame, design: str) -> ReportTable:
    keys = ("first", "total") if is_sobol(table) else ("mu_star", "sigma")
    title = words(f"report.sensitivity.{'sobol' if is_sobol(table) else 'morris'}", design=design_name(words, design))
    columns = tuple(words(f"report.sensitivity.{key}") for key in ("key", "case", *keys))
    rows = tuple(
        (
            Cell(key_name(row["key"], words), row["key"]),
            _case_cell(evidence, words, row["scenario"]),
            *(plain_cell(words, float(row[key]), 2) for key in keys),
        )
        for row in table.to_dict("records")
    )  # fmt: skip
    return ReportTable("sensitivity", title, columns, rows)


def _by_sample(evidence: Evidence, words: Language) -> Section:
    if not evidence.giving:
        return _section(words, [words("report.sensitivity.same")], [], [])
    design = best_design(evidence, DEFAULT_EFFECT)
    try:
        found, missing = sensitivities(evidence.results, design, DEFAULT_EFFECT, DEFAULT_DATE, evidence.scenarios)
    except ScenarioError:
        return _section(words, [words("report.sensitivity.same")], [], [])
    table = _sample_table(evidence, words, found, design)
    paragraphs = [
        words("report.sensitivity.missing", case=short_case_name(words, case))
        for case in evidence.scenarios
        if case in missing
    ]
    chance = found.drop_duplicates("scenario")[["chance_of_means", "chance"]].mean()
    if chance.notna().all():
        means, single = (words.percent(share) for share in chance)
        paragraphs.append(words("report.sensitivity.share_chance", means=means, single=single))
    figure = draw_sensitivity(found, DEFAULT_EFFECT, evidence.outcomes.unit, words)
    caption = words("report.sensitivity.caption", title=table.title)
    picture = Picture("dependence", figure, caption, f"{table.title}. {words('report.sensitivity.alt')}")
    return _section(words, paragraphs, [table], [picture])


def _information_table(evidence: Evidence, words: Language, found: Information) -> ReportTable:
    """The parameters that are worth most to know in each case, of those that are worth more than chance gives."""
    columns = tuple(words(f"report.sensitivity.{key}") for key in ("parameter", "case", "value", "chance"))
    telling = found.partial[found.partial["tells"]].sort_values("evppi", ascending=False).head(_MOST_ROWS)
    rows = tuple(
        (
            Cell(key_name(row["parameter"], words), row["parameter"]),
            _case_cell(evidence, words, row["scenario"]),
            plain_cell(words, row["evppi"], 2), plain_cell(words, row["by_chance"], 2),
        )
        for row in telling.to_dict("records")
    )  # fmt: skip
    return ReportTable("information", words("report.sensitivity.information"), columns, rows)


def _by_information(evidence: Evidence, words: Language) -> Section:
    try:
        found = information_of(evidence.results, evidence.outcomes, PRICE)
    except ScenarioError:
        draws = words.plain(evidence.outcomes.effect.shape[1])
        return _section(words, [words("report.sensitivity.few", found=draws)], [], [])
    partial = found.partial[~found.partial["parameter"].str.startswith(DESIGN)]  # what is chosen need not be known
    found = found._replace(partial=partial)
    if found.partial.empty:
        return _section(words, [words("report.sensitivity.none_varied")], [], [])
    paragraphs = [words("report.sensitivity.lead_information", price=words.plain(PRICE))]
    worth = [
        words(
            "report.sensitivity.perfect", value=words.plain(row.evpi, 1),
            case=short_case_name(words, row.scenario),
        )
        for row in found.perfect.itertuples()
    ]  # fmt: skip
    if not found.partial["tells"].any():
        return _section(words, [*paragraphs, words("report.sensitivity.nothing")], [], [], worth)
    table = _information_table(evidence, words, found)
    caption = words("report.sensitivity.caption", title=table.title)
    picture = Picture(
        "information", draw_information(found, words), caption, f"{table.title}. {words('report.sensitivity.alt')}"
    )
    return _section(words, paragraphs, [table], [picture], worth)
