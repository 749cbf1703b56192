"""The engines that analyses are tested on, and how a test hands them tables."""

from __future__ import annotations

import itertools
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import ibis
import pyarrow as pa
import pytest

from clew.model.tables import PROVENANCE, TABLES, Account, Channel, Table
from clew.store.engines import duckdb_engine, spark_engine

_VIEWS = {
    "accounts": Table(name="accounts", row=Account, key=("account_id",), merge="once"),
    "channels": Table(name="channels", row=Channel, key=("channel_id",), merge="once"),
}
_PROVENANCE = {name: ibis.dtype(kind) for name, (kind, _) in PROVENANCE.items()}
_number = itertools.count()


def columns_of(name: str) -> dict[str, ibis.DataType]:
    """Column → type of a table or view of a case: what it says, without provenance."""
    table = TABLES.get(name) or _VIEWS[name]
    return {column: table.schema[column] for column in table.content}


class GivenTables:
    """Tables made of given rows, on one engine: `tables.posts`…

    Only the tables and columns that `needs` names are there, so that an analysis which reads more
    than it declares fails.
    """

    def __init__(
        self,
        engine: ibis.BaseBackend,
        needs: Mapping[str, tuple[str, ...]],
        rows: Mapping[str, list[dict[str, Any]]],
    ) -> None:
        for name, columns in needs.items():
            kinds = columns_of(name) | _PROVENANCE
            schema = ibis.schema({column: kinds[column] for column in columns})
            data = pa.Table.from_pylist(
                [{column: row[column] for column in columns} for row in rows[name]],
                schema=schema.to_pyarrow(),
            )
            setattr(self, name, register(engine, data).cast(schema))


def register(engine: Any, data: pa.Table) -> ibis.Table:
    """The rows as a table of the engine."""
    name = f"given_{next(_number)}"
    if engine.name == "duckdb":
        return engine.create_table(name, data, temp=True)
    engine._session.createDataFrame(data).createOrReplaceTempView(name)
    return engine.table(name)


@pytest.fixture(scope="session")
def duckdb() -> ibis.BaseBackend:
    """DuckDB, for tests of what does not depend on the engine."""
    return duckdb_engine()


@pytest.fixture(scope="session")
def spark() -> Iterator[ibis.BaseBackend]:
    """One small Spark for all tests; skips, saying so, where Java or the extra is missing."""
    pytest.importorskip("pyspark", reason="Spark needs the extra: pip install 'clew[spark]'")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java 17, and there is no java here")
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    session = (
        SparkSession.builder.master("local[1]")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.memory", "1g")
        .config("spark.log.level", "ERROR")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.sql.adaptive.enabled", "false")
        .config("spark.ui.enabled", "false")
        .getOrCreate()
    )
    yield spark_engine("local[1]")
    session.stop()


@pytest.fixture(params=["duckdb", pytest.param("spark", marks=pytest.mark.spark)])
def engine(request: pytest.FixtureRequest) -> ibis.BaseBackend:
    """Every engine in turn."""
    return request.getfixturevalue(request.param)
