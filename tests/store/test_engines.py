"""Engines keep to their place on disk, and agree on what the latest snapshot is."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa

from clew.model.tables import TABLES, Account
from clew.store.engines import duckdb_engine, latest
from tests.engines import register

_BIG = "SELECT md5(i::VARCHAR) AS words FROM range(1500000) AS r(i) ORDER BY words"
_FILES = "SELECT path FROM duckdb_temporary_files()"


def spilled(engine) -> list[str]:
    """The files that DuckDB has out for a table that does not fit in memory."""
    engine.raw_sql("SET memory_limit = '40MB'")
    engine.raw_sql("SET threads = 1")
    engine.raw_sql(f"CREATE TABLE big AS {_BIG}")
    return [path for (path,) in engine.raw_sql(_FILES).fetchall()]


def test_spills_where_it_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    engine = duckdb_engine(tmp_path / "spill")
    files = spilled(engine)
    assert files
    assert all(path.startswith(str(tmp_path / "spill")) for path in files)
    assert [path.name for path in tmp_path.iterdir()] == ["spill"]


def test_spills_nowhere_near_the_analyst(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    engine = duckdb_engine()
    assert spilled(engine)
    assert list(tmp_path.iterdir()) == []


def test_latest_of_one_second_is_the_later_record(engine):
    """Fractions are not looked at: DuckDB would round .7 up, Spark would not."""
    moment = dt.datetime(2024, 5, 1, 12, 0, 0, tzinfo=dt.UTC)
    said = [
        ("x:1", "earlier record", moment.replace(microsecond=700_000), 1),
        ("x:1", "later record", moment.replace(microsecond=200_000), 2),
        ("x:2", "later second", moment + dt.timedelta(seconds=1), 1),
        ("x:2", "earlier second", moment.replace(microsecond=900_000), 2),
    ]
    rows = [
        {"account_id": key, "platform": "x", "name": name, "observed_at": at, "item": item}
        for key, name, at, item in said
    ]
    table = TABLES["account_snapshots"]
    snapshots = register(engine, pa.Table.from_pylist(rows, table.arrow))
    found = latest(snapshots.cast(dict(table.schema.items())), Account, "account_id").to_pyarrow()
    assert dict(zip(found["account_id"].to_pylist(), found["name"].to_pylist(), strict=True)) == {
        "x:1": "later record",
        "x:2": "later second",
    }
