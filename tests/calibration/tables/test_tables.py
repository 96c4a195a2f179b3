"""Tables: validated on load, with errors that name the file and what is wrong."""

from __future__ import annotations

import shutil
from importlib import resources
from pathlib import Path

import pytest

from omstilling.calibration.margins.life_table import fertility_of, life_expectancy, mortality_of
from omstilling.calibration.margins.travel import commuting_decay
from omstilling.calibration.tables.observed import observed_series
from omstilling.calibration.tables.tables import TableError, load_tables, read_tables
from omstilling.model import Parameters

SHIPPED = Path(str(resources.files("omstilling.calibration") / "data"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "data"))


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_copied_tables_load(folder: Path) -> None:
    assert len(read_tables(folder).municipalities) == 357


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("population.csv", "\n5605,", "\n5699,", "5699"),
        ("population.csv", ",2015,", ",2O15,", "no column '2015'"),
        ("age_structure.csv", "\n5605,2010,", "\n5605,2030,", "5605"),
        ("age_structure.csv", "\n5605,2010,6", "\n5605,2010,9", "add up to"),
        ("employment.csv", "\n5605,4421,", "\n5605,-4421,", "found -4421"),
        ("employment.csv", "\n5605,4421,", "\n5605,,", "expected 1 or more"),
        ("employment.csv", "\n5061,910,", "\n5061,0,", "5061, jobs_2005: found 0"),
        ("commuting.csv", " 5605:", " 5606:", "5606"),
        ("commuting.csv", "0301:", "0301;", "expected a municipality"),
        ("industry_mix.csv", "3,01-03,0.0", "3,01-03,0.9", "add up to"),
        ("programmes.csv", ",1871,", ",1872,", "1872"),
        ("municipalities.csv", "\n5605,", "\n0301,", "357"),
    ],
)
def test_a_broken_table_is_named(folder: Path, name: str, old: str, new: str, words: str) -> None:
    _replace(folder / name, old, new)
    with pytest.raises(TableError) as caught:
        read_tables(folder)
    assert name in str(caught.value)
    assert words in str(caught.value)


@pytest.mark.parametrize("name", [path.name for path in sorted(SHIPPED.glob("*.csv"))])
def test_a_missing_table_is_named_and_every_table_is_described(folder: Path, name: str) -> None:
    assert f"`{name}`" in (SHIPPED / "README.md").read_text(encoding="utf-8")
    (folder / name).unlink()
    with pytest.raises(TableError, match=name):
        read_tables(folder)


def test_life_tables_match_their_sources() -> None:
    assert life_expectancy(mortality_of(2019)[0]) == pytest.approx(81.2, abs=0.01)
    assert life_expectancy(mortality_of(2019)[1]) == pytest.approx(84.7, abs=0.01)
    assert life_expectancy(mortality_of(2010)[0]) < 80.0
    assert fertility_of(2019).sum() == pytest.approx(1.53)
    assert fertility_of(2009).sum() == pytest.approx(1.98)


def test_observed_figures_are_not_interpolated() -> None:
    series = observed_series("5605")
    assert series.loc[2015, "population"] == 10221
    assert series.loc[2015, "jobs"] == 5056
    assert series.loc[2014].isna()["jobs"]


def test_the_decay_of_commuting_is_that_of_the_matrix() -> None:
    assert commuting_decay() == pytest.approx(Parameters().matching.distance_decay, abs=0.002)


def test_commuters_of_2021_add_up() -> None:
    tables = load_tables()
    jobs = tables.employment["jobs_2021"]
    others = [code for code in tables.commuting.columns if code not in ("1508", "1580")]
    assert (tables.commuting.sum(axis=0)[others] == jobs[others]).mean() > 0.95
