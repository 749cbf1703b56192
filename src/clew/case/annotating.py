"""What do the posts' texts hold? Annotators run over every post that they have not seen.

An annotator has seen an import when the journal says so for its present version and options; with
others it sees everything again. Posts that were edited since lose what was derived from the older
text. An annotator keeps the options that it was last given in this case.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from clew.case.open import Case
from clew.case.run import Progress, Run, RunRecord, execute
from clew.case.workers import worker_pool
from clew.contract import (
    ENDED_WELL,
    Annotator,
    NoOptions,
    Outcome,
    Status,
    TableCount,
    options_from,
    plugins,
)
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
    options: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
) -> list[RunRecord]:
    """Run the named annotators (default: all) over the posts they have not seen.

    An annotator that another reads from runs first. `options` are texts, as a command line gives
    them; they need exactly one name.
    """
    known = plugins(Annotator)
    chosen = list(names)
    for name in chosen:
        if name not in known:
            raise OptionsInvalid(f"there is no annotator {name!r}; there are: {', '.join(known)}")
    if options and len(chosen) != 1:
        raise OptionsInvalid("options belong to one annotator: name it")
    given = {name: options_from(known[name].options, options) for name in chosen if options}
    return [
        execute(
            case,
            lambda run, annotator=annotator, selected=selected: _annotate(  # type: ignore[misc]
                run, annotator, selected, workers or os.cpu_count() or 1
            ),
            kind="annotate",
            name=annotator.name,
            options={"version": version_with(annotator, selected), **asdict(selected)},
            progress=progress,
        )
        for annotator in in_order_of_reading([known[name] for name in chosen or known])
        for selected in [given.get(annotator.name) or remembered(case, annotator)]
    ]


def in_order_of_reading(chosen: Iterable[Annotator]) -> list[Annotator]:
    """The annotators, and those that they read from before them."""
    givers = {annotator.gives: annotator for annotator in plugins(Annotator).values()}
    ordered: dict[str, Annotator] = {}
    for annotator in chosen:
        before = in_order_of_reading(givers[table] for table in annotator.reads_derived)
        ordered |= {one.name: one for one in [*before, annotator] if one.name not in ordered}
    return list(ordered.values())


def remembered(case: Case, annotator: Annotator) -> Any:
    """The options that it last ran with in this case; its own defaults if it never did."""
    if annotator.options is NoOptions:
        return NoOptions()
    rows = case.select(
        sa.select(db.runs.c.options, db.runs.c.outcome)
        .where(db.runs.c.kind == "annotate", db.runs.c.name == annotator.name)
        .order_by(db.runs.c.started_at.desc(), db.runs.c.run_id.desc())
    )
    for row in rows:
        if row["outcome"]["status"] in ENDED_WELL:
            return stored_options(annotator, row["options"])
    return annotator.options()


def stored_options(annotator: Annotator, stored: Mapping[str, Any]) -> Any:
    """The options of a stored run."""
    return options_from(
        annotator.options, {name: value for name, value in stored.items() if name != "version"}
    )


def version_with(annotator: Annotator, options: Any) -> str:
    """What must be the same for a post not to be annotated again."""
    upstream = [plugin.version for plugin in in_order_of_reading([annotator])[:-1]]
    parts = [annotator.version, *(f"after {version}" for version in upstream)]
    if annotator.options is not NoOptions:
        parts.append(db.canonical(asdict(options)))
    return "; ".join(parts)


def read_by(case: Case, annotator: Annotator, posts: ibis.Table) -> ibis.Table:
    """What the annotator reads of these posts."""
    read = posts.select(*annotator.reads)
    for row, columns in annotator.reads_derived.items():
        derived = getattr(case, TABLE_OF[row].name).select("post_id", *columns)
        read = read.left_join(derived, "post_id").drop("post_id_right")
    return read


def _annotate(run: Run, annotator: Annotator, options: Any, workers: int) -> Outcome:
    case = run.case
    version = version_with(annotator, options)
    pending = _pending(case, annotator, version)
    if not pending:
        return Outcome(status=Status.NOTHING, reason="every post has been seen")
    run.inputs = {
        name: case.snapshot[name]
        for name in ("posts", *(TABLE_OF[row].name for row in annotator.reads_derived))
        if name in case.snapshot
    }
    posts = case.posts.filter(case.posts.run_id.isin(sorted(pending)))
    total = int(posts.count().to_pyarrow().as_py())
    run.progress.start(annotator.name, total, "posts")
    table = TABLE_OF[annotator.gives]
    rows = 0
    reader = batches(read_by(case, annotator, posts), case.tables.engine, _BATCH)
    for number, batch in enumerate(_mapped(annotator, options, reader, total, workers)):
        rows += batch.num_rows
        derived = pa.Table.from_batches([batch])
        write_part(
            run.folder / "staged",
            table,
            derived.append_column("run_id", pa.array([run.run_id] * batch.num_rows, pa.string())),
            f"{number:08}",
        )
        run.progress.advance(_BATCH)
    remove = _outdated(run, annotator, version, pending)
    run.lock()
    if pending & _seen(case, annotator, version):
        return Outcome(status=Status.NOTHING, reason="another process did it meanwhile")
    written, _ = case.store.merge(
        table.name, run.folder / "staged", case.snapshot.get(table.name), remove=remove
    )
    if written is not None:
        run.snapshots[table.name] = written
    run.annotated = [
        {"annotator": annotator.name, "version": version, "run_id": run_id}
        for run_id in sorted(pending)
    ]
    return Outcome(
        status=Status.COMPLETED,
        items=total,
        tables={table.name: TableCount(read=rows, kept=rows)},
    )


def _seen(case: Case, annotator: Annotator, version: str) -> set[str]:
    """The imports whose posts this version of the annotator has seen, with these options."""
    rows = case.select(
        sa.select(db.annotated.c.run_id).where(
            db.annotated.c.annotator == annotator.name,
            db.annotated.c.version == version,
        )
    )
    return {row["run_id"] for row in rows}


def _pending(case: Case, annotator: Annotator, version: str) -> set[str]:
    imports = case.posts.select("run_id").distinct().to_pyarrow()["run_id"].to_pylist()
    return set(imports) - _seen(case, annotator, version)


def _outdated(run: Run, annotator: Annotator, version: str, pending: set[str]) -> str:
    """The SQL condition on derived rows that these posts make obsolete."""
    case = run.case
    if not _seen(case, annotator, version):
        return "true"  # nothing that is there is of this version
    posts = case.posts.filter(case.posts.run_id.isin(sorted(pending)))
    edited = posts.semi_join(case.posts_versions, "post_id").select("post_id")
    path = run.folder / "edited.parquet"
    pq.write_table(edited.to_pyarrow(), path)
    return f"post_id IN (SELECT post_id FROM read_parquet({file_list([path])}))"  # noqa: S608


def _mapped(
    annotator: Annotator,
    options: Any,
    texts: Iterable[pa.RecordBatch],
    total: int,
    workers: int,
) -> Iterator[pa.RecordBatch]:
    """The annotated batches in order; in several processes if there are many posts."""
    if total < _SMALL or workers == 1:
        yield from map(annotator.bound(options), texts)
        return
    with worker_pool(workers) as pool:
        waiting = []
        for batch in texts:
            waiting.append(pool.submit(_run_one, annotator.name, options, batch))
            if len(waiting) > 2 * workers:
                yield waiting.pop(0).result()
        for future in waiting:
            yield future.result()


def _run_one(name: str, options: Any, batch: pa.RecordBatch) -> pa.RecordBatch:
    return plugins(Annotator)[name].bound(options)(batch)
