"""Checks of what one key alone cannot show: keys that exclude each other, dates outside the run, kinds of shock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from omstilling.model.calendar import month_label, month_number
from omstilling.model.industries import INDUSTRIES, Market
from omstilling.model.shocks import ShockKind
from omstilling.scenarios.errors import Problem
from omstilling.scenarios.schema import Scenario, ShockSpec

WHERE = ("place", "region", "municipalities")


def where_problems(data: dict[str, Any]) -> Iterator[Problem]:
    """A file says where in exactly one way."""
    given = [key for key in WHERE if key in data]
    if len(given) != 1:
        yield Problem(", ".join(WHERE), " and ".join(given) or "none", "exactly one of them is needed")
    elif given == ["municipalities"] and data["municipalities"] == []:
        yield Problem("municipalities", "an empty list", "at least one municipality is needed")


def scenario_problems(scenario: Scenario) -> Iterator[Problem]:
    """Municipalities given twice, and what is wrong with each shock."""
    for code, times in Counter(scenario.municipalities).items():
        if times > 1:
            yield Problem("municipalities", f"{code} {times} times", "each municipality may be given once")
    for number, shock in enumerate(scenario.shocks):
        key = f"shocks[{number}]"
        yield from _place_and_date_problems(key, shock, scenario)
        yield from _kind_problems(key, shock)


def _place_and_date_problems(key: str, shock: ShockSpec, scenario: Scenario) -> Iterator[Problem]:
    first, last = month_number(scenario.start), month_number(scenario.start) + scenario.months - 1
    if not first <= shock.date <= last:
        allowed = f"the run lasts from {month_label(first)} to {month_label(last)}"
        yield Problem(f"{key}.date", month_label(shock.date), allowed)
    if shock.municipality not in scenario.municipalities:
        allowed = f"the run covers {', '.join(scenario.municipalities)}"
        yield Problem(f"{key}.municipality", shock.municipality, allowed)


def _kind_problems(key: str, shock: ShockSpec) -> Iterator[Problem]:
    industry = INDUSTRIES[shock.industry]
    if shock.kind is ShockKind.PUBLIC_CLOSURE and industry.market is not Market.PUBLIC:
        yield Problem(f"{key}.industry", f"{industry.nace} ({industry.name})", "a public_closure needs 84, 85 or 86-88")
    if shock.kind is ShockKind.DECLINE:
        if shock.duration_months < 2:
            yield Problem(f"{key}.duration_months", str(shock.duration_months), "a decline needs 2 or more")
        for name in ("firm_jobs", "notice_months"):
            if getattr(shock, name):
                allowed = "a decline of an industry has no firm and no notice"
                yield Problem(f"{key}.{name}", str(getattr(shock, name)), allowed)
        return
    if shock.duration_months != 1:
        yield Problem(f"{key}.duration_months", str(shock.duration_months), "only a decline has a duration")
    if shock.kind is ShockKind.DOWNSIZING and shock.firm_jobs <= shock.jobs:
        allowed = f"a downsizing needs a firm larger than its loss of {shock.jobs} jobs"
        yield Problem(f"{key}.firm_jobs", str(shock.firm_jobs), allowed)
    elif 0 < shock.firm_jobs < shock.jobs:
        yield Problem(f"{key}.firm_jobs", str(shock.firm_jobs), f"at least the {shock.jobs} jobs lost are needed")
