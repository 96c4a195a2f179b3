"""What the world does: persons, households, firms, municipalities and the outside, month by month."""

from omstilling.model.parameters import Parameters, parameter_table
from omstilling.model.restructuring import RestructuringModel
from omstilling.model.shocks.shocks import Shock, ShockError, ShockKind
from omstilling.model.state.margins import RegionMargins

__all__ = [
    "Parameters",
    "RegionMargins",
    "RestructuringModel",
    "Shock",
    "ShockError",
    "ShockKind",
    "parameter_table",
]
