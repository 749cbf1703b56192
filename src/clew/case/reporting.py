"""What does the report of a case contain? What the latest runs left, and what it rests on."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

import msgspec
import sqlalchemy as sa

from clew.case.analysing import findings_of, latest_runs, load_result
from clew.case.open import Case
from clew.case.report.content import (
    CaptureLine,
    Limits,
    Named,
    QuotedPost,
    ReportContent,
    Section,
    ids_in,
)
from clew.contract import Analysis, Outcome, Source, options_from, plugins
from clew.model.times import Micros, TimeQuality, from_datetime, from_iso
from clew.store import journal as db


def report_content(case: Case, limits: Limits | None = None) -> ReportContent:
    """All that a report of the case says, as it is now."""
    limits = limits or Limits()
    entries = case.journal.entries()
    sections = tuple(_section(case, run) for run in latest_runs(case))
    ids = ids_in(sections, limits)
    posts = _posts(case, ids)
    named = ids | {post.account_id for post in posts.values() if post.account_id}
    return ReportContent(
        mandate=case.mandate,
        generated_at=from_datetime(db.now()),
        clew_version=version("clew"),
        journal_head=entries[-1].hash,
        journal_entries=len(entries),
        captures=tuple(_captures(case)),
        sections=sections,
        posts=posts,
        accounts=_named(case, "accounts", "account_id", named),
        channels=_named(
            case,
            "channels",
            "channel_id",
            ids | {post.channel_id for post in posts.values() if post.channel_id},
        ),
    )


def _section(case: Case, run: dict[str, Any]) -> Section:
    analysis = plugins(Analysis)[run["name"]]
    options = options_from(analysis.options, run["options"])
    plots = ()
    if run["result"] and analysis.draw:
        plots = tuple(analysis.draw(load_result(case, run["result"]), options))
    engine = "DuckDB" if run["engine"] == "duckdb" else f"Apache Spark ({run['engine']})"
    library = run["versions"].get("duckdb", "") if run["engine"] == "duckdb" else ""
    return Section(
        analysis=analysis.name,
        question=analysis.question,
        run_id=run["run_id"],
        engine=f"{engine} {library}".strip(),
        ran_at=from_iso(run["started_at"]),
        method=analysis.method,
        limits=analysis.limits,
        options={name: str(value) for name, value in run["options"].items()},
        findings=tuple(findings_of(case, run["run_id"])),
        plots=plots,
    )


def _captures(case: Case) -> Iterable[CaptureLine]:
    known = plugins(Source)
    query = (
        sa.select(db.captures, db.runs.c.ended_at)
        .join(db.runs)
        .order_by(db.runs.c.started_at, db.captures.c.name)
    )
    for row in case.select(query):
        outcome = msgspec.convert(row["outcome"], Outcome)
        if row["source"] is None:
            title = "archive; its members follow"
        else:
            title = known[row["source"]].title if row["source"] in known else row["source"]
        yield CaptureLine(
            capture_id=row["capture_id"],
            name=row["name"],
            source=title,
            size_bytes=row["size"],
            imported_at=from_iso(row["ended_at"]),
            run_id=row["run_id"],
            observed_at=row["observed_at"],
            status=outcome.status,
            reason=outcome.reason,
            items=outcome.items,
            rejected=outcome.rejected,
            tables=outcome.tables,
            notes=outcome.notes,
        )


def _posts(case: Case, ids: Iterable[str]) -> dict[str, QuotedPost]:
    rows = case.posts.filter(case.posts.post_id.isin(sorted(ids))) if ids else None
    if rows is None:
        return {}
    found = rows.select(*(name for name in QuotedPost.__dataclass_fields__)).to_pyarrow()
    return {
        row["post_id"]: QuotedPost(
            **row
            | {
                "time_quality": TimeQuality(row["time_quality"]),
                "posted_at": _micros(row["posted_at"]),
            }
        )
        for row in found.to_pylist()
    }


def _named(case: Case, table: str, key: str, ids: Iterable[str]) -> dict[str, Named]:
    wanted = sorted(ids)
    if not wanted:
        return {}
    rows = getattr(case, table)
    found = rows.filter(rows[key].isin(wanted)).select(key, "handle", "name").to_pyarrow()
    return {
        row[key]: Named(shown_id=row[key], handle=row["handle"], name=row["name"])
        for row in found.to_pylist()
    }


def _micros(moment: Any) -> Micros | None:
    return None if moment is None else from_datetime(moment)
