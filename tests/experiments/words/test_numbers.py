"""Numbers as text."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from omstilling.experiments.words.numbers import add_up, digits_for, plain, signed


def test_plain_and_signed() -> None:
    assert plain(12345.6) == "12\u00a0346"
    assert (plain(-3.04, 1), plain(-0.4), plain(math.nan), plain(math.inf)) == ("−3.0", "0", "–", "∞")
    assert (signed(3.0), signed(-3.0), signed(0.004, 2), signed(0.0)) == ("+3", "−3", "0.00", "0")


def test_digits_show_two_figures_of_a_width() -> None:
    assert [digits_for(size) for size in (60.0, 6.0, 0.6, 0.0, math.nan)] == [0, 1, 2, 0, 0]
    assert digits_for(34.2, shown=3) == 1


@given(st.lists(st.floats(-1e5, 1e5), min_size=1, max_size=8), st.integers(0, 2))
def test_rounded_parts_add_up(values: list[float], digits: int) -> None:
    rounded = add_up(values, digits)
    unit = 10.0**-digits
    assert math.isclose(math.fsum(rounded), round(math.fsum(values), digits), abs_tol=1e-6)
    assert all(abs(after - before) <= unit + 1e-6 for after, before in zip(rounded, values, strict=True))
