"""Targets of dated closures and programmes: statistics of figures and runs agree, and move as they should."""

from __future__ import annotations

from functools import cache
from types import ModuleType

import numpy as np
import pytest

from omstilling.calibration.targets import closures, programmes
from omstilling.calibration.targets.target import Block, Statistics, Target
from omstilling.model import Parameters
from omstilling.model.engine.calendar import month_label

PARAMETERS = Parameters()
DATES = {
    "andoy-2018": ("1871",),
    "sor-varanger-2015": ("5605",),
    "vestre-toten-2009": ("3443",),
    "ringerike-2012": ("3305", "3236", "3310"),
    "flora-2003": ("4602",),
    "valer-2002": ("3419",),
    "al-2002": ("3328",),
}
EVENTS = ("2018-06", "2015-11", "2009-03", "2012-03", "2003-09", "2002-07", "2002-07")
LOSSES = (272, 422, 550, 356, 500, 260, 38)
BLOCKS = {
    Block.SHOCK: (closures, closures.closure_targets),
    Block.PROGRAMME: (programmes, programmes.programme_targets),
}
REQUIRED = {Block.SHOCK: {"ripple"}, Block.PROGRAMME: {"say_triggered", "net_jobs", "log_jobs_per_mnok"}}


@cache
def _simulated(module: ModuleType, seed: int) -> Statistics:
    return dict(module.simulated_statistics(PARAMETERS, seed))


def test_the_seven_closures_and_their_dates() -> None:
    table = closures.closures()
    assert {closure.scenario: closure.codes for closure in table} == DATES
    assert tuple(month_label(closure.month) for closure in table) == EVENTS
    assert tuple(closure.direct_loss for closure in table) == LOSSES


def test_years_compared_are_observed_and_near_those_wanted() -> None:
    table = {closure.scenario: closure for closure in closures.closures()}
    assert table["andoy-2018"].population_years == (2020, 2022)
    assert table["andoy-2018"].job_base == 2017  # observed between the start of the run and the event
    assert table["sor-varanger-2015"].job_years == (2020, 2021)
    assert table["vestre-toten-2009"].job_years == (2015, 2017)
    assert not table["valer-2002"].job_years  # the level before would be that of 2005, after the closure


@pytest.mark.parametrize("block", BLOCKS)
def test_targets_figures_and_runs_have_the_same_names(block: Block) -> None:
    module, targets_of = BLOCKS[block]
    targets: tuple[Target, ...] = targets_of()
    observed, simulated = module.observed_statistics(), _simulated(module, 1)
    assert [target.name for target in targets] == list(observed)
    assert set(observed) == set(simulated)
    assert all(np.isfinite([*observed.values(), *simulated.values()]))
    assert all(target.block is block and target.error > 0 for target in targets)
    assert {target.name: target.observed for target in targets} == observed
    assert {target.name for target in targets if target.required} == REQUIRED[block]


def test_the_seed_decides() -> None:
    closure = closures.closures()[0]
    first = closures.simulated_path(closure, PARAMETERS, 1)
    assert first.items() <= _simulated(closures, 1).items()
    assert first != closures.simulated_path(closure, PARAMETERS, 2)
    pair = programmes.pair_of("lierne-2010", PARAMETERS, 1)
    assert pair == programmes.pair_of("lierne-2010", PARAMETERS, 1)
    assert pair != programmes.pair_of("lierne-2010", PARAMETERS, 2)


def test_clients_who_take_credit_say_that_support_triggered_their_project() -> None:
    def say(share: float) -> float:
        changed = PARAMETERS.with_values(credit_taken=share)
        pairs = {name: programmes.pair_of(name, changed, 1) for name in ("lierne-2010", "sor-varanger-2015")}
        return programmes.programme_statistics(pairs)["say_triggered"]

    assert say(0.6) < say(0.95)


def test_lost_demand_ripples() -> None:
    closure = closures.closures()[1]

    def lost(elasticity: float) -> float:
        changed = PARAMETERS.with_values(demand_elasticity=elasticity)
        return closures.paired_losses(closure, changed, 1)[0]

    assert lost(1.1) > lost(0.5)


def test_a_place_without_a_programme_gives_finite_statistics() -> None:
    nothing = programmes.Pair(0.0, 0.0, 0, 0, 0.0, 0.0, 0.0, 0.0, 0.0)
    statistics = programmes.programme_statistics(dict.fromkeys(programmes.SCENARIOS, nothing))
    assert all(np.isfinite(list(statistics.values())))
    assert statistics["log_reported_lierne"] == 0.0
