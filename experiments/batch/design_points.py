"""Design points: a design with some keys of its tracks changed, or its grants made neutral to a budget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace

from omstilling.model.policy.design import Design, Eligibility, Track, design_problems
from omstilling.scenarios.design_keys import ALL_TRACK_KEYS, GRANT_MULTIPLE, MIX_KINDS
from omstilling.scenarios.errors import Problem, ScenarioError
from omstilling.scenarios.experiment import DESIGN

_ELIGIBILITY, _MIX = "eligibility.", "mix."


def _mixed(track: Track, changes: Mapping[str, float]) -> tuple[float, ...]:
    """Shares of the mix with some given; the others share the rest as they did before."""
    given = {kind: changes[f"{_MIX}{kind}"] for kind in MIX_KINDS if f"{_MIX}{kind}" in changes}
    before = {kind: share for kind, share in zip(MIX_KINDS, track.mix, strict=True) if kind not in given}
    rest, left = sum(before.values()), 1.0 - sum(given.values())
    even = {kind: 1.0 / len(before) for kind in before}
    shares = {kind: left * (share / rest if rest > 0.0 else even[kind]) for kind, share in before.items()}
    return tuple((given | shares)[kind] for kind in MIX_KINDS)


def _typed(key: str, value: float) -> float:
    return round(value) if ALL_TRACK_KEYS[key].kind is int else value


def _changed(track: Track, changes: Mapping[str, float]) -> Track:
    own = {field.name for field in fields(Track)}
    plain = {key: _typed(key, value) for key, value in changes.items() if key in own}
    of_rule = {
        key.removeprefix(_ELIGIBILITY): _typed(key, value)
        for key, value in changes.items()
        if key.startswith(_ELIGIBILITY)
        and key.removeprefix(_ELIGIBILITY) in {field.name for field in fields(Eligibility)}
    }
    grant = plain.get("yearly_grant", track.yearly_grant) * changes.get(GRANT_MULTIPLE, 1.0)
    mix = _mixed(track, changes) if any(key.startswith(_MIX) for key in changes) else track.mix
    eligibility = replace(track.eligibility, **of_rule)  # type: ignore[arg-type]
    return replace(track, **{**plain, "yearly_grant": grant, "eligibility": eligibility, "mix": mix})  # type: ignore[arg-type]


def design_at(design: Design, point: Mapping[str, float]) -> Design:
    """A design with the ``design.`` keys of a point set in every track. A design without tracks stays as it is.

    Raises
    ------
    ScenarioError
        For a design that cannot be carried out.
    """
    changes = {key.removeprefix(DESIGN): value for key, value in point.items() if key.startswith(DESIGN)}
    if not changes or not design.tracks:
        return design
    changed = replace(design, tracks=tuple(_changed(track, changes) for track in design.tracks))
    problems = [Problem(error.key, error.found, error.allowed) for error in design_problems(changed)]
    if problems:
        raise ScenarioError(f"{design.name} at {dict(point)}", problems)
    return changed


def planned_grants(track: Track) -> float:
    """Grants of a programme of ordinary size over all its years, NOK of 2020."""
    tapered = min(track.taper_years, track.years)
    return track.yearly_grant * (track.years - tapered + tapered * track.taper_share)


def with_grants(design: Design, track: Track, total: float) -> Design:
    """A design whose grants are multiplied so that those of one of its tracks add up to a total, NOK of 2020."""
    planned = planned_grants(track)
    if not planned > 0.0:
        return design
    multiple = total / planned
    return replace(
        design, tracks=tuple(replace(each, yearly_grant=each.yearly_grant * multiple) for each in design.tracks)
    )
