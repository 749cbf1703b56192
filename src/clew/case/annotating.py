"""What do the posts' texts hold? Annotators run over every post that they have not seen.

An annotator has seen an import when the journal says so for its present version; a new version of
it sees everything again. Posts that were edited since lose what was derived from the older text.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from clew.case.open import Case
from clew.case.run import Progress, Run, RunRecord, execute
from clew.case.workers import worker_pool
from clew.contract import Annotator, Outcome, Status, TableCount, plugins
from clew.errors import OptionsInvalid
from clew.model.tables import TABLE_OF
from clew.store import journal as db
from clew.store.engines import batches
from clew.store.merging import file_list
from clew.store.staging import write_part

_BATCH = 20_000  # posts
_SMALL = 5_000  # fewer posts are annotated here and now


def annotate(
    case: Case,
    names: Iterable[str] = (),
    *,
    progress: Progress | None = None,
    workers: int | None = None,
) -> list[RunRecord]:
    """Run the named annotators (default: all) over the posts they have not seen."""
    known = plugins(Annotator)
    for name in names:
        if name not in known:
            raise OptionsInvalid(f"there is no annotator {name!r}; there are: {', '.join(known)}")
    return [
        execute(
            case,
            lambda run, annotator=annotator: _annotate(  # type: ignore[misc]
                run, annotator, workers or os.cpu_count() or 1
            ),
            kind="annotate",
            name=annotator.name,
            options={"version": annotator.version},
            progress=progress,
        )
        for annotator in (known[name] for name in (list(names) or known))
    ]


def _annotate(run: Run, annotator: Annotator, workers: int) -> Outcome:
    case = run.case
    pending = _pending(case, annotator)
    if not pending:
        return Outcome(status=Status.NOTHING, reason="every post has been seen")
    run.inputs = {"posts": case.snapshot["posts"]}
    posts = case.posts.filter(case.posts.run_id.isin(sorted(pending)))
    total = int(posts.count().to_pyarrow().as_py())
    run.progress.start(annotator.name, total, "posts")
    table = TABLE_OF[annotator.gives]
    rows = 0
    reader = batches(posts.select(*annotator.reads), case.tables.engine, _BATCH)
    for number, batch in enumerate(_mapped(annotator, reader, total, workers)):
        rows += batch.num_rows
        derived = pa.Table.from_batches([batch])
        write_part(
            run.folder / "staged",
            table,
            derived.append_column("run_id", pa.array([run.run_id] * batch.num_rows, pa.string())),
            f"{number:08}",
        )
        run.progress.advance(_BATCH)
    remove = _outdated(run, annotator, pending)
    run.lock()
    if pending & _seen(case, annotator):
        return Outcome(status=Status.NOTHING, reason="another process did it meanwhile")
    version, _ = case.store.merge(
        table.name, run.folder / "staged", case.snapshot.get(table.name), remove=remove
    )
    if version is not None:
        run.snapshots[table.name] = version
    run.annotated = [
        {"annotator": annotator.name, "version": annotator.version, "run_id": run_id}
        for run_id in sorted(pending)
    ]
    return Outcome(
        status=Status.COMPLETED,
        items=total,
        tables={table.name: TableCount(read=rows, kept=rows)},
    )


def _seen(case: Case, annotator: Annotator) -> set[str]:
    """The imports whose posts this version of the annotator has seen."""
    rows = case.select(
        sa.select(db.annotated.c.run_id).where(
            db.annotated.c.annotator == annotator.name,
            db.annotated.c.version == annotator.version,
        )
    )
    return {row["run_id"] for row in rows}


def _pending(case: Case, annotator: Annotator) -> set[str]:
    imports = case.posts.select("run_id").distinct().to_pyarrow()["run_id"].to_pylist()
    return set(imports) - _seen(case, annotator)


def _outdated(run: Run, annotator: Annotator, pending: set[str]) -> str:
    """The SQL condition on derived rows that these posts make obsolete."""
    case = run.case
    if not _seen(case, annotator):
        return "true"  # nothing that is there is of this version
    posts = case.posts.filter(case.posts.run_id.isin(sorted(pending)))
    edited = posts.semi_join(case.posts_versions, "post_id").select("post_id")
    path = run.folder / "edited.parquet"
    pq.write_table(edited.to_pyarrow(), path)
    return f"post_id IN (SELECT post_id FROM read_parquet({file_list([path])}))"  # noqa: S608


def _mapped(
    annotator: Annotator, texts: Iterable[pa.RecordBatch], total: int, workers: int
) -> Iterator[pa.RecordBatch]:
    """The annotated batches in order; in several processes if there are many posts."""
    if total < _SMALL or workers == 1:
        yield from map(annotator.annotate, texts)
        return
    with worker_pool(workers) as pool:
        waiting = []
        for batch in texts:
            waiting.append(pool.submit(_run_one, annotator.name, batch))
            if len(waiting) > 2 * workers:
                yield waiting.pop(0).result()
        for future in waiting:
            yield future.result()


def _run_one(name: str, batch: pa.RecordBatch) -> pa.RecordBatch:
    return plugins(Annotator)[name].annotate(batch)
