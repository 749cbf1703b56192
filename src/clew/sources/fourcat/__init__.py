"""Which posts does a CSV of 4CAT, the Capture and Analysis Toolkit, hold?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from clew.contract import Piece, Sample, Source
from clew.errors import ItemError, SourceUnusable
from clew.formats.csv_rows import column_names, csv_rows
from clew.model.tables import Account, Channel, Interaction, Link, Media, Post, Row
from clew.sources.fourcat.layouts import LAYOUTS, Cells, Layout, layout_of
from clew.sources.fourcat.saying import said

_HEAD = 16 << 10
_OF_ANY = {"id", "thread_id", "author", "body", "subject", "timestamp", "unix_timestamp"}


@dataclass(frozen=True)
class Options:
    """What the file does not tell."""

    platform: str = ""  # as on the page: x, telegram, 8kun… Without it the columns decide


class _Record(NamedTuple):
    """A row and how it is laid out."""

    cells: Cells
    layout: Layout


def recognise(sample: Sample) -> float:
    """By columns that 4CAT has for one platform only, or by those that it has for every one."""
    names = column_names(sample.head)
    if layout_of(names) is not None:
        return 0.9
    return 0.6 if names >= _OF_ANY else 0.0


def items(piece: Piece) -> Iterator[_Record | ItemError]:
    """Each row. Raises SourceUnusable if neither columns nor option tell the platform."""
    with piece.open() as stream:
        names = column_names(stream.read(_HEAD))
    layout = LAYOUTS.get(piece.options.platform or layout_of(names) or "")
    if layout is None:
        raise SourceUnusable(
            "the columns do not tell the platform: give it with --set platform=, one of "
            + ", ".join(LAYOUTS)
        )
    for row in csv_rows(piece):
        yield row if isinstance(row, ItemError) else _Record(row, layout)


def rows(record: _Record, piece: Piece) -> Iterator[Row]:
    """The rows of a post."""
    return said(record.cells, record.layout, piece)


FOURCAT = Source(
    name="fourcat",
    platform=None,
    title="4CAT results (CSV)",
    files="CSV results of 4CAT for X, TikTok, Instagram, Telegram, 4chan and others",
    fills=(Post, Account, Channel, Interaction, Link, Media),
    time="UTC by the column unix_timestamp; the column timestamp alone often has no known zone.",
    terms="Those of the platform the posts were taken from: check them before you use the file.",
    recognise=recognise,
    items=items,
    rows=rows,
    options=Options,
)
