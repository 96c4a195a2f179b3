"""Designs that cannot be carried out are refused: file, key, what was found, what is allowed, the nearest name."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from omstilling.model import RestructuringModel
from omstilling.model.policy.design import Advice, Design, DesignError, Rule, check_design, track_problems
from omstilling.scenarios.design_loader import load_design
from omstilling.scenarios.errors import ScenarioError
from worlds import make_design, make_margins, make_support, make_track

HEAD = 'title = "Mine"\nextends = "current"\n'
NOK = "NOK of 2020 a year"
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes a design file into the working directory."""
    monkeypatch.chdir(tmp_path)

    def write_design(text: str, name: str = "mine") -> Path:
        path = Path(f"{name}.toml")
        path.write_text(text, encoding="utf-8")
        return path

    return write_design


def _value(key: str, value: object, unit: str, source: str = "choice: a test") -> str:
    return f'{key} = {{ value = {value}, unit = "{unit}", source = "{source}" }}\n'


def _all(key: str, value: object, unit: str, source: str = "choice: a test") -> str:
    return f"{HEAD}[all]\n{_value(key, value, unit, source)}"


def _acute(key: str, value: object, unit: str) -> str:
    return f"{HEAD}[tracks.acute.eligibility]\n{_value(key, value, unit)}"


def test_a_good_design_loads(write: Write) -> None:
    design = load_design(write(_all("own_share", 0.4, "share of the whole")))
    assert design.name == "mine"
    assert [track.own_share for track in design.tracks] == [0.4, 0.4]


