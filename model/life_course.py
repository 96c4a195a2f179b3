"""Life course: the month's sequence of ageing, couples, new heads and births as one kernel."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from omstilling.model.ageing import age_persons, bear_children, free_rows
from omstilling.model.columns import Counts, Firms, Persons, Space
from omstilling.model.compilation import kernel
from omstilling.model.draws import Process
from omstilling.model.households import form_couples, settle_households

_NEWBORN_TRAITS = int(Process.NEWBORN_TRAITS)


@kernel
def age_month(
    persons: Persons,
    space: Space,
    firms: Firms,
    counts: Counts,
    mortality: NDArray[np.float64],
    fertility: NDArray[np.float64],
    disability: NDArray[np.float64],
    values: Any,
    keys: NDArray[np.uint64],
    school_key: np.uint64,
    events: NDArray[np.int32],
    numbers: NDArray[np.int64],
    successor: NDArray[np.int32],
    affected: NDArray[np.int32],
    month: int,
) -> None:
    """Age everyone by a month, settle households, free the rows of the dead, and add the newborn.

    Arguments are those of ``age_persons``, ``settle_households`` and ``bear_children``.
    """
    used = space.counters[0]
    age_persons(
        persons, used, firms, counts, mortality, fertility, disability, values, keys, school_key, events, numbers, month
    )
    couples = form_couples(persons, events[2], numbers[2], successor)
    settle_households(persons, used, successor, events[0, : numbers[0]], events[2, :couples], affected)
    free_rows(space, events[0], numbers[0])
    education = (values.upper_secondary, values.higher_education)
    bear_children(persons, space, counts, events[1], numbers[1], education, keys[_NEWBORN_TRAITS], month)
