"""How long does a report take to write, and how large is it?

    python -m bench.reports --findings 200 --posts 500

The content is invented (`tests/reports.py`): five analyses with four plots each, quoted posts in
fourteen languages and scripts. Each writing is a process of its own, its imports included. If
WeasyPrint is installed (`pip install weasyprint`, and Debian's libpango), it prints the same HTML.
"""

from __future__ import annotations

import argparse
import importlib.util
import resource
import runpy
import sys
import tempfile
from pathlib import Path

from bench.measuring import measure, print_table

_CONTENTS = Path(__file__).parents[1] / "tests" / "reports.py"


def main() -> None:
    """Write the report in each format, print time, memory and size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--findings", type=int, default=200)
    parser.add_argument("--posts", type=int, default=500)
    parser.add_argument("--write", type=Path, help="write this one file and stop")
    given = parser.parse_args()
    if given.write:
        _write(given.write, given.findings, given.posts)
        return
    rows = []
    size = ["--findings", str(given.findings), "--posts", str(given.posts)]
    with tempfile.TemporaryDirectory() as folder:
        page, printed = Path(folder) / "report.html", Path(folder) / "weasyprint.pdf"
        for path in (page, Path(folder) / "report.pdf"):
            command = [sys.executable, "-m", "bench.reports", "--write", str(path), *size]
            rows.append(_line(path.name, command, path))
        if importlib.util.find_spec("weasyprint"):
            command = [sys.executable, "-m", "weasyprint", "--quiet", str(page), str(printed)]
            rows.append(_line("the same HTML by WeasyPrint", command, printed))
    print_table(
        f"Report of {given.findings:,} findings and {given.posts:,} quoted posts",
        ("file", "CPU seconds", "seconds", "peak MB", "kB"),
        rows,
    )


def _line(name: str, command: list[str], path: Path) -> tuple[str, float, float, float, float]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = measure(command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return name, cpu, run.seconds, run.peak_mb, path.stat().st_size / 1e3


def _write(path: Path, findings: int, posts: int) -> None:
    from clew.case.report.write import write_html, write_pdf

    content = runpy.run_path(str(_CONTENTS))["large"](findings, posts)
    {".html": write_html, ".pdf": write_pdf}[path.suffix](content, path)


if __name__ == "__main__":
    main()
