"""Scenario files: what may stand in them and what is said of the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from omstilling.calibration.tables.places import Places
from omstilling.experiments import run
from omstilling.scenarios.errors import ScenarioError
from omstilling.scenarios.loader import load_scenario, shipped_scenarios

GOOD = """
title = "En nedleggelse"
place = "Andøy"
start = 2015
years = 2
replications = 1

[[shocks]]
kind = "closure"
date = "2016-03"
municipality = "andoy"
industry = "manufacturing"
jobs = 20
"""


def _load(tmp_path: Path, text: str):
    path = tmp_path / "scenario.toml"
    path.write_text(text, encoding="utf-8")
    return load_scenario(path, Places())


def test_a_good_file_loads(tmp_path: Path) -> None:
    scenario = _load(tmp_path, GOOD)
    assert scenario.name == "scenario"
    assert scenario.municipalities == ("1871",)
    assert scenario.shocks[0].municipality == "1871"
    assert scenario.months == 24


@pytest.mark.parametrize("written", ["date = 2016-03-31", 'date = "2016-03-31"'])
def test_dates_may_have_a_day(tmp_path: Path, written: str) -> None:
    same = _load(tmp_path, GOOD.replace('date = "2016-03"', written))
    assert same.shocks[0].date == _load(tmp_path, GOOD).shocks[0].date


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("start = 2015", "strat = 2015", ("strat", "Did you mean start?")),
        ("jobs = 20", "job = 20", ("shocks.0.job", "Did you mean jobs?")),
        ("start = 2015", "start = 1999", ("start", "1999", "2002")),
        ("years = 2", "years = 0", ("years", "0")),
        ("replications = 1", "replications = 0", ("replications", "0")),
        ("replications = 1", "seed = -4", ("seed", "-4")),
        ('place = "Andøy"', 'place = "Andoyy"', ("place", "Andøy")),
        ('place = "Andøy"', 'region = "andoyy"', ("region", "andoy")),
        ('place = "Andøy"', 'place = "Andøy"\nregion = "andoy"', ("region", "exactly one")),
        ('place = "Andøy"\n', "", ("place", "exactly one")),
        ('"2016-03"', '"2016-13"', ("shocks.0.date", "2016-13")),
        ('"2016-03"', '"2019-03"', ("shocks.0.date", "2015 to 2016")),
        ('"andoy"', '"Bodø"', ("shocks.0.municipality", "1804")),
        ('"andoy"', '"Herøy"', ("shocks.0.municipality", "1818")),
        ('"closure"', '"closing"', ("shocks.0.kind", "closing", "downsizing")),
        ('"closure"', '"public_closure"', ("shocks.0.industry", "84")),
        ('"closure"', '"decline"', ("duration_months", "2 or more")),
        ('"manufacturing"', '"manufactring"', ("shocks.0.industry", "manufacturing")),
        ("jobs = 20", "jobs = 20\nfirm_jobs = 10", ("firm_jobs", "10", "20")),
        ("jobs = 20", "jobs = -1", ("shocks.0.jobs", "-1")),
        ("years = 2", "years = 2\nyears = 3", ("not TOML",)),
        ("years = 2", 'years = 2\nname = "x"', ("name", "file name")),
    ],
)  # fmt: skip
def test_a_wrong_key_is_named(tmp_path: Path, old: str, new: str, words: tuple[str, ...]) -> None:
    assert old in GOOD
    with pytest.raises(ScenarioError) as caught:
        _load(tmp_path, GOOD.replace(old, new, 1))
    message = str(caught.value)
    assert "scenario.toml" in message
    for word in words:
        assert word in message


PROGRAMME = """
[programme]
municipalities = ["Andøy"]
applies = "2016-04"
"""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('["Andøy"]', '["Andøy", "1871"]', ("programme.municipalities: found 1871 more than once", "allowed once")),
        ('applies = "2016-04"', 'applies = "2016-04"\ngrant_factor = 10.5', ("programme.grant_factor", "10.5", "10")),
        ('["Andøy"]', '["Bodø"]', ("programme.municipalities", "1804", "1871")),
        ('"2016-04"', '"2019-04"', ("programme.applies", "2019-04", "2015 to 2016")),
    ],
)
def test_a_wrong_programme_is_named(tmp_path: Path, old: str, new: str, words: tuple[str, ...]) -> None:
    assert _load(tmp_path, GOOD + PROGRAMME).application.municipalities == ("1871",)
    with pytest.raises(ScenarioError) as caught:
        _load(tmp_path, GOOD + PROGRAMME.replace(old, new))
    for word in ("scenario.toml", *words):
        assert word in str(caught.value)


def test_all_problems_are_listed_at_once(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        _load(tmp_path, GOOD.replace("years = 2", "years = 0").replace("jobs = 20", "jobs = -1"))
    assert len(caught.value.problems) == 2


def test_a_missing_scenario_suggests_the_nearest() -> None:
    with pytest.raises(ScenarioError, match="Did you mean andoy-2018"):
        load_scenario("andoy-2019", Places())


@pytest.mark.parametrize("name", sorted(shipped_scenarios()))
def test_shipped_scenarios_run(name: str) -> None:
    scenario = load_scenario(name, Places())
    assert scenario.sources
    short = scenario.model_copy(update={"years": 1, "replications": 1})
    assert len(run(short).panel) == 13 * len(scenario.municipalities)
