"""Introduction: the question, the designs side by side in plain words, and the cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from omstilling.calibration.parameters.source import ParameterSource
from omstilling.experiments.analysis.figure_frame import key_name
from omstilling.experiments.report.content import Cell, ReportTable, Section, words_row
from omstilling.experiments.report.evidence import Evidence
from omstilling.experiments.report.names import case_name, design_name, month_name, quoted
from omstilling.experiments.words.language import Language
from omstilling.scenarios.experiment import DESIGN

_MNOK = 1e6
_MOST_NAMES = 12
_LOW, _HIGH = 0.34, 0.67
"""Where a value of 0 to 1 is called weak, medium or strong."""
Track = dict[str, Any]


def _how(evidence: Evidence, words: Language) -> list[str]:
    """How often each design is run, and with what."""
    asked = evidence.head["experiment"]
    draws = words.plain(evidence.draws)
    if asked["parameters"] == ParameterSource.POINT:
        found = [words("report.question.draws_point", draws=draws)]
    else:
        found = [
            words("report.question.draws", draws=draws, source=words(f"report.question.source_{asked['parameters']}"))
        ]
    varied = [*asked["grid"], *((asked["sample"] or {}).get("ranges", {}))]
    if varied:
        keys = words.listed(key_name(key, words) for key in varied)
        found.append(words("report.question.varied", keys=keys, points=words.plain(evidence.points)))
    found.append(words("report.question.paired"))
    if asked["budget_neutral"]:
        found.append(words("report.question.neutral", design=quoted(words, asked["budget_neutral"])))
    return found


def question_section(evidence: Evidence, words: Language) -> Section:
    """What is asked, how it is answered, and how to read the answer."""
    text = words.named("experiment_text", evidence.head["experiment"]["name"])
    cases, designs = [case_name(words, name) for name in evidence.scenarios], len(evidence.supporting)
    one = words("report.question.one_place")
    scenarios = one if len(cases) == 1 else words("report.question.many_places", number=len(cases))
    key = "report.question.compared_one" if designs == 1 else "report.question.compared"
    paragraphs = [
        *([text] if text else []), words(key, designs=designs, scenarios=scenarios, names="; ".join(cases)),
        *_how(evidence, words), words.either("report.question.reading", evidence.open),
    ]  # fmt: skip
    return Section("question", words("report.question.heading"), tuple(paragraphs), notices(evidence, words))


def notices(evidence: Evidence, words: Language) -> tuple[str, ...]:
    """What a reader must know of runs that are missing, failed or not compared."""
    runs, failed = len(evidence.given.runs), len(evidence.given.failures)
    found = []
    if not evidence.complete:
        found.append(words("report.incomplete", done=words.plain(runs), runs=words.plain(evidence.head["runs"])))
    if failed:
        found.append(words("report.failed", failed=words.plain(failed), runs=words.plain(runs)))
    if evidence.left_out:
        names = [words.named("design", name, words.named("scenario", name)) for name in evidence.left_out]
        found.append(words("report.left_out", names=words.listed(names)))
    return tuple(found)


def _level(words: Language, value: float, weak: str, medium: str, strong: str) -> str:
    word = weak if value < _LOW else medium if value < _HIGH else strong
    return f"{words(f'report.designs.{word}')} ({words.plain(value, 1)})"


def _mix(words: Language, track: Track) -> str:
    shares = sorted(track["mix"].items(), key=lambda item: -item[1])
    return ", ".join(
        words("report.designs.mix_item", kind=words(f"kind.{kind}"), share=words.percent(share))
        for kind, share in shares
        if share > 0.0
    )


def _order(words: Language, track: Track) -> str:
    months = track["capacity_first_months"]
    return words("report.designs.order_months", months=months) if months else words("report.designs.no")


def _taper(words: Language, track: Track) -> str:
    if not track["taper_years"] or track["taper_share"] == 1.0:
        return words("report.designs.no")
    return words("report.designs.taper_years", years=track["taper_years"], share=words.percent(track["taper_share"]))


def _grants(words: Language, grants: list[float]) -> str:
    """Yearly grant, or the least and the most where it differs between cases."""
    low, high = (words.plain(grant / _MNOK, 1) for grant in (min(grants), max(grants)))
    return low if low == high else words("report.designs.from_to", low=low, high=high)


_FEATURES: dict[str, Callable[[Language, Track], str]] = {
    "years": lambda words, track: words("report.designs.years_of", years=track["years"]),
    "preparation": lambda words, track: words.plain(track["clarification_months"] + track["anchoring_months"]),
    "grant": lambda words, track: _grants(words, track["yearly_grants"]),
    "own_share": lambda words, track: words.percent(track["own_share"]),
    "guidance": lambda words, track: _level(words, track["guidance"], "weak", "medium", "strong"),
    "selection": lambda words, track: _level(words, track["strictness"], "lenient", "moderate", "strict"),
    "order": _order,
    "taper": _taper,
    "exit": lambda words, track: words.percent(track["exit_kept"]),
    "money": _mix,
}
"""What is said of each track of a design, by its key in the words."""
_KEYS = {
    "years": ("years",), "preparation": ("clarification_months", "anchoring_months"),
    "grant": ("yearly_grant", "grant_multiple"), "own_share": ("own_share",), "guidance": ("guidance",),
    "selection": ("strictness",), "order": ("capacity_first_months",), "taper": ("taper_",), "exit": ("exit_kept",),
    "money": ("mix.",),
}  # fmt: skip
"""How the keys of a design file begin that each of them is told from."""


def _by_track(words: Language, tracks: list[Track], told: Callable[[Language, Track], str]) -> str:
    """One text where all tracks are alike, else one for each."""
    texts = [told(words, track) for track in tracks]
    if len(set(texts)) <= 1:
        return texts[0] if texts else words("report.none")
    return "; ".join(
        words("report.designs.per_track", value=text, track=words.named("track", track["name"]))
        for text, track in zip(texts, tracks, strict=True)
    )


def _varied(evidence: Evidence) -> set[str]:
    """Features that the experiment varies, by their key in the words."""
    asked = evidence.head["experiment"]
    keys = [key.removeprefix(DESIGN) for key in (*asked["grid"], *((asked["sample"] or {}).get("ranges", {})))]
    return {feature for feature, begins in _KEYS.items() if any(key.startswith(begins) for key in keys)}


def _advice(words: Language, advice: dict[str, Any]) -> str:
    if not advice["years"] or not advice["guidance"]:
        return words("report.designs.no")
    return words("report.designs.advice_text", years=advice["years"], least=advice["least_centrality_class"])


def _reach(words: Language, design: dict[str, Any]) -> str:
    named = [words.named("track", track["name"]) for track in design["tracks"]]
    return words.either_of(named) if named else words("report.none")


def designs_section(evidence: Evidence, words: Language) -> Section:
    """The designs in plain words: what each is, and its rules side by side."""
    designs = [evidence.about_design(name) for name in evidence.designs]
    names = {design["name"]: design_name(words, design["name"]) for design in designs}
    items = [f"{names[name]}: {words.named('design_text', name) or names[name]}" for name in evidence.designs]
    supporting = designs[1:]
    varied = _varied(evidence)
    rows = [words_row([words("report.designs.reach"), *(_reach(words, design) for design in supporting)])]
    for key, told in _FEATURES.items():
        cells = [_by_track(words, design["tracks"], told) for design in supporting]
        if key in varied:
            cells = [words("report.designs.varied")] * len(supporting)
        rows.append(words_row([words(f"report.designs.{key}"), *cells]))
    advised = [_advice(words, design["advice"]) for design in supporting]
    rows.append(words_row([words("report.designs.advice"), *advised]))
    table = ReportTable(
        "designs", words("report.designs.table"), ("", *(names[design["name"]] for design in supporting)), tuple(rows),
        words("report.designs.note"), numeric=False,
    )  # fmt: skip
    return Section("designs", words("report.designs.heading"), (words("report.designs.lead"),), tuple(items), (table,))


def _event(words: Language, about: dict[str, Any]) -> str:
    """What happens: each event, and slow declines of several industries together."""
    slow = [shock for shock in about["shocks"] if shock["kind"] == "decline"]
    texts = [
        words(
            f"shock.{shock['kind']}", firm=shock["firm"] or words("shock.somebody"),
            month=month_name(words, shock["month"]), jobs=words.plain(shock["jobs"]),
        )
        for shock in about["shocks"]
        if shock["kind"] != "decline"
    ]  # fmt: skip
    if slow:
        jobs, first = sum(shock["jobs"] for shock in slow), min(shock["month"] for shock in slow)
        years = words.plain(max(shock["years"] for shock in slow))
        texts.append(words("shock.decline", month=month_name(words, first), jobs=words.plain(jobs), years=years))
    if about["random_shocks"]:
        texts.append(words("shock.random"))
    return "; ".join(texts) or words("shock.none")


def _municipalities(words: Language, names: list[str]) -> str:
    """Names of a few, the number of many."""
    if len(names) <= _MOST_NAMES:
        return ", ".join(names)
    return words("report.places.many", number=words.plain(len(names)))


def _case(words: Language, about: dict[str, Any]) -> dict[str, Cell]:
    """What is said of a case, by key in the words."""
    target, names = about["job_target"], _municipalities(words, about["municipalities"])
    if about["neighbours"]:
        names = words("report.places.with_neighbours", names=names, neighbours=", ".join(about["neighbours"]))
    texts = {
        "municipalities": names, "event": _event(words, about),
        "applies": words("report.places.rounds") if about["open"] else month_name(words, about["applies"]),
    }  # fmt: skip
    return {
        "case": Cell(case_name(words, about["name"]), about["name"]),
        "inhabitants": Cell(words.plain(about["inhabitants"]), about["inhabitants"]),
        "jobs": Cell(words.plain(about["jobs"]), about["jobs"]),
        "size": Cell(words.plain(about["grant_factor"], 2), about["grant_factor"]),
        "target": Cell(words.plain(target) if target else words("report.none"), target or None),
        **{key: Cell(text, text) for key, text in texts.items()},
    }


def places_section(evidence: Evidence, words: Language) -> Section:
    """The cases: places, inhabitants and jobs, what happens and when status is applied for."""
    keys = ("case", "municipalities", "inhabitants", "jobs", "event", "applies", "size", "target")
    told = [_case(words, evidence.about_scenario(name)) for name in evidence.scenarios]
    rows = tuple(tuple(cells[key] for key in keys) for cells in told)
    columns = tuple(words(f"report.places.{key}") for key in keys)
    table = ReportTable("cases", words("report.places.table"), columns, rows, numeric=False)
    return Section("places", words("report.places.heading"), tables=(table,))
