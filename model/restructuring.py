"""The model: one region, month by month, in one visible sequence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import mesa
import numpy as np
from numpy.typing import NDArray

from omstilling.model import (
    administration,
    firm_growth,
    firm_turnover,
    indicators,
    labour_market,
    ledger,
    life_course,
    matching,
    migration,
    municipal_adjustment,
    shock_events,
    state,
    structure,
)
from omstilling.model.cycle import industry_cycle
from omstilling.model.design import NO_SUPPORT, Support
from omstilling.model.development import Development
from omstilling.model.draws import Process, month_streams
from omstilling.model.institutions import Municipality, Outside
from omstilling.model.margins import RegionMargins
from omstilling.model.parameters import (
    FirmValues,
    LifeValues,
    MatchingValues,
    MovingValues,
    MunicipalityValues,
    Parameters,
    kernel_values,
)
from omstilling.model.shocks import Shock, firm_name
from omstilling.model.synthesis.region import PERSON_ROOM, synthesise_region
from omstilling.model.views import FirmRows, PersonRows

_FIRM_ROOM = 400
_GROWTH = 1.1
_SYNTHESIS_MONTH = -1
_VACANCY_ROOM = 0.2


class RestructuringModel(mesa.Model):  # type: ignore[misc]
    """A region of municipalities, its persons, households and firms, and the outside.

    Parameters
    ----------
    margins
        What is known of the region at the start.
    parameters
        Numbers of behaviour; the defaults are those of the parameter table.
    shocks
        Dated losses of jobs.
    seed
        Two runs with the same margins, parameters, shocks, support and seed are equal bit for bit.
    support
        A support design and who applies for it; by default nobody does.

    Attributes
    ----------
    persons, firms
        Readable rows: ``model.persons[17]``, ``model.firms.frame()``, ``model.firms.where(...)``.
    municipality_agents, outside, office_agents, programmes, counties, state, competence_body
        Institutions as Mesa agents.
    accounts
        Every payment of support.
    record
        What was recorded; grows by a row a month.
    month
        Month number of the month last simulated.
    """

    cycle: NDArray[np.float64]
    _recorded: NDArray[np.float64]

    def __init__(
        self,
        margins: RegionMargins,
        parameters: Parameters | None = None,
        shocks: Sequence[Shock] = (),
        seed: int = 1,
        support: Support = NO_SUPPORT,
    ) -> None:
        super().__init__(rng=seed)
        margins.check()
        self.margins = margins
        self.parameters = parameters or Parameters()
        self.draw_seed = np.uint64(seed)
        self.month = margins.start_month
        self.shocks = [
            shock_events.ScheduledShock(self, shock, firm_name(shock, number))
            for number, shock in enumerate(shocks)
            if shock.jobs > 0
        ]
        self.named_firms = shock_events.named_firms(tuple(shocks), margins)
        self._take_values()
        self._synthesise()
        self.support = support
        self._settle_start()
        self.municipality_agents = [Municipality(self, index) for index in range(margins.size)]
        self.outside = Outside(self)
        administration.appoint(self)
        self.datacollector = mesa.DataCollector(
            model_reporters={"population": "population", "jobs": "jobs", "unemployed": "unemployed"}
        )
        for shock in self.shocks:
            shock.schedule()

    # --- the month -------------------------------------------------------------------------------------------------

    def step(self) -> None:
        """Simulate one month.

        Dated shocks have been put in place by the scheduled events of the month.
        """
        self.month = self.margins.start_month + int(self.time) - 1
        self.keys = month_streams(self.draw_seed, self.month)
        self._begin_month()
        self.let_industry_cycle_turn()  # 1 (shocks that fall due are events)
        self.adjust_firms()  # 2
        self.renew_firms()  # 3
        self.match_jobs()  # 4
        self.age_persons()  # 5
        self.move_households()  # 6
        self.develop_municipalities()  # 8
        self.administer_programmes()  # 9
        self.settle_ledger()  # 10: counted before 7, which works on the counts
        self.adjust_municipalities()  # 7
        self.record_indicators()  # 11

    def run_months(self, months: int, on_month: Callable[[int], None] | None = None) -> None:
        """Simulate a number of months; ``on_month`` is called with the number done after each."""
        for done in range(months):
            self.step()
            if on_month:
                on_month(done + 1)

    def let_industry_cycle_turn(self) -> None:
        """National demand of each industry moves as an AR(1) in logs."""
        self.cycle = industry_cycle(self.cycle, self.draw_seed, self.month, self.parameters.firms)

    def adjust_firms(self) -> None:
        """Firms meet their luck and demand, and set vacancies and layoffs."""
        firm_growth.adjust_month(
            self.firm_columns, self._firms_used, self.municipalities, self.counts, structure.MARKETS, self.local_base,
            self.economy.demand, self.industry_level, self.cycle, self.work.supply, self._firm_values,
            self.keys[Process.FIRM_GROWTH], self._rounding_key, self.month,
        )  # fmt: skip

    def renew_firms(self) -> None:
        """Firms leave and enter."""
        firm_turnover.renew_month(
            self.firm_columns, self.firm_space, self.municipalities, self.counts, structure.MARKETS,
            self.firms_at_start, self.economy.demand, self.economy.adults, self._firm_values,
            self.keys[Process.FIRM_EXIT], self.keys[Process.FIRM_ENTRY], self.month,
        )  # fmt: skip

    def match_jobs(self) -> None:
        """Jobs end, the jobless and some of the employed search, vacancies are filled."""
        self.list_vacancies()
        labour_market.match_month(
            self.person_columns, self._persons_used, self.firm_columns, self.firm_space, self.vacancies, self.counts,
            self.structure.reach, self.structure.outside_weight, self.structure.commuter_share,
            self.margins.travel_minutes, self.work.places, self.work.events[0], self.work.rows, self._matching_values,
            self._premium, self.keys, self.month,
        )  # fmt: skip

    def age_persons(self) -> None:
        """Births, deaths, school, leaving home, couples, retirement, disability."""
        constants, work = self.structure, self.work
        life_course.age_month(
            self.person_columns, self.person_space, self.firm_columns, self.counts, constants.mortality,
            constants.fertility, constants.disability, self._life_values, self.keys, self._school_key, work.events,
            work.event_numbers, work.successor, work.rows, self.month,
        )  # fmt: skip

    def move_households(self) -> None:
        """Households move within the region and out of it; others arrive."""
        margins, constants, work = self.margins, self.structure, self.work
        migration.move_month(
            self.person_columns, self.person_space, self.firm_columns, self.vacancies, self.municipalities, self.counts,
            margins.destination_share, margins.in_migration, margins.travel_minutes, constants.age_groups,
            constants.age_group_bounds, constants.move_rate, work.places, work.destination, work.rows,
            self._moving_values, self._matching_values, self._premium, self._education, self.keys, self.month,
        )  # fmt: skip

    def adjust_municipalities(self) -> None:
        """Demand, public services, housing and prospects follow those who live there."""
        economy = self.economy
        self._spend()
        municipal_adjustment.adjust_municipalities(
            self.municipalities, self.tally, self.counts, self._need_at_start, economy.consumption,
            self.at_start.consumption, economy.tradable, self.at_start.tradable, economy.local + economy.public,
            self._services_at_start, economy.adults, self._adults_at_start, economy.demand,
            self.parameters.firms.supplier_share, self.parameters.firms.public_lag_months, self._municipality_values,
            self._moving_values,
        )  # fmt: skip

    def develop_municipalities(self) -> None:
        """Development offices find ideas, choose and follow projects, learn and lose staff."""
        self.development.month()

    def administer_programmes(self) -> None:
        """Programmes pay and book, guidance is paid for; their dated events fall between the months."""
        for programme in self.programmes:
            programme.work_month()
        self.competence_body.charge(self.month)

    def settle_ledger(self) -> None:
        """Count everything afresh; every identity must hold.

        Raises
        ------
        LedgerError
            If one does not.
        """
        before = self._population
        self._count()
        ledger.check_ledger(self.tally, before, self.counts, self.margins.names)
        self.accounts.check(administration.money_held(self))
        self.ledger_checks += 1

    def record_indicators(self) -> None:
        """Add a row to the record and to Mesa's data collector."""
        row = int(self.time)
        if row >= len(self._recorded):
            longer = np.zeros((2 * len(self._recorded), *self._recorded.shape[1:]))
            longer[: len(self._recorded)] = self._recorded
            self._recorded = longer
        self._write_record(row)
        self.datacollector.collect(self)

    # --- what a user reads -----------------------------------------------------------------------------------------

    @property
    def persons(self) -> PersonRows:
        """Readable rows of persons."""
        return PersonRows(self)

    @property
    def firms(self) -> FirmRows:
        """Readable rows of firms."""
        return FirmRows(self)

    @property
    def population(self) -> int:
        """Persons living in the region."""
        return int(self._population.sum())

    @property
    def jobs(self) -> int:
        """Employed persons by place of work in the region."""
        return int(self.tally.jobs.sum())

    @property
    def unemployed(self) -> int:
        """Unemployed residents of the region."""
        return int(self.tally.by_status[:, 4].sum())

    @property
    def record(self) -> indicators.Record:
        """What was recorded so far."""
        return indicators.Record(tuple(indicators.COLUMNS), self._recorded[: int(self.time) + 1])

    def firm_named(self, name: str) -> int:
        """Row of a living firm that the scenario names; ShockError with the nearest name otherwise."""
        return shock_events.find_named(self, name)

    # --- behind the sequence ---------------------------------------------------------------------------------------

    @property
    def _persons_used(self) -> int:
        return int(self.person_space.counters[0])

    @property
    def _firms_used(self) -> int:
        return int(self.firm_space.counters[0])

    @property
    def _population(self) -> NDArray[np.int64]:
        return np.asarray(self.tally.by_status[:, 1:].sum(axis=1))

    def _take_values(self) -> None:
        blocks = self.parameters
        self._firm_values: Any = kernel_values(blocks.firms, FirmValues)
        self._matching_values: Any = kernel_values(blocks.matching, MatchingValues)
        self._life_values: Any = kernel_values(blocks.life, LifeValues)
        self._moving_values: Any = kernel_values(blocks.moving, MovingValues)
        self._municipality_values: Any = kernel_values(blocks.municipalities, MunicipalityValues)
        self._premium = blocks.life.education_premium
        self._education = (blocks.life.upper_secondary, blocks.life.higher_education)

    def _synthesise(self) -> None:
        """Persons, households, firms and employment that meet the margins."""
        keys = month_streams(self.draw_seed, _SYNTHESIS_MONTH)
        self._council_key = keys[Process.OFFICE]
        self._rounding_key, self._school_key = keys[Process.FIRM_TRAITS], keys[Process.SCHOOL]
        self.person_columns, self.person_space, self.firm_columns, self.firm_space = synthesise_region(
            self.margins, self.parameters, self.named_firms, keys
        )

    def _settle_start(self) -> None:
        """Constants, work space and the counts of the start."""
        margins = self.margins
        size, shape = margins.size, margins.industry_jobs.shape
        firms, used = self.firm_columns, self._firms_used
        structure.set_scales(firms, used, self.parameters.firms.vacancy_share)
        self.structure = structure.build_structure(margins, self.person_columns, self._persons_used, self.parameters)
        self.local_base = structure.local_jobs_wanted(firms, used, shape)
        self.firms_at_start = structure.count_firms_at_start(firms, used, shape)
        self.industry_level = np.ones(shape)
        self.cycle = np.zeros(shape[1])
        self.municipalities = structure.allocate_municipalities(margins.codes)
        self.counts = state.allocate_counts(size)
        self.economy, self.at_start = state.allocate_economy(size), state.allocate_economy(size)
        self.work = state.allocate_workspace(len(self.person_columns.uid), size, shape[1])
        self.vacancies = state.allocate_vacancies(int(_VACANCY_ROOM * margins.jobs.sum()) + 1000, size)
        self.tally = ledger.allocate_tally(size, len(firms.uid))
        self.ledger_checks = 0
        self._count()
        ledger.check_ledger(self.tally, self._population, self.counts, margins.names)
        self._remember_start()
        self.development = Development(self, len(self.support.applications), self._council_key)
        self._recorded = np.zeros((241, size, len(indicators.COLUMNS)))
        self._write_record(0)

    def _remember_start(self) -> None:
        self._spend()
        for name in ("consumption", "tradable", "local", "public"):
            getattr(self.at_start, name)[:] = getattr(self.economy, name)
        by_age, population = self.tally.by_age, np.maximum(self._population, 1)
        self._adults_at_start = by_age[:, 1].astype(np.float64)
        self._services_at_start = np.maximum((self.economy.local + self.economy.public) / population, 1e-6)
        size = self.margins.size
        need = [municipal_adjustment.public_jobs_needed(by_age, i, self._municipality_values) for i in range(size)]
        self._need_at_start = np.array(need)
        rates = [municipal_adjustment.log_employment_rate(self.tally.by_status, i) for i in range(size)]
        self.municipalities.prospects_at_start[:] = rates
        self.municipalities.dwellings[:] = np.maximum(self.tally.households, 1)

    def _begin_month(self) -> None:
        """Clear the month's flows and make room for newcomers."""
        for flow in self.counts:
            flow[:] = 0
        rows = len(self.person_columns.uid)
        if state.room(self.person_space, rows) < PERSON_ROOM + self.population // 100:
            rows = int(rows * _GROWTH) + PERSON_ROOM
            self.person_columns, self.person_space = state.widened(self.person_columns, self.person_space, rows)
            self._widen_workspace()
        firm_rows = len(self.firm_columns.uid)
        if state.room(self.firm_space, firm_rows) < _FIRM_ROOM + firm_rows // 50:
            firm_rows = int(firm_rows * _GROWTH) + _FIRM_ROOM
            self.firm_columns, self.firm_space = state.widened(self.firm_columns, self.firm_space, firm_rows)
            self.tally = self.tally._replace(staff_seen=np.zeros(firm_rows, dtype=np.int32))

    def _widen_workspace(self) -> None:
        size, industries = self.margins.industry_jobs.shape
        self.work = state.allocate_workspace(len(self.person_columns.uid), size, industries)

    def list_vacancies(self) -> None:
        """List the open jobs of the month by municipality."""
        missing = matching.list_vacancies(self.firm_columns, self._firms_used, self.vacancies)
        if missing:
            capacity = len(self.vacancies.firm) + 2 * missing
            self.vacancies = state.allocate_vacancies(capacity, self.margins.size)
            matching.list_vacancies(self.firm_columns, self._firms_used, self.vacancies)

    def _spend(self) -> None:
        economy = self.economy
        municipal_adjustment.spend(
            self.tally, self.firm_columns, self._firms_used, self.structure.shopping, structure.MARKETS,
            economy.consumption, economy.tradable, economy.local, economy.public,
        )  # fmt: skip

    def _count(self) -> None:
        """Count persons and jobs as they stand at the end of the month."""
        end = self.margins.start_month + int(self.time)
        ledger.count_all(
            self.person_columns, self._persons_used, self.firm_columns, self._firms_used, self.tally,
            self.structure.income_of_status, end,
        )  # fmt: skip

    def _write_record(self, row: int) -> None:
        work = self.work
        indicators.record_month(
            self._recorded[row], self.firm_columns, self._firms_used, self.tally, self.counts, self.municipalities,
            structure.MARKETS, work.by_industry, work.number, work.largest, work.open_jobs, work.profitable,
        )  # fmt: skip
        self.development.write(self._recorded[row], indicators.FIRST_OF_DEVELOPMENT)
