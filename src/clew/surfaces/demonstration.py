"""What can Clew do? The demo case, from invented files to a report."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from rich.console import Console

from clew.case.analysing import analyse
from clew.case.annotating import annotate
from clew.case.demo import MAPPING, TABLE, write_demo
from clew.case.importing import Request, add_files
from clew.case.open import new_case
from clew.case.report.write import write_html
from clew.case.reporting import report_content
from clew.case.run import Progress
from clew.store.journal import now
from clew.surfaces.terminal import show_record

_TARGETS = {"targets": "Northwind Harbour Authority|Northwind"}
_KEPT = dt.timedelta(days=365)


def demonstrate(folder: Path, out: Console, progress: Progress) -> Path:
    """Make the demo case in `folder` and print each step; gives the path of the report."""
    case = new_case(
        folder,
        name="Demonstration",
        purpose="Show what Clew does, on invented accounts",
        legal_basis="None needed: nobody in it exists",
        retention_until=(now() + _KEPT).date(),
    )
    out.print("writing the invented files")
    files = write_demo(folder / "files")
    table, mapping = folder / "files" / TABLE, folder / "files" / MAPPING
    mapped = Request(source="table", options={"mapping": mapping.read_text("utf-8")})
    for record in [
        *add_files(case, files, progress=progress),
        *add_files(case, [table], mapped, progress=progress),
        *annotate(case, ["sentiment"], options=_TARGETS, progress=progress),
        *annotate(case, progress=progress),
        *analyse(case, progress=progress),
    ]:
        show_record(out, record)
    page = folder / "report.html"
    write_html(report_content(case), page)
    out.print(f"wrote {page}")
    return page
