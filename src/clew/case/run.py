"""How is anything run in a case? Here, and only here: policy, errors, journal, commit.

A run's body does its work and lays what it made into the `Run`; `execute` then writes it in one
transaction. This is the only place that catches what a plugin did not declare.
"""

from __future__ import annotations

import platform
import secrets
import shutil
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa
from filelock import FileLock, Timeout

from clew.case.open import Case
from clew.contract import ENDED_WELL, Finding, Outcome, Status
from clew.errors import CaseError, ClewError, Refused
from clew.model.statements import Statement
from clew.store import journal as db
from clew.store.graph import GraphStore

STOPPED = "stopped by the analyst"

_LIBRARIES = ("clew", "deltalake", "duckdb", "ibis-framework", "msgspec", "pyarrow")


class Progress(Protocol):
    """Who is told how far a run has come."""

    def start(self, what: str, total: float | None, unit: str) -> None:
        """A step begins; `total` is how much there is, if known."""

    def advance(self, amount: float) -> None:
        """So much more is done."""


class Silent:
    """Nobody is told."""

    def start(self, what: str, total: float | None, unit: str) -> None:
        """Say nothing."""

    def advance(self, amount: float) -> None:
        """Say nothing."""


@dataclass(kw_only=True)
class Run:
    """One run while it goes on: what it works in, and what it wants committed."""

    case: Case
    run_id: str
    kind: str
    name: str
    options: Mapping[str, Any]
    engine: str
    folder: Path  # its own, for what is not committed
    progress: Progress
    held: ExitStack  # locks it holds until it is committed
    inputs: dict[str, int] = field(default_factory=dict)
    snapshots: dict[str, int] = field(default_factory=dict)  # table → version to be visible
    captures: list[dict[str, Any]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    annotated: list[dict[str, str]] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)  # for the graph
    result: str | None = None

    def lock(self) -> None:
        """Wait for the case's write lock and hold it until this run is committed."""
        self.held.enter_context(self.case.write_lock())
        self.case.refresh()


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """A run that has ended, as the journal has it."""

    run_id: str
    kind: str
    name: str
    options: Mapping[str, Any]
    engine: str
    started_at: str
    ended_at: str
    outcome: Outcome


def execute(
    case: Case,
    body: Callable[[Run], Outcome],
    *,
    kind: str,
    name: str,
    options: Mapping[str, Any] | None = None,
    engine: str = "duckdb",
    progress: Progress | None = None,
) -> RunRecord:
    """Run `body` and commit what it made, or nothing at all if it did not end well.

    Raises CaseError if the case itself cannot be written; everything else ends in the Outcome.
    """
    _sweep(case)
    started = db.now()
    run_id = f"{started:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
    subject = f"{kind} {name}"
    with ExitStack() as held:
        try:
            folder = held.enter_context(_own_folder(case, run_id))
            with case.journal.writing() as connection:
                case.journal.record(
                    connection, "run started", subject, {"run": run_id, "options": options or {}}
                )
        except (OSError, sa.exc.OperationalError) as error:
            raise CaseError(f"the case cannot be written: {_cause(error)}") from error
        run = Run(
            case=case,
            run_id=run_id,
            kind=kind,
            name=name,
            options=options or {},
            engine=engine,
            folder=folder,
            progress=progress or Silent(),
            held=held,
        )
        try:
            outcome = attempt(lambda: body(run))
        except KeyboardInterrupt:
            reason = f"{STOPPED}; nothing was kept"
            outcome = Outcome(status=Status.FAILED, reason=reason)
        record = RunRecord(
            run_id=run_id,
            kind=kind,
            name=name,
            options=run.options,
            engine=engine,
            started_at=started.isoformat(),
            ended_at=db.now().isoformat(),
            outcome=outcome,
        )
        try:
            _commit(run, record)
        except (OSError, sa.exc.OperationalError) as error:
            raise CaseError(
                f"the run could not be written, the case is unchanged: {_cause(error)}"
            ) from error
    case.refresh()
    return record


def attempt(body: Callable[[], Outcome]) -> Outcome:
    """What `body` gives, or the Outcome that its error means. Ctrl-C is the caller's to catch."""
    try:
        return body()
    except Refused as error:
        return Outcome(status=Status.REFUSED, reason=str(error))
    except ClewError as error:
        return Outcome(status=Status.FAILED, reason=str(error))
    except (OSError, MemoryError) as error:
        return Outcome(status=Status.FAILED, reason=_cause(error))
    except Exception as error:  # noqa: BLE001 - the one place: a defect must not take the case along
        trace = "".join(traceback.format_exception(error)[-6:])
        return Outcome(status=Status.BROKE, reason=f"{type(error).__name__}: {error}\n{trace}")


def _commit(run: Run, record: RunRecord) -> None:
    """Make the run and all that it did visible at once."""
    case = run.case
    ended_well = record.outcome.status in ENDED_WELL
    with case.journal.writing() as connection:
        connection.execute(
            db.runs.insert(),
            {
                "run_id": record.run_id,
                "kind": record.kind,
                "name": record.name,
                "options": dict(record.options),
                "versions": _versions(),
                "inputs": run.inputs,
                "engine": record.engine,
                "started_at": record.started_at,
                "ended_at": record.ended_at,
                "outcome": asdict(record.outcome),
                "result": run.result if ended_well else None,
            },
        )
        for capture in run.captures:
            connection.execute(db.captures.insert(), {"run_id": run.run_id, **capture})
        if ended_well:
            for ordinal, finding in enumerate(run.findings):
                connection.execute(
                    db.findings.insert(),
                    {"run_id": run.run_id, "ordinal": ordinal, "body": asdict(finding)},
                )
            for name, number in run.snapshots.items():
                connection.execute(db.snapshots.delete().where(db.snapshots.c.table == name))
                connection.execute(db.snapshots.insert(), {"table": name, "version": number})
            for mark in run.annotated:
                connection.execute(db.annotated.insert(), mark)
            if run.statements:
                GraphStore(case.journal).apply_within(
                    connection, f"{run.kind} {run.name}", add=run.statements
                )
        case.journal.record(
            connection,
            "run ended",
            f"{record.kind} {record.name}",
            {
                "run": record.run_id,
                "outcome": asdict(record.outcome),
                "captures": [capture["capture_id"] for capture in run.captures],
                "tables": run.snapshots if ended_well else {},
                "result": run.result,
            },
        )


@contextmanager
def _own_folder(case: Case, run_id: str) -> Iterator[Path]:
    """A folder for what the run has not committed; its lock tells others that it is alive."""
    folder = case.scratch / run_id
    folder.mkdir(parents=True)
    with FileLock(folder / "alive.lock"):
        yield folder
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(case: Case) -> None:
    """Throw away what dead runs have left."""
    for folder in case.scratch.glob("*"):
        try:
            with FileLock(folder / "alive.lock", timeout=0):
                shutil.rmtree(folder, ignore_errors=True)
        except (Timeout, OSError):
            continue


def _versions() -> dict[str, str]:
    return {"python": platform.python_version()} | {name: version(name) for name in _LIBRARIES}


def _cause(error: BaseException) -> str:
    if isinstance(error, sa.exc.OperationalError):
        return str(error.orig)
    if isinstance(error, OSError) and error.strerror:
        where = f" ({error.filename})" if error.filename else ""
        return f"{error.strerror}{where}"
    return str(error) or type(error).__name__


__all__ = ["Progress", "Run", "RunRecord", "Silent", "attempt", "execute"]