GRANT = 'yearly_grant = {{ value = {}, unit = "{}"{} }}\n'
NOBODY = _value("loss_share", 1.2, "share of employment") + _value("discretion_share", 1.0, "share of employment")
BAD = {
    "own share over 1": (
        _all("own_share", 1.2, "share of the whole"), ("tracks.acute.own_share", "1.2", "between 0 and 1")),
    "own share of 1": (_all("own_share", 1.0, "share of the whole"), ("tracks.acute.own_share", "below 1")),
    "length of 0": (
        _all("years", 0, "years") + _value("midterm_year", 0, "years"), ("tracks.acute.years", "found 0", "1 to 20")),
    "longer than 20 years": (_all("years", 50, "years"), ("tracks.acute.years", "50", "1 to 20")),
    "unknown kind of project": (
        f"{HEAD}[all.mix]\n{_value('start_ups', 0.3, 'share of project money')}",
        ("all.mix.start_ups", "unknown key", "mix.rescue", "Did you mean mix.start_up?")),
    "a loss that nobody can have": (
        f"{HEAD}[tracks.acute.eligibility]\n{NOBODY}" + _value("isolated_factor", 1.0, "factor"),
        ("tracks.acute.eligibility", "no municipality")),
    "a loss of too many persons": (
        _acute("loss_persons", 900000, "persons"), ("tracks.acute.eligibility", "no municipality")),
    "a decline that nobody can have": (
        f"{HEAD}[tracks.decline.eligibility]\n" + _value("population_decline", 1.0, "share of inhabitants")
        + _value("employment_decline", 1.0, "share of employment"), ("tracks.decline.eligibility", "below 1")),
    "years over which no loss counts": (
        _acute("loss_years", -3, "years"), ("tracks.acute.eligibility.loss_years", "-3")),
    "a mix that does not add up": (
        f"{HEAD}[all.mix]\n{_value('rescue', 0.9, 'share of project money')}",
        ("tracks.acute.mix", "sum to 1.8", "sum to 1")),
    "a grant that nobody pays": (_all("payer", '"nobody"', "payer"), ("payer", "'nobody'", '"state" or "county"')),
    "a grant beyond any budget": (
        HEAD + _value("national_budget", 0.0, NOK), ("national_budget", "found 0", "need a national budget")),
    "a grant that is no number": (_all("yearly_grant", "nan", NOK), ("tracks.acute.yearly_grant", "nan")),
    "unknown key": (
        _all("yearly_grants", 1.0, NOK), ("all.yearly_grants", "unknown key", "Did you mean yearly_grant?")),
    "unknown table": (f"{HEAD}[track.acute]\n", ("track", "unknown key", "Did you mean tracks?")),
    "an effect": (_all("jobs_created", 100, "jobs"), ("all.jobs_created", "unknown key")),
    "wrong unit": (_all("yearly_grant", 6.0, "MNOK"), ("all.yearly_grant.unit", "'MNOK'", NOK)),
    "wrong type": (_all("years", '"six"', "years"), ("all.years.value", "'six'", "a whole number")),
    "missing source": (f'{HEAD}[all]\n{GRANT.format("1.0", NOK, "")}', ("all.yearly_grant.source", "required")),
    "empty source": (_all("yearly_grant", 1.0, NOK, " "), ("all.yearly_grant.source", "a source")),
    "choice without why": (_all("yearly_grant", 1.0, NOK, "choice"), ("all.yearly_grant.source", "'choice: ' and why")),
    "choice without why after all": (
        _all("yearly_grant", 1.0, NOK, "choice: "), ("all.yearly_grant.source", "'choice: ' and why")),
    "bare value": (f"{HEAD}[all]\nyears = 6\n", ("all.years", "found 6", "value = ...")),
    "unknown track to leave out": (
        f'{HEAD}without = ["declin"]\n', ("without", "'declin'", "acute, decline", "Did you mean decline?")),
    "a track to leave out that is no list": (f'{HEAD}without = "decline"\n', ("without", "'decline'", "list")),
    "unknown rule": (_acute("rule", '"slow"', "rule"), ("tracks.acute.eligibility.rule", "'slow'", "acute or decline")),
    "unknown base": ('title = "Mine"\nextends = "curent"\n', ("curent", "Did you mean current?")),
    "no title": ('extends = "current"\n', ("title", "required")),
    "a track without money": (
        f'title = "M"\n[tracks.new.eligibility]\n{_value("rule", chr(34) + "acute" + chr(34), "rule")}',
        ("tracks.new", "nothing", "a value is needed")),
    "a negative multiple of a grant": (
        _all("grant_multiple", -1.0, "factor"), ("all.grant_multiple.value", "-1.0", "0 or more", "yearly_grant")),
    "a multiple that is no number": (_all("grant_multiple", "nan", "factor"), ("all.grant_multiple.value", "nan")),
    "advice for years that are over": (
        f"{HEAD}[advice]\n{_value('years', -1, 'years')}", ("advice.years", "found -1", "0 to 40")),
    "advice for a lifetime": (f"{HEAD}[advice]\n{_value('years', 41, 'years')}", ("advice.years", "41", "0 to 40")),
    "advice to a class that is none": (
        f"{HEAD}[advice]\n{_value('least_centrality_class', 7, 'class')}",
        ("advice.least_centrality_class", "found 7", "1 to 6")),
    "not TOML": ("title = \n", ("not TOML",)),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_a_bad_design_is_refused_with_a_clear_message(write: Write, what: str) -> None:
    text, words = BAD[what]
    with pytest.raises(ScenarioError) as caught:
        load_design(write(text))
    for word in ("mine.toml", *words):
        assert word in str(caught.value)


def test_all_problems_are_listed_at_once(write: Write) -> None:
    text = _all("yearly_grant", 6.0, "MNOK") + _value("own_shar", 0.2, "share of the whole", "choice")
    with pytest.raises(ScenarioError) as caught:
        load_design(write(text))
    assert [problem.key for problem in caught.value.problems] == ["all.yearly_grant.unit", "all.own_shar"]


def test_all_problems_of_what_the_files_make_together_are_listed_at_once(write: Write) -> None:
    text = _all("years", 0, "years") + _value("own_share", 1.2, "share of the whole")
    advice = f"[advice]\n{_value('years', -1, 'years')}{_value('least_centrality_class', 0, 'class')}"
    with pytest.raises(ScenarioError) as caught:
        load_design(write(text + advice))
    assert [problem.key for problem in caught.value.problems] == [
        "tracks.acute.own_share", "tracks.acute.years", "tracks.decline.own_share", "tracks.decline.years",
        "advice.years", "advice.least_centrality_class",
    ]  # fmt: skip


def test_a_combination_that_cannot_be_carried_out_is_named_as_a_whole(write: Write) -> None:
    write(f'title = "Winding down"\n[all]\n{_value("wind_down_months", 13, "months")}', "w9")
    with pytest.raises(ScenarioError, match=r"^current\+w9\.toml: tracks\.acute\.wind_down_months: found 13;"):
        load_design("current+w9.toml")


@pytest.mark.parametrize("name", ["", "+", "current+", "current++half-money", "+half-money"])
def test_a_name_that_lacks_a_word_is_refused_as_given(name: str) -> None:
    with pytest.raises(ScenarioError, match=r"design: found '.*'; a design such as current, or with blocks") as caught:
        load_design(name)
    assert f"found {name!r};" in str(caught.value)
    assert caught.value.file == (name or "no name")


@pytest.mark.parametrize(("extends", "found"), [("current", "acute, decline"), ("advised.toml", "advice")])
def test_the_baseline_has_no_support(write: Write, extends: str, found: str) -> None:
    write(f'title = "Advised"\n[advice]\n{_value("guidance", 0.3, "0-1")}{_value("years", 3, "years")}', "advised")
    assert load_design("advised.toml").advice.years == 3
    path = write(f'title = "Mine"\nextends = "{extends}"\n', "none")
    with pytest.raises(ScenarioError, match=f"none.toml: design: found 'none' with {found}; the name none is kept"):
        load_design(path)
    assert load_design(write('title = "Nothing at all"\n', "none")).tracks == ()


def test_designs_that_extend_each_other_are_refused(write: Write) -> None:
    for name, base in (("one", "two"), ("two", "three"), ("three", "one")):
        path = write(f'title = "{name}"\nextends = "{base}.toml"\n', name)
    with pytest.raises(ScenarioError, match="three -> one -> two -> three; a design cannot extend itself"):
        load_design(path)
    write('title = "three"\nextends = "current"\n', "three")
    assert load_design("one.toml").tracks == load_design("current").tracks


def test_a_file_may_extend_the_shipped_design_of_its_name(write: Write) -> None:
    path = write(_all("guidance", 0.9, "0-1"), "current")
    assert [track.guidance for track in load_design(path).tracks] == [0.9, 0.9]


def test_what_a_file_extends_lies_beside_it(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(_all("guidance", 0.9, "0-1"), "base")
    write('title = "Mine"\nextends = "base.toml"\n')
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert load_design(tmp_path / "mine.toml").tracks[0].guidance == 0.9


@pytest.mark.parametrize("name", ["curent", "current+half-mony", "refin"])
def test_an_unknown_name_suggests_the_nearest(name: str) -> None:
    with pytest.raises(ScenarioError, match=r"Did you mean (current|half-money|refine)\?"):
        load_design(name)


@pytest.mark.parametrize(
    "changes",
    [
        {"own_share": -0.1}, {"aid_intensity": 1.1}, {"guidance": 2.0}, {"years": 0}, {"yearly_grant": -1.0},
        {"staff": -1.0}, {"staff": float("nan")}, {"payer": ""}, {"mix": (1.0, 0.5, -0.5, 0.0, 0.0, 0.0)},
        {"mix": (float("nan"),) * 6}, {"capacity_first_months": 22}, {"wind_down_months": 13}, {"taper_years": 3},
        {"midterm_year": 3}, {"clarification_months": -1},
        {"eligibility": replace(make_track().eligibility, loss_persons=-1.0)},
        {"eligibility": replace(make_track().eligibility, rule=Rule.DECLINE)},
        {"eligibility": replace(make_track().eligibility, rule=Rule.DECLINE, population_decline=0.1, decline_years=-1)},
    ],
    ids=lambda changes: " ".join(changes),
)  # fmt: skip
def test_a_track_that_cannot_be_carried_out_is_refused_by_the_model(changes) -> None:
    assert list(track_problems(make_track())) == []
    with pytest.raises(DesignError):
        check_design(make_design(make_track(**changes)))


@pytest.mark.parametrize(
    "design",
    [
        make_design(national_budget=0.0),
        make_design(advice=Advice(1.5, 1, 5)),
        make_design(advice=Advice(0.3, -1, 5)),
        make_design(advice=Advice(0.3, 41, 5)),
        make_design(advice=Advice(0.3, 1, 0)),
        make_design(advice=Advice(0.3, 1, 7)),
        make_design(make_track(years=0)),
    ],
)
def test_a_model_does_not_start_with_a_bad_design(design: Design) -> None:
    margins = make_margins((600,))
    with pytest.raises(DesignError):
        RestructuringModel(margins, support=make_support(design, margins))
    check_design(make_design())
    check_design(make_design(make_track(payer="county"), national_budget=0.0))


def test_a_refusal_survives_the_way_back_from_a_worker_process() -> None:
    error = DesignError("sample", "one in 10", "every firm is needed")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.key, again.found, again.allowed) == (str(error), error.key, error.found, error.allowed)
