"""What do answers of VK's API hold: walls, comments, accounts, communities?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import msgspec

from clew.contract import Piece, Sample, Source
from clew.errors import ItemError
from clew.formats.json_items import ItemDecoder
from clew.formats.json_texts import texts, unfold
from clew.model.tables import Account, Channel, Deletion, Interaction, Link, Media, Post, Row
from clew.sources.vk.records import Page, Record
from clew.sources.vk.saying import account_rows, community_rows, wall_rows

_PAGE = ItemDecoder(Page)
_RECORD = ItemDecoder(Record)
_LIST = ItemDecoder(list[msgspec.Raw])

_BARE = "bare numbers: counts or ids without a name, not read"


@dataclass(frozen=True)
class Options:
    """What older answers to `wall.getComments` do not say."""

    owner: int | None = None  # whose wall the comments stand on; negative: a community's
    post: int | None = None  # the number of the post they belong to


class _Item(NamedTuple):
    """A record, and what is known of where it stands."""

    record: Record
    owner: int | None = None
    post: int | None = None


# -------------------------------------------------------------------------------- taking it apart

_RESPONSE = re.compile(rb'\s*\{\s*"response"\s*:')
_ON_WALL = re.compile(rb'"(?:owner_id|to_id|from_id)"\s{0,8}:\s{0,8}-?\d')
_DATE = re.compile(rb'"date"\s{0,8}:\s{0,8}\d{9,10}\b')
_OF_WALL = re.compile(
    rb'"(?:post_type|post_source|copy_history|parents_stack|reply_to_comment'
    rb'|marked_as_ads|user_likes)"\s{0,8}:'
)
_OF_OTHERS = re.compile(rb'"(?:first_name|screen_name)"\s{0,8}:\s{0,8}"')


def recognise(sample: Sample) -> float:
    """By what posts and comments have, or accounts and communities in an answer."""
    head = sample.head.removeprefix(b"\xef\xbb\xbf")
    if not head.lstrip().startswith((b"{", b"[")):
        return 0.0
    if _DATE.search(head) and _ON_WALL.search(head) and _OF_WALL.search(head):
        return 0.95
    if not _RESPONSE.match(head):
        return 0.0
    if _DATE.search(head) and _ON_WALL.search(head):
        return 0.8
    return 0.7 if _OF_OTHERS.search(head) else 0.0


def items(piece: Piece) -> Iterator[_Item | ItemError]:
    """Each post, comment, account and community."""
    options: Options = piece.options
    about = _Item(Record(), options.owner, options.post)
    for text in texts(piece):
        yield from unfold(text, partial(_look, about=about, piece=piece))


def _look(
    text: bytes, about: _Item, piece: Piece
) -> tuple[list[_Item | ItemError], Sequence[bytes | msgspec.Raw]]:
    """The records of a page, or the one that a text is; else the texts inside it."""
    text = text.lstrip()
    if text.startswith(b"["):
        inside = _LIST.decode(text, piece)
        return ([inside], []) if isinstance(inside, ItemError) else ([], inside)
    if not text.startswith(b"{"):
        piece.note(_BARE)
        return [], []
    page = _PAGE.decode(text, piece)
    if isinstance(page, ItemError):
        return [page], []
    if page.is_list:
        return list(_listed(page, about, piece)), []
    if bytes(page.error):
        piece.note("answer that is an error: not read")
    elif not bytes(page.response):
        return list(_unfolded(_RECORD.decode(text, piece), about)), []
    return [], [page.response] if bytes(page.response) else []


def _listed(page: Page, about: _Item, piece: Piece) -> Iterator[_Item | ItemError]:
    """The records of a page. A deleted comment does not say where it stood: the others do."""
    records: list[Record | ItemError] = []
    for raw in (*(page.items or ()), *(page.profiles or ()), *(page.groups or ())):
        text = bytes(raw)
        if text.startswith(b"{"):
            records.append(_RECORD.decode(text, piece))
        else:
            piece.note(_BARE)
    known = [record for record in records if isinstance(record, Record)]
    walls = {record.wall for record in known if record.kind == "comment"} - {None}
    posts = {record.post_id for record in known if record.kind == "comment"} - {None}
    about = about._replace(
        owner=walls.pop() if len(walls) == 1 else about.owner,
        post=posts.pop() if len(posts) == 1 else about.post,
    )
    for record in records:
        yield from _unfolded(record, about)


def _unfolded(record: Record | ItemError, about: _Item) -> Iterator[_Item | ItemError]:
    """A record, and the answers to it if it is a comment."""
    if isinstance(record, ItemError):
        yield record
        return
    waiting = [_Item(record, about.owner, about.post)]
    while waiting:
        item = waiting.pop()
        yield item
        owner, post = item.record.wall or item.owner, item.record.post_id or item.post
        inside = (item.record.thread and item.record.thread.items) or ()
        waiting += [_Item(answer, owner, post) for answer in reversed(inside)]


# ----------------------------------------------------------------------------- what a record says


def rows(item: _Item, piece: Piece) -> Iterator[Row]:
    """The rows of a post, comment, account or community."""
    record = item.record
    match record.kind:
        case "account":
            yield from account_rows(record)
        case "community":
            yield from community_rows(record)
        case None:
            raise ItemError("unexpected structure", "none of the objects that are read")
        case _:
            yield from wall_rows(record, item.owner, item.post, piece)


VK = Source(
    name="vk",
    platform="vk",
    title="VK API",
    files="*.json or lines: answers to wall.get, wall.getComments, users.get, groups.getById, …",
    fills=(Post, Account, Channel, Interaction, Link, Media, Deletion),
    time="UTC: set by VK's servers, to the second.",
    terms="VK's terms for developers; they forbid passing personal data on without consent.",
    recognise=recognise,
    items=items,
    rows=rows,
    options=Options,
)
