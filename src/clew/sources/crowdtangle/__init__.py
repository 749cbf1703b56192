"""Which posts do the CSVs of CrowdTangle and the Meta Content Library hold?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from clew.contract import Piece, Sample, Source
from clew.errors import ItemError
from clew.formats.csv_rows import column_names, csv_rows
from clew.model.tables import Account, Channel, Interaction, Link, Media, Post, Row
from clew.sources.crowdtangle.dashboard import dashboard_rows
from clew.sources.crowdtangle.library import library_rows

_HEAD = 16 << 10

_OF_DASHBOARD = (
    {"Post Created", "URL", "Page Name"},
    {"Post Created", "URL", "Group Name"},
    {"Post Created", "URL", "Account", "Total Interactions"},
)
_OF_LIBRARY = {"id", "creation_time", "post_owner.id"}
_OF_FACEBOOK = {"statistics.share_count", "statistics.reaction_count", "surface.id"}


@dataclass(frozen=True)
class Options:
    """How the times are read."""

    zone: str = ""  # IANA name of the dashboard's zone, where its word does not tell: Asia/Manila


class _Record(NamedTuple):
    """A row, and the platform that a library's file is of (None: a dashboard's file)."""

    cells: dict[str, str]
    library_of: str | None


def recognise(sample: Sample) -> float:
    """By the names of the columns."""
    names = column_names(sample.head)
    is_known = names >= _OF_LIBRARY or any(signs <= names for signs in _OF_DASHBOARD)
    return 0.95 if is_known else 0.0


def items(piece: Piece) -> Iterator[_Record | ItemError]:
    """Each row."""
    with piece.open() as stream:
        names = column_names(stream.read(_HEAD))
    library_of = None
    if names >= _OF_LIBRARY:
        library_of = "facebook" if names & _OF_FACEBOOK else "instagram"
    for row in csv_rows(piece):
        yield row if isinstance(row, ItemError) else _Record(row, library_of)


def rows(record: _Record, piece: Piece) -> Iterator[Row]:
    """The rows of a post."""
    if record.library_of is None:
        return dashboard_rows(record.cells, piece)
    return library_rows(record.cells, record.library_of, piece)


CROWDTANGLE = Source(
    name="crowdtangle",
    platform=None,
    title="CrowdTangle and Meta Content Library",
    files="CSV exports of CrowdTangle (pages, groups, Instagram) and of the Meta Content Library",
    fills=(Post, Account, Channel, Interaction, Link, Media),
    time="CrowdTangle: local time with a word for its offset (EST, EDT…). Content Library: UTC.",
    terms="Meta's terms for researchers, who may not pass posts on; CrowdTangle ended in 2024.",
    recognise=recognise,
    items=items,
    rows=rows,
    options=Options,
)
