"""Which of the staged rows are new, which are another version, which are said again?

The plan of one merge, worked out in DuckDB within a fixed memory; larger work spills to disk. Only
rows whose key occurs twice (in the stage, or in the stage and the table) are looked at closely: in
the usual import there are none, and the cost of a row does not grow with the table.

Two rows are the same row if their `key` is equal, and say the same if all content columns are
equal. Of several versions the current one has a known time, was edited last, has a text (lists of
posts often leave it out), was observed last; ties are broken by digest. So the result does not
depend on the order in which captures come, with one exception: a version that is said again later
keeps the time of its first capture. To know better, every row of an overlapping export would have
to be written anew.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from clew.contract import TableCount
from clew.model.tables import UNKNOWN_MONTH, Merge, Table
from clew.store import staging

_FEW_FILES = 64
_ROWS_PER_FILE = 5_000
_BATCH_ROWS = 100_000

Counts = dict[str | None, TableCount]
"""Capture id → what became of its rows. Derived rows have no capture: their key is None."""


@dataclass(frozen=True)
class DataFile:
    """One Parquet file of a table version."""

    path: Path
    platform: str
    month: str | None


class Merging:
    """One merge of staged files into the current files of a table."""

    def __init__(
        self,
        engine: duckdb.DuckDBPyConnection,
        table: Table,
        staged: Sequence[Path],
        current: Sequence[DataFile],
    ) -> None:
        self._engine = engine
        self._table = table
        self._staged = staged
        nothing = "SELECT * FROM {} WHERE false"
        if staged:
            self._define("staged", self._read(staged))
            self._current = self._touched(current)
        else:
            self._current = list(current)
        paths = [file.path for file in self._current]
        self._define("existing", self._read(paths) if paths else nothing.format("staged"))
        if not staged:
            self._define("staged", nothing.format("existing"))

    # ------------------------------------------------------------------ what there is

    def _define(self, view: str, query: str) -> None:
        self._engine.execute(f"CREATE OR REPLACE TEMP VIEW {view} AS {query}")

    def _touched(self, current: Sequence[DataFile]) -> list[DataFile]:
        """The files that can hold a row with the key of a staged row: same platform and month.

        A row without a time may be known with one from another capture, and the other way round.
        """
        if not self._table.time or self._table.merge is Merge.DERIVED:
            return list(current)
        pairs = set(self._rows("SELECT DISTINCT platform, month FROM staged"))
        timeless = {platform for platform, month in pairs if month == UNKNOWN_MONTH}
        platforms = {platform for platform, _ in pairs}
        return [
            file
            for file in current
            if (file.platform, file.month) in pairs
            or file.platform in timeless
            or (file.month == UNKNOWN_MONTH and file.platform in platforms)
        ]

    def _read(self, paths: Sequence[Path]) -> str:
        return (
            f"SELECT *, {_hash(self._table.key)} AS h FROM read_parquet({file_list(paths)}, "
            f"{hive(self._table)}, filename=true, file_row_number=true)"
        )

    # ------------------------------------------------------------------ what is to be done

    def plan(self) -> Counts:
        """Decide about every staged row; gives the counts of each capture."""
        self._engine.execute(
            """CREATE OR REPLACE TEMP TABLE staged_keys AS SELECT h FROM staged;
            CREATE OR REPLACE TEMP TABLE suspects AS
            SELECT h FROM staged_keys GROUP BY h HAVING count(*) > 1
            UNION SELECT h FROM existing SEMI JOIN staged_keys USING (h)"""
        )
        self._contest()
        return self._count()

    def _count(self) -> Counts:
        """What becomes of the rows of each capture.

        An older version is another version only if the table has a place for it.
        """
        older_counts = "true" if self._table.versions else "false"
        capture = "capture_id" if "capture_id" in self._table.columns else "NULL"
        rows = self._rows(
            f"""WITH newcomers AS (
                SELECT row.file AS filename, row.row AS file_row_number, rank, met
                FROM ranked WHERE newcomer
            ), judged AS (
                SELECT {capture} AS capture, rank, met, skipped.filename IS NOT NULL AS is_skipped
                FROM staged
                LEFT JOIN skipped USING (filename, file_row_number)
                LEFT JOIN newcomers USING (filename, file_row_number)
            )
            SELECT capture, count(*),
                count(*) FILTER (NOT is_skipped AND NOT coalesce(met, false)),
                count(*) FILTER (
                    (NOT is_skipped AND coalesce(met, false)) OR (rank > 1 AND {older_counts})
                )
            FROM judged GROUP BY capture"""
        )
        return {
            capture: TableCount(
                read=read, kept=kept, updated=updated, duplicate=read - kept - updated
            )
            for capture, read, kept, updated in rows
        }

    def _contest(self) -> None:
        """Line up the versions of every key that occurs more than once."""
        table = self._table
        edited = "edited_at" if "edited_at" in table.content else "NULL::TIMESTAMPTZ"
        known = f"{_name(table.time)} IS NOT NULL" if table.time else "true"
        said = "text IS NOT NULL" if "text" in table.content else "true"
        digest = _digest(table.content)
        key = digest if table.merge is Merge.ONCE else _digest(table.key)
        columns = (
            f"{key} AS key, {digest} AS digest, {known} AS known, {edited} AS edited_at, "
            f"{said} AS said, "
            "observed_at, filename, file_row_number"
        )
        self._engine.execute(
            f"""CREATE OR REPLACE TEMP TABLE contested AS
            SELECT false AS was_there, {columns} FROM staged SEMI JOIN suspects USING (h)
            UNION ALL
            SELECT true AS was_there, {columns} FROM existing SEMI JOIN suspects USING (h);
            CREATE OR REPLACE TEMP TABLE ranked AS
            SELECT *, row_number() OVER (
                PARTITION BY key
                ORDER BY known DESC, edited_at DESC NULLS LAST, said DESC,
                    observed_at DESC NULLS LAST, digest
            ) AS rank,
            bool_or(NOT newcomer) OVER (PARTITION BY key) AS met
            FROM (
                SELECT key, digest, bool_and(NOT was_there) AS newcomer, any_value(known) AS known,
                    any_value(edited_at) AS edited_at, any_value(said) AS said,
                    max(observed_at) AS observed_at,
                    -- the row that stands for this version: the one there, else the first read
                    min({{'new': NOT was_there, 'file': filename, 'row': file_row_number}}) AS row
                FROM contested GROUP BY key, digest
            );
            CREATE OR REPLACE TEMP TABLE skipped AS
            SELECT filename, file_row_number FROM contested WHERE NOT was_there
            EXCEPT
            SELECT row.file, row.row FROM ranked WHERE newcomer AND rank = 1;
            CREATE OR REPLACE TEMP TABLE superseded AS
            SELECT row.file AS filename, row.row AS file_row_number
            FROM ranked WHERE NOT newcomer AND rank > 1"""
        )

    def plan_replacement(self, remove: str) -> Counts:
        """Take every staged row as new, and every current row for which `remove` holds as gone."""
        self._engine.execute(
            f"""CREATE OR REPLACE TEMP TABLE skipped AS
            SELECT filename, file_row_number FROM staged WHERE false;
            CREATE OR REPLACE TEMP TABLE superseded AS
            SELECT filename, file_row_number FROM existing WHERE {remove}"""
        )
        read = self._one("SELECT count(*) FROM staged")
        return {None: TableCount(read=read, kept=read)}

    # ------------------------------------------------------------------ doing it

    def write_new(self, folder: Path) -> list[Path]:
        """The files of the staged rows that become current, below `folder` by partition.

        Staged files of which every row is new are taken as they are; the others are written anew.
        """
        mixed = {name for (name,) in self._rows("SELECT DISTINCT filename FROM skipped")}
        if len(self._staged) > _FEW_FILES and self._rows_per_file() < _ROWS_PER_FILE:
            mixed = {str(path) for path in self._staged}  # crumbs: better written together
        if mixed:
            names = file_list([Path(name) for name in sorted(mixed)])
            self._copy(
                f"(SELECT * FROM staged WHERE filename IN {names}) "
                "ANTI JOIN skipped USING (filename, file_row_number)",
                folder,
            )
        for path in self._staged:
            if str(path) not in mixed:
                root = path.parents[len(self._table.partition_by)]
                target = folder / path.relative_to(root)
                target.parent.mkdir(parents=True, exist_ok=True)
                path.rename(target.with_name(f"{uuid.uuid4()}.parquet"))
        return sorted(folder.rglob("*.parquet"))

    def _rows_per_file(self) -> float:
        return self._one("SELECT count(*) FROM staged") / len(self._staged)

    def stage_older(self, stage: Path, versions: Table) -> None:
        """Stage the older versions of rows for the table that keeps them."""
        columns = ", ".join(_name(name) for name in self._table.columns)
        older = self._engine.sql(
            f"""SELECT {columns} FROM existing
            SEMI JOIN superseded USING (filename, file_row_number)
            UNION ALL
            SELECT {columns} FROM staged SEMI JOIN (
                SELECT row.file AS filename, row.row AS file_row_number
                FROM ranked WHERE newcomer AND rank > 1
            ) USING (filename, file_row_number)"""
        )
        for number, batch in enumerate(older.to_arrow_reader(_BATCH_ROWS)):
            part = f"older-{self._table.name}-{number:06}"
            staging.write_part(stage, versions, pa.Table.from_batches([batch]), part)

    def rewrite(self, folder: Path) -> tuple[list[DataFile], list[Path]]:
        """Write anew the current files that hold superseded rows; gives the old and new files."""
        hit = {name for (name,) in self._rows("SELECT DISTINCT filename FROM superseded")}
        old = [file for file in self._current if str(file.path) in hit]
        if not old:
            return [], []
        names = file_list([file.path for file in old])
        remaining = (
            f"(SELECT * FROM existing WHERE filename IN {names}) "
            "ANTI JOIN superseded USING (filename, file_row_number)"
        )
        return old, self._copy(remaining, folder)

    def _copy(self, rows: str, folder: Path) -> list[Path]:
        folder.mkdir(parents=True, exist_ok=True)
        columns = ", ".join(_name(name) for name in self._table.columns)
        partition = ", ".join(self._table.partition_by)
        self._engine.execute(
            f"""COPY (SELECT {columns} FROM {rows}) TO '{_text(folder)}' (
                FORMAT parquet, COMPRESSION zstd, PARTITION_BY ({partition}), OVERWRITE_OR_IGNORE,
                FILENAME_PATTERN '{{uuid}}')"""
        )
        return sorted(folder.rglob("*.parquet"))

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        return self._engine.execute(query).fetchall()

    def _one(self, query: str) -> int:
        return int(self._rows(query)[0][0])


def compare(
    engine: duckdb.DuckDBPyConnection, table: Table, before: Sequence[Path], after: Sequence[Path]
) -> tuple[int, int, int]:
    """Rows that are only in `after`, are in both but differ, or are only in `before`."""
    content = _hash(table.content)
    key = content if table.merge is Merge.ONCE else _hash(table.key)
    sides = [
        f"SELECT {key} AS k, {content} AS c FROM read_parquet({file_list(paths)}, {hive(table)})"
        if paths
        else "SELECT 0::UBIGINT AS k, 0::UBIGINT AS c WHERE false"
        for paths in (before, after)
    ]
    counts = engine.execute(
        f"""SELECT count(*) FILTER (b.k IS NULL), count(*) FILTER (b.c <> a.c),
            count(*) FILTER (a.k IS NULL)
        FROM ({sides[0]}) AS b FULL JOIN ({sides[1]}) AS a ON a.k = b.k"""
    ).fetchone()
    assert counts is not None  # noqa: S101 - for mypy; a count is always one row
    return counts[0], counts[1], counts[2]


def _hash(columns: Sequence[str]) -> str:
    """A quick 64-bit hash: equal keys have equal ones, nothing more is concluded from it."""
    return f"hash({', '.join(_name(column) for column in columns)})"


def _digest(columns: Sequence[str]) -> str:
    """A digest that nobody can make collide, over an unambiguous text of the columns."""
    fields = ", ".join(f"{_name(column)} := {_name(column)}" for column in columns)
    return f"sha256(to_json(struct_pack({fields}))::VARCHAR)"


def _name(column: str) -> str:
    return f'"{column}"'


def _text(path: Path) -> str:
    return str(path).replace("'", "''")


def hive(table: Table) -> str:
    """DuckDB's arguments for reading a partitioned table: no partition value is guessed a date."""
    types = ", ".join(f"'{name}': VARCHAR" for name in table.partition_by)
    return f"hive_partitioning=true, hive_types={{{types}}}"


def file_list(paths: Sequence[Path]) -> str:
    """Paths as a DuckDB list."""
    return "[" + ", ".join(f"'{_text(path)}'" for path in paths) + "]"
