"""Command line: ``omstilling report``."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from omstilling.experiments.cli.common import check_folder, refuse, refusing
from omstilling.experiments.report.report_format import ReportFormat, format_of
from omstilling.experiments.words.language import LanguageCode


def report(
    store: Annotated[Path, typer.Argument(help="Folder of the store.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="File to write.")] = Path("report.html"),
    lang: Annotated[LanguageCode, typer.Option(help="en: English; nb: Norwegian (bokmål).")] = LanguageCode.EN,
    as_format: Annotated[
        ReportFormat | None,
        typer.Option(
            "--format",
            help="html: one page with figures; docx: the same in Word; xlsx: the tables; md: text and tables. "
            "Left out: that of the file's ending.",
        ),
    ] = None,
) -> None:
    """Write a report for evaluators from the runs of a store.

    The page needs no network and no other file. Every number in it comes from the store.

    Example: omstilling report results/three-roads -o report.html

    Example: omstilling report results/three-roads -o rapport.html --lang nb

    Example: omstilling report results/three-roads -o tables.xlsx
    """
    if out.is_dir():
        raise refuse(f"-o {out}: found a folder; a file is expected")
    try:
        chosen = as_format or format_of(out)
    except ValueError as error:
        raise refuse(f"-o {error}") from error
    check_folder(out.parent)
    with refusing():
        from omstilling.experiments.batch.results import open_store
        from omstilling.experiments.report.write import write_report

        command = shlex.join(["omstilling", *sys.argv[1:]]) if sys.argv[1:2] == ["report"] else ""
        write_report(open_store(store), out, lang, chosen, command)
    typer.echo(f"Written: {out}")
