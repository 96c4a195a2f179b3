"""Newer commuting: the matrix of homes and workplaces of table 03321, in the municipalities of 2024."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from omstilling.calibration.statistics_norway.client import Dimension, StatisticsNorway, TableInfo
from omstilling.calibration.statistics_norway.municipal_figures import code_of, pieces, total_of
from omstilling.calibration.statistics_norway.newer_figures import Draft
from omstilling.calibration.tables.municipal_codes import MunicipalCodes
from omstilling.calibration.tables.tables import COMMUTING_YEAR

_WORK, _HOME = "ArbstedKomm", "Bokommuen"
"""Dimensions; the second is spelled so by Statistics Norway."""


def commuting(source: StatisticsNorway, info: TableInfo, draft: Draft) -> list[int]:
    """03321: employed persons by home and work in the newest 4th quarter for which there are jobs too."""
    held = draft.read("commuting.csv")
    last = int(held["year"].iloc[0]) if "year" in held else COMMUTING_YEAR
    newest = max((year for year in info.years() if year <= draft.latest("employment.csv", "jobs_")[0]), default=last)
    if newest <= last:
        return []
    work, home = info.dimension(_WORK), info.dimension(_HOME)
    contents, time = info.dimension("ContentsCode", "metric"), info.dimension("Tid", "time")
    persons = code_of(info, contents, "Sysselsatte", r"^sysselsatte|^employed")
    asked = {dimension.code: _asked(info, dimension, draft.codes, newest) for dimension in (home, work)}
    selection = {
        **asked, contents.code: [persons], time.code: [str(newest)], **total_of(info, "Kjonn", "0"),
        **total_of(info, "Alder", "15-74"),
    }  # fmt: skip
    rows = source.figures(info, selection)
    rows = rows[rows["value"].fillna(0.0) != 0]
    if (rows["value"] < 0).any() or (rows["value"] != rows["value"].round()).any():
        odd = rows[(rows["value"] < 0) | (rows["value"] != rows["value"].round())].iloc[0]
        raise info.refusal(
            f"home {odd[home.code]}, work {odd[work.code]}", f"{odd['value']:g}", "whole numbers of 0 or more"
        )
    matrix = _matrix(info, draft, rows[[home.code, work.code, "value"]])
    draft.changed["commuting.csv"] = pd.DataFrame(
        {"home": draft.current, "year": newest, "persons_by_work": [_text(row, draft.current) for row in matrix]}
    )
    return [newest]


def _asked(info: TableInfo, dimension: Dimension, codes: MunicipalCodes, year: int) -> list[str]:
    """Codes to ask for: only those in force, since all pairs of codes ever in force would be a million figures."""
    asked = [code for code in codes.to_ask(dimension.codes, year) if code not in codes or codes.in_force(code, year)]
    if not asked:
        raise info.refusal(dimension.code, ", ".join(list(dimension.codes)[:5]), "municipal codes of four digits")
    return asked


def _matrix(info: TableInfo, draft: Draft, rows: pd.DataFrame) -> NDArray[np.float64]:
    """Persons by home and work in the municipalities of 2024.

    Flows to and from a former municipality that was split follow the matrix before: it knows that most work at home.
    """
    place = {str(code): number for number, code in enumerate(draft.current)}
    before = draft.tables.commuting.to_numpy()
    matrix = np.zeros_like(before)
    for home, work, persons in rows.itertuples(index=False):
        homes, works = draft.codes.parts(home, info.number), draft.codes.parts(work, info.number)
        cells = [(place[h.code], place[w.code]) for h in homes for w in works if h.code and w.code]
        if len(cells) == 1:
            matrix[cells[0]] += persons
        elif cells:
            weights = np.array([before[cell] for cell in cells])
            if not weights.any():
                weights = np.array([h.share * w.share_jobs for h in homes for w in works])
            for cell, part in zip(cells, pieces(persons, list(weights / weights.sum())), strict=True):
                matrix[cell] += part
    return matrix


def _text(row: NDArray[np.float64], codes: pd.Index) -> str:
    """A row as the table holds it: ``work:persons`` of every place of work."""
    return " ".join(f"{codes[number]}:{row[number]:.0f}" for number in np.flatnonzero(row > 0))
