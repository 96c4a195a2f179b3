"""Newer figures: what each table of Statistics Norway changes in our tables."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from omstilling.calibration.statistics_norway.client import StatisticsNorway, TableInfo
from omstilling.calibration.statistics_norway.municipal_figures import MunicipalFigures, code_of, fetch, total_of
from omstilling.calibration.tables.municipal_codes import FIRST_YEAR, MunicipalCodes
from omstilling.calibration.tables.tables import AGE_COLUMNS, AGE_GROUPS, POPULATION_YEARS, Tables
from omstilling.model.state.industries import INDUSTRIES

_OLDEST = 80
"""Lowest age of our open group: single years must reach it."""
_MIX_YEARS = 6
"""Years over which shares of industries are taken, as in the tables shipped."""
_LARGEST_CHANGE = 0.1
"""Share by which the country's inhabitants or jobs may change in a year; more is no change but a fault."""
_LARGEST_FACTOR = 2.0
"""Factor by which those of a municipality may change."""
_CONTROL = (0.002, 10.0)
"""Share and number of inhabitants by which two tables may differ for a municipality."""


@dataclass
class Draft:
    """New version of the tables while it is being made.

    Attributes
    ----------
    base
        Folder of the version that it starts from.
    tables
        That version, read.
    codes
        Older municipal codes.
    mix_year
        Last year of the shares of industries of the version it starts from; None for the tables shipped.
    changed
        Tables that differ from those of ``base``, by file name, all cells text or numbers.
    """

    base: Path
    tables: Tables
    codes: MunicipalCodes
    mix_year: int | None = None
    changed: dict[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def current(self) -> pd.Index:
        """Codes of 2024, in the tables' order."""
        return self.tables.municipalities.index

    def read(self, name: str) -> pd.DataFrame:
        """A table as text, as it stands in the draft."""
        if name in self.changed:
            return self.changed[name]
        return pd.read_csv(self.base / name, dtype=str, keep_default_na=False)

    def add_columns(self, name: str, columns: dict[str, pd.Series]) -> None:
        """Add columns, indexed by code, to a table with a row per municipality."""
        table = self.read(name)
        added = {key: values.reindex(table["code"]).astype(np.int64).to_numpy() for key, values in columns.items()}
        self.changed[name] = pd.concat([table, pd.DataFrame(added, index=table.index)], axis=1)

    def add_rows(self, name: str, rows: pd.DataFrame) -> None:
        """Add rows to a table, which may not exist yet."""
        before = [self.read(name)] if name in self.changed or (self.base / name).exists() else []
        self.changed[name] = pd.concat([*before, rows], ignore_index=True)

    def latest(self, name: str, prefix: str) -> tuple[int, pd.Series]:
        """Newest year of a table with a column per year, and its figures indexed by code."""
        table = self.read(name).set_index("code")
        year = max(int(text) for text in (column.removeprefix(prefix) for column in table) if text.isdigit())
        return year, pd.to_numeric(table[f"{prefix}{year}"])


def newer_years(info: TableInfo, last: int) -> list[int]:
    """Years of a table after ``last``.

    Raises
    ------
    DataUpdateError
        If there is a gap.
    """
    years = [year for year in info.years() if year > last]
    if years != list(range(last + 1, last + 1 + len(years))):
        raise info.refusal("years", ", ".join(map(str, years)), f"every year from {last + 1}")
    return years


def _check_change(info: TableInfo, what: str, year: int, before: pd.Series, after: pd.Series) -> None:
    """Refuse figures that no year can bring."""
    change = after.sum() / before.sum() - 1.0
    if abs(change) > _LARGEST_CHANGE:
        raise info.refusal(
            f"{what} of {year}",
            f"{after.sum():g} in the country, {change:+.0%} in a year",
            f"a change of {_LARGEST_CHANGE:.0%} at most",
        )
    factor = after / before.reindex(after.index)
    for code in factor.index[(factor > _LARGEST_FACTOR) | (factor < 1.0 / _LARGEST_FACTOR)]:
        found = f"{after[code]:g} after {before[code]:g}"
        raise info.refusal(f"{what} of {year}, {code}", found, f"a factor of {_LARGEST_FACTOR:g} at most in a year")


def _single_years(info: TableInfo) -> dict[str, int]:
    """Age by code of the single years of age.

    Raises
    ------
    DataUpdateError
        If they do not reach from 0 to our open group.
    """
    codes = info.dimension("Alder").codes
    ages = {code: int(code.rstrip("+")) for code in codes if re.fullmatch(r"\d{3}\+?", code)}
    if sorted(ages.values()) != list(range(len(ages))) or len(ages) <= _OLDEST:
        raise info.refusal(
            "Alder", ", ".join(list(codes)[:4]), f"single years of age 000, 001 ... to at least {_OLDEST:03d}"
        )
    return ages


def population(source: StatisticsNorway, info: TableInfo, draft: Draft) -> list[int]:
    """07459: inhabitants by sex and single year of age on 1 January."""
    ages, sex = _single_years(info), info.dimension("Kjonn")
    women = code_of(info, sex, "2", r"kvinne|female|women")
    men = code_of(info, sex, "1", r"\bmenn\b|\bmales?\b|\bmen\b")
    contents = code_of(info, info.dimension("ContentsCode", "metric"), "Personer1", r"^personer|^persons")
    others = {sex.code: [men, women], "Alder": list(ages), "ContentsCode": [contents]}
    last, before = draft.latest("population.csv", "")
    years = newer_years(info, last)
    for year in years:
        figures = fetch(
            source, info, draft.codes, draft.current, year, others, (sex.code, "Alder"),
            prepare=lambda table: _age_groups(table, ages, men, women),
        )  # fmt: skip
        rows = figures.values.astype(np.int64)
        total = rows[list(AGE_COLUMNS)].sum(axis=1)
        _check_change(info, "inhabitants", year, before, total)
        before = total
        draft.add_columns("population.csv", {str(year): total})
        rows.insert(0, "year", year)
        draft.add_rows("age_structure.csv", rows.rename_axis("code").reset_index())
        if figures.split:
            note = {"code": sorted(figures.split), "quality": "split", "first_year": year, "last_year": year}
            draft.add_rows("population_quality.csv", pd.DataFrame(note))
    return years


def _age_groups(values: pd.DataFrame, ages: dict[str, int], men: str, women: str) -> pd.DataFrame:
    """Our 16 age groups and women aged 20-39, indexed by code, from columns by sex and single year of age."""
    rows = pd.DataFrame(index=values.index)
    for name, (low, high) in zip(AGE_COLUMNS, AGE_GROUPS, strict=True):
        members = [code for code, age in ages.items() if low <= age <= high or (age > high == AGE_GROUPS[-1][1])]
        rows[name] = values[[f"{sex} {code}" for sex in (men, women) for code in members]].sum(axis=1)
    young = [f"{women} {code}" for code, age in ages.items() if 20 <= age <= 39]
    rows["women_20_39"] = values[young].sum(axis=1)
    return rows


def population_changes(source: StatisticsNorway, info: TableInfo, draft: Draft) -> list[int]:
    """06913: births, deaths and net migration; its inhabitants on 1 January control those of 07459."""
    contents = info.dimension("ContentsCode", "metric")
    stock = code_of(info, contents, "Folkemengde", r"(befolkning|population).*1\. jan")
    flows = {
        "births": code_of(info, contents, "Levende", r"^levendefødte|^live births"),
        "deaths": code_of(info, contents, "Dode", r"^døde|^deaths"),
        "net_migration": code_of(info, contents, "Nettoinnflytting", r"^nettoinn|^net (in-)?migration"),
    }
    inhabitants = draft.read("population.csv").set_index("code")
    known = [int(name) for name in inhabitants.columns]
    held = draft.read("population_changes.csv")["year"] if (draft.base / "population_changes.csv").exists() else []
    first = max((int(year) + 1 for year in held), default=POPULATION_YEARS[-1])
    years = [year for year in info.years() if first <= year <= known[-1]]
    others = {contents.code: [stock, *flows.values()]}
    for year in years:
        figures = fetch(source, info, draft.codes, draft.current, year, others, (contents.code,), signed=True)
        here = pd.to_numeric(inhabitants[str(year)])
        _control(info, year, figures, stock, here)
        if year + 1 not in known:
            continue
        rows = figures.values[list(flows.values())].set_axis(list(flows), axis=1).astype(np.int64)
        if (rows[["births", "deaths"]] < 0).any(axis=None) or (rows.sum() == 0).any():
            raise info.refusal(
                f"births, deaths and net migration of {year}", rows.sum().to_dict(), "numbers of persons"
            )
        after = pd.to_numeric(inhabitants[str(year + 1)]).sum()
        expected = here.sum() + rows["births"].sum() - rows["deaths"].sum() + rows["net_migration"].sum()
        if abs(after - expected) > _CONTROL[0] * expected:
            raise info.refusal(f"changes of {year}", f"changes to {expected:g} inhabitants", f"{after:g}, as in 07459")
        rows.insert(0, "year", year)
        draft.add_rows("population_changes.csv", rows.rename_axis("code").reset_index())
    return [year for year in years if year + 1 in known]


def _control(info: TableInfo, year: int, figures: MunicipalFigures, stock: str, wanted: pd.Series) -> None:
    """Refuse inhabitants that differ from those of the population table, save where both are a share of a sum."""
    found = figures.values[stock].drop(list(figures.split))
    wanted = wanted.reindex(found.index)
    for code in found.index[(found - wanted).abs() > np.maximum(_CONTROL[0] * wanted, _CONTROL[1])]:
        raise info.refusal(f"inhabitants of {code}, {year}", f"{found[code]:g}", f"{wanted[code]:g}, as in 07459")


def employment(source: StatisticsNorway, info: TableInfo, draft: Draft) -> list[int]:
    """11618: jobs by place of work, employed residents and inhabitants aged 15-74 in the 4th quarter."""
    contents = info.dimension("ContentsCode", "metric")
    columns = {
        "jobs": (code_of(info, contents, "SysselArbsted", r"sysselsatte.*arbeidssted|employed.*work"), "share_jobs"),
        "employed": (code_of(info, contents, "SysselBosted", r"sysselsatte.*bosted|employed.*residence"), "share"),
        "population_15_74": (code_of(info, contents, "BefolkningBosted", r"^befolkning|^population"), "share"),
    }
    totals = total_of(info, "Kjonn", "0") | total_of(info, "Alder", "15-74")
    last, before = draft.latest("employment.csv", "jobs_")
    years = newer_years(info, last)
    for year in years:
        added: dict[str, pd.Series] = {}
        for key in ("share_jobs", "share"):
            wanted = {name: code for name, (code, by) in columns.items() if by == key}
            others = {contents.code: list(wanted.values()), **totals}
            figures = fetch(source, info, draft.codes, draft.current, year, others, (contents.code,), key=key).values
            added |= {name: figures[code] for name, code in wanted.items()}
        _check_change(info, "jobs", year, before, added["jobs"])
        before = added["jobs"]
        draft.add_columns("employment.csv", {f"{name}_{year}": added[name] for name in columns})
    return years


def industry_mix(source: StatisticsNorway, info: TableInfo, draft: Draft) -> list[int]:
    """07984: shares of jobs by industry and centrality class, over all municipalities of the country."""
    years = [year for year in info.years() if year >= FIRST_YEAR][-_MIX_YEARS:]
    if not years or (draft.mix_year is not None and years[-1] <= draft.mix_year):
        return []
    contents, industry = info.dimension("ContentsCode", "metric"), info.dimension("NACE2007")
    jobs = code_of(info, contents, "SysselsatteArb", r"sysselsatte.*arbeidssted|employed.*work")
    groups = [code_of(info, industry, group.nace, rf"^{group.nace}\b") for group in INDUSTRIES]
    others = {
        contents.code: [jobs],
        industry.code: groups,
        **total_of(info, "Kjonn", "0"),
        **total_of(info, "Alder", "15-74"),
    }
    total = pd.DataFrame(0.0, index=draft.current, columns=groups)
    for year in years:
        total += fetch(
            source, info, draft.codes, draft.current, year, others, (industry.code,), key="share_jobs"
        ).values
    total = total[total.sum(axis=1) > 0]
    shares = total.div(total.sum(axis=1), axis=0).set_axis([group.nace for group in INDUSTRIES], axis=1)
    classes = draft.tables.municipalities["centrality_class"].reindex(shares.index)
    rows = [
        (number, nace, round(mean, 5), round(spread, 5), len(own))
        for number, own in shares.groupby(classes)
        for nace, mean, spread in zip(own.columns, own.mean(), own.std(ddof=1).fillna(0.0), strict=True)
    ]  # fmt: skip
    draft.changed["industry_mix.csv"] = pd.DataFrame(rows, columns=list(draft.read("industry_mix.csv")))
    return years
