"""How may an analyst ask in SQL? In one SELECT over the tables, with no way to any other file."""

from __future__ import annotations

import csv
from typing import TextIO

import duckdb
import pyarrow as pa

from clew.case.open import Case
from clew.errors import OptionsInvalid
from clew.model.tables import TABLES
from clew.store.engines import LATEST_VIEWS, duckdb_engine

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def read_only(case: Case, sql: str) -> pa.Table:
    """The result of one SELECT over the case's tables and views.

    Raises OptionsInvalid for anything but one SELECT, for bad SQL, and for SQL that reaches for a
    file: the engine is locked to the folder of the tables.
    """
    engine = duckdb_engine()
    tables = case.tables_on(engine)
    for name in [*TABLES, *LATEST_VIEWS]:
        table = getattr(tables, name)
        stored = LATEST_VIEWS[name][0] if name in LATEST_VIEWS else name
        if stored in case.snapshot:
            engine.raw_sql(f"CREATE TEMP VIEW {name} AS {engine.compile(table)}")
        else:
            engine.create_table(name, schema=table.schema(), temp=True)
    connection = engine.con
    folder = str(case.store.folder.resolve()).replace("'", "''")
    try:
        connection.execute(f"SET allowed_directories = ['{folder}']")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        statements = connection.extract_statements(sql)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise OptionsInvalid("a query is one SELECT: the case is only read")
        return connection.sql(sql).to_arrow_table()
    except duckdb.Error as error:
        raise OptionsInvalid(f"the query cannot be answered: {error}") from error


def to_csv(result: pa.Table, file: TextIO) -> None:
    """Write a result as CSV; a text that a spreadsheet would run as a formula gets a leading '."""
    writer = csv.writer(file)
    writer.writerow(result.column_names)
    for batch in result.to_batches():
        for row in batch.to_pylist():
            writer.writerow([harmless(value) for value in row.values()])


def harmless(value: object) -> object:
    """The value, with a leading ' if a spreadsheet would run it as a formula."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value
