"""Which statements stand, and how is each change of them taken back?

A command adds statements and takes others away; it is one journal entry. What it did in effect is
kept beside it, so that undoing it is the same change the other way round, and any sequence of
commands undone in turn is the start. Nothing is ever deleted: a statement that stands no more is
still there to be shown and to be brought back.
"""

from __future__ import annotations

import getpass
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec
import sqlalchemy as sa

from clew.errors import OptionsInvalid
from clew.model.statements import KIND, Judged, Statement
from clew.store.journal import Journal, canonical, changes, journal, standing, statements

_AT_ONCE = 500  # ids in one question to SQLite
_MANY_VALUED = (KIND, *Judged)  # of these several values are no rivals


@dataclass(frozen=True, kw_only=True)
class Change:
    """One command as it was carried out."""

    seq: int  # of its journal entry
    at: str
    who: str
    command: str  # what was asked for, in words
    added: int
    removed: int
    undoes: int | None  # the seq whose effect it takes back; a redo takes back an undo


@dataclass(frozen=True, kw_only=True)
class Applied:
    """What a command came to."""

    seq: int | None  # null: nothing changed, and nothing was journalled
    added: int
    removed: int
    repeated: int  # statements that stood already
    gone: int  # statements to be taken away that did not stand
    rivals: tuple[tuple[str, str], ...]  # (subject, property) that have other values besides


