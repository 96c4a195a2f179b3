"""National tables: who gets status when, what it changes where, what it costs, and whom it reaches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from omstilling.calibration.tables.places import Places
from omstilling.experiments.national.groups import (
    Kind,
    Reach,
    gini,
    kinds_of,
    money_to_those_who_recover,
    reach_of,
    reached,
)
from omstilling.experiments.national.runs import NationalRun
from omstilling.experiments.reading.statistics import summary_row
from omstilling.model.engine.calendar import year_of

if TYPE_CHECKING:
    from omstilling.experiments.national.comparison import NationalComparison

MILLION = 1e6
EFFECTS = ("jobs", "population", "women_20_39", "unemployed", "capacity_index")
"""Columns whose paired differences are shown; sums but for the index, a mean weighted by inhabitants."""
EVERYWHERE = "all"
KEY_FIGURES: dict[str, tuple[str, str]] = {
    "programmes": ("programmes", "granted"),
    "municipalities_with_status": ("municipalities", "with status at some time"),
    "state_cost": ("MNOK of 2020", "grants less returns, guidance and advice, paid by the State"),
    "public_cost": ("MNOK of 2020", "that, and what municipalities pay more than without support"),
    "reported_jobs": ("jobs", "created or secured as supported clients report them"),
    "net_jobs": ("jobs", "above the paired run without support, whole area"),
    "net_jobs_with_status": ("jobs", "the same in municipalities with status"),
    "displaced_jobs": ("jobs", "the same in all others: negative is displacement"),
    "inhabitants_kept": ("persons", "above the paired run without support, in municipalities with status"),
    "net_inhabitants": ("persons", "the same in the whole area"),
    "mnok_per_net_job": ("MNOK of 2020", "mean public cost / mean net jobs of the whole area; none unless above 0"),
    "mnok_per_inhabitant_kept": ("MNOK of 2020", "mean public cost / mean inhabitants kept; none unless above 0"),
    "money_to_those_who_recover": ("share", "of grants to places whose jobs would have recovered without support"),
    "gini_employment": ("0-1", "Gini coefficient of employed residents per inhabitant, weighted by inhabitants"),
    "gini_income": ("0-1", "Gini coefficient of income per inhabitant between places, weighted by inhabitants"),
}
"""Figures of each design in the last year: unit and definition."""


def _last(run: NationalRun, column: str) -> NDArray[np.float64]:
    return np.asarray(run.of(column)[-1])


def _places(comparison: NationalComparison) -> Iterator[tuple[int, NationalRun, tuple[NationalRun, ...]]]:
    """Number of each replication, its baseline, and all its runs."""
    for number, runs in enumerate(comparison.runs):
        yield number, runs[0], runs


def status_table(comparison: NationalComparison) -> pd.DataFrame:
    """Who gets status when.

    Returns
    -------
    pandas.DataFrame
        A row per design, municipality and track: ``share`` of replications in which it gets status, ``first_year``
        mean, ``earliest`` and ``latest`` year of the grant, ``programmes`` mean per replication, ``grants_mnok`` mean
        less returns, ``kind`` the type it most often is.
    """
    replications, places = len(comparison.runs), Places()
    kinds = np.stack([kinds_of(baseline) for _, baseline, _ in _places(comparison)])
    rows = []
    for d, design in enumerate(comparison.designs):
        found: dict[tuple[int, str], list[tuple[int, int, int]]] = {}
        for number, _, runs in _places(comparison):
            for status in runs[d].statuses:
                entry = (number, year_of(status.granted), status.grants)
                found.setdefault((status.place, status.track), []).append(entry)
        for (place, track), entries in sorted(found.items()):
            firsts = {number: min(year for n, year, _ in entries if n == number) for number, _, _ in entries}
            names, counts = np.unique(kinds[:, place], return_counts=True)
            rows.append(
                {
                    "design": design.name, "code": comparison.margins.codes[place],
                    "name": comparison.margins.names[place],
                    "county": places.county_of(comparison.margins.codes[place]), "track": track,
                    "kind": str(names[counts.argmax()]), "share": len(firsts) / replications,
                    "first_year": float(np.mean(list(firsts.values()))),
                    "earliest": min(year for _, year, _ in entries), "latest": max(year for _, year, _ in entries),
                    "programmes": len(entries) / replications,
                    "grants_mnok": sum(grants for _, _, grants in entries) / replications / MILLION,
                }
            )  # fmt: skip
    columns = [
        "design", "code", "name", "county", "track", "kind", "share", "first_year", "earliest", "latest", "programmes",
        "grants_mnok",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _summed(run: NationalRun, column: str, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    """A column by year over chosen municipalities, shape (Y + 1,); the index is a mean weighted by inhabitants."""
    if not chosen.any():
        return np.full(len(run.yearly), np.nan)
    values = run.of(column)[:, chosen]
    if column != "capacity_index":
        return np.asarray(values.sum(axis=1))
    weights = run.of("population")[:, chosen]
    return np.asarray((values * weights).sum(axis=1) / weights.sum(axis=1))


def _groups(
    comparison: NationalComparison, run: NationalRun, baseline: NationalRun
) -> Iterator[tuple[str, str, NDArray[np.bool_]]]:
    """Every group of municipalities: what divides them, its name, and who is in it."""
    kinds, reach = kinds_of(baseline), reach_of(run, comparison.regions)
    yield EVERYWHERE, EVERYWHERE, np.ones(len(kinds), dtype=bool)
    for kind in Kind:
        yield "type", kind, kinds == kind
    for place in Reach:
        yield "reach", place, reach == place
    for kind in (Kind.ACUTE, Kind.DECLINE):
        yield "type with status", kind, (kinds == kind) & (reach == Reach.STATUS)


def effect_table(comparison: NationalComparison) -> pd.DataFrame:
    """Paired differences to no support, by group of municipalities and year.

    Returns
    -------
    pandas.DataFrame
        ``design``, ``division`` (all, type, reach, type with status), ``group``, ``year``, ``indicator``,
        ``municipalities`` (mean number), ``mean`` of the design, and ``difference``, ``mc_error``, ``low``, ``high``
        and ``p_better`` as in ``statistics.summary_row``; ``per_cent`` the mean difference relative to the baseline.
    """
    rows = []
    better = {"unemployed": -1}
    for d, design in enumerate(comparison.designs[1:], start=1):
        values: dict[tuple[str, str, str], list[tuple[NDArray[np.float64], NDArray[np.float64], int]]] = {}
        for _, baseline, runs in _places(comparison):
            for division, group, chosen in _groups(comparison, runs[d], baseline):
                for column in EFFECTS:
                    pair = (_summed(runs[d], column, chosen), _summed(baseline, column, chosen), int(chosen.sum()))
                    values.setdefault((division, str(group), column), []).append(pair)
        for (division, group, column), pairs in values.items():
            with_support, without = (np.stack([pair[n] for pair in pairs]) for n in (0, 1))
            number = float(np.mean([pair[2] for pair in pairs]))
            for year in range(with_support.shape[1]):
                summary = summary_row(with_support[:, year], without[:, year], better.get(column, 1))
                base = summary["mean"] - summary["difference"]
                head = {
                    "design": design.name, "division": division, "group": group, "indicator": column,
                    "year": comparison.scenario.start - 1 + year, "municipalities": number,
                }  # fmt: skip
                rows.append(head | summary | {"per_cent": 100.0 * summary["difference"] / base if base else np.nan})
    return pd.DataFrame(rows)


def _key_figures(comparison: NationalComparison, run: NationalRun, baseline: NationalRun) -> dict[str, float]:
    """Figures of one run; see KEY_FIGURES."""
    reach = reach_of(run, comparison.regions) == Reach.STATUS
    jobs = _last(run, "jobs") - _last(baseline, "jobs")
    population = _last(run, "population") - _last(baseline, "population")
    state = float(run.state_paid.sum())
    municipal = float((run.municipal_paid - baseline.municipal_paid).sum())
    inhabitants = _last(run, "population")
    return {
        "programmes": float(len(run.statuses)),
        "municipalities_with_status": float(reach.sum()),
        "state_cost": state / MILLION,
        "public_cost": (state + municipal) / MILLION,
        "reported_jobs": float((_last(run, "reported_created") + _last(run, "reported_secured")).sum()),
        "net_jobs": float(jobs.sum()),
        "net_jobs_with_status": float(jobs[reach].sum()),
        "displaced_jobs": float(jobs[~reach].sum()),
        "inhabitants_kept": float(population[reach].sum()),
        "net_inhabitants": float(population.sum()),
        "money_to_those_who_recover": money_to_those_who_recover(run, baseline, comparison.margins.start_month),
        "gini_employment": gini(_last(run, "employed_residents") / inhabitants, inhabitants),
        "gini_income": gini(_last(run, "income") / inhabitants, inhabitants),
    }


def key_table(comparison: NationalComparison) -> pd.DataFrame:
    """Figures of KEY_FIGURES by design in the last year.

    Returns
    -------
    pandas.DataFrame
        ``design``, ``figure``, ``unit``, ``mean``, ``mc_error`` (standard error of the mean), ``low`` and ``high``
        (5th and 95th percentile over replications). Ratios of means have no error of their own.
    """
    rows = []
    for d, design in enumerate(comparison.designs):
        figures = pd.DataFrame([_key_figures(comparison, runs[d], base) for _, base, runs in _places(comparison)])
        for name, (unit, _) in KEY_FIGURES.items():
            row = {"design": design.name, "figure": name, "unit": unit}
            if name in figures:
                values = figures[name].dropna()
                error = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan
                low, high = values.quantile([0.05, 0.95]) if len(values) else (np.nan, np.nan)
                rows.append(row | {"mean": values.mean(), "mc_error": error, "low": low, "high": high})
            else:
                of = "net_jobs" if name == "mnok_per_net_job" else "inhabitants_kept"
                gained = figures[of].mean()
                ratio = figures["public_cost"].mean() / gained if gained > 0.0 and d else np.nan
                rows.append(row | {"mean": ratio, "mc_error": np.nan, "low": np.nan, "high": np.nan})
    return pd.DataFrame(rows)


def coverage_table(comparison: NationalComparison) -> pd.DataFrame:
    """Share of the places hit by the reference rules that get status once they are hit.

    Returns
    -------
    pandas.DataFrame
        ``design``, ``hit_by`` (acute loss, slow decline), means over replications of ``places`` hit, ``reached``,
        ``share``, and ``months`` from being hit to status among those reached.
    """
    rows = []
    for d, design in enumerate(comparison.designs):
        for number, kind in enumerate((Kind.ACUTE, Kind.DECLINE)):
            places, got, waits = [], [], []
            for _, baseline, runs in _places(comparison):
                if baseline.hit is None:
                    raise ValueError("coverage is read off the baseline run")
                hit = baseline.hit[number]
                places.append(int((hit >= 0).sum()))
                got.append(int(reached(runs[d], hit).sum()))
                granted = {s.place: s.granted for s in reversed(runs[d].statuses) if 0 <= hit[s.place] <= s.granted}
                waits += [month - int(hit[place]) for place, month in granted.items()]
            rows.append(
                {
                    "design": design.name, "hit_by": str(kind), "places": np.mean(places), "reached": np.mean(got),
                    "share": sum(got) / max(sum(places), 1), "months": np.mean(waits) if waits else np.nan,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def decision_table(comparison: NationalComparison) -> pd.DataFrame:
    """Every application: replication, design, month, municipality, track, severity, and whether there was money."""
    names = dict(zip(comparison.margins.codes, comparison.margins.names, strict=True))
    rows = [
        (number, design.name, f"{year_of(item.month)}-{item.month % 12 + 1:02d}", item.code, names[item.code],
         item.track, item.severity, item.granted)
        for number, _, runs in _places(comparison)
        for design, run in zip(comparison.designs, runs, strict=True)
        for item in run.decisions
    ]  # fmt: skip
    columns = ["replication", "design", "month", "code", "name", "track", "severity", "granted"]
    return pd.DataFrame(rows, columns=columns)
