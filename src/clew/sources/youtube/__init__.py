"""Which videos, comments, live chats and activities do files about YouTube hold?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from clew.contract import Piece, Sample, Source
from clew.errors import ItemError
from clew.model.tables import Account, Channel, Interaction, Link, Media, Post, Row
from clew.sources.youtube.takeout import (
    Done,
    Written,
    done,
    done_rows,
    history_recognised,
    table_recognised,
    written,
    written_rows,
)
from clew.sources.youtube.yt_dlp import Item, item_rows, recognised, records

_HEAD = 64 << 10


@dataclass(frozen=True)
class Options:
    """What a live chat does not say."""

    video: str | None = None  # the id of its video, if it is not in brackets in the file's name


def recognise(sample: Sample) -> float:
    """By the names that yt-dlp and Google Takeout use."""
    return max(recognised(sample), table_recognised(sample), history_recognised(sample))


def items(piece: Piece) -> Iterator[Item | Written | Done | ItemError]:
    """Each record, by the form of the file."""
    with piece.open() as stream:
        sample = Sample(name=piece.capture.name, head=stream.read(_HEAD), size=piece.capture.size)
    if table_recognised(sample):
        return written(piece)
    return done(piece) if history_recognised(sample) else records(piece)


def rows(item: Item | Written | Done, piece: Piece) -> Iterator[Row]:
    """The rows of a record."""
    match item:
        case Written():
            return written_rows(item)
        case Done():
            return done_rows(item)
        case _:
            return item_rows(item, piece)


YOUTUBE = Source(
    name="youtube",
    platform="youtube",
    title="YouTube (yt-dlp, Google Takeout)",
    files="yt-dlp: *.info.json, --dump-json, -J, *.live_chat.json; Takeout: comments.csv, "
    "live chats.csv, watch-history.json, search-history.json",
    fills=(Post, Account, Channel, Interaction, Link, Media),
    time="UTC, to the second or better; yt-dlp knows no time of comments, Google Takeout does.",
    terms="YouTube's terms of service; they allow collecting by machine only with permission.",
    recognise=recognise,
    items=items,
    rows=rows,
    options=Options,
)
