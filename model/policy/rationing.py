"""Rationing: which applications are granted where money is short."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from omstilling.model.policy.design import Ranking, Track


@dataclass(frozen=True)
class Request:
    """An application that meets the rules.

    ``order`` of the track in the design; ``severity`` loss or decline relative to the threshold; ``persons`` jobs or
    inhabitants lost; ``yearly`` kroner that it would cost by calendar year.
    """

    code: str
    county: str
    track: Track
    order: int
    severity: float
    persons: float
    centrality_index: float
    yearly: Mapping[int, int] = field(hash=False)


@dataclass
class Frame:
    """A budget for each calendar year and what is promised from it, whole kroner."""

    limits: Mapping[int, int]
    promised: dict[int, int] = field(default_factory=dict)

    def fits(self, yearly: Mapping[int, int]) -> bool:
        """Whether a cost by year is left in every year."""
        return all(self.promised.get(year, 0) + kroner <= self.limits.get(year, 0) for year, kroner in yearly.items())

    def promise(self, yearly: Mapping[int, int]) -> None:
        """Set aside a cost by year."""
        for year, kroner in yearly.items():
            self.promised[year] = self.promised.get(year, 0) + kroner

    def release(self, yearly: Mapping[int, int]) -> None:
        """Give back what was set aside."""
        self.promise({year: -kroner for year, kroner in yearly.items()})


def ranked(requests: Iterable[Request], ranking: Ranking) -> list[Request]:
    """Requests in the order in which they are served; where they tie, severity and then the lower code decides."""

    def key(request: Request) -> tuple[float, float, str]:
        first = {
            Ranking.TRACK: float(request.order),
            Ranking.SEVERITY: -request.severity,
            Ranking.PERSONS: -request.persons,
            Ranking.CENTRALITY: request.centrality_index,
        }[ranking]
        return first, -request.severity, request.code

    return sorted(requests, key=key)


def ration(
    requests: Sequence[Request], ranking: Ranking, national: Frame, counties: Mapping[str, Frame]
) -> list[tuple[Request, Frame | None]]:
    """Serve requests in order: each from the frame of its county if it fits there in every year, else the national one.

    One that fits nowhere gets nothing, and the next is tried.

    Returns
    -------
    list
        Each request in order with the frame that pays it, which has promised it, or None.
    """
    served: list[tuple[Request, Frame | None]] = []
    for request in ranked(requests, ranking):
        frames = [counties[request.county], national] if request.county in counties else [national]
        paying = next((frame for frame in frames if frame.fits(request.yearly)), None)
        if paying is not None:
            paying.promise(request.yearly)
        served.append((request, paying))
    return served
