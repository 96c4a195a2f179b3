"""Views: persons and firms as readable rows, tables and filters over the columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from omstilling.model.engine.calendar import month_label
from omstilling.model.state.columns import NEVER, OUTSIDE_FIRM, FirmState, Role, Status
from omstilling.model.state.industries import INDUSTRIES

if TYPE_CHECKING:
    from omstilling.model.world import World


@dataclass(frozen=True)
class PersonView:
    """One person at the present month; ages in years, wage relative to the national mean."""

    row: int
    uid: int
    sex: str
    age: int
    home: str
    status: str
    role: str
    household_head: int
    employer: int | None
    wage: float
    months_in_status: int
    years_lived_here: float
    grew_up_here: bool
    education: int


@dataclass(frozen=True)
class FirmView:
    """One firm at the present month; cash in months of payroll, wage relative to the national mean."""

    row: int
    uid: int
    name: str
    municipality: str
    industry: str
    staff: int
    commuters: int
    vacancies: int
    wage: float
    productivity: float
    cash: float
    founded: str
    closing: str | None
    local_owner: bool
    support: float


class _Rows[View]:
    """Readable rows of one column table: ``rows[i]``, ``len``, iteration, ``frame()``, ``where(...)``."""

    kind = "row"

    def __init__(self, model: World) -> None:
        self._model = model

    def _living(self) -> NDArray[np.intp]:
        raise NotImplementedError

    def _is_living(self, row: int) -> bool:
        raise NotImplementedError

    def _columns(self) -> Any:
        raise NotImplementedError

    def _view(self, row: int) -> View:
        raise NotImplementedError

    def __len__(self) -> int:
        """Number of living rows."""
        return len(self._living())

    def __iter__(self) -> Iterator[View]:
        """Views of all living rows, in order of row."""
        return (self._view(int(row)) for row in self._living())

    def __getitem__(self, row: int) -> View:
        """View of one row.

        Raises
        ------
        IndexError
            For a row that is free or does not exist.
        """
        if not self._is_living(row):
            raise IndexError(f"no living {self.kind} in row {row}")
        return self._view(row)

    def frame(self) -> pd.DataFrame:
        """All living rows as a table; the index is the row number."""
        living = self._living()
        columns = self._columns()
        return pd.DataFrame({name: getattr(columns, name)[living] for name in columns._fields}, index=living)

    def where(self, condition: Callable[[View], bool]) -> list[View]:
        """Views of the rows for which the condition holds."""
        return [view for view in self if condition(view)]


class PersonRows(_Rows[PersonView]):
    """``model.persons``."""

    kind = "person"

    def _living(self) -> NDArray[np.intp]:
        return np.flatnonzero(self._model.person_columns.status != Status.GONE)

    def _is_living(self, row: int) -> bool:
        status = self._model.person_columns.status
        return 0 <= row < len(status) and bool(status[row] != Status.GONE)

    def _columns(self) -> Any:
        return self._model.person_columns

    def _view(self, row: int) -> PersonView:
        p, model = self._model.person_columns, self._model
        firm = int(p.firm[row])
        return PersonView(
            row=row,
            uid=int(p.uid[row]),
            sex="woman" if p.sex[row] else "man",
            age=int((model.month - p.birth[row]) // 12),
            home=model.margins.names[p.home[row]],
            status=Status(p.status[row]).name.lower(),
            role=Role(p.role[row]).name.lower(),
            household_head=int(p.head[row]),
            employer=firm if firm >= 0 else None,
            wage=float(p.wage[row]),
            months_in_status=int(model.month - p.since[row]),
            years_lived_here=float(model.month - p.arrived[row]) / 12.0,
            grew_up_here=bool(p.native[row]),
            education=int(p.education[row]),
        )


class FirmRows(_Rows[FirmView]):
    """``model.firms``; the outside employer in row 0 is not a firm."""

    kind = "firm"

    def _living(self) -> NDArray[np.intp]:
        living = np.flatnonzero(self._model.firm_columns.state == FirmState.ALIVE)
        return living[living != OUTSIDE_FIRM]

    def _is_living(self, row: int) -> bool:
        state = self._model.firm_columns.state
        return OUTSIDE_FIRM < row < len(state) and bool(state[row] == FirmState.ALIVE)

    def _columns(self) -> Any:
        return self._model.firm_columns

    def _view(self, row: int) -> FirmView:
        f, model = self._model.firm_columns, self._model
        named = int(f.named[row])
        closing = int(f.closing[row])
        return FirmView(
            row=row,
            uid=int(f.uid[row]),
            name=model.named_firms[named].name if named >= 0 else "",
            municipality=model.margins.names[f.municipality[row]],
            industry=INDUSTRIES[f.industry[row]].name,
            staff=int(f.staff[row]),
            commuters=int(f.commuters[row]),
            vacancies=int(f.vacancies[row]),
            wage=float(f.wage[row]),
            productivity=float(f.productivity[row]),
            cash=float(f.cash[row]),
            founded=month_label(int(f.founded[row])),
            closing=None if closing == NEVER else month_label(closing),
            local_owner=bool(f.local_owner[row]),
            support=float(f.support[row]),
        )
