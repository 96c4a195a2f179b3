"""World: what a run holds - columns, counts and institutions - and how it is made and kept up."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any, Self

import mesa
import numpy as np
from numpy.typing import NDArray

from omstilling.model.development.development import Development
from omstilling.model.engine.draws import Process, month_streams
from omstilling.model.engine.threads import Threads
from omstilling.model.labour import matching
from omstilling.model.parameters import (
    FirmValues,
    LifeValues,
    MatchingValues,
    MovingValues,
    MunicipalityValues,
    Parameters,
    kernel_values,
)
from omstilling.model.places import municipal_adjustment
from omstilling.model.places.institutions import Municipality, Outside
from omstilling.model.policy import administration
from omstilling.model.policy.design import NO_SUPPORT, Support
from omstilling.model.shocks import shock_events
from omstilling.model.shocks.shocks import Loss, Shock, firm_name
from omstilling.model.start import remember_start
from omstilling.model.state import ledger, structure
from omstilling.model.state import record as indicators
from omstilling.model.state import workspace as state
from omstilling.model.state.margins import RegionMargins
from omstilling.model.state.views import FirmRows, PersonRows
from omstilling.model.synthesis.region import PERSON_ROOM, synthesise_region

_FIRM_ROOM = 400
_GROWTH = 1.1
_SYNTHESIS_MONTH = -1
_VACANCY_ROOM = 0.2


class World(mesa.Model):  # type: ignore[misc]
    """All that is there in a run; ``RestructuringModel`` says what happens in a month."""

    cycle: NDArray[np.float64]
    _recorded: NDArray[np.float64]

    def __init__(
        self,
        margins: RegionMargins,
        parameters: Parameters | None = None,
        shocks: Sequence[Shock] = (),
        seed: int = 1,
        support: Support = NO_SUPPORT,
        random_shocks: bool = False,
        threads: int = 1,
    ) -> None:
        super().__init__(rng=seed)
        margins.check()
        self.margins = margins
        self.parameters = parameters or Parameters()
        self.draw_seed = np.uint64(seed)
        self.random_shocks = random_shocks
        self.losses: list[Loss] = []
        self.threads = Threads(threads)
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
        return int(self._population.sum()) * self.margins.weight

    @property
    def jobs(self) -> int:
        """Employed persons by place of work in the region."""
        return int(self.tally.jobs.sum()) * self.margins.weight

    @property
    def unemployed(self) -> int:
        """Unemployed residents of the region."""
        return int(self.tally.by_status[:, 4].sum()) * self.margins.weight

    @property
    def record(self) -> indicators.Record:
        """What was recorded so far."""
        return indicators.Record(tuple(indicators.COLUMNS), self._recorded[: int(self.time) + 1])

    def note_loss(self, firm: int, jobs: int, month: int) -> None:
        """Note that a firm announces a loss of jobs in a month: authorities are notified."""
        self.losses.append(Loss(month, int(self.firm_columns.municipality[firm]), jobs))

    def firm_named(self, name: str) -> int:
        """Row of a living firm that the scenario names; ShockError with the nearest name otherwise."""
        return shock_events.find_named(self, name)

    def branch(self, support: Support) -> Self:
        """A copy that goes on under support, equal bit for bit to a run that has it from the start.

        The run itself has the same applications under a design that gives nothing, and goes on as it would have. What
        never changes is shared, not copied.

        Raises
        ------
        DesignError
            For support that cannot be carried out or has other applications, for a run that has support, or after the
            first application.
        """
        shared = (self.margins, self.parameters, self.structure, self.support, self.threads)
        other = copy.deepcopy(self, {id(part): part for part in shared})
        administration.reappoint(other, support)
        return other

    # --- how it is made and kept up --------------------------------------------------------------------------------

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
        self.municipality_values: Any = kernel_values(blocks.municipalities, MunicipalityValues)
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
        self.economy = state.allocate_economy(size)
        self.work = state.allocate_workspace(len(self.person_columns.uid), size, shape[1])
        self.vacancies = state.allocate_vacancies(int(_VACANCY_ROOM * margins.jobs.sum()) + 1000, size)
        self.tally = ledger.allocate_tally(size, len(firms.uid))
        self.ledger_checks = 0
        self._count()
        ledger.check_ledger(self.tally, self._population, self.counts, margins.names)
        self._spend()
        self.at_start = remember_start(self)
        self.development = Development(self, len(self.support.applications), self._council_key)
        self._recorded = np.zeros((241, size, len(indicators.COLUMNS)))
        self._write_record(0)

    def _begin_month(self) -> None:
        """Clear the month's flows and make room for newcomers."""
        for flow in self.counts:
            flow[:] = 0
        rows = len(self.person_columns.uid)
        if state.room(self.person_space, rows) < PERSON_ROOM + int(self._population.sum()) // 100:
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
        self._in_parts(
            ledger.count_all, ledger.count_all_in_parts, self.person_columns, self._persons_used, self.firm_columns,
            self._firms_used, self.tally, self.structure.income_of_status, end,
        )  # fmt: skip

    def _in_parts(self, alone: Callable[..., None], in_parts: Callable[..., None], *arguments: Any) -> None:
        """Work through the rows as one kernel or, with several threads, in parts side by side."""
        if self.threads.number == 1:
            alone(*arguments)
        else:
            in_parts(self.threads, *arguments)

    def _write_record(self, row: int) -> None:
        work = self.work
        indicators.record_month(
            self._recorded[row], self.firm_columns, self._firms_used, self.tally, self.counts, self.municipalities,
            structure.MARKETS, work.by_industry, work.number, work.largest, work.open_jobs, work.profitable,
        )  # fmt: skip
        self.development.write(self._recorded[row], indicators.FIRST_OF_DEVELOPMENT)
        if self.margins.weight > 1:
            self._recorded[row][:, indicators.SUMS] *= self.margins.weight
