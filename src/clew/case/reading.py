"""What does one piece of a capture hold? The loop that every source is driven by.

It runs in a worker process and is the one place where an ItemError is caught and counted.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from clew.case.drift import fields_of
from clew.contract import Piece, Source
from clew.errors import ItemError
from clew.model.tables import RejectedItem, Row
from clew.store.staging import Stage

_EXCERPT = 500


@dataclass(kw_only=True)
class Reading:
    """What became of the records of a piece."""

    items: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    repeats: Counter[str] = field(default_factory=Counter)  # table → rows the piece said before
    fields: Counter[str] = field(default_factory=Counter)  # of the records that were looked at


def read_piece(source: Source, piece: Piece, stage: Stage) -> Reading:
    """Read every record of the piece into the stage; rejected records are staged as such.

    Raises SourceUnusable when the piece is not what it claims to be.
    """
    reading = Reading()
    numbers = itertools.count(piece.first_item)
    items: Iterator[object] = source.items(piece)
    for number, item in zip(numbers, items, strict=False):
        reading.items += 1
        try:
            if isinstance(item, ItemError):
                raise item
            stage.add(list(source.rows(item, piece)), number)
        except ItemError as error:
            reading.rejected[error.reason] += 1
            stage.add([_rejection(source, item, error)], number)
    reading.notes = piece.notes
    reading.fields = fields_of(source.name, piece)
    return reading


def _rejection(source: Source, item: object, error: ItemError) -> Row:
    excerpt = None if isinstance(item, ItemError) else repr(item)[:_EXCERPT]
    return RejectedItem(
        platform=source.platform or source.name,
        reason=error.reason,
        detail=error.detail or None,
        excerpt=excerpt and excerpt.encode("utf-8", "replace").decode(),
    )


def whole(source: Source, piece: Piece) -> Iterator[list[Row] | ItemError]:
    """The rows of each record of a piece, or why it was rejected: for tests and dry runs."""
    for item in source.items(piece):
        if isinstance(item, ItemError):
            yield item
            continue
        try:
            yield list(source.rows(item, piece))
        except ItemError as error:
            yield error
