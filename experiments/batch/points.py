"""Points: values of the keys that an experiment varies, by grid or sample."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from omstilling.scenarios.experiment import Experiment, Sample

Point = dict[str, float]


def salib_problem(sample: Sample) -> dict[str, Any]:
    """A sample as SALib describes it."""
    bounds = [list(ends) for ends in sample.ranges.values()]
    return {"num_vars": len(bounds), "names": list(sample.ranges), "bounds": bounds}


def _between(sample: Sample, shares: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.stats import qmc

    low, high = np.array(list(sample.ranges.values())).T
    return qmc.scale(shares, low, high)


def sample_values(sample: Sample, seed: int) -> NDArray[np.float64]:
    """Values of a sample, shape (points, keys), the same for the same seed."""
    from scipy.stats import qmc  # here, as workers that draw none would take half a second to read it

    random = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(len(sample.ranges),)))
    if sample.method == "latin-hypercube":
        return _between(sample, qmc.LatinHypercube(len(sample.ranges), rng=random).random(sample.points))
    if sample.method == "sobol":
        whole = 1 << (sample.points - 1).bit_length()  # a Sobol sequence is balanced in powers of 2
        return _between(sample, qmc.Sobol(len(sample.ranges), rng=random).random(whole)[: sample.points])
    entropy = int(random.integers(2**31))
    if sample.method == "saltelli":
        from SALib.sample import sobol

        return np.asarray(sobol.sample(salib_problem(sample), sample.points, calc_second_order=False, seed=entropy))
    from SALib.sample import morris

    return np.asarray(morris.sample(salib_problem(sample), sample.points, seed=entropy))


def points_of(experiment: Experiment) -> list[Point]:
    """Every point of an experiment: its grid times its sample; one without values where it varies nothing."""
    grid, sample = experiment.grid_points, experiment.sample
    if sample is None:
        return grid
    drawn = [dict(zip(sample.ranges, row, strict=True)) for row in sample_values(sample, experiment.seed).tolist()]
    return [fixed | varied for fixed in grid for varied in drawn]
