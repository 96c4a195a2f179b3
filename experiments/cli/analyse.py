"""Command line: ``omstilling analyse``, what the runs of a store say of the designs."""

from __future__ import annotations

import math
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from omstilling.experiments.cli.batch import StorePath
from omstilling.experiments.cli.common import check_folder, console, refuse, refusing
from omstilling.experiments.words.language import LanguageCode

if TYPE_CHECKING:
    import pandas as pd

    from omstilling.experiments.analysis.outcomes import Outcomes
    from omstilling.experiments.analysis.reader import Finding, Reader

analyse = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="""Analyse a store of runs: tables, and with --out also figures, in English or Norwegian.

Examples:

  omstilling analyse ranking results/three-roads

  omstilling analyse cost results/three-roads --out results/analysis --lang nb

  omstilling analyse sensitivity results/what-matters --design current""",
)

IndicatorOption = Annotated[
    str, typer.Option("--indicator", help="What effects are measured by; see 'omstilling indicators'.")
]
DateOption = Annotated[str, typer.Option("--date", help="start, end, end+3 or end+5.")]
ScenarioOption = Annotated[
    str, typer.Option("--scenario", help="One scenario, or several with commas; all if left out.")
]
LanguageOption = Annotated[LanguageCode, typer.Option("--lang", help="Language of tables and figures.")]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", help="Folder for the table (CSV) and figures (PNG); none are written if left out."),
]
CsvOption = Annotated[bool, typer.Option("--csv", help="Print comma-separated values and nothing else.")]
WillingnessOption = Annotated[
    float,
    typer.Option(
        "--willingness", min=0.0, help="What one unit of effect is worth to you, MNOK of 2020: your choice, no result."
    ),
]
_NOT_BROKEN = 14
"""Letters of a cell of words that stay on one line."""


class _Request:
    """What the options of a command ask for."""

    def __init__(self, store: Path, indicator: str, date: str, scenario: str, lang: LanguageCode) -> None:
        from omstilling.experiments.analysis.reader import Reader
        from omstilling.experiments.analysis.store_words import store_words
        from omstilling.experiments.batch.results import open_store

        self.results = open_store(store)
        self.reader: Reader = Reader(self.results, indicator, date, store_words(self.results, lang))
        self.scenarios = [name.strip() for name in scenario.split(",") if name.strip()]
        self.name = [indicator, date.replace("+", ""), *self.scenarios]

    def outcomes(self) -> Outcomes:
        """Effect and cost of the designs."""
        from omstilling.experiments.analysis.outcomes import outcomes_of

        return outcomes_of(self.results, self.reader.item.name, self.reader.date, self.scenarios)


def _finite(name: str, value: float) -> None:
    if not math.isfinite(value):
        raise refuse(f"{name}: found {value}; a number is expected")


def _file_name(*words: str) -> str:
    """Words as the name of a file."""
    return "_".join(re.sub(r"[^\w.-]+", "-", word).strip("-") for word in words if word)


def _write(finding: Finding, folder: Path, stem: str, lang: LanguageCode) -> list[Path]:
    """Write tables and figures, each whole or not at all."""
    from omstilling.experiments.analysis.figure_frame import framed
    from omstilling.experiments.drawing.style import written
    from omstilling.experiments.files.writing import write_atomically

    def write_table(frame: pd.DataFrame, name: str) -> Path:
        return write_atomically(folder / f"{name}.csv", lambda path: frame.to_csv(path, index=False))

    folder.mkdir(parents=True, exist_ok=True)
    files = [write_table(finding.frame, stem)]
    files += [write_table(frame, _file_name(stem, name)) for name, frame in finding.more.items()]
    for name, head, notes, draw in finding.figures:
        figure = framed(draw(), head, " ".join(notes))
        files.append(write_atomically(folder / f"{_file_name(stem, name, lang)}.png", partial(written, figure)))
    return files