class GraphStore:
    """The statements of a case. Every change goes through `apply`, `undo` or `redo`."""

    def __init__(self, store: Journal) -> None:
        self.journal = store

    def revision(self) -> int:
        """The seq of the last change; 0: there was none."""
        with self.journal.reading() as connection:
            return connection.execute(sa.select(sa.func.max(changes.c.seq))).scalar() or 0

    def apply(
        self, command: str, *, add: Iterable[Statement] = (), remove: Iterable[str] = ()
    ) -> Applied:
        """Add statements and take away those with the ids `remove`, in one transaction."""
        with self.journal.writing() as connection:
            return self.apply_within(connection, command, add=add, remove=remove)

    def apply_within(
        self,
        connection: sa.Connection,
        command: str,
        *,
        add: Iterable[Statement] = (),
        remove: Iterable[str] = (),
    ) -> Applied:
        """`apply` within a transaction that is open already (that of a run)."""
        new = {statement.statement_id: statement for statement in add}
        unwanted = set(remove) - new.keys()
        there = _standing(connection, [*new, *unwanted])
        arriving = {key: new[key] for key in sorted(new.keys() - there)}
        # Said again by the same claimant with other evidence: the older one goes.
        replaced = _same_claims(connection, arriving.values())
        leaving = sorted((unwanted & there) | (replaced - new.keys()))
        _keep(connection, arriving)
        does_something = arriving or leaving
        return Applied(
            seq=self._record(connection, command, list(arriving), leaving)
            if does_something
            else None,
            added=len(arriving),
            removed=len(leaving),
            repeated=len(new.keys() & there),
            gone=len(unwanted - there),
            rivals=_rivals(connection, arriving.values()),
        )

    def _record(
        self,
        connection: sa.Connection,
        command: str,
        adds: Sequence[str],
        removes: Sequence[str],
        *,
        undoes: int | None = None,
    ) -> int:
        """Carry out a change and journal it; gives its seq."""
        self.journal.record(
            connection,
            "graph",
            command,
            {
                "added": len(adds),
                "removed": len(removes),
                "change": _digest(adds, removes),
                "undoes": undoes,
            },
        )
        seq = int(connection.execute(sa.select(sa.func.max(journal.c.seq))).scalar_one())
        connection.execute(
            changes.insert(),
            {"seq": seq, "adds": list(adds), "removes": list(removes), "undoes": undoes},
        )
        for some in _portions(removes):
            connection.execute(standing.delete().where(standing.c.statement_id.in_(some)))
        if adds:
            connection.execute(standing.insert(), [{"statement_id": key} for key in adds])
        return seq

    # ------------------------------------------------------------------------------ undo and redo

    def undo(self) -> Applied:
        """Take back the last change of this person that stands.

        What others have changed since stays as they left it, and is counted as `repeated` and
        `gone`. Raises OptionsInvalid if there is nothing to undo.
        """
        return self._reverse("undo", 0)

    def redo(self) -> Applied:
        """Bring back what this person undid last; OptionsInvalid if they changed anything since."""
        return self._reverse("redo", 1)

    def _reverse(self, verb: str, stack: int) -> Applied:
        with self.journal.writing() as connection:
            targets = _stacks(connection)[stack]
            if not targets:
                raise OptionsInvalid(f"there is nothing to {verb}")
            target = targets[-1]
            row = connection.execute(sa.select(changes).where(changes.c.seq == target)).one()
            there = _standing(connection, [*row.adds, *row.removes])
            adds = [key for key in row.removes if key not in there]
            removes = [key for key in row.adds if key in there]
            command = _command(connection, target)
            # Journalled even if others have left nothing to reverse: the order of undoing needs it.
            seq = self._record(connection, f"{verb}: {command}", adds, removes, undoes=target)
        return Applied(
            seq=seq,
            added=len(adds),
            removed=len(removes),
            repeated=len(row.removes) - len(adds),
            gone=len(row.adds) - len(removes),
            rivals=(),
        )

    # -------------------------------------------------------------------------------------- reading

    def statements(self) -> Iterator[Statement]:
        """What stands, in no particular order."""
        # By the driver itself: half a million rows, and SQLAlchemy's cost more than all the rest.
        columns = ", ".join(f"s.{name}" for name in _FIELDS)
        query = f"SELECT {columns} FROM standing JOIN statements AS s USING (statement_id)"  # noqa: S608
        with self.journal.reading() as connection:
            cursor = connection.connection.cursor()
            for row in cursor.execute(query):
                values = dict(zip(_FIELDS, row, strict=True))
                values["evidence"] = tuple(msgspec.json.decode(values["evidence"]))
                yield Statement(**values)

    def of(self, entity_id: str) -> list[Statement]:
        """What stands of one entity and of links to it, in order of ids."""
        query = (
            sa.select(statements)
            .join(standing)
            .where((statements.c.subject == entity_id) | (statements.c.value == entity_id))
            .order_by(statements.c.statement_id)
        )
        with self.journal.reading() as connection:
            found = [_statement(row) for row in connection.execute(query)]
        # A property may hold a text that reads like an id.
        return [
            each
            for each in found
            if each.subject == entity_id or each.is_link or each.prop in list(Judged)
        ]

    def history(self) -> list[Change]:
        """Every change, the first one first."""
        query = sa.select(changes, journal.c.at, journal.c.who, journal.c.subject).join(
            journal, journal.c.seq == changes.c.seq
        )
        with self.journal.reading() as connection:
            rows = connection.execute(query.order_by(changes.c.seq)).all()
        return [
            Change(
                seq=row.seq,
                at=row.at,
                who=row.who,
                command=row.subject,
                added=len(row.adds),
                removed=len(row.removes),
                undoes=row.undoes,
            )
            for row in rows
        ]

    def verify(self) -> list[str]:
        """What is wrong with the graph, one sentence each: changes against the chain, and state."""
        problems = []
        stands: set[str] = set()
        with self.journal.reading() as connection:
            rows = connection.execute(
                sa.select(changes, journal.c.detail)
                .join(journal, journal.c.seq == changes.c.seq)
                .order_by(changes.c.seq)
            ).all()
            now = set(connection.execute(sa.select(standing.c.statement_id)).scalars())
            kept = {row.statement_id: _statement(row) for row in connection.execute(_ALL)}
        for row in rows:
            if msgspec.json.decode(row.detail)["change"] != _digest(row.adds, row.removes):
                problems.append(f"graph change {row.seq} was changed")
            stands = (stands - set(row.removes)) | set(row.adds)
        if stands != now:
            problems.append("the statements that stand are not those that the changes lead to")
        problems += [
            f"statement {key} was changed"
            for key, statement in sorted(kept.items())
            if statement.statement_id != key
        ]
        problems += [f"statement {key} is missing" for key in sorted(stands - kept.keys())]
        return problems


