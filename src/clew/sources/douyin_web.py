"""Which posts do the objects hold that Douyin's web pages are made of?

An answer of its API says `aweme_id`, a page with the post in it `awemeId`. What a page leaves out
it calls `$undefined`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import msgspec

from clew.contract import Piece, Sample, Source
from clew.errors import ItemError
from clew.formats.json_items import ItemDecoder
from clew.formats.json_keys import snake_keys
from clew.formats.zeeschuimer import Collected, Sorted, recognised, signs, walk
from clew.model.tables import Account, Interaction, InteractionKind, Media, Post, PostKind, Row
from clew.model.times import TimeQuality, from_seconds

_PLATFORM = "douyin"

_Id = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,24}$")] | Annotated[int, msgspec.Meta(ge=0)]
_Number = int | str
_Pixels = Annotated[int, msgspec.Meta(ge=0, le=2**31)]
_Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class _Part(msgspec.Struct, gc=False):
    """Anything in a post; what is not named here is not read."""


class _Author(_Part):
    """An account."""

    uid: _Id | None = None
    nickname: str | None = None
    unique_id: str | None = None


class _Counts(_Part):
    """How many; texts are rounded numbers."""

    digg_count: _Number | None = None
    comment_count: _Number | None = None
    share_count: _Number | None = None
    play_count: _Number | None = None


class _Extra(_Part):
    """A hashtag or an account, where the text names one."""

    hashtag_name: str | None = None
    user_id: str | None = None


class _Addresses(_Part):
    url_list: list[str] | None = None


class _Video(_Part):
    play_addr: _Addresses | list[Any] | None = None
    width: _Pixels | None = None
    height: _Pixels | None = None
    duration: _Milliseconds | None = None


class _Image(_Addresses):
    """A picture of a gallery."""

    width: _Pixels | None = None
    height: _Pixels | None = None


class _Item(_Part):
    """A post."""

    aweme_id: _Id | None = None
    desc: str | None = None
    create_time: int | None = None
    author: _Author | None = None
    author_info: _Author | None = None
    author_user_id: _Id | None = None
    statistics: _Counts | None = None
    stats: _Counts | None = None
    text_extra: list[_Extra] | None = None
    video: _Video | None = None
    images: list[_Image] | None = None
    duration: _Milliseconds | None = None
    rawdata: Any = None
    cell_room: Any = None

    @property
    def is_stream(self) -> bool:
        """Whether it is a live stream: that is described in a text of its own."""
        room = self.cell_room if isinstance(self.cell_room, dict) else {}
        return bool(self.rawdata or room.get("rawdata"))


class _Shape(Collected):
    """What tells a post of a page from one of an answer, and both from an answer."""

    of_page: msgspec.Raw = msgspec.field(default_factory=msgspec.Raw, name="awemeId")
    aweme_list: list[msgspec.Raw] | None = None


_SHAPE = ItemDecoder(_Shape)
_ITEM = ItemDecoder(_Item)
_OBJECT = ItemDecoder(dict[str, Any])

# -------------------------------------------------------------------------------- taking it apart

_SIGNS = signs("aweme_id desc create_time author statistics digg_count")


def recognise(sample: Sample) -> float:
    """By the platform that Zeeschuimer names, or keys that TikTok has too, and Douyin's address."""
    keys = _SIGNS if b"douyin.com/" in sample.head else ()
    return recognised(sample, platforms=("douyin.com",), keys=keys, score=0.95)


def items(piece: Piece) -> Iterator[_Item | ItemError]:
    """Each post."""
    return walk(piece, _SHAPE, _sorted)


def _sorted(shape: _Shape, text: bytes, piece: Piece) -> Sorted[_Item]:
    """The post that a text is, else the texts inside it."""
    if shape.aweme_list is not None:
        return [], shape.aweme_list
    return [_of_page(text, piece) if bytes(shape.of_page) else _ITEM.decode(text, piece)], []


