"""The model: one region, month by month, in one visible sequence."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from omstilling.model.engine.draws import Process, month_streams
from omstilling.model.firms import growth as firm_growth
from omstilling.model.firms import turnover as firm_turnover
from omstilling.model.firms.cycle import industry_cycle, turn_of_luck
from omstilling.model.labour import labour_market
from omstilling.model.moving import migration
from omstilling.model.persons import life_course
from omstilling.model.places import municipal_adjustment
from omstilling.model.policy import administration
from omstilling.model.shocks import large_losses
from omstilling.model.state import ledger, structure
from omstilling.model.world import World


class RestructuringModel(World):
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
    random_shocks
        Whether places lose large shares of their jobs at random, besides ``shocks``.
    threads
        Threads for the passes over persons; results are the same for any number.

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

    def step(self) -> None:
        """Simulate one month.

        Dated shocks have been put in place by the scheduled events of the month.
        """
        self.month = self.margins.start_month + int(self.time) - 1
        self.keys = month_streams(self.draw_seed, self.month)
        self._begin_month()
        self.let_industry_cycle_turn()  # 1 (dated shocks that fall due are events)
        self.strike_at_random()  # 1
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
        """National demand of each industry moves as an AR(1) in logs, that of each place as a random walk."""
        self.cycle = industry_cycle(self.cycle, self.draw_seed, self.month, self.parameters.firms)
        turn_of_luck(
            self.municipalities.luck, self.municipalities.uid, self.structure.place_spread,
            self.keys[Process.PLACE_LUCK],
        )  # fmt: skip

    def strike_at_random(self) -> None:
        """Some places lose a large share of their jobs at random, where the run has such shocks."""
        if not self.random_shocks:
            return
        share, at_start = self.work.loss_share, self.margins.jobs * self.margins.weight
        large_losses.draw_losses(
            self.municipalities.uid, at_start, self._firm_values, self.keys[Process.LARGE_LOSS], share
        )
        for place in np.flatnonzero(share):
            large_losses.strike(self, int(place), round(share[place] * self.tally.jobs[place]))

    def adjust_firms(self) -> None:
        """Firms meet their luck and demand, and set vacancies and layoffs."""
        firm_growth.adjust_month(
            self.firm_columns, self._firms_used, self.municipalities, self.counts, structure.MARKETS,
            self.structure.tradable_growth, self.local_base, self.economy.demand, self.industry_level, self.cycle,
            self.work.supply, self._firm_values,
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
        self._in_parts(
            labour_market.match_month, labour_market.match_month_in_parts, self.person_columns, self._persons_used,
            self.firm_columns, self.firm_space, self.vacancies, self.counts, self.structure.reach,
            self.structure.outside_weight, self.structure.commuter_share,
            self.structure.commuting_cost, self.work.places, self.work.lists, self.work.rows, self._matching_values,
            self._premium, self.keys, self.month,
        )  # fmt: skip

    def age_persons(self) -> None:
        """Births, deaths, school, leaving home, couples, retirement, disability."""
        constants, work = self.structure, self.work
        self._in_parts(
            life_course.age_month, life_course.age_month_in_parts, self.person_columns, self.person_space,
            self.firm_columns, self.counts, constants.mortality, constants.fertility, constants.disability,
            self._life_values, self.keys, self._school_key, work.lists,
            work.rows, work.successor, self.month,
        )  # fmt: skip

    def move_households(self) -> None:
        """Households move within the region and out of it; others arrive."""
        margins, constants, work = self.margins, self.structure, self.work
        self._in_parts(
            migration.move_month, migration.move_month_in_parts, self.person_columns, self.person_space,
            self.firm_columns, self.vacancies, self.municipalities, self.counts,
            margins.destination_share, margins.in_migration, margins.travel_minutes, constants.age_groups,
            constants.age_group_bounds, constants.move_rate, work.destinations, work.destination, work.rows,
            work.lists[0],
            self._moving_values, self._matching_values, self._premium, self._education, self.keys, self.month,
        )  # fmt: skip

    def adjust_municipalities(self) -> None:
        """Demand, public services, housing and prospects follow those who live there."""
        economy = self.economy
        self._spend()
        municipal_adjustment.adjust_municipalities(
            self.municipalities, self.tally, self.counts, self.at_start.need, economy.consumption,
            self.at_start.consumption, economy.tradable, self.at_start.tradable, economy.local + economy.public,
            self.at_start.services, economy.adults, self.at_start.adults, economy.demand,
            self.parameters.firms.supplier_share, self.parameters.firms.public_lag_months, self.municipality_values,
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
