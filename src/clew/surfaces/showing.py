"""What is printed of a case: captures, findings, runs, the journal, a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from rich.console import Console
from rich.text import Text

from clew.case.analysing import findings_of, latest_runs
from clew.case.open import Case
from clew.case.run import RunRecord
from clew.contract import Analysis, Outcome, Source, plugins
from clew.errors import OptionsInvalid
from clew.model.tables import TABLES
from clew.sources.table import DryRun
from clew.store import journal as db
from clew.store.engines import LATEST_VIEWS
from clew.surfaces.terminal import (
    records_of,
    show_outcome,
    show_record,
    table_of,
    visible,
)

_WIDE = 6  # more columns than these are shown one below the other


def show_captures(out: Console, case: Case, record: RunRecord) -> None:
    """One import run: its counts, and what each capture was taken for."""
    show_record(out, record)
    for row in _captures(case, record.run_id):
        out.print(Text(f"  {_taken_for(row)}"))


def _captures(case: Case, run: str | None) -> list[dict[str, Any]]:
    query = sa.select(db.captures, db.runs.c.started_at).join(db.runs)
    if run:
        query = query.where(db.captures.c.run_id == run)
    return case.select(query.order_by(db.runs.c.started_at, db.captures.c.name))


def _taken_for(row: Mapping[str, Any]) -> str:
    name = visible(row["name"])
    if row["source"] is None:
        return f"{name}: an archive, kept as it is"
    runner_up = f", not for {row['runner_up']}" if row["runner_up"] else ""
    return f"{name}: taken for {row['source']}{runner_up}"


def show_all_captures(out: Console, case: Case, run: str | None) -> None:
    """Every capture (of one run) with its hash and row accounting."""
    rows = _captures(case, run)
    for row in rows:
        out.print(Text(_taken_for(row), style="bold"))
        out.print(
            Text(
                f"  {row['size']:,} bytes, SHA-256 {row['capture_id']}, run {row['run_id']}",
                style="dim",
            )
        )
        show_outcome(out, msgspec.convert(row["outcome"], Outcome))
    if not rows:
        out.print("nothing was added yet: `clew add FILES…`")


def list_sources(out: Console) -> None:
    """The formats that Clew reads."""
    rows = [
        {"source": name, "platform": plugin.platform or "any", "reads": plugin.files}
        for name, plugin in plugins(Source).items()
    ]
    out.print(table_of(rows, ("source", "platform", "reads"), f"{len(rows)} sources"))


def show_dry_run(out: Console, trial: DryRun) -> None:
    """What a mapping would make of a table: its rows, what it rejects, what it leaves unused."""
    for number, rows in trial.mapped:
        for row in rows:
            names = row.__struct_fields__
            fields = {name: getattr(row, name) for name in names}
            out.print(records_of([fields], names, f"record {number}: {type(row).__name__}"))
    for error in trial.rejected:
        out.print(Text(f"rejected: {visible(str(error))}", style="yellow"))
    for phrase, columns in (
        ("columns not used", trial.unused),
        ("columns named in the mapping but not there", trial.missing),
    ):
        if columns:
            out.print(Text(f"{phrase}: {visible(', '.join(columns))}"))
    for phrase, times in sorted(trial.notes.items()):
        out.print(Text(f"note {times:,}: {visible(phrase)}", style="dim"))


def list_analyses(out: Console) -> None:
    """The analyses there are and what they ask."""
    rows = [
        {"analysis": name, "asks": plugin.question} for name, plugin in plugins(Analysis).items()
    ]
    out.print(table_of(rows, ("analysis", "asks"), f"{len(rows)} analyses"))


def show_findings(out: Console, case: Case, limit: int) -> None:
    """The findings of the latest runs."""
    rows = [
        {"analysis": run["name"], "priority": finding.priority.name, "finding": finding.summary}
        for run in latest_runs(case)
        for finding in findings_of(case, run["run_id"])
    ]
    title = of(min(limit, len(rows)), len(rows), "findings")
    out.print(table_of(rows[:limit], ("priority", "analysis", "finding"), title))


def show_runs(out: Console, case: Case, limit: int) -> None:
    """The runs, the latest first."""
    rows = case.select(sa.select(db.runs).order_by(db.runs.c.started_at.desc()))
    for row in rows:
        row["status"] = row["outcome"]["status"]
        row["reason"] = row["outcome"]["reason"]
    names = ("run_id", "kind", "name", "status", "reason")
    out.print(table_of(rows[:limit], names, of(min(limit, len(rows)), len(rows), "runs")))


def show_journal(out: Console, case: Case, limit: int) -> None:
    """The latest journal entries."""
    entries = case.journal.entries()
    rows = [
        {"seq": e.seq, "at": e.at, "who": e.who, "action": e.action, "subject": e.subject}
        for e in entries[-limit:]
    ]
    title = of(len(rows), len(entries), "journal entries, the latest")
    out.print(table_of(rows, ("seq", "at", "who", "action", "subject"), title))


def show_tables(out: Console, case: Case) -> None:
    """The tables and how many rows they hold."""
    rows = [
        {"table": name, "rows": getattr(case, name).count().to_pyarrow().as_py()}
        for name in [*TABLES, *LATEST_VIEWS]
    ]
    out.print(table_of(rows, ("table", "rows"), visible(case.mandate.name)))


def show_table(out: Console, case: Case, name: str, limit: int, columns: str | None) -> None:
    """The first rows of a table. Raises OptionsInvalid for an unknown table or column."""
    try:
        table = getattr(case, name)
    except AttributeError as error:
        raise OptionsInvalid(str(error)) from error
    names = [column.strip() for column in columns.split(",")] if columns else list(table.columns)
    unknown = [column for column in names if column not in table.columns]
    if unknown:
        raise OptionsInvalid(f"{name} has no column {unknown[0]!r}")
    total = table.count().to_pyarrow().as_py()
    rows = table.select(*names).limit(limit).to_pyarrow().to_pylist()
    if columns is None:
        names = [column for column in names if any(row[column] is not None for row in rows)]
    draw = table_of if len(names) <= _WIDE else records_of
    out.print(draw(rows, names, of(len(rows), total, name)))


def of(shown: int, total: int, what: str) -> str:
    """How many of how many: what is left out is said."""
    return f"{total:,} {what}" if shown == total else f"{shown:,} of {total:,} {what}"
