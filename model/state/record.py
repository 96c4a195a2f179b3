"""Indicators: what is recorded of each municipality each month."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omstilling.model.engine.compilation import kernel
from omstilling.model.firms.growth import MILLION
from omstilling.model.state.columns import Counts, Firms, FirmState, Municipalities
from omstilling.model.state.industries import Market
from omstilling.model.state.ledger import Tally

_ALIVE = int(FirmState.ALIVE)
_PUBLIC = int(Market.PUBLIC)
_TRADABLE = int(Market.TRADABLE)
_STRESS = 0.3
"""The standard stress: the fall of the largest tradable industry; a choice."""

COLUMNS: dict[str, tuple[str, str]] = {
    "population": ("persons", "inhabitants at the end of the month"),
    "jobs": ("jobs", "employed persons by place of work"),
    "employed_residents": ("persons", "employed persons by place of living"),
    "unemployed": ("persons", "residents without a job who belong to the labour force"),
    "outside_labour_force": ("persons", "residents aged 16 and over who neither work, search, study nor are retired"),
    "students": ("persons", "residents in school after compulsory education"),
    "retired": ("persons", "residents with an old-age pension"),
    "children": ("persons", "residents under 16"),
    "in_commuters": ("persons", "employed here, living in another municipality"),
    "out_commuters": ("persons", "living here, employed in another municipality"),
    "in_migration": ("persons a month", "moves in from other municipalities and abroad"),
    "out_migration": ("persons a month", "moves out to other municipalities and abroad"),
    "births": ("persons a month", "births"),
    "deaths": ("persons a month", "deaths"),
    "hires": ("jobs a month", "vacancies filled"),
    "layoffs": ("jobs a month", "jobs ended by layoff or closure of the firm"),
    "quits": ("jobs a month", "jobs ended by leaving for non-employment"),
    "vacancies": ("jobs", "open jobs left after matching"),
    "firms": ("firms", "firms with staff, public establishments included"),
    "firm_entries": ("firms a month", "firms founded"),
    "firm_exits": ("firms a month", "firms closed"),
    "largest_employer_share": ("share of jobs", "jobs in the largest firm (hjørnesteinsbedrift)"),
    "industry_hhi": ("0-1", "Herfindahl-Hirschman index of jobs by industry: sum of squared shares"),
    "house_price_index": ("start = 1", "price of dwellings relative to the start"),
    "women_20_39": ("persons", "women aged 20-39"),
    "persons_67_plus": ("persons", "persons aged 67 and over"),
    "households": ("households", "households"),
    "income": ("mean wages", "income of residents, wages and transfers"),
    "profitable_jobs": ("jobs", "jobs in private firms that have cash"),
    "stress_loss_share": ("share of jobs", "jobs lost if the largest industry that sells outside fell by 30 %"),
    "capacity_index": ("0-100", "development capacity (utviklingsevne): geometric mean of its five parts"),
    "capacity_staffing": ("0-100", "staff of the development office per inhabitant, saturating"),
    "capacity_competence": ("0-100", "competence of the development office"),
    "capacity_network": ("0-100", "share of local firms with a working relation to the office"),
    "capacity_routines": ("0-100", "methods written down and used"),
    "capacity_anchoring": ("0-100", "council and business behind the work"),
    "settlement_attractiveness": ("log odds", "what finished projects have done for living here"),
    "business_attractiveness": ("log points a year", "what finished projects have done for growth of tradable firms"),
    "reported_created": ("jobs", "jobs that programmes report as created, since the start"),
    "reported_secured": ("jobs", "jobs that programmes report as secured, since the start"),
    "support_paid": ("NOK of 2020", "support of programmes to projects, since the start"),
}
"""Recorded columns: unit and definition. Flows of the start row are 0."""


_COUNTED = ("persons", "jobs", "firms", "households", "mean wages", "NOK of 2020")
SUMS = np.array([unit.removesuffix(" a month") in _COUNTED for unit, _ in COLUMNS.values()])
"""Which columns count something, so that they add up over municipalities and are weighted in a sample, shape (C,)."""

FIRST_OF_DEVELOPMENT = list(COLUMNS).index("capacity_index")
"""Column from which on the module of development writes."""


@dataclass(frozen=True)
class Record:
    """What a run recorded.

    Attributes
    ----------
    columns
        Names, the keys of COLUMNS, length C.
    values
        Shape (months + 1, M, C); row 0 is the state at the start.
    """

    columns: tuple[str, ...]
    values: NDArray[np.float64]

    def of(self, column: str) -> NDArray[np.float64]:
        """One column, shape (months + 1, M)."""
        return self.values[:, :, self.columns.index(column)]


@kernel
def count_firms(
    firms: Firms, used: int, markets: NDArray[np.int64], by_industry: NDArray[np.float64], number: NDArray[np.float64],
    largest: NDArray[np.float64], vacancies: NDArray[np.float64], profitable: NDArray[np.float64]
) -> None:  # fmt: skip
    """Jobs by municipality and industry (M, K); by municipality firms with staff, largest staff, open jobs and jobs in
    private firms with cash (M,).
    """
    by_industry[:] = 0.0
    number[:] = 0.0
    largest[:] = 0.0
    vacancies[:] = 0.0
    profitable[:] = 0.0
    for row in range(1, used):
        if firms.state[row] != _ALIVE:
            continue
        place = firms.municipality[row]
        by_industry[place, firms.industry[row]] += firms.staff[row]
        number[place] += firms.staff[row] > 0
        largest[place] = max(largest[place], firms.staff[row])
        vacancies[place] += firms.vacancies[row]
        if firms.cash[row] > 0.0 and markets[firms.industry[row]] != _PUBLIC:
            profitable[place] += firms.staff[row]


@kernel
def write_row(
    out: NDArray[np.float64],
    tally: Tally,
    counts: Counts,
    municipalities: Municipalities,
    by_industry: NDArray[np.float64],
    number: NDArray[np.float64],
    largest: NDArray[np.float64],
    vacancies: NDArray[np.float64],
    profitable: NDArray[np.float64],
    markets: NDArray[np.int64],
) -> None:
    """Write one month's row of every municipality in the order of COLUMNS but those of development, shape (M, C)."""
    for place in range(out.shape[0]):
        jobs = max(tally.jobs[place], 1)
        hhi = 0.0
        largest_tradable = 0.0
        for industry in range(by_industry.shape[1]):
            hhi += (by_industry[place, industry] / jobs) ** 2
            if markets[industry] == _TRADABLE:
                largest_tradable = max(largest_tradable, by_industry[place, industry])
        status = tally.by_status[place]
        values = (
            float(status[1:].sum()),
            float(tally.jobs[place]),
            float(status[3]),
            float(status[4]),
            float(status[5]),
            float(status[2]),
            float(status[6]),
            float(status[1]),
            float(tally.commuters_in[place]),
            float(tally.commuters_out[place]),
            float(counts.moved_in[place]),
            float(counts.moved_out[place]),
            float(counts.births[place]),
            float(counts.deaths[place]),
            float(counts.hires[place]),
            float(counts.layoffs[place]),
            float(counts.quits[place]),
            float(vacancies[place]),
            float(number[place]),
            float(counts.entries[place]),
            float(counts.exits[place]),
            float(largest[place] / jobs),
            hhi,
            float(np.exp(municipalities.log_house_price[place])),
            float(tally.by_age[place, 3]),
            float(tally.by_age[place, 2]),
            float(tally.households[place]),
            tally.income[place] / MILLION,
            profitable[place],
            _STRESS * largest_tradable / jobs,
        )
        for column, value in enumerate(values):
            out[place, column] = value


@kernel
def record_month(
    out: NDArray[np.float64], firms: Firms, used: int, tally: Tally, counts: Counts, municipalities: Municipalities,
    markets: NDArray[np.int64], by_industry: NDArray[np.float64], number: NDArray[np.float64],
    largest: NDArray[np.float64], vacancies: NDArray[np.float64], profitable: NDArray[np.float64]
) -> None:  # fmt: skip
    """Write one month's row, shape (M, C); the last five arguments are work space."""
    count_firms(firms, used, markets, by_industry, number, largest, vacancies, profitable)
    write_row(out, tally, counts, municipalities, by_industry, number, largest, vacancies, profitable, markets)
