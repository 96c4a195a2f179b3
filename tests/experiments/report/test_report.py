"""Report: numbers are those of the store, in both languages and every format, and names are only names."""

from __future__ import annotations

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from docx import Document
from typer.testing import CliRunner

from omstilling.calibration.tables.places import Places
from omstilling.experiments.batch.results import Results, open_store
from omstilling.experiments.batch.store import StoreError
from omstilling.experiments.cli.main import app
from omstilling.experiments.report.build import build_report
from omstilling.experiments.report.closing import experiment_file
from omstilling.experiments.report.content import Report
from omstilling.experiments.report.documents import markdown, write_word, write_workbook
from omstilling.experiments.report.estimate import estimate_of
from omstilling.experiments.report.evidence import Evidence
from omstilling.experiments.report.findings import price_of
from omstilling.experiments.report.page import page
from omstilling.experiments.words.language import language
from omstilling.scenarios.experiment import load_experiment
from omstilling.scenarios.loader import load_scenario
from reports import NASTY, small_store

RUN = CliRunner()


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return small_store(tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def english(results: Results) -> Report:
    return build_report(results, "en")


@pytest.fixture(scope="module")
def html(english: Report) -> str:
    return page(english)


class Reading(HTMLParser):
    """What a browser would find: elements, texts, identities and where things are fetched from."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.texts: list[str] = []
        self.identities: list[str] = []
        self.fetched: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        for name, value in attrs:
            if name == "id" and value:
                self.identities.append(value)
            if name in ("src", "href", "xlink:href", "action", "poster", "srcset") and value:
                self.fetched.append(value)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def pictures_of(report: Report) -> int:
    """Number of figures."""
    return sum(len(section.pictures) for section in report.sections)


def cells(report: Report, name: str) -> dict[str, list[str]]:
    """Texts of a table by the value of the first cell of each row."""
    table = next(table for table in report.tables if table.name == name)
    return {str(row[0].value): [cell.line for cell in row[1:]] for row in table.rows}


def test_main_table_says_what_the_store_says(results: Results, english: Report) -> None:
    of = results.cube["difference"].sel(date="end+5", scenario="lierne-2010", design="current")
    net = of.sel(indicator="net_jobs").to_numpy().ravel()
    cost = of.sel(indicator="public_cost").to_numpy().ravel()
    row = cells(english, "main lierne-2010")["current"]
    words, low_high = language("en"), np.quantile(net, (0.05, 0.95))
    digits = 0 if np.ptp(low_high) >= 20 else 1
    assert row[2] == f"{words.signed(net.mean(), digits)} ({words.span(*low_high, digits)})"
    assert row[5] == words.plain(cost.mean(), 1)
    assert row[7] == words.percent((net > 0).mean() + 0.5 * (net == 0).mean())
    assert cells(english, "main lierne-2010")["egen"][2] != row[2]


def test_other_runs_give_another_report(results: Results, english: Report) -> None:
    kept = results.table.slice(0, results.table.num_rows - 4)  # a draw less
    other = build_report(Results(results.store, kept), "en")
    assert other.tables != english.tables
    assert any("76 of 80" in item for item in other.sections[0].items)
    assert not english.sections[0].items


def test_a_design_that_is_refused_is_said_to_be(results: Results, english: Report) -> None:
    assert Evidence(results).refused("lierne-2010", "refine")
    row = cells(english, "main lierne-2010")["refine"]
    assert row[0] == "not granted"
    assert set(row[1:]) == {"–"}
    findings = next(section for section in english.sections if section.name == "findings")
    assert any("“Refine” gives no programme in Lierne 2010 and " in item for item in findings.items)
    assert not any("“As before 2024” gives no programme" in item for item in findings.items)


def test_steps_of_the_waterfall_add_up_as_written(english: Report) -> None:
    for row in cells(english, "waterfall lierne-2010").values():
        numbers = [float(text.replace("\u00a0", "").replace("−", "-")) for text in row]
        assert sum(numbers[:-1]) == pytest.approx(numbers[-1], abs=1e-9)


def test_page_is_one_file_that_fetches_nothing(html: str, english: Report) -> None:
    found = Reading(html)
    assert all(link.startswith(("#", "data:")) for link in found.fetched)
    assert not re.search(r"@import|url\((?!#)", html)
    assert "script" not in found.elements
    assert len(found.identities) == len(set(found.identities))
    assert found.elements.count("svg") == found.elements.count("figure") == pictures_of(english) >= 6
    inside = {link.removeprefix("#") for link in found.fetched if link.startswith("#")}
    assert inside <= set(found.identities)


def test_names_from_files_are_only_names(html: str, english: Report) -> None:
    found = Reading(html)
    assert "b" not in found.elements
    assert NASTY in "".join(found.texts)
    assert f"{NASTY} title" == english.title
    broken = Reading(html.replace("&lt;b&gt;", "<b>"))
    assert "b" in broken.elements


def test_norwegian_says_the_same_in_other_words(results: Results, english: Report) -> None:
    norwegian = build_report(results, "nb")
    assert [section.name for section in norwegian.sections] == [section.name for section in english.sections]
    assert [table.name for table in norwegian.tables] == [table.name for table in english.tables]
    for own, other in zip(norwegian.tables, english.tables, strict=True):
        values = [[cell.value for cell in row if isinstance(cell.value, float)] for row in own.rows]
        assert values == [[cell.value for cell in row if isinstance(cell.value, float)] for row in other.rows]
    heading = {section.heading for section in english.sections} & {section.heading for section in norwegian.sections}
    assert not heading
    text = page(norwegian)
    assert '<html lang="nb">' in text
    assert not re.search(r"\b(the|with|jobs|without|draws)\b", " ".join(norwegian.sections[4].paragraphs))


def test_markdown_holds_every_table(english: Report) -> None:
    text = markdown(english)
    for table in english.tables:
        assert len(table.rows) <= text.count("\n|")
    assert "<b>" not in text.split("```")[0]
    assert all(line.count(" | ") == text.splitlines()[number + 1].count(" | ")
               for number, line in enumerate(text.splitlines()[:-1])
               if line.startswith("|") and text.splitlines()[number + 1].startswith("|"))  # fmt: skip


def test_workbook_holds_numbers_as_numbers(english: Report, tmp_path: Path) -> None:
    write_workbook(english, tmp_path / "tables.xlsx")
    book = openpyxl.load_workbook(tmp_path / "tables.xlsx")
    assert len(book.sheetnames) == len(english.tables)
    sheet = book["main lierne-2010"]
    headings = [cell.value for cell in sheet[2]]
    row = next(row for row in sheet.iter_rows(min_row=3, values_only=True) if row[0] == "current")
    at = headings.index("Net jobs")
    table = next(table for table in english.tables if table.name == "main lierne-2010")
    net = next(row for row in table.rows if row[0].value == "current")[3]
    assert row[at : at + 3] == pytest.approx((net.value, *(net.span or ())), rel=1e-12)
    assert headings[at + 1 : at + 3] == ["5 %", "95 %"]


def test_names_are_no_formulas_in_a_workbook(english: Report, tmp_path: Path) -> None:
    table = english.tables[0]
    formula = Report(english.words, "", "", (english.sections[0].__class__("a", "b", tables=(
        table.__class__("=1+1", "=2+2", ("=3+3",), ((table.rows[0][0].__class__("=4+4"),),)),)),))  # fmt: skip
    write_workbook(formula, tmp_path / "formula.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "formula.xlsx").worksheets[0]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value} == {"s"}


def test_word_document_holds_text_tables_and_figures(english: Report, tmp_path: Path) -> None:
    write_word(english, tmp_path / "report.docx")
    document = Document(str(tmp_path / "report.docx"))
    assert len(document.tables) == len(english.tables)
    assert len(document.inline_shapes) == pictures_of(english)
    assert english.title == document.paragraphs[0].text


def test_estimate_and_price() -> None:
    estimate = estimate_of(np.array([1.0, 2.0, 3.0, np.nan]))
    assert (estimate.mean, estimate.low, estimate.high) == pytest.approx((2.0, 1.1, 2.9))
    assert estimate.error == pytest.approx(1.0 / np.sqrt(3.0))
    assert np.isnan(price_of(10.0, estimate)), "three draws are too few"
    assert price_of(10.0, estimate_of(np.array([1.0, 3.0] * 5))) == 5.0
    assert np.isnan(price_of(10.0, estimate_of(np.array([-2.0, 3.0] * 5))))
    together = estimate_of(np.array([1.0, 3.0] * 5), np.repeat(np.arange(5), 2))
    assert (together.groups, together.error) == (5, 0.0)
    assert estimate_of(np.array([1.0, 3.0] * 5)).error > 0.0
    assert np.isnan(estimate_of(np.array([np.nan])).mean)


def test_experiment_file_asks_for_the_same(tmp_path: Path) -> None:
    for name in ("three-roads", "same-money", "what-matters"):
        asked = load_experiment(name)
        (tmp_path / f"{name}.toml").write_text(experiment_file(asked.model_dump(mode="json")), encoding="utf-8")
        assert load_experiment(tmp_path / f"{name}.toml") == asked
    assert load_experiment("same-money") != load_experiment("three-roads").model_copy(update={"name": "same-money"})


def test_command_writes_the_format_of_the_ending(results: Results, tmp_path: Path) -> None:
    store = str(results.store.path)
    for words, ending in ((["--lang", "nb"], "html"), (["--format", "xlsx"], "tables")):
        done = RUN.invoke(app, ["report", store, "-o", str(tmp_path / f"r.{ending}"), *words])
        assert done.exit_code == 0, done.output
    assert "Hovedresultater" in (tmp_path / "r.html").read_text(encoding="utf-8")
    assert (tmp_path / "r.tables").read_bytes().startswith(b"PK")


def test_bad_input_is_refused_and_nothing_written(results: Results, tmp_path: Path) -> None:
    store = str(results.store.path)
    for words, said in (
        ([store, "-o", str(tmp_path / "r.pdf")], ".pdf"),
        ([store, "-o", str(tmp_path)], "found a folder"),
        ([str(tmp_path / "nowhere"), "-o", str(tmp_path / "r.html")], "no store"),
    ):
        done = RUN.invoke(app, ["report", *words])
        assert done.exit_code == 2
        assert said in done.output
    assert not list(tmp_path.iterdir())


def test_cases_say_how_large_the_programme_is(results: Results, english: Report) -> None:
    table = next(table for table in english.tables if table.name == "cases")
    column = table.columns.index(language("en")("report.places.size"))
    head = results.store.head["about"]["scenarios"]
    assert [row[column].value for row in table.rows] == [about["grant_factor"] for about in head]
    application = load_scenario("lierne-2010", Places()).application
    assert table.rows[0][column].value == application.grant_factor != 1.0


def test_draws_are_the_same_for_all_designs(results: Results) -> None:
    """A run that failed takes its draw along, in every case; a design without runs is left out and named."""
    table = results.table
    status = np.array(table["status"].to_pylist(), dtype=object)
    place, design, draw = (np.array(table[name].to_pylist()) for name in ("scenario", "design", "draw"))
    status[(place == "andre") & (design == "egen") & (draw == 0)] = "failed"
    column = table.schema.get_field_index("status")
    evidence = Evidence(Results(results.store, table.set_column(column, "status", [status.tolist()])))
    assert (evidence.draws, Evidence(results).draws) == (9, 10)
    assert len(evidence.values("net_jobs", "lierne-2010", "current")) == 9
    status[(place == "andre") & (design == "egen")] = "failed"
    without = build_report(Results(results.store, table.set_column(column, "status", [status.tolist()])), "en")
    assert all("egen" not in [row[0].value for row in table.rows] for table in without.tables)
    assert any("left out: " in item and "design" in item for item in without.sections[0].items)


def test_a_line_ends_where_the_shortest_draw_ends(results: Results) -> None:
    """Means of late years over the draws of long programmes alone would step."""
    table, name = results.table, "trajectories"
    lists = table[name].to_pylist()
    chosen = np.array(table["design"].to_pylist()) == "current"
    chosen &= np.array(table["scenario"].to_pylist()) == "lierne-2010"
    lists[int(np.flatnonzero(chosen)[0])] = lists[int(np.flatnonzero(chosen)[0])][: -2 * 3]
    column = table.schema.get_field_index(name)
    changed = Results(results.store, table.set_column(column, table.schema.field(name), [lists]))
    before, after = (Evidence(given).trajectory("lierne-2010", "current", "jobs") for given in (results, changed))
    np.testing.assert_array_equal(after, before[:, :-2])
    assert np.isfinite(before).all()


def test_only_the_baseline_is_nothing_to_report(results: Results) -> None:
    keep = np.array(results.table["design"].to_pylist()) == "none"
    with pytest.raises(StoreError, match="nothing to report"):
        build_report(Results(results.store, results.table.filter(keep)), "en")


def test_a_store_without_a_run_that_succeeded_is_refused(results: Results, tmp_path: Path) -> None:
    copy = shutil.copytree(results.store.path, tmp_path / "copy")
    failed = results.table.set_column(
        results.table.schema.get_field_index("status"), "status", [["failed"] * results.table.num_rows]
    )
    with pytest.raises(ValueError, match="every run has failed"):
        build_report(Results(open_store(copy).store, failed), "en")
