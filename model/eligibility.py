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


def meets(rules: Eligibility, evidence: Evidence) -> bool:
    """Whether the evidence meets the rules."""
    if rules.rule is Rule.DECLINE:
        return bool(
            evidence.population_decline >= rules.population_decline
            or evidence.employment_decline >= rules.employment_decline
        )
    needed = rules.loss_share
    if evidence.centrality_class >= ISOLATED_CLASS:
        needed *= rules.isolated_factor
    needed = min(needed, rules.discretion_share)
    return bool(evidence.loss_share >= needed and evidence.loss_persons >= rules.loss_persons)


def eligible_track(design: Design, evidence: Callable[[Eligibility], Evidence]) -> Track | None:
    """The first track of the design whose rules are met by the evidence over the years that they ask for."""
    for track in design.tracks:
        if meets(track.eligibility, evidence(track.eligibility)):
            return track
    return None
