"""Which videos, comments, live chats and activities do files about YouTube hold?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from clew.contract import Piece, Sample, Source
from clew.errors import ItemError
from clew.model.tables import Account, Channel, Interaction, Link, Media, Post, Row
from clew.sources.youtube.chat_downloader import (
    Message,
    chat_recognised,
    message_rows,
    messages,
)
from clew.sources.youtube.innertube import Found, answer_recognised, answers, found_rows
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
    """What a live chat or an answer with comments does not say."""

    video: str | None = None  # the id of the video, if it is not in brackets in the file's name


_Record = Item | Written | Done | Found | Message

_READERS: tuple[
    tuple[Callable[[Sample], float], Callable[[Piece], Iterator[_Record | ItemError]]], ...
] = (
    (table_recognised, written),
    (history_recognised, done),
    (answer_recognised, answers),
    (chat_recognised, messages),
    (recognised, records),
)


def recognise(sample: Sample) -> float:
    """By the names that yt-dlp, Google Takeout, YouTube's own pages or chat-downloader use."""
    return max(sure(sample) for sure, _ in _READERS)


def items(piece: Piece) -> Iterator[_Record | ItemError]:
    """Each record, by the form of the file."""
    with piece.open() as stream:
        sample = Sample(name=piece.capture.name, head=stream.read(_HEAD), size=piece.capture.size)
    reader = next((read for sure, read in _READERS if sure(sample)), records)
    return reader(piece)


def rows(item: _Record, piece: Piece) -> Iterator[Row]:
    """The rows of a record."""
    match item:
        case Written():
            return written_rows(item)
        case Done():
            return done_rows(item)
        case Found():
            return found_rows(item, piece)
        case Message():
            return message_rows(item, piece)
        case _:
            return item_rows(item, piece)


YOUTUBE = Source(
    name="youtube",
    platform="youtube",
    title="YouTube (yt-dlp, Google Takeout, answers to its pages)",
    files="yt-dlp: *.info.json, --dump-json, -J, *.live_chat.json; Takeout: comments.csv, "
    "live chats.csv, watch-history.json, search-history.json; answers of InnerTube; "
    "chat-downloader's JSON",
    fills=(Post, Account, Channel, Interaction, Link, Media),
    time="UTC, to the second or better; yt-dlp knows no time of comments, Google Takeout does.",
    terms="YouTube's terms of service; they allow collecting by machine only with permission.",
    recognise=recognise,
    items=items,
    rows=rows,
    options=Options,
)
