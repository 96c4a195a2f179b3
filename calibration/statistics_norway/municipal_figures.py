"""Municipal figures of a table of Statistics Norway for one year, in the municipalities of 2024."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from omstilling.calibration.statistics_norway.client import DataUpdateError, Dimension, StatisticsNorway, TableInfo
from omstilling.calibration.tables.municipal_codes import MunicipalCodes

_COUNTRY = "0"
"""Code of the whole country in the dimension of regions."""
_COUNTRY_TOLERANCE = 0.02
"""Share by which municipalities may differ from the country: those on the shelf or unknown, and figures below
3, which Statistics Norway replaces by 0 or 3."""
_COUNTRY_SLACK = 1000.0
"""Persons by which they may differ in any case, since net migration of the country may be near 0."""
_ALL = re.compile(r"begge kjønn|i alt|alle|both sexes|total", re.IGNORECASE)


@dataclass(frozen=True)
class MunicipalFigures:
    """Figures in the municipalities of 2024.

    Attributes
    ----------
    values
        A row per municipality in the order asked for, a column per figure; whole numbers.
    split
        Municipalities whose figures are a share of a former municipality's.
    """

    values: pd.DataFrame
    split: frozenset[str]


def code_of(info: TableInfo, dimension: Dimension, code: str, label: str) -> str:
    """Code of a value known by its code, else by its label.

    Parameters
    ----------
    label
        Regular expression that only the value's label matches, whatever the case.

    Raises
    ------
    DataUpdateError
        If there is none, or there are several.
    """
    if code in dimension.codes:
        return code
    found = [key for key, text in dimension.codes.items() if re.search(label, text, re.IGNORECASE)]
    if len(found) != 1:
        shown = ", ".join(f"{key} ({text})" for key, text in list(dimension.codes.items())[:8])
        raise info.refusal(dimension.code, shown, f"{code}, or one value called {label!r}")
    return found[0]


def total_of(info: TableInfo, code: str, total: str) -> dict[str, list[str]]:
    """Selection of the total of a dimension: its code, or nothing where Statistics Norway adds up by itself."""
    if code not in info.dimensions:
        return {}
    dimension = info.dimensions[code]
    if total not in dimension.codes and dimension.may_be_left_out:
        return {}
    return {code: [code_of(info, dimension, total, _ALL.pattern)]}


def pieces(value: float, weights: Sequence[float]) -> list[float]:
    """A whole number cut into whole pieces in proportion to ``weights``; the largest takes what rounding leaves."""
    parts = [float(round(value * weight)) for weight in weights]
    parts[int(np.argmax(weights))] += value - sum(parts)
    return parts


def _check(info: TableInfo, figures: pd.DataFrame, year: int, signed: bool) -> None:
    """Refuse negative figures and fractions."""
    values = figures.to_numpy()
    for bad, expected in (((values < 0) & (not signed), "0 or more"), (values != np.round(values), "whole numbers")):
        if bad.any():
            row, column = np.argwhere(bad)[0]
            where = f"{figures.index[row]}, {figures.columns[column]}, {year}"
            raise DataUpdateError(
                f"table {info.number} ({info.address}), {where}: found {values[row, column]:g}; expected {expected}"
            )


def to_2024(
    info: TableInfo, codes: MunicipalCodes, current: pd.Index, figures: pd.DataFrame, year: int, key: str, signed: bool
) -> MunicipalFigures:
    """Add up figures by code of the time to the municipalities of 2024.

    Parameters
    ----------
    figures
        Indexed by code of the time, a column per figure; missing ones are NaN and count as 0.
    key
        ``share`` or ``share_jobs``: what splits figures of a former municipality.
    signed
        Whether figures may be negative.

    Raises
    ------
    DataUpdateError
        For a negative figure or a fraction.
    MunicipalCodeError
        For an unknown code.
    """
    figures = figures.fillna(0.0)
    _check(info, figures, year, signed)
    parts = {str(code): codes.parts(str(code), info.number) for code in figures.index[(figures != 0).any(axis=1)]}
    whole = {code: own[0].code for code, own in parts.items() if len(own) == 1}
    values = figures.loc[list(whole)].groupby(list(whole.values())).sum().reindex(current, fill_value=0.0)
    split: set[str] = set()
    for code in parts.keys() - whole.keys():
        split |= {part.code for part in parts[code]}
        shares = np.stack([pieces(value, [getattr(part, key) for part in parts[code]]) for value in figures.loc[code]])
        for number, part in enumerate(parts[code]):
            values.loc[part.code] += shares[:, number]
    return MunicipalFigures(values, frozenset(split))


def fetch(
    source: StatisticsNorway, info: TableInfo, codes: MunicipalCodes, current: pd.Index, year: int,
    others: Mapping[str, Sequence[str]], columns: Sequence[str], *, key: str = "share", signed: bool = False,
    prepare: Callable[[pd.DataFrame], pd.DataFrame] = lambda table: table,
) -> MunicipalFigures:  # fmt: skip
    """Fetch one year of a table for all municipalities and bring it to those of 2024.

    Parameters
    ----------
    others
        Codes wanted in the dimensions besides region and year.
    columns
        Dimensions of ``others`` that tell figures apart: columns are their codes joined by a blank.
    key, signed
        See ``to_2024``.
    prepare
        Adds columns together before figures of former municipalities are split, so that less is lost to rounding.

    Raises
    ------
    DataUpdateError
        If they cannot be fetched, or are not what they must be; if municipalities do not add up to the country.
    """
    region, time = info.dimension("Region", "geo"), info.dimension("Tid", "time")
    asked = codes.to_ask(region.codes, year)
    if not asked:
        raise info.refusal(region.code, ", ".join(list(region.codes)[:5]), "municipal codes of four digits")
    country = [_COUNTRY] if _COUNTRY in region.codes else []
    rows = source.figures(info, {region.code: country + asked, **others, time.code: [str(year)]})
    rows["figure"] = rows[columns[0]].str.cat([rows[name] for name in columns[1:]], sep=" ")
    table = rows.pivot(index=region.code, columns="figure", values="value")
    whole = table.loc[_COUNTRY] if country else table.iloc[0] * np.nan
    table = table.loc[asked]
    if table.isna().all(axis=None):
        raise info.refusal(str(year), "no figures at all", "figures of the municipalities")
    off = (table.sum() - whole).abs() > np.maximum(_COUNTRY_TOLERANCE * whole.abs(), _COUNTRY_SLACK)
    for figure in table.columns[off]:
        raise info.refusal(
            f"{figure} in {year}",
            f"municipalities that add up to {table[figure].sum():g}",
            f"the country's {whole[figure]:g}",
        )
    return to_2024(info, codes, current, prepare(table), year, key, signed)
