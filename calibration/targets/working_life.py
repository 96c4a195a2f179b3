"""Working life: what statistics of 2016-2021 tell of jobs, workers and firms, and the same of a run."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from omstilling.calibration.tables.counts import commuters, residents_between
from omstilling.calibration.tables.tables import load_tables
from omstilling.model import Parameters, RegionMargins, RestructuringModel
from omstilling.model.state.columns import NOBODY, FirmState, Status
from omstilling.model.state.industries import Market
from omstilling.model.state.structure import MARKETS

FIRST = 2016
JOB_YEARS = (2017, 2018, 2019, 2020, 2021)
"""Years that follow each other in one register."""
SIZES = ("1-4", "5-9", "10-19", "20+")
"""Size classes of firms, in staff."""
_SIZE_FLOORS = np.array([1, 5, 10, 20])
_OCTOBER_TO_DECEMBER = 11
"""Row of the record, counted from January, that stands for the 4th quarter: the end of November."""
_FLOW_MONTHS = 3


class Flows(NamedTuple):
    """Monthly transitions of workers, and unemployment.

    Attributes
    ----------
    separation
        Employed who leave for non-employment, share of the employed a month.
    job_change
        Employed who change employer, share of the employed a month.
    job_finding
        Unemployed who find a job, share of the unemployed a month.
    unemployment
        Unemployed per person in the labour force, mean of 2017-2019.
    """

    separation: float
    job_change: float
    job_finding: float
    unemployment: float


class FirmLives(NamedTuple):
    """How firms live and how large they are.

    Attributes
    ----------
    sizes
        Share of private firms with staff by size class, shape (4,).
    first_year
        Share of entrants alive a year later.
    next_years
        Share of those alive after a year that are alive after five.
    survivors_growth
        Mean staff of entrants alive after five years over mean staff of entrants.
    number_growth
        Log growth of the number of private firms with staff, 2016-2021.
    """

    sizes: NDArray[np.float64]
    first_year: float
    next_years: float
    survivors_growth: float
    number_growth: float


class WorkingLife(NamedTuple):
    """What a statistician would hold of M municipalities.

    Attributes
    ----------
    jobs
        4th quarters of 2017-2021, shape (5, M).
    employed, adults
        Employed residents, and residents aged 15-74, 4th quarter of 2021, shape (M,).
    commuting
        Employed persons by home and work 2021, shape (M, M).
    flows, firms
        Of all of them.
    """

    jobs: NDArray[np.float64]
    employed: NDArray[np.float64]
    adults: NDArray[np.float64]
    commuting: NDArray[np.float64]
    flows: Flows
    firms: FirmLives

    def of(self, rows: NDArray[np.intp]) -> WorkingLife:
        """The figures of some municipalities, given as rows; nobody commutes between two copies of one."""
        commuting = np.where(np.equal.outer(rows, rows), 0.0, self.commuting[np.ix_(rows, rows)])
        return self._replace(
            jobs=self.jobs[:, rows], employed=self.employed[rows], adults=self.adults[rows],
            commuting=commuting,
        )  # fmt: skip


OBSERVED_FLOWS = Flows(separation=0.010, job_change=0.008, job_finding=0.17, unemployment=0.0243)
"""Nordic register studies (to be verified); registered unemployment of the country 2017-2019, NAV."""


def _observed_sizes(classes: NDArray[np.int8]) -> NDArray[np.float64]:
    """Share of private establishments by size class: Telemark's by centrality, weighted as a set is composed."""
    table = load_tables().establishment_sizes
    table = table[~table["nace"].isin(["84", "85", "86-88"])]
    columns = [column for column in table.columns if column.startswith("size_")]
    by_class = table.groupby("centrality_class")[columns].sum()
    counts = by_class.loc[classes.clip(min=int(by_class.index.min()))].to_numpy().sum(axis=0)
    merged = np.array([*counts[:3], counts[3:].sum()])
    return np.asarray(merged / merged.sum())


def observed_working_life(codes: tuple[str, ...]) -> WorkingLife:
    """Figures of municipalities; flows and firms are those of the country or of one county."""
    tables, rows = load_tables(), list(codes)
    employment = tables.employment.loc[rows]
    classes = tables.municipalities.loc[rows, "centrality_class"].to_numpy(dtype=np.int8)
    return WorkingLife(
        jobs=np.stack([employment[f"jobs_{year}"].to_numpy(np.float64) for year in JOB_YEARS]),
        employed=employment["employed_2021"].to_numpy(np.float64),
        adults=employment["population_15_74_2021"].to_numpy(np.float64),
        commuting=tables.commuting.loc[rows, rows].to_numpy(np.float64),
        flows=OBSERVED_FLOWS,
        firms=FirmLives(_observed_sizes(classes), 0.63, 0.65, 4.0, 0.038),
    )


