"""What does a row of a CSV of the Meta Content Library say?

The library hides numbers of Facebook and Instagram behind numbers of its own: its posts and
accounts cannot be joined with those of other files, so they have ids of their own (`mcl/…`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import msgspec

from clew.contract import Piece
from clew.errors import ItemError
from clew.model.tables import Account, Channel, Link, Media, Post, PostKind, Row
from clew.model.times import Micros, TimeQuality, from_iso

Cells = dict[str, str]
_T = TypeVar("_T")

_REACTIONS = ("like", "love", "wow", "haha", "sad", "angry", "care")


class _Part(msgspec.Struct, gc=False):
    """One picture or video."""

    id: str | int | None = None
    type: str | None = None
    url: str | None = None
    duration: float | None = None


_PARTS = msgspec.json.Decoder(list[_Part])
_TAGS = msgspec.json.Decoder(list[str])


def library_rows(cells: Cells, platform: str, piece: Piece) -> Iterator[Row]:
    """The rows of a post."""
    native = cells.get("id")
    if native is None:
        raise ItemError("unexpected structure", "a post without id")
    post = _post(cells, platform, native, piece)
    yield post
    yield from _owner(cells, post)
    address = _of_link(cells, "link")
    if address:
        yield Link(
            post_id=post.post_id,
            platform=platform,
            url=address,
            title=_of_link(cells, "name"),
            description=_of_link(cells, "description"),
            posted_at=post.posted_at,
        )
    for part in _list(_PARTS, cells.get("multimedia"), "multimedia", piece):
        yield Media(
            post_id=post.post_id,
            platform=platform,
            kind=part.type or "file",
            media_key=None if part.id in (None, "") else str(part.id),
            url=part.url or None,
            duration_s=part.duration,
            posted_at=post.posted_at,
        )


def _post(cells: Cells, platform: str, native: str, piece: Piece) -> Post:
    posted_at, edited_at = _instant(cells, "creation_time"), _instant(cells, "modified_time")
    shared = cells.get("shared_post_id")
    tags = _list(_TAGS, cells.get("hashtags"), "hashtags", piece)
    counts = {name: _count(cells, f"{name}_count") for name in _REACTIONS}
    reactions = {name: number for name, number in counts.items() if number is not None}
    account_id, channel_id = _owners(cells, platform)
    post_id = f"{platform}:mcl/{native}"
    return Post(
        post_id=post_id,
        platform=platform,
        kind=PostKind.POST if cells.get("text") or not shared else PostKind.REPOST,
        account_id=account_id,
        channel_id=channel_id,
        thread_id=post_id,
        repost_of_post_id=f"{platform}:mcl/{shared}" if shared else None,
        posted_at=posted_at,
        time_quality=TimeQuality.MISSING if posted_at is None else TimeQuality.UTC,
        edited_at=edited_at if edited_at != posted_at else None,
        text=cells.get("text"),
        url=cells.get("mcl_url"),
        language_claimed=cells.get("lang"),
        like_count=reactions.get("like"),
        reply_count=_count(cells, "comment_count"),
        repost_count=_count(cells, "share_count"),
        view_count=_count(cells, "views"),
        reactions=msgspec.json.encode(reactions).decode() if len(reactions) > 1 else None,
        tags=msgspec.json.encode(tags).decode() if tags else None,
    )


def _owners(cells: Cells, platform: str) -> tuple[str | None, str | None]:
    """Account and channel. `surface` is where a post stands; older files have the owner only."""
    owner, place = cells.get("post_owner.id"), cells.get("surface.id")
    account_id = f"{platform}:mcl/{owner}" if owner else None
    if cells.get("surface.type", "").lower() == "group" and place:
        return (account_id if owner != place else None), f"{platform}:mcl/{place}"
    if cells.get("post_owner.type", "").lower() == "group":
        return None, account_id
    return account_id, None


def _owner(cells: Cells, post: Post) -> Iterator[Row]:
    if post.account_id:
        yield Account(
            account_id=post.account_id,
            platform=post.platform,
            handle=cells.get("post_owner.username"),
            name=cells.get("post_owner.name"),
        )
    if post.channel_id:
        has_surface = "surface.id" in cells
        yield Channel(
            channel_id=post.channel_id,
            platform=post.platform,
            kind="group",
            name=cells.get("surface.name" if has_surface else "post_owner.name"),
        )


def _instant(cells: Cells, column: str) -> Micros | None:
    """The library's times are in UTC, with or without saying so."""
    text = cells.get(column)
    return None if text is None else from_iso(text, naive_is_utc=True)


def _count(cells: Cells, name: str) -> int | None:
    """A number; tables that held gaps have been written with decimals (`12.0`)."""
    text = cells.get(f"statistics.{name}")
    if text is None:
        return None
    digits = text.strip().removesuffix(".0")
    if len(digits) > 15 or not (digits.isascii() and digits.isdigit()):
        raise ItemError("count unreadable", text[:40])
    return int(digits)


def _of_link(cells: Cells, name: str) -> str | None:
    return cells.get(f"link_attachment.{name}") or cells.get(f"link_attachment_fields.{name}")


def _list(
    decoder: msgspec.json.Decoder[list[_T]], text: str | None, column: str, piece: Piece
) -> list[_T]:
    """The list that a cell holds as JSON."""
    if text is None:
        return []
    try:
        return decoder.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError):
        piece.note(f"column {column} that is no list: not read")
        return []
