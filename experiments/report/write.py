"""Write: a report of a store as a file, whole or not at all."""

from __future__ import annotations

from pathlib import Path

from omstilling.experiments.batch.results import Results
from omstilling.experiments.files.writing import write_atomically
from omstilling.experiments.report.build import build_report
from omstilling.experiments.report.documents import markdown, write_word, write_workbook
from omstilling.experiments.report.page import page
from omstilling.experiments.report.report_format import ReportFormat, format_of
from omstilling.experiments.words.language import LanguageCode


def write_report(
    results: Results,
    path: str | Path,
    lang: LanguageCode | str = LanguageCode.EN,
    as_format: ReportFormat | str | None = None,
    command: str = "",
) -> Path:
    """Write a report for an evaluator who has not seen the code.

    Parameters
    ----------
    results
        A store, as ``open_store`` gives it.
    path
        File to write.
    lang
        ``en`` or ``nb``.
    as_format
        ``html``, ``docx``, ``xlsx`` or ``md``; that of the file's ending if left out.
    command
        That makes the report again; the usual one if left out.

    Raises
    ------
    StoreError
        Where no run has succeeded.
    ValueError
        For another format.
    """
    path = Path(path)
    chosen = ReportFormat(as_format) if as_format else format_of(path)
    made = build_report(results, lang, command)
    writers = {
        ReportFormat.HTML: lambda file: file.write_text(page(made), encoding="utf-8"),
        ReportFormat.MD: lambda file: file.write_text(markdown(made), encoding="utf-8"),
        ReportFormat.DOCX: lambda file: write_word(made, file),
        ReportFormat.XLSX: lambda file: write_workbook(made, file),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_atomically(path, writers[chosen])
