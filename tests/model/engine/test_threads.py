"""Threads: parts worked on side by side, in any order, give the bits of one pass over all rows."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omstilling.model import Parameters, RestructuringModel
from omstilling.model.engine.threads import Threads, gather
from omstilling.model.policy.design import Advice, Regime, Support
from omstilling.model.state.ledger import LedgerError
from worlds import make_design, make_margins, make_track

MARGINS = make_margins((1500, 900, 700, 400))
PARAMETERS = Parameters().with_values(large_loss_hazard=0.6)
DESIGN = replace(
    make_design(make_track(anchoring_months=1), advice=Advice(0.2, 5)),
    regime=Regime(rounds_a_year=4),
)
MONTHS = 18


class InTurn(Threads):
    """Parts one after the other in the caller's thread, from the last to the first."""

    def each[T](self, work: Callable[[int, int, int], T], rows: int) -> list[T]:
        firsts = self.firsts(rows)
        parts = [(part, int(firsts[part]), int(firsts[part + 1])) for part in range(self.number)]
        return [work(*part) for part in reversed(parts)][::-1]


class Overlapping(Threads):
    """Every part takes in the last 50 rows of the part before it."""

    def each[T](self, work: Callable[[int, int, int], T], rows: int) -> list[T]:
        firsts = self.firsts(rows)
        return [work(n, max(int(firsts[n]) - 50, 0), int(firsts[n + 1])) for n in range(self.number)]


class WithGaps(Threads):
    """Every part of two rows or more leaves out its last one."""

    def each[T](self, work: Callable[[int, int, int], T], rows: int) -> list[T]:
        firsts = self.firsts(rows)
        parts = [(part, int(firsts[part]), int(firsts[part + 1])) for part in range(self.number)]
        return [work(part, first, last - (last - first > 1)) for part, first, last in parts]


def _run(threads: Threads | int, seed: int = 5, months: int = MONTHS) -> RestructuringModel:
    """A year and a half of four municipalities with rounds, programmes, advice and large losses."""
    given = threads if isinstance(threads, int) else 1
    model = RestructuringModel(
        MARGINS, PARAMETERS, seed=seed, support=Support(DESIGN, open_rounds=True), random_shocks=True, threads=given
    )
    if isinstance(threads, Threads):
        model.threads = threads
    model.run_months(months)
    return model


def _differing(one: RestructuringModel, other: RestructuringModel) -> set[str]:
    """Columns, free rows included, records, work space and books that are not equal bit for bit."""
    found = set()
    for table in ("person_columns", "firm_columns", "municipalities", "counts", "person_space", "firm_space"):
        for name, column in getattr(one, table)._asdict().items():
            if column.tobytes() != getattr(getattr(other, table), name).tobytes():
                found.add(f"{table}.{name}")
    for name in ("values", "columns"):
        if not np.array_equal(getattr(one.record, name), getattr(other.record, name)):
            found.add(f"record.{name}")
    for table in ("offices", "projects", "purses"):
        for name, column in getattr(one.development, table)._asdict().items():
            if column.tobytes() != getattr(getattr(other.development, table), name).tobytes():
                found.add(f"{table}.{name}")
    for model in (one, other):
        assert (model.work.successor == -1).all()
        assert (model.work.destination == -1).all()
    books = {"journal": lambda m: m.accounts.journal, "losses": lambda m: m.losses,
             "decisions": lambda m: m.rounds.decisions}  # fmt: skip
    return found | {name for name, of in books.items() if of(one) != of(other)}


@pytest.fixture(scope="module")
def alone() -> RestructuringModel:
    return _run(1)


def test_there_are_losses_programmes_and_moves_to_be_equal_in(alone: RestructuringModel) -> None:
    assert len(alone.losses) > 3
    assert len({loss.municipality for loss in alone.losses}) > 1
    assert len(alone.programmes) > 1
    assert alone.development.supported
    for column in ("births", "deaths", "hires", "layoffs", "quits", "in_migration", "out_migration"):
        assert alone.record.of(column).sum() > 20


@pytest.mark.parametrize("number", [2, 3, 7])
def test_any_number_of_threads_gives_the_same_bits(alone: RestructuringModel, number: int) -> None:
    assert _differing(alone, _run(number)) == set()


@pytest.mark.parametrize("number", [2, 5])
def test_parts_in_reverse_order_give_the_same_bits(alone: RestructuringModel, number: int) -> None:
    """A part that read what another has written would show here whatever the timing of threads."""
    assert _differing(alone, _run(InTurn(number))) == set()


