"""The report of a case: every sentence leads back to the evidence.

`ReportContent` (plain data) is worded once into blocks (`compose`) and rendered as HTML and PDF.
"""

from __future__ import annotations

from pathlib import Path

from clew.case.report.compose import compose
from clew.case.report.content import (
    CaptureLine,
    Limits,
    Named,
    QuotedPost,
    ReportContent,
    Section,
    ids_in,
)
from clew.case.report.html import render_html
from clew.case.report.pdf import render_pdf


def write_html(content: ReportContent, path: Path, *, limits: Limits | None = None) -> None:
    """Write the report as one self-contained HTML file."""
    path.write_text(render_html(compose(content, limits)), encoding="utf-8")


def write_pdf(
    content: ReportContent,
    path: Path,
    *,
    limits: Limits | None = None,
    fonts: tuple[Path, ...] = (),
) -> None:
    """Write the report as PDF; `fonts` are folders of fonts to use besides the system's."""
    path.write_bytes(render_pdf(compose(content, limits), fonts=fonts))


__all__ = [
    "CaptureLine",
    "Limits",
    "Named",
    "QuotedPost",
    "ReportContent",
    "Section",
    "compose",
    "ids_in",
    "write_html",
    "write_pdf",
]
