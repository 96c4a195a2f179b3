"""The displaced: those who worked in a firm when its loss was announced, and what they live on later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from omstilling.model.state.columns import Status

if TYPE_CHECKING:
    from omstilling.model.world import World


@dataclass(frozen=True)
class Displaced:
    """Residents of the region who worked in a firm at the announcement: rows, identities and wages, shape (n,)."""

    rows: NDArray[np.intp]
    uids: NDArray[np.uint64]
    wages: NDArray[np.float64]

    def income_ratio(self, model: World) -> float:
        """Mean income now relative to their wages then, of those who still live in the region; NaN if nobody does."""
        persons = model.person_columns
        here = (persons.uid[self.rows] == self.uids) & (persons.status[self.rows] != Status.GONE)
        rows = self.rows[here]
        if not rows.size:
            return float("nan")
        status = persons.status[rows]
        by_status = model.structure.income_of_status[status]
        income = np.where(status == Status.EMPLOYED, persons.wage[rows], by_status)
        return float(income.sum() / self.wages[here].sum())


def displaced_from(model: World, firm: int) -> Displaced:
    """Those who work in a firm now."""
    persons = model.person_columns
    used = int(model.person_space.counters[0])
    rows = np.flatnonzero((persons.status[:used] == Status.EMPLOYED) & (persons.firm[:used] == firm))
    return Displaced(rows, persons.uid[rows].copy(), persons.wage[rows].astype(np.float64))
