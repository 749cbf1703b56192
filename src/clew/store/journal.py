"""Who did what, when and why, and what is there now? `case.sqlite`.

The journal is append-only and hash-chained: each entry holds the hash of the one before it. Runs,
captures, findings, statements and changes of the graph are written once. `snapshots` names the
Delta version of each table that is visible: moving it, together with the run that made it, is the
commit point of the whole case.
"""

from __future__ import annotations

import datetime as dt
import getpass
import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from clew.errors import CaseDamaged

_SCHEMA_VERSION = 3
_BEFORE_THE_GRAPH = 2  # lacks only tables that are new
_metadata = sa.MetaData()

journal = sa.Table(
    "journal",
    _metadata,
    sa.Column("seq", sa.Integer, primary_key=True, comment="from 1, without a gap"),
    sa.Column("at", sa.Text, nullable=False, comment="UTC, ISO 8601 with microseconds"),
    sa.Column("who", sa.Text, nullable=False, comment="name of the account on this computer"),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False, comment="what it was done to"),
    sa.Column("detail", sa.Text, nullable=False, comment="canonical JSON"),
    sa.Column("previous", sa.Text, nullable=False, comment="hash of the entry before"),
    sa.Column("hash", sa.Text, nullable=False, comment="SHA-256 over all the other columns"),
)

