"""What do rows say of the entities that were asked? One row for each thing found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis
import pyarrow as pa
from ibis import _

from clew.contract import FOUND


def found(
    rows: ibis.Table,
    *,
    asked: Any,
    value: Any,
    kind: Any,
    at: Any = None,
    evidence: Any = None,
) -> ibis.Table:
    """The different things that rows name for each entity asked, in the form of `FOUND`.

    Each argument is an expression over `rows` (`at` an instant that is exact or null). Rows that
    name nothing are left out.
    """
    named = rows.select(
        asked=asked,
        value=value,
        kind=ibis.literal(kind) if isinstance(kind, str) else kind,
        at=ibis.null("timestamp('UTC', 6)") if at is None else at,
        row=ibis.null("string") if evidence is None else evidence,
    )
    named = named.filter(_.asked.notnull(), _.value.notnull())
    # Rows without a time come last among the first, and first among the last.
    placed = named.mutate(
        first=ibis.struct({"untimed": _.at.isnull().cast("int64"), "at": _.at, "row": _.row}),
        last=ibis.struct({"timed": _.at.notnull().cast("int64"), "at": _.at, "row": _.row}),
    )
    groups = placed.group_by("asked", "kind", "value").agg(
        acts=_.count(),
        first_at=_.at.min(),
        last_at=_.at.max(),
        first=_["first"].min(),
        last=_["last"].max(),
    )
    return groups.select(
        **{name: groups[name] for name in FOUND if name in groups.columns},
        evidence=groups["first"]["row"],
        last_evidence=groups["last"]["row"],
    ).cast(FOUND)


def given(pairs: Sequence[tuple[str, str]], *, kind: str) -> ibis.Table:
    """Asked and found, for what follows from the value itself, in the form of `FOUND`."""
    schema = ibis.schema({"asked": "string", "value": "string"})
    rows = [{"asked": asked, "value": value} for asked, value in sorted(set(pairs))]
    table = ibis.memtable(pa.Table.from_pylist(rows, schema.to_pyarrow()))
    return found(table, asked=table.asked, kind=kind, value=table.value)
