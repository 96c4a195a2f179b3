"""Parameter source: where the parameters of a run come from. Loads nothing, so that the command line starts fast."""

from __future__ import annotations

from enum import StrEnum


class ParameterSource(StrEnum):
    """Where the parameters of replications come from; see ``parameter_sets``."""

    POSTERIOR = "posterior"
    POINT = "point"
    PRIOR = "prior"
