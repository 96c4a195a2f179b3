"""Designs as files: rules, money, guidance and timing, each with unit and source, and never an effect."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from omstilling.model import parameter_table
from omstilling.model.policy.design import NO_SUPPORT, Advice, Design, Eligibility, Regime, Track
from omstilling.scenarios.design_keys import (
    ADVICE_KEYS,
    BUDGET_KEY,
    ELIGIBILITY_KEYS,
    GRANT_MULTIPLE,
    MIX_KINDS,
    REGIME_KEYS,
    TRACK_KEYS,
)
from omstilling.scenarios.design_loader import load_design, shipped_blocks, shipped_designs
from omstilling.scenarios.design_table import EVERY_TRACK, design_table
from omstilling.scenarios.errors import ScenarioError

OF_TRACK = {key for key in TRACK_KEYS if not key.startswith("mix.")} - {GRANT_MULTIPLE}
NAMES = [*shipped_designs(), *shipped_blocks()]
RULES = {
    "eligibility.rule", "eligibility.loss_share", "eligibility.loss_persons", "eligibility.loss_years",
    "eligibility.isolated_factor", "eligibility.discretion_share", "eligibility.population_decline",
    "eligibility.employment_decline", "eligibility.decline_years", "midterm_least_used",
    "eligibility.least_centrality_class", "eligibility.most_inhabitants", "eligibility.old_share", "aid_intensity",
    "strictness", "exit_kept",
}  # fmt: skip
MONEY = {
    "yearly_grant", "grant_multiple", "own_share", "payer", "staff", "taper_share", "mix.start_up", "mix.expansion",
    "mix.rescue", "mix.site", "mix.settlement", "mix.competence",
}  # fmt: skip
GUIDANCE = {"guidance"}
TIMING = {
    "clarification_months", "anchoring_months", "years", "capacity_first_months", "midterm_year", "taper_years",
    "wind_down_months",
}  # fmt: skip


def test_the_six_designs_are_shipped_in_order() -> None:
    assert list(shipped_designs()) == ["none", "current", "adjust", "refine", "extend", "split-2024"]
    assert len(shipped_blocks()) >= 8
    assert [track.name for track in load_design("split-2024").tracks] == ["acute", "decline"]
    assert load_design("split-2024").advice == Advice(0.3, 10, 5)
    assert load_design("none").tracks == NO_SUPPORT.design.tracks == ()


@pytest.mark.parametrize("name", shipped_designs())
def test_every_shipped_design_loads(name: str) -> None:
    design = load_design(name)
    assert design.name == name
    assert design.title


@pytest.mark.parametrize("name", shipped_blocks())
def test_every_shipped_block_changes_a_design_and_is_none_itself(name: str) -> None:
    joined = load_design(f"current+{name}")
    assert joined.name == f"current+{name}"
    assert joined.tracks != load_design("current").tracks
    with pytest.raises(ScenarioError, match=rf"current\+{name} is meant"):
        load_design(name)


def _known(key: str):
    if key == "national_budget":
        return BUDGET_KEY
    return (TRACK_KEYS | {f"eligibility.{k}": known for k, known in ELIGIBILITY_KEYS.items()})[key]


@pytest.mark.parametrize("name", NAMES)
def test_every_value_has_unit_and_source(name: str) -> None:
    rows = design_table(name)
    assert rows or name == "none"
    for row in rows:
        tables = {"advice": ADVICE_KEYS, "regime": REGIME_KEYS}
        known = tables[row.part][row.key] if row.part in tables else _known(row.key)
        assert row.unit == known.unit
        assert row.meaning == known.meaning
        assert isinstance(row.value, known.kind if known.kind is not float else (int, float))
        assert len(row.source.removeprefix("choice:").strip()) > 3, f"{row.part}.{row.key}: {row.source!r}"


@pytest.mark.parametrize("name", [name for name in shipped_designs() if name != "none"])
def test_the_table_of_a_design_shows_every_value_of_every_track(name: str) -> None:
    shown = {(row.part, row.key): row.value for row in design_table(name)}
    for track in load_design(name).tracks:
        values = {key: getattr(track, key) for key in OF_TRACK}
        values |= {f"mix.{kind}": share for kind, share in zip(MIX_KINDS, track.mix, strict=True)}
        for key, value in values.items():
            assert shown.get((track.name, key), shown.get((EVERY_TRACK, key))) == value, key


def _difference(one: Track, other: Track) -> set[str]:
    """Names of the values in which two tracks differ, those of eligibility and mix one by one."""
    found = {item.name for item in fields(Track) if getattr(one, item.name) != getattr(other, item.name)}
    if "mix" in found:
        found |= {f"mix.{k}" for k, a, b in zip(MIX_KINDS, one.mix, other.mix, strict=True) if a != b}
    if "eligibility" in found:
        rules = one.eligibility, other.eligibility
        found |= {
            f"eligibility.{item.name}"
            for item in fields(Eligibility)
            if getattr(rules[0], item.name) != getattr(rules[1], item.name)
        }
    return found - {"mix", "eligibility"}


def test_inheritance_changes_only_the_keys_given() -> None:
    current, adjust = load_design("current"), load_design("adjust")
    given = {
        "capacity_first_months": 12, "guidance": 1.0, "strictness": 0.7, "midterm_least_used": 0.25, "taper_years": 2,
        "taper_share": 0.5, "wind_down_months": 6, "exit_kept": 0.6,
    }  # fmt: skip
    assert [track.name for track in adjust.tracks] == [track.name for track in current.tracks]
    for before, after in zip(current.tracks, adjust.tracks, strict=True):
        assert _difference(before, after) == set(given)
        assert {key: getattr(after, key) for key in given} == given
    assert (adjust.national_budget, adjust.advice) == (current.national_budget, current.advice)
    assert adjust.title != current.title


def test_a_table_of_a_track_changes_that_track_alone() -> None:
    current, split = load_design("current"), load_design("split-2024")
    acute, decline = (_difference(a, b) for a, b in zip(current.tracks, split.tracks, strict=True))
    assert {"years", "yearly_grant", "midterm_year", "mix.start_up"} <= acute
    assert {"yearly_grant", "guidance", "mix.settlement"} <= decline
    assert "guidance" not in acute
    assert "years" not in decline


def test_designs_add_and_drop_tracks() -> None:
    assert [track.name for track in load_design("refine").tracks] == ["acute"]
    assert [track.name for track in load_design("extend").tracks] == ["acute", "decline", "demographic"]
    added, decline = load_design("extend").tracks[2], load_design("extend").tracks[1]
    assert _difference(added, decline) == {
        "name", "eligibility.population_decline", "eligibility.employment_decline", "eligibility.old_share",
    }  # fmt: skip


def test_blocks_change_a_design_one_after_another() -> None:
    design = load_design("current+half-money+guidance-only+close-guidance")
    for before, after in zip(load_design("current").tracks, design.tracks, strict=True):
        assert _difference(before, after) == {"yearly_grant", "staff", "guidance"}
        assert (after.yearly_grant, after.staff, after.guidance) == (0.0, 0.0, 1.0)
    assert load_design("current+guidance-only+half-money").tracks[0].yearly_grant == 0.0


@pytest.mark.parametrize("name", ["current", "split-2024", "refine", "extend"])
@pytest.mark.parametrize(
    ("blocks", "factor"),
    [("double-money", 2.0), ("half-money", 0.5), ("double-money+double-money", 4.0), ("half-money+double-money", 1.0)],
)
def test_blocks_multiply_the_grant_that_each_track_has(name: str, blocks: str, factor: float) -> None:
    for before, after in zip(load_design(name).tracks, load_design(f"{name}+{blocks}").tracks, strict=True):
        assert _difference(before, after) == ({"yearly_grant"} if factor != 1.0 else set())
        assert after.yearly_grant == factor * before.yearly_grant
    row = next(row for row in design_table(f"{name}+{blocks}") if row.key == "yearly_grant")
    assert re.search(r"; x (2|0\.5), choice: ", row.source)


def _grant_lines(tmp_path: Path, text: str, name: str = "mine") -> dict[str, float]:
    """Grants by track of a design file with lines such as ``yearly_grant = 5e6`` in place of whole values."""
    units = {"yearly_grant": "NOK of 2020 a year", "grant_multiple": "factor"}
    for key, unit in units.items():
        text = re.sub(
            rf"^{key} = (\S+)$",
            rf'{key} = {{ value = \1, unit = "{unit}", source = "choice: a test" }}',
            text,
            flags=re.M,
        )
    path = tmp_path / f"{name}.toml"
    path.write_text(f'title = "Mine"\n{text}', encoding="utf-8")
    return {track.name: track.yearly_grant for track in load_design(path).tracks}


def test_a_multiple_holds_for_the_grant_of_its_file_or_of_what_that_extends(tmp_path: Path) -> None:
    both = "[all]\ngrant_multiple = 3.0\n[tracks.acute]\nyearly_grant = 5e6\n"
    assert _grant_lines(tmp_path, f'extends = "split-2024"\n{both}') == {"acute": 15e6, "decline": 12e6}
    assert _grant_lines(tmp_path, 'extends = "mine.toml"\n', "same") == {"acute": 15e6, "decline": 12e6}
    own = 'extends = "mine.toml"\n[tracks.acute]\ngrant_multiple = 0.0\n'
    assert _grant_lines(tmp_path, own, "own") == {"acute": 0.0, "decline": 12e6}


def test_a_grant_given_anew_is_not_multiplied_by_what_held_before(tmp_path: Path) -> None:
    text = 'extends = ["current", "double-money"]\n[tracks.acute]\nyearly_grant = 5e6\n'
    assert _grant_lines(tmp_path, text) == {"acute": 5e6, "decline": 12e6}
    assert _grant_lines(tmp_path, 'extends = ["double-money", "current"]\n') == {"acute": 6e6, "decline": 6e6}


def test_a_design_sets_rules_money_guidance_and_timing_and_nothing_else() -> None:
    keys = set(TRACK_KEYS) | {f"eligibility.{key}" for key in ELIGIBILITY_KEYS}
    assert keys == RULES | MONEY | GUIDANCE | TIMING
    assert sum(map(len, (RULES, MONEY, GUIDANCE, TIMING))) == len(keys)
    assert set(ADVICE_KEYS) == {"guidance", "years", "least_centrality_class"}
    assert set(REGIME_KEYS) == {item.name for item in fields(Regime)}
    assert BUDGET_KEY.unit == "NOK of 2020 a year"


def test_every_field_of_a_design_is_set_by_a_key() -> None:
    assert {item.name for item in fields(Track)} == OF_TRACK | {"name", "eligibility", "mix"}
    assert {item.name for item in fields(Eligibility)} == set(ELIGIBILITY_KEYS)
    assert {item.name for item in fields(Advice)} == set(ADVICE_KEYS)
    assert {item.name for item in fields(Design)} == {"name", "title", "tracks", "advice", "national_budget", "regime"}


def _effects_of_support(rows: list[dict[str, str]]) -> list[str]:
    """Parameters that would say what support does for jobs or inhabitants: so many of them per krone or programme."""
    what = r"\b(jobs?|employment|inhabitants|population)\b"
    per = r"\bper\b.*\b(NOK|krone|kroner|MNOK|grant|support|programme|guidance|supported project)\b"
    found = [row["name"] for row in rows if re.search(f"{what}[^,;]*{per}", row["unit"])]
    outcome = r"(jobs|employment|population|capacity)_(effect|per_krone|per_mnok|created|secured|saved|uplift)"
    return found + [row["name"] for row in rows if re.search(f"{outcome}|deadweight|displac|additional", row["name"])]


def test_no_parameter_is_an_effect_of_support() -> None:
    rows = parameter_table()
    assert len(rows) > 100
    assert _effects_of_support(rows) == []
    forged = [
        {"name": "pull", "unit": "jobs per NOK 1,000 of support"},
        {"name": "gain", "unit": "inhabitants per programme"},
        {"name": "deadweight_share", "unit": "share"},
        {"name": "jobs_created", "unit": "1"},
    ]
    assert _effects_of_support(forged) == [row["name"] for row in forged]
