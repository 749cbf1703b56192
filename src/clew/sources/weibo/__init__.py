"""What do Weibo's answers hold, and the files that its common crawlers write?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import msgspec

from clew.contract import Piece, Sample, Source
from clew.errors import ItemError
from clew.formats.csv_rows import csv_rows
from clew.formats.json_items import ItemDecoder
from clew.formats.json_keys import keys_in, signs, surest
from clew.formats.json_texts import texts, unfold
from clew.model.tables import Account, Deletion, Interaction, Link, Media, Post, Row
from clew.sources.weibo.crawled import crawled_rows
from clew.sources.weibo.records import Comment, Shape, Status, User
from clew.sources.weibo.saying import account_rows, comment_rows, status_rows

_SHAPE = ItemDecoder(Shape)
_STATUS = ItemDecoder(Status)
_COMMENT = ItemDecoder(Comment)
_USER = ItemDecoder(User)
_FIELDS = ItemDecoder(dict[str, Any])
_LIST = ItemDecoder(list[msgspec.Raw])

_Record: TypeAlias = Status | Comment | User | dict[str, Any]


@dataclass(frozen=True)
class Options:
    """What answers with comments do not say."""

    post: int | None = None  # the number (mid) of the post that the comments belong to


# ------------------------------------------------------------------------------------- recognising

_SIGNS = signs(
    (0.9, "created_at reposts_count attitudes_count"),
    (0.9, "created_at rootid floor_number text"),
    (0.9, "created_at rootidstr like_counts"),
    (0.9, "created_at like_counts hot_data text"),
    (0.9, "screen_name verified_type mbrank"),
    (0.9, "_id nick_name crawl_time"),
    (0.9, "_id mblogid content"),
    (0.9, "_id comment_user like_counts"),
    (0.9, "bid user_id attitudes_count at_users"),
    (0.9, "note_id create_date_time shared_count note_url"),
    (0.9, "comment_id create_date_time comment_like_count"),
    (0.9, "ok longTextContent"),
)
_COLUMNS = [
    frozenset(names.split())
    for names in (
        "id bid user_id 微博正文",
        "id bid 正文 点赞数 转发数",
        "note_id create_date_time shared_count note_url",
        "comment_id create_date_time comment_like_count note_id",
    )
]


def recognise(sample: Sample) -> float:
    """By the keys of Weibo's objects, or the columns of its crawlers."""
    head = sample.head.removeprefix(b"\xef\xbb\xbf")
    if head.lstrip().startswith((b"{", b"[")):
        return surest(keys_in(head), _SIGNS)
    header = head.partition(b"\n")[0][:2000].decode(errors="replace")
    names = frozenset(name.strip(' "\r') for name in header.split(","))
    return 0.95 if any(columns <= names for columns in _COLUMNS) else 0.0


# -------------------------------------------------------------------------------- taking it apart


def items(piece: Piece) -> Iterator[_Record | ItemError]:
    """Each post, comment, account and relation."""
    with piece.open() as stream:
        head = stream.read(1024).removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith((b"{", b"[")):
        yield from csv_rows(piece)
        return
    for text in texts(piece):
        yield from unfold(text, partial(_look, piece=piece))


def _look(
    text: bytes, piece: Piece
) -> tuple[list[_Record | ItemError], Sequence[bytes | msgspec.Raw]]:
    """The record that a text is, else the texts inside it."""
    text = text.lstrip()
    if text.startswith(b"["):
        inside = _LIST.decode(text, piece)
        return ([inside], []) if isinstance(inside, ItemError) else ([], inside)
    if text in (b"", b"false", b"null"):
        return [], []  # `comments: false`
    shape = _SHAPE.decode(text, piece)
    if isinstance(shape, ItemError):
        return [shape], []
    if (decoder := _decoder(shape)) is not None:
        return [decoder.decode(text, piece)], [shape.comments] if decoder is _COMMENT else []
    held = [raw for raw in shape.inside if bytes(raw)[:1] in (b"{", b"[")]
    if not held:
        _note(shape, text, piece)
    return [], held


def _decoder(shape: Shape) -> ItemDecoder[Any] | None:
    """What reads an object; None: it only holds others."""
    if shape.is_crawled:
        return _FIELDS
    match shape.kind:
        case "post":
            return _STATUS
        case "comment":
            return _COMMENT
        case "account":
            return _USER
    return None


def _note(shape: Shape, text: bytes, piece: Piece) -> None:
    """Say what was in an object that holds nothing that is read."""
    if bytes(shape.longTextContent):
        piece.note("answer to longtext: does not say of which post, not read")
    elif bytes(shape.ok) and bytes(shape.ok) != b"1":
        piece.note("answer that is an error: not read")
    elif text != b"{}":
        piece.note("other objects: not read")


def rows(item: _Record, piece: Piece) -> Iterator[Row]:
    """The rows of a record."""
    options: Options = piece.options
    match item:
        case Status():
            return status_rows(item, piece)
        case Comment():
            return comment_rows(item, str(options.post) if options.post else None, piece)
        case User():
            return account_rows(item, piece)
    return crawled_rows(item, piece)


WEIBO = Source(
    name="weibo",
    platform="weibo",
    title="Weibo",
    files=(
        "JSON of m.weibo.cn and weibo.com/ajax; CSV and JSON of weibo-crawler, weibo-search, "
        "WeiboSpider and MediaCrawler"
    ),
    fills=(Post, Account, Interaction, Link, Media, Deletion),
    time=(
        "Weibo's own JSON: exact, with offset +0800, to the second. Crawlers' files: local, zone "
        "not recorded (MediaCrawler: UTC). Times in words (3分钟前) are not known."
    ),
    terms="Weibo's terms of service forbid collecting by machine without consent; ask before use.",
    recognise=recognise,
    items=items,
    rows=rows,
    options=Options,
)
