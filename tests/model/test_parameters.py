"""Parameters: one table, complete, with defaults inside their priors."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields

import pytest

from omstilling.model import Parameters, parameter_table

ITEMS = [item for block in fields(Parameters) for item in fields(getattr(Parameters(), block.name))]


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.name)
def test_every_parameter_is_described(item) -> None:
    assert all(item.metadata[key] for key in ("symbol", "unit", "source"))
    prior = item.metadata["prior"]
    if prior.kind == "uniform":
        assert prior.first <= item.default <= prior.second
    else:
        assert prior.kind == "fixed"


def test_names_and_symbols_are_unique() -> None:
    assert max(Counter(item.name for item in ITEMS).values()) == 1
    assert len(parameter_table()) == len(ITEMS)


def test_values_change_by_name() -> None:
    changed = Parameters().with_values(growth_spread=0.2)
    assert changed.firms.growth_spread == 0.2
    assert changed.moving == Parameters().moving
    with pytest.raises(KeyError, match="growth_spred"):
        Parameters().with_values(growth_spred=0.2)
