"""Statistics Norway: tables of its database through PxWebApi 2, by way of pxwebpy.

What pxwebpy 0.6 does not do is done here: a time limit on every call, waits that follow ``Retry-After`` in both of its
forms and have an upper bound, proxies of the environment, and a check that an answer is whole and what was asked for.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import pandas as pd
from pxweb import PxApi
from pxweb._internal.client import ApiConfigurationError, ApiVersionError, Client
from requests import PreparedRequest, RequestException, Response
from requests_cache import CachedSession

ADDRESS = "https://data.ssb.no/api/pxwebapi/v2"
ADDRESS_VARIABLE = "OMSTILLING_STATISTICS_NORWAY"
"""Environment variable: address of a mirror, in place of Statistics Norway's own."""
LICENCE = "CC BY 4.0"
TRIES = 6
"""Times that a call is sent before it is given up, where the answer is that there were too many."""
LONGEST_WAIT = 60.0
"""Seconds; the window in which Statistics Norway counts calls."""
_TIME_LIMITS = (10.0, 120.0)
"""Seconds until there is a connection, and between parts of an answer."""
_TOO_MANY = 429
_FAULTS = (RequestException, ApiVersionError, ApiConfigurationError, ValueError, KeyError, TypeError, AttributeError)
"""What pxwebpy lets through where an address does not answer, or answers with something else than it should."""

Wait = Callable[[float], object]


class DataUpdateError(ValueError):
    """Newer figures cannot be had or are not what they must be; the message says what was found and what to do."""


def address() -> str:
    """Address of PxWebApi 2: Statistics Norway's, or the one in ``OMSTILLING_STATISTICS_NORWAY``."""
    return (os.environ.get(ADDRESS_VARIABLE) or ADDRESS).rstrip("/")


def _wait_asked(answer: Response, tries: int) -> float:
    """Seconds to wait after an answer 429: as it says (seconds or a date), else twice as long each time."""
    said = answer.headers.get("Retry-After", "")
    try:
        seconds = float(said)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            seconds = 2.0**tries
    return min(max(seconds, 0.0), LONGEST_WAIT) if math.isfinite(seconds) else LONGEST_WAIT


class _PoliteSession(CachedSession):
    """Sends with a time limit, through the proxy of the environment, and waits when asked to; keeps nothing."""

    def __init__(self, wait: Wait) -> None:
        super().__init__(backend="memory")
        self.settings.disabled = True
        self._wait = wait

    def send(self, request: PreparedRequest, *_words: Any, **_options: Any) -> Any:
        settings = self.merge_environment_settings(str(request.url), {}, None, None, None)
        for tries in range(TRIES):
            answer = super().send(request, timeout=_TIME_LIMITS, **settings)
            if answer.status_code != _TOO_MANY:
                return answer
            if tries + 1 < TRIES:
                self._wait(_wait_asked(answer, tries))
        raise DataUpdateError(
            f"{request.url}: too many calls (429), still after {TRIES} tries; Statistics Norway counts calls by the "
            "minute for everyone behind the same address: wait some minutes and try again"
        )


class _PoliteClient(Client):
    """The client of pxwebpy with a polite session and checked answers."""

    def __init__(self, url: str, wait: Wait) -> None:
        self._polite = _PoliteSession(wait)
        # Norwegian labels: the names of the figures are recognised by them where codes are not known.
        super().__init__(url=url, timeout=int(_TIME_LIMITS[1]), disable_cache=True, language="no")

    def call(self, endpoint: str, *args: Any, **options: Any) -> Any:
        self.session = self._polite
        answer = super().call(endpoint, *args, **options)
        return _whole(answer, f"{self.url}{endpoint}") if endpoint.endswith("/data") else answer


class _Api(PxApi):
    """pxwebpy on a polite client; it does not ask for the list of all tables, which is not needed here."""

    def __init__(self, url: str, wait: Wait) -> None:
        self._client = _PoliteClient(url, wait)
        self.number_of_tables = None
        self._max_workers = 1


def _whole(answer: Any, where: str) -> Any:
    """A JSON-stat 2 answer with a number or null for every cell, sparse ones filled in.

    Raises
    ------
    DataUpdateError
        If cells are missing or hold something else.
    """
    cells = math.prod(answer["size"])
    values = answer["value"]
    if isinstance(values, dict):
        values = [values.get(str(cell)) for cell in range(cells)]
    if len(values) != cells:
        raise DataUpdateError(f"{where}: the answer is cut off: {len(values)} figures, {cells} expected; try again")
    odd = [
        value
        for value in values
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float))
    ]
    if odd:
        raise DataUpdateError(f"{where}: found {odd[0]!r} where a number is expected")
    return {**answer, "value": values}


@dataclass(frozen=True)
class Dimension:
    """A dimension of a table: its code, its label, the label of each of its codes, and whether it may be left out."""

    code: str
    label: str
    codes: Mapping[str, str]
    may_be_left_out: bool


