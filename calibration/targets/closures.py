"""Targets of shocks: places hit by a dated closure, simulated one to one, and what a lost job takes with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from omstilling.calibration.margins.region import region_margins
from omstilling.calibration.tables.counts import residents_between
from omstilling.calibration.tables.observed import observed_total
from omstilling.calibration.tables.places import Places
from omstilling.calibration.tables.tables import JOB_YEARS, POPULATION_YEARS
from omstilling.calibration.targets.target import Block, Meaning, Statistics, Target
from omstilling.model import Parameters, RegionMargins, RestructuringModel, Shock
from omstilling.model.engine.calendar import year_of
from omstilling.model.policy.design import NO_SUPPORT, Support
from omstilling.scenarios.design_loader import load_design
from omstilling.scenarios.loader import load_scenario

SCENARIOS = (
    "andoy-2018", "sor-varanger-2015", "vestre-toten-2009", "ringerike-2012", "flora-2003", "valer-2002", "al-2002",
)  # fmt: skip
DESIGN = "current"
_POPULATION_AFTER = (2, 5, 8)
_JOBS_AFTER = ((5, 3, 8), (8, 6, 10))
"""Years after the event: the one wanted, and the first and last taken for it."""
_MONTHS = 12
_OCTOBER_TO_DECEMBER = 11
"""Row of the record, counted from January, that stands for the 4th quarter: the end of November."""

PAIRED = ("andoy-2018", "sor-varanger-2015")
"""Closures whose plans state jobs lost in all beside those lost directly."""
_LASTING = "sor-varanger-2015"
_RIPPLE_MONTHS, _LASTING_MONTHS = 24, 72
_WORKING_AGE = (16, 66)
_LEAST_RIPPLE = 0.5
"""Jobs lost in all per direct job below which inhabitants are not divided by them: chance alone then decides."""


@dataclass(frozen=True)
class Case:
    """A scenario as the model takes it, with the municipalities of its programme alone."""

    margins: RegionMargins
    shocks: tuple[Shock, ...]
    support: Support


def recorded(model: RestructuringModel, column: str) -> NDArray[np.float64]:
    """A recorded column by month, summed over municipalities."""
    return np.asarray(model.record.of(column).sum(axis=1))


@cache
def case_of(name: str) -> Case:
    """A shipped scenario under the design ``current``.

    The municipalities of the programme are run alone, a choice for speed: Andøy, Sør-Varanger and Lierne are
    labour-market regions by themselves, and of the others the rest of the region is part of the outside.
    """
    scenario = load_scenario(name, Places())
    shocks = tuple(spec.to_shock() for spec in scenario.shocks)
    application = scenario.application
    margins = region_margins(application.municipalities, scenario.start, shocks)
    return Case(margins, shocks, Support(load_design(DESIGN), (application,)))


@dataclass(frozen=True)
class Closure:
    """A dated closure and when its place is looked at.

    Attributes
    ----------
    scenario
        Name of the shipped scenario.
    codes
        Municipalities hit: those of the programme.
    start
        First year of the run.
    month, direct_loss
        Month number of the event, and jobs lost in it.
    population_years
        Years whose 1 January is compared with that of the year of the event.
    job_base
        Year whose 4th quarter is the level before; None for the level that the run starts from.
    job_years
        Years whose 4th quarter is compared with it.
    """

    scenario: str
    codes: tuple[str, ...]
    start: int
    month: int
    direct_loss: int
    population_years: tuple[int, ...]
    job_base: int | None
    job_years: tuple[int, ...]

    @property
    def year(self) -> int:
        """Year of the event."""
        return year_of(self.month)

    @property
    def last_row(self) -> int:
        """Row of the record at the last date compared: what a run must reach."""
        quarters = [self.quarter(year) for year in self.job_years]
        return max([self.january(year) for year in self.population_years] + quarters)

    def january(self, year: int) -> int:
        """Row of the record on 1 January."""
        return _MONTHS * (year - self.start)

    def quarter(self, year: int) -> int:
        """Row of the record in the 4th quarter."""
        return self.january(year) + _OCTOBER_TO_DECEMBER

    def named(self, kind: str, year: int) -> str:
        """Name of a statistic: kind, years after the event and scenario."""
        return f"{kind}_{year - self.year}_{self.scenario}"


def _population_years(event: int) -> tuple[int, ...]:
    """Years two, five and eight after the event; the last observed in place of a later one."""
    return tuple(dict.fromkeys(min(event + after, POPULATION_YEARS[-1]) for after in _POPULATION_AFTER))


def _job_years(event: int) -> tuple[int, ...]:
    """Observed 4th quarters nearest to five and eight years after the event, each once."""
    chosen: list[int] = []
    for wanted, first, last in _JOBS_AFTER:
        near = [year for year in JOB_YEARS if first <= year - event <= last and year not in chosen]
        chosen += sorted(near, key=lambda year: abs(year - event - wanted))[:1]
    return tuple(chosen)


def _closure(name: str) -> Closure:
    case, start = case_of(name), year_of(case_of(name).margins.start_month)
    month = min(shock.month for shock in case.shocks)
    event = year_of(month)
    before = [year for year in JOB_YEARS if start <= year < event]
    # Before 2005 the level is carried back from that year: it says nothing of what a place had before a closure.
    known = start > JOB_YEARS[0]
    return Closure(
        scenario=name,
        codes=case.margins.codes,
        start=start,
        month=month,
        direct_loss=sum(shock.jobs for shock in case.shocks),
        population_years=_population_years(event),
        job_base=before[-1] if before else None,
        job_years=_job_years(event) if known else (),
    )


@cache
def closures() -> tuple[Closure, ...]:
    """The closures compared."""
    return tuple(_closure(name) for name in SCENARIOS)


def _change(later: float, before: float) -> float:
    """Log change; an empty place counts as one."""
    return float(np.log(max(later, 1.0) / max(before, 1.0)))


def _start_jobs(case: Case) -> float:
    """Jobs that a run starts from: between known years of the table as the line between them, losses put back."""
    return float(case.margins.commuting[:, :-1].sum())


def _observed_path(closure: Closure) -> Statistics:
    table = observed_total(closure.codes)
    population, jobs = table["population"], table["jobs"]
    base = _start_jobs(case_of(closure.scenario)) if closure.job_base is None else float(jobs[closure.job_base])
    here, then = "population", float(population[closure.year])
    statistics = {closure.named(here, y): _change(float(population[y]), then) for y in closure.population_years}
    return statistics | {closure.named("jobs", y): _change(float(jobs[y]), base) for y in closure.job_years}


def simulated_path(closure: Closure, parameters: Parameters, seed: int) -> Statistics:
    """Statistics of one closure from a run with its programme, up to the last date compared."""
    case = case_of(closure.scenario)
    model = RestructuringModel(case.margins, parameters, case.shocks, seed, case.support)
    model.run_months(closure.last_row)
    population, jobs = recorded(model, "population"), recorded(model, "jobs")
    base = _start_jobs(case) if closure.job_base is None else float(jobs[closure.quarter(closure.job_base)])
    then = population[closure.january(closure.year)]
    statistics = {
        closure.named("population", y): _change(population[closure.january(y)], then) for y in closure.population_years
    }
    return statistics | {closure.named("jobs", y): _change(jobs[closure.quarter(y)], base) for y in closure.job_years}


def _without_programme(
    case: Case, shocks: tuple[Shock, ...], parameters: Parameters, seed: int, months: int
) -> tuple[NDArray[np.float64], int]:
    """Jobs by month in the place, and inhabitants of working age at the end."""
    model = RestructuringModel(case.margins, parameters, shocks, seed, NO_SUPPORT)
    model.run_months(months)
    return recorded(model, "jobs"), int(residents_between(model, *_WORKING_AGE).sum())


def _postponed(case: Case, months: int) -> tuple[Shock, ...]:
    """The losses after a run of so many months: the firm is there from the start, but does not close."""
    after = case.margins.start_month + months + 1
    return tuple(replace(shock, month=after + shock.notice_months) for shock in case.shocks)


def paired_losses(closure: Closure, parameters: Parameters, seed: int) -> tuple[float, float]:
    """Jobs lost two years after the event, and inhabitants of working age lost at the end of the run.

    Two runs on the same draws from the same start, with the loss and with none before the end, both without a
    programme.
    """
    case = case_of(closure.scenario)
    event = closure.month - case.margins.start_month
    months = event + (_LASTING_MONTHS if closure.scenario == _LASTING else _RIPPLE_MONTHS)
    jobs, residents = _without_programme(case, case.shocks, parameters, seed, months)
    jobs_kept, residents_kept = _without_programme(case, _postponed(case, months), parameters, seed, months)
    row = event + _RIPPLE_MONTHS
    return float(jobs_kept[row] - jobs[row]), float(residents_kept - residents)


def _paired_statistics(parameters: Parameters, seed: int) -> Statistics:
    chosen = {closure.scenario: closure for closure in closures() if closure.scenario in PAIRED}
    losses = {name: paired_losses(closure, parameters, seed) for name, closure in chosen.items()}
    direct = {name: closure.direct_loss for name, closure in chosen.items()}
    jobs, residents = losses[_LASTING]
    return {
        "ripple": sum(lost for lost, _ in losses.values()) / sum(direct.values()),
        "residents_per_job": residents / max(jobs, _LEAST_RIPPLE * direct[_LASTING]),
    }


_PATH_ERROR = {"population": 0.03, "jobs": 0.05}
"""Log points: what registers, dates and other events leave open in a single place; choices."""
_PATH_SOURCE = {"population": "Statistics Norway, table 07459", "jobs": "Statistics Norway, table 11618"}
_PAIRED_OBSERVED = {"ripple": (1.49, 0.25), "residents_per_job": (0.5, 0.15)}
_PAIRED_MEANINGS = {
    "ripple": Meaning(
        "jobs lost in the municipality two years after a closure, against the same run without it; Andøy and "
        "Sør-Varanger together", "per job lost directly",
        "planning documents, ex ante: 339 of 272 (nrk.no 1.13275156), 730 of 422 (Omstillingsplan Sør-Varanger 2016)",
        True,
    ),
    "residents_per_job": Meaning(
        "fewer inhabitants aged 16-66 six years after a closure, against the same run without it; Sør-Varanger",
        "per job lost in all after two years", "Dao, Furceri and Loungani 2017 (to be verified)",
    ),
}  # fmt: skip


@cache
def _observed() -> Statistics:
    paths = {name: value for closure in closures() for name, value in _observed_path(closure).items()}
    return paths | {name: figure for name, (figure, _) in _PAIRED_OBSERVED.items()}


def observed_statistics() -> Statistics:
    """Observed figures by name."""
    return dict(_observed())


def simulated_statistics(parameters: Parameters, seed: int) -> Statistics:
    """The same of runs under one seed: each closure with its programme, and two pairs without."""
    paths = [simulated_path(closure, parameters, seed) for closure in closures()]
    return {name: value for path in paths for name, value in path.items()} | _paired_statistics(parameters, seed)


def _path_targets(closure: Closure) -> list[Target]:
    before = f"the 4th quarter of {closure.job_base}" if closure.job_base else "the start of the run"
    dated = [("population", year, f"1 January {year} against {closure.year}") for year in closure.population_years]
    dated += [("jobs", year, f"4th quarter of {year} against {before}") for year in closure.job_years]
    words = {"population": "inhabitants", "jobs": "jobs"}
    return [
        Target(
            name, Block.SHOCK, f"{words[kind]} of the place in {closure.scenario}, {when}", "log points",
            _observed()[name], _PATH_ERROR[kind], _PATH_SOURCE[kind],
        )
        for kind, year, when in dated
        for name in [closure.named(kind, year)]
    ]  # fmt: skip


@cache
def closure_targets() -> tuple[Target, ...]:
    """Targets of the block.

    No single place is required: its path is one draw, and other events than the closure are in it.
    """
    paired = [
        Target(
            name, Block.SHOCK, meaning.definition, meaning.unit, *_PAIRED_OBSERVED[name], meaning.source,
            meaning.required,
        )
        for name, meaning in _PAIRED_MEANINGS.items()
    ]  # fmt: skip
    return (*(target for closure in closures() for target in _path_targets(closure)), *paired)
