"""What do rows say of the entities that were asked? One row for each thing found."""

from __future__ import annotations

from typing import Any

import ibis
from ibis import _

from clew.contract import FOUND
from clew.model.kinds import OF_OBSERVABLE


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
    name nothing, or the entity itself, are left out.
    """
    named = rows.select(
        asked=asked,
        value=value,
        kind=ibis.literal(kind) if isinstance(kind, str) else kind,
        at=ibis.null("timestamp('UTC', 6)") if at is None else at,
        row=ibis.null("string") if evidence is None else evidence,
    )
    named = named.filter(_.asked.notnull(), _.value.notnull(), _.value != _.asked)
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


def kind_of_observable(kind: ibis.StringValue) -> ibis.StringValue:
    """The kind of entity that an observable of this kind is; null: it is none."""
    return kind.cases(*OF_OBSERVABLE.items())
