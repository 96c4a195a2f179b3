"""Places: municipalities and labour-market regions by code or by name."""

from __future__ import annotations

import difflib
import re
import unicodedata

import pandas as pd

from omstilling.calibration.tables.tables import Tables, load_tables


class PlaceError(ValueError):
    """A place that does not exist, or a name that several have."""

    def __init__(self, found: str, reason: str, nearest: tuple[str, ...] = ()) -> None:
        hint = f"; did you mean {' or '.join(nearest)}?" if nearest else ""
        super().__init__(f"{reason}: {found!r}{hint}")
        self.found = found
        self.nearest = nearest


def slug(text: str) -> str:
    """Plain form of a name: ``Sør-Varanger`` -> ``sor-varanger``."""
    plain = text.lower().replace("æ", "ae").replace("ø", "o").replace("å", "a").replace("đ", "d").replace("ŋ", "n")
    plain = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _spellings(name: str) -> set[str]:
    """Slugs by which a municipality is known: its name, each part of a double name, and without a bracket."""
    return {slug(name), *(slug(part) for part in name.split(" - ")), slug(re.sub(r"\(.*\)", "", name))}


class Places:
    """Finds municipalities and regions.

    Parameters
    ----------
    tables
        Tables to look in; those shipped if None.
    """

    def __init__(self, tables: Tables | None = None) -> None:
        self._tables = tables or load_tables()
        self._codes: dict[str, list[str]] = {}
        for code, name in self._tables.municipalities["name"].items():
            for spelling in _spellings(name):
                self._codes.setdefault(spelling, []).append(str(code))
        regions = self._tables.municipalities[["region", "region_name"]].drop_duplicates()
        self._regions = dict(zip(regions["region"], regions["region"], strict=True))
        self._regions |= {slug(name): key for key, name in regions.itertuples(index=False)}

    def resolve_municipality(self, text: str) -> str:
        """Code of a municipality given by code or name.

        Raises
        ------
        PlaceError
            If there is none, or several of that name.
        """
        text = str(text).strip()
        if text in self._tables.municipalities.index:
            return text
        found = self._codes.get(slug(text), [])
        if len(found) == 1:
            return found[0]
        if found:
            choices = tuple(f"{code} ({self.county_of(code)})" for code in found)
            raise PlaceError(text, "several municipalities have this name", choices)
        raise PlaceError(text, "no municipality of 2024 has this code or name", self.nearest(text))

    def nearest(self, text: str) -> tuple[str, ...]:
        """Up to two names like the text, best first."""
        close = difflib.get_close_matches(slug(text), self._codes, n=2, cutoff=0.6)
        return tuple(dict.fromkeys(self.name_of(self._codes[spelling][0]) for spelling in close))

    def resolve_region(self, text: str) -> str:
        """Key of a labour-market region given by key or name.

        Raises
        ------
        PlaceError
            If there is none.
        """
        key = self._regions.get(slug(str(text)))
        if key is None:
            close = tuple(difflib.get_close_matches(slug(str(text)), self._regions, n=2, cutoff=0.6))
            raise PlaceError(str(text), "no labour-market region has this name", close)
        return key

    def resolve_county(self, text: str) -> str:
        """Number of a county given by number or name.

        Raises
        ------
        PlaceError
            If there is none.
        """
        table = self._tables.municipalities
        numbers = {str(number): str(number) for number in table["county"].unique()}
        names = {slug(self.county_of(str(table.index[table["county"] == number][0]))): number for number in numbers}
        key = (numbers | names).get(slug(str(text)))
        if key is None:
            close = tuple(difflib.get_close_matches(slug(str(text)), names, n=2, cutoff=0.6))
            raise PlaceError(str(text), "no county has this name or number", close)
        return key

    def municipalities_in_county(self, number: str) -> tuple[str, ...]:
        """Codes of a county's municipalities."""
        table = self._tables.municipalities
        return tuple(table.index[table["county"] == number])

    def all_municipalities(self) -> tuple[str, ...]:
        """Codes of the whole country."""
        return tuple(self._tables.municipalities.index)

    def municipalities_of(self, region: str) -> tuple[str, ...]:
        """Codes of a region's municipalities."""
        table = self._tables.municipalities
        return tuple(table.index[table["region"] == region])

    def region_of(self, code: str) -> str:
        """Key of the labour-market region of a municipality."""
        return str(self._tables.municipalities.loc[code, "region"])

    def name_of(self, code: str) -> str:
        """Name of a municipality."""
        return str(self._tables.municipalities.loc[code, "name"])

    def county_of(self, code: str) -> str:
        """Name of the county of a municipality."""
        county = self._tables.municipalities.loc[code, "county"]
        return str(self._tables.unemployment.loc[county, "unit"])

    def search(self, text: str = "") -> pd.DataFrame:
        """Municipalities whose name, code, county or region holds the text, with their latest figures."""
        tables = self._tables
        table = tables.municipalities.copy()
        table["county_name"] = [self.county_of(str(code)) for code in table.index]
        table["population_2022"] = tables.population[2022].astype(int)
        table["jobs_2021"] = tables.employment["jobs_2021"].astype(int)
        programmes = tables.programmes.groupby("code")["programme"].agg(", ".join)
        table["programmes"] = programmes.reindex(table.index).fillna("")
        wanted = slug(text)
        hit = [
            wanted in f"{code} {slug(row.name_)} {slug(row.county_name)} {row.region}"
            for code, row in zip(table.index, table.rename(columns={"name": "name_"}).itertuples(), strict=True)
        ]
        columns = ["name", "county_name", "region", "centrality_class", "population_2022", "jobs_2021", "programmes"]
        return table.loc[hit, columns].rename(columns={"county_name": "county"})
