"""Reader: writes what an analysis of a store says in a language: cells of tables, and notes on how to read them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from omstilling.experiments.analysis.figure_frame import key_name, short_scenario
from omstilling.experiments.analysis.outcomes import Outcomes, indicator_named
from omstilling.experiments.batch.points import points_of
from omstilling.experiments.batch.records import OK
from omstilling.experiments.words.numbers import digits_for

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from omstilling.experiments.batch.results import Results
    from omstilling.experiments.words.language import Language


class Shown(NamedTuple):
    """A figure: its name in files, what it shows, how to read it, and how to draw it."""

    name: str
    head: str
    notes: tuple[str, ...]
    draw: Callable[[], Figure]


class Column(NamedTuple):
    """A column of a table as it is read; numbers stand to the right."""

    heading: str
    cells: list[str]
    numeric: bool = True


@dataclass(frozen=True)
class Finding:
    """What an analysis says.

    Attributes
    ----------
    head
        What it is of.
    frame
        The table, with names of columns that are the same in every language.
    printed
        The table as it is read.
    notes
        How to read it.
    figures
        That show it.
    more
        Further tables by name.
    """

    head: str
    frame: pd.DataFrame
    printed: tuple[Column, ...]
    notes: tuple[str, ...]
    figures: tuple[Shown, ...]
    more: dict[str, pd.DataFrame] = field(default_factory=dict)


def _short(words: Language, value: float) -> str:
    """A number that somebody has chosen, with the decimals that it has."""
    return words.plain(value, next((digits for digits in range(6) if math.isclose(value, round(value, digits))), 6))


def by_scenario(frame: pd.DataFrame, write: Callable[[pd.DataFrame], list[str]]) -> list[str]:
    """Cells written scenario by scenario, so that decimals suit the size of the place."""
    return [cell for _, rows in frame.groupby("scenario", sort=False) for cell in write(rows)]


class Reader:
    """Writes findings on an indicator of a store in a language."""

    def __init__(self, results: Results, indicator: str, date: str, words: Language) -> None:
        self.results, self.words = results, words
        self.item = indicator_named(indicator, results)
        self.date = date

    @property
    def unit(self) -> str:
        """Unit of the indicator."""
        return self.words.named("unit", self.item.unit)

    def head(self, what: str) -> str:
        """What a table or figure is of."""
        words = self.words
        name, when = words.named("indicator", self.item.name), words.named("date", self.date)
        return words("analysis.head", what=what, indicator=name, date=when)

    def heading(self, name: str) -> str:
        """Heading of a column."""
        return self.words(f"analysis.column.{name}")

    def scenarios(self, frame: pd.DataFrame) -> Column:
        """The scenario of each row, where another begins."""
        names = frame["scenario"].tolist()
        cells = [
            short_scenario(name, self.words) if number == 0 or names[number - 1] != name else ""
            for number, name in enumerate(names)
        ]
        return Column(self.heading("scenario"), cells, numeric=False)

    def designs(self, frame: pd.DataFrame) -> Column:
        """The design of each row."""
        cells = [self.words.named("design", name) for name in frame["design"]]
        return Column(self.heading("design"), cells, numeric=False)

    def keys(self, frame: pd.DataFrame, name: str) -> Column:
        """The parameter or key of designs of each row."""
        return Column(self.heading(name), [key_name(key, self.words) for key in frame[name]], numeric=False)

    def truths(self, frame: pd.DataFrame, name: str) -> Column:
        """Yes or no in each row."""
        cells = [self.words("analysis.yes" if value else "analysis.no") for value in frame[name]]
        return Column(self.heading(name), cells, numeric=False)

    def numbers(
        self, frame: pd.DataFrame, name: str, signed: bool = False, shown: int = 2, heading: str = ""
    ) -> Column:
        """Numbers, with their errors where there are any.

        Those of a scenario have the same decimals, so many that the largest shows some digits.
        """
        write = self.words.signed if signed else self.words.plain
        error = f"{name}_error"

        def written(rows: pd.DataFrame) -> list[str]:
            digits = digits_for(_largest(rows[name]), shown)
            texts = [write(value, digits) for value in rows[name]]
            if error not in rows:
                return texts
            errors = [self.words.plain(value, digits) for value in rows[error]]
            return [f"{text} ± {most}" for text, most in zip(texts, errors, strict=True)]

        return Column(heading or self.heading(name), by_scenario(frame, written))

    def shares(self, frame: pd.DataFrame, name: str) -> Column:
        """Shares as per cent."""
        return Column(self.heading(name), [self.words.percent(value) for value in frame[name]])

    def draws(self, outcomes: Outcomes) -> list[str]:
        """What the draws are, and how many are left out."""
        asked = self.results.store.experiment
        points = len(points_of(asked))
        every, kept = points * asked.draws * asked.replications, outcomes.effect.shape[1]
        key = "analysis.draws" if points == 1 else "analysis.draws_varied"
        lines = [self.words(key, draws=self.words.plain(kept), points=points)]
        if kept < every:
            lines.append(self.words("analysis.left_out", left=every - kept, asked=every))
        lines += self._refused(outcomes)
        if self.item.better < 0:
            lines.append(self.words("analysis.less"))
        return lines

    def _refused(self, outcomes: Outcomes) -> list[str]:
        """Designs other than the baseline that give no programme in any run of a scenario."""
        runs, lines = self.results.runs, []
        for design in outcomes.designs[1:]:
            refusals = runs[(runs["design"] == design) & (runs["status"] == OK)].groupby("scenario")["refusal"]
            everywhere = (refusals.agg(lambda found: (found != "").all())).to_dict()
            places = [short_scenario(name, self.words) for name in outcomes.scenarios if everywhere.get(name)]
            if places:
                name = self.words.named("design", design)
                lines.append(self.words("analysis.refused", design=name, places=self.words.listed(places)))
        return lines

    def willingness(self, price: float) -> str:
        """That a willingness to pay is the reader's choice."""
        return self.words("analysis.willingness", unit=self.unit, price=_short(self.words, price))

    def source(self, notes: Sequence[str]) -> tuple[str, ...]:
        """Notes of a figure, with the source of the figures that runs start from."""
        return (*notes, self.words("analysis.source"))


def _largest(values: pd.Series) -> float:
    """The largest of some numbers by size; 0 where there is none."""
    return max((abs(value) for value in values if np.isfinite(value)), default=0.0)
