"""Which engine answers? DuckDB in this process, or Apache Spark; both read the same files.

`open_tables` gives the tables of one snapshot of the case as Ibis tables. What is written in Ibis
on top of them runs on either engine.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ibis
import pyarrow as pa

from clew.errors import OptionsInvalid
from clew.model.tables import TABLES, Account, Channel, Row, Table
from clew.store.merging import DataFile, file_list, hive

Files = Callable[[str], Sequence[DataFile]]
"""Table name → the files of its visible version."""

LATEST_VIEWS: Mapping[str, tuple[str, type[Row], str]] = {
    "accounts": ("account_snapshots", Account, "account_id"),
    "channels": ("channel_snapshots", Channel, "channel_id"),
}
"""View → the snapshots it sums up, their row, the key: the latest known value of every column."""


class CaseTables:
    """The tables of one snapshot of a case as Ibis tables: `tables.posts`, `tables.accounts`…"""

    def __init__(self, engine: ibis.BaseBackend, files: Files) -> None:
        self.engine = engine
        self._files = files
        self._known: dict[str, ibis.Table] = {}

    def __getattr__(self, name: str) -> ibis.Table:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._known:
            self._known[name] = self._open(name)
        return self._known[name]

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *TABLES, *LATEST_VIEWS]

    def _open(self, name: str) -> ibis.Table:
        if name in LATEST_VIEWS:
            snapshots, row, key = LATEST_VIEWS[name]
            return latest(getattr(self, snapshots), row, key)
        if name not in TABLES:
            choice = ", ".join([*TABLES, *LATEST_VIEWS])
            raise AttributeError(f"there is no table {name!r}; there are: {choice}")
        table = TABLES[name]
        view = _VIEWS[self.engine.name](self.engine, table, self._files(name))
        if name == "posts" and self._files("deletions"):
            view = _with_deletions(view, self.deletions)
        # Engines differ in what they say of nulls in a file; the model decides.
        return view.select(*table.columns).cast(dict(table.schema.items()))


def latest(snapshots: ibis.Table, row: type[Row], key: str) -> ibis.Table:
    """One row per key: of every other column the value of the latest snapshot that has one.

    Later means observed later; within one capture, read later; then the greater value.
    """
    others = [name for name in row.__struct_fields__ if name not in (key, "platform")]
    # Truncated, because of fractions DuckDB rounds and Spark does not.
    seconds = snapshots.observed_at.truncate("s").epoch_seconds().cast("int64").fill_null(0)
    position = snapshots.item.fill_null(0)
    # 28 bits hold the position in a capture of up to 268 million records.
    ordered = snapshots.mutate(seen=seconds * 2**28 + ibis.least(position, 2**28 - 1))
    steps = ordered.group_by(key, "platform", "seen").agg(
        **{name: ordered[name].max() for name in others}
    )
    return steps.group_by(key, "platform").agg(
        **{name: steps[name].argmax(steps.seen, where=steps[name].notnull()) for name in others}
    )


def batches(table: ibis.Table, engine: Any, rows: int) -> Iterable[pa.RecordBatch]:
    """The rows of a table in batches, without holding them all.

    Not by Ibis on DuckDB: its `to_pyarrow_batches` calls what DuckDB 2 no longer has.
    """
    if engine.name == "duckdb":
        return engine.con.sql(engine.compile(table)).to_arrow_reader(rows)  # type: ignore[no-any-return]
    return table.to_pyarrow_batches(chunk_size=rows)  # type: ignore[no-any-return]


def _with_deletions(posts: ibis.Table, deletions: ibis.Table) -> ibis.Table:
    """The posts, each with the time of the earliest notice that it is gone."""
    gone = deletions.group_by("post_id").agg(noticed_at=deletions.deleted_at.min())
    joined = posts.left_join(gone, "post_id", rname="{name}_of_notice")
    return joined.mutate(deleted_at=ibis.coalesce(joined.deleted_at, joined.noticed_at))


def duckdb_engine(spill: Path | None = None) -> ibis.BaseBackend:
    """A DuckDB in this process; instants are in UTC.

    What does not fit in memory goes to the folder `spill` (made if need be); without one it
    goes to a private folder of the system's that ends with the engine. Never to where the analyst
    happens to stand, as DuckDB would have it: it is content of the case.
    """
    if spill is None:
        private = TemporaryDirectory(prefix="clew-")
        engine = ibis.duckdb.connect(temp_directory=private.name)
        weakref.finalize(engine, private.cleanup)
    else:
        engine = ibis.duckdb.connect(temp_directory=str(spill))
    engine.raw_sql("SET TimeZone = 'UTC'")
    return engine


def spark_engine(master: str) -> ibis.BaseBackend:
    """Apache Spark at `local[*]`, `spark://…` or (Connect) `sc://…`; instants are in UTC."""
    try:
        from pyspark.sql import SparkSession  # noqa: PLC0415 - an optional extra
    except ImportError as error:
        raise OptionsInvalid("Spark needs the extra: pip install 'clew[spark]'") from error
    builder = SparkSession.builder.appName("clew").config("spark.sql.session.timeZone", "UTC")
    if master.startswith("sc://"):
        builder = builder.remote(master)
    else:
        builder = builder.master(master).config("spark.ui.enabled", "false")
    return ibis.pyspark.connect(builder.getOrCreate())


def open_engine(name: str, spill: Path | None = None) -> ibis.BaseBackend:
    """The engine that `--engine` names: `duckdb`, `local[*]`, `spark://host:port`, `sc://host`.

    DuckDB spills into the folder `spill`; Spark keeps to its own settings.
    """
    return duckdb_engine(spill) if name == "duckdb" else spark_engine(name)


def _duckdb_view(engine: Any, table: Table, files: Sequence[DataFile]) -> ibis.Table:
    if not files:
        return _nothing(table)
    engine.raw_sql(
        f"CREATE OR REPLACE TEMP VIEW {table.name}_files AS SELECT * FROM read_parquet("
        f"{file_list([file.path for file in files])}, {hive(table)})"
    )
    return engine.table(f"{table.name}_files")


def _spark_view(engine: Any, table: Table, files: Sequence[DataFile]) -> ibis.Table:
    if not files:
        return _nothing(table)
    root = str(files[0].path.parents[len(table.partition_by)])
    reader = engine._session.read.option("basePath", root)
    # Without this Spark takes the month 2024-01 for a date.
    engine._session.conf.set("spark.sql.sources.partitionColumnTypeInference.enabled", "false")
    reader.parquet(*(str(file.path) for file in files)).createOrReplaceTempView(
        f"{table.name}_files"
    )
    return engine.table(f"{table.name}_files")


def _nothing(table: Table) -> ibis.Table:
    """An empty table of the right schema."""
    row = {name: ibis.null(kind.copy(nullable=True)) for name, kind in table.schema.items()}
    seed = ibis.memtable({"one": [1]}, schema=ibis.schema({"one": "int8"}))
    return seed.select(**row).filter(ibis.literal(False))


_VIEWS: Mapping[str, Callable[[Any, Table, Sequence[DataFile]], ibis.Table]] = {
    "duckdb": _duckdb_view,
    "pyspark": _spark_view,
}


__all__ = ["CaseTables", "batches", "duckdb_engine", "latest", "open_engine", "spark_engine"]
