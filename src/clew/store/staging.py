"""Where do rows wait until a run is committed? In Parquet files of the run's own folder.

A reading process appends rows here and nobody sees them. `clew.store.tables` takes them over in one
commit, or the folder is thrown away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from clew.model.tables import TABLE_OF, Merge, Row, Table
from clew.model.times import Micros

_FLUSH_ROWS = 50_000


class Stage:
    """Rows of one piece of one capture, on their way to the tables.

    Rows of a snapshot table that repeat within the piece are written once: an export of a million
    messages names each of its authors with every message.
    """

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
        self._seen: dict[type[Row], set[Row]] = {}
        self._parts = 0
        self.repeats: Counter[str] = Counter()  # table → rows that the piece had said before

    def add(self, rows: Iterable[Row], item: int) -> None:
        """Stage the rows of record number `item`."""
        for row in rows:
            kind = type(row)
            try:
                waiting = self._rows[kind]
            except KeyError:
                waiting = self._rows[kind] = []
                self._items[kind] = []
                if TABLE_OF[kind].merge is Merge.ONCE:
                    self._seen[kind] = set()
            seen = self._seen.get(kind)
            if seen is not None:
                if row in seen:
                    self.repeats[TABLE_OF[kind].name] += 1
                    continue
                seen.add(row)
            waiting.append(row)
            self._items[kind].append(item)
            if len(waiting) >= _FLUSH_ROWS:
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


def write_part(folder: Path, table: Table, batch: pa.Table, part: str) -> None:
    """Stage an Arrow table of rows of `table` under a part name that is unique in the run."""
    target = folder / table.name
    target.mkdir(parents=True, exist_ok=True)
    # Read once and thrown away: fast to write matters more than small.
    pq.write_table(batch, target / f"{part}.parquet", compression="lz4", use_dictionary=False)


def drop_parts(folder: Path, prefix: str) -> None:
    """Throw away all that was staged under a prefix."""
    for path in folder.glob(f"*/{prefix}*.parquet"):
        path.unlink()


def staged_files(folder: Path, table: Table) -> list[Path]:
    """The staged files of one table, in order of pieces."""
    return sorted((folder / table.name).glob("*.parquet"))


def to_arrow(
    table: Table, rows: list[Row], items: list[int], constants: Mapping[str, object]
) -> pa.Table:
    """Rows as an Arrow table of the table's schema, without its partition month."""
    size = len(rows)
    columns: dict[str, pa.Array] = {}
    for name in table.content:
        columns[name] = _array([getattr(row, name) for row in rows], table.arrow.field(name).type)
    if table.merge is not Merge.DERIVED:
        columns["item"] = pa.array(items, pa.int64())
    for name, value in constants.items():
        if name in table.columns:
            columns[name] = _array([value], table.arrow.field(name).type).take(
                pa.array([0] * size, pa.int8())
            )
    return pa.table(columns)


def _array(values: list[object], kind: pa.DataType) -> pa.Array:
    if pa.types.is_timestamp(kind):
        return pa.array(values, pa.int64()).cast(kind)
    return pa.array(values, kind)
