"""Compile the kernels once, side by side, before test processes need them; a server that several files use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from omstilling.calibration.statistics_norway.update import DataUpdate, update
from omstilling.experiments.running.precompile import precompile
from statistics_norway_server import Behaviour, StatisticsNorwayServer, serving


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        precompile()


@pytest.fixture(scope="module")
def running() -> Iterator[StatisticsNorwayServer]:
    """A server that answers as Statistics Norway does; no proxy stands before it."""
    with pytest.MonkeyPatch.context() as patch, serving() as server:
        patch.setenv("NO_PROXY", "127.0.0.1")
        yield server


@pytest.fixture
def server(running: StatisticsNorwayServer) -> Iterator[StatisticsNorwayServer]:
    """The same, as it was at first before each test."""
    tables = dict(running.tables)
    yield running
    running.behaviour, running.tables = Behaviour(), tables


@pytest.fixture(scope="module")
def whole(running: StatisticsNorwayServer, tmp_path_factory: pytest.TempPathFactory) -> tuple[DataUpdate, Path]:
    """All tables, updated once."""
    data = tmp_path_factory.mktemp("whole") / "data"
    return update(data, url=running.url), data
