"""Course: how designs differ over the years, and the way from reported to net jobs."""

from __future__ import annotations

from omstilling.experiments.comparison.comparison import SIGNS
from omstilling.experiments.reading.waterfall import PARTS
from omstilling.experiments.report.content import Cell, Picture, ReportTable, Section
from omstilling.experiments.report.course_figure import draw_course, last_difference
from omstilling.experiments.report.evidence import Evidence
from omstilling.experiments.report.names import case_name, design_name
from omstilling.experiments.report.waterfall_panels import draw_waterfalls, reporting
from omstilling.experiments.words.language import Language
from omstilling.experiments.words.numbers import add_up


def course_section(evidence: Evidence, words: Language) -> Section:
    """A figure of each case."""
    pictures = []
    for case in evidence.scenarios:
        name = case_name(words, case)
        items = [
            words(
                "report.course.alt_item", design=design_name(words, design),
                value=words.signed(last_difference(evidence, case, design), 1),
            )
            for design in evidence.supporting
        ]  # fmt: skip
        alt = words("report.course.alt", case=name, list=words.listed(items))
        caption = words("report.course.caption", case=name)
        pictures.append(Picture(f"course {case}", draw_course(evidence, words, case), caption, alt))
    lead = words.either("report.course.lead", evidence.open)
    return Section("course", words("report.course.heading"), (lead,), pictures=tuple(pictures))


def _waterfall_row(evidence: Evidence, words: Language, case: str, design: str) -> tuple[Cell, ...]:
    """Signed means that add up, as written, to the last."""
    means = dict(zip(PARTS, evidence.parts(case, design).mean(axis=0), strict=True))
    steps = [sign * means[part] for part, sign in SIGNS.items() if sign]
    first, *others = zip(add_up(steps, 1), steps, strict=True)
    cells = [Cell(words.plain(first[0], 1), first[1])]
    cells += [Cell(words.signed(text, 1), value) for text, value in others]
    net = Cell(words.signed(means["net"], 1), means["net"])
    return (Cell(design_name(words, design), design), *cells, net)


def waterfall_section(evidence: Evidence, words: Language) -> Section:
    """A figure and a table of each case in which jobs are reported."""
    columns = (words("report.headline.design"), *(words(f"part.{part}") for part in SIGNS))
    tables, pictures = [], []
    for case in evidence.scenarios:
        designs, name = reporting(evidence, case), case_name(words, case)
        if not designs:
            continue
        items = [
            words(
                "report.waterfall.alt_item", design=design_name(words, design),
                reported=words.plain(float(evidence.parts(case, design)[:, 0].mean())),
                net=words.signed(float(evidence.parts(case, design)[:, -1].mean()), 1),
            )
            for design in designs
        ]  # fmt: skip
        alt = words("report.waterfall.alt", case=name, list=words.listed(items))
        caption = words.either("report.waterfall.caption", evidence.open, case=name)
        pictures.append(Picture(f"waterfall {case}", draw_waterfalls(evidence, words, case), caption, alt))
        rows = tuple(_waterfall_row(evidence, words, case, design) for design in designs)
        tables.append(ReportTable(f"waterfall {case}", words("report.waterfall.table", case=name), columns, rows))
    paragraphs = [words("report.waterfall.lead")] + ([] if tables else [words("report.waterfall.nothing")])
    return Section(
        "waterfall", words("report.waterfall.heading"), tuple(paragraphs), tables=tuple(tables),
        pictures=tuple(pictures),
    )  # fmt: skip
