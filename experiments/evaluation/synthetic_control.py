"""Synthetic control: each programme municipality against a weighted mean of like ones that followed the same path."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.optimize import nnls
from scipy.spatial.distance import cdist

from omstilling.experiments.evaluation.estimation import Estimate, Sample, draw_sample, t_interval

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    from omstilling.experiments.evaluation.panel import Panel

_DONORS = 40
"""References most like a municipality that may have a weight."""
_PLACEBOS = 8
"""References nearest in size to a programme municipality that stand in for it."""
_REMEMBERED = 4096
"""Weights that are kept: those of all programme municipalities and placebos of one draw."""
_SUM = 1e3
"""Weight of the row that makes weights sum to 1, relative to a year of the path."""


class _Window(NamedTuple):
    """What fits in a window need: coordinates of likeness (M, Q + K), paths to the base year (T, M), growth (M,)."""

    place: NDArray[np.float64]
    path: NDArray[np.float64]
    growth: NDArray[np.float64]


class _Fit(NamedTuple):
    """Growth beyond the synthetic control; its donors (rows) and weights; growth of donors beyond their mean."""

    gap: float
    donors: NDArray[np.int64]
    weights: NDArray[np.float64]
    residual: NDArray[np.float64]


def donor_weights(path: NDArray[np.float64], donors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights, 0 or more and summing to 1, under which donors follow a path, shape (J,).

    Least squares over the years with a penalty on the sum of squared weights, as in synthetic difference in differences
    for one municipality and one later year: penalty = years x variance of yearly changes (Arkhangelsky et al. 2021,
    doi:10.1257/aer.20190159). Few and noisy years thus give weights near 1 / J instead of a fit to noise.

    Parameters
    ----------
    path
        Of the municipality relative to the base year, the year before the grant; shape (T,), without the base year.
    donors
        The same of J donors, shape (T, J).
    """
    years, number = donors.shape
    changes = np.diff(donors, axis=0, append=np.zeros((1, number)))
    noise = float(np.sqrt(changes.var(axis=1).mean()))
    scale = noise if noise > 0.0 else 1.0
    left = np.vstack([donors / scale, np.sqrt(years) * np.eye(number), np.full((1, number), _SUM)])
    right = np.concatenate([path / scale, np.zeros(number), [_SUM]])
    weights, _ = nnls(left, right)
    return weights / weights.sum()


@lru_cache(maxsize=_REMEMBERED)
def _remembered(path: bytes, donors: bytes, number: int) -> NDArray[np.float64]:
    """``donor_weights`` of a path and ``number`` donors that may have been seen before.

    Effects planted after the grant and other years of follow-up leave the years before as they are.
    """
    return donor_weights(np.frombuffer(path), np.frombuffer(donors).reshape(-1, number))


def _window(sample: Sample, start: int) -> _Window:
    path = (sample.values[:, :start] - sample.values[:, [start]]).T
    return _Window(sample.panel.likeness(sample.outcome, start), path, sample.growth(start))


def _fits(window: _Window, references: NDArray[np.int64], rows: NDArray[np.int64]) -> Iterator[_Fit]:
    """Synthetic control of each of some municipalities, from references other than itself."""
    distance = cdist(window.place[rows], window.place[references])
    distance[rows[:, None] == references] = np.inf
    number = min(_DONORS, len(references) - 1)
    for row, nearest in zip(rows, np.argpartition(distance, number, axis=1)[:, :number], strict=True):
        donors = references[nearest]
        weights = _remembered(window.path[:, row].tobytes(), window.path[:, donors].tobytes(), number)
        growth = window.growth[donors]
        mean = float(weights @ growth)
        yield _Fit(float(window.growth[row]) - mean, donors, weights, growth - mean)


def synthetic_control(
    panel: Panel, outcome: str, treated: ArrayLike, first_year: ArrayLike, follow_up: int
) -> Estimate:
    """Mean over programme municipalities of growth beyond that of their synthetic controls.

    Each has weights of its own on the 40 references most like it (``Panel.likeness``), fitted to the path of the
    outcome, relative to the year before the grant, over all years before it (Abadie, Diamond and Hainmueller 2010,
    doi:10.1198/jasa.2009.ap08746; relative paths: Ferman and Pinto 2021, doi:10.3982/QE1596), with the penalty of
    ``donor_weights``. Plain weights, not the full synthetic difference in differences: one later year is read, and
    weights on earlier years would move the base from the year before the grant.

    Inference is by placebos: for each programme municipality the references nearest in size are treated as if they had
    the programme in its year; what they then seem to gain is chance alone. Nearest in size, because chance is larger in
    small places, and because those most like it in all respects lie nearer to the average, where chance is small (with
    them, intervals on Norwegian population figures cover 91-93 %). The variance of the mean is that of drawing one
    placebo for each programme municipality, plus the covariance of those that share donors. The interval is Student's t
    with as many degrees of freedom as there are different placebos.

    Parameters and errors are those of ``estimate.draw_sample``.
    """
    sample = draw_sample(panel, outcome, treated, first_year, follow_up)
    references, gaps = sample.references, list[float]()
    placebos: set[int] = set()
    shared, own, chance = np.zeros(panel.size), 0.0, 0.0
    for start, members in sample.windows():
        window = _window(sample, start)
        size = np.log(panel.outcomes["population"][:, start])
        apart = np.abs(size[sample.treated[members], None] - size[references])
        like = references[np.argsort(apart, axis=1)[:, :_PLACEBOS]]
        others = np.unique(like)
        stand_ins = {int(row): fit.gap for row, fit in zip(others, _fits(window, references, others), strict=True)}
        placebos |= stand_ins.keys()
        for fit, rows in zip(_fits(window, references, sample.treated[members]), like, strict=True):
            gaps.append(fit.gap)
            chance += float(np.mean([stand_ins[int(other)] ** 2 for other in rows]))
            shared[fit.donors] += fit.weights * fit.residual
            own += float(((fit.weights * fit.residual) ** 2).sum())
    covariance = max(float(shared @ shared) - own, 0.0)
    error = np.sqrt(chance + covariance) / len(gaps)
    return t_interval(float(np.mean(gaps)), error, len(placebos))
