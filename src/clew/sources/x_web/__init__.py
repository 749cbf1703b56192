"""Which posts and accounts do the answers hold that X's web pages are made of (GraphQL)?

An answer has them at places that differ by page and change by month, but each of them says what it
is (`__typename`). So the answer is searched, from the outside in: what is a post or an account is
read, what is around it is only gone through.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, TypeAlias

import msgspec

from clew.contract import Piece, Sample, Source
from clew.errors import ItemError
from clew.formats.json_items import ItemDecoder
from clew.formats.json_stream import Wanted, cut_json, slices
from clew.formats.json_texts import texts, unfold
from clew.formats.lines import blocks
from clew.model.tables import Account, Channel, Interaction, Link, Media, Post, Row
from clew.sources.x_web.records import Exchange, Tweet, User
from clew.sources.x_web.saying import account_rows, post_rows

_Item: TypeAlias = Tweet | User | str

_TWEET = ItemDecoder(Tweet)
_USER = ItemDecoder(User)
_OBJECT = ItemDecoder(dict[str, msgspec.Raw])
_LIST = ItemDecoder(list[msgspec.Raw])
_EXCHANGE = ItemDecoder(Exchange)

_HAR = re.compile(rb'\s*\{\s*"log"\s*:\s*\{')
_FROM_X = re.compile(rb"//(?:[a-z]+\.)?(?:x|twitter)\.com/")
_COLLECTED_ON_X = re.compile(rb'"source_platform"\s*:\s*"(?:twitter|x)\.com"')
_RESULT = re.compile(rb'"__typename"\s*:\s*"(?:Tweet|User|TweetWithVisibilityResults)"')

# -------------------------------------------------------------------------------- taking it apart


def recognise(sample: Sample) -> float:
    """By a result of type Tweet or User, a collector's line, or a browser's recording of X."""
    head = sample.head.removeprefix(b"\xef\xbb\xbf")
    if not head.lstrip().startswith((b"{", b"[")):
        return 0.0
    if _HAR.match(head):
        return 0.7 if _FROM_X.search(head) else 0.0
    if b'"rest_id"' not in head:
        return 0.0
    if _COLLECTED_ON_X.search(head):
        return 1.0
    is_x = b'"legacy"' in head or b'"core"' in head or b'"timeline"' in head
    return 0.95 if is_x and _RESULT.search(head) else 0.0


def items(piece: Piece) -> Iterator[_Item | ItemError]:
    """Each post and account of the answers; a word for what stands in the place of one."""
    with piece.open() as stream:
        _, head = next(blocks(stream, 1 << 12), (0, b""))
    for text in _recorded(piece) if _HAR.match(head) else texts(piece):
        yield from unfold(text, partial(_look, piece=piece))


def _recorded(piece: Piece) -> Iterator[bytes]:
    """The answers of X in a browser's recording."""
    for part in cut_json(piece.capture, piece.options, wanted=[Wanted(path="log.entries")]):
        for share in slices(part):
            for exchange in _EXCHANGE.elements(share, piece):
                if isinstance(exchange, Exchange):
                    yield from _answer(exchange)


def _answer(exchange: Exchange) -> Iterator[bytes]:
    url = exchange.request.url if exchange.request else ""
    content = exchange.response and exchange.response.content
    if "/graphql/" not in url or not content or not content.text:
        return
    text = content.text.encode("utf-8", "replace")
    if content.encoding == "base64":
        try:
            text = base64.b64decode(text, validate=True)
        except binascii.Error:
            return
    yield text


_WAY = frozenset(b"{[")


def _look(
    text: bytes, piece: Piece
) -> tuple[list[_Item | ItemError], Sequence[bytes | msgspec.Raw]]:
    """The post or account that a text is, else the texts inside it."""
    text = text.lstrip()
    kind: ItemDecoder[Any] = _LIST if text.startswith(b"[") else _OBJECT
    inside = kind.decode(text, piece)
    if isinstance(inside, ItemError):
        return [inside], []
    found: list[_Item | ItemError] = []
    if isinstance(inside, dict):
        item = _result(inside, text, piece)
        if item is not None:
            found = [item]
            inside = inside if isinstance(item, User) else {}  # its timeline lies inside it
        inside = inside.values()
    below = [bytes(value) for value in inside]
    return found, [value for value in below if value[:1] and value[0] in _WAY]


_STUBS = {
    b'"TweetTombstone"': "post that X did not show: tombstone",
    b'"TweetUnavailable"': "post that X did not show: unavailable",
    b'"UserUnavailable"': "account that X did not show",
}


def _result(members: dict[str, msgspec.Raw], text: bytes, piece: Piece) -> _Item | ItemError | None:
    """The post or account that an object is; None: it is something around them."""
    kind = bytes(members.get("__typename", b""))
    is_post = kind == b'"Tweet"' or (not kind and "rest_id" in members and "legacy" in members)
    if is_post:
        return _TWEET.decode(text, piece)
    if kind == b'"User"':
        return _USER.decode(text, piece)
    return _STUBS.get(kind)


# ----------------------------------------------------------------------------- what a record says


def rows(item: _Item, piece: Piece) -> Iterator[Row]:
    """The rows of a post or an account."""
    match item:
        case User(rest_id=None):
            piece.note("account without id: not read")
        case User():
            yield from account_rows(item)
        case Tweet(legacy=None):
            piece.note("post named by its id only: not read")
        case Tweet(rest_id=None):
            raise ItemError("unexpected structure", "a post without id")
        case Tweet():
            yield from post_rows(item, piece)
        case _:
            piece.note(item)


X_WEB = Source(
    name="x_web",
    platform="x",
    title="X web pages (GraphQL)",
    files="*.json or lines of GraphQL answers, browser recordings (.har), Zeeschuimer's X items",
    fills=(Post, Account, Channel, Interaction, Link, Media),
    time="UTC: set by X's servers, to the second.",
    terms="X's terms of service forbid collecting by machine without consent; ask before use.",
    recognise=recognise,
    items=items,
    rows=rows,
)
