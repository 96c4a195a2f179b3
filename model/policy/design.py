"""Design: the rules, money, guidance and timing of support; never an effect."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Rule(StrEnum):
    """What makes a municipality eligible."""

    ACUTE = "acute"
    DECLINE = "decline"


class Ranking(StrEnum):
    """What puts one application before another where money is short.

    ``track``: the tracks of the design in their order, within each by severity. ``severity``: loss or decline relative
    to the threshold. ``persons``: jobs or inhabitants lost. ``centrality``: the least central first.
    """

    TRACK = "track"
    SEVERITY = "severity"
    PERSONS = "persons"
    CENTRALITY = "centrality"


class DesignError(ValueError):
    """A design that cannot be carried out; ``key`` says where, ``found`` and ``allowed`` what."""

    def __init__(self, key: str, found: object, allowed: str) -> None:
        super().__init__(f"{key}: found {found}; {allowed}")
        self.key = key
        self.found = str(found)
        self.allowed = allowed

    def __reduce__(self) -> tuple[type[DesignError], tuple[str, str, str]]:
        """Let worker processes send it back: one that cannot be made again from its message breaks the pool."""
        return type(self), (self.key, self.found, self.allowed)


@dataclass(frozen=True)
class Eligibility:
    """Who may get status.

    Under ``ACUTE``: a loss over ``loss_years`` of at least ``loss_share`` of employment and ``loss_persons``; the share
    is multiplied by ``isolated_factor`` in the least central municipalities (classes 5 and 6), and the county may go
    down to ``discretion_share``. Under ``DECLINE``: falls of population or employment over ``decline_years`` of at
    least the given shares. Under both: at least ``least_centrality_class``, at most ``most_inhabitants``, and at least
    a share ``old_share`` of inhabitants aged 67 and over.
    """

    rule: Rule
    loss_share: float = 1.0
    loss_persons: float = 0.0
    loss_years: int = 3
    isolated_factor: float = 1.0
    discretion_share: float = 1.0
    population_decline: float = 1.0
    employment_decline: float = 1.0
    decline_years: int = 10
    least_centrality_class: int = 1
    most_inhabitants: float = math.inf
    old_share: float = 0.0


@dataclass(frozen=True)
class Track:
    """One way to be supported: who, how long, with what money, guidance and selection.

    ``yearly_grant`` in NOK of 2020 for a programme of ordinary size, on top of which the municipality pays
    ``own_share`` of the whole; ``mix`` shares of project money by kind, which sum to 1; ``staff`` in FTE;
    ``guidance``, ``strictness``, ``aid_intensity`` and ``exit_kept`` in 0-1. In the first ``capacity_first_months`` of
    the grants only staff and competence projects are paid. After ``midterm_year`` years of grants the programme stops
    unless ``midterm_least_used`` of its money is used. The grants of the last ``taper_years`` are cut to
    ``taper_share``; in the last ``wind_down_months`` no new project is taken in.
    """

    name: str
    eligibility: Eligibility
    clarification_months: int
    anchoring_months: int
    years: int
    capacity_first_months: int
    midterm_year: int
    midterm_least_used: float
    taper_years: int
    taper_share: float
    wind_down_months: int
    yearly_grant: float
    own_share: float
    payer: str
    aid_intensity: float
    staff: float
    guidance: float
    strictness: float
    exit_kept: float
    mix: tuple[float, float, float, float, float, float]

    @property
    def months(self) -> int:
        """Months from application to the end."""
        return self.clarification_months + self.anchoring_months + _MONTHS * self.years


@dataclass(frozen=True)
class Advice:
    """Guidance without grants to all municipalities of at least a centrality class, for some years."""

    guidance: float = 0.0
    years: int = 0
    least_centrality_class: int = 5


@dataclass(frozen=True)
class Regime:
    """How applications are taken and money is rationed where every municipality may apply by itself.

    ``rounds_a_year`` decide on all that are eligible by figures published by then: employment of the 4th quarter
    ``employment_lag_months`` after the year, population of 1 January ``population_lag_months`` after it. Applications
    go by ``ranking``, each paid from the frame of its county, which all counties together hold as ``county_share`` of
    the national budget by rural inhabitants, or from what is left for the whole country. A municipality may apply
    again ``reentry_years`` after its programme ended.
    """

    rounds_a_year: int = 2
    ranking: Ranking = Ranking.TRACK
    county_share: float = 0.0
    employment_lag_months: int = 3
    population_lag_months: int = 2
    reentry_years: int = 2


@dataclass(frozen=True)
class Design:
    """A support design. An application goes to the first track that it is eligible for.

    ``national_budget`` in NOK a year for all grants of the State; where municipalities apply by themselves, guidance
    and advice are paid from it too.
    """

    name: str
    title: str
    tracks: tuple[Track, ...] = ()
    advice: Advice = Advice()
    national_budget: float = 0.0
    regime: Regime = Regime()


@dataclass(frozen=True)
class Application:
    """A municipality, or several together, asks for status.

    ``documented_loss`` jobs that the application says are lost, ripple included, or -1 to take those lost in the run;
    ``documented_employment_decline`` and ``documented_population_decline`` over ten years as shares, or -1 likewise.
    ``grant_factor`` is the size of the programme relative to an ordinary one; ``job_target`` the jobs that it aims to
    report as created or secured, 0 where it names none: nothing in the model depends on it.
    """

    name: str
    municipalities: tuple[str, ...]
    month: int
    documented_loss: float = -1.0
    documented_employment_decline: float = -1.0
    documented_population_decline: float = -1.0
    grant_factor: float = 1.0
    job_target: float = 0.0


@dataclass(frozen=True)
class Support:
    """What is done in a run: a design, and who applies for it or ``open_rounds`` in which all who are eligible do."""

    design: Design
    applications: tuple[Application, ...] = ()
    open_rounds: bool = False


NO_SUPPORT = Support(Design("none", "No programme"))
"""Nobody applies for anything."""

_SHARES = (
    "own_share", "aid_intensity", "guidance", "strictness", "exit_kept", "taper_share", "midterm_least_used",
)  # fmt: skip
_MOST_JOBS = 500_000
_MONTHS = 12
_MOST_YEARS = 20
_MOST_ADVICE_YEARS = 40
_LEAST_CENTRAL = 6
_ROUNDS = (1, 2, 3, 4, 6, 12)
"""Rounds a year that fall in whole months."""


def _share_problems(key: str, value: float) -> Iterator[DesignError]:
    if not 0.0 <= value <= 1.0:
        yield DesignError(key, f"{value:g}", "a share between 0 and 1 is needed")


def _class_problems(key: str, value: int) -> Iterator[DesignError]:
    if not 1 <= value <= _LEAST_CENTRAL:
        yield DesignError(key, value, f"a centrality class of 1 to {_LEAST_CENTRAL} is needed")


def _regime_problems(regime: Regime) -> Iterator[DesignError]:
    """Rounds that never come, lags that are negative, an unknown ranking."""
    yield from _share_problems("regime.county_share", regime.county_share)
    if regime.rounds_a_year not in _ROUNDS:
        yield DesignError(
            "regime.rounds_a_year", regime.rounds_a_year, f"one of {', '.join(map(str, _ROUNDS))} is needed"
        )
    for name in ("employment_lag_months", "population_lag_months", "reentry_years"):
        if getattr(regime, name) < 0:
            yield DesignError(f"regime.{name}", getattr(regime, name), "0 or more is needed")
    if regime.ranking not in tuple(Ranking):
        yield DesignError("regime.ranking", repr(regime.ranking), f"{', '.join(Ranking)} is expected")


def _eligibility_problems(eligibility: Eligibility, key: str) -> Iterator[DesignError]:
    """Thresholds that nobody can meet or that are negative."""
    if eligibility.rule is Rule.ACUTE:
        lowest = min(eligibility.loss_share * min(1.0, eligibility.isolated_factor), eligibility.discretion_share)
        if lowest >= 1.0 or eligibility.loss_persons > _MOST_JOBS:
            yield DesignError(
                key, "a loss that no municipality can have", "thresholds that somebody can meet are needed"
            )
        thresholds: tuple[str, ...] = ("loss_share", "loss_persons", "isolated_factor", "discretion_share")
    else:
        if min(eligibility.population_decline, eligibility.employment_decline) >= 1.0:
            yield DesignError(key, "a decline that no municipality can have", "a share below 1 is needed")
        thresholds = ("population_decline", "employment_decline")
    yield from _share_problems(f"{key}.old_share", eligibility.old_share)
    yield from _class_problems(f"{key}.least_centrality_class", eligibility.least_centrality_class)
    for name in (*thresholds, "most_inhabitants"):
        if not getattr(eligibility, name) >= 0.0:
            yield DesignError(f"{key}.{name}", f"{getattr(eligibility, name):g}", "0 or more is needed")
    for name in ("loss_years", "decline_years"):
        if getattr(eligibility, name) < 1:
            yield DesignError(f"{key}.{name}", getattr(eligibility, name), "1 year or more is needed")


def _money_problems(track: Track, key: str) -> Iterator[DesignError]:
    """Shares outside 0-1, a mix that does not sum to 1, a grant that nobody pays."""
    for name in _SHARES:
        yield from _share_problems(f"{key}.{name}", getattr(track, name))
    if track.own_share == 1.0 and track.yearly_grant > 0.0:
        yield DesignError(
            f"{key}.own_share", f"{track.own_share:g}", "a share below 1 is needed where there is a grant"
        )
    for name in ("yearly_grant", "staff"):
        if not 0.0 <= getattr(track, name) < math.inf:
            yield DesignError(f"{key}.{name}", f"{getattr(track, name):g}", "0 or more is needed")
    if track.yearly_grant > 0.0 and track.payer not in ("state", "county"):
        yield DesignError(f"{key}.payer", repr(track.payer), 'a grant needs a payer: "state" or "county"')
    if not (abs(sum(track.mix) - 1.0) <= 1e-6 and min(track.mix) >= 0.0):
        yield DesignError(
            f"{key}.mix", f"shares that sum to {sum(track.mix):g}", "shares of 0 or more that sum to 1 are needed"
        )


def _length_problems(track: Track, key: str) -> Iterator[DesignError]:
    """A length of 0, or phases longer than the programme."""
    first, last = track.capacity_first_months, track.wind_down_months
    for name in ("capacity_first_months", "wind_down_months", "clarification_months", "anchoring_months"):
        if getattr(track, name) < 0:
            yield DesignError(f"{key}.{name}", getattr(track, name), "a phase of 0 months or more is needed")
    if last > _MONTHS:
        yield DesignError(f"{key}.wind_down_months", last, "at most the last year of grants can be for winding down")
    longest = max(track.taper_years, track.midterm_year, -(-(first + last) // _MONTHS))
    if not 1 <= track.years <= _MOST_YEARS:
        yield DesignError(f"{key}.years", track.years, f"a length of 1 to {_MOST_YEARS} years is needed")
    elif track.years < longest:
        allowed = f"at least {longest} is needed for its mid-term check, taper, capacity phase and wind-down"
        yield DesignError(f"{key}.years", track.years, allowed)


def track_problems(track: Track) -> Iterator[DesignError]:
    """Why a track cannot be carried out: its eligibility, money, mix or length."""
    key = f"tracks.{track.name}"
    yield from _eligibility_problems(track.eligibility, f"{key}.eligibility")
    yield from _money_problems(track, key)
    yield from _length_problems(track, key)


def design_problems(design: Design) -> Iterator[DesignError]:
    """Why a design cannot be carried out: its tracks, its advice, or grants of the State without a national budget."""
    for track in design.tracks:
        yield from track_problems(track)
    advice = design.advice
    yield from _share_problems("advice.guidance", advice.guidance)
    if not 0 <= advice.years <= _MOST_ADVICE_YEARS:
        yield DesignError("advice.years", advice.years, f"0 to {_MOST_ADVICE_YEARS} years are needed")
    yield from _class_problems("advice.least_centrality_class", advice.least_centrality_class)
    yield from _regime_problems(design.regime)
    pays = any(track.yearly_grant > 0.0 and track.payer == "state" for track in design.tracks)
    if pays and not 0.0 < design.national_budget < math.inf:
        yield DesignError(
            "national_budget", f"{design.national_budget:g}", "grants of the State need a national budget"
        )


def check_design(design: Design) -> None:
    """Refuse a design that cannot be carried out.

    Raises
    ------
    DesignError
        The first of its problems.
    """
    for problem in design_problems(design):
        raise problem
