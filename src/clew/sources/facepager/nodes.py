"""What was each node of Facepager fetched for, and which nodes stand above it?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from clew.contract import Piece
from clew.errors import ItemError, SourceUnusable
from clew.formats.csv_rows import column_names, csv_rows

_HEAD = 16 << 10
_DELIMITERS = (";", "\t", ",", "|")
_COLUMNS = frozenset(
    ("level", "id", "parent_id", "object_id", "object_type", "query_status", "query_type")
)

Cells = dict[str, str]


class Near(NamedTuple):
    """What is remembered of a node for those below it."""

    parent: str | None
    object_id: str | None
    what: str | None


class Node(NamedTuple):
    """A row, what it is, and the nodes above it, nearest first."""

    cells: Cells
    what: str | None
    above: tuple[Near, ...]


def delimiter_of(head: bytes) -> str | None:
    """What stands between the cells; None: it does not have the columns of every export."""
    return next((sign for sign in _DELIMITERS if column_names(head, sign) >= _COLUMNS), None)


# What was asked, by the last part of its address; parts in brackets are stand-ins.
_ASKED: Mapping[str, Mapping[str, str]] = MappingProxyType({
    "facebook": {
        "posts": "fb_post",
        "feed": "fb_post",
        "published_posts": "fb_post",
        "visitor_posts": "fb_post",
        "tagged": "fb_post",
        "comments": "fb_comment",
        "reactions": "fb_reaction",
        "likes": "fb_reaction",
        "<page-id>": "fb_page",
    },
    "twitter": {
        "tweets": "x_post",
        "recent": "x_post",
        "all": "x_post",
        "user_timeline": "x_post",
        "mentions": "x_post",
        "liked_tweets": "x_post",
        "show": "x_account",
        "lookup": "x_account",
        "<username>": "x_account",
        "followers": "x_follower",
        "following": "x_followed",
    },
    "youtube": {
        "commentThreads": "yt_comment",
        "comments": "yt_comment",
        "videos": "yt_video",
        "search": "yt_video",
        "playlistItems": "yt_video",
    },
})  # fmt: skip


def _asked(query: str) -> str | None:
    """What a query asks for: `Facebook:/<post-id>/comments` for comments."""
    module, _, address = query.partition(":")
    parts = [part for part in address.partition("?")[0].split("/") if part]
    known = _ASKED.get(module.strip().lower().partition(" ")[0])
    if known is None or not parts:
        return None
    if module.lower().startswith("twitter") and parts[-1] == "list":  # `/followers/list`
        return {"followers": "x_follower", "friends": "x_followed"}.get(parts[0])
    return known.get(parts[-1])


def nodes(piece: Piece) -> Iterator[Node | ItemError]:
    """Each node with those above it, which stand before it in the file."""
    with piece.open() as stream:
        delimiter = delimiter_of(stream.read(_HEAD))
    if delimiter is None:
        raise SourceUnusable("it does not have the columns of Facepager")
    known: dict[str, Near] = {}
    for row in csv_rows(piece, delimiter):
        if isinstance(row, ItemError):
            yield row
            continue
        what = _asked(row.get("query_type", "")) if _holds_data(row) else None
        parent = row.get("parent_id")
        if "id" in row:
            known[row["id"]] = Near(parent, row.get("object_id"), what)
        yield Node(row, what, _above(parent, known))


def _holds_data(cells: Cells) -> bool:
    """Whether a node is something that was fetched: not a seed, nor what is left over."""
    is_data = cells.get("object_type", "data") in ("data", "unpacked")
    return is_data and not cells.get("query_status", "").startswith("error")


def _above(parent: str | None, known: Mapping[str, Near]) -> tuple[Near, ...]:
    """Three levels are enough: answer, comment, post, page."""
    found: list[Near] = []
    while parent is not None and len(found) < 3 and (near := known.get(parent)):
        found.append(near)
        parent = near.parent
    return tuple(found)
