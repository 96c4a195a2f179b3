"""Branches: a run that takes up support when it is applied for equals one that has it from the start, bit for bit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from omstilling.model import RestructuringModel, Shock, ShockKind
from omstilling.model.policy.design import NO_SUPPORT, Advice, Design, DesignError, Support
from omstilling.model.policy.programme import Phase
from omstilling.scenarios.design_loader import load_design
from worlds import APPLIED, make_design, make_margins, make_support

MARGINS = make_margins((1600, 900))
MONTHS = 48
APPLIED_ON = MARGINS.start_month + APPLIED
SHOCKS = (
    Shock(ShockKind.CLOSURE, APPLIED_ON + 3, "9902", jobs=15, industry=2, notice_months=9),
    Shock(ShockKind.CLOSURE, APPLIED_ON + 14, "9901", jobs=30, industry=2, firm="Ærfugl", notice_months=14),
    Shock(ShockKind.DOWNSIZING, APPLIED_ON + 12, "9901", jobs=10, industry=5, notice_months=0),
)
"""Announced before the application and in its month, and one in the month in which advice ends."""
ADVISED = make_design(name="advised", advice=Advice(guidance=0.4, years=1))
DESIGNS = (*map(load_design, ("none", "current", "adjust", "refine", "extend", "split-2024")), ADVISED)


def _support(design: Design) -> Support:
    return make_support(design, MARGINS, documented_loss=400.0)


def _begun(design: Design, seed: int = 6, months: int = 0, **how: object) -> RestructuringModel:
    given = {"shocks": SHOCKS, "support": _support(design), **how}
    model = RestructuringModel(MARGINS, seed=seed, **given)
    model.run_months(months)
    return model


def _trunk(months: int = APPLIED, seed: int = 6) -> RestructuringModel:
    return _begun(NO_SUPPORT.design, seed, months)


def _same(one: RestructuringModel, other: RestructuringModel) -> bool:
    """Whether everything that was recorded, lives, was begun, paid and decided is the same."""
    columns = ("person_columns", "firm_columns", "municipalities")
    mine, theirs = (model.development for model in (one, other))
    return (
        np.array_equal(one.record.values, other.record.values)
        and np.array_equal(np.concatenate([[0], *mine.begun]), np.concatenate([[0], *theirs.begun]))
        and mine.supported == theirs.supported
        and all(
            np.array_equal(mine, theirs)
            for name in columns
            for mine, theirs in zip(getattr(one, name), getattr(other, name), strict=True)
        )
        and one.accounts.journal == other.accounts.journal
        and [programme.history for programme in one.programmes] == [programme.history for programme in other.programmes]
        and [programme.reports for programme in one.programmes] == [programme.reports for programme in other.programmes]
    )


@pytest.mark.parametrize("months", [0, 3, APPLIED])
@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)
def test_a_branch_is_a_run_from_the_start(design: Design, months: int) -> None:
    branch, whole = _trunk(months).branch(_support(design)), _begun(design)
    branch.run_months(MONTHS - months)
    whole.run_months(MONTHS)
    assert _same(branch, whole)
    pd.testing.assert_frame_equal(
        branch.datacollector.get_model_vars_dataframe(), whole.datacollector.get_model_vars_dataframe()
    )


WAYS = {
    "applied before the start": ({}, ({"month": MARGINS.start_month - 3},)),
    "losses at random": ({"random_shocks": True}, ({},)),
    "two threads": ({"threads": 2}, ({},)),
    "two that apply": ({}, ({}, {"name": "Second", "places": ("9902",), "month": APPLIED_ON + 9})),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_branch_is_a_run_from_the_start_in_every_kind_of_run(way: str) -> None:
    how, asked = WAYS[way]
    given = [make_support(ADVISED, MARGINS, **{"documented_loss": 400.0, **changes}) for changes in asked]
    support = Support(ADVISED, tuple(each.applications[0] for each in given))
    months = max(min(application.month for application in support.applications) - MARGINS.start_month, 0)
    trunk = _begun(ADVISED, months=months, **how, support=replace(support, design=NO_SUPPORT.design))
    branch, whole = trunk.branch(support), _begun(ADVISED, months=MONTHS, **how, support=support)
    branch.run_months(MONTHS - months)
    assert _same(branch, whole)
    trunk.run_months(MONTHS - months)
    assert not _same(trunk, whole)


def test_another_design_or_seed_is_seen() -> None:
    whole = _begun(ADVISED, months=MONTHS)
    for branch in (_trunk().branch(_support(make_design())), _trunk(seed=7).branch(_support(ADVISED))):
        branch.run_months(MONTHS - APPLIED)
        assert not _same(branch, whole)


def test_a_branch_changes_neither_what_it_came_from_nor_another() -> None:
    trunk, alone = _trunk(), _begun(NO_SUPPORT.design, months=MONTHS)
    one, two = (trunk.branch(_support(ADVISED)) for _ in range(2))
    one.run_months(MONTHS - APPLIED)
    trunk.run_months(MONTHS - APPLIED)
    two.run_months(MONTHS - APPLIED)
    assert _same(trunk, alone)
    assert _same(one, two)
    assert not _same(one, trunk)


@pytest.mark.parametrize(
    ("months", "changes", "key"),
    [
        (APPLIED + 1, {}, "month"),
        (0, {"month": MARGINS.start_month + 7}, "applications"),
        (0, {"places": ("9902",)}, "applications"),
    ],
)
def test_a_branch_too_late_or_for_others_is_refused(months: int, changes: dict[str, object], key: str) -> None:
    support = make_support(make_design(), MARGINS, **{"documented_loss": 400.0, **changes})
    with pytest.raises(DesignError, match=f"^{key}"):
        _trunk(months).branch(support)


def test_a_branch_between_months_after_the_application_is_refused() -> None:
    trunk = _trunk()
    trunk.run_for(0.5)
    assert trunk.programmes[0].phase is Phase.REFUSED
    with pytest.raises(DesignError, match=r"^month"):
        trunk.branch(_support(ADVISED))


def test_a_branch_without_applications_or_of_a_run_with_support_is_refused() -> None:
    with pytest.raises(DesignError, match=r"^applications: found none"):
        _trunk().branch(replace(NO_SUPPORT, design=ADVISED))
    for design in (make_design(), make_design(name="advice", advice=Advice(0.4, 1))):
        with pytest.raises(DesignError, match=f"^design: found {design.name}"):
            _begun(design).branch(_support(ADVISED))


def test_a_design_that_cannot_be_carried_out_is_refused() -> None:
    with pytest.raises(DesignError, match="national_budget"):
        _trunk().branch(_support(make_design(national_budget=0.0)))
