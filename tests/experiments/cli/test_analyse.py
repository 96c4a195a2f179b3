"""Command line: ``omstilling analyse`` on stores with planted answers."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from omstilling.calibration.inference.sampler import InProcess
from omstilling.experiments.analysis.outcomes import draw_values
from omstilling.experiments.batch.plan import make_plan
from omstilling.experiments.batch.results import open_store
from omstilling.experiments.batch.runner import run_batch
from omstilling.experiments.batch.store import Store
from omstilling.experiments.cli.main import app
from omstilling.scenarios.experiment import Sample
from planted_stores import DRAWS, RANGES, Run, boxed, experiment, planted, sampled


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three designs in two scenarios."""
    folder = tmp_path_factory.mktemp("planted") / "store"
    planted(folder, experiment(), boxed)
    return folder


@pytest.fixture(scope="module")
def saltelli(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("saltelli") / "store"
    sampled(folder, "saltelli", 64)
    return folder


@pytest.fixture(scope="module")
def morris(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("morris") / "store"
    sampled(folder, "morris", 10)
    return folder


def call(*words: str | Path) -> tuple[int, str, str]:
    """Exit code, output and errors of ``omstilling analyse``."""
    found = CliRunner().invoke(app, ["analyse", *map(str, words)], env={"COLUMNS": "150"})
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    return found.exit_code, found.stdout, found.stderr


def csv(*words: str | Path) -> pd.DataFrame:
    code, out, _ = call(*words, "--csv")
    assert code == 0
    return pd.read_csv(StringIO(out))


def test_a_store_of_runs(tmp_path: Path) -> None:
    """Dyrøy in decline: refine is for sudden losses only, so that it gives no programme there."""
    asked = experiment(scenarios=("dyroy-2010",), draws=2)
    run_batch(make_plan(asked), Store(tmp_path / "store"), InProcess, 1)
    for verb in ("ranking", "cost", "regret"):
        code, out, _ = call(verb, tmp_path / "store", "--out", tmp_path / "ut")
        assert code == 0
        assert "“Refine” gives no programme in Dyrøy 2010" in " ".join(out.split())
        assert "“As before 2024” gives no programme" not in out
    table = csv("ranking", tmp_path / "store").set_index("design")
    cube = open_store(tmp_path / "store").cube["difference"].sel(indicator="net_jobs", date="end+5")
    assert table.loc["current", "effect"] == pytest.approx(float(cube.sel(design="current").mean()))
    assert table.loc["refine", ["effect", "cost"]].tolist() == [0.0, 0.0]
    assert len(list((tmp_path / "ut").iterdir())) == 3 + 1 + 4


def test_draws_that_are_left_out_are_counted(tmp_path: Path) -> None:
    def failing(run: Run) -> float | None:
        return None if (run["draw"], run["number"], run["scenario"]) == (2, 1, "dyroy-2010") else boxed(run)

    planted(tmp_path / "store", experiment(draws=20), failing)
    assert "1 of 20 draws are left out" in call("ranking", tmp_path / "store")[1]
    assert "left out" not in call("ranking", tmp_path / "store", "--scenario", "lierne-2010")[1]


def test_ranking_prints_a_table_and_writes_files(store: Path, tmp_path: Path) -> None:
    code, out, _ = call("ranking", store, "--out", tmp_path / "ut")
    assert code == 0
    for words in (
        "Ranking of designs. Net jobs, five years after the end", "Lierne 2010", "No programme", "+4.0", "Refine",
        f"Mean of {DRAWS} draws", f"Written to {tmp_path / 'ut'}: ranking_net_jobs_end5.csv, ranking_net_jobs_end5_en",
    ):  # fmt: skip
        assert words in out
    assert sorted(path.name for path in (tmp_path / "ut").iterdir()) == [
        "ranking_net_jobs_end5.csv", "ranking_net_jobs_end5_en.png",
    ]  # fmt: skip
    table = pd.read_csv(tmp_path / "ut" / "ranking_net_jobs_end5.csv")
    assert table.query("design == 'current'")["effect"].tolist() == [4.0, 4.0]
    pd.testing.assert_frame_equal(table, csv("ranking", store))


def test_norwegian_words_and_numbers(store: Path, tmp_path: Path) -> None:
    code, out, _ = call("ranking", store, "--lang", "nb", "--out", tmp_path)
    assert code == 0
    for words in (
        "Rangering av opplegg",
        "Netto arbeidsplasser",
        "Uten program",
        "+4,0",
        f"Gjennomsnitt av {DRAWS} trekninger",
    ):
        assert words in out
    assert (tmp_path / "ranking_net_jobs_end5_nb.png").exists()
    assert "programme" not in out


def test_other_indicator_date_and_scenario(store: Path) -> None:
    assert csv("ranking", store, "--date", "end").query("design == 'current'")["effect"].tolist() == [8.0, 8.0]
    less = csv("ranking", store, "--indicator", "unemployment", "--scenario", "dyroy-2010")
    assert less["scenario"].unique().tolist() == ["dyroy-2010"]
    assert less.set_index("design").loc["current", ["effect", "p_better", "p_best"]].tolist() == [-4.0, 1.0, 1.0]
    assert "Less is better." in call("ranking", store, "--indicator", "unemployment")[1]


def test_cost_writes_two_figures_and_two_tables(store: Path, tmp_path: Path) -> None:
    code, out, _ = call("cost", store, "--out", tmp_path, "--willingness-to", "8", "--scenario", "dyroy-2010")
    assert code == 0
    assert "the incremental cost is the price of each unit" in " ".join(out.split())
    assert sorted(path.name.removeprefix("cost_net_jobs_end5_dyroy-2010") for path in tmp_path.iterdir()) == [
        ".csv", "_acceptability.csv", "_acceptability_en.png", "_plane_en.png",
    ]  # fmt: skip
    table = pd.read_csv(tmp_path / "cost_net_jobs_end5_dyroy-2010.csv").set_index("design")
    assert table.loc["current", "mnok_per_unit"] == 2.5
    assert table["on_frontier"].tolist() == [True, True, False]  # refine costs more and gives less
    curves = pd.read_csv(tmp_path / "cost_net_jobs_end5_dyroy-2010_acceptability.csv")
    assert curves["willingness"].max() == 8.0
    favoured = curves[curves["frontier"]].set_index("willingness")["design"]
    assert (favoured[favoured.index < 2.5] == "none").all()
    assert (favoured[favoured.index > 2.5] == "current").all()


def test_regret_says_that_the_price_is_a_choice(store: Path, tmp_path: Path) -> None:
    code, out, _ = call("regret", store, "--willingness", "4", "--out", tmp_path)
    assert code == 0
    assert "Your choice: one unit of effect (jobs) is worth NOK 4 million" in " ".join(out.split())
    table = pd.read_csv(tmp_path / "regret_net_jobs_end5_4-mnok.csv").set_index("design")
    assert table.loc["none", "worst"] == table.loc["none", "mean_dyroy-2010"] == 6.0  # 4 x 4 - 10
    assert table["minimax"].tolist() == [False, True, False]
    assert csv("regret", store, "--willingness", "1").set_index("design")["minimax"].tolist() == [True, False, False]
    assert "NOK 1 million" in call("regret", store)[1]


def test_information_names_what_matters(store: Path) -> None:
    """At 40 a job current is worth 150, refine 300 inside the box of Lierne and 20 outside; in Dyrøy always 20.

    Above 0.6 of turnover half the cases are inside, so that refine is worth 160: to know turnover is worth something.
    """
    table = csv("information", store, "--willingness", "40")
    lierne = table[table["scenario"] == "lierne-2010"].set_index("parameter")
    assert lierne.index[0] == "turnover"
    assert lierne.loc["turnover", "tells"]
    assert not lierne.loc["prospects", "tells"]
    values = draw_values(open_store(store))
    inside = ((values["turnover"] > 0.6) & (values["contacts"] < 0.5)).mean()
    best = max(150.0, inside * 300.0 + (1.0 - inside) * 20.0)
    assert lierne["evpi"].iloc[0] == pytest.approx(inside * 300.0 + (1.0 - inside) * 150.0 - best)
    dyroy = table[table["scenario"] == "dyroy-2010"]
    assert not dyroy["tells"].any()
    assert dyroy["evpi"].tolist() == [0.0] * 3
    code, out, _ = call("information", store, "--willingness", "40")
    assert code == 0
    assert "Turnover of leaders in the office" in out


@pytest.mark.parametrize(("lang", "words"), [("en", "Alone"), ("nb", "Med samspill")])
def test_sensitivity_of_a_design(saltelli: Path, tmp_path: Path, lang: str, words: str) -> None:
    code, out, _ = call("sensitivity", saltelli, "--design", "refine", "--lang", lang, "--out", tmp_path)
    assert code == 0
    assert words in out
    assert (tmp_path / f"sensitivity_refine_net_jobs_end5_{lang}.png").exists()
    table = pd.read_csv(tmp_path / "sensitivity_refine_net_jobs_end5.csv")
    assert table["key"].iloc[0] == "parameters.turnover"
    assert table["chance"].max() == 0.0


def test_sensitivity_by_morris(morris: Path) -> None:
    table = csv("sensitivity", morris)  # of current, the first that is not the baseline
    assert table.set_index(["scenario", "key"]).loc[("dyroy-2010", "parameters.turnover"), "mu"] == pytest.approx(4.0)
    assert "As before 2024" in call("sensitivity", morris)[1]


def test_a_scenario_without_indices_is_named_and_the_others_are_shown(tmp_path: Path) -> None:
    sample = Sample.model_validate({"method": "morris", "points": 10, "ranges": RANGES})
    asked = experiment(sample=sample, draws=1, parameters="point")

    def effect(run: Run) -> float:
        return run["number"] * run["parameters.turnover"] * (run["scenario"] == "lierne-2010")

    planted(tmp_path / "store", asked, effect, parameters=0)
    code, out, _ = call("sensitivity", tmp_path / "store", "--out", tmp_path / "ut")
    assert code == 0
    assert "Dyrøy 2010: sample: outcome: found 0 at every point; one that varies is needed" in " ".join(out.split())
    code, _, errors = call("sensitivity", tmp_path / "store", "--scenario", "dyroy-2010")
    assert code == 2
    assert "one that varies is needed" in errors


def test_discover_prints_limits_and_says_where_there_is_no_box(store: Path, tmp_path: Path) -> None:
    words = ("discover", store, "--where", "refine", "--beats", "current", "--out", tmp_path)
    code, out, _ = call(*words)
    assert code == 0
    stem = "discover_refine_beats_current_net_jobs_end5"
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{stem}.csv", f"{stem}_en.png"]
    table = pd.read_csv(tmp_path / f"{stem}.csv").set_index("key")
    assert set(table.index) == {"turnover", "contacts"}
    assert 0.45 < table.loc["turnover", "low"] <= 0.65  # PRIM may reach a little beyond
    assert not table.loc["turnover", "high"] < 0.95
    assert table["scenario"].unique().tolist() == ["lierne-2010"]
    assert table["density"].iloc[0] >= 0.8
    assert f"Dyrøy 2010: discovery: cases: found {DRAWS} cases, of which 0 are of interest" in " ".join(out.split())


BAD = [
    (("ranking", "--indicator", "net_job"), "--indicator: found 'net_job'"),
    (("ranking", "--indicator", "net_job"), "Did you mean net_jobs?"),
    (("cost", "--indicator", "grants"), "--indicator: found 'grants'"),
    (("ranking", "--date", "end+4"), "one of start, end, end+3, end+5 is expected. Did you mean end+5?"),
    (("regret", "--scenario", "lierne-2011"), "Did you mean lierne-2010?"),
    (("regret", "--willingness", "-1"), "--willingness"),
    (("regret", "--willingness", "inf"), "--willingness: found inf"),
    (("cost", "--willingness-to", "0"), "more than 0 is expected"),
    (("sensitivity",), "sample.method: found no sample"),
    (("discover", "--where", "refin", "--beats", "current"), "--where: found 'refin'"),
    (("discover", "--where", "refine", "--beats", "curent"), "Did you mean current?"),
    (("discover", "--where", "refine", "--beats", "refine"), "--beats: found 'refine'"),
    (("discover", "--where", "refine"), "--beats"),
    (("ranking", "--lang", "nn"), "--lang"),
]


@pytest.mark.parametrize(("words", "message"), BAD)
def test_bad_input_is_refused_with_the_nearest_right_name(
    store: Path, tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    code, out, errors = call(words[0], store, *words[1:], "--out", tmp_path / "ut")
    assert code == 2
    assert message in errors
    assert out == ""
    assert not (tmp_path / "ut").exists()


def test_stores_that_cannot_be_analysed(saltelli: Path, tmp_path: Path) -> None:
    def refused(*words: str | Path) -> str:
        code, out, errors = call(*words)
        assert (code, out) == (2, "")
        assert "Traceback" not in errors
        return errors

    assert "no store" in refused("ranking", tmp_path / "nowhere")
    assert "Did you mean refine?" in refused("sensitivity", saltelli, "--design", "refin")
    assert "--design: found 'none'" in refused("sensitivity", saltelli, "--design", "none")
    (tmp_path / "file.txt").touch()
    assert "a folder is expected" in refused("ranking", saltelli, "--out", tmp_path / "file.txt")
    few = tmp_path / "few"
    planted(few, experiment(draws=5), boxed)
    assert "draws: found 5 draws; 10 or more are needed" in refused("information", few)
    assert "found 5 cases" in refused("discover", few, "--where", "refine", "--beats", "current")
    assert call("ranking", few)[0] == call("regret", few)[0] == call("cost", few)[0] == 0
    failed = tmp_path / "failed"
    planted(failed, experiment(draws=2), lambda run: None)
    for words in (("ranking",), ("information",), ("discover", "--where", "refine", "--beats", "current")):
        assert "none that did not fail" in refused(words[0], failed, *words[1:])
    other = tmp_path / "latin"
    sampled(other, "latin-hypercube", 4)
    assert "saltelli or morris" in refused("sensitivity", other)
    (other / "manifest.jsonl").write_text("", encoding="utf-8")
    assert "holds no run yet" in refused("ranking", other)


def test_a_single_draw_has_no_error_and_breaks_nothing(tmp_path: Path) -> None:
    planted(tmp_path / "one", experiment(draws=1, scenarios=("dyroy-2010",), designs=("none", "current")), boxed)
    for verb in ("ranking", "cost", "regret"):
        code, out, _ = call(verb, tmp_path / "one", "--out", tmp_path / "ut")
        assert code == 0
        assert "nan" not in out


def test_a_full_disk_leaves_no_half_file(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib.figure import Figure

    def full(_figure: Figure, path: Path, **_how: Any) -> None:
        Path(path).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Figure, "savefig", full)
    code, _, errors = call("ranking", store, "--out", tmp_path)
    assert code == 2
    assert "No space left" in errors
    assert [path.name for path in tmp_path.iterdir()] == ["ranking_net_jobs_end5.csv"]


@pytest.mark.parametrize("verb", ["ranking", "cost", "regret", "information", "sensitivity", "discover"])
def test_help_has_examples(verb: str) -> None:
    code, out, _ = call(verb, "--help")
    assert code == 0
    assert out.count(f"Example: omstilling analyse {verb}") == 2
