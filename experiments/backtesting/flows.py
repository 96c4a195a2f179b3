"""Flows of a backtest: commuting and net migration by age, simulated and observed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from omstilling.calibration.margins.ages import groups_of, single_years
from omstilling.calibration.margins.employment import national_commuting
from omstilling.calibration.margins.mobility import national_mobility, net_between, regional_mobility
from omstilling.calibration.margins.travel import travel_minutes
from omstilling.calibration.tables.tables import load_tables
from omstilling.experiments.backtesting.backtest import estimated_codes
from omstilling.experiments.backtesting.hindcast import Hindcast
from omstilling.model.state.margins import MAX_AGE, MIGRATION_AGE_BOUNDS

COMMUTING_YEAR = 2021
"""Year of the 4th quarter of the only commuting matrix; a run that ends on the 1 January after is laid beside it."""
FEWEST_COMMUTERS = 10
FEWEST_SIMULATED = 0.5
"""A pair that no replication fills counts as half a commuter, so that it has a logarithm."""
MINUTE_BANDS = (0, 15, 30, 45, 60, 90, 120)
BEFORE_PANDEMIC = 2020
"""Net migration is compared up to this 1 January: the years of closed borders after it say nothing of the method."""
AGE_LABELS = tuple(
    f"{low}-{high - 1}" if high <= MAX_AGE else f"{low}+"
    for low, high in zip(MIGRATION_AGE_BOUNDS, (*MIGRATION_AGE_BOUNDS[1:], MAX_AGE + 1), strict=True)
)


@dataclass(frozen=True)
class Commuting:
    """Commuting between municipalities at the end of a run.

    Attributes
    ----------
    pairs
        A row per pair of different municipalities with at least ten observed commuters: ``home``, ``work``,
        ``observed``, ``simulated``, ``at_start`` (what the run was given).
    correlation, correlation_at_start
        Of log flows over the pairs, for the run's end and for what it was given.
    bands
        Per cent of all commuters by minutes of travel: ``minutes``, ``observed``, ``simulated``, ``at_start``; the
        first row is work at home's municipality.
    """

    pairs: pd.DataFrame
    correlation: float
    correlation_at_start: float
    bands: pd.DataFrame


def _shares_by_minutes(flows: NDArray[np.float64], minutes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Per cent of commuters who stay, and by band of minutes between municipalities."""
    away = ~np.eye(len(flows), dtype=bool)
    inside = np.trace(flows)
    number = np.digitize(minutes[away], MINUTE_BANDS) - 1
    by_band = np.bincount(number, weights=flows[away], minlength=len(MINUTE_BANDS))
    return np.asarray(100.0 * np.concatenate([[inside], by_band]) / flows.sum())


def compare_commuting(run: Hindcast) -> Commuting | None:
    """Commuting at the end beside the matrix of 2021; None for a run that does not end on 1 January 2022."""
    if run.last != COMMUTING_YEAR + 1:
        return None
    tables = load_tables()
    rows = tables.municipalities.index.get_indexer(list(run.codes))
    inside = np.ix_(rows, rows)
    flows = {
        "observed": tables.commuting.to_numpy()[inside],
        "simulated": run.commuting,
        "at_start": national_commuting(run.first - 1)[inside],
    }
    chosen = (flows["observed"] >= FEWEST_COMMUTERS) & ~np.eye(len(rows), dtype=bool)
    home, work = np.nonzero(chosen)
    codes = np.array(run.codes)
    pairs = pd.DataFrame({"home": codes[home], "work": codes[work]} | {name: f[chosen] for name, f in flows.items()})
    logs = np.log(pairs[list(flows)].clip(lower=FEWEST_SIMULATED))
    labels = ["same municipality"] + [
        f"{low}-{high}" if high else f"over {low}"
        for low, high in zip(MINUTE_BANDS, (*MINUTE_BANDS[1:], 0), strict=True)
    ]
    minutes = travel_minutes()[inside]
    bands = pd.DataFrame({"minutes": labels} | {name: _shares_by_minutes(f, minutes) for name, f in flows.items()})
    together = logs.corr()["observed"]
    return Commuting(pairs, float(together["simulated"]), float(together["at_start"]), bands)


def compared_years(run: Hindcast) -> range:
    """Years whose net migration is compared."""
    return range(run.first, min(run.last, BEFORE_PANDEMIC) if run.first < BEFORE_PANDEMIC else run.last)