def _print(finding: Finding) -> None:
    from rich.table import Table

    out = console()
    out.print(finding.head, style="bold")
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for column in finding.printed:
        justify: Literal["left", "right"] = "right" if column.numeric else "left"
        longest = max((len(cell) for cell in column.cells), default=0)
        least = longest if column.numeric else min(longest, _NOT_BROKEN)
        least = max(least, *(len(word) for word in column.heading.split()))
        table.add_column(column.heading, justify=justify, min_width=least, overflow="fold")
    for row in zip(*(column.cells for column in finding.printed), strict=True):
        table.add_row(*row)
    if table.row_count:
        out.print(table)
    for note in finding.notes:
        out.print(note, style="dim")


def _show(finding: Finding, name: list[str], lang: LanguageCode, out: Path | None, as_csv: bool) -> None:
    """Print a finding, and write it where a folder is given."""
    if as_csv:
        typer.echo(finding.frame.to_csv(index=False), nl=False)
    else:
        _print(finding)
    if out is not None:
        files = _write(finding, out, _file_name(*name), lang)
        typer.echo(f"Written to {out}: {', '.join(file.name for file in files)}", err=as_csv)


@analyse.command()
def ranking(
    store: StorePath,
    indicator: IndicatorOption = "net_jobs",
    date: DateOption = "end+5",
    scenario: ScenarioOption = "",
    lang: LanguageOption = LanguageCode.EN,
    out: OutOption = None,
    as_csv: CsvOption = False,
) -> None:
    """Rank designs: mean effect, 90 % interval, chance of being better than no programme and of being the best.

    Example: omstilling analyse ranking results/three-roads

    Example: omstilling analyse ranking results/three-roads --indicator capacity_index --out results/analysis --lang nb
    """
    with refusing():
        from omstilling.experiments.analysis.findings import ranking_finding

        check_folder(out or Path())
        asked = _Request(store, indicator, date, scenario, lang)
        _show(ranking_finding(asked.reader, asked.outcomes()), ["ranking", *asked.name], lang, out, as_csv)


@analyse.command()
def cost(
    store: StorePath,
    willingness_to: Annotated[
        float, typer.Option(help="Highest willingness to pay that is shown, MNOK of 2020 for a unit of effect.")
    ] = 5.0,
    indicator: IndicatorOption = "net_jobs",
    date: DateOption = "end+5",
    scenario: ScenarioOption = "",
    lang: LanguageOption = LanguageCode.EN,
    out: OutOption = None,
    as_csv: CsvOption = False,
) -> None:
    """Say what effects cost: which designs are worth choosing, and the price of each unit more.

    The incremental cost of a design is the price of each unit of effect that it gives more than the next cheaper design
    worth choosing. Two figures: effect and cost of every draw, and how surely each design is worth its money by what
    you are willing to pay.

    Example: omstilling analyse cost results/three-roads --out results/analysis

    Example: omstilling analyse cost results/three-roads --indicator inhabitants_kept --willingness-to 2
    """
    _finite("--willingness-to", willingness_to)
    if willingness_to <= 0.0:
        raise refuse(f"--willingness-to: found {willingness_to:g}; more than 0 is expected")
    with refusing():
        from omstilling.experiments.analysis.findings import cost_finding

        check_folder(out or Path())
        asked = _Request(store, indicator, date, scenario, lang)
        _show(cost_finding(asked.reader, asked.outcomes(), willingness_to), ["cost", *asked.name], lang, out, as_csv)


@analyse.command()
def regret(
    store: StorePath,
    willingness: WillingnessOption = 1.0,
    indicator: IndicatorOption = "net_jobs",
    date: DateOption = "end+5",
    scenario: ScenarioOption = "",
    lang: LanguageOption = LanguageCode.EN,
    out: OutOption = None,
    as_csv: CsvOption = False,
) -> None:
    """Say what a choice that turns out wrong loses: on average, and in the scenario where it does worst.

    Example: omstilling analyse regret results/three-roads --willingness 2

    Example: omstilling analyse regret results/three-roads --scenario lierne-2010,dyroy-2010
    """
    _finite("--willingness", willingness)
    with refusing():
        from omstilling.experiments.analysis.findings import regret_finding

        check_folder(out or Path())
        asked = _Request(store, indicator, date, scenario, lang)
        found = regret_finding(asked.reader, asked.outcomes(), willingness)
        _show(found, ["regret", *asked.name, f"{willingness:g}-mnok"], lang, out, as_csv)


