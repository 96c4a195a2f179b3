"""Registry: all targets and, by block, the statistics of figures and of runs."""

from __future__ import annotations

from functools import cache

from omstilling.calibration.margins.region import region_margins
from omstilling.calibration.margins.travel import travel_minutes_between
from omstilling.calibration.targets import closures, demography, firms, labour, programmes, working_life
from omstilling.calibration.targets.municipalities import calibration_codes, class_groups
from omstilling.calibration.targets.target import Block, Statistics, Target
from omstilling.model import Parameters, RegionMargins

_cached_margins = cache(region_margins)


@cache
def targets_of(block: Block) -> tuple[Target, ...]:
    """Targets of a block on the calibration set of municipalities."""
    codes = calibration_codes()
    match block:
        case Block.DEMOGRAPHY:
            return demography.demography_targets(codes)
        case Block.LABOUR:
            return labour.labour_targets(codes)
        case Block.FIRMS:
            return firms.firm_targets(codes)
        case Block.SHOCK:
            return closures.closure_targets()
        case Block.PROGRAMME:
            return programmes.programme_targets()


def all_targets() -> tuple[Target, ...]:
    """Targets of all blocks, in the order of the stages."""
    return tuple(target for block in Block for target in targets_of(block))


def _margins(first_year: int) -> RegionMargins:
    return _cached_margins(calibration_codes(), first_year)


def simulated_statistics(block: Block, parameters: Parameters, seed: int) -> Statistics:
    """Statistics of one run of a block, those of its targets by name."""
    codes = calibration_codes()
    match block:
        case Block.DEMOGRAPHY:
            window = demography.simulated_window(_margins(demography.FIRST), parameters, seed)
            return demography.demography_statistics(window, class_groups(codes))
        case Block.LABOUR:
            life = working_life.simulated_working_life(_margins(working_life.FIRST), parameters, seed)
            return labour.labour_statistics(life, travel_minutes_between(codes), class_groups(codes))
        case Block.FIRMS:
            life = working_life.simulated_working_life(_margins(working_life.FIRST), parameters, seed)
            return firms.firm_statistics(life, class_groups(codes))
        case Block.SHOCK:
            return closures.simulated_statistics(parameters, seed)
        case Block.PROGRAMME:
            return programmes.simulated_statistics(parameters, seed)