_ALL = sa.select(statements)
_FIELDS = Statement.__struct_fields__


def _statement(row: sa.Row[tuple[object, ...]]) -> Statement:
    values = {name: getattr(row, name) for name in _FIELDS}
    values["evidence"] = tuple(values["evidence"])
    return Statement(**values)


def _portions(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for first in range(0, len(ids), _AT_ONCE):
        yield ids[first : first + _AT_ONCE]


def _standing(connection: sa.Connection, ids: Sequence[str]) -> set[str]:
    """Those of these statements that stand."""
    found: set[str] = set()
    for some in _portions(ids):
        query = sa.select(standing.c.statement_id).where(standing.c.statement_id.in_(some))
        found.update(connection.execute(query).scalars())
    return found


def _same_claims(connection: sa.Connection, new: Iterable[Statement]) -> set[str]:
    """The statements that stand and are claimed by the same of the same, with other evidence."""
    claims = {statement.claim for statement in new}
    found: set[str] = set()
    for some in _portions(sorted({subject for subject, *_ in claims})):
        query = (
            sa.select(
                statements.c.statement_id,
                statements.c.subject,
                statements.c.prop,
                statements.c.value,
                statements.c.claimant,
            )
            .join(standing)
            .where(statements.c.subject.in_(some))
        )
        found.update(
            row.statement_id for row in connection.execute(query) if tuple(row[1:]) in claims
        )
    return found


def _rivals(connection: sa.Connection, new: Iterable[Statement]) -> tuple[tuple[str, str], ...]:
    """Properties of which another value stands beside the new one."""
    said = {
        (each.subject, each.prop): each.value
        for each in new
        if not each.is_link and each.prop not in _MANY_VALUED
    }
    found = set()
    for some in _portions(sorted({subject for subject, _ in said})):
        query = (
            sa.select(statements.c.subject, statements.c.prop, statements.c.value)
            .join(standing)
            .where(statements.c.subject.in_(some))
        )
        for row in connection.execute(query):
            key = (row.subject, row.prop)
            if key in said and said[key] != row.value:
                found.add(key)
    return tuple(sorted(found))


def _keep(connection: sa.Connection, new: dict[str, Statement]) -> None:
    """Write statements that were never written before."""
    known: set[str] = set()
    for some in _portions(list(new)):
        query = sa.select(statements.c.statement_id).where(statements.c.statement_id.in_(some))
        known.update(connection.execute(query).scalars())
    rows = [
        {"statement_id": key, **msgspec.to_builtins(statement)}
        for key, statement in new.items()
        if key not in known
    ]
    if rows:
        connection.execute(statements.insert(), rows)


def _digest(adds: Sequence[str], removes: Sequence[str]) -> str:
    """What the journal's chain holds of a change whose ids it does not repeat."""
    return hashlib.sha256(canonical([sorted(adds), sorted(removes)]).encode()).hexdigest()


def _stacks(connection: sa.Connection) -> tuple[list[int], list[int]]:
    """What this person can undo and what they can redo, the next one last.

    An undo moves a change from the first to the second; a redo, which takes back an undo, moves it
    back; any other change of theirs empties the second.
    """
    done: list[int] = []
    undone: list[int] = []
    query = (
        sa.select(changes.c.seq, changes.c.undoes)
        .join(journal, journal.c.seq == changes.c.seq)
        .where(journal.c.who == getpass.getuser())
        .order_by(changes.c.seq)
    )
    for seq, undoes in connection.execute(query):
        if undoes is None:
            done.append(seq)
            undone.clear()
        elif done and undoes == done[-1]:
            done.pop()
            undone.append(seq)
        else:
            undone.pop()
            done.append(seq)
    return done, undone


def _command(connection: sa.Connection, seq: int) -> str:
    """What the first change in a chain of undo and redo was asked for."""
    query = sa.select(changes.c.undoes, journal.c.subject).join(
        journal, journal.c.seq == changes.c.seq
    )
    while True:
        undoes, subject = connection.execute(query.where(changes.c.seq == seq)).one()
        if undoes is None:
            return str(subject)
        seq = undoes
