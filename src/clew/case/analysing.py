"""What is the answer? Analyses run on the visible tables; each leaves a result and findings.

A result is a Parquet file named by its SHA-256; a run remembers the table versions, options,
engine and library versions that gave it, so that it can be made again and compared.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

import ibis
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from clew.case.open import Case
from clew.case.run import Progress, Run, RunRecord, execute
from clew.contract import Analysis, Finding, Outcome, Status, options_from, plugins
from clew.errors import CaseDamaged, NotEnough, OptionsInvalid
from clew.store import journal as db
from clew.store.engines import LATEST_VIEWS, open_engine


def analyse(
    case: Case,
    names: Iterable[str] = (),
    *,
    options: Mapping[str, str] | None = None,
    engine: str = "duckdb",
    progress: Progress | None = None,
) -> list[RunRecord]:
    """Run the named analyses (default: all) on an engine; gives a record for each.

    `options` are texts, as a command line gives them; they need exactly one name.
    """
    known = plugins(Analysis)
    chosen = list(names) or list(known)
    for name in chosen:
        if name not in known:
            raise OptionsInvalid(f"there is no analysis {name!r}; there are: {', '.join(known)}")
    if options and len(chosen) != 1:
        raise OptionsInvalid("options belong to one analysis: name it")
    records = []
    for name in chosen:
        selected = options_from(known[name].options, options or {})
        records.append(
            execute(
                case,
                # An engine each: what one analysis kept in memory or spilled ends with it.
                lambda run, plugin=known[name], selected=selected: _analyse(  # type: ignore[misc]
                    run, plugin, selected, open_engine(engine, run.folder / "spill")
                ),
                kind="analyse",
                name=name,
                options=asdict(selected),
                engine=engine,
                progress=progress,
            )
        )
    return records


def compute(
    analysis: Analysis,
    options: Any,
    case: Case,
    backend: ibis.BaseBackend,
    snapshot: Mapping[str, int],
) -> pa.Table:
    """The result of an analysis on a snapshot of the case, in an order that does not vary."""
    tables = case.tables_on(backend, snapshot)
    expression = analysis.gather(tables, options)
    gathered = expression.to_pyarrow()
    result = analysis.score(gathered, options) if analysis.score else gathered
    promised = analysis.gives.to_pyarrow()
    if result.schema.names != promised.names:
        raise TypeError(f"{analysis.name} gives {result.schema.names}, not {promised.names}")
    return in_order(result.cast(promised))


def in_order(result: pa.Table) -> pa.Table:
    """The rows sorted by all columns that have an order: engines give them in any."""
    keys = [
        (field.name, "ascending") for field in result.schema if not pa.types.is_nested(field.type)
    ]
    return result.sort_by(keys) if keys else result


def needed_tables(analysis: Analysis) -> list[str]:
    """The stored tables that an analysis reads."""
    return sorted(
        {LATEST_VIEWS[name][0] if name in LATEST_VIEWS else name for name in analysis.needs}
    )


def _analyse(run: Run, analysis: Analysis, options: Any, backend: ibis.BaseBackend) -> Outcome:
    case = run.case
    snapshot = {
        name: case.snapshot[name] for name in needed_tables(analysis) if name in case.snapshot
    }
    run.inputs = snapshot
    run.progress.start(analysis.name, None, "rows")
    try:
        result = compute(analysis, options, case, backend, snapshot)
        run.findings = analysis.find(result, options)
    except NotEnough as error:
        run.findings = [Finding(summary=f"Not enough data: {error}", enough_data=False)]
        return Outcome(status=Status.NOTHING, reason=str(error))
    if not run.findings:
        raise TypeError(f"{analysis.name} must say what it found, even if it is nothing")
    run.result = keep_result(case, result)
    status = Status.COMPLETED if result.num_rows else Status.NOTHING
    return Outcome(status=status, items=result.num_rows)


def keep_result(case: Case, result: pa.Table) -> str:
    """Store a result; gives its SHA-256."""
    data = result_bytes(result)
    digest = hashlib.sha256(data).hexdigest()
    path = case.result_path(digest)
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        arriving = path.with_suffix(f".{os.getpid()}")
        arriving.write_bytes(data)
        arriving.replace(path)
    return digest


def result_bytes(result: pa.Table) -> bytes:
    """A result as Parquet: equal results give equal bytes with one version of pyarrow."""
    sink = io.BytesIO()
    pq.write_table(result, sink, compression="zstd")
    return sink.getvalue()


def load_result(case: Case, digest: str) -> pa.Table:
    """A stored result; raises CaseDamaged if its file is gone or was changed."""
    path = case.result_path(digest)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CaseDamaged(f"result {path} is missing") from error
    if hashlib.sha256(data).hexdigest() != digest:
        raise CaseDamaged(f"result {path} was changed")
    return pq.read_table(io.BytesIO(data))


def latest_runs(case: Case) -> list[dict[str, Any]]:
    """The latest good run of each analysis with each set of options, in order of names."""
    rows = case.select(
        sa.select(db.runs).where(db.runs.c.kind == "analyse").order_by(db.runs.c.started_at)
    )
    good = [row for row in rows if row["outcome"]["status"] in ("completed", "nothing")]
    latest = {(row["name"], db.canonical(row["options"])): row for row in good}
    return [latest[key] for key in sorted(latest)]


def findings_of(case: Case, run_id: str) -> list[Finding]:
    """The findings of a run, the most pressing first."""
    rows = case.select(
        sa.select(db.findings.c.body)
        .where(db.findings.c.run_id == run_id)
        .order_by(db.findings.c.ordinal)
    )
    found = [msgspec.convert(row["body"], Finding) for row in rows]
    return sorted(found, key=lambda finding: -finding.priority)
