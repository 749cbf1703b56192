"""How fast does Clew import, with everything stored, beside tools that only parse?

    python -m bench.imports --rows 1000000
    python -m bench.imports --rows 10000000 --sources telegram_export x_api

Each import is a whole process: evidence, reading, merging, commit. Beside it, in the same run:
DuckDB `read_json` (all columns, in memory), `pandas.read_json(lines=True)` and for X `twarc csv`
(the last two on at most 100,000 rows: they are slow, and their cost per row does not change).
`--again` imports the same file once more into the case that holds it.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

from bench.generated import FORMATS, write
from bench.measuring import Measured, measure, print_table

_MAPPING = Path(__file__).with_name("table-mapping.toml")
_TWARC_ROWS = 100_000
_PANDAS_ROWS = 100_000


def main() -> None:
    """Generate, import, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--sources", nargs="+", choices=FORMATS, default=list(FORMATS))
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "clew-bench")
    parser.add_argument("--again", action="store_true", help="import the same file again as well")
    given = parser.parse_args()
    rows = []
    for source in given.sources:
        path = write(source, given.rows, given.folder)
        case = given.folder / "case"
        first = _import(path, source, case, fresh=True)
        rows.append(_line(source, given.rows, path, first))
        if given.again:
            rows.append(_line(f"{source}, again", given.rows, path, _import(path, source, case)))
        shutil.rmtree(case)
        rows += _others(source, given.rows, path, given.folder)
    print_table(
        f"Import of {given.rows:,} rows",
        ("what", "rows/s", "MB/s", "seconds", "peak MB"),
        rows,
    )


def _import(path: Path, source: str, case: Path, *, fresh: bool = False) -> Measured:
    if fresh:
        shutil.rmtree(case, ignore_errors=True)
        measure(
            [*_CLEW, "new", str(case), "--purpose", "bench", "--legal-basis", "invented data",
             "--retention-until", "2099-01-01"]
        )  # fmt: skip
    mapping = ["--source", "table", "--set", f"mapping=@{_MAPPING}"] if source == "table" else []
    return measure([*_CLEW, "add", "-C", str(case), *mapping, str(path)])


_CLEW = (str(Path(sys.executable).with_name("clew")),)


def _line(what: str, rows: int, path: Path, measured: Measured) -> tuple[object, ...]:
    rate = round(rows / measured.seconds)
    return (
        what,
        rate,
        path.stat().st_size / 1e6 / measured.seconds,
        measured.seconds,
        round(measured.peak_mb),
    )


def _others(source: str, rows: int, path: Path, folder: Path) -> list[tuple[object, ...]]:
    """What other tools need to parse the same rows."""
    if source not in ("telegram_export", "x_api"):
        return []
    lines = path if source == "x_api" else _as_lines(path, folder)
    duck = measure(
        [sys.executable, "-c",
         f"import duckdb; duckdb.sql(\"create table t as select * from read_json('{lines}')\")"]
    )  # fmt: skip
    found = [_line("  DuckDB read_json", rows, lines, duck)]
    some = _head(lines, min(rows, _PANDAS_ROWS), folder)
    pandas = measure(
        [sys.executable, "-c", f"import pandas; pandas.read_json('{some}', lines=True)"]
    )
    found.append(_line("  pandas.read_json", min(rows, _PANDAS_ROWS), some, pandas))
    if source == "x_api":
        some = _head(lines, min(rows, _TWARC_ROWS), folder)
        twarc = measure(
            [sys.executable, "-c",
             "from twarc_csv import CSVConverter, DataFrameConverter; import os; "
             f"CSVConverter(open('{some}'), open(os.devnull, 'w'), DataFrameConverter()).process()"]
        )  # fmt: skip
        found.append(_line("  twarc-csv", min(rows, _TWARC_ROWS), some, twarc))
    return found


def _as_lines(path: Path, folder: Path) -> Path:
    """The messages of a Telegram export as NDJSON, which the other tools can read."""
    target = folder / f"{path.stat().st_size}.ndjson"
    if not target.exists():
        with path.open() as export, target.open("w") as lines:
            record: list[str] = []
            for line in export:
                if line.startswith("  {"):
                    record = []
                record.append(line)
                if line.startswith("  }"):
                    text = "".join(record).strip().rstrip(",")
                    lines.write(json.dumps(json.loads(text), separators=(",", ":")) + "\n")
    return target


def _head(path: Path, rows: int, folder: Path) -> Path:
    target = folder / f"head-{rows}-{path.stat().st_size}.ndjson"
    if not target.exists():
        with path.open() as whole, target.open("w") as part:
            part.writelines(line for line, _ in zip(whole, range(rows), strict=False))
    return target


if __name__ == "__main__":
    main()
