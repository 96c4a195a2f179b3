"""Batches where all who are eligible apply: the same runs as the national comparison, and a map in the report."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest

from omstilling.experiments.analysis.reader import Reader
from omstilling.experiments.analysis.store_words import store_words
from omstilling.experiments.batch import plan as planning
from omstilling.experiments.batch.plan import make_plan
from omstilling.experiments.batch.results import Results, open_store
from omstilling.experiments.batch.store import Store
from omstilling.experiments.national import comparison as national_comparison
from omstilling.experiments.national.comparison import NationalComparison, compare_national
from omstilling.experiments.reading.trace import open_rows
from omstilling.experiments.report.build import build_report
from omstilling.experiments.report.evidence import Evidence
from omstilling.experiments.report.page import page
from omstilling.experiments.report.reach_map import reach_rows
from omstilling.experiments.words.language import language
from omstilling.scenarios.errors import ScenarioError
from omstilling.scenarios.experiment import Experiment
from stores import run_here

CODES = (1811, 1812, 1813, 1815, 1816, 1818, 1820, 1822, 1827, 1828, 1832, 1834, 1835, 1836, 1839, 1851)
DESIGNS = ("none", "current", "refine")
SEED = 3
BUDGET = 40e6
AT_START = "at the start of the run"


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("open") / "coast.toml"
    codes = ", ".join(f'"{code}"' for code in CODES)
    file.write_text(
        f'title = "Coast"\nmunicipalities = [{codes}]\nstart = 2012\nyears = 13\nseed = {SEED}\nreplications = 1\n'
        'applicants = "eligible"\nrandom_shocks = true\n',
        encoding="utf-8",
    )
    return file


def asked(scenario: Path, **changes: object) -> Experiment:
    return Experiment(
        name="open", title="Open", scenarios=(str(scenario),), designs=DESIGNS, draws=1, seed=SEED
    ).model_copy(update=changes)


@pytest.fixture(scope="module", autouse=True)
def more_money() -> object:
    """So much that some municipalities get status; the part of so few in the national budget pays no programme."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (planning, national_comparison):
            patch.setattr(module, "budget_for", lambda margins, start, budget: BUDGET)
        yield


@pytest.fixture(scope="module")
def results(scenario: Path, tmp_path_factory: pytest.TempPathFactory) -> Results:
    store = tmp_path_factory.mktemp("open") / "store"
    run_here(make_plan(asked(scenario)), store)
    return open_store(store)


@pytest.fixture(scope="module")
def compared(scenario: Path) -> NationalComparison:
    return compare_national(scenario, DESIGNS)


def test_runs_are_those_of_the_national_comparison(results: Results, compared: NationalComparison) -> None:
    cube = results.cube.isel(scenario=0, point=0, draw=0, replication=0).sel(date="end+5")
    base = compared.runs[0][0]
    for number, name in enumerate(DESIGNS):
        run, of = compared.runs[0][number], cube.sel(design=name)
        for indicator in ("jobs", "population"):
            assert float(of["value"].sel(indicator=indicator)) == run.of(indicator)[-1].sum()
        net = float(of["difference"].sel(indicator="net_jobs"))
        assert net == run.of("jobs")[-1].sum() - base.of("jobs")[-1].sum()
        row = results.table.filter(np.array(results.table["design"].to_pylist()) == name)
        assert np.array_equal(row["place_jobs"][0].as_py(), run.of("jobs")[-1] - base.of("jobs")[-1])
        status = dict(reversed([(status.place, status.track) for status in run.statuses]))
        assert row["statuses"][0].as_py() == [status.get(place, "") for place in range(len(CODES))]
    assert compared.runs[0][1].statuses
    other = compare_national(compared.scenario, DESIGNS[:2], seed=SEED + 1)
    assert other.runs[0][1].of("jobs")[-1].sum() != compared.runs[0][1].of("jobs")[-1].sum()


def test_grants_are_those_of_the_programmes(results: Results, compared: NationalComparison) -> None:
    cube = results.cube.isel(scenario=0, point=0, draw=0, replication=0).sel(date="end+5", design="current")
    grants = sum(status.grants for status in compared.runs[0][1].statuses)
    assert float(cube["value"].sel(indicator="grants")) == pytest.approx(grants / 1e6, abs=1e-6)
    assert grants > 0


def test_dates_count_back_from_the_end() -> None:
    assert open_rows(12 * 18) == (0, 12 * 13, 12 * 16, 12 * 18)
    assert open_rows(12 * 4) == (0, 0, 24, 48)


def test_report_has_a_map_of_who_is_reached(results: Results) -> None:
    evidence, words = Evidence(results), language("en")
    rows = reach_rows(evidence, words, "coast").set_index(["design", "code"])
    granted = evidence.statuses("coast", "current")[0]
    assert (rows.loc["As before 2024"]["share"].to_numpy() == (granted != "")).all()
    assert 0 < (granted != "").sum() < len(CODES)
    report = build_report(results, "nb")
    reach = next(section for section in report.sections if section.name == "reach")
    assert [picture.name for picture in reach.pictures] == ["map coast"]
    text = page(report)
    assert "16 kommuner" in text
    assert "fem år etter slutten" not in text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"scenarios": ("{open}", "lierne-2010")}, "either kind alone"),
        ({"budget_neutral": "current"}, "they share one"),
        ({"scenarios": ("country-tenth",)}, "one to one"),
    ],
)
def test_what_cannot_be_run_is_refused(scenario: Path, changes: dict[str, object], said: str) -> None:
    if "scenarios" in changes:
        changes = {"scenarios": tuple(str(name).replace("{open}", str(scenario)) for name in changes["scenarios"])}  # type: ignore[union-attr,attr-defined]
    with pytest.raises(ScenarioError, match=said):
        make_plan(asked(scenario, **changes))


def test_dates_are_named_by_the_end_of_the_run(results: Results) -> None:
    english, norwegian = store_words(results, "en"), store_words(results, "nb")
    assert english.named("date", "start") == AT_START
    assert english.named("date", "end") == "5 years before the end of the run"
    assert norwegian.named("date", "end+3") == "2 år før slutten av kjøringen"
    assert Reader(results, "net_jobs", "end+5", english).head("Ranking") == "Ranking. Net jobs, at the end of the run"
    assert language("en").named("date", "end+5") == "five years after the end"


@pytest.mark.parametrize(
    ("years", "expected"),
    [
        ((3,), (AT_START, "2 years before the end of the run")),
        (
            (3, 13),
            ("at the start of the run or 5 years before the end of the run", "2 years before the end of the run"),
        ),
    ],
)
def test_dates_of_short_runs_are_not_before_their_start(
    results: Results, years: tuple[int, ...], expected: tuple[str, str]
) -> None:
    head = deepcopy(results.store.head)
    head["about"]["scenarios"] = [{**head["about"]["scenarios"][0], "years": each} for each in years]
    store = Store(results.store.path)
    vars(store)["head"] = head
    words = store_words(Results(store, results.table), "en")
    assert (words.named("date", "end"), words.named("date", "end+3")) == expected
    assert words.named("date", "end+5") == "at the end of the run"
