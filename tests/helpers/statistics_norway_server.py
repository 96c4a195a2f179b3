"""A local server that answers as PxWebApi 2 of Statistics Norway does, with made-up newer years of our own tables."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from omstilling.calibration.tables.tables import AGE_COLUMNS, AGE_GROUPS, load_tables
from omstilling.model.state.industries import INDUSTRIES

POPULATION_YEARS = (2022, 2023, 2024)
"""2023 is in the codes of 2020-2023, 2024 in those of 2024."""
JOB_YEAR = 2022
GROWTH = 1.01
"""Made-up growth in a year."""


@dataclass
class Dimension:
    """Code, label and elimination of a dimension, and the labels of its codes."""

    code: str
    label: str
    codes: dict[str, str]
    may_be_left_out: bool = False
    role: str = ""


@dataclass
class Table:
    """A table: its dimensions and an array of figures; NaN is null."""

    number: str
    label: str
    dimensions: list[Dimension]
    values: np.ndarray
    totals: dict[str, str] = field(default_factory=dict)
    """Code of the total of a dimension that may be left out."""

    def __getitem__(self, code: str) -> Dimension:
        return next(dimension for dimension in self.dimensions if dimension.code == code)

    def described(self, chosen: dict[str, list[str]], values: list[Any]) -> dict[str, Any]:
        """JSON-stat 2, of metadata (no values) or of an answer."""
        shown = [dimension for dimension in self.dimensions if dimension.code in chosen]
        roles: dict[str, list[str]] = {}
        for dimension in shown:
            if dimension.role:
                roles.setdefault(dimension.role, []).append(dimension.code)
        return {
            "version": "2.0", "class": "dataset", "label": self.label, "source": "Statistisk sentralbyrå",
            "updated": "2026-02-19T07:00:00Z", "role": roles, "id": [dimension.code for dimension in shown],
            "size": [len(chosen[dimension.code]) for dimension in shown],
            "dimension": {
                dimension.code: {
                    "label": dimension.label,
                    "category": {
                        "index": {code: number for number, code in enumerate(chosen[dimension.code])},
                        "label": {code: dimension.codes[code] for code in chosen[dimension.code]},
                    },
                    "extension": {"elimination": dimension.may_be_left_out, "show": "value", "codeLists": []},
                }
                for dimension in shown
            },
            "extension": {"px": {"tableid": self.number}}, "value": values,
        }  # fmt: skip

    def answer(self, selection: dict[str, list[str]]) -> dict[str, Any]:
        """Answer to a query; KeyError for a code that the table does not have."""
        rows = []
        for dimension in self.dimensions:
            order = {code: number for number, code in enumerate(dimension.codes)}
            asked = selection.get(dimension.code)
            if asked is None:
                if not dimension.may_be_left_out:
                    raise KeyError(dimension.code)
                asked = [self.totals[dimension.code]]
            rows.append([order[code] for code in asked])
        cells = self.values[np.ix_(*rows)].ravel()
        values = [
            None if np.isnan(cell) else int(cell) if cell == int(cell) else float(cell) for cell in cells.tolist()
        ]
        return self.described(selection, values)


@cache
def codes_of(year: int) -> pd.DataFrame:
    """Our own table of codes in force in a year."""
    with (resources.files("omstilling.calibration.tables") / "municipal_codes.csv").open(encoding="utf-8") as file:
        table = pd.read_csv(file, dtype=str, keep_default_na=False)
    last = pd.to_numeric(table["last_year"]).fillna(9999)
    return table[(table["first_year"].astype(int) <= year) & (last >= year) & (table["code_2024"] != "")]


def _region(code: str, label: str) -> Dimension:
    """All codes from 2020, with what Statistics Norway has besides: the country, a county, old codes, Svalbard."""
    codes = {"0": "Hele landet", "33": "Buskerud", "1534": "Haram (-2019)", "0720": "Stokke (-2016)"}
    for year, ended in ((2023, " (2020-2023)"), (2024, "")):
        own = codes_of(year)
        codes |= {row.code: row.name_ + ended for row in own.rename(columns={"name": "name_"}).itertuples()}
    codes |= {"2111": "Spitsbergen", "9999": "Uoppgitt kommune"}
    return Dimension(code, label, codes, role="geo")


def _time(years: tuple[int, ...]) -> Dimension:
    return Dimension("Tid", "år", {str(year): str(year) for year in years}, role="time")


def in_codes_of(year: int, values: np.ndarray, region: Dimension) -> np.ndarray:
    """Figures of the municipalities of 2024 (rows) by code in force in a year; 0 for other codes, and the country."""
    place = {code: number for number, code in enumerate(region.codes)}
    current = {code: number for number, code in enumerate(load_tables().municipalities.index)}
    out = np.zeros((len(place), *values.shape[1:]))
    for row in codes_of(year).itertuples():
        out[place[row.code]] += values[current[row.code_2024]]
    out[place["0"]] = values.sum(axis=0)
    return out


def grown(values: np.ndarray, years: int) -> np.ndarray:
    """Whole figures some made-up years later."""
    return np.round(values * GROWTH**years)


@cache
def ages_of(year: int) -> np.ndarray:
    """Inhabitants of the municipalities of 2024 by sex and single year of age, shape (357, 2, 106)."""
    rows = load_tables().ages.loc[2022]
    out = np.zeros((len(rows), 2, 106))
    for name, (low, high) in zip(AGE_COLUMNS, AGE_GROUPS, strict=True):
        each = grown(rows[name].to_numpy(), year - 2022) / (high - low + 1)
        out[:, 0, low : high + 1] = np.round(each / 2)[:, None]
        out[:, 1, low : high + 1] = np.round(each - np.round(each / 2))[:, None]
    return out


def _population() -> Table:
    region = _region("Region", "region")
    ages = {f"{age:03d}": f"{age} år" for age in range(105)} | {"105+": "105 år eller eldre"}
    values = np.stack([in_codes_of(year, ages_of(year), region) for year in POPULATION_YEARS], axis=-1)
    dimensions = [
        region, Dimension("Kjonn", "kjønn", {"1": "Menn", "2": "Kvinner"}, True),
        Dimension("Alder", "alder", ages, True),
        Dimension("ContentsCode", "statistikkvariabel", {"Personer1": "Personer"}, role="metric"),
        _time(POPULATION_YEARS),
    ]  # fmt: skip
    return Table("07459", "07459: Befolkning, etter region, kjønn, alder og år", dimensions, values[:, :, :, None, :])


def _changes() -> Table:
    region = _region("Region", "region")
    contents = {
        "Folkemengde": "Befolkning 1. januar", "Levende": "Levendefødte", "Dode": "Døde",
        "Fodselsoverskudd": "Fødselsoverskudd", "Nettoinnflytting": "Nettoinnflytting, inkl. inn- og utvandring",
    }  # fmt: skip
    stock = {year: ages_of(year).sum(axis=(1, 2)) for year in POPULATION_YEARS[1:]}
    stock[2022] = load_tables().population[2022].to_numpy()
    years = []
    for year in POPULATION_YEARS:
        births, deaths = np.round(stock[year] * 0.010), np.round(stock[year] * 0.009)
        net = stock[year + 1] - stock[year] - births + deaths if year + 1 in stock else 0 * births
        flows = [births, deaths, births - deaths, net] if year + 1 in stock else [0 * net] * 4
        years.append(in_codes_of(year, np.stack([stock[year], *flows], axis=1), region))
    dimensions = [
        region,
        Dimension("ContentsCode", "statistikkvariabel", contents, role="metric"),
        _time(POPULATION_YEARS),
    ]
    return Table("06913", "06913: Befolkning og endringer", dimensions, np.stack(years, axis=-1))


_KJONN = {"0": "Begge kjønn", "1": "Menn", "2": "Kvinner"}
_ALDER = {"15-74": "15-74 år", "15-19": "15-19 år"}


def _employment() -> Table:
    region, table = _region("Region", "region"), load_tables().employment
    contents = {
        "BefolkningBosted": "Befolkning", "SysselBosted": "Sysselsatte etter bosted",
        "SysselArbsted": "Sysselsatte etter arbeidssted",
    }  # fmt: skip
    names = ("population_15_74_2021", "employed_2021", "jobs_2021")
    figures = grown(table[list(names)].to_numpy(), 1)
    values = np.full((len(region.codes), 3, 2, 3, 2), np.nan)
    values[:, 0, 0, :, 0] = in_codes_of(2021, table[list(names)].to_numpy(), region)
    values[:, 0, 0, :, 1] = in_codes_of(JOB_YEAR, figures, region)
    dimensions = [
        region, Dimension("Kjonn", "kjønn", dict(_KJONN)), Dimension("Alder", "alder", dict(_ALDER)),
        Dimension("ContentsCode", "statistikkvariabel", contents, role="metric"), _time((2021, JOB_YEAR)),
    ]  # fmt: skip
    return Table("11618", "11618: Sysselsatte per 4. kvartal", dimensions, values)


def _industries() -> Table:
    region = _region("Region", "region")
    groups = {"00-99": "Alle næringer"} | {group.nace: f"{group.nace} {group.name}" for group in INDUSTRIES}
    jobs = load_tables().employment["jobs_2021"].to_numpy()
    weights = np.arange(1, 17) / np.arange(1, 17).sum()
    tilt = 1.0 + 0.1 * (load_tables().municipalities["centrality_class"].to_numpy()[:, None] == 1) * (
        np.arange(16) == 8
    )
    own = np.round(jobs[:, None] * weights * tilt)
    figures = np.concatenate([own.sum(axis=1, keepdims=True), own], axis=1)
    values = in_codes_of(JOB_YEAR, figures, region)[:, :, None, None, None, None]
    dimensions = [
        region, Dimension("NACE2007", "næring (SN2007)", groups), Dimension("Kjonn", "kjønn", {"0": "Begge kjønn"}),
        Dimension("Alder", "alder", {"15-74": "15-74 år"}),
        Dimension("ContentsCode", "statistikkvariabel", {"SysselsatteArb": "Etter arbeidssted"}, role="metric"),
        _time((JOB_YEAR,)),
    ]  # fmt: skip
    return Table("07984", "07984: Sysselsatte per 4. kvartal, etter næring", dimensions, values)


def _commuting() -> Table:
    home, work = _region("Bokommuen", "bostedskommune"), _region("ArbstedKomm", "arbeidsstedskommune")
    for dimension in (home, work):
        del dimension.codes["0"], dimension.codes["33"]
    with_country = _region("Region", "region")
    matrix = grown(load_tables().commuting.to_numpy(), 1)
    rows = in_codes_of(JOB_YEAR, matrix, with_country)[2:]
    values = in_codes_of(JOB_YEAR, rows.T, with_country)[2:]
    dimensions = [
        work, home, Dimension("ContentsCode", "statistikkvariabel", {"Sysselsatte": "Sysselsatte"}, role="metric"),
        _time((JOB_YEAR,)),
    ]  # fmt: skip
    return Table("03321", "03321: Sysselsatte, etter arbeidssted og bosted", dimensions, values[:, :, None, None])


MAKERS: dict[str, Callable[[], Table]] = {
    "07459": _population, "06913": _changes, "11618": _employment, "07984": _industries, "03321": _commuting,
}  # fmt: skip


@dataclass
class Behaviour:
    """What the server does otherwise than it should.

    Attributes
    ----------
    limit
        Largest number of cells in an answer.
    fault
        ``(part of the path, kind)``: 404, html, broken, cut or short.
    too_many
        Answers 429 left to give.
    retry_after
        What those say of when to try again.
    calls
        Method and path of every call that was answered with figures or metadata.
    """

    limit: int = 800_000
    fault: tuple[str, str] = ("", "")
    too_many: int = 0
    retry_after: str = "0"
    calls: list[str] = field(default_factory=list)


class StatisticsNorwayServer(ThreadingHTTPServer):
    """Serves tables on a free port of this machine."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.tables = {number: make() for number, make in MAKERS.items()}
        self.behaviour = Behaviour()
        self.url = f"http://127.0.0.1:{self.server_address[1]}/api/pxwebapi/v2"


