"""Result: what the replications of a scenario recorded, as a table, a summary, a figure and files."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from omstilling.calibration.parameters.sets import ParameterSets
from omstilling.calibration.tables.observed import observed_series, observed_total
from omstilling.experiments.running.parameter_record import parameter_record
from omstilling.model.engine.calendar import EPOCH_YEAR, month_label
from omstilling.model.state.margins import RegionMargins
from omstilling.model.state.record import COLUMNS
from omstilling.scenarios.schema import Scenario

if TYPE_CHECKING:
    from matplotlib.figure import Figure

JOBS_MONTH = 10
"""The 4th quarter's figures of employment are of November (month 10 counted from 0)."""
EVERYWHERE = "all"
"""In place of a code: all municipalities of a run together."""
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class RunResult:
    """Replications of one scenario.

    Attributes
    ----------
    scenario, margins
        What was run.
    values
        Shape (replications, months + 1, municipalities, columns); row 0 of months is the start, row t the end of
        month t.
    sets
        Where the parameters of the replications came from.
    design
        Name of the support design that was run.
    """

    scenario: Scenario
    margins: RegionMargins
    values: NDArray[np.float64]
    sets: ParameterSets
    design: str = "none"

    @cached_property
    def panel(self) -> pd.DataFrame:
        """One row per replication, month and municipality.

        ``month`` is the last month simulated, ``YYYY-MM``; the state at the start carries the month before it.
        """
        replications, months, size, _ = self.values.shape
        labels = [month_label(self.margins.start_month - 1 + t) for t in range(months)]
        frame = pd.DataFrame(self.values.reshape(-1, len(COLUMNS)), columns=list(COLUMNS))
        frame.insert(0, "name", np.tile(np.array(self.margins.names), replications * months))
        frame.insert(0, "municipality", np.tile(np.array(self.margins.codes), replications * months))
        frame.insert(0, "month", np.tile(np.repeat(np.array(labels), size), replications))
        frame.insert(0, "replication", np.repeat(np.arange(replications), months * size))
        return frame

    @property
    def parameters(self) -> pd.DataFrame:
        """Parameters of each replication; see ``parameter_record``."""
        return parameter_record(self.sets, self.scenario.seed, self.scenario.replications)

    @property
    def focus(self) -> str:
        """Code of the municipality that the scenario is about; EVERYWHERE in a county or the whole country."""
        return EVERYWHERE if self.scenario.county or self.scenario.scope else self.scenario.focus

    @property
    def focus_name(self) -> str:
        """Name of the focus."""
        if self.focus != EVERYWHERE:
            return self.margins.names[self.margins.codes.index(self.focus)]
        return f"{len(self.margins.codes)} municipalities together"

    @property
    def sample_note(self) -> str:
        """What has to be said of a sample; nothing where everyone is simulated."""
        one_in = self.scenario.sample
        return f"Sample of one in {one_in}; counts are weighted." if one_in > 1 else ""

    def of(self, column: str, code: str) -> NDArray[np.float64]:
        """One column of one municipality, or its sum over EVERYWHERE, shape (replications, months + 1)."""
        if code == EVERYWHERE:
            return np.asarray(self.values[:, :, :, list(COLUMNS).index(column)].sum(axis=2))
        return self.values[:, :, self.margins.codes.index(code), list(COLUMNS).index(column)]

    def row_of(self, year: int, column: str) -> int:
        """Row of months that compares with the observed figure of a year: 1 January, or November for employment."""
        first = EPOCH_YEAR + self.margins.start_month // 12
        return 12 * (year - first) + (0 if column == "population" else JOBS_MONTH + 1)

    def compared(self, code: str) -> pd.DataFrame:
        """Simulated quantiles beside observed figures of a municipality.

        Returns
        -------
        pandas.DataFrame
            ``column`` (population, jobs, employed_residents), ``year``, ``observed``, ``q05`` to ``q95``.
        """
        together = code == EVERYWHERE
        observed = observed_total(self.margins.codes) if together else observed_series(code)
        rows = []
        months = self.values.shape[1]
        for column in ("population", "jobs", "employed_residents"):
            series = self.of(column, code)
            for year, figure in observed[column].dropna().items():
                row = self.row_of(int(str(year)), column)
                if 0 <= row < months:
                    quantiles = np.quantile(series[:, row], QUANTILES)
                    rows.append((column, year, figure, *quantiles))
        names = [f"q{100 * q:02.0f}" for q in QUANTILES]
        return pd.DataFrame(rows, columns=["column", "year", "observed", *names])

    def summary(self) -> dict[str, Any]:
        """What a reader asks first, ready for JSON: the run, and simulated beside observed for the focus."""
        scenario = self.scenario
        table = self.compared(self.focus)
        return {
            "scenario": scenario.name,
            "title": scenario.title,
            "focus": {"code": self.focus, "name": self.focus_name},
            "municipalities": dict(zip(self.margins.codes, self.margins.names, strict=True)),
            "start": scenario.start,
            "years": scenario.years,
            "replications": scenario.replications,
            "seed": scenario.seed,
            "design": self.design,
            "parameters": self.sets.label,
            "sample": self.sample_note or "everyone",
            "quality_at_start": self.margins.quality,
            "ledger": f"checked in each of {self.values.shape[0] * (self.values.shape[1] - 1)} months",
            "compared": table.round(1).to_dict(orient="records"),
            "source": "Observed figures: Statistics Norway (CC BY 4.0)",
        }

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw jobs and population beside what was observed; write a PNG if a path is given."""
        from omstilling.experiments.running.run_figure import draw_run

        figure = draw_run(self)
        if path is not None:
            figure.savefig(path, dpi=150)
        return figure

    def save(self, folder: str | Path) -> list[Path]:
        """Write panel, summary, parameters and figure into a folder, each whole or not at all."""
        from omstilling.experiments.files.writing import save_result

        return save_result(self, Path(folder))
