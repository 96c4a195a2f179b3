"""Large losses: closures and downsizing at random, from a hazard of municipalities, the same draws in every design."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from omstilling.model.engine.compilation import kernel
from omstilling.model.engine.draws import uniform
from omstilling.model.state.columns import NEVER, FirmState
from omstilling.model.state.industries import Market
from omstilling.model.state.structure import MARKETS, TYPICAL_JOBS

if TYPE_CHECKING:
    from omstilling.model.world import World

_CLOSES_BELOW = 1.25
"""A firm closes rather than shrinks where no more than a fifth of it would be left; a choice."""


@kernel
def draw_losses(
    uids: NDArray[np.uint64], jobs: NDArray[np.int64], values: Any, key: np.uint64, share: NDArray[np.float64]
) -> None:
    """Share of its jobs that each municipality is to lose this month, mostly 0, shape (M,).

    The yearly hazard falls with the ``jobs`` at the start, which no design changes; the share has a Pareto tail, cut
    off where the largest losses lie.
    """
    exponent = values.large_loss_tail
    most = 1.0 - (values.large_loss_least / values.large_loss_most) ** exponent
    for place in range(len(uids)):
        share[place] = 0.0
        hazard = values.large_loss_hazard * (max(jobs[place], 1) / TYPICAL_JOBS) ** -values.large_loss_size_exponent
        if uniform(key, uids[place]) < 1.0 - math.exp(-hazard / 12.0):
            u = uniform(key + np.uint64(1), uids[place])
            share[place] = values.large_loss_least * (1.0 - most * u) ** (-1.0 / exponent)


def strike(world: World, place: int, jobs: int) -> None:
    """Let the largest firms of a place that sell outside announce closures or downsizing until ``jobs`` are to go.

    Firms are sized as in the one county whose sizes are known, so that a loss may take several where in reality one
    cornerstone firm (*hjørnesteinsbedrift*) would go; authorities are notified of all of it, as they would be then.
    """
    firms, values = world.firm_columns, world.parameters.firms
    used = int(world.firm_space.counters[0])
    open_to_loss = (firms.state[:used] == FirmState.ALIVE) & (firms.spared[:used] == 0)
    open_to_loss &= (firms.closing[:used] == NEVER) & (MARKETS[firms.industry[:used]] == Market.TRADABLE)
    rows = np.flatnonzero(open_to_loss & (firms.municipality[:used] == place))
    order = np.lexsort((firms.uid[rows], -firms.staff[rows]))
    for row in rows[order]:
        staff = int(firms.staff[row])
        if jobs <= 0 or staff == 0:
            return
        if staff <= _CLOSES_BELOW * jobs:
            firms.closing[row] = world.month + int(values.large_loss_notice)
            lost = staff
        else:
            firms.scale[row] *= 1.0 - jobs / staff
            lost = jobs
        world.note_loss(int(row), lost, world.month)
        jobs -= lost
