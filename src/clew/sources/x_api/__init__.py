"""Which posts and accounts do answers of X's API hold, as collectors kept them?

`v2` and `v11` say what a record means. Here is what both generations share: the file is lines of
records (pages of v2 among them), a list of records, or one answer alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

import msgspec

from clew.contract import Capture, Piece, Sample, Source
from clew.formats.json_keys import keys_in, signs, surest
from clew.formats.json_stream import Wanted, cut_json, slices, split
from clew.formats.lines import blocks, cut_lines, lines
from clew.model.tables import Account, Deletion, Interaction, Link, Media, Post, Row
from clew.sources.x_api import v2, v11

_HEAD = 64 << 10


class _Generation(Protocol):
    """What `v2` and `v11` are: how the records of one generation are read."""

    PAGES: tuple[bytes, ...]
    count: Callable[[Iterable[bytes], Piece], int]
    items: Callable[[Iterable[bytes], Piece], Iterator[Any]]
    rows: Callable[[Any, Piece], Iterator[Row]]


def _generation(piece: Piece) -> _Generation:
    return v2 if piece.context.is_v2 else v11


class _Context(NamedTuple):
    """What a piece must say of the capture it was cut from."""

    is_v2: bool
    shares: Any  # where its slices are, if it was cut from one JSON text


def cut(capture: Capture, options: Any) -> Iterator[Piece]:
    """Pieces of whole records. Items are numbered by record, not by page."""
    with capture.open() as stream:
        _, head = next(blocks(stream, _HEAD), (0, b""))
    v2_score, v11_score = _scores(head)
    more = 0  # items than texts so far: a page is one text
    for piece in _pieces(capture, options, head):
        piece.first_item += more
        piece.context = _Context(v2_score >= v11_score, piece.context)
        yield piece
        more += _more_items(piece)


def _pieces(capture: Capture, options: Any, head: bytes) -> Iterator[Piece]:
    starts = [line.strip() for line in head.split(b"\n") if line and not line.isspace()][:3]
    if starts and starts[0].startswith(b"["):
        return cut_json(capture, options, wanted=[Wanted(path="")])
    # A record on each line. One of the first may be broken, or longer than the head.
    is_long = len(starts) == 1 and len(head) >= _HEAD
    if not starts or is_long or any(line[:1] + line[-1:] == b"{}" for line in starts):
        return cut_lines(capture, options)
    return cut_json(capture, options, wanted=[Wanted(path="", whole=True)])


def _more_items(piece: Piece) -> int:
    """How many more items than texts a piece has (or fewer: a page may be empty)."""
    generation = _generation(piece)
    if not any(key in (piece.data or b"") for key in generation.PAGES):
        return 0
    scratch = replace(piece, notes=Counter())
    texts = list(_texts(scratch))
    return generation.count(texts, scratch) - len(texts)


def items(piece: Piece) -> Iterator[Any]:
    """Each post, account or other record of the piece."""
    return _generation(piece).items(_texts(piece), piece)


def rows(item: Any, piece: Piece) -> Iterator[Row]:
    """The rows of a record: see `v2.rows` and `v11.rows`."""
    return _generation(piece).rows(item, piece)


def _texts(piece: Piece) -> Iterator[bytes]:
    """The JSON texts of a piece, each of them a record or a page."""
    if piece.context.shares is None:
        yield from lines(piece)
        return
    for part in slices(replace(piece, context=piece.context.shares)):
        if part.data.startswith(b"["):
            yield from _elements(part.data)
        else:
            yield part.data


def _elements(data: bytes) -> Iterator[bytes]:
    try:
        yield from map(bytes, _RAWS.decode(data))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        yield from split(data)


_RAWS = msgspec.json.Decoder(list[msgspec.Raw])

# ------------------------------------------------------------------------------------ recognising

_V2 = signs(
    (1.0, "__twarc"),
    (0.95, "edit_history_tweet_ids text"),
    (0.95, "author_id conversation_id public_metrics"),
    (0.9, "author_id public_metrics text"),
    (0.9, "author_id referenced_tweets text"),
    (0.9, "author_id conversation_id text"),
    (0.9, "username public_metrics followers_count tweet_count"),
    (0.8, "data includes author_id text"),
    (0.8, "data meta newest_id oldest_id"),
    (0.8, "data tweet_count start end"),
    (0.5, "data id name username"),
)
_V11 = signs(
    (0.95, "id_str created_at full_text user"),
    (0.95, "id_str created_at text retweet_count"),
    (0.95, "id_str screen_name followers_count"),
    (0.9, "id_str created_at text user"),
    (0.85, "created_at text user screen_name"),
    (0.8, "screen_name profile_image_url"),
    (0.8, "delete status user_id_str"),
    (0.7, "ids next_cursor_str"),
    (0.7, "recipient_screen_name sender_screen_name text"),
    (0.6, "id_str name screen_name"),
)
_COMPLIANCE = re.compile(rb'\s*\{\s*"id"\s*:\s*"\d{1,20}"\s*,\s*"action"\s*:\s*"delete"')
# Keys of formats that look alike: X's web page, Weibo, GNU social.
_FOREIGN = frozenset(b"rest_id legacy __typename idstr reposts_count statusnet_html".split())


def _scores(head: bytes) -> tuple[float, float]:
    """How surely a file that begins so holds answers of v2, and of v1.1: by its keys."""
    if not head.lstrip().startswith((b"{", b"[")):
        return 0, 0
    if _COMPLIANCE.match(head):
        return 0.9, 0
    keys = keys_in(head)
    if keys & _FOREIGN and b"__twarc" not in keys:
        return 0, 0
    return surest(keys, _V2), surest(keys, _V11)


def recognise(sample: Sample) -> float:
    """How surely a file holds answers of X's API."""
    return max(_scores(sample.head.removeprefix(b"\xef\xbb\xbf")))


X_API = Source(
    name="x_api",
    platform="x",
    title="X API (v2 and v1.1)",
    files="*.jsonl of twarc (pages or flattened) or of a stream; *.json as the API sent it",
    fills=(Post, Account, Interaction, Link, Media, Deletion),
    time="UTC: set by X's servers, to the second.",
    terms="X's developer agreement; it asks that what is deleted on X be deleted here, too.",
    recognise=recognise,
    cut=cut,
    items=items,
    rows=rows,
)
