"""Where do rows wait until a run is committed? In Parquet files of the run's own folder.

A reading process appends rows here and nobody sees them. The files lie and are written as they
would in the table itself, so that in the usual case `clew.store.tables` takes them over as they
are; otherwise the folder is thrown away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from msgspec.structs import astuple

from clew.model.tables import TABLE_OF, UNKNOWN_MONTH, Merge, Post, Row, Table
from clew.model.times import Micros

_FLUSH_ROWS = 100_000
_FLUSH_CHARACTERS = 32 << 20
_SEEN_ROWS = 300_000

_SNAPSHOTS = {kind for kind, table in TABLE_OF.items() if table.merge is Merge.ONCE}
_REPETITIVE = {
    *("account_id", "channel_id", "capture_id", "run_id", "kind", "time_quality", "client"),
    *("language", "language_claimed", "target_account_id", "thread_id", "mime", "reason"),
}  # columns of few values: a dictionary makes them small, for others it is work for nothing


class Seen:
    """The rows of snapshot tables that this process has staged for a capture.

    An export of a million messages names each of its authors with every message: they are written
    once. Forgets when it grows too large; merging finds what slips through.
    """

    def __init__(self) -> None:
        self._of: tuple[str, str | None] | None = None
        self._rows: set[Row] = set()

    def begin(self, run_id: str, capture_id: str | None) -> None:
        """Forget what belongs to another run or capture."""
        if self._of != (run_id, capture_id):
            self._of = (run_id, capture_id)
            self._rows.clear()

    def is_new(self, row: Row) -> bool:
        """Whether the row has not been staged yet; from now on it has."""
        if row in self._rows:
            return False
        if len(self._rows) >= _SEEN_ROWS:
            self._rows.clear()
        self._rows.add(row)
        return True


class Stage:
    """Rows of one piece of one capture, on their way to the tables."""

    def __init__(
        self,
        folder: Path,
        *,
        prefix: str,
        run_id: str,
        capture_id: str | None = None,
        observed_at: Micros | None = None,
    ) -> None:
        self._folder = folder
        self._prefix = prefix  # orders its files among those of the run
        self._constants = {
            "run_id": run_id,
            "capture_id": capture_id,
            "observed_at": observed_at,
        }
        self._rows: dict[type[Row], list[Row]] = {}
        self._items: dict[type[Row], list[int]] = {}
        self._parts = 0
        self._characters = 0  # of the texts that wait
        self.seen = Seen()
        self.repeats: Counter[str] = Counter()  # table → rows that were staged before

    def share(self, seen: Seen) -> None:
        """Leave out what other stages of this process have staged for the same capture."""
        seen.begin(str(self._constants["run_id"]), self._constants["capture_id"])  # type: ignore[arg-type]
        self.seen = seen

    def add(self, rows: Iterable[Row], item: int) -> None:
        """Stage the rows of record number `item`."""
        for row in rows:
            kind = type(row)
            try:
                waiting = self._rows[kind]
            except KeyError:
                waiting = self._rows[kind] = []
                self._items[kind] = []
            if kind in _SNAPSHOTS and not self.seen.is_new(row):
                self.repeats[TABLE_OF[kind].name] += 1
                continue
            waiting.append(row)
            self._items[kind].append(item)
            if isinstance(row, Post) and row.text:
                self._characters += len(row.text)
            if len(waiting) >= _FLUSH_ROWS or self._characters >= _FLUSH_CHARACTERS:
                self._flush(kind)

    def close(self) -> None:
        """Write what is still waiting."""
        for kind in self._rows:
            self._flush(kind)

    def _flush(self, kind: type[Row]) -> None:
        rows, items = self._rows[kind], self._items[kind]
        if not rows:
            return
        table = TABLE_OF[kind]
        self._parts += 1
        write_part(
            self._folder,
            table,
            to_arrow(table, rows, items, self._constants),
            f"{self._prefix}-{self._parts:04}",
        )
        rows.clear()
        items.clear()
        if kind is Post:
            self._characters = 0


def write_part(folder: Path, table: Table, batch: pa.Table, part: str) -> None:
    """Stage an Arrow table of rows of `table` under a part name that is unique in the run."""
    if table.time and "month" not in batch.column_names:
        months = pc.strftime(batch.column(table.time), "%Y-%m")
        batch = batch.append_column("month", pc.fill_null(months, UNKNOWN_MONTH))
    for platform, rows in _by_value(batch, "platform"):
        for month, some in _by_value(rows, "month") if table.time else [(None, rows)]:
            target = folder / table.name / f"platform={platform}"
            if month:
                target /= f"month={month}"
            target.mkdir(parents=True, exist_ok=True)
            pq.write_table(
                some.drop_columns(list(table.partition_by)),
                target / f"{part}.parquet",
                compression="zstd",
                compression_level=1,
                use_dictionary=[name for name in some.column_names if name in _REPETITIVE],
            )


def _by_value(batch: pa.Table, column: str) -> Iterator[tuple[str, pa.Table]]:
    """The rows of each value of a column."""
    values = batch.column(column).unique().to_pylist()
    if len(values) == 1:
        yield values[0], batch
        return
    for value in values:
        yield value, batch.filter(pc.equal(batch.column(column), value))


def staged_platforms(folder: Path, prefix: str) -> list[str]:
    """The platforms of the rows staged under a prefix, but for those of rejected records."""
    paths = list(folder.rglob(f"{prefix}*.parquet"))
    parts = {part for path in paths if "rejected" not in path.parts for part in path.parts}
    return sorted(part.removeprefix("platform=") for part in parts if part.startswith("platform="))


def drop_parts(folder: Path, prefix: str) -> None:
    """Throw away all that was staged under a prefix."""
    for path in folder.rglob(f"{prefix}*.parquet"):
        path.unlink()


def staged_files(folder: Path, table: Table) -> list[Path]:
    """The staged files of one table, in order of parts."""
    return sorted((folder / table.name).rglob("*.parquet"), key=lambda path: path.name)


def to_arrow(
    table: Table, rows: list[Row], items: list[int], constants: Mapping[str, object]
) -> pa.Table:
    """Rows as an Arrow table of the table's schema."""
    size = len(rows)
    columns = {
        name: _array(values, table.arrow.field(name).type)
        for name, values in zip(table.content, zip(*map(astuple, rows), strict=True), strict=True)
    }
    if table.merge is not Merge.DERIVED:
        columns["item"] = pa.array(items, pa.int64())
    for name, value in constants.items():
        if name in table.columns:
            columns[name] = _array([value], table.arrow.field(name).type).take(
                pa.array([0] * size, pa.int8())
            )
    return pa.table(columns)


def _array(values: Sequence[object], kind: pa.DataType) -> pa.Array:
    if pa.types.is_timestamp(kind):
        return pa.array(values, pa.int64()).cast(kind)
    return pa.array(values, kind)
