"""Which posts do the objects hold that 9GAG's web pages are made of?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import msgspec

from clew.contract import Piece, Sample, Source
from clew.errors import ItemError
from clew.formats.json_items import ItemDecoder
from clew.formats.zeeschuimer import Collected, Sorted, recognised, signs, walk
from clew.model.tables import Account, Link, Media, Post, PostKind, Row
from clew.model.times import TimeQuality, from_seconds

_PLATFORM = "ninegag"

_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
_Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
_Pixels = Annotated[int, msgspec.Meta(ge=0, le=2**31)]
_Flag = bool | int


class _Part(msgspec.Struct, rename="camel", gc=False):
    """Anything in a post; what is not named here is not read."""


class _Creator(_Part):
    """An account. Posts do not give its number."""

    username: str | None = None
    full_name: str | None = None
    is_verified_account: _Flag | None = None


class _Tag(_Part):
    key: str | None = None


class _Size(_Part):
    """A picture or video in one size; only videos say whether they have sound."""

    width: _Pixels | None = None
    height: _Pixels | None = None
    url: str | None = None
    has_audio: _Flag | None = None
    duration: float | None = None
    h265_url: str | None = None
    vp9_url: str | None = None
    vp8_url: str | None = None
    av1_url: str | None = None

    @property
    def area(self) -> int:
        """Its size in pixels."""
        return (self.width or 0) * (self.height or 0)

    @property
    def address(self) -> str | None:
        """Where it is; of a video, in the first form that there is."""
        forms = (self.url, self.h265_url, self.vp9_url, self.vp8_url, self.av1_url)
        return next(filter(None, forms), None)


class _Item(_Part):
    """A post."""

    id: _Id | None = None
    url: str | None = None
    title: str | None = None
    description: str | None = None
    creation_ts: int | None = None
    creator: _Creator | None = None
    is_anonymous: _Flag | None = None
    is_vote_masked: _Flag | None = None
    up_vote_count: _Count | None = None
    down_vote_count: _Count | None = None
    comments_count: _Count | None = None
    promoted: _Flag | None = None
    source_url: str | None = None
    tags: list[_Tag] | None = None
    images: dict[str, _Size] | None = None


class _Shape(Collected):
    """What tells an answer from a post: `data` without a platform, or the list in it."""

    posts: list[msgspec.Raw] | None = None


_SHAPE = ItemDecoder(_Shape)
_ITEM = ItemDecoder(_Item)

# -------------------------------------------------------------------------------- taking it apart

_SIGNS = signs("creationTs upVoteCount downVoteCount commentsCount title")


def recognise(sample: Sample) -> float:
    """By the platform that Zeeschuimer names, or the keys of 9GAG's objects."""
    return recognised(sample, platforms=("9gag.com",), keys=_SIGNS)


def items(piece: Piece) -> Iterator[_Item | ItemError]:
    """Each post."""
    return walk(piece, _SHAPE, _sorted)


def _sorted(shape: _Shape, text: bytes, piece: Piece) -> Sorted[_Item]:
    """The post that a text is, else the texts inside it."""
    if shape.posts is not None:
        return [], shape.posts
    if bytes(shape.data).startswith(b"{"):
        return [], [shape.data]
    return [_ITEM.decode(text, piece)], []


# ----------------------------------------------------------------------------- what a record says


def rows(item: _Item, piece: Piece) -> Iterator[Row]:
    """The rows of a post."""
    if item.id is None:
        raise ItemError("unexpected structure", "an object that is no post")
    if item.promoted:
        piece.note("advertisement: read as a post")
    post = _post(item, item.id)
    yield post
    if post.account_id and item.creator:
        yield _account(item.creator, post.account_id)
    if item.source_url:
        yield Link(
            post_id=post.post_id,
            platform=_PLATFORM,
            url=item.source_url,
            posted_at=post.posted_at,
        )
    yield from _media(item, post)


def _post(item: _Item, native: str) -> Post:
    creator = item.creator or _Creator()
    is_signed = creator.username and not item.is_anonymous
    posted_at = None if item.creation_ts is None else from_seconds(item.creation_ts)
    votes = None
    if item.up_vote_count is not None and item.down_vote_count is not None:
        votes = {"up": item.up_vote_count, "down": item.down_vote_count}
    if item.is_vote_masked:
        votes = None
    tags = [tag.key for tag in item.tags or () if tag.key]
    return Post(
        post_id=f"{_PLATFORM}:{native}",
        platform=_PLATFORM,
        kind=PostKind.POST,
        account_id=f"{_PLATFORM}:user/{creator.username}" if is_signed else None,
        thread_id=f"{_PLATFORM}:{native}",
        posted_at=posted_at,
        time_quality=TimeQuality.MISSING if posted_at is None else TimeQuality.UTC,
        title=item.title or None,
        text=item.description or None,
        url=item.url or None,
        like_count=votes["up"] - votes["down"] if votes else None,
        reply_count=item.comments_count,
        reactions=msgspec.json.encode(votes).decode() if votes else None,
        tags=msgspec.json.encode(tags).decode() if tags else None,
    )


def _account(creator: _Creator, account_id: str) -> Account:
    verified = creator.is_verified_account
    return Account(
        account_id=account_id,
        platform=_PLATFORM,
        handle=creator.username,
        name=creator.full_name or None,
        is_verified=None if verified is None else bool(verified),
    )


def _media(item: _Item, post: Post) -> Iterator[Media]:
    """The video in its largest size, else the picture."""
    sizes = [size for size in (item.images or {}).values() if size.address]
    videos = [size for size in sizes if size.has_audio is not None]
    if sizes:
        best = max(videos or sizes, key=lambda size: size.area)
        yield Media(
            post_id=post.post_id,
            platform=_PLATFORM,
            kind="video" if videos else "photo",
            url=best.address,
            width_px=best.width,
            height_px=best.height,
            duration_s=best.duration,
            posted_at=post.posted_at,
        )


NINEGAG = Source(
    name="ninegag",
    platform=_PLATFORM,
    title="9GAG",
    files="Zeeschuimer's *.ndjson of 9GAG; answers with posts, or their posts alone",
    fills=(Post, Account, Link, Media),
    time="UTC: set by 9GAG's servers, to the second.",
    terms="9GAG's terms forbid collecting by machine without consent; ask before use.",
    recognise=recognise,
    items=items,
    rows=rows,
)
