"""Page: a report as one HTML file that needs nothing else."""

from __future__ import annotations

from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from omstilling.experiments.report.content import Picture, Report, ReportTable
from omstilling.experiments.report.svg import inline_svg

_PACKAGE = "omstilling.experiments.report"
_LONG = {
    "rbeidsplass": "rbeids\u00adplass",
    "tviklingsevne": "tviklings\u00adevne",
    "mstillingsstatus": "mstillings\u00adstatus",
}


def _drawn(picture: Picture, number: int) -> Markup:
    return Markup(inline_svg(picture, number))


def _hyphenated(text: str) -> str:
    """Text whose longest words may be broken at the end of a line."""
    for word, broken in _LONG.items():
        text = text.replace(word, broken)
    return text


def _worded(table: ReportTable, column: int) -> bool:
    """Whether a column holds words."""
    return any(isinstance(row[column].value, str) for row in table.rows)


def page(report: Report) -> str:
    """The report as HTML; every text is escaped where it stands."""
    environment = Environment(
        loader=PackageLoader(_PACKAGE, ""), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["hyphenated"] = _hyphenated
    order = [picture.name for section in report.sections for picture in section.pictures]
    style = Markup((files(_PACKAGE) / "page.css").read_text(encoding="utf-8"))
    return environment.get_template("page.html.j2").render(
        report=report, words=report.words, style=style, drawn=_drawn, worded=_worded,
        number=lambda picture: order.index(picture.name) + 1,
    )  # fmt: skip