def _of_page(text: bytes, piece: Piece) -> _Item | ItemError:
    members = _OBJECT.decode(text.replace(b'"$undefined"', b"null"), piece)
    if isinstance(members, ItemError):
        return members
    try:
        return msgspec.convert(snake_keys(members, 4), _Item)
    except msgspec.ValidationError as error:
        return ItemError("unexpected structure", str(error))


# ----------------------------------------------------------------------------- what a record says


def rows(item: _Item, piece: Piece) -> Iterator[Row]:
    """The rows of a post."""
    if item.is_stream:
        piece.note("live stream: not read")
        return
    if item.aweme_id is None:
        raise ItemError("unexpected structure", "an object that is no post")
    author = item.author or item.author_info or _Author()
    post = _post(item, author, piece)
    yield post
    if post.account_id:
        yield Account(
            account_id=post.account_id,
            platform=_PLATFORM,
            handle=author.unique_id or None,
            name=author.nickname or None,
        )
    for extra in item.text_extra or ():
        if extra.user_id and extra.user_id.isascii() and extra.user_id.isdigit():
            yield post.act(
                InteractionKind.MENTION, target_account_id=f"{_PLATFORM}:user/{extra.user_id}"
            )
    yield from _media(item, post)


def _post(item: _Item, author: _Author, piece: Piece) -> Post:
    number = author.uid if author.uid is not None else item.author_user_id
    counts = item.statistics or item.stats or _Counts()
    posted_at = None if item.create_time is None else from_seconds(item.create_time)
    tags = [extra.hashtag_name for extra in item.text_extra or () if extra.hashtag_name]
    post_id = f"{_PLATFORM}:{item.aweme_id}"
    return Post(
        post_id=post_id,
        platform=_PLATFORM,
        kind=PostKind.POST,
        account_id=None if number is None else f"{_PLATFORM}:user/{number}",
        author_name=author.nickname or None if number is None else None,
        thread_id=post_id,
        posted_at=posted_at,
        time_quality=TimeQuality.MISSING if posted_at is None else TimeQuality.UTC,
        text=item.desc or None,
        url=f"https://www.douyin.com/video/{item.aweme_id}",
        like_count=_count(counts.digg_count, piece),
        reply_count=_count(counts.comment_count, piece),
        repost_count=_count(counts.share_count, piece),
        view_count=_count(counts.play_count, piece) or None,  # 0: pages do not tell it
        tags=msgspec.json.encode(tags).decode() if tags else None,
    )


def _count(value: _Number | None, piece: Piece) -> int | None:
    """A count, if it is exact: `1.2万` is not."""
    if isinstance(value, int):
        return value if 0 <= value < 2**63 else None
    if value and value.isascii() and value.isdigit() and len(value) < 19:
        return int(value)
    if value and value[0].isdigit():
        piece.note("rounded count: not recorded")
    return None


def _media(item: _Item, post: Post) -> Iterator[Media]:
    """The pictures of a gallery, else the video."""
    for image in item.images or ():
        yield Media(
            post_id=post.post_id,
            platform=_PLATFORM,
            kind="photo",
            url=next(filter(None, image.url_list or ()), None),
            width_px=image.width,
            height_px=image.height,
            posted_at=post.posted_at,
        )
    if item.video and not item.images:
        address = item.video.play_addr
        urls = address.url_list if isinstance(address, _Addresses) else None
        duration_ms = item.duration or item.video.duration
        yield Media(
            post_id=post.post_id,
            platform=_PLATFORM,
            kind="video",
            url=next(filter(None, urls or ()), None),
            width_px=item.video.width,
            height_px=item.video.height,
            duration_s=duration_ms / 1000 if duration_ms else None,
            posted_at=post.posted_at,
        )


DOUYIN_WEB = Source(
    name="douyin_web",
    platform=_PLATFORM,
    title="Douyin web pages",
    files="Zeeschuimer's *.ndjson of Douyin; answers with posts (aweme_list), or their posts alone",
    fills=(Post, Account, Interaction, Media),
    time="UTC: set by Douyin's servers, to the second.",
    terms="Douyin's terms forbid collecting by machine without consent; ask before use.",
    recognise=recognise,
    items=items,
    rows=rows,
)
