"""Tables: the figures the model starts from, validated when they are loaded."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd

AGE_GROUPS: tuple[tuple[int, int], ...] = (
    (0, 5), (6, 15), (16, 19), (20, 24), (25, 29), (30, 34), (35, 39), (40, 44), (45, 49), (50, 54), (55, 59), (60, 64),
    (65, 66), (67, 74), (75, 79), (80, 105),
)  # fmt: skip
"""Lowest and highest age of each group in the age table."""

AGE_COLUMNS = tuple(f"age_{low}_{high}" if high < 105 else "age_80_over" for low, high in AGE_GROUPS)
AGE_YEARS = range(2005, 2023)
POPULATION_YEARS = range(1986, 2023)
JOB_YEARS = (2005, 2015, 2017, 2018, 2019, 2020, 2021)
RESIDENT_YEARS = (2017, 2018, 2019, 2020, 2021)
"""Years that every version of the tables holds; newer ones may follow without a gap (see ``data_update``)."""
COMMUTING_YEAR = 2021
"""Year of a commuting table that does not say its year."""
_MUNICIPALITIES = 357


class TableError(ValueError):
    """A table that is not what it must be; the message names file, row and what was expected."""


@dataclass(frozen=True)
class Tables:
    """All tables. Municipal tables are indexed by code, in the order of ``municipalities``.

    Attributes
    ----------
    municipalities
        Name, county, region, place and centrality, 357 rows.
    population
        Inhabitants on 1 January, a column per year (int) from 1986; missing figures are NaN.
    quality
        What of the population is not exact: code, quality, first and last year.
    ages
        Inhabitants by age group and women aged 20-39, indexed by (year, code).
    employment
        ``jobs_YYYY``, ``employed_YYYY`` and ``population_15_74_YYYY`` in the 4th quarter.
    commuting
        Employed persons of one year by home (row) and work (column), shape (357, 357).
    industry_mix, establishment_sizes
        By centrality class and NACE group.
    unemployment
        Share of the labour force, indexed by code (``NO``, counties, municipalities of Telemark), a column a month.
    programmes
        Historical restructuring programmes.
    """

    municipalities: pd.DataFrame
    population: pd.DataFrame
    quality: pd.DataFrame
    ages: pd.DataFrame
    employment: pd.DataFrame
    commuting: pd.DataFrame
    industry_mix: pd.DataFrame
    establishment_sizes: pd.DataFrame
    unemployment: pd.DataFrame
    programmes: pd.DataFrame


def _read(folder: Path, name: str, columns: tuple[str, ...]) -> pd.DataFrame:
    path = folder / name
    try:
        table = pd.read_csv(path, dtype={"code": str, "home": str, "county": str, "nace": str})
    except FileNotFoundError as error:
        raise TableError(f"{path}: the file is missing") from error
    except (pd.errors.ParserError, UnicodeDecodeError) as error:
        raise TableError(f"{path}: not a table of comma-separated values: {error}") from error
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise TableError(f"{path}: no column {missing[0]!r}; there are {', '.join(map(str, table.columns[:8]))} ...")
    return table


def _by_code(table: pd.DataFrame, codes: pd.Index, path: Path) -> pd.DataFrame:
    """The table indexed by code, in the order of ``codes``, with exactly those."""
    if table["code"].duplicated().any():
        raise TableError(f"{path}: code {table['code'][table['code'].duplicated()].iloc[0]} stands twice")
    table = table.set_index("code")
    for strange in table.index.difference(codes):
        raise TableError(f"{path}: code {strange} is no municipality of 2024")
    for absent in codes.difference(table.index):
        raise TableError(f"{path}: municipality {absent} is missing")
    return table.reindex(codes)


def _check_counts(table: pd.DataFrame, path: Path, *, lowest: float = 0.0, gaps: bool = False) -> None:
    values = table.to_numpy(dtype=np.float64)
    bad = (values < lowest) | (np.isnan(values) & (not gaps))
    if bad.any():
        row, column = np.argwhere(bad)[0]
        found = values[row, column]
        raise TableError(
            f"{path}: {table.index[row]}, {table.columns[column]}: found {found:g}, expected {lowest:g} or more"
        )


def _newer_years(names: pd.Index, prefix: str, last: int, path: Path) -> list[int]:
    """Years after ``last`` for which there is a column of this prefix; without a gap."""
    found = sorted(int(name) for name in (str(name).removeprefix(prefix) for name in names) if name.isdigit())
    newer = [year for year in found if year > last]
    for year, wanted in zip(newer, range(last + 1, last + 1 + len(newer)), strict=True):
        if year != wanted:
            raise TableError(f"{path}: column {prefix}{year} follows {prefix}{wanted - 1}; {prefix}{wanted} is missing")
    return newer


def _read_population(folder: Path, codes: pd.Index) -> tuple[pd.DataFrame, pd.DataFrame]:
    path = folder / "population.csv"
    table = _read(folder, path.name, ("code", *(str(year) for year in POPULATION_YEARS)))
    years = [*POPULATION_YEARS, *_newer_years(table.columns, "", POPULATION_YEARS[-1], path)]
    population = _by_code(table, codes, path)[[str(year) for year in years]].astype(np.float64)
    population.columns = pd.Index(years)
    _check_counts(population, path, gaps=True)
    quality = _read(folder, "population_quality.csv", ("code", "quality", "first_year", "last_year"))
    allowed = {
        (row.code, year)
        for row in quality[quality["quality"] == "missing"].itertuples()
        for year in range(int(row.first_year), int(row.last_year) + 1)
    }
    for row, column in np.argwhere(population.isna().to_numpy()):
        key = (codes[row], int(population.columns[column]))
        if key not in allowed:
            raise TableError(f"{path}: municipality {key[0]} has no figure for {key[1]}, and none is noted as missing")
    return population, quality


def _read_ages(folder: Path, codes: pd.Index, population: pd.DataFrame) -> pd.DataFrame:
    path = folder / "age_structure.csv"
    ages = _read(folder, path.name, ("code", "year", *AGE_COLUMNS, "women_20_39"))
    years = range(AGE_YEARS[0], int(population.columns[-1]) + 1)
    index = pd.MultiIndex.from_product([years, codes], names=["year", "code"])
    ages = ages.set_index(["year", "code"])
    if not ages.index.is_unique or len(ages.index.difference(index)) or len(index.difference(ages.index)):
        odd = ages.index.symmetric_difference(index)
        where = f"year and code {odd[0]}" if len(odd) else "a year and code that stand twice"
        raise TableError(f"{path}: {where}; expected each municipality in each year {years[0]}-{years[-1]} once")
    ages = ages.reindex(index)
    _check_counts(ages, path)
    totals = ages[list(AGE_COLUMNS)].sum(axis=1)
    known = population[list(years)].T.stack()
    wrong = totals.index[(totals - known.reindex(totals.index)).abs() > 0.5]
    if len(wrong):
        found, wanted = totals[wrong[0]], known[wrong[0]]
        raise TableError(f"{path}: {wrong[0]}: age groups add up to {found:g}, the population table says {wanted:g}")
    return ages


def _read_employment(folder: Path, codes: pd.Index) -> pd.DataFrame:
    path = folder / "employment.csv"
    columns = [f"jobs_{year}" for year in JOB_YEARS] + [f"employed_{year}" for year in RESIDENT_YEARS]
    employment = _by_code(_read(folder, path.name, ("code", *columns)), codes, path).astype(np.float64)
    _check_counts(employment, path, lowest=1.0)
    newer = _newer_years(employment.columns, "jobs_", JOB_YEARS[-1], path)
    if _newer_years(employment.columns, "employed_", RESIDENT_YEARS[-1], path) != newer:
        raise TableError(f"{path}: jobs_ and employed_ must have the same years after {RESIDENT_YEARS[-1]}")
    for year in (*RESIDENT_YEARS, *newer):
        jobs, residents = employment[f"jobs_{year}"].sum(), employment[f"employed_{year}"].sum()
        if abs(jobs / residents - 1.0) > 0.01:
            raise TableError(f"{path}: jobs of {year} add up to {jobs:g}, employed residents to {residents:g}")
    return employment


def _read_commuting(folder: Path, codes: pd.Index, employment: pd.DataFrame) -> pd.DataFrame:
    path = folder / "commuting.csv"
    table = _read(folder, path.name, ("home", "persons_by_work"))
    matrix = np.zeros((len(codes), len(codes)))
    place = {code: number for number, code in enumerate(codes)}
    for home, text in zip(table["home"], table["persons_by_work"], strict=True):
        for pair in str(text).split():
            work, _, persons = pair.partition(":")
            if home not in place or work not in place or not persons.isdigit():
                raise TableError(f"{path}: home {home}: found {pair!r}, expected a municipality of 2024 and a number")
            matrix[place[home], place[work]] = float(persons)
    year = int(table["year"].iloc[0]) if "year" in table else COMMUTING_YEAR
    if f"jobs_{year}" not in employment:
        raise TableError(f"{path}: year {year}; the employment table has no column jobs_{year}")
    off = np.abs(matrix.sum(axis=0) / employment[f"jobs_{year}"].to_numpy() - 1.0)
    if off.max() > 0.05:
        raise TableError(f"{path}: commuters into {codes[int(off.argmax())]} differ from its jobs by {off.max():.0%}")
    return pd.DataFrame(matrix, index=codes, columns=codes)


def read_tables(folder: Path) -> Tables:
    """Read and validate all tables of a folder.

    Raises
    ------
    TableError
        For a file that is missing or not a table, unknown or missing codes, years that are not there, negative
        counts, or totals that do not add up.
    """
    path = folder / "municipalities.csv"
    columns = ("code", "name", "county", "region", "region_name", "latitude", "longitude", "land_km2", "centrality")
    municipalities = _read(folder, path.name, columns).set_index("code")
    if len(municipalities) != _MUNICIPALITIES or not municipalities.index.is_unique:
        raise TableError(f"{path}: {len(municipalities)} rows, expected {_MUNICIPALITIES} municipalities")
    codes = municipalities.index
    population, quality = _read_population(folder, codes)
    employment = _read_employment(folder, codes)
    mix = _read(folder, "industry_mix.csv", ("centrality_class", "nace", "share", "spread"))
    sums = mix.groupby("centrality_class")["share"].sum()
    if ((sums - 1.0).abs() > 1e-3).any():
        raise TableError(f"{folder / 'industry_mix.csv'}: shares of class {sums.idxmax()} add up to {sums.max():.3f}")
    programmes = _read(folder, "programmes.csv", ("programme", "code", "source", "certainty"))
    for code in set(programmes["code"]) - set(codes):
        raise TableError(f"{folder / 'programmes.csv'}: code {code} is no municipality of 2024")
    return Tables(
        municipalities=municipalities,
        population=population,
        quality=quality,
        ages=_read_ages(folder, codes, population),
        employment=employment,
        commuting=_read_commuting(folder, codes, employment),
        industry_mix=mix,
        establishment_sizes=_read(folder, "establishment_sizes.csv", ("centrality_class", "nace", "size_1_4")),
        unemployment=_read(folder, "unemployment.csv", ("level", "unit", "code", "2011-01")).set_index("code"),
        programmes=programmes,
    )


@cache
def load_tables() -> Tables:
    """Tables of this process, read once: those shipped, unless ``OMSTILLING_TABLES`` asks for others.

    Raises
    ------
    TableError
        If the tables asked for are not there or not what they must be; see ``table_versions.chosen_folder``.
    """
    from omstilling.calibration.tables.versions import chosen_folder

    chosen = chosen_folder()
    if chosen is not None:
        return read_tables(chosen)
    with resources.as_file(resources.files("omstilling.calibration") / "data") as folder:
        return read_tables(folder)
