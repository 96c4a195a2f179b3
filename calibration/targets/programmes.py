"""Targets of programmes: what they report, what they change, and what stays, each run beside its pair without one.

What a run with a programme differs by from its pair without one is the exact effect. A matched comparison estimates
just that on average, but for one draw of each place; its error is therefore the observed figure's, that of an
evaluation of so many places whose jobs also grow by chance. All four places are run alone (see ``case_of``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from omstilling.calibration.targets.closures import DESIGN, Case, case_of, recorded
from omstilling.calibration.targets.target import Block, Meaning, Statistics, Target
from omstilling.model import Parameters, RestructuringModel
from omstilling.model.policy.design import NO_SUPPORT, Support
from omstilling.scenarios.design_loader import load_design

SCENARIOS = ("lierne-2010", "dyroy-2010", "andoy-2018", "sor-varanger-2015")
_LOGGED = {"lierne-2010": "log_reported_lierne", "sor-varanger-2015": "log_reported_sor-varanger"}
"""Scenarios whose reported jobs are known; for the second the target, which was reached."""
_MONTHS = 12
_YEARS_AFTER = 5
_MILLION = 1e6
_LEAST_GAIN = 1.0
"""Points of capacity below which no share of a gain can be told."""


@dataclass(frozen=True)
class Pair:
    """One place with and without its programme.

    Attributes
    ----------
    reported
        Jobs created and secured that the programme reports at its end.
    mnok
        Public money that it was granted, own share included.
    projects, triggered
        Projects supported, and clients of them who say that support triggered theirs.
    jobs_end, jobs_later, population_later
        Log difference at the end of the programme and five years later.
    capacity_end, capacity_later
        Difference of the capacity index, points.
    """

    reported: float
    mnok: float
    projects: int
    triggered: int
    jobs_end: float
    jobs_later: float
    population_later: float
    capacity_end: float
    capacity_later: float


def _longest_months() -> int:
    """Months of the longest track: the end that is read where a programme is refused."""
    return max(track.months for track in load_design(DESIGN).tracks)


def end_row(case: Case, months: int) -> int:
    """Row of the record at the year-end after a programme of so many months from its application."""
    applied = case.support.applications[0].month - case.margins.start_month
    return -(-(applied + months) // _MONTHS) * _MONTHS


def _run(case: Case, parameters: Parameters, seed: int, support: Support, months: int) -> RestructuringModel:
    model = RestructuringModel(case.margins, parameters, case.shocks, seed, support)
    model.run_months(months)
    return model


def pair_of(name: str, parameters: Parameters, seed: int) -> Pair:
    """Run a scenario on the same draws under the design ``current`` and with no support at all."""
    case = case_of(name)
    later = _MONTHS * _YEARS_AFTER
    months = end_row(case, _longest_months()) + later
    models = [_run(case, parameters, seed, support, months) for support in (case.support, NO_SUPPORT)]
    programme = models[0].programmes[0]
    end = end_row(case, programme.track.months if programme.track else _longest_months())
    report = programme.reports[-1] if programme.reports else None

    def log_difference(column: str, row: int) -> float:
        supported, alone = (max(float(recorded(model, column)[row]), 1.0) for model in models)
        return float(np.log(supported / alone))

    def capacity_difference(row: int) -> float:
        supported, alone = (recorded(model, "capacity_index")[row] for model in models)
        return float(supported - alone) / case.margins.size

    return Pair(
        reported=report.jobs_created + report.jobs_secured if report else 0.0,
        mnok=(report.granted + report.own_share) / _MILLION if report else 0.0,
        projects=report.projects if report else 0,
        triggered=report.clients_who_say_triggered if report else 0,
        jobs_end=log_difference("jobs", end),
        jobs_later=log_difference("jobs", end + later),
        population_later=log_difference("population", end + later),
        capacity_end=capacity_difference(end),
        capacity_later=capacity_difference(end + later),
    )


def programme_statistics(pairs: dict[str, Pair]) -> Statistics:
    """Statistics of pairs by scenario; each place counts alike where a mean is taken."""
    every = list(pairs.values())
    gain = float(np.mean([pair.capacity_end for pair in every]))
    reported, mnok = sum(pair.reported for pair in every), sum(pair.mnok for pair in every)
    return {
        **{name: float(np.log(max(pairs[scenario].reported, 1.0))) for scenario, name in _LOGGED.items()},
        "log_jobs_per_mnok": float(np.log(max(reported, 1.0) / max(mnok, 1.0))),
        "say_triggered": sum(pair.triggered for pair in every) / max(sum(pair.projects for pair in every), 1),
        "net_jobs": float(np.mean([pair.jobs_end for pair in every])),
        "net_jobs_later": float(np.mean([pair.jobs_later for pair in every])),
        "net_population_later": float(np.mean([pair.population_later for pair in every])),
        "capacity_gain": gain,
        "capacity_kept": float(np.mean([pair.capacity_later for pair in every])) / max(gain, _LEAST_GAIN),
    }


_CHANCE = 0.108
"""Spread of growth of jobs over places by chance, log points (docs/paradox.md)."""
_MATCHED, _AREAS = 53, 10
"""Programmes with a matched place each in TF-rapport 704, and areas in Distriktssenteret 2009."""


def _matched_error(places: int) -> float:
    """Standard error of a matched comparison: the mean difference of so many pairs that each grow by chance."""
    return float(_CHANCE * np.sqrt(2.0 / places))


_OBSERVED: dict[str, tuple[float, float]] = {
    "log_reported_lierne": (float(np.log(108.0)), 0.25),
    "log_reported_sor-varanger": (float(np.log(300.0)), 0.3),
    "log_jobs_per_mnok": (float(np.log((108.0 + 180.0) / (60.0 + 24.0))), 0.4),
    "say_triggered": (0.88, 0.03),
    "net_jobs": (0.0, _matched_error(_MATCHED)),
    "net_jobs_later": (float(np.log(1.06)), _matched_error(_AREAS)),
    "net_population_later": (float(np.log(1.05)), 0.02),
    "capacity_gain": (15.0, 6.0),
    "capacity_kept": (0.5, 0.2),
}
"""Figure and error; errors of reports, money and capacity are choices."""
_CENTRE = "Distriktssenteret 2009, Langtidseffekter av omstillingsprogram"
_TF = "TF-rapport 704"
_MEANINGS: dict[str, Meaning] = {
    "log_reported_lierne": Meaning(
        "jobs that the programme reports as created and secured at its end, Lierne", "log jobs",
        "oxfordresearch.no Lierne: 108 jobs",
    ),
    "log_reported_sor-varanger": Meaning(
        "jobs that the programme reports as created and secured at its end, Sør-Varanger", "log jobs",
        "Innovation Norway: the target of 300 was reached, the number is not stated",
    ),
    "log_jobs_per_mnok": Meaning(
        "reported jobs per million kroner of public money, own share included, four programmes together",
        "log jobs per MNOK", "programmes table: Lierne 108 jobs for 60 MNOK, Vestre Toten 180 for about 24", True,
    ),
    "say_triggered": Meaning(
        "clients who say that support triggered their project", "share", "Kundeeffektundersøkelsen 2022", True
    ),
    "net_jobs": Meaning(
        "jobs at the end of the programme against the pair without one, mean of four places", "log points",
        f"{_TF}: no measurable effect in 53 matched pairs; error from growth by chance", True,
    ),
    "net_jobs_later": Meaning(
        "the same five years after the end", "log points", f"{_CENTRE}: +6 %, 10 areas; error from growth by chance"
    ),
    "net_population_later": Meaning(
        "inhabitants five years after the end against the pair without a programme, mean of four places", "log points",
        f"{_CENTRE}: +5 %",
    ),
    "capacity_gain": Meaning(
        "rise of the capacity index to the end of the programme against the pair without one", "points",
        f"{_TF}: strengthened, unevenly; the number is a choice",
    ),
    "capacity_kept": Meaning(
        "share of that rise left five years later", "share", f"{_TF}: partly lost; the number is a choice"
    ),
}  # fmt: skip


def observed_statistics() -> Statistics:
    """Observed figures by name."""
    return {name: figure for name, (figure, _) in _OBSERVED.items()}


def simulated_statistics(parameters: Parameters, seed: int) -> Statistics:
    """The same of the four pairs under one seed."""
    return programme_statistics({name: pair_of(name, parameters, seed) for name in SCENARIOS})


@cache
def programme_targets() -> tuple[Target, ...]:
    """Targets of the block.

    Effects are exact differences of paired runs, which a matched comparison estimates on average; the error is that of
    the evaluation, see the module.
    """
    return tuple(
        Target(
            name, Block.PROGRAMME, meaning.definition, meaning.unit, *_OBSERVED[name], meaning.source,
            meaning.required,
        )
        for name, meaning in _MEANINGS.items()
    )  # fmt: skip
