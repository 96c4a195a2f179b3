"""Design keys: what a design file may set, with unit and meaning."""

from __future__ import annotations

from dataclasses import dataclass

from omstilling.model.development.ideas import Kind
from omstilling.model.policy.design import Ranking, Rule

NOK = "NOK of 2020"


@dataclass(frozen=True)
class Key:
    """One key: its unit, type of value, what it means, and the least value where a file can already be judged."""

    unit: str
    kind: type
    meaning: str
    least: float | None = None


MIX_KINDS = tuple(kind.name.lower() for kind in Kind)

ELIGIBILITY_KEYS = {
    "rule": Key("rule", str, f"what makes a municipality eligible: {' or '.join(Rule)}"),
    "loss_share": Key("share of employment", float, "least loss over loss_years"),
    "loss_persons": Key("persons", float, "least loss over loss_years"),
    "loss_years": Key("years", int, "over which a loss counts"),
    "isolated_factor": Key("factor", float, "on loss_share in centrality classes 5 and 6"),
    "discretion_share": Key("share of employment", float, "loss down to which the county may grant; 1 for none"),
    "population_decline": Key("share of inhabitants", float, "least fall over decline_years"),
    "employment_decline": Key("share of employment", float, "least fall over decline_years"),
    "decline_years": Key("years", int, "over which a decline counts"),
    "least_centrality_class": Key("class", int, "least central class (1-6) from which a municipality is eligible"),
    "most_inhabitants": Key("persons", float, "that an eligible municipality may have"),
    "old_share": Key("share of inhabitants", float, "least share aged 67 and over"),
}

GRANT_MULTIPLE = "grant_multiple"
"""The key that is no value of a track itself: it changes the yearly grant that the track has without it."""

TRACK_KEYS = {
    "clarification_months": Key("months", int, "clarification of the situation"),
    "anchoring_months": Key("months", int, "strategy and anchoring"),
    "years": Key("years", int, "of yearly grants"),
    "capacity_first_months": Key("months", int, "at first, in which only staff and competence are paid"),
    "midterm_year": Key("years", int, "of grants before the mid-term check; 0 for none"),
    "midterm_least_used": Key("share of money received", float, "used at the mid-term check, or the programme stops"),
    "taper_years": Key("years", int, "at the end with smaller grants"),
    "taper_share": Key("share", float, "of the ordinary grant in those years"),
    "wind_down_months": Key("months", int, "at the end, in which no new project is taken in"),
    "yearly_grant": Key(f"{NOK} a year", float, "grant to a programme of ordinary size (grant_factor 1)"),
    GRANT_MULTIPLE: Key("factor", float, "on yearly_grant", least=0.0),
    "own_share": Key("share of the whole", float, "that the municipality pays"),
    "payer": Key("payer", str, "who pays the grant: state or county"),
    "aid_intensity": Key("share of cost", float, "that support to a project covers"),
    "staff": Key("FTE", float, "that a programme of ordinary size or larger pays; fewer in smaller ones"),
    "guidance": Key("0-1", float, "guidance from the national competence body"),
    "strictness": Key("0-1", float, "how surely projects that seem to manage alone are turned down"),
    "exit_kept": Key("share of staff", float, "that the exit plan keeps where the council is wholly behind it"),
} | {f"mix.{kind}": Key("share of project money", float, f"for {kind.replace('_', '-')}") for kind in MIX_KINDS}

ALL_TRACK_KEYS = TRACK_KEYS | {f"eligibility.{key}": known for key, known in ELIGIBILITY_KEYS.items()}

ADVICE_KEYS = {
    "guidance": Key("0-1", float, "guidance without grants"),
    "years": Key("years", int, "from the first application on"),
    "least_centrality_class": Key("class", int, "least central class (1-6) from which municipalities are advised"),
}

REGIME_KEYS = {
    "rounds_a_year": Key("rounds a year", int, "in which applications are decided"),
    "ranking": Key("ranking", str, f"what goes first where money is short: {', '.join(Ranking)}"),
    "county_share": Key("share of the budget", float, "divided among counties by rural inhabitants in advance"),
    "employment_lag_months": Key("months", int, "from the end of a year until its employment is published"),
    "population_lag_months": Key("months", int, "from 1 January until its population is published"),
    "reentry_years": Key("years", int, "from the end of a programme until the next application"),
}

BUDGET_KEY = Key(f"{NOK} a year", float, "all grants of the State together")
