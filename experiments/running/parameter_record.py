"""Parameter record: which parameters each replication had, as a table."""

from __future__ import annotations

from dataclasses import asdict

import pandas as pd

from omstilling.calibration.parameters.sets import ParameterSets
from omstilling.experiments.running.workers import replication_seed


def parameter_record(sets: ParameterSets, seed: int, replications: int) -> pd.DataFrame:
    """Parameters by replication.

    Returns
    -------
    pandas.DataFrame
        A row per replication: ``replication`` from 0, ``seed`` of the replication, and each parameter that the source
        sets, in its unit (see ``omstilling parameters``).
    """
    rows = []
    for replication in range(replications):
        own = replication_seed(seed, replication)
        values = {name: value for block in asdict(sets.for_seed(own)).values() for name, value in block.items()}
        rows.append({"replication": replication, "seed": own} | {name: values[name] for name in sets.names})
    return pd.DataFrame(rows)
