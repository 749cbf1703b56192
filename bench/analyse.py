"""How long do the analyses take, in how much memory, and how do both grow with the case?

    python -m bench.analyse --rows 1000000 10000000 --engine duckdb local[2]

makes an invented case of each size (posts, and six interactions and five observables to ten posts)
as the store keeps it: Parquet files by platform and month. Every analysis then runs in a process of
its own, so that each peak of memory is its own. With several sizes it prints by which power of the
rows the processor time grows: 1 means that ten times the rows take ten times as long. `--compare`
measures nothing: it says whether the engines give the same rows.

Spark takes its memory from the environment, PYSPARK_SUBMIT_ARGS="--driver-memory 6g pyspark-shell";
ten million rows need more than its 1 GB.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import gettempdir

import duckdb
import psutil

from bench.measuring import Measured, measure, print_table
from clew.case.analysing import in_order
from clew.contract import Analysis, plugins
from clew.model.tables import TABLES
from clew.store.engines import CaseTables, open_engine
from clew.store.merging import DataFile

_START = 1_609_459_200  # 2021-01-01
_SPAN = 3 * 365 * 86_400


def _drawn(number: int, seed: int) -> str:
    """SQL: a number from 0 to 1 that the row number `i` and the seeds fix."""
    return f"(hash(i * 64 + {number}, {seed}) / 18446744073709551616.0)"


def _text(rows: int, seed: int) -> str:
    """SQL: eight words, a few of them frequent, of a tenth as many different ones as rows."""
    drawn = [
        f"'w' || translate(floor({rows // 10} * power({_drawn(number, seed)}, 4))::BIGINT::VARCHAR,"
        " '0123456789', 'abcdefghij')"
        for number in range(20, 28)
    ]
    return f"concat_ws(' ', {', '.join(drawn)})"


def _case(rows: int, seed: int) -> dict[str, str]:
    """Table → SQL that makes its rows; columns that are not named are null.

    Few accounts write most posts (a power law); each sleeps eight hours at its own time of day.
    """
    accounts, values = max(10, rows // 200), max(10, rows // 30)
    account = f"floor({accounts} * power({_drawn(1, seed)}, 3))::BIGINT"
    target = f"floor({rows} * {_drawn(2, seed)})::BIGINT"
    day = f"floor({_drawn(3, seed)} * {_SPAN // 86_400})::BIGINT * 86400"
    second = f"(floor({_drawn(4, seed)} * 57600)::BIGINT + ({account} % 24) * 3600) % 86400"
    at = f"make_timestamptz((({_START} + {day} + {second}) * 1000000)::BIGINT)"
    quality = f"CASE WHEN {_drawn(5, seed)} < 0.95 THEN 'utc' ELSE 'zone_unknown' END"
    chosen = _drawn(6, seed)
    return {
        "posts": f"""
            SELECT 'x:' || i AS post_id, 'x' AS platform, 'x:' || {account} AS account_id,
                CASE WHEN {chosen} < 0.1 THEN 'repost' ELSE 'post' END AS kind,
                'x:c' || ({account} % 50) AS channel_id, {at} AS posted_at,
                {quality} AS time_quality, {_text(rows, seed)} AS text
            FROM range({rows}) AS r(i)""",
        "interactions": f"""
            SELECT CASE WHEN {chosen} < 0.6 THEN 'reply' WHEN {chosen} < 0.8 THEN 'mention'
                ELSE 'repost' END AS kind, 'x' AS platform, 'x:' || {account} AS account_id,
                CASE WHEN {chosen} BETWEEN 0.6 AND 0.8
                    THEN 'Handle' || ({target} % {accounts}) END AS target_name,
                'x:' || i AS post_id,
                CASE WHEN {chosen} NOT BETWEEN 0.6 AND 0.8 THEN 'x:' || {target} END
                    AS target_post_id,
                {at} AS happened_at, {quality} AS time_quality
            FROM range({rows * 6 // 10}) AS r(i)""",
        "observables": f"""
            SELECT 'x:' || {target} AS post_id, 'x' AS platform,
                CASE WHEN {chosen} < 0.4 THEN 'url' WHEN {chosen} < 0.6 THEN 'domain'
                WHEN {chosen} < 0.9 THEN 'hashtag' ELSE 'cve' END AS kind,
                'https://host.example/' || floor({values} * power({_drawn(7, seed)}, 2))::BIGINT
                    AS "value",
                'example' AS original, (i % 50)::BIGINT AS start, 60 AS stop,
                {_drawn(8, seed)} < 0.1 AS is_defanged, {at} AS posted_at
            FROM range({rows // 2}) AS r(i)""",
        "sentiments": f"""
            SELECT 'x:' || i AS post_id, 'x' AS platform, 'target ' || ({target} % 20) AS target,
                CASE WHEN {chosen} < 0.3 THEN 'negative' ELSE 'neutral' END AS polarity,
                'fast' AS path, {_drawn(7, seed)} < 0.1 AS is_reported,
                md5(({target} % {rows // 15})::VARCHAR) AS wording, {at} AS posted_at
            FROM range(0, {rows}, 10) AS r(i)""",
        "account_snapshots": f"""
            SELECT 'x:' || i AS account_id, 'x' AS platform, 'handle' || i AS handle
            FROM range({accounts}) AS r(i)""",
    }


def generate(folder: Path, rows: int, seed: int) -> None:
    """Write the case of `rows` posts into a folder, unless it is there."""
    if (folder / "whole").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    engine = duckdb.connect()
    engine.execute("SET TimeZone = 'UTC'")
    engine.execute("SET preserve_insertion_order = false")
    for name, query in _case(rows, seed).items():
        table = TABLES[name]
        engine.register("shape", table.arrow.empty_table())
        by = ", ".join(table.partition_by)
        month = f", strftime({table.time}, '%Y-%m') AS month" if table.time else ""
        engine.execute(
            f"COPY (FROM shape UNION ALL BY NAME SELECT *{month} FROM ({query}))"
            f" TO '{folder / name}'"
            f" (FORMAT parquet, COMPRESSION zstd, PARTITION_BY ({by}), OVERWRITE)"
        )
    (folder / "whole").touch()


def tables(folder: Path, engine_name: str) -> CaseTables:
    """The tables of the generated case, opened as a case opens its own."""

    def files(name: str) -> list[DataFile]:
        found = []
        for path in sorted((folder / name).rglob("*.parquet")):
            parts = dict(part.split("=", 1) for part in path.parts if "=" in part)
            found.append(DataFile(path, parts["platform"], parts.get("month")))
        return found

    return CaseTables(open_engine(engine_name), files)


def run(folder: Path, name: str, engine_name: str) -> None:
    """One analysis, in this process; prints its figures as JSON on the last line."""
    analysis = plugins(Analysis)[name]
    options = analysis.options()
    case = tables(folder, engine_name)
    for needed in analysis.needs:
        getattr(case, needed)
    started = time.perf_counter()
    result = analysis.gather(case, options).to_pyarrow()
    gathered = time.perf_counter()
    result = analysis.score(result, options) if analysis.score else result
    findings = analysis.find(result, options)
    plots = analysis.draw(result, options) if analysis.draw else []
    processes = [psutil.Process(), *psutil.Process().children(recursive=True)]
    times = [process.cpu_times() for process in processes]
    figures = {
        "cpu_s": sum(each.user + each.system for each in times),
        "gather_s": gathered - started,
        "find_s": time.perf_counter() - gathered,
        "rows": result.num_rows,
        "findings": len(findings),
        "plots": len(plots),
    }
    print(json.dumps(figures))


def compare(folder: Path, name: str, engines: Sequence[str]) -> None:
    """Raise SystemExit unless all engines give the analysis the same rows."""
    analysis = plugins(Analysis)[name]
    promised = analysis.gives.to_pyarrow()
    results = []
    for engine_name in engines:
        options = analysis.options()
        result = analysis.gather(tables(folder, engine_name), options).to_pyarrow()
        result = analysis.score(result, options) if analysis.score else result
        results.append(in_order(result.cast(promised)))
    if any(not result.equals(results[0]) for result in results):
        raise SystemExit(f"{name}: the engines differ on {folder}")
    print(f"{name}: {results[0].num_rows:,} rows, the same on {' and '.join(engines)}")


def _measured(folder: Path, name: str, engine_name: str) -> tuple[Measured, dict[str, float]]:
    script = [sys.executable, "-m", "bench.analyse", "--run", name]
    measured = measure([*script, "--engine", engine_name, "--folder", str(folder)])
    return measured, json.loads(measured.output.splitlines()[-1])


def _exponent(seconds: dict[int, float]) -> str:
    """By which power of the rows the processor time grows, from the least to the greatest size."""
    least, greatest = min(seconds), max(seconds)
    if least == greatest:
        return "-"
    return f"{math.log(seconds[greatest] / seconds[least]) / math.log(greatest / least):.2f}"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--engine", nargs="+", default=["duckdb"])
    parser.add_argument("--analysis", nargs="+", default=list(plugins(Analysis)))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path(gettempdir()) / "clew-bench-analyse-3")
    parser.add_argument("--compare", action="store_true", help="do the engines give the same?")
    parser.add_argument("--run", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.run:
        run(given.folder, given.run, given.engine[0])
        return
    for rows in given.rows:
        generate(given.folder / str(rows), rows, given.seed)
    if given.compare:
        for rows, name in itertools.product(given.rows, given.analysis):
            compare(given.folder / str(rows), name, given.engine)
        return
    for engine_name in given.engine:
        lines = []
        for name in given.analysis:
            seconds = {}
            for rows in given.rows:
                measured, figures = _measured(given.folder / str(rows), name, engine_name)
                seconds[rows] = figures["cpu_s"]
                lines.append(
                    [
                        name,
                        rows,
                        figures["gather_s"],
                        figures["find_s"],
                        measured.seconds,
                        figures["cpu_s"],
                        measured.peak_mb,
                        figures["rows"],
                        _exponent(seconds),
                    ]
                )
        columns = [
            "analysis",
            "posts",
            "gather s",
            "score, find, draw s",
            "all s",
            "CPU s",
            "peak MB",
        ]
        print_table(engine_name, [*columns, "result rows", "growth"], lines)


if __name__ == "__main__":
    main()
