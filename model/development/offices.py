"""Development offices: staff, competence, network, routines and anchoring, and the index they make."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from omstilling.model.engine.compilation import kernel
from omstilling.model.engine.draws import derive, normal, uniform
from omstilling.model.state.columns import Municipalities

_TAG_COUNCIL = 11
_EXIT_STREAM = 8
_MEAN_COUNCIL = 0.45
_LEAST = 0.02
_ANCHORING_MONTHS = 12.0
_ROUTINE_PACE = 0.5
_RECOVERY = 0.02
"""Share of lost competence that comes back a month below the ordinary level; a choice."""


class Offices(NamedTuple):
    """Development offices (*utviklingsapparat*), one per municipality, shape (M,).

    ``staff`` in full-time equivalents (FTE), moving towards ``ordinary_staff`` and what a programme pays,
    ``programme_staff``; ``competence``, ``network`` (share of local firms with a working relation), ``routines``,
    ``anchoring`` and ``council`` (the council's lasting backing) in 0-1; ``leader`` the quality of the one who leads,
    median 1; ``guidance`` and ``engagement`` of a programme's board in 0-1; ``finished`` projects ended this month.
    """

    staff: NDArray[np.float64]
    ordinary_staff: NDArray[np.float64]
    programme_staff: NDArray[np.float64]
    competence: NDArray[np.float64]
    network: NDArray[np.float64]
    routines: NDArray[np.float64]
    anchoring: NDArray[np.float64]
    council: NDArray[np.float64]
    leader: NDArray[np.float64]
    guidance: NDArray[np.float64]
    engagement: NDArray[np.float64]
    finished: NDArray[np.int64]


@kernel
def _leader_quality(spread: float, key: np.uint64, identity: np.uint64) -> float:
    """Quality of a newly hired leader: lognormal with median 1."""
    z = normal(uniform(key, identity), uniform(key + np.uint64(1), identity))
    return math.exp(spread * z)


def open_offices(municipalities: Municipalities, population: NDArray[np.int64], values: Any, key: np.uint64) -> Offices:
    """Offices of all municipalities in ordinary operations."""
    size = len(population)
    columns: Any = (np.zeros(size, dtype=np.int64 if name == "finished" else np.float64) for name in Offices._fields)
    offices = Offices(*columns)
    offices.ordinary_staff[:] = np.maximum(values.office_least, values.office_staff * population / 1000.0)
    offices.staff[:] = offices.ordinary_staff
    offices.competence[:] = values.ordinary_competence
    offices.routines[:] = values.ordinary_routines
    for place in range(size):
        identity = np.uint64(derive(municipalities.uid[place], _TAG_COUNCIL, 0))
        u = float(uniform(key, identity))
        offices.council[place] = min(0.95, max(0.05, _MEAN_COUNCIL + values.council_spread * (2.0 * u - 1.0)))
        offices.leader[place] = _leader_quality(values.leader_spread, key + np.uint64(1), identity)
        won = values.contacts * _per_thousand(offices.staff[place], population[place]) * offices.leader[place]
        offices.network[place] = won / (won + values.contacts_lost)
    offices.anchoring[:] = offices.council
    return offices


@kernel
def _per_thousand(staff: float, population: float) -> float:
    """FTE per 1,000 inhabitants."""
    return staff / max(population / 1000.0, 0.1)


@kernel
def staffing(staff: float, population: float, scale: float) -> float:
    """Staffing in 0-1: FTE per 1,000 inhabitants, saturating."""
    return 1.0 - math.exp(-_per_thousand(staff, population) / scale)


@kernel
def capacity_index(offices: Offices, place: int, staffed: float) -> float:
    """Development capacity (*utviklingsevne*), 0-100: geometric mean of five parts, so that the weakest binds."""
    product = max(_LEAST, staffed)
    product *= max(_LEAST, offices.competence[place]) * max(_LEAST, offices.network[place])
    product *= max(_LEAST, offices.routines[place]) * max(_LEAST, offices.anchoring[place])
    return float(100.0 * product**0.2)


@kernel
def change_leader(offices: Offices, place: int, values: Any, key: np.uint64, identity: np.uint64) -> None:
    """Let the leader go and hire another: competence that is not written down goes too."""
    offices.leader[place] = _leader_quality(values.leader_spread, key, identity)
    offices.competence[place] *= 1.0 - values.loss_at_turnover * (1.0 - offices.routines[place])


@kernel
def _learn(offices: Offices, place: int, rate: float) -> None:
    """Close a part of what is left to learn, in competence and half of it in routines; a good leader learns faster."""
    gain = min(1.0, rate * offices.leader[place])
    offices.competence[place] += gain * (1.0 - offices.competence[place])
    offices.routines[place] += _ROUTINE_PACE * gain * (1.0 - offices.routines[place])


@kernel
def _forget(offices: Offices, place: int, values: Any) -> None:
    """Competence drifts back to the ordinary level, routines at half the pace and only downwards."""
    gap = values.ordinary_competence - offices.competence[place]
    offices.competence[place] += (values.forgetting if gap < 0.0 else _RECOVERY) * gap
    gap = min(0.0, values.ordinary_routines - offices.routines[place])
    offices.routines[place] += _ROUTINE_PACE * values.forgetting * gap


@kernel
def run_offices(
    offices: Offices, municipalities: Municipalities, population: NDArray[np.int64], values: Any, key: np.uint64
) -> None:
    """A month of every office: hire, lose people, learn, forget, keep contacts and backing."""
    for place in range(len(population)):
        uid = municipalities.uid[place]
        wanted = offices.ordinary_staff[place] + offices.programme_staff[place]
        offices.staff[place] += values.hiring * (wanted - offices.staff[place])
        if uniform(key, uid) < values.turnover:
            change_leader(offices, place, values, key + np.uint64(2), uid)
        _learn(offices, place, values.learning_guidance * offices.guidance[place])
        for _ in range(offices.finished[place]):
            _learn(offices, place, values.learning_project)
        _forget(offices, place, values)
        won = values.contacts * _per_thousand(offices.staff[place], population[place]) * offices.leader[place]
        network = offices.network[place]
        offices.network[place] += min(1.0, won) * (1.0 - network) - values.contacts_lost * network
        backing = offices.council[place] + values.anchoring_programme * offices.engagement[place]
        offices.anchoring[place] += (min(1.0, backing) - offices.anchoring[place]) / _ANCHORING_MONTHS


@kernel
def leave_programme(
    offices: Offices, places: NDArray[np.intp], kept: NDArray[np.float64], municipalities: Municipalities, values: Any,
    key: np.uint64
) -> None:  # fmt: skip
    """Go on without a programme: keep a share of its staff, and the leader with a chance of the same size.

    ``kept`` by place; a leader whom no programme pays stays as before.
    """
    for order in range(len(places)):
        place = places[order]
        uid = municipalities.uid[place]
        offices.ordinary_staff[place] += kept[order] * offices.programme_staff[place]
        if offices.programme_staff[place] > 0.0 and uniform(key + np.uint64(_EXIT_STREAM), uid) >= kept[order]:
            change_leader(offices, place, values, key + np.uint64(_EXIT_STREAM + 1), uid)
        offices.programme_staff[place] = 0.0
        offices.engagement[place] = 0.0
