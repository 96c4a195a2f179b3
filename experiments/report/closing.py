"""Closing: what the model cannot say, data and licence, and how to make the report again."""

from __future__ import annotations

import shlex
from typing import Any

from omstilling.experiments.report.content import ReportTable, Section, words_row
from omstilling.experiments.report.evidence import Evidence
from omstilling.experiments.words.language import Language

_LIMITS = ("future", "small", "people", "reporting", "calibration", "industries", "choices", "capacity")
_VERSIONS = ("code_version", "data_version", "parameters", "lock_file", "platform", "python")


def limits_section(words: Language) -> Section:
    """What the model cannot say."""
    items = tuple(words(f"report.limits.{key}") for key in _LIMITS)
    return Section("limits", words("report.limits.heading"), items=items)


def data_section(words: Language) -> Section:
    """Where figures come from, and the licences."""
    keys = ("statistics", "programmes", "licence")
    return Section("data", words("report.data.heading"), tuple(words(f"report.data.{key}") for key in keys))


def _toml(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_toml(item) for item in value)}]"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'"{escaped}"'
    return repr(value)


def experiment_file(asked: dict[str, Any]) -> str:
    """Text of an experiment file that asks for the same."""
    plain = {key: value for key, value in asked.items() if key not in ("name", "grid", "sample") and value != ""}
    lines = [f"{key} = {_toml(value)}" for key, value in plain.items()]
    if asked["grid"]:
        lines += ["", "[grid]", *(f'"{key}" = {_toml(values)}' for key, values in asked["grid"].items())]
    if asked["sample"]:
        sample = asked["sample"]
        lines += ["", "[sample]", *(f"{key} = {_toml(sample[key])}" for key in ("method", "points"))]
        lines += ["", "[sample.ranges]", *(f'"{key}" = {_toml(ends)}' for key, ends in sample["ranges"].items())]
    return "\n".join(lines)


def provenance_section(evidence: Evidence, words: Language, command: str) -> Section:
    """Versions, the experiment file, and the commands that make store and report again."""
    asked, provenance = evidence.head["experiment"], evidence.head["provenance"]
    name = asked["name"]
    rows = [
        words_row([words("report.provenance.runs"), words.plain(evidence.head["runs"])]),
        words_row([words("report.provenance.plan"), evidence.head["plan"]]),
        words_row([words("report.provenance.seed"), str(asked["seed"])]),
        *(words_row([words(f"report.provenance.{key}"), str(provenance[key])]) for key in _VERSIONS),
        *(words_row([key, str(value)]) for key, value in provenance.items() if key not in _VERSIONS),
    ]
    columns = (words("report.provenance.what"), words("report.provenance.version"))
    table = ReportTable("versions", words("report.provenance.table"), columns, tuple(rows), numeric=False)
    file = f"# {words('report.provenance.experiment')}: {name}.toml\n{experiment_file(asked)}"
    store = str(evidence.given.store.path)
    batch = shlex.join(["omstilling", "batch", f"{name}.toml", "--store", store])
    text = f"{batch}\n{command}\n\n{file}"
    return Section(
        "provenance", words("report.provenance.heading"), (words("report.provenance.lead"),), tables=(table,),
        command=text,
    )  # fmt: skip
