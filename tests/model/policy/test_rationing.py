"""Rationing: order, budgets to the krone, and who gains or loses when thresholds and budgets change."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omstilling.model.policy.design import Ranking
from omstilling.model.policy.rationing import Frame, Request, ranked, ration
from worlds import make_track

TRACK = make_track()
YEARS = (2015, 2016, 2017)
NATIONAL = "national"
Served = list[tuple[Request, str]]
"""Each request in order, and the name of the frame that pays it, or nothing."""
Method = Callable[["Round"], tuple[Served, dict[str, Frame]]]


@dataclass(frozen=True)
class Round:
    """Requests, and limits by frame and year."""

    requests: tuple[Request, ...]
    ranking: Ranking
    limits: Mapping[str, Mapping[int, int]]

    def frames(self) -> dict[str, Frame]:
        return {name: Frame(dict(of_years)) for name, of_years in self.limits.items()}


def _named(served: Sequence[tuple[Request, Frame | None]], frames: Mapping[str, Frame]) -> Served:
    names = {id(frame): name for name, frame in frames.items()}
    return [(request, "" if frame is None else names[id(frame)]) for request, frame in served]


def _real(given: Round) -> tuple[Served, dict[str, Frame]]:
    frames = given.frames()
    counties = {name: frame for name, frame in frames.items() if name != NATIONAL}
    return _named(ration(given.requests, given.ranking, frames[NATIONAL], counties), frames), frames


def _by_hand(flaw: str = "") -> Method:
    """Rationing written a second time, from the words of ``Regime``; with a flaw, a wrong one."""

    def method(given: Round) -> tuple[Served, dict[str, Frame]]:
        first = {"track": lambda r: r.order, "severity": lambda r: -r.severity, "persons": lambda r: -r.persons,
                 "centrality": lambda r: r.centrality_index}[given.ranking.value]  # fmt: skip
        ties = {"ties by row": lambda _: (), "ties by code": lambda r: (r.code,)}
        tie = ties.get(flaw, lambda r: (-r.severity, r.code))
        order = sorted(given.requests, key=lambda r: (first(r), *tie(r)))
        frames, served, stopped = given.frames(), [], False
        for request in order if flaw != "by row" else given.requests:
            names = [request.county, NATIONAL] if request.county in frames else [NATIONAL]
            names = names[::-1] if flaw == "national first" else names
            paying = ""
            for name in names:
                left = {y: frames[name].limits.get(y, 0) - frames[name].promised.get(y, 0) for y in request.yearly}
                years = list(request.yearly)[:1] if flaw == "first year only" else list(request.yearly)
                slack = 1 if flaw == "one krone over" else 0
                if all(request.yearly[y] <= left[y] + slack for y in years) and not stopped:
                    paying = name
                    break
            if paying:
                for year, kroner in request.yearly.items():
                    frames[paying].promised[year] = frames[paying].promised.get(year, 0) + kroner
            elif flaw == "ends at the first refusal":
                stopped = True
            served.append((request, paying))
        return served, frames

    return method


def _granted(served: Served) -> set[str]:
    return {request.code for request, name in served if name}


def _promises(frames: Mapping[str, Frame]) -> dict[str, dict[int, int]]:
    return {name: {y: k for y, k in frame.promised.items() if k} for name, frame in frames.items()}


COSTS = st.dictionaries(st.sampled_from(YEARS), st.integers(0, 6), min_size=1)
LIMITS = st.fixed_dictionaries({year: st.integers(0, 14) for year in YEARS})
EQUAL = {2015: 2, 2016: 5, 2017: 3}


@st.composite
def rounds(draw: st.DrawFn, ranking: Ranking | None = None, equal_costs: bool = False) -> Round:
    """Up to nine requests of four counties, of which two have frames; few values, so that many tie."""
    number = draw(st.integers(0, 9))
    few = st.integers(0, 4)
    requests = []
    for code in range(number):
        county = draw(st.sampled_from(["18", "46", "55", "56"]))
        order, severity, persons, centrality = draw(st.tuples(st.integers(0, 1), few, few, few))
        costs = EQUAL if equal_costs else draw(COSTS)
        requests.append(
            Request(f"{county}{code:02d}", county, TRACK, order, 1.0 * severity, 1.0 * persons, 1.0 * centrality, costs)
        )
    limits = {name: draw(LIMITS) for name in (NATIONAL, "18", "55")}
    return Round(tuple(requests), ranking or draw(st.sampled_from(Ranking)), limits)


def _permuting_changes_nothing(method: Method, given: Round, order: Sequence[int]) -> bool:
    one, frames = method(given)
    two, others = method(replace(given, requests=tuple(given.requests[n] for n in order)))
    return one == two and _promises(frames) == _promises(others)


def _within_limits(method: Method, given: Round) -> bool:
    """No frame promises more than its limit in any year, and each what those it pays cost together."""
    served, frames = method(given)
    right = True
    for name, frame in frames.items():
        costs = {y: sum(r.yearly.get(y, 0) for r, paying in served if paying == name) for y in YEARS}
        right &= all(frame.promised.get(y, 0) == costs[y] <= frame.limits[y] for y in YEARS)
    return right


def _granted_where_it_fits(method: Method, given: Round) -> bool:
    """Replay: at its turn each is paid by the first of its frames in which it fits in every year."""
    left = {name: dict(of_years) for name, of_years in given.limits.items()}
    for request, name in method(given)[0]:
        open_to_it = [n for n in (request.county, NATIONAL) if n in left]
        fits = [n for n in open_to_it if all(left[n][y] >= kroner for y, kroner in request.yearly.items())]
        if name != (fits[0] if fits else ""):
            return False
        for year, kroner in request.yearly.items() if name else ():
            left[name][year] -= kroner
    return True


def _threshold_adds_nobody(method: Method, given: Round, threshold: float) -> bool:
    fewer = tuple(r for r in given.requests if r.severity >= threshold)
    all_of_them, with_threshold = method(given)[0], method(replace(given, requests=fewer))[0]
    return _granted(with_threshold) <= _granted(all_of_them)


def _more_loses_nobody(method: Method, given: Round, name: str, more: Mapping[int, int]) -> bool:
    larger = {n: {y: k + (more[y] if n == name else 0) for y, k in of.items()} for n, of in given.limits.items()}
    return _granted(method(given)[0]) <= _granted(method(replace(given, limits=larger))[0])


@given(data=st.data(), given=rounds())
@settings(deadline=None, derandomize=True, max_examples=80)
def test_the_order_of_requests_does_not_matter(data: st.DataObject, given: Round) -> None:
    assert _permuting_changes_nothing(_real, given, data.draw(st.permutations(range(len(given.requests)))))


@given(given=rounds())
@settings(deadline=None, derandomize=True, max_examples=120)
def test_no_frame_ever_promises_more_than_its_limit(given: Round) -> None:
    assert _within_limits(_real, given)


@given(given=rounds())
@settings(deadline=None, derandomize=True, max_examples=120)
def test_a_request_is_granted_where_it_fits_at_its_turn(given: Round) -> None:
    served, frames = _real(given)
    assert [request for request, _ in served] == ranked(given.requests, given.ranking)
    assert _granted_where_it_fits(_real, given)
    again, by_hand = _by_hand()(given)
    assert (served, _promises(frames)) == (again, _promises(by_hand))


@given(given=rounds(Ranking.SEVERITY), threshold=st.floats(0.0, 5.0))
@settings(deadline=None, derandomize=True, max_examples=80)
def test_a_higher_threshold_never_adds_a_recipient(given: Round, threshold: float) -> None:
    """Those dropped come after all others, whatever they cost."""
    assert _threshold_adds_nobody(_real, given, threshold)


@given(given=rounds(equal_costs=True), name=st.sampled_from([NATIONAL, "18", "55"]), more=LIMITS)
@settings(deadline=None, derandomize=True, max_examples=80)
def test_a_larger_budget_never_loses_a_recipient_where_all_cost_the_same(
    given: Round, name: str, more: dict[int, int]
) -> None:
    assert _more_loses_nobody(_real, given, name, more)


@given(given=rounds())
@settings(deadline=None, derandomize=True, max_examples=80)
def test_what_is_released_is_left_to_the_krone(given: Round) -> None:
    served, frames = _real(given)
    for request, name in reversed(served):
        if name:
            frames[name].release(request.yearly)
    assert all(kroner == 0 for frame in frames.values() for kroner in frame.promised.values())
    counties = {name: frame for name, frame in frames.items() if name != NATIONAL}
    assert _named(ration(given.requests, given.ranking, frames[NATIONAL], counties), frames) == served


def _request(code: str, severity: float, *costs: int) -> Request:
    yearly = dict(zip(YEARS, costs, strict=False))
    return Request(code, code[:2], TRACK, 0, severity, severity, -severity, yearly)


def _round(*requests: Request, national: int, county: int = 0) -> Round:
    limits = {name: dict.fromkeys(YEARS, kroner) for name, kroner in ((NATIONAL, national), ("18", county))}
    return Round(requests, Ranking.SEVERITY, limits)


TIED = _round(_request("5501", 2.0, 5), _request("5502", 2.0, 5), national=5)
TIGHT = _round(_request("5501", 2.0, 5), _request("1801", 1.0, 1), national=5)
LATE = _round(_request("5501", 2.0, 3, 1), _request("5502", 1.0, 1, 5), national=5)
HERE = _round(_request("1801", 2.0, 4), _request("5501", 1.0, 4), national=4, county=4)
BY_PERSONS = Round(
    tuple(replace(_request(code, of, 5), persons=7.0) for code, of in (("5501", 1.0), ("5502", 2.0))),
    Ranking.PERSONS,
    {NATIONAL: dict.fromkeys(YEARS, 5)},
)
PASSED_OVER = _round(_request("5501", 3.0, 9), _request("5502", 1.0, 2), national=5)


@pytest.mark.parametrize(
    ("flaw", "given", "property_"),
    [
        ("ties by row", TIED, lambda m, g: _permuting_changes_nothing(m, g, (1, 0))),
        ("ties by code", BY_PERSONS, lambda m, g: m(g) == _by_hand()(g)),
        ("by row", TIGHT, lambda m, g: _permuting_changes_nothing(m, g, (1, 0))),
        ("one krone over", TIGHT, _within_limits),
        ("first year only", LATE, _within_limits),
        ("national first", HERE, _granted_where_it_fits),
        ("ends at the first refusal", PASSED_OVER, _granted_where_it_fits),
    ],
)
def test_a_flaw_in_rationing_is_noticed(flaw: str, given: Round, property_) -> None:
    assert property_(_real, given)
    assert property_(_by_hand(), given)
    assert not property_(_by_hand(flaw), given)


def test_a_threshold_can_add_a_recipient_where_another_ranking_decides() -> None:
    """So that the property of the threshold is seen to say something: it is severity that makes it hold."""
    by_persons = replace(_round(_request("5501", 3.0, 5), _request("5502", 1.0, 5), national=5))
    swapped = tuple(replace(r, persons=9.0 - r.persons) for r in by_persons.requests)
    other = replace(by_persons, requests=swapped, ranking=Ranking.PERSONS)
    assert _threshold_adds_nobody(_real, by_persons, 2.0)
    assert not _threshold_adds_nobody(_real, other, 2.0)


def test_a_larger_budget_can_lose_a_recipient_where_costs_differ() -> None:
    """The first in order now fits and takes what two others had: equal costs are needed for the property."""
    given = _round(_request("5501", 3.0, 6), _request("5502", 2.0, 3), _request("5503", 1.0, 2), national=5)
    more = {2015: 1, 2016: 0, 2017: 0}
    assert not _more_loses_nobody(_real, given, NATIONAL, more)
    same = replace(given, requests=tuple(replace(r, yearly={2015: 3}) for r in given.requests))
    assert _more_loses_nobody(_real, same, NATIONAL, more)
    assert _granted(_real(same)[0]) == {"5501"}


def test_the_county_pays_before_the_country_and_each_only_its_own() -> None:
    served, frames = _real(HERE)
    assert [name for _, name in served] == ["18", NATIONAL]
    assert _promises(frames) == {NATIONAL: {2015: 4}, "18": {2015: 4}}
    full = replace(HERE, limits={**HERE.limits, "18": dict.fromkeys(YEARS, 3)})
    assert [name for _, name in _real(full)[0]] == [NATIONAL, ""]


@pytest.mark.parametrize(
    ("ranking", "order"), [("track", "CBA"), ("severity", "ACB"), ("persons", "BCA"), ("centrality", "CAB")]
)
def test_each_ranking_puts_another_first(ranking: str, order: str) -> None:
    values = {"A": (1, 3.0, 10.0, 500.0), "B": (0, 1.0, 30.0, 900.0), "C": (0, 2.0, 20.0, 100.0)}
    requests = [Request(code, "18", TRACK, *of, {2015: 1}) for code, of in values.items()]
    assert "".join(request.code for request in ranked(requests, Ranking(ranking))) == order


def test_a_release_is_no_more_and_no_less_than_the_promise() -> None:
    frame = Frame({2015: 10})
    frame.promise({2015: 7})
    assert (frame.fits({2015: 3}), frame.fits({2015: 4})) == (True, False)
    frame.release({2015: 7})
    assert (frame.fits({2015: 10}), frame.fits({2015: 11})) == (True, False)
    assert not frame.fits({2031: 1})
    assert frame.fits({2031: 0})