@analyse.command()
def information(
    store: StorePath,
    willingness: WillingnessOption = 1.0,
    indicator: IndicatorOption = "net_jobs",
    date: DateOption = "end+5",
    scenario: ScenarioOption = "",
    lang: LanguageOption = LanguageCode.EN,
    out: OutOption = None,
    as_csv: CsvOption = False,
) -> None:
    """Say what it is worth to know more before choosing: all that is uncertain, and each parameter alone.

    Example: omstilling analyse information results/three-roads --willingness 2

    Example: omstilling analyse information results/three-roads --scenario lierne-2010 --csv
    """
    _finite("--willingness", willingness)
    with refusing():
        from omstilling.experiments.analysis.findings import information_finding
        from omstilling.experiments.analysis.information_value import information_of

        check_folder(out or Path())
        asked = _Request(store, indicator, date, scenario, lang)
        outcomes = asked.outcomes()
        found = information_of(asked.results, outcomes, willingness)
        finding = information_finding(asked.reader, outcomes, found, willingness)
        _show(finding, ["information", *asked.name, f"{willingness:g}-mnok"], lang, out, as_csv)


@analyse.command()
def sensitivity(
    store: StorePath,
    design: Annotated[
        str, typer.Option(help="Whose mean effect is looked at; the first besides no programme if left out.")
    ] = "",
    indicator: IndicatorOption = "net_jobs",
    date: DateOption = "end+5",
    scenario: ScenarioOption = "",
    lang: LanguageOption = LanguageCode.EN,
    out: OutOption = None,
    as_csv: CsvOption = False,
) -> None:
    """Say which quantities the effect of a design depends on, for an experiment with a saltelli or morris sample.

    Example: omstilling analyse sensitivity results/what-matters --design current

    Example: omstilling analyse sensitivity results/what-matters --indicator capacity_index --out results/analysis
    """
    with refusing():
        from omstilling.experiments.analysis.findings import sensitivity_finding
        from omstilling.experiments.analysis.outcomes import designs_of
        from omstilling.experiments.analysis.sensitivity import analysed_sample, sensitivities

        check_folder(out or Path())
        asked = _Request(store, indicator, date, scenario, lang)
        analysed_sample(asked.results)
        supporting = designs_of(asked.results)[1:]
        if not supporting:
            raise refuse(f"{store}: found no design besides the baseline; one or more are needed")
        chosen = design or supporting[0]
        frame, without = sensitivities(asked.results, chosen, indicator, date, asked.scenarios)
        finding = sensitivity_finding(asked.reader, frame, without, chosen)
        _show(finding, ["sensitivity", chosen, *asked.name], lang, out, as_csv)


@analyse.command()
def discover(
    store: StorePath,
    where: Annotated[str, typer.Option(help="A design: where is it better ...")],
    beats: Annotated[str, typer.Option(help="... than this one?")],
    density: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Least share of the cases in the box in which it is better.")
    ] = 0.8,
    indicator: IndicatorOption = "net_jobs",
    date: DateOption = "end+5",
    scenario: ScenarioOption = "",
    lang: LanguageOption = LanguageCode.EN,
    out: OutOption = None,
    as_csv: CsvOption = False,
) -> None:
    """Find where one design beats another: the limits of a box of parameters and design keys (PRIM).

    Example: omstilling analyse discover results/three-roads --where extend --beats refine

    Example: omstilling analyse discover results/mine --where refine --beats none --density 0.7 --out results/analysis
    """
    with refusing():
        from omstilling.experiments.analysis.discovery import discoveries
        from omstilling.experiments.analysis.findings import discovery_finding

        check_folder(out or Path())
        asked = _Request(store, indicator, date, scenario, lang)
        found = discoveries(asked.results, where, beats, indicator, date, asked.scenarios, density)
        name = ["discover", where, "beats", beats, *asked.name]
        _show(discovery_finding(asked.reader, found), name, lang, out, as_csv)
