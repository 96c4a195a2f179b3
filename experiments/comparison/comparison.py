"""Comparison: designs on the same draws, and what differs between them."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from omstilling.calibration.margins.region import region_margins
from omstilling.calibration.parameters.sets import ParameterChoice, ParameterSets, parameter_sets
from omstilling.calibration.tables.places import Places
from omstilling.experiments.comparison.frames import indicator_frame
from omstilling.experiments.comparison.paired import PairedTask, dates_of, simulate_designs, with_baseline, years_needed
from omstilling.experiments.reading.indicators import INDICATORS
from omstilling.experiments.reading.statistics import variance_reduction
from omstilling.experiments.reading.trace import AFTER, DATES, MONTHS
from omstilling.experiments.reading.waterfall import PARTS
from omstilling.experiments.running.parameter_record import parameter_record
from omstilling.experiments.running.precompile import precompile
from omstilling.experiments.running.workers import Progress, replicate, replication_seed
from omstilling.model import RegionMargins
from omstilling.model.engine.calendar import month_label
from omstilling.model.policy.design import Design
from omstilling.model.policy.programme import Phase
from omstilling.model.policy.yearly_plans import YearlyReport
from omstilling.scenarios.design_loader import shipped_designs
from omstilling.scenarios.loader import load_scenario
from omstilling.scenarios.schema import Scenario

if TYPE_CHECKING:
    from matplotlib.figure import Figure

REFUSED = "refused"
SIGNS = {
    "reported": 1, "deadweight": -1, "displaced_within": -1, "displaced_to_neighbours": -1, "failed_or_ended": -1,
    "multiplier": 1, "net": 0,
}  # fmt: skip
"""How each part of the waterfall counts towards the net effect, which is their sum."""
PAIRED_COLUMNS = ("jobs", "population", "capacity_index")
_NUMBER = {item.name: number for number, item in enumerate(INDICATORS)}


@dataclass(frozen=True)
class Comparison:
    """All replications of a comparison.

    Attributes
    ----------
    scenario, margins, designs
        What was compared; the first design is the baseline.
    rows
        Rows of the monthly record at the dates, by design.
    readings, base, parts, trajectories
        As in ``paired.PairedOutcome`` with replications in front: (R, D, I, 4) twice, (R, D, 3, 7) and
        (R, D, years + 1, 3).
    yearly_reports, phases, tracks, refusals
        By replication and design.
    sets
        Where the parameters of the replications came from.
    """

    scenario: Scenario
    margins: RegionMargins
    designs: tuple[Design, ...]
    rows: tuple[tuple[int, ...], ...]
    readings: NDArray[np.float64]
    base: NDArray[np.float64]
    parts: NDArray[np.float64]
    trajectories: NDArray[np.float64]
    yearly_reports: tuple[tuple[tuple[YearlyReport, ...], ...], ...]
    phases: tuple[tuple[str, ...], ...]
    tracks: tuple[tuple[str, ...], ...]
    refusals: tuple[tuple[str, ...], ...]
    sets: ParameterSets

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
        return indicator_frame(self)

    @cached_property
    def waterfall(self) -> pd.DataFrame:
        """Mean parts from reported to net jobs by design and date, with the standard error of each.

        ``sign`` times ``jobs`` adds up to the net effect, of the means as in every replication; the sign of the net
        effect itself is 0.
        """
        rows = []
        for d, design in enumerate(self.designs):
            for date, label in enumerate(AFTER):
                for p, part in enumerate(PARTS):
                    values = self.parts[:, d, date, p]
                    error = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan
                    year = self.year_of(date + 1, d)
                    rows.append((design.name, label, year, part, SIGNS[part], values.mean(), error))
        return pd.DataFrame(rows, columns=["design", "date", "year", "part", "sign", "jobs", "mc_error"])

    @cached_property
    def reports(self) -> pd.DataFrame:
        """Yearly reports of programmes, a row per replication, design and year of grants; kroner and jobs so far."""
        rows = [
            {"replication": replication, "design": self.designs[d].name} | asdict(report)
            for replication, of_designs in enumerate(self.yearly_reports)
            for d, reports in enumerate(of_designs)
            for report in reports
        ]
        columns = ["replication", "design", *(item.name for item in fields(YearlyReport))]
        frame = pd.DataFrame(rows, columns=columns)
        return frame.assign(month=[month_label(month) for month in frame["month"]])

    @cached_property
    def pairing(self) -> pd.DataFrame:
        """How much variance pairing takes away: (var a + var b) / var (a - b), by design, indicator and date."""
        rows = []
        for d, design in enumerate(self.designs[1:], start=1):
            for name in PAIRED_COLUMNS:
                for date in range(1, 4):
                    base = self.base[:, d, _NUMBER[name], date]
                    value = variance_reduction(self.values(name, d)[:, date], base)
                    rows.append((design.name, name, DATES[date], value))
        return pd.DataFrame(rows, columns=["design", "indicator", "date", "variance_reduction"])

    @property
    def parameters(self) -> pd.DataFrame:
        """Parameters of each replication, the same under every design; see ``parameter_record``."""
        return parameter_record(self.sets, self.scenario.seed, self.scenario.replications)

    def year_of(self, date: int, design: int) -> int:
        """Calendar year at the end of which a date of a design lies."""
        return self.scenario.start + self.rows[design][date] // MONTHS - 1

    def years_of(self, date: int) -> str:
        """The calendar years at the end of which a date lies, first and last of all designs."""
        years = sorted({self.year_of(date, design) for design in range(len(self.designs))})
        return f"{years[0]}" if len(years) == 1 else f"{years[0]}–{years[-1]}"

    def values(self, indicator: str, design: int) -> NDArray[np.float64]:
        """An indicator of one design (by its number) at the four dates, shape (R, 4)."""
        return np.asarray(self.readings[:, design, _NUMBER[indicator]])

    @property
    def place(self) -> str:
        """Names of the programme's municipalities."""
        name_of = dict(zip(self.margins.codes, self.margins.names, strict=True))
        names = [name_of[code] for code in self.scenario.application.municipalities]
        return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"

    @property
    def draws(self) -> str:
        """Replications and seed, as notes state them."""
        number = self.scenario.replications
        return f"{number} replication{'s' if number > 1 else ''}, seed {self.scenario.seed}"

    def status_of(self, design: int) -> str:
        """What became of a design's programme: the track granted or refused, how many were stopped early."""
        if not self.designs[design].tracks:
            return "no programme"
        outcomes = Counter(f"track {tracks[design]}" if tracks[design] else REFUSED for tracks in self.tracks)
        stopped = sum(phases[design] == Phase.STOPPED for phases in self.phases)
        every = len(self.tracks)
        text = " or ".join(
            outcome if number == every else f"{outcome} in {number} of {every}"
            for outcome, number in outcomes.most_common()
        )
        return text + (f", {stopped} of {every} stopped early" if stopped else "")

    def refusal_of(self, design: int) -> str:
        """Why a design refused the programme, in the words of the first replication that it did; else nothing."""
        if not self.designs[design].tracks:
            return ""
        return next((reasons[design] for reasons in self.refusals if reasons[design]), "")

    def label_of(self, design: int) -> str:
        """Name of a design, with a word where its programme was refused in all replications."""
        return self.designs[design].name + (" (refused)" if self.status_of(design) == REFUSED else "")

    def plot_trajectories(self, path: str | Path | None = None) -> Figure:
        """Draw jobs, population and capacity by year, and their paired difference; write a PNG if a path is given."""
        from omstilling.experiments.comparison.trajectories_figure import draw_trajectories
        from omstilling.experiments.drawing.style import written

        return written(draw_trajectories(self), path)

    def plot_tradeoff(self, path: str | Path | None = None) -> Figure:
        """Draw the effects on jobs, robustness and capacity against each other; write a PNG if a path is given."""
        from omstilling.experiments.comparison.tradeoff_figure import draw_tradeoff
        from omstilling.experiments.drawing.style import written

        return written(draw_tradeoff(self), path)

    def plot_waterfall(self, path: str | Path | None = None) -> Figure:
        """Draw the way from reported to net jobs for each design; write a PNG if a path is given."""
        from omstilling.experiments.comparison.waterfall_figure import draw_waterfall
        from omstilling.experiments.drawing.style import written

        return written(draw_waterfall(self), path)

    def save(self, folder: str | Path) -> list[Path]:
        """Write tables (CSV, JSON, Parquet) and figures into a folder, each whole or not at all."""
        from omstilling.experiments.comparison.files import save_comparison

        return save_comparison(self, Path(folder))


