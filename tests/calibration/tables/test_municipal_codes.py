"""Municipal codes of earlier years, mapped to those of 2024."""

from __future__ import annotations

from importlib import resources

import pandas as pd
import pytest

from omstilling.calibration.tables.municipal_codes import MunicipalCodeError, MunicipalCodes, municipal_codes
from omstilling.calibration.tables.tables import load_tables

CODES = tuple(map(str, load_tables().municipalities.index))


def test_every_municipality_is_reached_and_every_year_has_its_number_of_codes() -> None:
    with (resources.files("omstilling.calibration.tables") / "municipal_codes.csv").open(encoding="utf-8") as file:
        table = pd.read_csv(file, dtype=str, keep_default_na=False)
    codes = municipal_codes(CODES)
    inside = set(table["code"][table["code_2024"] != ""])
    counted = {year: sum(codes.in_force(code, year) for code in inside) for year in range(2017, 2025)}
    assert counted == {2017: 426, 2018: 422, 2019: 422, 2020: 356, 2021: 356, 2022: 356, 2023: 356, 2024: 357}
    assert sorted(code for code in inside if codes.is_split(code)) == ["1507", "1613", "1850", "5012"]
    for year in (2017, 2018, 2019, 2020, 2023, 2024):
        reached = {part.code for code in inside if codes.in_force(code, year) for part in codes.parts(code, "x")}
        assert reached == set(CODES), year


def test_a_code_keeps_its_name_where_only_its_number_changed() -> None:
    with (resources.files("omstilling.calibration.tables") / "municipal_codes.csv").open(encoding="utf-8") as file:
        table = pd.read_csv(file, dtype=str, keep_default_na=False)
    renumbered = table[table["note"].str.fullmatch(r"new numbers? [0-9 and]+")]
    assert len(renumbered) > 300
    names = load_tables().municipalities["name"]
    for row in renumbered.rename(columns={"name": "name_"}).itertuples():
        assert row.name_.split()[0] in names[row.code_2024], row


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [("code_2024", "9998", "1101 is not reached"), ("share", "0.9", "add up"), ("share_jobs", "0.9", "add up")],
)
def test_a_wrong_table_of_codes_is_refused(column: str, value: str, words: str) -> None:
    rows = {
        "code": ["1507", "1101"],
        "code_2024": ["1508", "1101"],
        "share": "1",
        "share_jobs": "1",
        "first_year": "2020",
        "last_year": "",
    }
    table = pd.DataFrame(rows)
    MunicipalCodes(table, ["1508", "1101"])
    table.loc[1, column] = value
    with pytest.raises(MunicipalCodeError, match=words):
        MunicipalCodes(table, ["1508", "1101"])
