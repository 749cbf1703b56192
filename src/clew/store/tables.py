"""How do staged rows become rows of the case? By one merge per table, under one lock.

Each table is a Delta table of Parquet files, partitioned by platform and month. `merge` adds a new
Delta version and gives its number; nobody sees it until the caller has written that number into
the journal's `snapshots`. A process that dies between the two leaves a version that is never seen:
the next merge goes back to the visible one first.

The caller holds the case's write lock: versions are numbered by one process at a time.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable, Schema
from deltalake.transaction import AddAction, RemoveAction

from clew.errors import CaseDamaged
from clew.model.tables import TABLES, Table
from clew.store import staging
from clew.store.merging import Counts, DataFile, Merging, compare

_MEMORY_LIMIT = "400MB"
_COMPACT_FILES = 100  # files in one partition before they are joined


class TableStore:
    """The `tables/` folder of a case."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def files(self, name: str, version: int | None) -> list[DataFile]:
        """The files of one version of a table; none if the table has no version yet."""
        if version is None:
            return []
        try:
            delta = DeltaTable(self.folder / name, version=version)
        except Exception as error:
            raise CaseDamaged(f"table {name} has no readable version {version}: {error}") from error
        return _files(delta, self.folder / name)

    def preview(self, name: str, stage: Path, version: int | None) -> Counts:
        """What `merge` would do with the staged rows, without doing it."""
        table = TABLES[name]
        staged = staging.staged_files(stage, table)
        if not staged:
            return {}
        with _engine(stage / "spill") as engine:
            merging = Merging(engine, table, staged, self.files(name, version))
            counts = merging.plan()
            if table.versions:
                merging.stage_older(stage, TABLES[table.versions])
        return counts

    def merge(
        self,
        name: str,
        stage: Path,
        version: int | None,
        *,
        remove: str | None = None,
        replace: Collection[str] = (),
    ) -> tuple[int | None, Counts]:
        """Merge the staged rows of a table on top of its visible version.

        Gives the visible version after it and what became of the rows of each capture. Older
        versions of rows are staged for the table's `versions` table, to be merged after it.
        `remove` is an SQL condition on current rows that must go (an annotator replacing its own).
        All current rows of the platforms in `replace` go.
        """
        table = TABLES[name]
        staged = staging.staged_files(stage, table)
        if not staged and remove is None and not replace:
            return version, {}
        delta = self._at(table, version)
        folder = self.folder / name
        files = _files(delta, folder)
        replaced = [file for file in files if file.platform in replace]
        current = [file for file in files if file.platform not in replace]
        counts: Counts = {}
        added: list[Path] = []
        removed = replaced
        if staged or (current and remove is not None):
            out = stage / "out" / name
            with _engine(stage / "spill") as engine:
                merging = Merging(engine, table, staged, current)
                counts = merging.plan() if remove is None else merging.plan_replacement(remove)
                if table.versions:
                    merging.stage_older(stage, TABLES[table.versions])
                old, rewritten = merging.rewrite(out / "rewritten")
                # Last: it takes the staged files away.
                new = (
                    merging.write_new(out / "new")
                    if any(count.kept or count.updated for count in counts.values())
                    else []
                )
            removed = [*replaced, *old]
            added = [
                *_move(new, out / "new", folder),
                *_move(rewritten, out / "rewritten", folder),
            ]
        if not added and not removed:
            return int(delta.version()), counts
        delta.create_write_transaction(
            [
                *(_add(folder, path) for path in added),
                *(_remove(folder, file) for file in removed),
            ],
            mode="append",
            schema=delta.schema(),
            partition_by=list(table.partition_by),
        )
        return self._compact(name), counts

    def compare(
        self,
        name: str,
        before: int | None,
        after: int | None,
        platforms: Collection[str],
        spill: Path,
    ) -> tuple[int, int, int]:
        """Rows of these platforms that are only in `after`, differ, or are only in `before`."""
        sides = [
            [file.path for file in self.files(name, version) if file.platform in platforms]
            for version in (before, after)
        ]
        with _engine(spill) as engine:
            return compare(engine, TABLES[name], *sides)

    def _at(self, table: Table, version: int | None) -> DeltaTable:
        """The table with `version` on top: what a dead process left above it is undone."""
        path = self.folder / table.name
        if version is None:
            shutil.rmtree(path, ignore_errors=True)  # whatever is there was never visible
            path.parent.mkdir(parents=True, exist_ok=True)
            return DeltaTable.create(
                path,
                schema=Schema.from_arrow(table.arrow),
                partition_by=list(table.partition_by),
            )
        delta = DeltaTable(path)
        if delta.version() != version:
            delta.restore(version)
            delta = DeltaTable(path)
        return delta

    def _compact(self, name: str) -> int:
        """Join the files of partitions that many small imports have crumbled."""
        delta = DeltaTable(self.folder / name)
        partitions = Counter(
            (file.platform, file.month) for file in _files(delta, self.folder / name)
        )
        for (platform, month), count in partitions.items():
            if count > _COMPACT_FILES:
                filters = [("platform", "=", platform)]
                filters += [("month", "=", month)] if month else []
                delta.optimize.compact(partition_filters=filters)
        return int(delta.version())


@contextmanager
def _engine(spill: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB for one merge: bounded memory, spilling into the run's own folder."""
    spill.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(
        config={
            "memory_limit": _MEMORY_LIMIT,
            "temp_directory": str(spill),
            "preserve_insertion_order": "false",
        }
    )
    try:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection
    finally:
        connection.close()


def _files(delta: DeltaTable, folder: Path) -> list[DataFile]:
    actions = pa.table(delta.get_add_actions(flatten=True)).to_pylist()
    return [
        DataFile(
            path=folder / action["path"],
            platform=action["partition.platform"],
            month=action.get("partition.month"),
        )
        for action in actions
    ]


def _move(paths: Sequence[Path], origin: Path, folder: Path) -> list[Path]:
    moved = []
    for path in paths:
        target = folder / path.relative_to(origin)
        target.parent.mkdir(parents=True, exist_ok=True)
        with path.open("rb") as file:
            os.fsync(file.fileno())
        path.rename(target)
        moved.append(target)
    return moved


def _add(folder: Path, path: Path) -> AddAction:
    inside = path.relative_to(folder)
    return AddAction(
        path=str(inside),
        size=path.stat().st_size,
        partition_values=dict(part.split("=", 1) for part in inside.parent.parts),
        modification_time=_now_ms(),
        data_change=True,
        stats=json.dumps({"numRecords": pq.read_metadata(path).num_rows}),
    )


def _remove(folder: Path, file: DataFile) -> RemoveAction:
    partition: dict[str, str | None] = {"platform": file.platform}
    if file.month:
        partition["month"] = file.month
    return RemoveAction(
        str(file.path.relative_to(folder)),
        True,  # it changes the data
        _now_ms(),
        file.path.stat().st_size,
        partition,
    )


def _now_ms() -> int:
    return int(time.time() * 1000)
