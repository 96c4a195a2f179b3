"""Comparison: files that agree, tables that add up, figures that draw what is in them."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from indicators import indicators_markdown
from rich.console import Console

from omstilling.calibration.parameters.sets import parameter_sets
from omstilling.experiments.comparison.comparison import Comparison
from omstilling.experiments.comparison.files import comparison_json, save_comparison
from omstilling.experiments.comparison.tables import (
    EVERY_INDICATOR,
    KEY_INDICATORS,
    indicator_tables,
    pairing_line,
    waterfall_tables,
)
from omstilling.experiments.reading.indicators import INDICATORS
from omstilling.experiments.reading.waterfall import PARTS
from omstilling.model.policy.yearly_plans import YearlyReport
from omstilling.scenarios.design_loader import load_design
from omstilling.scenarios.schema import ProgrammeSpec, Scenario
from worlds import make_margins

FILES = [
    "indicators.csv", "indicators.json", "indicators.parquet", "pairing.csv", "parameters.csv", "reports.csv",
    "tradeoff.png", "trajectories.png", "waterfall.csv", "waterfall.png",
]  # fmt: skip
REPLICATIONS = 5
REPORT = YearlyReport(1, 1404, 6_000_000, 2_000_000, 3_000_000, 1_800_000, 3_200_000, 9, 14.5, 8.0, 7, 41.0)


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    """Made-up results of three designs, the last refused: parts on both sides of 0, ratios without upper end."""
    programme = ProgrammeSpec(municipalities=("9901",), applies="2016-02")
    scenario = Scenario(
        name="oey", title="Øy 2016: verftet på Åsen legges ned", municipalities=("9901", "9902"), start=2015, years=14,
        replications=REPLICATIONS, programme=programme,
    )  # fmt: skip
    draws = np.random.default_rng(4)
    names = [item.name for item in INDICATORS]
    readings = np.repeat(draws.normal(1000.0, 30.0, (REPLICATIONS, 1, len(names), 4)), 3, axis=1)
    readings[:, 1] += draws.normal(1.0, 2.0, readings[:, 1].shape)
    readings[:, 1, names.index("net_jobs")] = draws.normal(0.5, 3.0, (REPLICATIONS, 4)) + 1.0
    readings[:, [0, 2], names.index("net_jobs")] = 0.0
    readings[:, :, names.index("displaced_income")] = np.nan
    parts = np.zeros((REPLICATIONS, 3, 3, len(PARTS)))
    parts[:, 1, :, :6] = draws.normal([200.0, 120.0, -12.0, 6.0, 50.0, -9.0], 4.0, (REPLICATIONS, 3, 6))
    parts[:, 1, :, 6] = parts[:, 1, :, :6] @ np.array([1, -1, -1, -1, -1, 1])
    trajectories = np.repeat(draws.normal(1000.0, 30.0, (REPLICATIONS, 1, 15, 3)), 3, axis=1)
    trajectories[:, 1, 2:] += draws.normal(5.0, 3.0, (REPLICATIONS, 13, 3))
    designs = (load_design("none"), load_design("current"), load_design("refine"))
    return Comparison(
        scenario, make_margins((1000, 600)), designs, ((12, 108, 144, 168),) * 3, readings,
        np.repeat(readings[:, :1], 3, axis=1), parts, trajectories,
        yearly_reports=(((), (REPORT,), ()),) * REPLICATIONS,
        phases=(("refused", "ordinary operations", "refused"),) * 4 + (("refused", "stopped", "refused"),),
        tracks=(("", "acute", ""),) * REPLICATIONS,
        refusals=(("the design has no programmes", "", "acute: 75 jobs lost, 150 needed"),) * REPLICATIONS,
        sets=parameter_sets(),
    )  # fmt: skip


@pytest.fixture(scope="module")
def folder(comparison: Comparison, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("out") / "results"
    save_comparison(comparison, path)
    return path


def _refuse_constant(word: str) -> float:
    raise ValueError(f"{word} is not JSON")


def test_every_file_is_written_and_figures_are_png(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == FILES
    for path in folder.glob("*.png"):
        assert path.read_bytes().startswith(b"\x89PNG")


def test_csv_parquet_and_json_hold_the_same_table(comparison: Comparison, folder: Path) -> None:
    text = (folder / "indicators.json").read_text(encoding="utf-8")
    held = json.loads(text, parse_constant=_refuse_constant)
    csv = pd.read_csv(folder / "indicators.csv", keep_default_na=False, na_values=[""])
    parquet = pd.read_parquet(folder / "indicators.parquet")
    pd.testing.assert_frame_equal(parquet, comparison.table)
    pd.testing.assert_frame_equal(csv, comparison.table)
    assert np.isinf(comparison.table["high"]).any()
    finite = comparison.table.replace([np.inf, -np.inf], np.nan)
    pd.testing.assert_frame_equal(pd.DataFrame(held["indicators"]), finite, check_dtype=False)
    assert "Øy 2016: verftet på Åsen" in text


def test_json_says_what_was_compared(comparison: Comparison) -> None:
    held = json.loads(comparison_json(comparison))
    assert held["designs"][1]["dates"] == {"start": 2015, "end": 2023, "end+3": 2026, "end+5": 2028}
    assert (held["baseline"], held["replications"], held["seed"]) == ("none", REPLICATIONS, 1)
    statuses = {design["name"]: design["status"] for design in held["designs"]}
    assert statuses == {"none": "no programme", "current": "track acute, 1 of 5 stopped early", "refine": "refused"}
    assert held["designs"][1]["phases"] == {"ordinary operations": 4, "stopped": 1}
    assert {row["indicator"] for row in held["variance_reduction"]} == {"jobs", "population", "capacity_index"}


def test_parquet_columns_carry_their_definition(folder: Path) -> None:
    import pyarrow.parquet as pq

    schema = pq.read_schema(folder / "indicators.parquet")
    assert all(field.metadata[b"definition"] for field in schema)
    assert schema.metadata[b"scenario"] == b"oey"


def test_the_file_of_reports_says_what_programmes_reported(folder: Path) -> None:
    reports = pd.read_csv(folder / "reports.csv")
    assert list(reports["replication"]) == list(range(REPLICATIONS))
    assert set(reports["design"]) == {"current"}
    first = reports.iloc[0]
    assert (first["month"], first["granted"], first["jobs_created"]) == ("2017-01", 6_000_000, 14.5)
    spent = reports["spent_on_projects"] + reports["spent_on_staff"]
    assert (reports["granted"] + reports["own_share"] == spent + reports["held"]).all()


def test_the_waterfall_file_adds_up(folder: Path) -> None:
    table = pd.read_csv(folder / "waterfall.csv")
    for _, rows in table.groupby(["design", "date"]):
        net = rows.loc[rows["part"] == "net", "jobs"].item()
        assert (rows["sign"] * rows["jobs"]).sum() == pytest.approx(net, abs=1e-9)


def test_the_printed_waterfall_adds_up(comparison: Comparison) -> None:
    (table,) = waterfall_tables(comparison, "end+5", Console(width=100))
    column = list(table.columns[1].cells)
    *steps, net = [float(str(cell).split(" ±")[0].replace("−", "-")) for cell in column]
    assert sum(steps) == pytest.approx(net, abs=1e-9)
    assert steps[2] > 0.0


@pytest.mark.parametrize("width", [70, 100, 120])
@pytest.mark.parametrize("names", [KEY_INDICATORS, EVERY_INDICATOR])
def test_tables_fit_the_console_and_show_every_design(
    comparison: Comparison, width: int, names: tuple[str, ...]
) -> None:
    console = Console(width=width, file=io.StringIO(), markup=False)
    tables = indicator_tables(comparison, names, ["end", "end+5"], console)
    for table in (*tables, *waterfall_tables(comparison, "end+5", console)):
        console.print(table)
    text = console.file.getvalue()
    assert max(len(line) for line in text.splitlines()) <= width
    assert "…" not in text
    for word in ("current", "refine", *names):
        assert word in text


def test_what_pairing_gives_leaves_out_designs_that_do_not_differ(comparison: Comparison) -> None:
    line = pairing_line(comparison)
    assert "by a factor of" in line
    assert "∞" not in line


def test_one_replication_is_shown_without_errors(comparison: Comparison, tmp_path: Path) -> None:
    held = ("readings", "base", "parts", "trajectories", "yearly_reports", "phases", "tracks", "refusals")
    single = replace(comparison, **{name: getattr(comparison, name)[:1] for name in held})
    assert len(save_comparison(single, tmp_path)) == len(FILES)
    console = Console(width=120, file=io.StringIO())
    console.print(
        *indicator_tables(single, KEY_INDICATORS, ["end"], console), *waterfall_tables(single, "end+5", console)
    )
    assert "nan" not in console.file.getvalue()
    assert "one replication" in pairing_line(single)


def test_the_waterfall_figure_draws_every_part_where_it_counts(comparison: Comparison) -> None:
    figure = comparison.plot_waterfall()
    (panel,) = [axes for axes in figure.axes if axes.get_title(loc="left")]
    assert panel.get_title(loc="left").strip() == "current"
    means = dict(zip(PARTS, comparison.parts[:, 1, 2].mean(axis=0), strict=True))
    bars = {group.get_label(): group.patches[0] for group in panel.containers if group.get_label() in PARTS}
    assert set(bars) == set(PARTS)
    for part, bar in bars.items():
        assert bar.get_height() == pytest.approx(abs(means[part]))
    below_reported = means["reported"] - means["deadweight"]
    assert bars["deadweight"].get_y() == pytest.approx(below_reported)
    assert bars["displaced_within"].get_y() == pytest.approx(below_reported)  # a gain stands on what is left
    assert min(bars["net"].get_y(), bars["net"].get_y() + bars["net"].get_height()) == pytest.approx(
        min(0.0, means["net"])
    )
    assert len([text for text in panel.texts if text.get_text()[-1].isdigit()]) == len(PARTS)


def test_a_waterfall_figure_without_reported_jobs_says_so(comparison: Comparison) -> None:
    nothing = replace(comparison, parts=np.zeros_like(comparison.parts))
    (panel,) = nothing.plot_waterfall().axes
    assert [text.get_text() for text in panel.texts] == ["No design reports jobs here."]


def test_trajectories_tell_designs_apart_without_colour(comparison: Comparison) -> None:
    legend = comparison.plot_trajectories().axes[0].get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["none", "current", "refine (refused)"]
    looks = {(line.get_marker(), line.get_linestyle()) for line in legend.get_lines()}
    assert len(looks) == 3


def test_the_tradeoff_labels_every_design_in_every_panel(comparison: Comparison) -> None:
    for axes in comparison.plot_tradeoff().axes:
        assert {"none", "current", "refine (refused)"} <= {text.get_text() for text in axes.texts}


def test_the_document_of_indicators_is_what_the_registry_gives() -> None:
    document = Path(__file__).parents[3] / "docs" / "indicators.md"
    assert document.read_text(encoding="utf-8") == indicators_markdown(), "renew it: make docs"
