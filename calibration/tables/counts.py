"""Counts: inhabitants by age, persons by status and commuters of a run as statistics would count them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omstilling.calibration.tables.tables import AGE_GROUPS
from omstilling.model import RestructuringModel
from omstilling.model.state.columns import OUTSIDE_FIRM, Status

_MONTHS = 12
_LOWEST_AGES = np.array([low for low, _ in AGE_GROUPS])


def _by_cell(place: NDArray[np.integer], column: NDArray[np.integer], shape: tuple[int, int]) -> NDArray[np.int32]:
    cells = place.astype(np.int64) * shape[1] + column
    return np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape).astype(np.int32)


def ages_today(model: RestructuringModel) -> NDArray[np.int64]:
    """Age in whole years of every row of persons, free rows included, shape (rows,)."""
    today = model.margins.start_month + int(model.time)
    return (today - model.person_columns.birth[: int(model.person_space.counters[0])].astype(np.int64)) // _MONTHS


def inhabitants_by_age(model: RestructuringModel) -> NDArray[np.int32]:
    """Inhabitants by municipality and age group of the age table, shape (M, 16)."""
    persons, used = model.person_columns, int(model.person_space.counters[0])
    living = persons.status[:used] != Status.GONE
    group = np.searchsorted(_LOWEST_AGES, ages_today(model)[living], side="right") - 1
    return _by_cell(persons.home[:used][living], group, (model.margins.size, len(AGE_GROUPS)))


def commuters(model: RestructuringModel) -> NDArray[np.int32]:
    """Employed persons by home and work within the region, shape (M, M)."""
    persons, used, size = model.person_columns, int(model.person_space.counters[0]), model.margins.size
    employed = (persons.status[:used] == Status.EMPLOYED) & (persons.firm[:used] != OUTSIDE_FIRM)
    work = model.firm_columns.municipality[persons.firm[:used][employed]]
    return _by_cell(persons.home[:used][employed], work, (size, size))


def residents_between(model: RestructuringModel, lowest: int, highest: int) -> NDArray[np.int64]:
    """Residents of an age, both bounds included, by municipality, shape (M,)."""
    persons, used = model.person_columns, int(model.person_space.counters[0])
    age = ages_today(model)
    chosen = (persons.status[:used] != Status.GONE) & (age >= lowest) & (age <= highest)
    return np.bincount(persons.home[:used][chosen], minlength=model.margins.size)