def test_another_seed_is_noticed_in_every_table(alone: RestructuringModel) -> None:
    found = _differing(alone, _run(2, seed=6))
    assert {name.split(".")[0] for name in found} >= {
        "person_columns", "firm_columns", "municipalities", "record", "offices", "projects", "journal", "losses",
        "decisions",
    }  # fmt: skip
    assert {"person_columns.head", "person_columns.firm", "person_columns.wage", "firm_columns.staff"} <= found


@pytest.mark.parametrize("wrong", [Overlapping(2), WithGaps(3)], ids=["overlap", "gaps"])
def test_the_ledger_notices_a_count_whose_parts_do_not_cover_each_row_once(wrong: Threads) -> None:
    model = RestructuringModel(MARGINS, seed=5, threads=3)
    model.run_months(2)
    settle = model.settle_ledger

    def settle_wrongly() -> None:
        model.threads = wrong
        settle()

    model.settle_ledger = settle_wrongly  # type: ignore[method-assign]
    with pytest.raises(LedgerError, match="ledger"):
        model.step()


@pytest.mark.parametrize(
    ("step", "moved"),
    [("match_jobs", "hires"), ("age_persons", "births"), ("move_households", "out_migration")],
)
def test_a_pass_that_leaves_rows_out_is_noticed(alone: RestructuringModel, step: str, moved: str) -> None:
    """With a part for every three persons, of whom the last is left out, a third of the region stands still.

    Lists shorter than that have no part of two, so that no kernel reads what another has not written.
    """
    model = _run(1, months=MONTHS - 1)
    right, alone_in_it = getattr(model, step), model.threads

    def wrongly() -> None:
        model.threads = WithGaps(int(model.person_space.counters[0]) // 3)
        right()
        model.threads = alone_in_it

    setattr(model, step, wrongly)
    try:
        model.step()
    except LedgerError as error:
        assert "ledger" in str(error)  # noqa: PT017
    else:
        month = slice(MONTHS, MONTHS + 1)
        assert model.record.of(moved)[month].sum() < 0.9 * alone.record.of(moved)[month].sum()


LISTS = st.lists(st.tuples(st.lists(st.integers(0, 2**31 - 1), max_size=12), st.integers(0, 5)), min_size=1, max_size=6)


def _gathered(parts: list[tuple[list[int], int]]) -> tuple[np.ndarray, int]:
    """Lists written from the first row of each part on, parts longer than their lists, moved together."""
    starts = np.cumsum([0, *(len(listed) + spare for listed, spare in parts)])
    rows = np.full(starts[-1], -7, dtype=np.int32)
    for start, (listed, _) in zip(starts, parts, strict=False):
        rows[start : start + len(listed)] = listed
    total = gather(rows, starts[:-1].astype(np.int64), np.array([len(listed) for listed, _ in parts]))
    return rows, total


@given(parts=LISTS)
@settings(deadline=None, derandomize=True, max_examples=200)
def test_gathering_is_putting_lists_one_behind_the_other(parts: list[tuple[list[int], int]]) -> None:
    rows, total = _gathered(parts)
    wanted = list(itertools.chain.from_iterable(listed for listed, _ in parts))
    assert total == len(wanted)
    assert rows[:total].tolist() == wanted


def test_gathering_keeps_the_order_of_parts() -> None:
    parts = [([1, 2], 1), ([], 3), ([3], 0), ([4, 5], 2)]
    rows, total = _gathered(parts)
    assert rows[:total].tolist() == [1, 2, 3, 4, 5]
    other, _ = _gathered(parts[::-1])
    assert sorted(other[:total]) == [1, 2, 3, 4, 5] != other[:total].tolist()


@given(rows=st.integers(0, 10_000), number=st.integers(1, 9))
@settings(deadline=None, derandomize=True, max_examples=200)
def test_parts_cover_each_row_once_and_come_back_in_order(rows: int, number: int) -> None:
    for threads in (Threads(number), InTurn(number)):
        parts = threads.each(lambda part, first, last: (part, list(range(first, last))), rows)
        assert [part for part, _ in parts] == list(range(number))
        assert list(itertools.chain.from_iterable(of_part for _, of_part in parts)) == list(range(rows))
        assert max(map(len, (p for _, p in parts))) - min(map(len, (p for _, p in parts))) <= 1


def test_a_fault_in_any_part_is_not_swallowed() -> None:
    def work(part: int, _first: int, _last: int) -> int:
        if part == 2:
            raise LedgerError("in the third part")
        return part

    with pytest.raises(LedgerError, match="third part"):
        Threads(3).each(work, 30)
    assert Threads(2).each(work, 30) == [0, 1]
