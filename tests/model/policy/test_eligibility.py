"""Eligibility: thresholds of loss and decline, isolated places, discretion, and the first track that fits."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omstilling.model import RestructuringModel
from omstilling.model.policy.design import Application, Eligibility, Rule, Support, Track
from omstilling.model.policy.eligibility import Evidence, eligible_track, severity, shortfall
from omstilling.scenarios.design_loader import load_design
from worlds import make_design, make_margins, make_track

ACUTE = Eligibility(Rule.ACUTE, loss_share=0.15, loss_persons=150.0, isolated_factor=0.5)
DECLINE = Eligibility(Rule.DECLINE, population_decline=0.1, employment_decline=0.2)
NOTHING = Evidence(0.0, 0.0, 0.0, 0.0, 3, 4000.0, 0.2)
LOSS = replace(NOTHING, loss_share=0.2, loss_persons=200.0)


def meets(rules: Eligibility, evidence: Evidence) -> bool:
    return not shortfall(rules, evidence)


@pytest.mark.parametrize(
    ("share", "persons", "eligible"),
    [
        (0.15, 150, True),
        (0.1499, 150, False),
        (0.15, 149, False),
        (0.5, 149, False),
        (0.1, 900, False),
        (1.0, 5e4, True),
    ],
)
def test_an_acute_loss_needs_both_share_and_persons(share: float, persons: float, eligible: bool) -> None:
    assert meets(ACUTE, replace(NOTHING, loss_share=share, loss_persons=persons)) is eligible


@pytest.mark.parametrize(
    ("population", "employment", "eligible"),
    [(0.1, 0.0, True), (0.0999, 0.0, False), (0.0, 0.2, True), (0.0999, 0.1999, False), (-0.2, 0.3, True)],
)
def test_a_decline_needs_one_of_population_and_employment(population: float, employment: float, eligible: bool) -> None:
    evidence = replace(NOTHING, population_decline=population, employment_decline=employment)
    assert meets(DECLINE, evidence) is eligible


def test_a_loss_is_no_decline_and_a_decline_no_loss() -> None:
    declining = replace(NOTHING, population_decline=0.5, employment_decline=0.5)
    assert (meets(ACUTE, LOSS), meets(DECLINE, LOSS)) == (True, False)
    assert (meets(ACUTE, declining), meets(DECLINE, declining)) == (False, True)


@pytest.mark.parametrize("centrality", range(1, 7))
def test_isolated_places_need_a_smaller_share_but_as_many_persons(centrality: int) -> None:
    small = replace(NOTHING, loss_share=0.08, loss_persons=150.0, centrality_class=centrality)
    isolated = centrality >= 5
    assert meets(ACUTE, small) is isolated
    assert not meets(ACUTE, replace(small, loss_share=0.07))
    assert not meets(ACUTE, replace(small, loss_persons=149.0))
    assert not meets(replace(ACUTE, isolated_factor=1.0), small)


def test_discretion_goes_below_the_rule_but_not_below_itself() -> None:
    discretion = replace(ACUTE, discretion_share=0.05)
    evidence = replace(LOSS, loss_share=0.06)
    assert (meets(ACUTE, evidence), meets(discretion, evidence)) == (False, True)
    assert not meets(discretion, replace(evidence, loss_share=0.049))
    assert not meets(discretion, replace(evidence, loss_persons=149.0))
    strict = replace(ACUTE, discretion_share=1.0)
    assert meets(strict, LOSS)
    isolated = replace(LOSS, loss_share=0.08, centrality_class=6)
    assert meets(replace(ACUTE, discretion_share=0.12), isolated)


SHARES = st.floats(0.0, 1.0)
EVIDENCE = st.builds(
    Evidence, SHARES, st.floats(0.0, 2000.0), st.floats(-0.5, 1.0), st.floats(-0.5, 1.0), st.integers(1, 6),
    st.floats(100.0, 20_000.0), st.floats(0.05, 0.5),
)  # fmt: skip
RULES = st.builds(
    Eligibility, st.sampled_from(Rule), loss_share=SHARES, loss_persons=st.floats(0.0, 2000.0),
    isolated_factor=st.floats(0.0, 1.5), discretion_share=SHARES, population_decline=SHARES, employment_decline=SHARES,
    least_centrality_class=st.integers(1, 6), most_inhabitants=st.floats(0.0, 20_000.0), old_share=st.floats(0.0, 0.5),
)  # fmt: skip
NO_FLOORS = ("rule", "loss_years", "decline_years", "most_inhabitants")
THRESHOLDS = [item.name for item in fields(Eligibility) if item.name not in NO_FLOORS]
OF_PLACES = ("least_centrality_class", "old_share")


@given(rules=RULES, evidence=EVIDENCE, name=st.sampled_from(THRESHOLDS), more=st.floats(0.0, 500.0))
@settings(deadline=None, derandomize=True, max_examples=400)
def test_a_higher_threshold_never_adds_a_recipient(
    rules: Eligibility, evidence: Evidence, name: str, more: float
) -> None:
    higher = replace(rules, **{name: getattr(rules, name) + more})
    assert not (meets(higher, evidence) and not meets(rules, evidence))


@given(rules=RULES, evidence=EVIDENCE, fewer=st.floats(0.0, 20_000.0))
@settings(deadline=None, derandomize=True, max_examples=400)
def test_a_lower_ceiling_of_inhabitants_never_adds_a_recipient(
    rules: Eligibility, evidence: Evidence, fewer: float
) -> None:
    lower = replace(rules, most_inhabitants=rules.most_inhabitants - fewer)
    assert not (meets(lower, evidence) and not meets(rules, evidence))


@pytest.mark.parametrize(
    "rules",
    [{"least_centrality_class": 4}, {"most_inhabitants": 3999.0}, {"old_share": 0.21}],
)
def test_rules_for_certain_places_turn_others_down_and_say_why(rules: dict[str, float]) -> None:
    assert meets(ACUTE, LOSS)
    words = shortfall(replace(ACUTE, **rules), LOSS)
    assert any(word in words for word in ("centrality class 3", "4000 inhabitants", "20.0% aged 67"))


@given(rules=RULES, evidence=EVIDENCE)
@settings(deadline=None, derandomize=True, max_examples=400)
def test_severity_is_at_least_one_where_a_loss_or_decline_meets_its_threshold(
    rules: Eligibility, evidence: Evidence
) -> None:
    open_to_all = replace(rules, least_centrality_class=1, most_inhabitants=1e9, old_share=0.0)
    if meets(open_to_all, evidence) and min(rules.loss_persons, rules.population_decline) > 0.01:
        exact = rules.rule is Rule.DECLINE or min(rules.loss_share, rules.discretion_share) > 0.01
        assert severity(rules, evidence) >= 1.0 - 1e-9 or not exact or rules.isolated_factor < 0.01


@pytest.mark.parametrize("name", [name for name in THRESHOLDS if name not in OF_PLACES])
def test_every_threshold_can_turn_somebody_down(name: str) -> None:
    rules = replace(
        DECLINE if name.endswith("decline") else ACUTE, **{name: 0.0 if name != "discretion_share" else 0.01}
    )
    evidence = Evidence(0.02, 150.0, -0.1, -0.1, 6, 4000.0, 0.2)
    if name == "loss_persons":
        evidence = replace(evidence, loss_share=0.5, loss_persons=10.0)
    elif name == "loss_share":
        evidence = replace(evidence, centrality_class=1)
    elif name.endswith("decline"):
        evidence = replace(evidence, **{name: 0.05})
    assert meets(rules, evidence)
    assert not meets(replace(rules, **{name: 5000.0}), evidence)


@given(rules=RULES, evidence=EVIDENCE, more=st.floats(0.0, 500.0))
@settings(deadline=None, derandomize=True)
def test_a_larger_loss_never_loses_status(rules: Eligibility, evidence: Evidence, more: float) -> None:
    worse = replace(
        evidence, loss_share=evidence.loss_share + more, loss_persons=evidence.loss_persons + more,
        population_decline=evidence.population_decline + more, employment_decline=evidence.employment_decline + more,
    )  # fmt: skip
    assert meets(rules, worse) or not meets(rules, evidence)


def test_the_first_track_that_fits_is_granted() -> None:
    first, second = make_track(name="first", eligibility=ACUTE), make_track(name="second", eligibility=ACUTE)
    slow = make_track(name="slow", eligibility=DECLINE)
    both = replace(LOSS, population_decline=0.3)
    for tracks, evidence, granted in (
        ((first, second), LOSS, first), ((second, first), LOSS, second), ((slow, first), LOSS, first),
        ((slow, first), both, slow), ((first, slow), both, first), ((first, slow), NOTHING, None), ((), both, None),
    ):  # fmt: skip
        design = replace(make_design(), tracks=tracks)
        decision = eligible_track(design, lambda _rules, evidence=evidence: evidence)
        assert decision is granted if granted else isinstance(decision, str)


def test_each_track_asks_for_evidence_over_its_own_years() -> None:
    asked = []

    def evidence(rules: Eligibility) -> Evidence:
        asked.append((rules.rule, rules.loss_years, rules.decline_years))
        return NOTHING

    short, slow = replace(ACUTE, loss_years=2), replace(DECLINE, decline_years=5)
    design = make_design(make_track(eligibility=short), make_track(eligibility=slow))
    refusal = eligible_track(design, evidence)
    assert "0 jobs lost, 150 needed" in str(refusal)
    assert "inhabitants fell by 0.0%" in str(refusal)
    assert asked == [(Rule.ACUTE, 2, 10), (Rule.DECLINE, 3, 5)]


@pytest.mark.parametrize("name", ["current", "refine", "extend"])
def test_shipped_rules_tell_acute_loss_from_decline(name: str) -> None:
    design = load_design(name)
    loss, decline = replace(LOSS, centrality_class=5), replace(NOTHING, population_decline=0.12)
    milder = replace(NOTHING, population_decline=0.06)
    granted = [eligible_track(design, lambda _rules, e=e: e) for e in (loss, decline, milder, NOTHING)]
    names = [track.name if isinstance(track, Track) else "" for track in granted]
    expected = {
        "current": ["acute", "decline", "", ""],
        "refine": ["acute", "", "", ""],
        "extend": ["acute", "decline", "demographic", ""],
    }
    assert names == expected[name]


def _evidence(months: int, years: int, **documented: float) -> tuple[Evidence, RestructuringModel]:
    margins = make_margins((1200, 800))
    form = Application("Test", ("9901",), margins.start_month + 600, **documented)
    model = RestructuringModel(margins, seed=3, support=Support(make_design(), (form,)))
    model.run_months(months)
    rules = replace(ACUTE, loss_years=years, decline_years=years)
    return model.programmes[0].evidence(rules), model


def test_evidence_is_documented_or_taken_from_the_run() -> None:
    evidence, model = _evidence(60, 2)
    jobs, population = (model.record.of(name)[:, 0] for name in ("jobs", "population"))
    peak = jobs[-25:].max()
    assert (evidence.loss_persons, evidence.loss_share) == (peak - jobs[-1], (peak - jobs[-1]) / peak)
    assert evidence.employment_decline == pytest.approx(1.0 - jobs[-1] / jobs[-25])
    assert evidence.population_decline == pytest.approx(1.0 - population[-1] / population[-25])
    assert evidence.centrality_class == 5
    assert _evidence(60, 4)[0] != evidence
    documented, _ = _evidence(60, 2, documented_loss=40.0, documented_population_decline=0.3)
    assert (documented.loss_persons, documented.loss_share) == (40.0, 40.0 / peak)
    assert (documented.population_decline, documented.employment_decline) == (0.3, evidence.employment_decline)
