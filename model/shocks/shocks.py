"""Shocks: dated losses of jobs that come from outside the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class ShockKind(StrEnum):
    """What happens.

    ``closure``: a firm closes (*nedleggelse*). ``downsizing``: a firm sheds jobs and lives on.
    ``decline``: an industry loses jobs evenly over some years (*forvitring*).
    ``public_closure``: a public establishment closes.
    """

    CLOSURE = "closure"
    DOWNSIZING = "downsizing"
    DECLINE = "decline"
    PUBLIC_CLOSURE = "public_closure"


class ShockError(ValueError):
    """A shock that the region cannot have, e.g. more jobs lost than there are."""


@dataclass(frozen=True)
class Shock:
    """One dated loss of jobs.

    Attributes
    ----------
    kind
        What happens.
    month
        Month number (since January 1900) in which the jobs go, or begin to go for a decline.
    municipality
        Municipal code of 2024.
    jobs
        Direct jobs lost, 0 or more.
    industry
        Index into INDUSTRIES.
    firm
        Name of the firm.
    notice_months
        Months between announcement and loss in which those employed search.
    firm_jobs
        Jobs in the firm at the start of the run; at least ``jobs``. For a downsizing, larger than ``jobs``.
    duration_months
        Months over which a decline is spread; 1 otherwise.
    """

    kind: ShockKind
    month: int
    municipality: str
    jobs: int
    industry: int
    firm: str = ""
    notice_months: int = 0
    firm_jobs: int = 0
    duration_months: int = 1


@dataclass(frozen=True)
class Loss:
    """A loss of jobs that a firm has announced to the authorities: month number, row of the municipality, jobs."""

    month: int
    municipality: int
    jobs: int


def firm_name(shock: Shock, number: int) -> str:
    """Name of the firm that a shock hits; ``shock N`` where none is given."""
    return shock.firm or f"shock {number + 1}"


def jobs_in_named_firms(shocks: Sequence[Shock]) -> dict[tuple[str, int, str], int]:
    """Jobs at the start in the firms that closures and downsizings need, by municipal code, industry and name.

    Several shocks may hit one firm; a shock of no jobs needs none.
    """
    firms: dict[tuple[str, int, str], int] = {}
    for number, shock in enumerate(shocks):
        if shock.kind is not ShockKind.DECLINE and shock.jobs > 0:
            key = (shock.municipality, shock.industry, firm_name(shock, number))
            firms[key] = max(firms.get(key, 0), shock.jobs, shock.firm_jobs)
    return firms
