"""What has somebody written, watched and searched for, by their own Google Takeout of YouTube?

`comments.csv` and `live chats.csv` hold what the account has written, with exact times;
`watch-history.json` and `search-history.json` what it has done. Whose account that is, the history
does not say.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from clew.contract import Piece, Sample
from clew.errors import ItemError
from clew.formats.csv_rows import column_names, csv_rows
from clew.formats.json_items import ItemDecoder
from clew.formats.json_texts import texts
from clew.model.tables import Interaction, InteractionKind, Link, Post, PostKind, Row
from clew.model.times import TimeQuality, from_iso

_PLATFORM = "youtube"
_COMMENTS = frozenset(("comment id", "comment create timestamp", "comment text"))
_CHATS = frozenset(("live chat id", "live chat create timestamp", "live chat text"))


class Written(NamedTuple):
    """A comment or a message of a live chat; names of columns in small letters."""

    cells: dict[str, str]


class _Channel(msgspec.Struct, gc=False):
    """Whose video it was."""

    name: str | None = None
    url: str | None = None


class Done(msgspec.Struct, gc=False):
    """A video that was watched, or a search."""

    title: str | None = None
    titleUrl: str | None = None  # noqa: N815 - as the file spells it
    time: str | None = None
    subtitles: list[_Channel] | None = None
    products: list[str] | None = None


_DONE = ItemDecoder(Done)


def table_recognised(sample: Sample) -> float:
    """By the columns, whose capitals have changed over the years."""
    names = frozenset(map(str.lower, column_names(sample.head)))
    return 0.95 if names >= _COMMENTS or names >= _CHATS else 0.0


def history_recognised(sample: Sample) -> float:
    """By the keys of an activity, of which YouTube is the product."""
    head = sample.head[: 16 << 10]
    signs = (b'"titleUrl"', b'"products"', b'"YouTube', b'"time"')
    is_list = head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"[")
    return 0.9 if is_list and all(sign in head for sign in signs) else 0.0


def written(piece: Piece) -> Iterator[Written | ItemError]:
    """Each row of a table of comments or messages."""
    for row in csv_rows(piece):
        if isinstance(row, ItemError):
            yield row
        else:
            yield Written({name.lower(): cell for name, cell in row.items()})


def done(piece: Piece) -> Iterator[Done | ItemError]:
    """Each activity of a history."""
    for text in texts(piece):
        yield _DONE.decode(text, piece)


def written_rows(item: Written) -> Iterator[Row]:
    """The rows of a comment or a message, which YouTube's servers have timed."""
    cells = item.cells
    is_comment = "comment id" in cells
    kind = "comment" if is_comment else "live chat"
    native, moment = cells.get(f"{kind} id"), cells.get(f"{kind} create timestamp")
    if native is None or moment is None:
        raise ItemError("unexpected structure", "a comment without id or time")
    video, author = _id(cells.get("video id")), _id(cells.get("channel id"))
    parent = _id(cells.get("parent comment id"))
    answered = (parent or video or _id(cells.get("post id"))) if is_comment else None
    post = Post(
        post_id=f"{_PLATFORM}:{native}",
        platform=_PLATFORM,
        kind=PostKind.COMMENT if is_comment else PostKind.MESSAGE,
        account_id=author,
        thread_id=video or _id(cells.get("post id")),
        reply_to_post_id=answered,
        posted_at=from_iso(moment, naive_is_utc=True),
        time_quality=TimeQuality.UTC,
        text=_words(cells.get(f"{kind} text")),
    )
    yield post
    if answered:
        yield Interaction(
            kind=InteractionKind.REPLY,
            platform=_PLATFORM,
            account_id=author,
            post_id=post.post_id,
            target_post_id=answered,
            happened_at=post.posted_at,
            time_quality=post.time_quality,
        )


def _id(native: str | None) -> str | None:
    return f"{_PLATFORM}:{native}" if native else None


class _Segment(msgspec.Struct, gc=False):
    """A part of a text: words, a link or an emoji."""

    text: str | None = None
    segments: list[_Segment] | None = msgspec.field(default=None, name="takeoutSegments")

    def __str__(self) -> str:
        return "".join(map(str, self.segments or ())) if self.text is None else self.text


_SEGMENTS = msgspec.json.Decoder(list[_Segment])


def _words(text: str | None) -> str | None:
    """What was written: JSON objects one behind the other in most exports, else the plain words."""
    if text is None or not text.startswith("{"):
        return text
    try:
        return "".join(map(str, _SEGMENTS.decode(f"[{text}]"))) or None
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        return text


def done_rows(item: Done) -> Iterator[Row]:
    """What was done, as a service message of the account, and the video's address."""
    if item.time is None or "YouTube" not in " ".join(item.products or ()):
        raise ItemError("unexpected structure", "an activity of YouTube without time")
    address = item.titleUrl or None
    action = "viewed"
    if address and "/watch?v=" in address:
        action = "watched"
    elif address and "search_query=" in address:
        action = "searched"
    said = f"{item.time}\n{address}\n{item.title}".encode(errors="surrogatepass")
    post = Post(
        post_id=f"{_PLATFORM}:activity/{hashlib.sha256(said).hexdigest()[:32]}",
        platform=_PLATFORM,
        kind=PostKind.SERVICE,
        posted_at=from_iso(item.time),
        time_quality=TimeQuality.UTC,
        action=action,
        text=item.title or None,
    )
    yield post
    if address:
        channel = next(iter(item.subtitles or ()), None)
        yield Link(
            post_id=post.post_id,
            platform=_PLATFORM,
            url=address,
            description=(channel.name or None) if channel else None,
            posted_at=post.posted_at,
        )