class _Handler(BaseHTTPRequestHandler):
    server: StatisticsNorwayServer

    def log_message(self, *_: Any) -> None: ...

    def _send(self, status: int, body: bytes, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = length is not None

    def _problem(self, status: int, title: str) -> None:
        self._send(status, json.dumps({"type": "Parameter error", "title": title, "status": status}).encode())

    def _send_figures(self, answer: dict[str, Any]) -> None:
        """An answer, with the fault asked for."""
        body = json.dumps(answer).encode()
        path, kind = self.server.behaviour.fault
        if not path or path not in self.path:
            self._send(200, body)
        elif kind == "broken":
            self._send(200, body[:-1] + b",]")
        elif kind == "cut":
            self._send(200, body[: len(body) // 2])
        elif kind == "short":
            self._send(200, body[: len(body) // 2], length=len(body))
        elif kind == "fewer":
            self._send(200, json.dumps(answer | {"value": answer["value"][:-7]}).encode())
        elif kind == "sparse":
            values = {str(cell): value for cell, value in enumerate(answer["value"]) if value is not None}
            self._send(200, json.dumps(answer | {"value": values}).encode())
        elif kind == "html":
            self._send(200, b"<html>Vedlikehold</html>")
        else:
            self._problem(404, "Non-existent table")

    def _answer(self, query: dict[str, Any] | None) -> None:
        behaviour, path = self.server.behaviour, self.path.split("?")[0].removeprefix("/api/pxwebapi/v2")
        if behaviour.too_many:
            behaviour.too_many -= 1
            return self._send(429, b"{}", Retry_After=behaviour.retry_after)
        if path == "/config":
            # As Statistics Norway's: the limit of calls is no longer told here.
            limits = {"maxDataCells": behaviour.limit, "maxCallsPerTimeWindow": 0, "timeWindow": 0}
            return self._send_figures({"apiVersion": "2.3.2", "defaultLanguage": "no", **limits})
        behaviour.calls.append(f"{self.command} {path}")
        table = self.server.tables.get(path.split("/")[2])
        if table is None:
            return self._problem(404, "Non-existent table")
        if path.endswith("/metadata"):
            everything = {dimension.code: list(dimension.codes) for dimension in table.dimensions}
            return self._send_figures(table.described(everything, []))
        selection = {item["variableCode"]: item["valueCodes"] for item in (query or {})["selection"]}
        if np.prod([len(codes) for codes in selection.values()]) > behaviour.limit:
            return self._problem(403, "Too many cells selected")
        try:
            return self._send_figures(table.answer(selection))
        except KeyError as error:
            return self._problem(400, f"Non-existent value or missing selection {error}")

    def do_GET(self) -> None:
        self._answer(None)

    def do_POST(self) -> None:
        self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))


@contextmanager
def serving() -> Iterator[StatisticsNorwayServer]:
    """A server in a thread, stopped at the end."""
    server = StatisticsNorwayServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def bytes_below(folder: Path) -> dict[str, bytes]:
    """All files below a folder, by relative path."""
    paths = itertools.chain(folder.rglob("*"))
    return {path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else b"" for path in paths}