@dataclass(frozen=True)
class TableInfo:
    """What a table holds.

    Attributes
    ----------
    number
        Five digits.
    title, updated
        As Statistics Norway says; ``updated`` is a time in UTC.
    address
        Where its figures come from.
    dimensions
        By code, in the table's order.
    roles
        Codes of the dimensions of a role (``time``, ``geo``, ``metric``).
    """

    number: str
    title: str
    updated: str
    address: str
    dimensions: Mapping[str, Dimension]
    roles: Mapping[str, Sequence[str]]

    def refusal(self, dimension: str, found: object, expected: str) -> DataUpdateError:
        """Error for a table that has changed: which dimension, what was found and what was expected."""
        return DataUpdateError(
            f"table {self.number} ({self.address}), {dimension}: found {found}; expected {expected}. Statistics Norway "
            f"has changed the table; leave it out with --tables, or use a newer omstilling"
        )

    def dimension(self, code: str, role: str = "") -> Dimension:
        """The dimension of a code, else the only one of the role.

        Raises
        ------
        DataUpdateError
            If there is none.
        """
        if code in self.dimensions:
            return self.dimensions[code]
        of_role = self.roles.get(role, ())
        if len(of_role) == 1 and of_role[0] in self.dimensions:
            return self.dimensions[of_role[0]]
        raise self.refusal("dimensions", ", ".join(self.dimensions), f"one called {code}")

    def years(self) -> list[int]:
        """Years of the table, oldest first."""
        time_dimension = self.dimension("Tid", "time")
        years = [code for code in time_dimension.codes if code.isdigit() and len(code) == 4]
        if not years or len(years) != len(time_dimension.codes):
            raise self.refusal(time_dimension.code, ", ".join(list(time_dimension.codes)[:3]), "years")
        return sorted(int(year) for year in years)


class StatisticsNorway:
    """Tables of Statistics Norway.

    Parameters
    ----------
    url
        Address of PxWebApi 2.
    wait
        Waits a number of seconds.

    Raises
    ------
    DataUpdateError
        If nobody answers there, or it is no PxWebApi 2.
    """

    def __init__(self, url: str, wait: Wait = time.sleep) -> None:
        self.url = url
        self._api = self._ask("", lambda: _Api(url, wait))

    def _ask[T](self, table: str, call: Callable[[], T]) -> T:
        """Result of a call; every fault becomes one kind of error, which names table and address."""
        try:
            return call()
        except DataUpdateError as error:
            raise DataUpdateError(f"table {table}: {error}" if table else str(error)) from error
        except _FAULTS as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            if isinstance(error, KeyError | TypeError | AttributeError):
                reason = f"the answer is not one of PxWebApi 2 ({type(error).__name__}: {reason})"
            what = f"table {table} cannot be fetched from {self.url}" if table else f"no figures from {self.url}"
            raise DataUpdateError(f"{what}: {reason[:400]}. Check the network and try again later") from error

    def info(self, number: str) -> TableInfo:
        """What a table holds.

        Raises
        ------
        DataUpdateError
            If it cannot be fetched.
        """

        def read() -> TableInfo:
            meta = self._api.get_table_metadata(number)
            dimensions = {code: _dimension(code, meta["dimension"][code]) for code in meta["id"]}
            return TableInfo(
                number, str(meta["label"]), str(meta.get("updated", "")), f"{self.url}/tables/{number}", dimensions,
                {str(role): tuple(codes) for role, codes in meta.get("role", {}).items()},
            )  # fmt: skip

        return self._ask(number, read)

    def figures(self, info: TableInfo, selection: Mapping[str, Sequence[str]]) -> pd.DataFrame:
        """Figures of a table, fetched in parts that respect the limit of cells; missing ones are NaN.

        Parameters
        ----------
        selection
            Codes wanted by dimension; those left out are added up by Statistics Norway.

        Returns
        -------
        pandas.DataFrame
            A row per cell: a column of codes per dimension of the selection, and ``value``.

        Raises
        ------
        DataUpdateError
            If they cannot be fetched, or are not those asked for.
        """
        for code in set(info.dimensions) - set(selection):
            if not info.dimensions[code].may_be_left_out:
                raise info.refusal("dimensions", code, f"no others than {', '.join(selection)}")
        wanted = {code: list(codes) for code, codes in selection.items()}
        rows = self._ask(info.number, lambda: self._api.get_table_data(info.number, dict(wanted), show="code"))
        frame = pd.DataFrame(rows).rename(columns={info.dimensions[code].label: code for code in wanted})
        for code, codes in wanted.items():
            found = set(frame.get(code, ()))
            if found != set(codes):
                odd = sorted(found ^ set(codes))[0]
                raise info.refusal(code, f"an answer with{'' if odd in found else 'out'} {odd!r}", "what was asked for")
        if len(frame) != math.prod(len(codes) for codes in wanted.values()):
            raise info.refusal("the answer", f"{len(frame)} figures", "one for each cell asked for")
        frame["value"] = frame["value"].astype("float64")
        return frame[[*wanted, "value"]]


def _dimension(code: str, described: Mapping[str, Any]) -> Dimension:
    category = described["category"]
    labels = {str(key): str(label) for key, label in category["label"].items()}
    order = category.get("index", {})
    keys = sorted(labels, key=lambda key: order[key]) if isinstance(order, dict) and order else list(labels)
    left_out = bool(described.get("extension", {}).get("elimination", False))
    return Dimension(code, str(described["label"]), {key: labels[key] for key in keys}, left_out)
