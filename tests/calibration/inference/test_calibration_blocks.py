"""Blocks of calibration: every parameter is inferred, carried or fixed with a reason; every target is complete."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace

import pytest

from omstilling.calibration.inference import blocks
from omstilling.calibration.inference.blocks import (
    CARRIED,
    INFERRED,
    block_problem,
    fixed_parameters,
    priors_of,
)
from omstilling.calibration.targets.registry import all_targets, targets_of
from omstilling.calibration.targets.target import Block, Target
from omstilling.model import Parameters
from omstilling.model.engine.parameter_fields import Prior

DRAWN = tuple(name for names in INFERRED.values() for name in names) + CARRIED


def _table() -> dict[str, tuple[float, Prior]]:
    """Default and prior of every parameter."""
    blocks = [getattr(Parameters(), block.name) for block in fields(Parameters)]
    return {
        item.name: (float(getattr(block, item.name)), item.metadata["prior"])
        for block in blocks
        for item in fields(block)
    }


def _wrong_priors(names: Sequence[str], table: Mapping[str, tuple[float, Prior]]) -> list[str]:
    """Names that are unknown, fixed, or whose default is outside of the prior."""
    wrong = []
    for name in names:
        default, prior = table.get(name, (math.nan, Prior("fixed")))
        if prior.kind != "uniform" or not prior.first <= default <= prior.second or not prior.first < prior.second:
            wrong.append(name)
    return wrong


def _twice(names: Sequence[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]


def _incomplete(targets: Sequence[Target]) -> list[str]:
    """Names of targets that lack a figure, an error, or words."""
    return [
        target.name
        for target in targets
        if not (math.isfinite(target.observed) and math.isfinite(target.error) and target.error > 0.0)
        or not all(text.strip() for text in (target.name, target.source, target.unit, target.definition))
    ]


def test_every_drawn_parameter_has_a_prior_around_its_default() -> None:
    table = _table()
    assert _wrong_priors(DRAWN, table) == []
    fixed = next(name for name, (_, prior) in table.items() if prior.kind == "fixed")
    moved = table | {"prospects": (1e9, table["prospects"][1])}
    assert _wrong_priors([fixed, "no_such_parameter"], table) == [fixed, "no_such_parameter"]
    assert _wrong_priors(DRAWN, moved) == ["prospects"]


def test_no_parameter_is_drawn_twice() -> None:
    assert _twice(DRAWN) == []
    assert _twice((*DRAWN, CARRIED[0], INFERRED[Block.FIRMS][0])) == [INFERRED[Block.FIRMS][0], CARRIED[0]]


def test_every_block_is_inferred_in_the_order_of_the_stages() -> None:
    assert tuple(INFERRED) == tuple(Block)
    assert all(INFERRED.values())


def test_drawn_and_fixed_are_all_parameters() -> None:
    fixed, table = fixed_parameters(), _table()
    assert set(DRAWN) | set(fixed) == set(table)
    assert set(DRAWN).isdisjoint(fixed)
    assert len(DRAWN) + len(fixed) == len(table)
    assert all(reason.strip() for reason in fixed.values())


def test_reasons_are_of_their_kind() -> None:
    """A parameter without a prior is a rule; one with a prior has another reason, and the stated ones are in use."""
    fixed, table = fixed_parameters(), _table()
    rules = {name for name, reason in fixed.items() if reason == blocks._RULE_REASON}
    assert rules == {name for name, (_, prior) in table.items() if prior.kind == "fixed"} - set(blocks._ELSEWHERE)
    assert set(blocks._ELSEWHERE) <= set(fixed)


def test_priors_of_keeps_the_order_and_refuses_fixed_and_unknown() -> None:
    assert tuple(priors_of(CARRIED)) == CARRIED
    assert tuple(priors_of(CARRIED[::-1])) == CARRIED[::-1]
    fixed = next(name for name, (_, prior) in _table().items() if prior.kind == "fixed")
    for name in (fixed, "no_such_parameter"):
        with pytest.raises(KeyError, match=name):
            priors_of((name,))


def test_a_draw_from_a_prior_is_taken_by_the_model() -> None:
    """The parameters accept both bounds of every prior that is drawn from: none is refused in a calibration."""
    priors = priors_of(DRAWN)
    for name, prior in priors.items():
        for value in (prior.first, prior.second):
            changed = Parameters().with_values(**{name: value})
            held = {
                item.name: getattr(getattr(changed, block.name), item.name)
                for block in fields(Parameters)
                for item in fields(getattr(changed, block.name))
            }
            assert held[name] == value


def test_every_target_is_complete() -> None:
    targets = all_targets()
    assert _incomplete(targets) == []
    first = targets[0]
    for wrong in ({"error": 0.0}, {"error": math.nan}, {"observed": math.inf}, {"source": " "}, {"unit": ""}):
        assert _incomplete([replace(first, **wrong)]) == [first.name]


def test_names_of_targets_are_unique_over_blocks() -> None:
    names = [target.name for target in all_targets()]
    assert _twice(names) == []
    assert _twice([*names, names[-1]]) == [names[-1]]


@pytest.mark.parametrize("block", Block)
def test_targets_are_of_their_block_and_some_are_required(block: Block) -> None:
    targets = targets_of(block)
    assert {target.block for target in targets} == {block}
    assert any(target.required for target in targets)


@pytest.mark.parametrize("block", Block)
def test_problem_of_a_block_has_its_targets_and_parameters(block: Block) -> None:
    problem = block_problem(block)
    assert problem.name == block
    assert tuple(problem.priors) == INFERRED[block]
    assert dict(problem.observed) == {target.name: target.observed for target in targets_of(block)}
    assert problem.distance(problem.observed) == 0.0
    one_error_off = {name: figure + problem.errors[name] for name, figure in problem.observed.items()}
    assert problem.distance(one_error_off) == pytest.approx(1.0)
    misses = [target.missed_by(one_error_off[target.name]) for target in targets_of(block)]
    assert misses == pytest.approx([1.0] * len(misses))
