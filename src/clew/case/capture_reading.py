"""What does one capture hold? All its pieces read into a stage, counted and not yet merged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from clew.case.drift import changes
from clew.case.open import Case
from clew.case.reading import Reading
from clew.case.reading_pool import ReadingPool
from clew.case.run import STOPPED, Progress
from clew.contract import (
    ENDED_WELL,
    Outcome,
    Piece,
    Source,
    Status,
    TableCount,
    options_from,
    plugins,
)
from clew.errors import OptionsInvalid
from clew.model.tables import TABLES
from clew.store import journal as db
from clew.store.evidence import StoredCapture
from clew.store.merging import Counts
from clew.store.staging import Stage


@dataclass(kw_only=True)
class CaptureReading:
    """The reading of one capture into a stage."""

    source: Source
    capture: StoredCapture
    options: Mapping[str, str]
    stage: Path
    prefix: str
    run_id: str
    beside: Mapping[str, StoredCapture] = field(default_factory=dict)
    readings: list[Reading] = field(default_factory=list)  # one for each piece, in order

    def read(self, pool: ReadingPool, progress: Progress) -> None:
        """Read all pieces. After KeyboardInterrupt those counted so far stand, and no others."""
        capture = self.capture
        options = options_from(self.source.options, self.options)
        pieces: Iterable[Piece] = (
            self.source.cut(capture, options)
            if self.source.cut
            else [Piece(capture=capture, options=options)]
        )
        readings = pool.read(self.source, map(self._with_beside, pieces), capture.size, self._stage)
        try:
            for piece, reading in readings:
                self.readings.append(reading)  # counted by this one step: Ctrl-C is not in between
                progress.advance(len(piece.data) if piece.data is not None else capture.size)
        except KeyboardInterrupt:
            readings.close()
            for path in self.stage.rglob(f"{self.prefix}*.parquet"):
                if int(path.name.removeprefix(self.prefix)[:8]) >= len(self.readings):
                    path.unlink()
            raise

    @property
    def repeats(self) -> Counter[str]:
        """Table → rows that were left out because they had been staged before."""
        return sum((reading.repeats for reading in self.readings), Counter())

    def outcome(self, *, stopped: bool = False) -> Outcome:
        """What the reading came to, before its rows are merged."""
        items = sum(reading.items for reading in self.readings)
        rejected: Counter[str] = sum((reading.rejected for reading in self.readings), Counter())
        notes: Counter[str] = sum((reading.notes for reading in self.readings), Counter())
        fields: Counter[str] = sum((reading.fields for reading in self.readings), Counter())
        notes += changes(self.source.name, fields)
        status = Status.COMPLETED if items else Status.NOTHING
        if rejected or stopped:
            status = Status.PARTIAL
        return Outcome(
            status=status,
            reason=f"{STOPPED} after {items:,} records" if stopped else "",
            items=items,
            rejected=dict(rejected),
            notes=dict(notes),
        )

    def _with_beside(self, piece: Piece) -> Piece:
        piece.beside = self.beside
        return piece

    def _stage(self, number: int) -> Stage:
        return Stage(
            self.stage,
            prefix=f"{self.prefix}{number:08}",
            run_id=self.run_id,
            capture_id=self.capture.capture_id,
            observed_at=self.capture.observed_at,
        )


def stored_captures(case: Case, where: sa.ColumnElement[bool]) -> list[dict[str, Any]]:
    """What was read into the case, in order: captures with what they were read with.

    Left out is what left no rows: archives, what could not be read, was stopped half-way or had
    the same bytes as another. `around` holds the captures that were looked into beside each.
    """
    rows = case.select(
        sa.select(db.captures, db.runs.c.options)
        .join(db.runs)
        .where(where, db.runs.c.kind == "import", db.captures.c.source.is_not(None))
        .order_by(db.runs.c.started_at, db.captures.c.name)
    )
    read = [
        row
        for row in rows
        if row["outcome"]["status"] in ENDED_WELL and not row["outcome"]["reason"]
    ]
    named = {capture_id for row in read for capture_id in (row["beside"] or {}).values()}
    known = case.select(sa.select(db.captures)) if named else []
    stored = {
        row["capture_id"]: _stored(case, row)
        for row in reversed(known)  # under the name it first came with
        if row["capture_id"] in named
    }
    for row in read:
        row["around"] = {
            name: stored[capture_id] for name, capture_id in (row["beside"] or {}).items()
        }
    return read


def reading_again(
    case: Case, row: Mapping[str, Any], *, stage: Path, number: int, run_id: str
) -> CaptureReading:
    """The reading of a capture that `stored_captures` gave, by the source as it is now.

    Raises OptionsInvalid if there is no such source any more, CaseDamaged if evidence is gone.
    """
    sources = plugins(Source)
    if row["source"] not in sources:
        raise OptionsInvalid(f"{row['name']} was read by {row['source']}, which is not there now")
    return CaptureReading(
        source=sources[row["source"]],
        capture=_stored(case, row),
        options=row["options"]["set"],
        stage=stage,
        prefix=f"{number:05}-",
        run_id=run_id,
        beside=row["around"],
    )


def _stored(case: Case, row: Mapping[str, Any]) -> StoredCapture:
    return case.evidence.get(
        row["capture_id"], name=row["name"], size=row["size"], observed_at=row["observed_at"]
    )


def settle(merged: Mapping[str, Counts]) -> dict[str, dict[str, TableCount]]:
    """Capture id → table → what became of the rows, from what each merge said.

    A row that merging took for another version, older than the current one, is a duplicate after
    all if the table of versions had it already.
    """
    settled: dict[str, dict[str, TableCount]] = {}
    for name, counts in merged.items():
        for capture_id, count in counts.items():
            settled.setdefault(capture_id or "", {})[name] = count
    for name, table in TABLES.items():
        for counts_of in settled.values():
            older = counts_of.pop(table.versions, None) if table.versions else None
            if older and name in counts_of:
                known = min(older.duplicate, counts_of[name].updated)
                counts_of[name].add(TableCount(updated=-known, duplicate=known))
    return settled
