"""A region alone and the same region inside its county: where nothing happens outside, both tell the same."""

from __future__ import annotations

import numpy as np
import pytest

from omstilling.calibration.margins.region import region_margins
from omstilling.calibration.tables.places import Places
from omstilling.model import RestructuringModel, Shock, ShockKind
from omstilling.model.state.record import Record

# Pairs of runs share a seed, and with it the luck of every person, firm and place of the region. Bounds are 4.5
# standard errors of the mean paired difference (false alarm at most 3e-3 with seven degrees of freedom; seeds are
# fixed) plus what a county cannot leave as it is, as a share of the level alone:
# - jobs 1.2 %, inhabitants 0.6 %: alone, jobs and movers outside are as many as at the start whatever happens; in the
#   county, searchers of all places compete for vacancies that open and close, and out-moves follow the pull of places
#   (differences found with ten seeds: 0.5 to 0.8 % of jobs, 0.0 to 0.2 % of inhabitants);
# - commuters 15 % and unemployed 0.6 % of inhabitants: the same competition; each is less than one in ten of the jobs.

START, MONTHS, SEEDS = 2015, 36, range(1, 9)
COUNTY = Places().municipalities_in_county("18")
REGIONS = {"andoy": ("1871",), "alstahaug": ("1820", "1822", "1827"), "bronnoy": ("1812", "1813", "1816")}
BOUNDS = {"jobs": 0.012, "population": 0.006, "in_commuters": 0.15, "out_commuters": 0.15}


@pytest.fixture(scope="module")
def county() -> list[Record]:
    margins = region_margins(COUNTY, START)
    return [_record(margins, seed) for seed in SEEDS]


def _record(margins, seed: int, shocks: tuple[Shock, ...] = ()) -> Record:
    model = RestructuringModel(margins, shocks=shocks, seed=seed)
    model.run_months(MONTHS)
    return model.record


def _alone(codes: tuple[str, ...], shocks: tuple[Shock, ...] = ()) -> list[Record]:
    margins = region_margins(codes, START, shocks)
    return [_record(margins, seed, shocks) for seed in SEEDS]


def _sums(records: list[Record], column: str, codes: tuple[str, ...], inside: bool, row: int = -1) -> np.ndarray:
    """The region's sum in each run."""
    rows = [COUNTY.index(code) for code in codes] if inside else slice(None)
    return np.array([record.of(column)[row, rows].sum() for record in records])


def _apart(alone: np.ndarray, inside: np.ndarray, bound: float) -> bool:
    change = inside - alone
    error = change.std(ddof=1) / np.sqrt(len(change))
    return bool(abs(change.mean()) > 4.5 * error + bound * alone.mean())


@pytest.fixture(scope="module", params=REGIONS)
def region(request: pytest.FixtureRequest) -> tuple[tuple[str, ...], list[Record]]:
    codes = REGIONS[request.param]
    return codes, _alone(codes)


def test_both_begin_with_the_same_persons_and_jobs(region, county: list[Record]) -> None:
    codes, alone = region
    for column in ("population", "jobs", "employed_residents", "unemployed", "children", "retired", "women_20_39"):
        one, other = (_sums(*of, row=0) for of in ((alone, column, codes, False), (county, column, codes, True)))
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("column", BOUNDS)
def test_a_region_does_in_its_county_as_it_does_alone(region, county: list[Record], column: str) -> None:
    codes, alone = region
    one, other = _sums(alone, column, codes, False), _sums(county, column, codes, True)
    if len(codes) > 1 or "commuters" not in column:  # a place alone has next to no commuters
        assert not _apart(one, other, BOUNDS[column])
    assert one.std() > 0


def test_unemployment_differs_by_what_a_county_shares_out(region, county: list[Record]) -> None:
    codes, alone = region
    one, other = _sums(alone, "unemployed", codes, False), _sums(county, "unemployed", codes, True)
    inhabitants = _sums(alone, "population", codes, False).mean()
    assert not _apart(one, other, 0.006 * inhabitants / one.mean())


def test_births_deaths_and_moves_of_three_years_are_as_many(region, county: list[Record]) -> None:
    """5 % of moves besides 4.5 standard errors, as moves follow prospects, and 5 % of births and deaths."""
    codes, alone = region
    for column in ("births", "deaths", "in_migration", "out_migration"):
        one, other = (
            np.sum([_sums(records, column, codes, inside, row) for row in range(1, MONTHS + 1)], axis=0)
            for records, inside in ((alone, False), (county, True))
        )
        assert not _apart(one, other, 0.05)
        assert _apart(one, 1.5 * other, 0.05)


def test_a_closure_of_a_tenth_of_jobs_is_noticed(county: list[Record]) -> None:
    """The bound is no blanket: a region that loses a tenth of its jobs after a year differs in jobs."""
    codes = REGIONS["alstahaug"]
    jobs = int(region_margins(codes, START).jobs.sum() / 10)
    closure = Shock(ShockKind.CLOSURE, 12 * (START + 1 - 1900), codes[0], jobs, 2, firm_jobs=jobs)
    struck = _alone(codes, (closure,))
    assert _apart(_sums(struck, "jobs", codes, False), _sums(county, "jobs", codes, True), BOUNDS["jobs"])
    before = [_sums(*of, row=12) for of in ((struck, "jobs", codes, False), (county, "jobs", codes, True))]
    assert not _apart(*before, BOUNDS["jobs"])


def test_pairs_share_their_luck(region, county: list[Record]) -> None:
    """Runs of a seed lie closer together than runs of different seeds, else pairs would not be pairs."""
    codes, alone = region
    one, other = _sums(alone, "jobs", codes, False), _sums(county, "jobs", codes, True)
    assert (other - one).std() < 0.8 * (np.roll(other, 1) - one).std()
