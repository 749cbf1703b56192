"""How is a case opened, and what is in it? The facade for notebooks, the command line and reports.

case = clew.open_case("mycase")
case.posts.group_by("account_id").agg(posts=lambda t: t.count()).to_pandas()
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import ibis
import sqlalchemy as sa
from filelock import FileLock

from clew.errors import CaseDamaged, CaseInvalid
from clew.model.lawful import Mandate, Marking, Scope, parse_mandate
from clew.store import journal as db
from clew.store.engines import CaseTables, duckdb_engine
from clew.store.evidence import EvidenceStore
from clew.store.journal import Journal
from clew.store.tables import TableStore

MANDATE_FILE = "case.toml"


class Case:
    """One investigation: a folder with a mandate, evidence, tables and a journal.

    The tables are attributes: `case.posts` is an Ibis table of what was visible when the case was
    opened (see `clew.model.tables` for the columns; `accounts` and `channels` hold the latest known
    values of the snapshots). `refresh` shows what was added since.
    """

    def __init__(self, folder: Path, mandate: Mandate, journal: Journal) -> None:
        self.folder = folder
        self.mandate = mandate
        self.journal = journal
        self.evidence = EvidenceStore(folder / "evidence")
        self.store = TableStore(folder / "tables")
        self.snapshot: Mapping[str, int] = {}
        self.refresh()

    def refresh(self) -> None:
        """See what has been committed up to now."""
        with self.journal.reading() as connection:
            rows = connection.execute(sa.select(db.snapshots)).all()
        self.snapshot = {row.table: row.version for row in rows}
        self.__dict__.pop("tables", None)

    @cached_property
    def tables(self) -> CaseTables:
        """The tables on a DuckDB of their own."""
        return self.tables_on(duckdb_engine())

    def tables_on(
        self, engine: ibis.BaseBackend, snapshot: Mapping[str, int] | None = None
    ) -> CaseTables:
        """The tables on an engine, as they are now or at the versions of an earlier run."""
        versions = self.snapshot if snapshot is None else snapshot
        return CaseTables(engine, lambda name: self.store.files(name, versions.get(name)))

    def __getattr__(self, name: str) -> ibis.Table:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.tables, name)

    def write_lock(self) -> FileLock:
        """What a process holds while it commits; the system frees it if the process dies."""
        return FileLock(self.folder / "case.lock")

    @property
    def scratch(self) -> Path:
        """Where runs keep what is not committed; may be deleted while no run is on."""
        return self.folder / "scratch"

    def result_path(self, digest: str) -> Path:
        """Where the result of an analysis run is: Parquet, named by its SHA-256."""
        return self.folder / "results" / f"{digest}.parquet"

    def select(self, query: sa.Select[Any]) -> list[dict[str, Any]]:
        """Rows of the journal database (`clew.store.journal` has its tables)."""
        with self.journal.reading() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def close(self) -> None:
        """Give files back."""
        self.journal.close()


def new_case(
    folder: str | Path,
    *,
    name: str,
    purpose: str,
    legal_basis: str,
    retention_until: dt.date,
    authority: str = "",
    marking: Marking = Marking.AMBER,
    platforms: tuple[str, ...] = (),
) -> Case:
    """Make a case in a new or empty folder.

    Raises CaseInvalid if the folder holds something, a required statement is empty, or the
    retention date has passed.
    """
    folder = Path(folder)
    mandate = Mandate(
        name=name,
        purpose=purpose,
        legal_basis=legal_basis,
        retention_until=retention_until,
        authority=authority,
        marking=marking,
        scope=Scope(platforms=platforms),
    )
    if retention_until < db.now().date():
        raise CaseInvalid(f"the retention date {retention_until} has passed")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise CaseInvalid(f"{folder} is not empty: a case needs a folder of its own")
        (folder / MANDATE_FILE).write_text(_mandate_text(mandate), encoding="utf-8")
        journal = Journal(folder / "case.sqlite", create=True)
    except OSError as error:
        raise CaseInvalid(f"cannot make a case in {folder}: {error.strerror}") from error
    with journal.writing() as connection:
        journal.record(connection, "case made", name, {"mandate": _mandate_facts(mandate)})
    return Case(folder, mandate, journal)


def open_case(folder: str | Path) -> Case:
    """Open a case; raises CaseInvalid or CaseDamaged with what is wrong."""
    folder = Path(folder)
    path = folder / MANDATE_FILE
    try:
        text = path.read_bytes()
    except FileNotFoundError as error:
        raise CaseInvalid(f"{folder} is no case: it has no {MANDATE_FILE}") from error
    except OSError as error:
        raise CaseDamaged(f"{path} cannot be read: {error.strerror}") from error
    return Case(folder, parse_mandate(text, str(path)), Journal(folder / "case.sqlite"))


def _mandate_facts(mandate: Mandate) -> dict[str, Any]:
    return {
        "name": mandate.name,
        "purpose": mandate.purpose,
        "legal_basis": mandate.legal_basis,
        "authority": mandate.authority,
        "retention_until": mandate.retention_until.isoformat(),
        "marking": mandate.marking.value,
        "platforms": list(mandate.scope.platforms),
        "activities": [activity.value for activity in mandate.scope.activities],
    }


def _mandate_text(mandate: Mandate) -> str:
    facts = {
        name: json.dumps(value, ensure_ascii=False)  # a JSON string or list is one in TOML too
        for name, value in _mandate_facts(mandate).items()
    }
    return f"""\
# What this case is for. Clew asks it before every run; edit it by hand, and say why in the journal:
#   clew note "retention extended by order of …"
name = {facts["name"]}
purpose = {facts["purpose"]}
legal_basis = {facts["legal_basis"]}
# Until this day nothing may be added; then the case has to be erased. A date: YYYY-MM-DD.
retention_until = {mandate.retention_until}
# Who ordered or approved it.
authority = {facts["authority"]}
# Traffic Light Protocol: "TLP:RED", "TLP:AMBER+STRICT", "TLP:AMBER", "TLP:GREEN", "TLP:CLEAR".
marking = {facts["marking"]}

[scope]
# Only these platforms may be read; [] means any.
platforms = {facts["platforms"]}
# offline: only files that are there; public_api, own_account_api: see the page of each source.
activities = {facts["activities"]}
"""
