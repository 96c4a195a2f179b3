"""What the world does: persons, households, firms, municipalities and the outside, month by month."""

from omstilling.model.margins import RegionMargins
from omstilling.model.parameters import Parameters, parameter_table
from omstilling.model.restructuring import RestructuringModel
from omstilling.model.shocks import Shock, ShockError, ShockKind

__all__ = [
    "Parameters",
    "RegionMargins",
    "RestructuringModel",
    "Shock",
    "ShockError",
    "ShockKind",
    "parameter_table",
]
