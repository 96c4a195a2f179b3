"""Eligibility: what an application documents, and the track that it is eligible for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from omstilling.model.design import Design, Eligibility, Rule, Track

ISOLATED_CLASS = 5
"""Least central municipalities: centrality classes 5 and 6 (Meld. St. 5 (2019-2020))."""


@dataclass(frozen=True)
class Evidence:
    """What the county knows when it decides: shares of employment or inhabitants, persons, and the centrality class
    1-6 of the most central municipality of a programme.
    """

    loss_share: float
    loss_persons: float
    employment_decline: float
    population_decline: float
    centrality_class: int


def shortfall(rules: Eligibility, evidence: Evidence) -> str:
    """What the evidence lacks to meet the rules, in words; nothing where it meets them."""
    if rules.rule is Rule.DECLINE:
        people, jobs = evidence.population_decline, evidence.employment_decline
        if people >= rules.population_decline or jobs >= rules.employment_decline:
            return ""
        needed = f"{rules.population_decline:.0%} or {rules.employment_decline:.0%}"
        return f"inhabitants fell by {people:.1%} and jobs by {jobs:.1%}, {needed} needed"
    share = rules.loss_share
    if evidence.centrality_class >= ISOLATED_CLASS:
        share *= rules.isolated_factor
    share = min(share, rules.discretion_share)
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
