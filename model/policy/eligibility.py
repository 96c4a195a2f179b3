"""Eligibility: what an application documents, and the track that it is eligible for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from omstilling.model.policy.design import Design, Eligibility, Rule, Track

ISOLATED_CLASS = 5
"""Least central municipalities: centrality classes 5 and 6 (Meld. St. 5 (2019-2020))."""


_LEAST_THRESHOLD = 1e-3


@dataclass(frozen=True)
class Evidence:
    """What the county knows when it decides: shares of employment or inhabitants, persons, the centrality class 1-6 of
    the most central municipality of a programme, its inhabitants, and the share of them aged 67 and over.
    """

    loss_share: float
    loss_persons: float
    employment_decline: float
    population_decline: float
    centrality_class: int
    inhabitants: float
    old_share: float


def _share_needed(rules: Eligibility, evidence: Evidence) -> float:
    """Share of jobs that have to be lost under the rule of an acute loss."""
    isolated = evidence.centrality_class >= ISOLATED_CLASS
    return min(rules.loss_share * (rules.isolated_factor if isolated else 1.0), rules.discretion_share)


def severity(rules: Eligibility, evidence: Evidence) -> float:
    """Loss or decline relative to the threshold: at least 1 where the evidence meets it.

    Of the two conditions of an acute loss, the one met less; of the two of a decline, the one met more.
    """

    def relative(found: float, needed: float) -> float:
        return found / max(needed, _LEAST_THRESHOLD)

    if rules.rule is Rule.DECLINE:
        people = relative(evidence.population_decline, rules.population_decline)
        return max(people, relative(evidence.employment_decline, rules.employment_decline))
    persons = relative(evidence.loss_persons, rules.loss_persons)
    return min(persons, relative(evidence.loss_share, _share_needed(rules, evidence)))


def _not_meant(rules: Eligibility, evidence: Evidence) -> str:
    """Why the rules are not for such a place, in words; nothing where they are."""
    if evidence.centrality_class < rules.least_centrality_class:
        return f"centrality class {evidence.centrality_class}, {rules.least_centrality_class} or higher needed"
    if evidence.inhabitants > rules.most_inhabitants:
        return f"{evidence.inhabitants:.0f} inhabitants, at most {rules.most_inhabitants:.0f} allowed"
    if evidence.old_share < rules.old_share:
        return f"{evidence.old_share:.1%} aged 67 and over, {rules.old_share:.1%} needed"
    return ""


def shortfall(rules: Eligibility, evidence: Evidence) -> str:
    """What the evidence lacks to meet the rules, in words; nothing where it meets them."""
    if _not_meant(rules, evidence):
        return _not_meant(rules, evidence)
    if rules.rule is Rule.DECLINE:
        people, jobs = evidence.population_decline, evidence.employment_decline
        if people >= rules.population_decline or jobs >= rules.employment_decline:
            return ""
        needed = f"{rules.population_decline:.0%} or {rules.employment_decline:.0%}"
        return f"inhabitants fell by {people:.1%} and jobs by {jobs:.1%}, {needed} needed"
    share = _share_needed(rules, evidence)
    if not evidence.loss_persons >= rules.loss_persons:
        return f"{evidence.loss_persons:.0f} jobs lost, {rules.loss_persons:.0f} needed"
    if not evidence.loss_share >= share:
        return f"{evidence.loss_share:.1%} of jobs lost, {share:.1%} needed"
    return ""


def eligible_track(design: Design, evidence: Callable[[Eligibility], Evidence]) -> Track | str:
    """The first track of the design whose rules are met by the evidence over the years that they ask for.

    Returns
    -------
    Track or str
        The track, or what is lacking for each, in words.
    """
    lacking = []
    for track in design.tracks:
        missing = shortfall(track.eligibility, evidence(track.eligibility))
        if not missing:
            return track
        lacking.append(f"{track.name}: {missing}")
    return "; ".join(lacking) or "the design has no programmes"
