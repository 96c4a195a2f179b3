"""Kernels hold their promises for any input, and the ledger holds for any parameters."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omstilling.calibration.margins.ages import population_by_sex_and_age, single_years
from omstilling.calibration.margins.rounding import whole
from omstilling.calibration.tables.tables import AGE_GROUPS
from omstilling.model import Parameters, RestructuringModel
from omstilling.model.firms.turnover import exit_probability, give_row, take_row
from omstilling.model.parameters import FirmValues, kernel_values
from omstilling.model.state.columns import allocate_persons, allocate_space, grown
from worlds import make_margins

UNCERTAIN = [
    item
    for block in fields(Parameters)
    for item in fields(getattr(Parameters(), block.name))
    if item.metadata["prior"].kind == "uniform"
]


@st.composite
def parameters(draw: st.DrawFn) -> Parameters:
    """Any parameters within their priors."""
    shares = draw(st.lists(st.floats(0, 1), min_size=len(UNCERTAIN), max_size=len(UNCERTAIN)))
    bounds = [item.metadata["prior"] for item in UNCERTAIN]
    values = [prior.first + share * (prior.second - prior.first) for prior, share in zip(bounds, shares, strict=True)]
    return Parameters().with_values(**{item.name: value for item, value in zip(UNCERTAIN, values, strict=True)})


@given(values=parameters(), seed=st.integers(0, 2**62), sizes=st.tuples(st.integers(60, 900), st.integers(60, 400)))
@settings(max_examples=30, deadline=None, derandomize=True)
def test_the_ledger_holds_for_any_parameters(values: Parameters, seed: int, sizes: tuple[int, int]) -> None:
    model = RestructuringModel(make_margins(sizes), values, seed=seed)
    model.run_months(18)
    assert model.ledger_checks == 18
    assert (model.record.values[:, :, :20] >= 0).all()


@given(weights=st.lists(st.floats(0, 1e6), min_size=1, max_size=50), total=st.integers(0, 10**6))
def test_whole_numbers_keep_their_total(weights: list[float], total: int) -> None:
    shares = np.array(weights) + 1e-3
    numbers = whole(shares, total)
    assert numbers.sum() == total
    assert (np.abs(numbers - shares / shares.sum() * total) < 1.0 + 1e-6).all()


def test_nothing_to_share_by_is_refused() -> None:
    with pytest.raises(ValueError, match="positive sum"):
        whole(np.zeros(3), 4)


@given(groups=st.lists(st.integers(0, 5000), min_size=16, max_size=16), share=st.floats(0, 1))
@settings(deadline=None)
def test_single_years_keep_every_group_and_the_women(groups: list[int], share: float) -> None:
    counts = np.array(groups, dtype=np.float64)
    women = int(share * sum(groups[3:7]))
    persons = population_by_sex_and_age(counts, women, 2015)
    assert (persons >= 0).all()
    assert persons[1, 20:40].sum() == women
    sums = [persons[:, low : high + 1].sum() for low, high in AGE_GROUPS]
    assert sums == groups
    np.testing.assert_allclose(single_years(counts, 2015).sum(), counts.sum())


@given(commands=st.lists(st.booleans(), max_size=60))
@settings(deadline=None)
def test_no_row_is_given_twice(commands: list[bool]) -> None:
    space, taken = allocate_space(20, 0), set()
    for take in commands:
        if take:
            row = take_row(space, 20)
            assert row not in taken
            assert (row == -1) == (len(taken) == 20)
            if row >= 0:
                taken.add(row)
        elif taken:
            give_row(space, taken.pop())


def test_tables_grow_without_loss() -> None:
    persons = allocate_persons(5)
    persons.uid[:] = np.arange(5)
    wider = grown(persons, 9)
    assert list(wider.uid) == [0, 1, 2, 3, 4, 0, 0, 0, 0]
    assert wider.status.dtype == persons.status.dtype


@given(staff=st.integers(1, 2000), years=st.floats(0, 25))
@settings(deadline=None)
def test_exit_falls_with_size_and_age(staff: int, years: float) -> None:
    values = kernel_values(Parameters().firms, FirmValues)
    chance = exit_probability(values, staff, years, 1.0)
    assert 0.0 < chance < 1.0
    assert exit_probability(values, staff + 1, years, 1.0) < chance
    assert exit_probability(values, staff, years + 1.0, 1.0) < chance
    assert exit_probability(values, staff, years, -1.0) > chance
