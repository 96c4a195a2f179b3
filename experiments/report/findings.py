"""Findings: what comes out in a few sentences, whose numbers are those of the store."""

from __future__ import annotations

import numpy as np

from omstilling.experiments.analysis.ranking import share_best
from omstilling.experiments.report.content import Section
from omstilling.experiments.report.estimate import Estimate
from omstilling.experiments.report.evidence import Evidence
from omstilling.experiments.report.names import quoted, short_case_name
from omstilling.experiments.report.numbers import mean_text, span_text
from omstilling.experiments.words.language import Language

_CLEAR, _FEWEST = 0.95, 20
"""Share of draws in which an effect is called clear, and draws that it takes to say so."""


def _where(evidence: Evidence, words: Language) -> str:
    """In the one case, or on average over all."""
    cases = evidence.scenarios
    if len(cases) == 1:
        return words("report.findings.in_case", case=short_case_name(words, cases[0]))
    return words("report.findings.over_cases", number=len(cases))


def _with_span(words: Language, estimate: Estimate) -> dict[str, str]:
    return {"mean": mean_text(words, estimate), "span": span_text(words, estimate)}


def best_design(evidence: Evidence, indicator: str) -> str:
    """The design with the highest mean over cases, of those that do something."""
    return max(evidence.giving, key=lambda name: evidence.pooled(indicator, name).mean)


def _reported(evidence: Evidence, words: Language) -> list[str]:
    """What is reported beside what is added."""
    reported = {name: evidence.pooled("reported_jobs", name).mean for name in evidence.giving}
    net = {name: evidence.pooled("net_jobs", name) for name in evidence.giving}
    low, high = min(reported, key=lambda name: reported[name]), max(reported, key=lambda name: reported[name])
    if not reported[high] > 0.0:
        return []
    where = _where(evidence, words)
    if len(reported) == 1:
        return [
            words(
                "report.findings.reported_one", design=quoted(words, low), where=where,
                reported=words.plain(reported[low]), **_with_span(words, net[low]),
            )
        ]  # fmt: skip
    means = [estimate.mean for estimate in net.values()]
    more = "reported_more" if reported[low] > max(means) else "reported"
    return [
        words(
            f"report.findings.{more}", where=where, low_design=quoted(words, low), low=words.plain(reported[low]),
            high_design=quoted(words, high), high=words.plain(reported[high]), net_low=words.signed(min(means)),
            net_high=words.signed(max(means)),
        )
    ]  # fmt: skip


def _jobs(evidence: Evidence, words: Language) -> str:
    """The design with most net jobs, and how surely."""
    name, outcomes = best_design(evidence, "net_jobs"), evidence.outcomes
    estimate, shown = evidence.pooled("net_jobs", name), _where(evidence, words)
    if not estimate.mean > 0.0:
        return words(
            "report.findings.jobs_none", design=quoted(words, name), where=shown, **_with_span(words, estimate)
        )
    pooled = outcomes.effect.mean(axis=0)
    number = outcomes.designs.index(name)
    best, more = float(share_best(pooled)[number]), float((pooled[:, number] > 0.0).mean())
    text = words(
        "report.findings.jobs_best", design=quoted(words, name), where=shown, share=words.percent(best),
        **_with_span(words, estimate),
    )  # fmt: skip
    if more >= _CLEAR and len(pooled) >= _FEWEST:
        return f"{text} {words('report.findings.jobs_clear')}"
    return f"{text} {words('report.findings.jobs_unclear', share=words.percent(more))}"


def _places(evidence: Evidence, words: Language) -> list[str]:
    """Whether the same design has most net jobs everywhere, of those that do something there."""
    best: dict[str, str] = {}
    for case in evidence.scenarios:
        means = {
            name: evidence.estimate("net_jobs", case, name).mean
            for name in evidence.giving
            if not evidence.nothing(case, name)
        }
        if means:
            best[case] = max(means, key=lambda name: means[name])
    if len(best) < 2 or len(evidence.giving) < 2:
        return []
    if len(set(best.values())) == 1:
        return [words("report.findings.same", design=quoted(words, next(iter(best.values()))))]
    items = [
        words("report.findings.differs_item", design=quoted(words, name), place=short_case_name(words, case))
        for case, name in best.items()
    ]
    return [words("report.findings.differs", list=words.listed(items))]


def _capacity(evidence: Evidence, words: Language) -> str:
    name = best_design(evidence, "capacity_index")
    last, end = (evidence.pooled("capacity_index", name, date) for date in ("end+5", "end"))
    return words.either(
        "report.findings.capacity", evidence.open, design=quoted(words, name), last=mean_text(words, last),
        span=span_text(words, last), end=words.signed(end.mean, 1), when=words.named("date", "end"),
    )  # fmt: skip


def _population(evidence: Evidence, words: Language) -> str:
    kept = {name: evidence.pooled("inhabitants_kept", name) for name in evidence.giving}
    low, high = min(kept, key=lambda name: kept[name].mean), max(kept, key=lambda name: kept[name].mean)
    if low == high:
        return words("report.findings.population_one", design=quoted(words, low), **_with_span(words, kept[low]))
    return words(
        "report.findings.population", low=mean_text(words, kept[low]), low_span=span_text(words, kept[low]),
        low_design=quoted(words, low), high=mean_text(words, kept[high]), high_span=span_text(words, kept[high]),
        high_design=quoted(words, high),
    )  # fmt: skip


def price_of(cost: float, effect: Estimate) -> float:
    """Cost of a unit of effect, MNOK of 2020; NaN where the effect is not surely more than none."""
    return cost / effect.mean if effect.surely_positive else float("nan")


def _money(evidence: Evidence, words: Language) -> str:
    name = best_design(evidence, "net_jobs")
    cost, net = evidence.pooled("public_cost", name).mean, evidence.pooled("net_jobs", name)
    price, shown = price_of(cost, net), quoted(words, name)
    reported = evidence.pooled("reported_jobs", name).mean
    if np.isnan(price) or not reported > 0.0:
        return words("report.findings.money_none", design=shown, cost=words.plain(cost, 1))
    return words(
        "report.findings.money", design=shown, cost=words.plain(cost, 1), price=words.plain(price, 1),
        reported_price=words.plain(cost / reported, 2),
    )  # fmt: skip


def _refusals(evidence: Evidence, words: Language) -> list[str]:
    found = []
    for name in evidence.supporting:
        places = [short_case_name(words, place) for place in evidence.scenarios if evidence.refused(place, name)]
        if places:
            found.append(words("report.findings.refused", design=quoted(words, name), places=words.listed(places)))
    return found


def findings_section(evidence: Evidence, words: Language) -> Section:
    """What comes out."""
    if not evidence.giving:
        items = [words("report.findings.nothing")]
    else:
        items = [
            *_reported(evidence, words), _jobs(evidence, words), *_places(evidence, words), _capacity(evidence, words),
            _population(evidence, words), _money(evidence, words),
        ]  # fmt: skip
    return Section("findings", words("report.findings.heading"), items=(*items, *_refusals(evidence, words)))
