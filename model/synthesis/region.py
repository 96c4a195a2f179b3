"""Synthetic region: persons, households, firms and employment that meet the margins."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from omstilling.model.engine.draws import Process
from omstilling.model.parameters import Parameters
from omstilling.model.state.columns import Firms, Persons, Space, allocate_persons, allocate_space
from omstilling.model.state.margins import RegionMargins
from omstilling.model.state.structure import municipality_identities
from omstilling.model.synthesis.employment import place_workers
from omstilling.model.synthesis.firms import NamedFirm, place_firms
from omstilling.model.synthesis.households import AT_HOME_SHARE, COUPLED_SHARE, form_households
from omstilling.model.synthesis.population import place_population

_PERSON_SPARE = 1.03
PERSON_ROOM = 400
"""Rows kept free for newcomers, besides a hundredth of the inhabitants."""


class SyntheticRegion(NamedTuple):
    """Columns of persons and of firms, each with its book-keeping of rows."""

    persons: Persons
    person_space: Space
    firms: Firms
    firm_space: Space


def synthesise_region(
    margins: RegionMargins, parameters: Parameters, named_firms: tuple[NamedFirm, ...], keys: NDArray[np.uint64]
) -> SyntheticRegion:
    """Draw a region that meets its margins exactly; ``keys`` are the streams of the month before the start."""
    life, values = parameters.life, parameters.firms
    origins = municipality_identities(margins.codes)
    number = int(margins.population.sum())
    rows = int(number * _PERSON_SPARE) + 2 * PERSON_ROOM
    persons = allocate_persons(rows)
    education = (life.upper_secondary, life.higher_education)
    bounds = place_population(persons, margins, origins, keys[Process.SYNTHESIS], keys[Process.SCHOOL], education)
    for home in range(margins.size):
        form_households(
            persons, int(bounds[home]), int(bounds[home + 1]), margins.start_month, keys[Process.COUPLE],
            COUPLED_SHARE, AT_HOME_SHARE,
        )  # fmt: skip
    firms, used = place_firms(
        margins, named_firms, origins, keys[Process.FIRM_ENTRY], values.wage_spread, values.cash_mean
    )
    place_workers(persons, firms, used, margins, bounds, origins, keys[Process.OFFER], life.education_premium)
    return SyntheticRegion(persons, allocate_space(rows, number), firms, allocate_space(len(firms.uid), used))