def compare_net_migration(run: Hindcast) -> pd.DataFrame:
    """Net in-migration by age and centrality class, mean a year, by the same comparison of cohorts for both.

    Simulated persons are counted in the age groups of the table and spread to single years as the observed are, so
    that what the spreading does wrong is in both. Municipalities with an estimated past are left out.

    Returns
    -------
    pandas.DataFrame
        ``centrality``, ``age`` (at the end of the year), ``observed`` and ``simulated`` per 100 persons of that age
        a year, ``persons`` observed on average.
    """
    tables = load_tables()
    rows = tables.municipalities.index.get_indexer(list(run.codes))
    classes = tables.municipalities["centrality_class"].to_numpy()[rows]
    scored = ~np.isin(run.codes, list(estimated_codes()))
    counted = run.ages.mean(axis=0)
    years = compared_years(run)
    sources = {
        "observed": [groups_of(tables, year)[0][rows] for year in (*years, years.stop)],
        "simulated": [counted[year - run.first] for year in (*years, years.stop)],
    }
    rates, persons = {}, {}
    for name, groups in sources.items():
        single = [single_years(ages, year) for ages, year in zip(groups, (*years, years.stop), strict=True)]
        net = [net_between(a, b, year) for a, b, year in zip(single[:-1], single[1:], years, strict=True)]
        there = np.add.reduceat(np.mean(single[:-1], axis=0), np.array(MIGRATION_AGE_BOUNDS), axis=1)
        rates[name], persons[name] = np.mean(net, axis=0), there
    parts = []
    for number in sorted(set(classes[scored].tolist())):
        chosen = scored & (classes == number)
        columns = {
            name: 100.0 * rates[name][chosen].sum(axis=0) / np.maximum(persons[name][chosen].sum(axis=0), 1e-9)
            for name in sources
        }
        of_class = {"centrality": number, "age": list(AGE_LABELS)} | columns
        parts.append(pd.DataFrame(of_class | {"persons": persons["observed"][chosen].sum(axis=0)}))
    return pd.concat(parts, ignore_index=True)


def migration_summary(table: pd.DataFrame) -> pd.DataFrame:
    """A row per class: net in-migration at all ages below 65 per 100 persons a year, and how alike the profiles are.

    Returns
    -------
    pandas.DataFrame
        ``centrality``, ``observed``, ``simulated``, ``MAE`` (mean absolute difference over ages, weighted by persons)
        and ``correlation`` over ages below 65.
    """
    young = table[table["age"].isin(AGE_LABELS[: MIGRATION_AGE_BOUNDS.index(65)])]
    rows = []
    for number, part in young.groupby("centrality"):
        weights = part["persons"].to_numpy()
        means = {name: float(np.average(part[name], weights=weights)) for name in ("observed", "simulated")}
        apart = float(np.average((part["simulated"] - part["observed"]).abs(), weights=weights))
        together = float(np.corrcoef(part["observed"], part["simulated"])[0, 1])
        rows.append({"centrality": number, **means, "MAE": apart, "correlation": together})
    return pd.DataFrame(rows)


def net_at_start(run: Hindcast) -> pd.DataFrame:
    """Net in-migration by centrality class that the start is meant to have, and that its rates give.

    Meant is the class's net rate of the years before with what places keep of their own; given are arrivals from
    outside and moves within the region by gravity, less those who leave.

    Returns
    -------
    pandas.DataFrame
        ``centrality``, ``meant`` and ``given``, per 100 inhabitants a year.
    """
    tables = load_tables()
    rows = tables.municipalities.index.get_indexer(list(run.codes))
    national = national_mobility(run.first)
    _, arriving, share = regional_mobility(rows, run.first)
    outflow = national.outflow[rows]
    net = pd.DataFrame({
        "centrality": tables.municipalities["centrality_class"].to_numpy()[rows],
        "meant": (national.inflow[rows] - outflow).sum(axis=1),
        "given": (arriving + np.einsum("iaj,ia->ja", share[:, :, :-1], outflow) - outflow).sum(axis=1),
        "persons": groups_of(tables, run.first)[0][rows].sum(axis=1),
    })  # fmt: skip
    sums = net.groupby("centrality").sum()
    return (100.0 * sums[["meant", "given"]].div(sums["persons"], axis=0)).reset_index()
