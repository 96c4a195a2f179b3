"""Comparison: designs on the same draws, and what differs between them."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from omstilling.calibration.places import Places
from omstilling.calibration.region import region_margins
from omstilling.experiments.registry import INDICATORS, RATIOS, Reading
from omstilling.experiments.statistics import ratio_row, summary_row, variance_reduction
from omstilling.experiments.trace import AFTER, DATES, MONTHS, Trace, reading_rows, trace_run
from omstilling.experiments.waterfall import PARTS, waterfall
from omstilling.experiments.workers import Progress, replicate
from omstilling.model import Parameters, RegionMargins, RestructuringModel, Shock
from omstilling.model.design import Application, Design, Support
from omstilling.model.indicators import COLUMNS
from omstilling.scenarios.design_loader import load_design, shipped_designs
from omstilling.scenarios.errors import Problem, ScenarioError
from omstilling.scenarios.loader import load_scenario
from omstilling.scenarios.schema import LONGEST_YEARS, Scenario

BASELINE = "none"
TRAJECTORIES = ("jobs", "population", "capacity_index")
PAIRED_COLUMNS = ("jobs", "population", "capacity_index")


@dataclass(frozen=True)
class PairedTask:
    """What a worker needs to run all designs of a replication: everything but the seed. The first design is the
    baseline.
    """

    margins: RegionMargins
    parameters: Parameters
    shocks: tuple[Shock, ...]
    application: Application
    designs: tuple[Design, ...]
    rows: tuple[int, ...]


@dataclass(frozen=True)
class PairedOutcome:
    """One replication of all D designs.

    Attributes
    ----------
    readings
        Every indicator of INDICATORS at every date, shape (D, I, 4).
    parts
        Waterfall at the dates after the programme, shape (D, 3, 7).
    trajectories
        Columns of TRAJECTORIES in the programme's municipalities by year, shape (D, years + 1, 3).
    phases, tracks
        How each programme ended and the track it was granted.
    """

    readings: NDArray[np.float64]
    parts: NDArray[np.float64]
    trajectories: NDArray[np.float64]
    phases: tuple[str, ...]
    tracks: tuple[str, ...]


def _trajectories(trace: Trace) -> NDArray[np.float64]:
    """Columns of TRAJECTORIES by year in the programme's municipalities; the index as a mean weighted by inhabitants."""
    here = {name: trace.yearly[:, trace.places, list(COLUMNS).index(name)] for name in TRAJECTORIES}
    weights = here["population"] / here["population"].sum(axis=1, keepdims=True)
    return np.stack(
        [here["jobs"].sum(axis=1), here["population"].sum(axis=1), (weights * here["capacity_index"]).sum(axis=1)],
        axis=1,
    )


def simulate_designs(task: PairedTask, seed: int) -> PairedOutcome:
    """Run every design on the same draws and read every indicator against the paired baseline."""
    traces = []
    for design in task.designs:
        support = Support(design, (task.application,))
        model = RestructuringModel(task.margins, task.parameters, task.shocks, seed, support)
        traces.append(trace_run(model, task.rows))
    baseline = traces[0]
    readings = np.array(
        [
            [[item.formula(Reading(trace, baseline, task.margins, date)) for date in range(4)] for item in INDICATORS]
            for trace in traces
        ]
    )
    parts = [[astuple(waterfall(trace, baseline, date)) for date in range(1, 4)] for trace in traces]
    return PairedOutcome(
        readings, np.array(parts), np.stack([_trajectories(trace) for trace in traces]), tuple(str(trace.phase) for trace in traces),
        tuple(trace.track for trace in traces),
    )  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """All replications of a comparison.

    Attributes
    ----------
    scenario, margins, designs
        What was compared; the first design is the baseline.
    rows
        Rows of the monthly record at the dates.
    readings, parts, trajectories
        As in PairedOutcome with replications in front: (R, D, I, 4), (R, D, 3, 7), (R, D, years + 1, 3).
    phases, tracks
        By replication and design.
    """

    scenario: Scenario
    margins: RegionMargins
    designs: tuple[Design, ...]
    rows: tuple[int, ...]
    readings: NDArray[np.float64]
    parts: NDArray[np.float64]
    trajectories: NDArray[np.float64]
    phases: tuple[tuple[str, ...], ...]
    tracks: tuple[tuple[str, ...], ...]

    @cached_property
    def table(self) -> pd.DataFrame:
        """Every indicator by design and date.

        Returns
        -------
        pandas.DataFrame
            ``design``, ``indicator``, ``group``, ``unit``, ``date``, ``year``, ``mean``, ``sd``; paired ``difference``
            to the baseline, its Monte Carlo standard error ``mc_error``, the 5th and 95th percentile of the paired
            differences ``low`` and ``high``, and ``p_better``, the share of replications in which the design is
            better (ties count half; NaN where neither direction is better). For ratios of means ``low`` and ``high``
            are a bootstrap interval of the ratio itself.
        """
        rows = []
        for d, design in enumerate(self.designs):
            for date, label in enumerate(DATES):
                head = {"design": design.name, "date": label, "year": self.year_of(date)}
                for i, item in enumerate(INDICATORS):
                    values, base = self.readings[:, d, i, date], self.readings[:, 0, i, date]
                    rows.append(
                        head
                        | {"indicator": item.name, "group": item.group, "unit": item.unit}
                        | summary_row(values, base, item.better)
                    )
                for ratio in RATIOS:
                    rows.append(
                        head
                        | {"indicator": ratio.name, "group": ratio.group, "unit": ratio.unit}
                        | ratio_row(self._of(ratio.numerator, d, date), self._of(ratio.denominator, d, date))
                    )
        columns = ["design", "indicator", "group", "unit", "date", "year"]
        frame = pd.DataFrame(rows)
        return frame[columns + [name for name in frame.columns if name not in columns]]

    @cached_property
    def waterfall(self) -> pd.DataFrame:
        """Mean parts from reported to net jobs by design and date, with the standard error of each.

        The means of the parts add up to the mean net effect, as the parts do in every replication.
        """
        rows = []
        for d, design in enumerate(self.designs):
            for date, label in enumerate(AFTER):
                for p, part in enumerate(PARTS):
                    values = self.parts[:, d, date, p]
                    error = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan
                    rows.append((design.name, label, self.year_of(date + 1), part, values.mean(), error))
        return pd.DataFrame(rows, columns=["design", "date", "year", "part", "jobs", "mc_error"])

    @cached_property
    def pairing(self) -> pd.DataFrame:
        """How much variance pairing takes away: (var a + var b) / var (a - b), by design, indicator and date."""
        rows = []
        for d, design in enumerate(self.designs[1:], start=1):
            for name in PAIRED_COLUMNS:
                for date in range(1, 4):
                    value = variance_reduction(self._of(name, d, date), self._of(name, 0, date))
                    rows.append((design.name, name, DATES[date], value))
        return pd.DataFrame(rows, columns=["design", "indicator", "date", "variance_reduction"])

    def year_of(self, date: int) -> int:
        """Calendar year at the end of which a date lies."""
        return self.scenario.start + self.rows[date] // MONTHS - 1

    def _of(self, name: str, design: int, date: int) -> NDArray[np.float64]:
        number = [item.name for item in INDICATORS].index(name)
        return np.asarray(self.readings[:, design, number, date])

    def status_of(self, design: int) -> str:
        """The track that the programme was granted, or that it was refused, in most replications."""
        tracks = [tracks[design] for tracks in self.tracks]
        most = max(sorted(set(tracks)), key=tracks.count)
        return most or ("no programme" if not self.designs[design].tracks else "refused")

    def save(self, folder: str | Path) -> list[Path]:
        """Write tables (CSV, JSON, Parquet) and figures into a folder, each whole or not at all."""
        from omstilling.experiments.comparison_files import save_comparison

        return save_comparison(self, Path(folder))


