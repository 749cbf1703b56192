"""The report as one self-contained HTML page: no script, no request, printable, light and dark."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from clew.case.report.blocks import Document

_FOLDER = files("clew.case.report")


def render_html(document: Document) -> str:
    """The page. Every text in the document is escaped by the template engine."""
    style = _style(document.marking)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return _template().render(
        document=document,
        style=Markup(style),  # noqa: S704 - our own file and one of five markings
        policy=_policy(digest),
        colour=document.marking.removeprefix("TLP:").split("+")[0].lower(),
    )


def _policy(style_digest: str) -> str:
    """The page may show itself and this one style sheet, and nothing else at all."""
    return (
        f"default-src 'none'; style-src 'sha256-{style_digest}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _style(marking: str) -> str:
    """The style sheet; the marking stands in it for the margins of printed pages."""
    text = (_FOLDER / "report.css").read_text(encoding="utf-8")
    return text.replace("%MARKING%", marking)


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    environment.filters["kind"] = _kind
    environment.filters["svg"] = Markup  # made by clew.case.report.drawing, which escapes
    source = (_FOLDER / "report.html.jinja").read_text(encoding="utf-8")
    return environment.from_string(source)


def _kind(piece: Any) -> str:
    return str(piece.__struct_config__.tag)
