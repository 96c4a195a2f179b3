"""Samples: margins that add up, a weighted record near the full one, and scenario files that ask for one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from omstilling.calibration.margins.region import region_margins
from omstilling.calibration.margins.sample import sample_margins, sample_shocks
from omstilling.calibration.tables.places import Places
from omstilling.model import RegionMargins, RestructuringModel, Shock, ShockKind
from omstilling.model.state.record import COLUMNS, SUMS
from omstilling.scenarios.errors import ScenarioError
from omstilling.scenarios.loader import load_scenario
from omstilling.scenarios.schema import Applicants, Scenario

NORDLAND = Places().municipalities_in_county("18")


@pytest.fixture(scope="module")
def full() -> RegionMargins:
    return region_margins(NORDLAND, 2015)


@pytest.fixture(scope="module", params=[4, 10])
def pair(request: pytest.FixtureRequest, full: RegionMargins) -> tuple[RegionMargins, RegionMargins]:
    """A county, and a sample of it."""
    return full, sample_margins(full, request.param)


def test_margins_of_a_sample_do_not_contradict_each_other(pair) -> None:
    full, sample = pair
    sample.check()
    assert sample.weight in (4, 10)
    assert (sample.codes, sample.size, sample.start_month) == (full.codes, full.size, full.start_month)
    np.testing.assert_array_equal(sample.industry_jobs.sum(axis=1), sample.jobs)
    assert sample.commuting[-1, -1] == 0
    for name in ("population", "commuting", "industry_jobs", "unemployed"):
        assert getattr(sample, name).dtype == getattr(full, name).dtype
        assert (getattr(sample, name) >= 0).all()


def test_each_municipality_has_its_part_of_those_who_live_there(pair) -> None:
    """To half a person: only inhabitants, employed and unemployed are rounded by themselves."""
    full, sample = pair
    for of in (lambda m: m.population.sum(axis=(1, 2)), lambda m: m.employed_residents, lambda m: m.unemployed):
        assert np.abs(of(sample) - of(full) / sample.weight).max() <= 0.5
    np.testing.assert_allclose(sample.in_migration * sample.weight, full.in_migration)


def test_jobs_are_a_part_to_what_rounding_of_flows_leaves(pair) -> None:
    """Jobs are sums of rounded flows from every home and outside: some persons off in a place, hardly any in all."""
    full, sample = pair
    off = sample.jobs - full.jobs / sample.weight
    assert (np.abs(off) <= np.maximum(6.0, 0.01 * full.jobs / sample.weight)).all()
    assert abs(off.sum()) < 0.002 * sample.jobs.sum()
    doubled = sample_margins(full, sample.weight // 2)
    assert np.abs(doubled.jobs - full.jobs / sample.weight).min() > 3.0


def test_rates_shares_and_past_figures_stay_as_they_are(pair) -> None:
    full, sample = pair
    counted = {"population", "commuting", "unemployed", "industry_jobs", "in_migration", "weight"}
    for name, value in vars(full).items():
        same = np.array_equal(getattr(sample, name), value)
        assert same == (name not in counted), name


def test_one_in_one_is_the_region_itself(full: RegionMargins) -> None:
    assert sample_margins(full, 1) is full


@pytest.mark.parametrize(
    "ages",
    [(0, 16), (16, 67), (67, 85), (85, 95), (95, 106)],
)
def test_a_sample_is_as_old_as_the_region(full: RegionMargins, ages: tuple[int, int]) -> None:
    """Within 3 % or 3 persons in one of ten for the county, and likewise in its 25 smallest municipalities."""
    sample = sample_margins(full, 10)
    small = np.argsort(full.population.sum(axis=(1, 2)))[:25]
    for places in (range(full.size), small):
        found, wanted = (m.population[places][:, :, slice(*ages)].sum() / n for m, n in ((sample, 1), (full, 10)))
        assert abs(found - wanted) <= max(3.0, 0.03 * wanted)


def test_a_sample_has_as_many_women_and_jobs_of_each_industry(full: RegionMargins) -> None:
    sample = sample_margins(full, 10)
    small = np.argsort(full.population.sum(axis=(1, 2)))[:25]
    women = [m.population[small].sum(axis=(0, 2)) / m.population[small].sum() for m in (full, sample)]
    np.testing.assert_allclose(women[1], women[0], atol=0.01)
    jobs = [m.industry_jobs[small].sum(axis=0) / m.industry_jobs[small].sum() for m in (full, sample)]
    np.testing.assert_allclose(jobs[1], jobs[0], atol=0.005)


# --- the record ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def models(full: RegionMargins) -> tuple[RestructuringModel, RestructuringModel]:
    """The county and one in ten of it, at the start; the sample then runs for a year."""
    both = (RestructuringModel(full, seed=3), RestructuringModel(sample_margins(full, 10), seed=3))
    both[1].run_months(12)
    return both


@pytest.mark.parametrize(
    ("column", "bound"),
    [
        ("population", 0.001), ("jobs", 0.002), ("employed_residents", 0.001), ("unemployed", 0.01),
        ("children", 0.02), ("students", 0.10), ("retired", 0.03), ("outside_labour_force", 0.05),
        ("women_20_39", 0.02), ("persons_67_plus", 0.03), ("in_commuters", 0.02), ("out_commuters", 0.02),
        ("households", 0.05), ("income", 0.02), ("firms", 0.60),
    ],
)  # fmt: skip
def test_the_weighted_record_of_the_start_is_near_the_full_one(models, column: str, bound: float) -> None:
    """Sums over the county; a sample whose record is not weighted, or weighted twice, is ten times off.

    Firms are half as many again: cells of a few jobs hold no large ones.
    """
    full, sample = (model.record.of(column)[0].sum() for model in models)
    assert full > 1000
    assert abs(sample / full - 1.0) < bound
    assert SUMS[list(COLUMNS).index(column)]


def test_population_jobs_and_unemployed_of_a_model_are_weighted_as_its_record_is(models) -> None:
    model = models[1]
    for name in ("population", "jobs", "unemployed"):
        assert getattr(model, name) == model.record.of(name)[-1].sum() == model.datacollector.model_vars[name][-1]
    assert model.population == 10 * (model.person_columns.status > 0).sum()


NOT_COUNTED = {
    "largest_employer_share", "industry_hhi", "house_price_index", "stress_loss_share", "capacity_index",
    "capacity_staffing", "capacity_competence", "capacity_network", "capacity_routines", "capacity_anchoring",
    "settlement_attractiveness", "business_attractiveness",
}  # fmt: skip


def test_shares_and_indices_are_not_counted_and_all_else_is() -> None:
    assert {name for name, counted in zip(COLUMNS, SUMS, strict=True) if not counted} == NOT_COUNTED


def test_the_weight_multiplies_what_is_counted_and_nothing_else(models) -> None:
    """The last row written again with a weight of one: same world, same counts."""
    model = models[1]
    row = int(model.time)
    weighted, margins = model.record.values[row].copy(), model.margins
    before = model._recorded[row].copy()
    model.margins = replace(margins, weight=1)
    try:
        model._write_record(row)
        alone = model._recorded[row].copy()
    finally:
        model.margins, model._recorded[row] = margins, before
    of_weight = {"capacity_index", "capacity_staffing"}  # staff for those whom the sample stands for
    for column, name in enumerate(COLUMNS):
        if name in of_weight:
            continue
        np.testing.assert_array_equal(weighted[:, column], alone[:, column] * (10 if SUMS[column] else 1), name)
    assert not np.array_equal(weighted, alone)


def test_offices_have_staff_for_those_whom_a_sample_stands_for(models) -> None:
    full, sample = models
    for model in models:
        staffing = model.record.of("capacity_staffing")[int(model.time)]
        indices = [office.capacity_index for office in model.office_agents]
        np.testing.assert_allclose(model.record.of("capacity_index")[int(model.time)], indices)
        assert 5.0 < staffing.mean() < 95.0
    staff = [model.development.offices.ordinary_staff for model in (full, sample)]
    np.testing.assert_allclose(staff[1], staff[0], rtol=0.02)


@pytest.mark.parametrize("one_in", [10, 25])
def test_a_year_in_a_small_sample_stays_finite_and_adds_up(one_in: int) -> None:
    """Thirty of the smallest municipalities of the country: some 20 to 160 persons each stand for all."""
    codes = [code for code in Places().all_municipalities() if code[:2] in ("18", "46", "55")][-60:]
    whole = region_margins(codes, 2015)
    order = np.argsort(whole.population.sum(axis=(1, 2)))[:30]
    margins = sample_margins(region_margins([codes[place] for place in order], 2015), one_in)
    model = RestructuringModel(margins, seed=3)
    model.run_months(12)
    assert np.isfinite(model.record.values).all()
    assert model.ledger_checks == 12


def test_dated_losses_are_a_part_in_a_sample() -> None:
    shocks = (
        Shock(ShockKind.CLOSURE, 1400, "1871", 204, 2, firm_jobs=204),
        Shock(ShockKind.DOWNSIZING, 1402, "1871", 96, 2, firm_jobs=300, firm="A", notice_months=3),
    )
    sampled = sample_shocks(shocks, 10)
    assert [(shock.jobs, shock.firm_jobs) for shock in sampled] == [(20, 20), (10, 30)]
    restored = tuple(replace(s, jobs=o.jobs, firm_jobs=o.firm_jobs) for s, o in zip(sampled, shocks, strict=True))
    assert restored == shocks
    assert sample_shocks(shocks, 1) == shocks


# --- scenario files --------------------------------------------------------------------------------------------------

FILE = """
title = "Et fylke"
{where}
start = 2015
years = 2
replications = 1
"""


def _load(tmp_path: Path, where: str) -> Scenario:
    path = tmp_path / "scenario.toml"
    path.write_text(FILE.format(where=where), encoding="utf-8")
    return load_scenario(path, Places())


@pytest.mark.parametrize("county", ['"Nordland"', '"nordland"', '"18"', "18"])
def test_a_county_is_all_its_municipalities(tmp_path: Path, county: str) -> None:
    scenario = _load(tmp_path, f"county = {county}\nsample = 10")
    assert (scenario.county, scenario.sample) == ("18", 10)
    assert scenario.municipalities == NORDLAND
    assert len(NORDLAND) == 41
    assert all(code.startswith("18") for code in NORDLAND)
    assert (scenario.random_shocks, scenario.applicants) == (True, Applicants.ELIGIBLE)


def test_the_country_is_all_municipalities(tmp_path: Path) -> None:
    scenario = _load(tmp_path, 'scope = "country"\nsample = 100')
    assert scenario.municipalities == Places().all_municipalities()
    assert len(set(scenario.municipalities)) == 357
    assert (scenario.random_shocks, scenario.applicants) == (True, Applicants.ELIGIBLE)


def test_counties_share_out_the_country() -> None:
    places = Places()
    numbers = sorted({code[:2] for code in places.all_municipalities()})
    together = [code for number in numbers for code in places.municipalities_in_county(number)]
    assert len(numbers) == 15
    assert sorted(together) == sorted(places.all_municipalities())
    for number in numbers:
        name = places.county_of(places.municipalities_in_county(number)[0])
        assert places.resolve_county(name) == places.resolve_county(number) == number


@pytest.mark.parametrize("where", ['county = "Nordland"', 'scope = "country"'])
def test_what_is_said_otherwise_holds(tmp_path: Path, where: str) -> None:
    scenario = _load(tmp_path, f'{where}\nrandom_shocks = false\napplicants = "programme"')
    assert (scenario.random_shocks, scenario.applicants, scenario.sample) == (False, Applicants.PROGRAMME, 1)


@pytest.mark.parametrize("where", ['place = "Andøy"', 'region = "andoy"', 'municipalities = ["Andøy", "Bodø"]'])
def test_a_smaller_place_has_no_losses_at_random_unless_asked_for(tmp_path: Path, where: str) -> None:
    assert (_load(tmp_path, where).random_shocks, _load(tmp_path, where).applicants) == (False, Applicants.PROGRAMME)
    asked = _load(tmp_path, f'{where}\nrandom_shocks = true\napplicants = "eligible"')
    assert (asked.random_shocks, asked.applicants) == (True, Applicants.ELIGIBLE)


@pytest.mark.parametrize(
    ("where", "key", "found", "words"),
    [
        ('county = "Nordlnd"', "county", "'Nordlnd'", ("did you mean nordland",)),
        ('county = "Troms og Finnmark"', "county", "'Troms og Finnmark'", ("no county",)),
        ("county = 99", "county", "99", ("no county",)),
        ('scope = "contry"', "scope", "'contry'", ("did you mean 'country'?",)),
        ('scope = "country"\ncounty = "18"', "scope", "county and scope", ("exactly one of",)),
        ('county = "18"\nplace = "Andøy"', "county", "place and county", ("exactly one of",)),
        ('county = ""', "place", "nothing", ("exactly one of", "county", "scope")),
        ('county = "18"\nsample = 0', "sample", "0", ("greater than or equal to 1",)),
        ('county = "18"\nsample = 101', "sample", "101", ("less than or equal to 100",)),
        ('county = "18"\nsample = 2.5', "sample", "2.5", ("valid integer",)),
        ('county = "18"\napplicants = "all"', "applicants", "'all'", ("programme", "eligible")),
        ('county = "18"\nrandom_shocks = 7', "random_shocks", "7", ("boolean",)),
        ('county = "18"\nsampel = 10', "sampel", "an unknown key", ("Did you mean sample?",)),
        ('cuonty = "18"\nplace = "Andøy"', "cuonty", "an unknown key", ("Did you mean county?",)),
    ],
)  # fmt: skip
def test_a_wrong_key_is_named_with_what_is_allowed(
    tmp_path: Path, where: str, key: str, found: str, words: tuple[str, ...]
) -> None:
    with pytest.raises(ScenarioError) as caught:
        _load(tmp_path, where)
    assert caught.value.file.endswith("scenario.toml")
    assert [(problem.key, problem.found) for problem in caught.value.problems] == [(key, found)]
    for word in words:
        assert word in str(caught.value)


def test_a_misspelt_scope_suggests_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"[Dd]id you mean .?country"):
        _load(tmp_path, 'scope = "contry"')


def test_a_programme_in_a_county_is_carried_out_or_refused(tmp_path: Path) -> None:
    programme = '\n[programme]\nmunicipalities = ["Andøy"]\napplies = "2015-04"\n'
    path = tmp_path / "scenario.toml"
    path.write_text(FILE.format(where='county = "Nordland"') + programme, encoding="utf-8")
    try:
        scenario = load_scenario(path, Places())
    except ScenarioError:
        return
    assert scenario.applicants is Applicants.PROGRAMME
