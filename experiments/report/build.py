"""Build: all sections of a report from a store."""

from __future__ import annotations

import shlex

from omstilling.experiments.analysis.store_words import store_words
from omstilling.experiments.batch.results import Results
from omstilling.experiments.report.closing import data_section, limits_section, provenance_section
from omstilling.experiments.report.consequences import choice_section, reach_section, tradeoffs_section
from omstilling.experiments.report.content import Report
from omstilling.experiments.report.course import course_section, waterfall_section
from omstilling.experiments.report.dependence import dependence_section
from omstilling.experiments.report.evidence import Evidence
from omstilling.experiments.report.findings import findings_section
from omstilling.experiments.report.headline import headline_section
from omstilling.experiments.report.introduction import designs_section, places_section, question_section
from omstilling.experiments.words.language import LanguageCode


def build_report(results: Results, lang: LanguageCode | str = LanguageCode.EN, command: str = "") -> Report:
    """A report for an evaluator who has not seen the code.

    Parameters
    ----------
    results
        The store.
    lang
        Language.
    command
        That makes the report again; the usual one if left out.

    Raises
    ------
    StoreError
        Where no run has succeeded, or the store has no design but the baseline.
    """
    words, evidence = store_words(results, lang), Evidence(results)
    store = str(results.store.path)
    again = command or shlex.join(["omstilling", "report", store, "-o", "report.html", "--lang", words.code])
    sections = (
        question_section(evidence, words), findings_section(evidence, words), designs_section(evidence, words),
        places_section(evidence, words), headline_section(evidence, words), course_section(evidence, words),
        waterfall_section(evidence, words), tradeoffs_section(evidence, words), choice_section(evidence, words),
        reach_section(evidence, words),
        dependence_section(evidence, words), limits_section(words), data_section(words),
        provenance_section(evidence, words, again),
    )  # fmt: skip
    return Report(words, words.named("experiment", evidence.head["experiment"]["name"]), words("report.lead"), sections)
