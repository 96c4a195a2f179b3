"""Single mechanisms against results that are known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from omstilling.model import Parameters, RestructuringModel
from omstilling.model.engine import draws
from omstilling.model.firms.growth import wanted_staff, yearly_growth
from omstilling.model.labour.matching import apply_for_jobs, choose_jobs, hire, list_vacancies, weigh_places
from omstilling.model.parameters import FirmValues, MatchingValues, kernel_values
from omstilling.model.state.columns import FirmState, Role, Status, allocate_firms, allocate_persons
from omstilling.model.state.workspace import allocate_counts, allocate_vacancies
from worlds import make_margins

# Bounds are 4.5 standard errors (false alarm 7e-6) unless said otherwise; seeds are fixed.


def _fill_vacancies(searchers: int, open_jobs: int, seed: int, samples: float) -> int:
    """Hires in one round in one municipality where everyone accepts any job."""
    persons, firms = allocate_persons(searchers), allocate_firms(open_jobs + 1)
    identity = [draws.derive(np.uint64(seed), 1, i) for i in range(searchers)]
    persons.uid[:] = np.array(identity, dtype=np.uint64)
    persons.status[:], persons.firm[:], persons.wage[:] = Status.UNEMPLOYED, -1, 1.0
    firms.uid[:] = np.arange(open_jobs + 1)
    firms.state[:], firms.wage[:], firms.vacancies[1:] = FirmState.ALIVE, 1.0, 1
    parameters = Parameters().with_values(samples=samples, reservation=-9.0)
    values = kernel_values(parameters.matching, MatchingValues)
    vacancies, counts = allocate_vacancies(open_jobs + 1, 1), allocate_counts(1)
    cumulative, travel = np.zeros((1, 2)), np.full((1, 1), 5.0)
    rows = np.arange(searchers, dtype=np.int32)
    assert list_vacancies(firms, open_jobs + 1, vacancies) == 0
    weigh_places(vacancies.offset, np.ones((1, 1)), np.zeros(1), cumulative)
    keys = draws.month_streams(np.uint64(seed), 3)
    choice = np.zeros(searchers, dtype=np.int32)
    choose_jobs(persons, firms, rows, 0, searchers, vacancies, cumulative, 0.004 * travel, values, choice, keys[1])
    apply_for_jobs(persons, firms, rows, searchers, vacancies, choice, values, keys[2], keys[3])
    hire(persons, firms, rows, searchers, vacancies, np.zeros(1), counts, values, 0.1, keys[4], 0)
    assert counts.hires[0] == (persons.status == Status.EMPLOYED).sum() == firms.staff[1:].sum()
    return int(counts.hires[0])


@pytest.mark.parametrize(("searchers", "open_jobs"), [(300, 500), (500, 300), (400, 400)])
def test_matches_follow_the_urn_ball_formula(searchers: int, open_jobs: int) -> None:
    hires = [_fill_vacancies(searchers, open_jobs, seed, 1.0) for seed in range(1, 31)]
    expected = open_jobs * (1.0 - (1.0 - 1.0 / open_jobs) ** searchers)
    error = np.std(hires, ddof=1) / np.sqrt(len(hires))
    assert abs(np.mean(hires) - expected) < 4.5 * error
    assert abs(np.mean(hires) - 1.05 * expected) > 4.5 * error  # the bound tells 5 % apart


def _growth(size: float, years: float, number: int = 40_000) -> np.ndarray:
    values = kernel_values(Parameters().firms, FirmValues)
    key = np.uint64(draws.stream(np.uint64(3), 1, 1))
    return np.array(
        [yearly_growth(values, size, years, draws.uniform(key, np.uint64(i * 7919))) for i in range(number)]
    )


@pytest.mark.parametrize("size", [1.0, 10.0, 200.0])
def test_growth_is_laplace_with_a_spread_that_falls_with_size(size: float) -> None:
    firms = Parameters().firms
    spread = firms.growth_spread * size**-firms.spread_exponent
    growth = _growth(size, years=60.0)
    centred = growth - np.median(growth)
    assert stats.kstest(centred, "laplace", args=(0.0, spread)).pvalue > 1e-5
    assert stats.kstest(centred, "laplace", args=(0.0, 1.1 * spread)).pvalue < 1e-5
    mean = np.exp(growth)
    assert abs(mean.mean() - 1.0) < 4.5 * mean.std() / np.sqrt(len(mean))


def test_wanted_staff_is_right_on_average() -> None:
    staff = [wanted_staff(2.3, u) for u in np.linspace(0.0, 0.9999, 10_000)]
    assert set(staff) == {2, 3}
    assert np.mean(staff) == pytest.approx(2.3, abs=1e-3)


def test_the_life_table_is_recovered_from_simulated_deaths() -> None:
    margins = make_margins((60_000,), migration=False, births=False)
    model = RestructuringModel(margins, seed=8)
    persons, start = model.person_columns, margins.start_month
    alive_before = persons.status != Status.GONE
    age = (start - persons.birth) // 12
    sex = persons.sex.copy()
    model.run_months(12)
    # Rows of the dead are not taken by others: there are no births and no arrivals.
    dead = alive_before & (persons.status == Status.GONE)
    chances = margins.mortality[sex[alive_before].astype(int), np.minimum(age[alive_before] + 1, 105)]
    lower = margins.mortality[sex[alive_before].astype(int), np.minimum(age[alive_before], 105)]
    expected, spread = ((chances + lower) / 2).sum(), np.sqrt(chances.sum())
    assert abs(dead.sum() - expected) < 4.5 * spread
    assert abs(dead.sum() - 1.25 * expected) > 4.5 * spread


def test_cohorts_only_age_without_births_deaths_and_moves() -> None:
    margins = make_margins((3000,), migration=False, births=False, deaths=False)
    model = RestructuringModel(margins, seed=2)
    birth = np.sort(model.person_columns.birth[:3000])
    model.run_months(36)
    living = model.person_columns.status != Status.GONE
    np.testing.assert_array_equal(np.sort(model.person_columns.birth[living]), birth)
    assert model.record.of("children")[36, 0] == (birth > model.month - 16 * 12).sum()
    moved = RestructuringModel(make_margins((3000,), births=False, deaths=False), seed=2)
    moved.run_months(36)
    left = moved.person_columns.status != Status.GONE
    assert not np.array_equal(np.sort(moved.person_columns.birth[left]), birth)


def test_births_follow_fertility() -> None:
    model = RestructuringModel(make_margins((40_000,), migration=False, deaths=False), seed=3)
    persons, margins = model.person_columns, model.margins
    women = persons.birth[(persons.sex == 1) & (persons.status != Status.GONE)]
    expected = sum(margins.fertility[np.minimum((model.month + m - women) // 12, 105)].sum() / 12 for m in range(12))
    model.run_months(12)
    births = model.record.of("births").sum()
    assert abs(births - expected) < 4.5 * np.sqrt(expected)
    assert abs(births - 1.3 * expected) > 4.5 * np.sqrt(expected)


def test_households_stay_whole() -> None:
    model = RestructuringModel(make_margins((3000, 1500)), seed=5)
    model.run_months(48)
    persons = model.person_columns
    living = np.flatnonzero(persons.status != Status.GONE)
    heads = persons.head[living]
    np.testing.assert_array_equal(persons.home[living], persons.home[heads])
    np.testing.assert_array_equal(persons.head[heads], heads)
    partners = living[persons.role[living] == Role.PARTNER]
    assert (persons.role[persons.head[partners]] == Role.COUPLED).all()
    assert len(np.unique(persons.head[partners])) == len(partners)
    assert (persons.role[heads] <= Role.COUPLED).all()
