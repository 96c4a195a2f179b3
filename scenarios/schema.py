"""Schema: what a scenario file may hold."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict, ValidationInfo

from omstilling.model.calendar import month_number
from omstilling.model.industries import INDUSTRIES, INDUSTRY_BY_NACE
from omstilling.model.shocks import Shock, ShockKind
from omstilling.scenarios.errors import nearest

FIRST_START, LAST_START = 2002, 2022
"""Years a run can start in: those of the data tables."""
LONGEST_YEARS = 40
_MONTH = re.compile(r"^(\d{4})-(\d{2})(?:-\d{2})?$")


def parse_month(value: Any) -> int:
    """Month number of ``YYYY-MM``, ``YYYY-MM-DD`` or a TOML date.

    Raises
    ------
    ValueError
        For anything else.
    """
    if isinstance(value, dt.date):
        return month_number(value.year, value.month)
    match = _MONTH.match(value) if isinstance(value, str) else None
    if not match or not 1 <= int(match[2]) <= 12:
        raise ValueError('a month such as "2015-11" is expected')
    return month_number(int(match[1]), int(match[2]))


def parse_industry(value: Any) -> int:
    """Index of an industry given by NACE group or English name.

    Raises
    ------
    ValueError
        For anything else; the nearest name is suggested.
    """
    words = INDUSTRY_BY_NACE | {industry.name: index for index, industry in enumerate(INDUSTRIES)}
    if isinstance(value, str) and value in words:
        return words[value]
    near = nearest(str(value), words)
    hint = f"; did you mean {near!r}?" if near else ""
    raise ValueError(f"an industry by NACE group ({', '.join(INDUSTRY_BY_NACE)}) or English name is expected{hint}")


def _municipality(value: str, info: ValidationInfo) -> str:
    """Code of a municipality; left as it is where a scenario is made without a file."""
    return str(info.context["places"].resolve_municipality(value)) if info.context else value


def _region(value: str, info: ValidationInfo) -> str:
    """Key of a labour-market region; left as it is where a scenario is made without a file."""
    return str(info.context["places"].resolve_region(value)) if info.context else value


Municipality = Annotated[str, AfterValidator(_municipality)]
Region = Annotated[str, AfterValidator(_region)]
Number = Annotated[int, Strict()]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class ShockSpec(_Table):
    """One ``[[shocks]]`` table of a scenario file; the meaning is that of ``omstilling.model.shocks.Shock``.

    ``firm_jobs`` of 0 stands for "as many as ``jobs``".
    """

    kind: ShockKind
    date: Annotated[int, BeforeValidator(parse_month)]
    municipality: Municipality
    jobs: Number = Field(ge=0)
    industry: Annotated[int, BeforeValidator(parse_industry)]
    firm: str = ""
    firm_jobs: Number = Field(default=0, ge=0)
    notice_months: Number = Field(default=0, ge=0, le=120)
    duration_months: Number = Field(default=1, ge=1, le=480)
    source: str = ""

    def to_shock(self) -> Shock:
        """The shock as the model takes it."""
        return Shock(
            kind=self.kind,
            month=self.date,
            municipality=self.municipality,
            jobs=self.jobs,
            industry=self.industry,
            firm=self.firm,
            notice_months=self.notice_months,
            firm_jobs=0 if self.kind is ShockKind.DECLINE else max(self.firm_jobs, self.jobs),
            duration_months=self.duration_months,
        )


class Scenario(_Table):
    """What to run: where, from when, for how long, which shocks, how many replications, which seed.

    A file names where in one of three ways: ``place``, a municipality whose labour-market region is run; ``region``,
    a labour-market region; or ``municipalities``, a list. ``load_scenario`` fills in the others.
    """

    name: str
    title: str
    description: str = ""
    place: Municipality = ""
    region: Region = ""
    municipalities: tuple[Municipality, ...] = ()
    start: Number = Field(ge=FIRST_START, le=LAST_START)
    years: Number = Field(ge=1, le=LONGEST_YEARS)
    replications: Number = Field(default=20, ge=1)
    seed: Number = Field(default=1, ge=0, lt=2**63)
    sources: tuple[str, ...] = ()
    shocks: tuple[ShockSpec, ...] = ()

    @property
    def months(self) -> int:
        """Months to simulate."""
        return 12 * self.years

    @property
    def focus(self) -> str:
        """Code of the municipality that the scenario is about: its place, else that of the first shock, else the first."""
        if self.place:
            return self.place
        return self.shocks[0].municipality if self.shocks else self.municipalities[0]


def to_shocks(scenario: Scenario) -> tuple[Shock, ...]:
    """The shocks of a scenario as the model takes them."""
    return tuple(spec.to_shock() for spec in scenario.shocks)
