"""Blocks: which parameters each stage infers, which are carried from their priors, and which stay fixed and why."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from omstilling.calibration.inference.problem import Problem, Values
from omstilling.calibration.parameters.posterior import parameter_names
from omstilling.calibration.parameters.sets import uncertain_parameters
from omstilling.calibration.targets import registry
from omstilling.calibration.targets.target import Block
from omstilling.model import Parameters
from omstilling.model.engine.parameter_fields import Prior

INFERRED: dict[Block, tuple[str, ...]] = {
    Block.DEMOGRAPHY: (
        "prospects", "house_price", "services", "native_tie", "couple_tie", "newcomer", "price_elasticity", "building",
        "home_leaving",
    ),
    Block.LABOUR: (
        "quit_rate", "quit_to_outside", "search_unemployed", "search_decay", "search_outside", "search_employed",
        "discouragement", "vacancy_share", "reservation", "commuting_cost",
    ),
    Block.FIRMS: (
        "growth_spread", "place_spread", "large_loss_hazard", "tradable_growth", "tradable_centrality", "exit_hazard",
        "exit_young", "entry_tradable", "entry_local", "entry_growth",
    ),
    Block.SHOCK: (
        "demand_elasticity", "supplier_share", "shopping_leakage", "spin_off", "hiring_speed", "layoff_speed",
        "public_lag_months", "job_loss",
    ),
    Block.PROGRAMME: (
        "start_up_rate", "expansion_rate", "cost_per_job", "return_mean", "return_spread", "judgement_error",
        "secured_share", "credit_taken", "learning_guidance", "forgetting",
    ),
}  # fmt: skip
"""Parameters by the stage that infers them."""

CARRIED: tuple[str, ...] = (
    "site_pull", "settlement_pull", "competence_pull", "pull_lasts", "failure_start_up", "failure_other", "following",
    "growth_months", "known_least", "learning_project", "turnover", "loss_at_turnover", "contacts", "contacts_lost",
    "anchoring_programme", "rescue_rate", "site_rate", "settlement_rate", "competence_rate", "disability_jobless",
    "industry_change_loss", "price_fall", "price_rise",
)  # fmt: skip
"""Uncertain, of weight for the effect of a programme, and not told by any figure here: drawn from their priors."""

_ELSEWHERE = {
    "distance_decay": "estimated by itself from the commuting matrix (calibration/travel.py)",
    "place_size_exponent": "estimated with the spread of job growth by maximum likelihood (calibration/job_growth.py)",
    "large_loss_size_exponent": "estimated by maximum likelihood (calibration/job_growth.py)",
    "spread_exponent": "of the literature (Stanley et al. 1996); firms of one county do not tell it",
    "exit_size_exponent": "goes with the exit hazard: figures by size of firm are not at hand",
    "disability_rate": "set by the stock of disabled, not by moves of jobs",
    "disability_age_slope": "set by the stock of disabled, not by moves of jobs",
}
_DEFAULT_REASON = "no figure here tells it and it matters little for the outcomes asked for; held at its default"
_RULE_REASON = "a rule, an accounting convention or a bound; see its source"


def priors_of(names: tuple[str, ...]) -> dict[str, Prior]:
    """Priors of some parameters.

    Raises
    ------
    KeyError
        For a parameter that is unknown or fixed.
    """
    uncertain = uncertain_parameters()
    return {name: uncertain[name] for name in names}


def fixed_parameters() -> dict[str, str]:
    """Every parameter that is neither inferred nor carried, and why."""
    drawn = {name for names in INFERRED.values() for name in names} | set(CARRIED)
    uncertain = uncertain_parameters()
    return {
        name: _ELSEWHERE.get(name, _DEFAULT_REASON if name in uncertain else _RULE_REASON)
        for name in parameter_names()
        if name not in drawn
    }


class BlockSimulator:
    """Statistics of a block from parameter values and a seed."""

    def __init__(self, block: Block) -> None:
        self.block = block

    def __call__(self, values: Values, seed: int) -> Mapping[str, float]:
        """Simulate; all parameters that ``values`` does not name have their default."""
        return registry.simulated_statistics(self.block, Parameters().with_values(**values), seed)


@cache
def block_problem(block: Block) -> Problem:
    """What the stage of a block is to explain."""
    targets = registry.targets_of(block)
    return Problem(
        name=str(block),
        priors=priors_of(INFERRED[block]),
        observed={target.name: target.observed for target in targets},
        errors={target.name: target.error for target in targets},
        simulate=BlockSimulator(block),
    )
