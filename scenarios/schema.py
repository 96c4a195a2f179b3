"""Schema: what a scenario file may hold."""

from __future__ import annotations

import datetime as dt
import re
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from omstilling.model.engine.calendar import month_label, month_number
from omstilling.model.policy.design import Application
from omstilling.model.shocks.shocks import Shock, ShockKind
from omstilling.model.state.industries import INDUSTRIES, Market
from omstilling.scenarios.errors import WrongKeyError, nearest

FIRST_START, LAST_START = 2002, 2022
COUNTRY = "country"
_MOST_SAMPLED = 100
LONGEST_YEARS = 40
_MONTH = re.compile(r"^(\d{4})-(\d{2})(-\d{2})?$")


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
    words = {industry.nace: index for index, industry in enumerate(INDUSTRIES)}
    words |= {industry.name: index for index, industry in enumerate(INDUSTRIES)}
    if isinstance(value, str) and value in words:
        return words[value]
    near = nearest(str(value), words)
    hint = f"; did you mean {near!r}?" if near else ""
    raise ValueError(f"an industry by NACE group ({', '.join(i.nace for i in INDUSTRIES)}) or name is expected{hint}")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


_WHERE = ("place", "region", "county", "scope", "municipalities")
"""Keys that say where a scenario is."""


def _wide(key: str, data: dict[str, Any], places: Any) -> tuple[str, ...]:
    """Codes of a county or the whole country; ValueError for one that does not exist."""
    if key == "county":
        data["county"] = places.resolve_county(data["county"])
        return tuple(places.municipalities_in_county(data["county"]))
    if data["scope"] != COUNTRY:
        raise ValueError(f"it is no scope; did you mean {COUNTRY!r}?")
    return tuple(places.all_municipalities())


class ShockSpec(_Strict):
    """One shock of a scenario file; see ``omstilling.model.shocks.shocks.Shock``."""

    kind: ShockKind
    date: Annotated[int, BeforeValidator(parse_month)]
    municipality: str
    jobs: int = Field(ge=0)
    industry: Annotated[int, BeforeValidator(parse_industry)]
    firm: str = ""
    firm_jobs: int = Field(default=0, ge=0)
    notice_months: int = Field(default=0, ge=0, le=120)
    duration_months: int = Field(default=1, ge=1, le=480)
    source: str = ""

    @field_validator("municipality", mode="before")
    @classmethod
    def _resolve(cls, value: Any, info: ValidationInfo) -> Any:
        return info.context["places"].resolve_municipality(value) if info.context else value

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.kind is ShockKind.PUBLIC_CLOSURE and INDUSTRIES[self.industry].market is not Market.PUBLIC:
            nace = INDUSTRIES[self.industry].nace
            raise WrongKeyError("industry", repr(nace), "a public_closure needs a public industry: 84, 85 or 86-88")
        if self.kind is ShockKind.DECLINE and self.duration_months == 1:
            raise WrongKeyError("duration_months", 1, "a decline needs 2 or more")
        if self.kind is not ShockKind.DECLINE and self.duration_months != 1:
            raise WrongKeyError("duration_months", self.duration_months, "the key is for a decline only")
        if 0 < self.firm_jobs < self.jobs:
            raise WrongKeyError("firm_jobs", self.firm_jobs, f"at least jobs, {self.jobs}, is needed")
        return self

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
            firm_jobs=max(self.firm_jobs, self.jobs) if self.kind is not ShockKind.DECLINE else 0,
            duration_months=self.duration_months,
        )


class ProgrammeSpec(_Strict):
    """Who applies for status and when; see ``omstilling.model.policy.design.Application``."""

    municipalities: tuple[str, ...] = Field(min_length=1)
    applies: Annotated[int, BeforeValidator(parse_month)]
    documented_loss: float = Field(default=-1.0, ge=0)
    documented_employment_decline: float = Field(default=-1.0, ge=0, le=1)
    documented_population_decline: float = Field(default=-1.0, ge=0, le=1)
    grant_factor: float = Field(default=1.0, gt=0, le=10)
    job_target: float = Field(default=0.0, ge=0)
    source: str = ""

    @field_validator("municipalities", mode="before")
    @classmethod
    def _resolve(cls, value: Any, info: ValidationInfo) -> Any:
        if not info.context or not isinstance(value, (list, tuple)):
            return value
        return tuple(info.context["places"].resolve_municipality(text) for text in value)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        """Name and code of a municipality count as the same."""
        twice = [code for code in dict.fromkeys(self.municipalities) if self.municipalities.count(code) > 1]
        if twice:
            found = f"{', '.join(twice)} more than once"
            raise WrongKeyError("municipalities", found, "each municipality is allowed once, by name or by code")
        return self

    def to_application(self, name: str) -> Application:
        """The application as the model takes it."""
        return Application(
            name=name,
            municipalities=self.municipalities,
            month=self.applies,
            documented_loss=self.documented_loss,
            documented_employment_decline=self.documented_employment_decline,
            documented_population_decline=self.documented_population_decline,
            grant_factor=self.grant_factor,
            job_target=self.job_target,
        )


