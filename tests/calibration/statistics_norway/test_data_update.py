"""Newer figures: fetched from a local server that answers as Statistics Norway does, whole or not at all."""

from __future__ import annotations

import hashlib
import json
import pickle
import shutil
import subprocess
import sys
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from omstilling.calibration.statistics_norway import update as data_update
from omstilling.calibration.statistics_norway.client import TRIES, DataUpdateError, StatisticsNorway
from omstilling.calibration.statistics_norway.update import NUMBERS, DataUpdate, update
from omstilling.calibration.tables.tables import load_tables, read_tables
from omstilling.calibration.tables.versions import current_version
from statistics_norway_server import (
    GROWTH,
    JOB_YEAR,
    MAKERS,
    Behaviour,
    StatisticsNorwayServer,
    ages_of,
    bytes_below,
    serving,
)

SHIPPED = Path(str(resources.files("omstilling.calibration") / "data"))
CODES = tuple(map(str, load_tables().municipalities.index))


@pytest.fixture(scope="module")
def _first(running: StatisticsNorwayServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("first") / "data"
    update(data, url=running.url, numbers=("07984",))
    return data


@pytest.fixture
def data(_first: Path, tmp_path: Path) -> Path:
    """A data directory that holds one version, of industries only."""
    return Path(shutil.copytree(_first, tmp_path / "data"))


class Waits(list[float]):
    """Waits for nothing and remembers for how long it should have."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def refused(data: Path, server: StatisticsNorwayServer, *numbers: str, waits: Waits | None = None) -> str:
    """Message of an update that must be refused and leave every byte as it was."""
    before = bytes_below(data)
    with pytest.raises(DataUpdateError) as caught:
        update(data, url=server.url, numbers=numbers, wait=waits if waits is not None else Waits())
    assert bytes_below(data) == before
    assert type(pickle.loads(pickle.dumps(caught.value))) is DataUpdateError
    return str(caught.value)


# --- a proper update


def test_a_proper_update_adds_years_and_keeps_all_others(whole: tuple[DataUpdate, Path]) -> None:
    done, data = whole
    assert done.folder == current_version(data)
    assert {one.number: one.years for one in done.fetched} == {
        "07459": (2023, 2024), "06913": (2022, 2023), "11618": (2022,), "07984": (2022,), "03321": (2022,),
    }  # fmt: skip
    new, old = read_tables(done.folder), load_tables()
    assert list(new.population.columns) == [*old.population.columns, 2023, 2024]
    pd.testing.assert_frame_equal(new.population[old.population.columns], old.population)
    pd.testing.assert_frame_equal(new.employment[old.employment.columns], old.employment)
    pd.testing.assert_frame_equal(new.ages.loc[2005:2022], old.ages)
    for name in ("municipalities.csv", "programmes.csv", "unemployment.csv", "establishment_sizes.csv"):
        assert (done.folder / name).read_bytes() == (SHIPPED / name).read_bytes()


def test_old_codes_become_those_of_2024(whole: tuple[DataUpdate, Path]) -> None:
    """2023 comes in the codes of 2020-2023, 2024 in those of 2024: both hold what the server made of our tables."""
    assert whole[0].folder is not None
    new = read_tables(whole[0].folder)
    split = ["1508", "1580"]
    for year in (2023, 2024):
        made = pd.Series(ages_of(year).sum(axis=(1, 2)), index=CODES)
        found = new.population[year]
        same = ~found.index.isin(split) | (year == 2024)
        assert (found[same] == made[same]).all()
        assert found[split].sum() == made[split].sum()
        women = ages_of(year)[:, 1, 20:40].sum(axis=1)
        assert (new.ages.loc[year, "women_20_39"][same] == women[same]).all()
    share = new.population.loc["1580", 2023] / new.population.loc[split, 2023].sum()
    assert share == pytest.approx(0.143, abs=0.0005)
    noted = new.quality[(new.quality["quality"] == "split") & (new.quality["first_year"] == 2023)]
    assert sorted(noted["code"]) == split
    jobs = new.employment[f"jobs_{JOB_YEAR}"].drop(split)
    assert (jobs == np.round(load_tables().employment["jobs_2021"].drop(split) * GROWTH)).all()


def test_industries_and_commuting_are_of_the_whole_country(whole: tuple[DataUpdate, Path]) -> None:
    assert whole[0].folder is not None
    new, old = read_tables(whole[0].folder), load_tables()
    mix = new.industry_mix.set_index(["centrality_class", "nace"])
    assert sorted(set(new.industry_mix["centrality_class"])) == [1, 2, 3, 4, 5, 6]
    assert mix.loc[(6, "10-33"), "share"] == pytest.approx(3 / 136, abs=0.002)
    assert mix.loc[(1, "58-63"), "share"] > mix.loc[(2, "58-63"), "share"]
    assert mix.groupby("centrality_class")["municipalities"].first().sum() == 357
    inside = [code for code in CODES if code not in ("1508", "1580")]
    expected = np.round(old.commuting.loc[inside, inside] * GROWTH)
    assert (new.commuting.loc[inside, inside] == expected).all(axis=None)
    block = ["1508", "1580"]
    assert new.commuting.loc[block, block].sum(axis=None) == pytest.approx(
        old.commuting.loc[block, block].sum(axis=None) * GROWTH, abs=3
    )
    assert new.commuting.loc["1580", "1580"] / old.commuting.loc["1580", "1580"] == pytest.approx(GROWTH, abs=0.01)


def test_changes_of_the_population_add_up(whole: tuple[DataUpdate, Path]) -> None:
    assert whole[0].folder is not None
    changes = pd.read_csv(whole[0].folder / "population_changes.csv", dtype={"code": str}).set_index(["year", "code"])
    population = read_tables(whole[0].folder).population
    rows = changes.loc[2023].drop(["1508", "1580"])
    after = population[2023] + rows["births"] - rows["deaths"] + rows["net_migration"]
    assert (after.dropna() == population[2024][after.dropna().index]).all()


def test_provenance_names_source_licence_and_contents(whole: tuple[DataUpdate, Path]) -> None:
    folder = whole[0].folder
    assert folder is not None
    about = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
    assert about["licence"] == "CC BY 4.0"
    assert about["starts_from"] == "shipped"
    assert [table["number"] for table in about["tables"]] == list(NUMBERS)
    assert all(table["updated"] and table["address"].endswith(table["number"]) for table in about["tables"])
    assert set(about["sha256"]) == {path.name for path in folder.glob("*.csv")}
    for name, digest in about["sha256"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


def test_a_second_update_finds_nothing_newer(server: StatisticsNorwayServer, whole: tuple[DataUpdate, Path]) -> None:
    before = bytes_below(whole[1])
    again = update(whole[1], url=server.url)
    assert again.folder is None
    assert again.changed == ()
    assert bytes_below(whole[1]) == before


def test_a_newer_version_leaves_the_older_one(data: Path, server: StatisticsNorwayServer) -> None:
    older = current_version(data)
    assert older is not None
    held = bytes_below(older)
    done = update(data, url=server.url, numbers=("11618",))
    assert done.folder == current_version(data) != older
    assert bytes_below(older) == held
    about = json.loads((done.folder / "provenance.json").read_text(encoding="utf-8"))
    assert about["starts_from"] == older.name
    assert about["years"]["07984"] == [JOB_YEAR]
    assert sorted(path.name for path in (data / "tables").iterdir()) == sorted(
        [older.name, done.folder.name, "current"]
    )


def test_parts_respect_the_limit_of_cells(data: Path, server: StatisticsNorwayServer) -> None:
    one = update(data, url=server.url, numbers=("11618",), dry_run=True)
    assert (one.folder, one.changed) == (None, ("employment.csv",))
    source = StatisticsNorway(server.url)
    info = source.info("11618")
    codes = [code for code in info.dimensions["Region"].codes if code.isdigit()]
    wanted = {
        "Region": codes, "Kjonn": ["0"], "Alder": ["15-74"], "ContentsCode": ["SysselArbsted", "SysselBosted"],
        "Tid": [str(JOB_YEAR)],
    }  # fmt: skip
    in_one = source.figures(info, wanted)
    server.behaviour = Behaviour(limit=100)
    in_parts = StatisticsNorway(server.url).figures(info, wanted)
    assert len(server.behaviour.calls) == -(-len(codes) // 50)
    pd.testing.assert_frame_equal(
        in_parts.sort_values(list(wanted), ignore_index=True), in_one.sort_values(list(wanted), ignore_index=True)
    )


def test_sparse_answers_are_filled(data: Path, server: StatisticsNorwayServer) -> None:
    server.behaviour = Behaviour(fault=("/data", "sparse"))
    assert update(data, url=server.url, numbers=("11618",)).folder is not None


# --- too many calls


@pytest.mark.parametrize(
    ("said", "waited"), [("0", 0.0), ("7", 7.0), ("3600", 60.0), ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0), ("soon", 1.0)]
)
def test_too_many_calls_are_waited_for(data: Path, server: StatisticsNorwayServer, said: str, waited: float) -> None:
    waits, before = Waits(), bytes_below(data)
    server.behaviour = Behaviour(too_many=1, retry_after=said)
    assert update(data, url=server.url, numbers=("11618",), wait=waits).folder is not None
    assert waits == [waited]
    assert bytes_below(data) != before


def test_too_many_calls_for_ever_are_given_up(data: Path, server: StatisticsNorwayServer) -> None:
    server.behaviour, waits = Behaviour(too_many=10**6), Waits()
    message = refused(data, server, "11618", waits=waits)
    assert len(waits) == TRIES - 1
    assert "429" in message
    assert "try again" in message


# --- refused answers


@pytest.mark.parametrize(
    ("path", "kind", "words"),
    [
        ("/config", "html", "no figures from"),
        ("/metadata", "404", "Error 404"),
        ("/metadata", "html", "cannot be fetched"),
        ("/metadata", "cut", "cannot be fetched"),
        ("/data", "404", "Error 404"),
        ("/data", "broken", "cannot be fetched"),
        ("/data", "cut", "cannot be fetched"),
        ("/data", "short", "cannot be fetched"),
        ("/data", "fewer", "cut off"),
    ],
)
def test_broken_answers_leave_the_old_version(
    data: Path, server: StatisticsNorwayServer, path: str, kind: str, words: str
) -> None:
    server.behaviour = Behaviour(fault=(path, kind))
    message = refused(data, server, "11618")
    assert words in message
    assert server.url in message
    assert ("11618" in message) == (path != "/config")


def test_offline_leaves_the_old_version(data: Path) -> None:
    with serving() as gone:
        pass
    message = refused(data, gone, "11618")
    assert gone.url in message
    assert "network" in message


def test_what_goes_wrong_late_leaves_the_old_version(data: Path, server: StatisticsNorwayServer) -> None:
    """The first table is good, the second is not."""
    server.behaviour = Behaviour(fault=("03321/data", "cut"))
    assert "03321" in refused(data, server, "11618", "03321")


def _rename(server: StatisticsNorwayServer, number: str, dimension: str, renamed: dict[str, str]) -> None:
    """Give codes of a dimension other names."""
    table = MAKERS[number]()
    own = table[dimension]
    own.codes = {
        renamed.get(code, code): "Noe annet" if code in renamed else label for code, label in own.codes.items()
    }
    server.tables[number] = table


@pytest.mark.parametrize(
    ("number", "dimension", "renamed", "words"),
    [
        ("11618", "ContentsCode", {"SysselArbsted": "Nytt"}, "SysselArbsted"),
        ("11618", "Kjonn", {"0": "9"}, "Kjonn"),
        ("11618", "Alder", {"15-74": "15-89"}, "15-74"),
        ("11618", "Tid", {"2022": "2022K4"}, "years"),
        ("11618", "Tid", {"2022": "2024"}, "every year from 2022"),
        ("07459", "Alder", {"042": "42-43"}, "single years of age"),
        ("07984", "NACE2007", {"10-33": "C"}, "10-33"),
        ("06913", "ContentsCode", {"Dode": "Annet"}, "Dode"),
    ],
)
def test_a_changed_table_is_refused(
    tmp_path: Path, server: StatisticsNorwayServer, number: str, dimension: str, renamed: dict[str, str], words: str
) -> None:
    _rename(server, number, dimension, renamed)
    message = refused(tmp_path / "data", server, number)
    assert number in message
    assert words in message
    assert "found" in message
    assert not (tmp_path / "data").exists(), "nothing is written where nothing was"


def test_another_dimension_is_refused(data: Path, server: StatisticsNorwayServer) -> None:
    table = MAKERS["11618"]()
    table["Kjonn"].code = "Landbakgrunn"
    server.tables["11618"] = table
    assert "Landbakgrunn" in refused(data, server, "11618")


def test_an_unknown_code_is_named_with_its_table_and_the_nearest(data: Path, server: StatisticsNorwayServer) -> None:
    _rename(server, "11618", "Region", {"4601": "4699"})
    message = refused(data, server, "11618")
    assert "table 11618: code '4699' is no municipality" in message
    assert "the nearest is 46" in message


@pytest.mark.parametrize(
    ("code", "factor", "words"),
    [
        ("5444", -1.0, "5444"),
        ("5444", 3.0, "5605: found"),
        ("5444", 0.50001, "whole numbers"),
        ("0", 1.5, "the country"),
    ],
)
def test_implausible_jobs_are_refused(
    data: Path, server: StatisticsNorwayServer, code: str, factor: float, words: str
) -> None:
    """Sør-Varanger is 5444 in 2022 and 5605 in 2024."""
    table = MAKERS["11618"]()
    table.values[list(table["Region"].codes).index(code), 0, 0, 2, 1] *= factor
    server.tables["11618"] = table
    assert words in refused(data, server, "11618")


def test_a_municipality_counted_under_two_codes_is_refused(data: Path, server: StatisticsNorwayServer) -> None:
    table = MAKERS["07459"]()
    codes = list(table["Region"].codes)
    table.values[codes.index("5605"), ..., 1] = table.values[codes.index("5444"), ..., 1]
    server.tables["07459"] = table
    assert "inhabitants of 2023, 5605: found" in refused(data, server, "07459")


def test_totals_of_two_tables_control_each_other(
    server: StatisticsNorwayServer, whole: tuple[DataUpdate, Path], tmp_path: Path
) -> None:
    data = Path(shutil.copytree(whole[1], tmp_path / "data"))
    next((data / "tables").glob("*/population_changes.csv")).unlink()
    table = MAKERS["06913"]()
    table.values[list(table["Region"].codes).index("5444"), 0, 1] += 500
    server.tables["06913"] = table
    assert "as in 07459" in refused(data, server, "06913")


def test_figures_that_do_not_fit_our_own_tables_are_refused(data: Path, server: StatisticsNorwayServer) -> None:
    """Commuters that differ from jobs pass the checks of the answer, but not those of the tables."""
    table = MAKERS["03321"]()
    table.values[list(table["ArbstedKomm"].codes).index("5444")] *= 3
    server.tables["03321"] = table
    message = refused(data, server, "11618", "03321")
    assert "commuting.csv" in message
    assert ".new-" not in message


# --- never half


@pytest.mark.parametrize(
    ("where", "error"),
    [
        *((where, OSError("disk full")) for where in ("_fill", "_flush", "_place", "_mark", "os.replace")),
        *((where, KeyboardInterrupt()) for where in ("_fill", "_mark")),
    ],
)
def test_a_stop_in_the_middle_leaves_the_old_version(
    data: Path, server: StatisticsNorwayServer, monkeypatch: pytest.MonkeyPatch, where: str, error: BaseException
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise error

    before = bytes_below(data)
    if where == "os.replace":
        monkeypatch.setattr(Path, "replace", stop)
    else:
        monkeypatch.setattr(data_update, where, stop)
    with pytest.raises(DataUpdateError if isinstance(error, OSError) else KeyboardInterrupt):
        update(data, url=server.url, numbers=("11618",))
    assert bytes_below(data) == before


def test_a_kill_before_the_marker_leaves_the_old_version_in_use(data: Path, server: StatisticsNorwayServer) -> None:
    """What nothing can tidy up after: the process is gone between the folder and the marker."""
    old = current_version(data)
    code = (
        "import os, sys; from pathlib import Path; from omstilling.calibration.statistics_norway import update as d;"
        "d._mark = lambda *a: os.kill(os.getpid(), 9);"
        f"d.update(Path({str(data)!r}), url={server.url!r}, numbers=('11618',))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == -9
    assert current_version(data) == old
    assert update(data, url=server.url, numbers=("11618",)).folder == current_version(data) != old
