"""Target check: runs with drawn parameters beside every target."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from omstilling.calibration.parameters.sets import ParameterChoice, ParameterSets, parameter_sets
from omstilling.calibration.targets.registry import simulated_statistics, targets_of
from omstilling.calibration.targets.target import Block, Target
from omstilling.experiments.running.workers import Progress, replication_seed, work_through

REPLICATIONS = 30
_BLOCKS = list(Block)


@dataclass(frozen=True)
class TargetCheck:
    """Runs beside targets.

    Attributes
    ----------
    label
        Where the parameters come from.
    targets
        By block.
    simulated
        Statistics by block, shape (replications, targets of the block).
    """

    label: str
    targets: dict[Block, tuple[Target, ...]]
    simulated: dict[Block, NDArray[np.float64]]

    @property
    def table(self) -> pd.DataFrame:
        """A row per target: block, target, unit, observed, error, simulated mean and 90 % interval, met, required."""
        rows = []
        for block, targets in self.targets.items():
            for column, target in enumerate(targets):
                runs = self.simulated[block][:, column]
                low, high = np.quantile(runs, [0.05, 0.95])
                rows.append(
                    {
                        "block": str(block), "target": target.name, "unit": target.unit, "observed": target.observed,
                        "error": target.error, "simulated": float(runs.mean()), "low": low, "high": high,
                        "met": target.met(float(runs.mean())), "required": target.required,
                    }
                )  # fmt: skip
        return pd.DataFrame(rows)

    @property
    def missed_required(self) -> list[str]:
        """Names of required targets that are missed."""
        table = self.table
        return [str(name) for name in table.loc[table["required"] & ~table["met"], "target"]]


def _simulate(sets: ParameterSets, item: tuple[int, int]) -> NDArray[np.float64]:
    """Statistics of one run of a block, in the order of its targets, shape (targets,)."""
    number, seed = item
    block = _BLOCKS[number]
    statistics = simulated_statistics(block, sets.for_seed(seed), seed)
    return np.array([statistics[target.name] for target in targets_of(block)])


def check_targets(
    *, replications: int = REPLICATIONS, seed: int = 1, workers: int = 1, parameters: ParameterChoice = None,
    progress: Progress | None = None,
) -> TargetCheck:  # fmt: skip
    """Run every block and lay it beside its targets.

    Parameters
    ----------
    replications
        Runs of each block, each with its own draw of parameters.
    seed, workers, progress
        As elsewhere; the result is the same for any number of workers.
    parameters
        Draws of the posterior if left out.
    """
    sets = parameter_sets(parameters)
    items = [(n, replication_seed(seed, number)) for n in range(len(_BLOCKS)) for number in range(replications)]
    runs = work_through(_simulate, sets, items, workers, progress)
    simulated = {block: np.stack(runs[n * replications : (n + 1) * replications]) for n, block in enumerate(_BLOCKS)}
    return TargetCheck(sets.label, {block: targets_of(block) for block in Block}, simulated)