class Applicants(StrEnum):
    """Who applies for status: those of the scenario's programme, or in every round all who are eligible."""

    PROGRAMME = "programme"
    ELIGIBLE = "eligible"


class Scenario(_Strict):
    """What to run: a place or region, a start, years, shocks, a programme, replications and a seed.

    ``place`` is a municipality, and the run covers its labour-market region; ``region`` a labour-market region;
    ``county`` a county; ``scope = "country"`` the whole country; ``municipalities`` a list. Codes are resolved when the
    file is loaded. ``sample`` runs one in so many persons. In a county or the whole country, unless said otherwise,
    places lose many jobs at random (``random_shocks``), and all who are eligible apply (``applicants``).
    """

    name: str
    title: str
    description: str = ""
    place: str = ""
    region: str = ""
    county: str = ""
    scope: str = ""
    municipalities: tuple[str, ...] = ()
    sample: int = Field(default=1, ge=1, le=_MOST_SAMPLED)
    random_shocks: bool = False
    applicants: Applicants = Applicants.PROGRAMME
    start: int = Field(ge=FIRST_START, le=LAST_START)
    years: int = Field(ge=1, le=LONGEST_YEARS)
    replications: int = Field(default=20, ge=1)
    seed: int = Field(default=1, ge=0, lt=2**63)
    shocks: tuple[ShockSpec, ...] = ()
    programme: ProgrammeSpec | None = None
    sources: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _place(cls, data: Any, info: ValidationInfo) -> Any:
        """Resolve where the scenario is, given in exactly one of five ways."""
        if not isinstance(data, dict) or not info.context:
            return data
        given = [key for key in _WHERE if data.get(key)]
        if len(given) != 1:
            one = f"exactly one of {', '.join(_WHERE)} is needed"
            raise WrongKeyError(given[-1] if given else "place", " and ".join(given) or "nothing", one)
        places, data, key = info.context["places"], dict(data), given[0]
        try:
            if key == "municipalities":
                data[key] = tuple(places.resolve_municipality(text) for text in data[key])
                return data
            if key in ("county", "scope"):
                data["municipalities"] = _wide(key, data, places)
                return {"random_shocks": True, "applicants": Applicants.ELIGIBLE} | data
            if key == "place":
                data["place"] = places.resolve_municipality(data["place"])
                data["region"] = places.region_of(data["place"])
            else:
                data["region"] = places.resolve_region(data["region"])
        except ValueError as error:
            raise WrongKeyError(key, repr(data[key]), str(error)) from error
        data["municipalities"] = places.municipalities_of(data["region"])
        return data

    @model_validator(mode="after")
    def _shocks_fit(self) -> Self:
        first, last = month_number(self.start), month_number(self.start + self.years) - 1
        for number, shock in enumerate(self.shocks):
            if not first <= shock.date <= last:
                years = f"the run covers {self.start} to {self.start + self.years - 1}"
                raise WrongKeyError(f"shocks.{number}.date", month_label(shock.date), years)
            if shock.municipality not in self.municipalities:
                inside = f"the region has {', '.join(self.municipalities)}"
                raise WrongKeyError(f"shocks.{number}.municipality", shock.municipality, inside)
        return self

    @model_validator(mode="after")
    def _programme_fits(self) -> Self:
        if self.programme is None:
            return self
        if self.applicants is Applicants.ELIGIBLE:
            allowed = 'none beside applicants = "eligible"; applicants = "programme" is needed for it'
            raise WrongKeyError("programme", "a programme", allowed)
        for code in self.programme.municipalities:
            if code not in self.municipalities:
                inside = f"the region has {', '.join(self.municipalities)}"
                raise WrongKeyError("programme.municipalities", code, inside)
        if not month_number(self.start) <= self.programme.applies < month_number(self.start + self.years):
            years = f"the run covers {self.start} to {self.start + self.years - 1}"
            raise WrongKeyError("programme.applies", month_label(self.programme.applies), years)
        return self

    @property
    def application(self) -> Application:
        """Who applies: the programme of the file, else the focus in the month after the first shock."""
        if self.programme is not None:
            return self.programme.to_application(self.name)
        month = min((shock.date + 1 for shock in self.shocks), default=month_number(self.start + 1))
        return Application(self.name, (self.focus,), month)

    @property
    def months(self) -> int:
        """Months to simulate."""
        return 12 * self.years

    @property
    def focus(self) -> str:
        """Code of the municipality it is about: its place, else where the first shock falls, else the first."""
        if self.place:
            return self.place
        return self.shocks[0].municipality if self.shocks else self.municipalities[0]
