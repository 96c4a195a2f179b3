"""Registry: every indicator with unit, definition, formula, what may be concluded from it, and source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omstilling.calibration.estimates import attractiveness
from omstilling.experiments.reading.trace import Trace
from omstilling.model.state.margins import RegionMargins
from omstilling.model.state.record import COLUMNS

WINDOW_YEARS = 6
"""Growth for attractiveness is over six years, as in the figures (2016-2022)."""
MILLION = 1e6


@dataclass(frozen=True)
class Reading:
    """Where an indicator is read: a run, its paired run without programme, the margins, and a number in DATES."""

    run: Trace
    baseline: Trace
    margins: RegionMargins
    date: int


Formula = Callable[[Reading], float]


@dataclass(frozen=True)
class Indicator:
    """One indicator.

    ``better`` is 1 where more is better, -1 where less is, 0 where it does not say; ``formula_text`` in words and
    symbols; ``conclusion`` what a user may conclude from it.
    """

    name: str
    group: str
    unit: str
    better: int
    definition: str
    formula_text: str
    conclusion: str
    source: str
    formula: Formula


@dataclass(frozen=True)
class Ratio:
    """An indicator that is a ratio of means over replications, because its denominator can be near 0 in one run."""

    name: str
    group: str
    unit: str
    better: int
    definition: str
    formula_text: str
    conclusion: str
    source: str
    numerator: str
    denominator: str


def _column(name: str) -> Formula:
    return lambda at: at.run.here(name, at.date)


def _mean_column(name: str, weight: str) -> Formula:
    return lambda at: at.run.mean_here(name, weight, at.date)


def _share(part: str, whole: str) -> Formula:
    return lambda at: at.run.here(part, at.date) / max(at.run.here(whole, at.date), 1.0)


def _per_cent_above(column: str) -> Formula:
    def effect(at: Reading) -> float:
        return 100.0 * (at.run.here(column, at.date) / max(at.baseline.here(column, at.date), 1.0) - 1.0)

    return effect


def _above(column: str) -> Formula:
    return lambda at: at.run.here(column, at.date) - at.baseline.here(column, at.date)


def _elsewhere_above(column: str) -> Formula:
    return lambda at: at.run.elsewhere(column, at.date) - at.baseline.elsewhere(column, at.date)


def _reported(at: Reading) -> float:
    return at.run.here("reported_created", at.date) + at.run.here("reported_secured", at.date)


def _lasting(at: Reading) -> float:
    """Reported jobs that are there: growth of staff up to the created, staff up to the secured."""
    projects = [project for project in at.run.supported_by(at.date) if project.reported > 0.0]
    if not projects:
        return 0.0
    staff = at.run.firms[at.date].staff_of(np.array([project.firm_uid for project in projects], dtype=np.uint64))
    before = np.array([project.staff_before for project in projects])
    created = np.clip(staff - before, 0.0, [project.created for project in projects])
    return float((created + np.minimum(staff, [project.secured for project in projects])).sum())


def _entropy(at: Reading) -> float:
    jobs = at.run.cells[at.date][at.run.places].sum(axis=0)
    shares = jobs[jobs > 0] / jobs.sum()
    return float(-(shares * np.log(shares)).sum())


def _hhi(at: Reading) -> float:
    jobs = at.run.cells[at.date][at.run.places].sum(axis=0)
    return float(((jobs / max(jobs.sum(), 1.0)) ** 2).sum())


def _says_triggered(at: Reading) -> float:
    return float(sum(project.says_triggered for project in at.run.supported_by(at.date)))


def _clients(at: Reading) -> float:
    return float(len(at.run.supported_by(at.date)))


def _money(part: str) -> Formula:
    def above(at: Reading) -> float:
        return (getattr(at.run.money[at.date], part) - getattr(at.baseline.money[at.date], part)) / MILLION

    return above


def _conditions(at: Reading) -> tuple[attractiveness.Conditions, NDArray[np.float64], NDArray[np.float64]]:
    """Conditions of the municipalities six years before a date, and their growth of population and jobs since."""
    last = at.run.rows[at.date]
    first, years = last - WINDOW_YEARS, float(WINDOW_YEARS)
    names = list(COLUMNS)

    def column(name: str, row: int) -> NDArray[np.float64]:
        return np.asarray(at.run.yearly[row, :, names.index(name)])

    size = at.margins.size
    population = np.maximum(column("population", first), 1.0)
    regional = {
        name: attractiveness.yearly_growth(
            np.full(size, column(name, first).sum()), np.full(size, column(name, last).sum()), years
        )
        for name in ("jobs", "population")
    }
    conditions = attractiveness.Conditions(
        population, column("jobs", first), column("persons_67_plus", first) / population,
        column("women_20_39", first) / population, at.margins.centrality_index, regional["jobs"],
        regional["population"],
    )  # fmt: skip
    growth = [attractiveness.yearly_growth(column(n, first), column(n, last), years) for n in ("population", "jobs")]
    return conditions, growth[0], growth[1]


def _settlement_attractiveness(at: Reading) -> float:
    if at.run.rows[at.date] < WINDOW_YEARS:
        return float("nan")
    conditions, population, _ = _conditions(at)
    return float(attractiveness.settlement_attractiveness(conditions, population)[at.run.places].mean())


def _business_attractiveness(at: Reading) -> float:
    if at.run.rows[at.date] < WINDOW_YEARS:
        return float("nan")
    conditions, _, jobs = _conditions(at)
    return float(attractiveness.business_attractiveness(conditions, jobs)[at.run.places].mean())


def _net_in_migration(at: Reading) -> float:
    return at.run.here("in_migration", at.date) - at.run.here("out_migration", at.date)


def _unemployment(at: Reading) -> float:
    unemployed, employed = at.run.here("unemployed", at.date), at.run.here("employed_residents", at.date)
    return 100.0 * unemployed / max(unemployed + employed, 1.0)


_NONE = "none: a definition of this project"
_VAREIDE = "Vareide, Nygaard, TF-notat 32/2014; regression on 357 municipalities, tables 07459 and 11618"
_PARTS = {
    "staffing": "staff per inhabitant",
    "competence": "competence of the office",
    "network": "working relations to firms",
    "routines": "methods written down and used",
    "anchoring": "council and business behind the work",
}

INDICATORS: tuple[Indicator, ...] = (
    Indicator("jobs", "jobs", "jobs", 1, "employed persons by place of work", "sum over the programme's municipalities",
              "its paired difference is the net effect on jobs there", "table 11618", _column("jobs")),
    Indicator("employment_effect", "jobs", "%", 1, "jobs above those of the paired run without programme",
              "100 (jobs / jobs without - 1)", "the net effect as evaluations state it; nobody can observe it",
              "TF-rapport 704; Distriktssenteret 2009", _per_cent_above("jobs")),
    Indicator("reported_jobs", "jobs", "jobs", 1, "jobs created or secured as supported clients report them",
              "sum of planned jobs of supported projects, staff of rescued firms, and part of the staff of others",
              "activity, not effect: deadweight, displacement and later closures are in it",
              "programmes table", _reported),
    Indicator("lasting_jobs", "jobs", "jobs", 1, "reported jobs that are there at the date",
              "sum of min(created, growth of staff) + min(secured, staff)", "survival of supported firms, not effect",
              _NONE, _lasting),
    Indicator("profitable_jobs", "jobs", "jobs", 1, "jobs in private firms that have cash",
              "sum of staff where cash > 0", "how much of employment could stand a bad year", _NONE,
              _column("profitable_jobs")),
    Indicator("industry_hhi", "robustness", "0-1", -1, "concentration of jobs by industry",
              "sum of squared shares of 16 industries", "high: a loss in one industry hits much of the place",
              "Herfindahl-Hirschman index", _hhi),
    Indicator("industry_entropy", "robustness", "nats", 1, "variety of jobs by industry",
              "- sum of share x log share over 16 industries",
              "as the index of concentration, with more weight on small industries",
              "Shannon entropy", _entropy),
    Indicator("largest_employer_share", "robustness", "share of jobs", -1, "jobs in the largest firm of a municipality",
              "largest staff / jobs, mean weighted by jobs", "how much hangs on a cornerstone firm", _NONE,
              _mean_column("largest_employer_share", "jobs")),
    Indicator("stress_loss", "robustness", "share of jobs", -1, "jobs lost in a standard stress",
              "0.3 x jobs in the largest tradable industry / jobs", "compares places and times; no forecast", _NONE,
              _mean_column("stress_loss_share", "jobs")),
    Indicator("capacity_index", "capacity", "0-100", 1, "development capacity (utviklingsevne)",
              "100 x geometric mean of staffing, competence, network, routines and anchoring, weighted by inhabitants",
              "the weakest part binds; read its course, the level is a choice", _NONE,
              _mean_column("capacity_index", "population")),
    *(Indicator(f"capacity_{part}", "capacity", "0-100", 1, text, "part of capacity_index", "which part binds", _NONE,
                _mean_column(f"capacity_{part}", "population")) for part, text in _PARTS.items()),
    Indicator("settlement_attractiveness", "attractiveness", "% a year", 1,
              "growth of population beyond what structure predicts, over six years",
              "growth - regression on size, age, women 20-39, centrality, job growth in the region; from year 6 on",
              "comparable with figures; its spread among municipalities is 0.5", _VAREIDE, _settlement_attractiveness),
    Indicator("business_attractiveness", "attractiveness", "% a year", 1,
              "growth of jobs beyond what structure predicts, over six years",
              "growth - regression on jobs, jobs per inhabitant, centrality, population growth in the region; as above",
              "comparable with figures; structure explains a quarter, chance most of the rest", _VAREIDE,
              _business_attractiveness),
    Indicator("population", "population", "persons", 1, "inhabitants", "sum over the programme's municipalities",
              "its paired difference is the net effect on population", "table 07459", _column("population")),
    Indicator("population_effect", "population", "%", 1, "inhabitants above those of the paired run without programme",
              "100 (inhabitants / inhabitants without - 1)", "the net effect as evaluations state it",
              "Distriktssenteret 2009", _per_cent_above("population")),
    Indicator("women_20_39", "population", "persons", 1, "women aged 20-39", "sum", "births to come", "table 07459",
              _column("women_20_39")),
    Indicator("share_67_plus", "population", "share", -1, "inhabitants aged 67 and over", "persons 67+ / inhabitants",
              "burden of care; follows births and moves decades back", "table 07459",
              _share("persons_67_plus", "population")),
    Indicator("net_in_migration", "population", "persons a year", 1, "moves in less moves out in the year that ends",
              "sum over twelve months", "one year swings; compare means", "moves of the run", _net_in_migration),
    Indicator("unemployment", "people", "% of the labour force", -1, "unemployed residents",
              "100 x unemployed / (unemployed + employed residents)", "registered unemployment stands for all", "NAV",
              _unemployment),
    Indicator("outside_labour_force", "people", "share of inhabitants", -1,
              "residents of working age who neither work, search, study nor are retired, most of them disabled",
              "outside the labour force / inhabitants", "lasting exits after job loss", "NAV",
              _share("outside_labour_force", "population")),
    Indicator("displaced_income", "people", "share of wage before", 1,
              "income of those who worked in the firm that closed", "mean income now / mean wage at the announcement",
              "those who have left the region are not counted", "Huttunen, Møen, Salvanes 2011",
              lambda at: at.run.displaced_income[at.date]),
    Indicator("grants", "money", "MNOK of 2020", 0, "grants less what was returned", "accounts", "cost to the payer",
              "accounts of the run", _money("grants")),
    Indicator("own_share", "money", "MNOK of 2020", 0, "the municipality's own share less what was returned",
              "accounts",
              "cost to the municipality", "accounts of the run", _money("own_share")),
    Indicator("public_cost", "money", "MNOK of 2020", -1,
              "grants, own share, guidance, and what the municipalities pay more than without a programme",
              "grants + own share + guidance + business funds + own projects + staff kept, less the paired run's",
              "what all public bodies pay for the programme's municipalities", "accounts of the run",
              _money("public")),
    Indicator("supported_clients", "money", "clients", 0, "projects supported", "count", "activity",
              "Kundeeffektundersøkelsen 2022", _clients),
    Indicator("clients_who_say_triggered", "money", "clients", 0,
              "supported clients who say that support triggered the project", "count", "an answer, not an effect",
              "Kundeeffektundersøkelsen 2022", _says_triggered),
    Indicator("net_jobs", "spillover", "jobs", 1, "jobs above those of the paired run, programme municipalities",
              "jobs - jobs without", "the net effect there; nobody can observe it", _NONE, _above("jobs")),
    Indicator("inhabitants_kept", "spillover", "persons", 1, "inhabitants above those of the paired run",
              "inhabitants - inhabitants without", "the net effect on population", _NONE, _above("population")),
    Indicator("neighbour_jobs", "spillover", "jobs", 1, "jobs above those of the paired run in the rest of the region",
              "jobs - jobs without, other municipalities", "negative: displaced from neighbours", _NONE,
              _elsewhere_above("jobs")),
    Indicator("neighbour_population", "spillover", "persons", 1,
              "inhabitants above those of the paired run in the rest of the region",
              "inhabitants - inhabitants without, other municipalities", "negative: drawn from neighbours", _NONE,
              _elsewhere_above("population")),
)  # fmt: skip

RATIOS: tuple[Ratio, ...] = (
    Ratio("mnok_per_reported_job", "money", "MNOK of 2020", -1, "public cost per reported job",
          "mean public cost / mean reported jobs", "what programmes report; evaluations find 0.13 to 0.56",
          "programmes table; Distriktssenteret 2009", "public_cost", "reported_jobs"),
    Ratio("mnok_per_net_job", "money", "MNOK of 2020", -1, "public cost per net job",
          "mean public cost / mean net jobs", "none where net jobs are not above 0", _NONE, "public_cost", "net_jobs"),
    Ratio("mnok_per_inhabitant_kept", "money", "MNOK of 2020", -1, "public cost per inhabitant kept",
          "mean public cost / mean inhabitants kept", "none where nobody is kept", _NONE, "public_cost",
          "inhabitants_kept"),
    Ratio("share_who_say_triggered", "money", "share of clients", 0,
          "clients who say that support triggered the project", "mean of those who say so / mean of clients",
          "an answer, not an effect; Innovation Norway's clients: 0.88", "Kundeeffektundersøkelsen 2022",
          "clients_who_say_triggered", "supported_clients"),
)  # fmt: skip

EVERY: tuple[Indicator | Ratio, ...] = (*INDICATORS, *RATIOS)


def indicator(name: str) -> Indicator | Ratio:
    """One indicator by name.

    Raises
    ------
    KeyError
        For an unknown name.
    """
    return {item.name: item for item in EVERY}[name]
