"""Headline: what comes out in a few sentences, and the main table of each case."""

from __future__ import annotations

import numpy as np

from omstilling.experiments.analysis.ranking import share_best
from omstilling.experiments.language import Language
from omstilling.experiments.report.content import Cell, ReportTable, Section
from omstilling.experiments.report.evidence import Estimate, Evidence
from omstilling.experiments.report.names import case_name, design_name, quoted, short_case_name
from omstilling.experiments.report.numbers import effect_cell, mean_text, plain_cell, share_cell, span_text

_NUMBERS = 8
"""Columns of the main table besides the design and its programme."""


def _cases(evidence: Evidence, words: Language) -> str:
    number = len(evidence.scenarios)
    return words("report.question.one_place") if number == 1 else words("report.question.many_places", number=number)


def _reported(evidence: Evidence, words: Language) -> str:
    """What is reported beside what is added."""
    cases = _cases(evidence, words)
    reported = {name: evidence.pooled("reported_jobs", name).mean for name in evidence.supporting}
    net = {name: evidence.pooled("net_jobs", name) for name in evidence.supporting}
    if not any(reported.values()):
        return words("report.findings.nothing")
    if len(reported) == 1:
        (name,) = reported
        return words(
            "report.findings.reported_one", design=quoted(words, name), cases=cases,
            reported=words.plain(reported[name]), net=mean_text(words, net[name]), span=span_text(words, net[name]),
        )  # fmt: skip
    low, high = min(reported, key=lambda name: reported[name]), max(reported, key=lambda name: reported[name])
    means = [estimate.mean for estimate in net.values()]
    return words(
        "report.findings.reported", cases=cases, low_design=quoted(words, low),
        low=words.plain(reported[low]), high_design=quoted(words, high),
        high=words.plain(reported[high]), net_low=words.signed(min(means)), net_high=words.signed(max(means)),
    )  # fmt: skip


def _best(evidence: Evidence, indicator: str, sign: int = 1) -> str:
    return max(evidence.supporting, key=lambda name: sign * evidence.pooled(indicator, name).mean)


def _jobs(evidence: Evidence, words: Language) -> str:
    """The design with most net jobs, and how surely."""
    name, outcomes = _best(evidence, "net_jobs"), evidence.outcomes
    pooled = outcomes.effect.mean(axis=0)
    number = outcomes.designs.index(name)
    estimate, best = evidence.pooled("net_jobs", name), share_best(pooled)[number]
    text = words(
        "report.findings.jobs_best", design=quoted(words, name), mean=mean_text(words, estimate),
        span=span_text(words, estimate), cases=_cases(evidence, words), share=words.percent(float(best)),
    )  # fmt: skip
    if estimate.low > 0.0:
        return f"{text} {words('report.findings.jobs_clear')}"
    more = float((pooled[:, number] > 0).mean() + 0.5 * (pooled[:, number] == 0).mean())
    return f"{text} {words('report.findings.jobs_unclear', share=words.percent(more))}"


def _places(evidence: Evidence, words: Language) -> str:
    """Whether the same design is best for jobs everywhere."""
    means = {
        place: {name: evidence.estimate("net_jobs", place, name).mean for name in evidence.supporting}
        for place in evidence.scenarios
    }
    best = {place: max(of, key=lambda name: of[name]) for place, of in means.items()}
    if len(set(best.values())) == 1:
        return words("report.findings.same", design=quoted(words, next(iter(best.values()))))
    items = [
        words(
            "report.findings.differs_item", design=quoted(words, name),
            place=short_case_name(words, place),
        )
        for place, name in best.items()
    ]  # fmt: skip
    return words("report.findings.differs", list=words.listed(items))


def _population(evidence: Evidence, words: Language) -> str:
    kept = {name: evidence.pooled("inhabitants_kept", name) for name in evidence.supporting}
    low, high = min(kept, key=lambda name: kept[name].mean), max(kept, key=lambda name: kept[name].mean)
    if len(kept) == 1:
        return words(
            "report.findings.population_one", design=quoted(words, low), mean=mean_text(words, kept[low]),
            span=span_text(words, kept[low]),
        )  # fmt: skip
    return words(
        "report.findings.population", low=mean_text(words, kept[low]), low_design=quoted(words, low),
        high=mean_text(words, kept[high]), high_design=quoted(words, high),
    )  # fmt: skip


def _capacity(evidence: Evidence, words: Language) -> str:
    name = _best(evidence, "capacity_index")
    last, end = (evidence.pooled("capacity_index", name, date) for date in ("end+5", "end"))
    return words.either(
        "report.findings.capacity", evidence.open, design=quoted(words, name), last=mean_text(words, last),
        span=span_text(words, last), end=words.signed(end.mean, 1),
    )  # fmt: skip