def _longest_months(designs: tuple[Design, ...]) -> int:
    """Months from application to the end of the longest programme; that of ``current`` where no design gives one."""
    tracks = [track for design in designs for track in design.tracks] or list(load_design("current").tracks)
    return max(track.months for track in tracks)


def _years_needed(scenario: Scenario, rows: tuple[int, ...]) -> int:
    years = max(scenario.years, rows[-1] // MONTHS)
    if years > LONGEST_YEARS:
        found = f"{rows[-1] // MONTHS} years to five years after the end"
        raise ScenarioError(scenario.name, [Problem("programme.applies", found, f"at most {LONGEST_YEARS} can be run")])
    return years


def _with_baseline(designs: tuple[str | Design, ...]) -> tuple[Design, ...]:
    loaded = [design if isinstance(design, Design) else load_design(design) for design in designs]
    names = [design.name for design in loaded]
    for name in names:
        if names.count(name) > 1:
            raise ScenarioError(name, [Problem("designs", f"{name} twice", "each design once is expected")])
    baseline = [design for design in loaded if design.name == BASELINE] or [load_design(BASELINE)]
    return (*baseline, *(design for design in loaded if design.name != BASELINE))


def compare(
    scenario: str | Path | Scenario,
    designs: tuple[str | Design, ...] | None = None,
    *,
    replications: int | None = None,
    seed: int | None = None,
    workers: int = 1,
    parameters: Parameters | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Compare designs for a scenario's programme on the same draws.

    Parameters
    ----------
    scenario
        Name of a shipped example, path of a scenario file, or a loaded scenario. It is run to five years after the end
        of the longest programme.
    designs
        Names, paths, names with blocks (``current+capacity-first``) or designs; all shipped if left out. ``none`` is
        the baseline and joins if left out.
    replications, seed
        In place of those of the scenario.
    workers
        Processes; the result is the same for any number.
    parameters
        In place of the defaults.
    progress
        Called with the number of replications done and in all; each runs every design.

    Raises
    ------
    ScenarioError, PlaceError, MarginsError, ShockError
        For input that cannot be run.
    """
    if not isinstance(scenario, Scenario):
        scenario = load_scenario(scenario, Places())
    compared = _with_baseline(tuple(designs) if designs is not None else tuple(shipped_designs()))
    shocks = tuple(spec.to_shock() for spec in scenario.shocks)
    margins = region_margins(scenario.municipalities, scenario.start, shocks)
    application = scenario.application
    rows = reading_rows(application, margins.start_month, _longest_months(compared))
    changes = {"years": _years_needed(scenario, rows)}
    changes |= {key: value for key, value in (("replications", replications), ("seed", seed)) if value is not None}
    scenario = scenario.model_copy(update=changes)
    task = PairedTask(margins, parameters or Parameters(), shocks, application, compared, rows)
    outcomes = replicate(simulate_designs, task, scenario.seed, scenario.replications, workers, progress)
    return Comparison(
        scenario, margins, compared, rows, np.stack([outcome.readings for outcome in outcomes]),
        np.stack([outcome.parts for outcome in outcomes]), np.stack([outcome.trajectories for outcome in outcomes]),
        tuple(outcome.phases for outcome in outcomes), tuple(outcome.tracks for outcome in outcomes),
    )  # fmt: skip
