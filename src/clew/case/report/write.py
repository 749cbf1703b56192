"""Content in, file out: the report as a page or as a PDF."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from clew.case.report.compose import compose
from clew.case.report.content import Limits, ReportContent
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
    fonts: Sequence[Path] = (),
) -> None:
    """Write the report as PDF; `fonts` are folders of fonts to use besides the system's.

    Characters that no font draws stand as code points, and the report says so.
    """
    path.write_bytes(render_pdf(compose(content, limits), fonts=fonts))
