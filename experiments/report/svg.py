"""SVG: figures as text that stands in a page, with identities of their own and a title and description."""

from __future__ import annotations

import html
import io
import re

import matplotlib as mpl

from omstilling.experiments.report.content import Picture

_NO_METADATA = dict.fromkeys(("Creator", "Date", "Format", "Type"))
_IDENTITIES = re.compile(r'(\bid="|url\(#|href="#)')


def slug(name: str) -> str:
    """A name as an identity: letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def inline_svg(picture: Picture, number: int) -> str:
    """The figure as an ``svg`` element; text stays text, and with its number no identity is that of another figure."""
    own, written = f"{slug(picture.name)}-{number}", io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": own}):
        picture.figure.savefig(written, format="svg", metadata=_NO_METADATA)
    text = written.getvalue()
    body = text[text.index("<svg") :]
    width, height = (float(value) for value in re.findall(r'(?:width|height)="([\d.]+)pt"', body[: body.index(">")]))
    inside = _IDENTITIES.sub(rf"\g<1>{own}-", body[body.index(">") + 1 :])
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img" '
        f'aria-labelledby="{own}-title" viewBox="0 0 {width:g} {height:g}" width="{width:g}pt" height="{height:g}pt">'
        f'<title id="{own}-title">{html.escape(picture.alt)}</title>'
    )
    return head + inside
