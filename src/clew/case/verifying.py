"""Is every byte what it was? The journal's chain, the evidence, tables, results, the graph."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import sqlalchemy as sa

from clew.case.analysing import load_result
from clew.case.open import Case
from clew.case.run import Progress, Silent
from clew.contract import ENDED_WELL
from clew.errors import CaseDamaged
from clew.store import journal as db
from clew.store.graph import GraphStore


def verify(case: Case, *, progress: Progress | None = None) -> list[str]:
    """What is wrong with the case, one sentence each; empty if nothing is."""
    progress = progress or Silent()
    problems = case.journal.verify()
    problems += _runs(case)
    problems += _evidence(case, progress)
    problems += _tables(case)
    problems += _results(case)
    problems += GraphStore(case.journal).verify()
    return problems


def _runs(case: Case) -> Iterator[str]:
    """What runs say must be what the journal says: a chain alone does not show a cut tail."""
    entries = [entry for entry in case.journal.entries() if entry.action == "run ended"]
    journalled = {entry.detail["run"]: entry.detail for entry in entries}
    runs = {row["run_id"]: row for row in case.select(sa.select(db.runs))}
    for run_id in sorted(journalled.keys() ^ runs.keys()):
        where = "the journal" if run_id in runs else "the runs"
        yield f"run {run_id} is missing from {where}"
    for run_id in sorted(journalled.keys() & runs.keys()):
        if runs[run_id]["outcome"] != journalled[run_id]["outcome"]:
            yield f"run {run_id} was changed: its outcome is not what the journal says"


def _evidence(case: Case, progress: Progress) -> Iterator[str]:
    rows = case.select(sa.select(db.captures))
    kept = {row["capture_id"] for row in rows if row["outcome"]["status"] in ENDED_WELL}
    progress.start("evidence", len(kept), "captures")
    for capture_id in sorted(kept):
        try:
            case.evidence.verify(capture_id)
        except CaseDamaged as error:
            yield str(error)
        progress.advance(1)
    for capture_id in sorted(set(case.evidence.stored()) - kept):
        yield f"evidence {case.evidence.path_of(capture_id)} belongs to no import"


def _tables(case: Case) -> Iterator[str]:
    for name, version in sorted(case.snapshot.items()):
        try:
            files = case.store.files(name, version)
        except CaseDamaged as error:
            yield str(error)
            continue
        for file in files:
            problem = _parquet_problem(file.path)
            if problem:
                yield f"table {name}: {problem}"


def _parquet_problem(path: Path) -> str | None:
    if not path.is_file():
        return f"{path} is missing"
    try:
        pq.read_metadata(path)
    except (OSError, ValueError) as error:
        return f"{path} is damaged: {error}"
    return None


def _results(case: Case) -> Iterator[str]:
    digests = case.select(sa.select(db.runs.c.result).where(db.runs.c.result.is_not(None)))
    for digest in sorted({row["result"] for row in digests}):
        try:
            load_result(case, digest)
        except CaseDamaged as error:
            yield str(error)
