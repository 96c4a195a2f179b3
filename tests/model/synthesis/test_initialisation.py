"""Any region in any start year: the synthetic region meets its margins exactly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omstilling.calibration.margins.region import START_YEARS, region_margins
from omstilling.calibration.tables.tables import AGE_COLUMNS, load_tables
from omstilling.model import RegionMargins, RestructuringModel
from omstilling.model.state.columns import OUTSIDE_FIRM, Status
from omstilling.model.state.margins import MAX_AGE, MarginsError

_TABLE = load_tables().municipalities
_INHABITANTS = load_tables().population[2022].groupby(_TABLE["region"]).sum()
_REGIONS = sorted(_INHABITANTS.index[_INHABITANTS < 60_000])


def totals(model: RestructuringModel) -> dict[str, np.ndarray]:
    """The margins, counted in the synthetic columns."""
    margins, size = model.margins, model.margins.size
    used = int(margins.population.sum())
    persons, firms = model.person_columns, model.firm_columns
    home = persons.home[:used].astype(int)
    age = np.minimum((margins.start_month - persons.birth[:used]) // 12, MAX_AGE)
    population = np.zeros_like(margins.population)
    np.add.at(population, (home, persons.sex[:used].astype(int), age), 1)
    commuting = np.zeros_like(margins.commuting)
    at_work = persons.status[:used] == Status.EMPLOYED
    firm = persons.firm[:used][at_work]
    work = np.where(firm == OUTSIDE_FIRM, size, firms.municipality[firm])
    np.add.at(commuting, (home[at_work], work), 1)
    living = np.flatnonzero(firms.state == 1)[1:]
    np.add.at(commuting[size], firms.municipality[living], firms.commuters[living])
    industry_jobs = np.zeros_like(margins.industry_jobs)
    np.add.at(industry_jobs, (firms.municipality[living], firms.industry[living]), firms.staff[living])
    unemployed = np.bincount(home[persons.status[:used] == Status.UNEMPLOYED], minlength=size)
    return {
        "population": population, "commuting": commuting, "industry_jobs": industry_jobs, "unemployed": unemployed,
    }  # fmt: skip


def differing(model: RestructuringModel) -> list[str]:
    return [name for name, found in totals(model).items() if not np.array_equal(found, getattr(model.margins, name))]


@given(region=st.sampled_from(_REGIONS), year=st.sampled_from(list(START_YEARS)), seed=st.integers(0, 2**62))
@settings(max_examples=25, deadline=None, derandomize=True)
def test_every_margin_is_met(region: str, year: int, seed: int) -> None:
    codes = list(_TABLE.index[_TABLE["region"] == region])
    margins = region_margins(codes, year)
    model = RestructuringModel(margins, seed=seed)
    assert differing(model) == []
    if year >= 2005:
        ages = load_tables().ages.loc[year].loc[codes]
        np.testing.assert_array_equal(margins.population.sum(axis=(1, 2)), ages[list(AGE_COLUMNS)].sum(axis=1))
        np.testing.assert_array_equal(margins.population[:, 1, 20:40].sum(axis=1), ages["women_20_39"])


def _move_a_person(model: RestructuringModel) -> None:
    model.person_columns.birth[0] -= 24


def _drop_a_job(model: RestructuringModel) -> None:
    model.firm_columns.staff[1] -= 1


def _change_an_employer(model: RestructuringModel) -> None:
    row = np.flatnonzero(model.person_columns.firm > 0)[0]
    model.person_columns.firm[row] = OUTSIDE_FIRM


@pytest.mark.parametrize(
    ("spoil", "name"),
    [(_move_a_person, "population"), (_drop_a_job, "industry_jobs"), (_change_an_employer, "commuting")],
)
def test_a_margin_that_is_missed_is_noticed(spoil, name: str) -> None:
    model = RestructuringModel(region_margins(["1871"], 2015), seed=1)
    assert differing(model) == []
    spoil(model)
    assert name in differing(model)


def test_contradicting_margins_are_refused() -> None:
    margins = region_margins(["1871"], 2015)
    margins.industry_jobs[0, 0] += 1
    with pytest.raises(MarginsError, match="do not add up"):
        RestructuringModel(margins)


@pytest.mark.parametrize(("codes", "year"), [([], 2015), (["1871", "1871"], 2015), (["9999"], 2015), (["1871"], 1999)])
def test_impossible_regions_are_refused(codes: list[str], year: int) -> None:
    with pytest.raises(MarginsError):
        region_margins(codes, year)


def test_the_country_adds_up() -> None:
    margins: RegionMargins = region_margins(list(_TABLE.index), 2018)
    jobs = load_tables().employment["jobs_2017"].to_numpy()
    np.testing.assert_array_equal(margins.jobs, jobs)
    assert margins.population.sum() == load_tables().ages.loc[2018][list(AGE_COLUMNS)].to_numpy().sum()