def price_of(cost: float, effect: Estimate) -> float:
    """Cost of a unit of effect, MNOK of 2020; NaN where the effect cannot be told from none by its standard error."""
    sure = np.isfinite(effect.error) and effect.mean > 2.0 * effect.error
    return cost / effect.mean if sure else float("nan")


def _money(evidence: Evidence, words: Language) -> str:
    name = _best(evidence, "net_jobs")
    cost, net = evidence.pooled("public_cost", name).mean, evidence.pooled("net_jobs", name)
    price, shown = price_of(cost, net), quoted(words, name)
    if np.isnan(price):
        return words("report.findings.money_none", design=shown, cost=words.plain(cost, 1))
    reported = cost / evidence.pooled("reported_jobs", name).mean
    return words(
        "report.findings.money", design=shown, cost=words.plain(cost, 1), price=words.plain(price, 1),
        reported_price=words.plain(reported, 2),
    )  # fmt: skip


def _refusals(evidence: Evidence, words: Language) -> list[str]:
    found = []
    for name in evidence.supporting:
        places = [short_case_name(words, place) for place in evidence.scenarios if evidence.refused(place, name)]
        if places:
            shown = quoted(words, name)
            found.append(words("report.findings.refused", design=shown, places=words.listed(places)))
    return found


def findings_section(evidence: Evidence, words: Language) -> Section:
    """What comes out, in a few sentences whose numbers are those of the store."""
    items = [
        _reported(evidence, words), _jobs(evidence, words), _capacity(evidence, words), _population(evidence, words),
        _money(evidence, words),
    ]  # fmt: skip
    if len(evidence.scenarios) > 1:
        items.insert(2, _places(evidence, words))
    items += _refusals(evidence, words)
    return Section("findings", words("report.findings.heading"), items=tuple(items))


def status_cell(evidence: Evidence, words: Language, case: str, design: str) -> Cell:
    """What became of the application, in which share of draws; where all apply, how many municipalities get status."""
    if not evidence.about_design(design)["tracks"]:
        return Cell(words("report.headline.baseline"))
    if evidence.open:
        number = float((evidence.statuses(case, design) != "").sum(axis=1).mean())
        return Cell(words("report.headline.municipalities", number=words.plain(number, 1)), number)
    standing = evidence.standing(case, design)
    whole = sum(standing.values())
    texts = []
    for track, number in standing.most_common():
        shown = words.named("track", track) if track else words("report.headline.refused")
        if number < whole:
            texts.append(words("report.headline.partly", track=shown, share=words.percent(number / whole)))
        else:
            texts.append(shown)
    return Cell("; ".join(texts), "; ".join(texts))


def _row(evidence: Evidence, words: Language, case: str, design: str, best: float) -> tuple[Cell, ...]:
    def estimate(indicator: str) -> Estimate:
        return evidence.estimate(indicator, case, design)

    net, cost = estimate("net_jobs"), estimate("public_cost").mean
    head = (Cell(design_name(words, design), design), status_cell(evidence, words, case, design))
    if evidence.nothing(case, design):
        return head + (Cell(words("report.none")),) * _NUMBERS
    return (
        *head,
        plain_cell(words, estimate("reported_jobs").mean), effect_cell(words, net),
        effect_cell(words, estimate("inhabitants_kept")), effect_cell(words, estimate("capacity_index")),
        plain_cell(words, cost, 1), plain_cell(words, price_of(cost, net), 1),
        share_cell(words, evidence.better("net_jobs", case, design, evidence.designs[0])), share_cell(words, best),
    )  # fmt: skip


def headline_section(evidence: Evidence, words: Language) -> Section:
    """The main table of each case: jobs, inhabitants, capacity, cost, and how sure they are."""
    keys = (
        "design", "status", "reported", "net", "inhabitants", "capacity", "cost", "price", "better", "best",
    )  # fmt: skip
    columns = tuple(words(f"report.headline.{key}") for key in keys)
    tables = []
    for case in evidence.scenarios:
        outcomes = evidence.outcomes
        best = share_best(outcomes.effect[outcomes.scenarios.index(case)])
        rows = tuple(
            _row(evidence, words, case, design, float(best[outcomes.designs.index(design)]))
            for design in evidence.supporting
        )
        title = words("report.headline.table", case=case_name(words, case))
        tables.append(ReportTable(f"main {case}", title, columns, rows))
    paragraphs = (words.either("report.headline.lead", evidence.open), words("report.headline.note"))
    return Section("headline", words("report.headline.heading"), paragraphs, tables=tuple(tables))