def compare(
    scenario: str | Path | Scenario,
    designs: tuple[str | Design, ...] | str | None = None,
    *,
    replications: int | None = None,
    seed: int | None = None,
    workers: int = 1,
    parameters: ParameterChoice = None,
    progress: Progress | None = None,
) -> Comparison:
    """Compare designs for a scenario's programme on the same draws, each replication with its own parameters.

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
        For all replications, or where those of each come from; see ``parameter_sets``. The posterior if left out.
    progress
        Called with the number of replications done and in all; each runs every design.

    Raises
    ------
    ScenarioError, PlaceError, MarginsError, ShockError, PosteriorError
        For input that cannot be run.
    """
    if not isinstance(scenario, Scenario):
        scenario = load_scenario(scenario, Places())
    if designs is None:
        designs = tuple(shipped_designs())
    compared = with_baseline((designs,) if isinstance(designs, str) else tuple(designs))
    shocks = tuple(spec.to_shock() for spec in scenario.shocks)
    margins = region_margins(scenario.municipalities, scenario.start, shocks)
    application = scenario.application
    changes = {key: value for key, value in (("replications", replications), ("seed", seed)) if value is not None}
    scenario = scenario.model_copy(update=changes)
    precompile()
    first = replication_seed(scenario.seed, 0)
    sets = parameter_sets(parameters)
    rows = dates_of(margins, sets, shocks, application, compared, first)
    scenario = scenario.model_copy(update={"years": years_needed(scenario, max(row[-1] for row in rows))})
    task = PairedTask(margins, sets, shocks, application, compared, rows)
    outcomes = replicate(simulate_designs, task, scenario.seed, scenario.replications, workers, progress)
    return Comparison(
        scenario=scenario,
        margins=margins,
        designs=compared,
        rows=rows,
        readings=np.stack([outcome.readings for outcome in outcomes]),
        base=np.stack([outcome.base for outcome in outcomes]),
        parts=np.stack([outcome.parts for outcome in outcomes]),
        trajectories=np.stack([outcome.trajectories for outcome in outcomes]),
        yearly_reports=tuple(outcome.reports for outcome in outcomes),
        phases=tuple(outcome.phases for outcome in outcomes),
        tracks=tuple(outcome.tracks for outcome in outcomes),
        refusals=tuple(outcome.refusals for outcome in outcomes),
        sets=sets,
    )
