"""Does a run give the same again? It is done once more on the same input, and compared.

Nothing in the case changes but the journal, which learns that and how it was checked.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import ibis
import pyarrow as pa
import sqlalchemy as sa

from clew.case.analysing import compute, load_result, result_bytes
from clew.case.annotating import read_by, stored_options
from clew.case.capture_reading import reading_again, settle, stored_captures
from clew.case.open import Case
from clew.case.reading_pool import ReadingPool
from clew.case.run import Progress, Run, RunRecord, execute
from clew.contract import (
    Analysis,
    Annotator,
    Outcome,
    Status,
    options_from,
    plugins,
)
from clew.errors import OptionsInvalid
from clew.model.tables import TABLE_OF, TABLES, Merge
from clew.store import journal as db
from clew.store.engines import batches, open_engine

_BATCH = 20_000

SAME = "the same"


def rerun(case: Case, run_id: str, *, progress: Progress | None = None) -> RunRecord:
    """Do a run again: COMPLETED if it gave the same, PARTIAL if not, with the differences."""
    found = case.select(sa.select(db.runs).where(db.runs.c.run_id == run_id))
    if not found:
        raise OptionsInvalid(
            f"there is no run {run_id!r} (see `clew sources` and `clew show runs`)"
        )
    again = {"import": _import, "annotate": _annotate, "analyse": _analyse}
    old = found[0]
    if old["kind"] not in again:
        raise OptionsInvalid(f"a run of kind {old['kind']!r} cannot be done again")

    def body(run: Run) -> Outcome:
        differences = again[old["kind"]](run, old)
        if not differences:
            return Outcome(status=Status.COMPLETED, reason=SAME)
        return Outcome(status=Status.PARTIAL, reason="; ".join(differences))

    return execute(
        case,
        body,
        kind="rerun",
        name=old["name"],
        options={"of": run_id},
        engine=old["engine"],
        progress=progress,
    )


def _import(run: Run, old: dict[str, Any]) -> list[str]:
    """Read the evidence again: every row must be in the case already."""
    case = run.case
    differences: list[str] = []
    stage = run.folder / "staged"
    captures = stored_captures(case, db.captures.c.run_id == old["run_id"])
    with ReadingPool(os.cpu_count() or 1) as pool:
        for number, row in enumerate(captures):
            reading = reading_again(case, row, stage=stage, number=number, run_id=run.run_id)
            reading.read(pool, run.progress)
            differences += _compare(row["name"], row["outcome"], reading.outcome())
    previews = {
        name: case.store.preview(name, stage, case.snapshot.get(name))
        for name, table in TABLES.items()
        if table.merge is not Merge.DERIVED
    }
    new: Counter[str] = Counter()
    for counts in settle(previews).values():
        new.update({name: count.kept + count.updated for name, count in counts.items()})
    return differences + [
        f"{name}: {rows:,} rows are not in the case as they are read now"
        for name, rows in new.items()
        if rows
    ]


def _compare(name: str, then: dict[str, Any], now: Outcome) -> list[str]:
    differences = []
    if then["items"] != now.items:
        differences.append(f"{name}: {then['items']:,} records then, {now.items:,} now")
    for what, before, after in (
        ("rejected", then["rejected"], now.rejected),
        ("noted", then["notes"], now.notes),
    ):
        changed = Counter(after)
        changed.subtract(before)
        differences += [
            f"{name}: {what} {reason!r} {before.get(reason, 0):,} times then, "
            f"{after.get(reason, 0):,} now"
            for reason, change in sorted(changed.items())
            if change
        ]
    return differences


def _annotate(run: Run, old: dict[str, Any]) -> list[str]:
    """Annotate the posts of that time again, as far as they are still what they were."""
    case = run.case
    annotator = plugins(Annotator)[old["name"]]
    table = TABLE_OF[annotator.gives]
    then = case.tables_on(case.tables.engine, old["inputs"]).posts.select("post_id", "run_id")
    posts = case.posts.semi_join(then, ["post_id", "run_id"])
    texts = batches(read_by(case, annotator, posts), case.tables.engine, _BATCH)
    bound = annotator.bound(stored_options(annotator, old["options"]))
    derived = [bound(batch) for batch in texts]
    now = pa.Table.from_batches(derived).select(table.content) if derived else None
    kept = getattr(case, table.name).semi_join(posts, "post_id").select(*table.content).to_pyarrow()
    return _row_differences(kept, now if now is not None else kept.slice(0, 0))


def _analyse(run: Run, old: dict[str, Any]) -> list[str]:
    """Analyse the same table versions with the same options on the same engine."""
    case = run.case
    analysis = plugins(Analysis)[old["name"]]
    options = options_from(analysis.options, old["options"])
    engine = open_engine(old["engine"], run.folder / "spill")
    now = compute(analysis, options, case, engine, old["inputs"])
    if old["result"] is None:
        return []
    then = load_result(case, old["result"])
    if result_bytes(then) == result_bytes(now):
        return []
    differences = _row_differences(then, now)
    if differences:
        differences += [f"{name} was {was} then" for name, was in sorted(old["versions"].items())]
    return differences


def _row_differences(then: pa.Table, now: pa.Table) -> list[str]:
    """What is only in one of two tables of the same columns."""
    alike = pa.schema([(field.name, field.type) for field in then.schema])
    old, new = (ibis.memtable(pa.table(rows.columns, alike)) for rows in (then, now.cast(alike)))
    gone = int(old.difference(new, distinct=True).count().to_pyarrow().as_py())
    come = int(new.difference(old, distinct=True).count().to_pyarrow().as_py())
    if not gone and not come:
        return []
    return [f"{gone:,} rows of then are not there now, {come:,} of now were not there then"]
