"""Calibration report: docs/calibration.md with its figures, from the folder that a calibration left."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from omstilling.calibration.inference.blocks import block_problem
from omstilling.calibration.inference.diagnostics import (
    LEVELS,
    NEAREST,
    UNINFORMED,
    Recovery,
    leave_one_out,
    misspecification,
    recovery,
    reference_table,
)
from omstilling.calibration.inference.problem import Problem
from omstilling.calibration.inference.stage import accepted_draws
from omstilling.calibration.parameters.posterior import Posterior, load_posterior
from omstilling.calibration.parameters.sets import posterior_sets
from omstilling.calibration.targets.closures import closures
from omstilling.calibration.targets.target import WITHIN, Block
from omstilling.experiments.backtesting.backtest import Backtest, backtest
from omstilling.experiments.backtesting.scores import skills, verdict
from omstilling.experiments.files.markdown import markdown_table, wrap_markdown
from omstilling.experiments.files.writing import write_atomically
from omstilling.experiments.running.workers import Progress
from omstilling.experiments.validation import figures, tables
from omstilling.experiments.validation.target_check import TargetCheck, check_targets
from omstilling.experiments.validation.text import TEXT

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BACKTEST_REPLICATIONS = 3
_PAIRS = 12
_FIRST, _LAST = 2012, 2022
_FLAGGED = 0.05


def _save(figure: Figure, path: Path) -> None:
    write_atomically(path, lambda place: figure.savefig(place, dpi=90))


def _provenance(posterior: Posterior) -> str:
    found = posterior.provenance
    return (
        f"Posterior `{found['posterior_hash'][:16]}`: {len(posterior.weights)} draws of {len(posterior.names)} "
        f"parameters, effective number {posterior.effective_size():.0f}; seed {found['seed']}, {found['date']}; model "
        f"`{found['code_version']}`, data `{found['data_version']}`."
    )


def _generations(numbers: list[int]) -> str:
    """Generations by stage, in words."""
    every = [numbers[min(number, len(numbers) - 1)] for number in range(len(Block))]
    return ", ".join(f"{block} {number}" for block, number in zip(Block, every, strict=True))


def _misfit(check: TargetCheck) -> pd.DataFrame:
    rows = []
    for block in Block:
        figures_ = [target.observed for target in check.targets[block]]
        chance = misspecification(check.simulated[block], pd.Series(figures_).to_numpy())
        rows.append({"block": str(block), "chance": f"{chance:.2f}", "": "flagged" if chance < _FLAGGED else ""})
    return pd.DataFrame(rows)


def _after_five(table: pd.DataFrame) -> pd.DataFrame:
    """Rows nearest to five years after, one of jobs and one of inhabitants a closure."""
    kinds = table["target"].str.split("_").str[0]
    years = table["target"].str.split("_").str[1].astype(int)
    chosen = table.assign(kind=kinds, off=(years - 5).abs()).sort_values("off", kind="stable")
    return chosen.groupby(["group", "kind"], sort=False).head(1)


def _coverage_text(table: pd.DataFrame) -> str:
    five = _after_five(table)
    parts = []
    for kind, word in (("population", "inhabitants"), ("jobs", "jobs")):
        part = five[five["kind"] == kind]
        held = ", ".join(f"{int(part[f'inside_{level}'].sum())} inside {level} %" for level in LEVELS)
        parts.append(f"{word} about five years after, of {len(part)} {held}")
    return "; ".join(parts)


def _left_out_table(table: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "closure and horizon": table["target"],
            "observed": table["observed"].map(lambda value: f"{value:+.3f}"),
            "predicted": table["median"].map(lambda value: f"{value:+.3f}"),
            "80 % interval": [f"{a:+.3f} to {b:+.3f}" for a, b in zip(table["low_80"], table["high_80"], strict=True)],
            "inside": [", ".join(f"{level}" for level in LEVELS if row[f"inside_{level}"]) or "none"
                       for _, row in table.iterrows()],
        }
    )  # fmt: skip


@dataclass(frozen=True)
class Findings:
    """All that a report tells, by stage where a mapping.

    Attributes
    ----------
    posterior
        Draws and provenance.
    references
        Prior draws with their statistics.
    found, nearest
        Recovery of each parameter: as the stages infer, and by the nearest draws alone.
    left_out, left_out_runs
        Each closure predicted from the others, with the stated error of a single place and by runs alone.
    check
        Fresh runs beside every target.
    effective
        Effective number of draws accepted last.
    tested
        The whole country against naive forecasts.
    """

    posterior: Posterior
    references: dict[str, pd.DataFrame]
    found: dict[str, list[Recovery]]
    nearest: dict[str, list[Recovery]]
    left_out: pd.DataFrame
    left_out_runs: pd.DataFrame
    check: TargetCheck
    effective: dict[str, float]
    tested: Backtest


def _problems() -> dict[str, Problem]:
    return {str(block): block_problem(block) for block in Block}


def gather(folder: Path, workers: int, progress: Progress | None) -> Findings:
    """Read what a calibration left, and run the model with its draws."""
    posterior, problems = load_posterior(folder), _problems()
    sets = posterior_sets(posterior)
    references = {stage: reference_table(folder, stage) for stage in problems}
    shock = problems[Block.SHOCK]
    groups = {
        closure.scenario: [name for name in shock.observed if name.endswith(f"_{closure.scenario}")]
        for closure in closures()
    }
    return Findings(
        posterior, references,
        {stage: recovery(references[stage], problem, adjusted=True) for stage, problem in problems.items()},
        {stage: recovery(references[stage], problem, adjusted=False) for stage, problem in problems.items()},
        leave_one_out(references[Block.SHOCK], shock, groups, with_error=True),
        leave_one_out(references[Block.SHOCK], shock, groups, with_error=False),
        check_targets(workers=workers, parameters=sets, progress=progress),
        {stage: accepted_draws(folder, stage) for stage in problems},
        backtest(
            _FIRST, _LAST, replications=BACKTEST_REPLICATIONS, workers=workers, parameters=sets, progress=progress
        ),
    )  # fmt: skip


def _draw(findings: Findings, pictures: Path) -> None:
    priors = {name: prior for problem in _problems().values() for name, prior in problem.priors.items()}
    posterior = findings.posterior
    for name, figure in {
        "targets": figures.draw_targets(findings.check.table),
        "marginals": figures.draw_marginals(posterior, priors),
        "pairs": figures.draw_pairs(posterior, tables.strongest_pairs(posterior, _PAIRS)),
        "ranks": figures.draw_ranks(findings.found),
        "left-out": figures.draw_left_out(findings.left_out),
    }.items():
        _save(figure, pictures / f"calibration-{name}.png")


def _summary(findings: Findings) -> str:
    table = findings.check.table
    required = table[table["required"]]
    return (
        f"- {int(table['met'].sum())} of {len(table)} targets within error; {int(required['met'].sum())} of "
        f"{len(required)} required ones ({required['met'].mean():.0%}).\n"
        f"- Closures predicted from the others: {_coverage_text(findings.left_out)}. By runs alone, without the stated "
        f"error of a single place: {_coverage_text(findings.left_out_runs)}.\n"
        f"- Backtest {_FIRST}-{_LAST}: {_verdicts(findings)}"
    )


def _verdicts(findings: Findings) -> str:
    return " ".join(verdict(findings.tested.table, kind) for kind in ("population", "jobs"))


def _skills(findings: Findings) -> pd.DataFrame:
    scored = skills(findings.tested.table)
    return scored[scored["quantity"].isin(("population", "jobs"))].drop(columns="best").round(2).astype(str)


def _text(findings: Findings) -> str:
    posterior, check, problems = findings.posterior, findings.check, _problems()
    settings, drawn = posterior.provenance["settings"], tables.parameters_drawn(posterior)
    silent = drawn[(drawn["informed"] == "no") & (drawn["stage"] != "carried")]["parameter"]
    found = tables.recovered(findings.found, findings.nearest)
    return TEXT.format(
        summary=_summary(findings), quantile=settings["quantile"], generations=_generations(settings["generations"]),
        effective=", ".join(f"{stage} {number:.0f}" for stage, number in findings.effective.items()),
        carried=settings["carried"], particles=settings["particles"], draws=settings["draws"],
        provenance=_provenance(posterior),
        runs=len(check.simulated[Block.DEMOGRAPHY]), within=WITHIN,
        missed=f"Required and missed: {', '.join(check.missed_required) or 'none'}.",
        targets=markdown_table(tables.targets_beside(check)), flagged=_FLAGGED, misfit=markdown_table(_misfit(check)),
        prior_predictive=markdown_table(tables.prior_predictive(findings.references, problems)),
        uninformed=UNINFORMED, silent=", ".join(silent) or "none of those inferred",
        parameters=markdown_table(drawn), nearest=NEAREST, recovered=markdown_table(found),
        closures=findings.left_out["group"].nunique(), coverage=_coverage_text(findings.left_out),
        coverage_runs=_coverage_text(findings.left_out_runs),
        left_out=markdown_table(_left_out_table(findings.left_out)),
        first=_FIRST, last=_LAST, backtest_replications=BACKTEST_REPLICATIONS, verdicts=_verdicts(findings),
        skills=markdown_table(_skills(findings)),
        fixed=markdown_table(tables.parameters_fixed()), meanings=markdown_table(tables.target_meanings(check)),
    )  # fmt: skip


def write_calibration(folder: Path, docs: Path, workers: int = 1, progress: Progress | None = None) -> Path:
    """Write ``calibration.md`` and its figures.

    Parameters
    ----------
    folder
        Of a finished calibration.
    docs
        Where the report goes.
    workers, progress
        For the runs with draws of the posterior: of every block, and of the whole country.
    """
    findings = gather(folder, workers, progress)
    pictures = docs / "figures"
    pictures.mkdir(parents=True, exist_ok=True)
    _draw(findings, pictures)
    text = wrap_markdown(_text(findings))
    return write_atomically(docs / "calibration.md", lambda path: path.write_text(text, encoding="utf-8"))