runs = sa.Table(
    "runs",
    _metadata,
    sa.Column("run_id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False, comment="import, annotate, analyse, transform"),
    sa.Column("name", sa.Text, nullable=False, comment="source, annotator or analysis"),
    sa.Column("options", sa.JSON, nullable=False),
    sa.Column("versions", sa.JSON, nullable=False, comment="of Clew and the libraries it ran on"),
    sa.Column("inputs", sa.JSON, nullable=False, comment="table → Delta version that it read"),
    sa.Column("engine", sa.Text, nullable=False),
    sa.Column("started_at", sa.Text, nullable=False),
    sa.Column("ended_at", sa.Text, nullable=False),
    sa.Column("outcome", sa.JSON, nullable=False),
    sa.Column("result", sa.Text, comment="SHA-256 of the result file, if there is one"),
)

captures = sa.Table(
    "captures",
    _metadata,
    sa.Column("run_id", sa.Text, sa.ForeignKey("runs.run_id"), primary_key=True),
    sa.Column("capture_id", sa.Text, primary_key=True, comment="SHA-256 of the bytes"),
    sa.Column("name", sa.Text, primary_key=True, comment="name it came with"),
    sa.Column("size", sa.Integer, nullable=False, comment="bytes"),
    sa.Column("observed_at", sa.Integer, comment="microseconds since 1970, UTC; null: unknown"),
    sa.Column("part_of", sa.Text, comment="the archive it was found in"),
    sa.Column("beside", sa.JSON, comment="name → capture that was looked into in reading it"),
    sa.Column("source", sa.Text, comment="null: kept as evidence, read by no source"),
    sa.Column("runner_up", sa.Text, comment="the source that came second in recognising it"),
    sa.Column("outcome", sa.JSON, comment="row accounting of this capture"),
)

findings = sa.Table(
    "findings",
    _metadata,
    sa.Column("run_id", sa.Text, sa.ForeignKey("runs.run_id"), primary_key=True),
    sa.Column("ordinal", sa.Integer, primary_key=True),
    sa.Column("body", sa.JSON, nullable=False),
)

snapshots = sa.Table(
    "snapshots",
    _metadata,
    sa.Column("table", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False, comment="Delta version that is visible"),
)

annotated = sa.Table(
    "annotated",
    _metadata,
    sa.Column("annotator", sa.Text, primary_key=True),
    sa.Column("version", sa.Text, primary_key=True, comment="of the annotator"),
    sa.Column("run_id", sa.Text, primary_key=True, comment="the import whose posts it has seen"),
)

statements = sa.Table(
    "statements",
    _metadata,
    sa.Column("statement_id", sa.Text, primary_key=True, comment="hash of all other columns"),
    sa.Column("subject", sa.Text, nullable=False, index=True, comment="the entity it speaks of"),
    sa.Column("prop", sa.Text, nullable=False, comment="a property, a link or a judgement"),
    sa.Column("value", sa.Text, nullable=False, index=True, comment="of a link: an entity"),
    sa.Column("claimant", sa.Text, nullable=False, comment="a transform, or a person's account"),
    sa.Column("original", sa.Text, nullable=False, comment="the value as it was written"),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("evidence", sa.JSON, nullable=False, comment="ids of rows and captures"),
    sa.Column("acts", sa.Integer, comment="how many there are of what it says"),
    sa.Column("first_at", sa.Integer, comment="microseconds since 1970, UTC"),
    sa.Column("last_at", sa.Integer, comment="microseconds since 1970, UTC"),
    sa.Column("confidence", sa.Float, comment="a probability"),
)

standing = sa.Table(
    "standing",
    _metadata,
    sa.Column("statement_id", sa.Text, sa.ForeignKey("statements.statement_id"), primary_key=True),
)

changes = sa.Table(
    "changes",
    _metadata,
    sa.Column("seq", sa.Integer, sa.ForeignKey("journal.seq"), primary_key=True),
    sa.Column("adds", sa.JSON, nullable=False, comment="statements that stand from then on"),
    sa.Column("removes", sa.JSON, nullable=False, comment="statements that stand no more"),
    sa.Column("undoes", sa.Integer, comment="the change that it takes back"),
)

_APPEND_ONLY = ("journal", "runs", "captures", "findings", "statements", "changes")
_START = "0" * 64


@dataclass(frozen=True)
class Entry:
    """One entry of the journal."""

    seq: int
    at: str
    who: str
    action: str
    subject: str
    detail: Mapping[str, Any]
    hash: str


class Journal:
    """The database of one case. Every write goes through `writing`, one process at a time."""

    def __init__(self, path: Path, *, create: bool = False) -> None:
        if not create and not path.is_file():
            raise CaseDamaged(f"{path} is missing")
        self.path = path
        self._engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": 60})
        sa.event.listen(self._engine, "connect", _configure)
        sa.event.listen(self._engine, "begin", _begin)
        try:
            if create:
                self._create()
            else:
                self._check_version()
        except sa.exc.DatabaseError as error:
            raise CaseDamaged(f"{path} cannot be read: {error.orig}") from error

    def _create(self) -> None:
        """Make what is missing: all of it, or what came after the version that made the case."""
        with self.writing() as connection:
            _metadata.create_all(connection)
            for name in _APPEND_ONLY:
                for verb in ("UPDATE", "DELETE"):
                    connection.exec_driver_sql(
                        f"CREATE TRIGGER IF NOT EXISTS {name}_no_{verb.lower()}"
                        f" BEFORE {verb} ON {name} "
                        f"BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END"
                    )
            connection.exec_driver_sql(f"PRAGMA user_version = {_SCHEMA_VERSION}")

    def _check_version(self) -> None:
        with self.reading() as connection:
            version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        if version == _BEFORE_THE_GRAPH:
            self._create()
        elif version != _SCHEMA_VERSION:
            raise CaseDamaged(
                f"{self.path} has schema version {version}; this Clew reads {_SCHEMA_VERSION}"
            )

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction that no other process can write beside; rolled back on any error."""
        with self._engine.connect() as plain:
            connection = plain.execution_options(immediate=True)
            with connection.begin():
                yield connection

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A transaction that sees one state of the case."""
        with self._engine.connect() as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Give the database file back."""
        self._engine.dispose()

    def record(
        self, connection: sa.Connection, action: str, subject: str, detail: Mapping[str, Any]
    ) -> str:
        """Append an entry within a `writing` transaction; gives its hash."""
        last = connection.execute(
            sa.select(journal.c.seq, journal.c.hash).order_by(journal.c.seq.desc()).limit(1)
        ).first()
        entry = {
            "seq": last.seq + 1 if last else 1,
            "at": now().isoformat(timespec="microseconds"),
            "who": getpass.getuser(),
            "action": action,
            "subject": subject,
            "detail": canonical(detail),
            "previous": last.hash if last else _START,
        }
        entry["hash"] = _hash(entry)
        connection.execute(journal.insert(), entry)
        return str(entry["hash"])

    def entries(self) -> list[Entry]:
        """All entries in order."""
        with self.reading() as connection:
            rows = connection.execute(sa.select(journal).order_by(journal.c.seq)).all()
        return [
            Entry(r.seq, r.at, r.who, r.action, r.subject, json.loads(r.detail), r.hash)
            for r in rows
        ]

    def verify(self) -> list[str]:
        """What is wrong with the chain, one sentence each; empty if nothing is."""
        problems: list[str] = []
        with self.reading() as connection:
            rows = connection.execute(sa.select(journal).order_by(journal.c.seq)).mappings().all()
        previous = _START
        for number, row in enumerate(rows, 1):
            entry = {name: row[name] for name in row if name != "hash"}
            if row["seq"] != number:
                problems.append(f"journal entry {number} is missing")
                break
            if row["previous"] != previous:
                problems.append(f"journal entry {number} does not follow the one before it")
            if row["hash"] != _hash(entry):
                problems.append(f"journal entry {number} was changed")
            previous = row["hash"]
        return problems


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces: equal values give equal bytes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def now() -> dt.datetime:
    """This moment in UTC."""
    return dt.datetime.now(dt.UTC)


def _hash(entry: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(dict(entry)).encode()).hexdigest()


def _configure(connection: Any, _record: object) -> None:
    # The driver must not open transactions by itself: `_begin` says which kind.
    connection.isolation_level = None
    # A rollback journal, not a WAL: a case on a read-only medium must open too.
    for pragma in ("synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: sa.Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