def _statuses(model: RestructuringModel) -> tuple[NDArray[np.uint64], NDArray[np.uint8], NDArray[np.uint64]]:
    """Identity, status and identity of the employer of every row of persons."""
    persons, used = model.person_columns, int(model.person_space.counters[0])
    employer = np.where(persons.firm[:used] == NOBODY, 0, persons.firm[:used])
    return persons.uid[:used].copy(), persons.status[:used].copy(), model.firm_columns.uid[employer]


def _monthly_flows(model: RestructuringModel, months: int) -> tuple[float, float, float]:
    """Separation, job change and job finding over some months, each per month."""
    employed = unemployed = separated = changed = found = 0
    for _ in range(months):
        uid, status, employer = _statuses(model)
        model.run_months(1)
        uid_then, status_then, employer_then = (column[: len(uid)] for column in _statuses(model))
        stayed = uid == uid_then
        worked = stayed & (status == Status.EMPLOYED)
        works = status_then == Status.EMPLOYED
        searched = stayed & (status == Status.UNEMPLOYED)
        employed += int(worked.sum())
        unemployed += int(searched.sum())
        separated += int((worked & ~works).sum())
        changed += int((worked & works & (employer != employer_then)).sum())
        found += int((searched & works).sum())
    return separated / employed, changed / employed, found / max(unemployed, 1)


def _private(model: RestructuringModel) -> NDArray[np.bool_]:
    """Private firms with staff, by row."""
    firms, used = model.firm_columns, int(model.firm_space.counters[0])
    private = (firms.state[:used] == FirmState.ALIVE) & (MARKETS[firms.industry[:used]] != Market.PUBLIC)
    private[0] = False
    return np.asarray(private & (firms.staff[:used] > 0))


def _firm_lives(model: RestructuringModel, firms_at_start: int, entries: NDArray[np.float64]) -> FirmLives:
    """Firms as they stand at the end of 2021; ``entries`` by month of the run, all municipalities together."""
    alive, columns = _private(model), model.firm_columns
    used = len(alive)
    age = model.margins.start_month + int(model.time) - columns.founded[:used].astype(np.int64)
    staff = columns.staff[:used]

    def cohort(youngest: int, oldest: int) -> tuple[float, float]:
        """Share alive of firms founded so many months ago, and their mean staff."""
        chosen = alive & (age >= youngest) & (age < oldest)
        founded = entries[len(entries) - oldest : len(entries) - youngest].sum()
        return float(chosen.sum() / max(founded, 1.0)), float(staff[chosen].mean()) if chosen.any() else 0.0

    newest, (first_year, _), (fifth_year, staff_then) = cohort(0, 3), cohort(12, 24), cohort(60, 72)
    sizes = np.bincount(np.searchsorted(_SIZE_FLOORS, staff[alive], side="right") - 1, minlength=len(SIZES))
    return FirmLives(
        sizes / max(int(sizes.sum()), 1), first_year, fifth_year / max(first_year, 1e-9),
        staff_then / max(newest[1], 1.0), float(np.log(max(int(alive.sum()), 1) / firms_at_start)),
    )  # fmt: skip


def simulated_working_life(margins: RegionMargins, parameters: Parameters, seed: int) -> WorkingLife:
    """The same of a run from 1 January 2016 to the end of 2021, with losses of jobs at random and no programmes."""
    model = RestructuringModel(margins, parameters, seed=seed, random_shocks=True)
    firms_at_start, months = int(_private(model).sum()), 12 * (JOB_YEARS[-1] + 1 - FIRST)
    model.run_months(months - 1 - _FLOW_MONTHS)
    flows = _monthly_flows(model, _FLOW_MONTHS)
    november, record = commuters(model), model.record
    adults = residents_between(model, 15, 74)
    model.run_months(1)
    rows = [12 * (year - FIRST) + _OCTOBER_TO_DECEMBER for year in JOB_YEARS]
    before_pandemic = slice(12 * (2017 - FIRST), 12 * (2020 - FIRST))
    idle, working = (record.of(name)[before_pandemic].sum() for name in ("unemployed", "employed_residents"))
    return WorkingLife(
        jobs=record.of("jobs")[rows],
        employed=record.of("employed_residents")[rows[-1]],
        adults=adults.astype(np.float64),
        commuting=november.astype(np.float64),
        flows=Flows(*flows, float(idle / (idle + working))),
        firms=_firm_lives(model, firms_at_start, model.record.of("firm_entries")[1:].sum(axis=1)),
    )
