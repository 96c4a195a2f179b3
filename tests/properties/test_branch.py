"""Branches: a run that takes up support when it is applied for equals one that has it from the start, bit for bit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from omstilling.model import RestructuringModel, Shock, ShockKind
from omstilling.model.design import NO_SUPPORT, Advice, Design, DesignError, Support
from omstilling.scenarios.design_loader import load_design
from worlds import APPLIED, make_design, make_margins, make_support

MARGINS = make_margins((1600, 900))
MONTHS = 48
SHOCK = Shock(ShockKind.CLOSURE, MARGINS.start_month + 20, "9901", jobs=30, industry=2, firm="Ærfugl", notice_months=6)
ADVISED = make_design(name="advised", advice=Advice(guidance=0.4, years=1))
DESIGNS = (*map(load_design, ("none", "current", "adjust", "refine", "extend", "split-2024")), ADVISED)


def _support(design: Design) -> Support:
    return make_support(design, MARGINS, documented_loss=400.0)


def _begun(design: Design, seed: int = 6, months: int = 0) -> RestructuringModel:
    model = RestructuringModel(MARGINS, shocks=(SHOCK,), seed=seed, support=_support(design))
    model.run_months(months)
    return model


def _trunk(months: int = APPLIED, seed: int = 6) -> RestructuringModel:
    return _begun(NO_SUPPORT.design, seed, months)


def _same(one: RestructuringModel, other: RestructuringModel) -> bool:
    """Whether everything that was recorded, lives, was paid and was decided is the same."""
    columns = ("person_columns", "firm_columns", "municipalities")
    return (
        np.array_equal(one.record.values, other.record.values)
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


def test_a_branch_without_applications_or_of_a_run_with_support_is_refused() -> None:
    with pytest.raises(DesignError, match=r"^applications: found none"):
        _trunk().branch(replace(NO_SUPPORT, design=ADVISED))
    for design in (make_design(), make_design(name="advice", advice=Advice(0.4, 1))):
        with pytest.raises(DesignError, match=f"^design: found {design.name}"):
            _begun(design).branch(_support(ADVISED))


def test_a_design_that_cannot_be_carried_out_is_refused() -> None:
    with pytest.raises(DesignError, match="national_budget"):
        _trunk().branch(_support(make_design(national_budget=0.0)))
