"""Which posts do the objects hold that the web pages of Threads are made of?

They have the shape of Instagram's, with what Threads adds in `text_post_app_info`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

import msgspec

from clew.contract import Piece, Sample, Source
from clew.errors import ItemError
from clew.formats.json_items import ItemDecoder
from clew.formats.zeeschuimer import recognised, signs, unwrapped
from clew.model.tables import (
    Account,
    Interaction,
    InteractionKind,
    Link,
    Media,
    Post,
    PostKind,
    Row,
)
from clew.model.times import TimeQuality, from_seconds

_PLATFORM = "threads"

_Number = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,24}$")]
_Id = _Number | Annotated[int, msgspec.Meta(ge=0)]
_Count = Annotated[int, msgspec.Meta(ge=-1, le=2**63 - 1)]
_Pixels = Annotated[int, msgspec.Meta(ge=0, le=2**31)]


class _Part(msgspec.Struct, gc=False):
    """Anything in a post; what is not named here is not read."""


class _User(_Part):
    """An account."""

    pk: _Id | None = None
    id: _Id | None = None
    username: str | None = None
    full_name: str | None = None
    profile_pic_url: str | None = None
    is_verified: bool | None = None
    text_post_app_is_private: bool | None = None


class _Text(_Part):
    text: str | None = None


class _Size(_Part):
    """One size of a picture or video."""

    url: str | None = None
    width: _Pixels | None = None
    height: _Pixels | None = None


class _Sizes(_Part):
    candidates: list[_Size] | None = None


class _Sound(_Part):
    audio_src: str | None = None


class _Medium(_Part):
    """A picture or video."""

    image_versions2: _Sizes | None = None
    video_versions: list[_Size] | None = None
    original_width: _Pixels | None = None
    original_height: _Pixels | None = None
    accessibility_caption: str | None = None


class _Preview(_Part):
    """The page that a post leads to."""

    url: str | None = None
    title: str | None = None


class _Share(_Part):
    quoted_post: _Item | None = None
    reposted_post: _Item | None = None


class _Info(_Part):
    """What Threads adds to a post."""

    direct_reply_count: _Count | None = None
    repost_count: _Count | None = None
    quote_count: _Count | None = None
    reply_to_author: _User | None = None
    share_info: _Share | None = None
    link_preview_attachment: _Preview | None = None


class _Item(_Medium):
    """A post."""

    pk: _Id | None = None
    code: str | None = None
    user: _User | None = None
    taken_at: int | None = None
    caption: _Text | None = None
    carousel_media: list[_Medium] | None = None
    audio: _Sound | None = None
    like_count: _Count | None = None
    like_and_view_counts_disabled: bool | None = None
    is_paid_partnership: bool | None = None
    text_post_app_info: _Info | None = None

    @property
    def info(self) -> _Info:
        """What Threads adds to it."""
        return self.text_post_app_info or _Info()

    @property
    def shared(self) -> _Share:
        """The posts that it quotes or shows again."""
        return self.info.share_info or _Share()

    @property
    def post_id(self) -> str | None:
        """The id of its post."""
        return None if self.pk is None else f"{_PLATFORM}:{self.pk}"


_ITEM = ItemDecoder(_Item)

# -------------------------------------------------------------------------------- taking it apart

_SIGNS = signs("code taken_at user caption pk text_post_app_info direct_reply_count")


def recognise(sample: Sample) -> float:
    """By the platform that Zeeschuimer names, or the keys of Threads' objects."""
    return recognised(sample, platforms=("threads.",), keys=_SIGNS, score=0.95)


def items(piece: Piece) -> Iterator[_Item | ItemError]:
    """Each post."""
    return unwrapped(piece, _ITEM)


# ----------------------------------------------------------------------------- what a record says


def rows(item: _Item, piece: Piece) -> Iterator[Row]:
    """The rows of a post, and of those that it quotes or shows again, however deep."""
    if item.pk is None:
        raise ItemError("unexpected structure", "an object that is no post")
    waiting = [item]
    while waiting:
        post = waiting.pop()
        yield from _item_rows(post, piece)
        inner = (post.shared.reposted_post, post.shared.quoted_post)
        waiting += [other for other in inner if other is not None and other.pk is not None]


def _item_rows(item: _Item, piece: Piece) -> Iterator[Row]:
    if item.is_paid_partnership:
        piece.note("paid partnership: read as a post")
    post = _post(item)
    yield post
    if post.account_id and item.user:
        yield _account(item.user, post.account_id)
    yield from _acts(item, post)
    if preview := item.info.link_preview_attachment:
        yield from _links(preview, post)
    for part in item.carousel_media or [item]:
        if part.image_versions2 or part.video_versions:
            yield from _media(part, post)
    if item.audio and item.audio.audio_src:
        yield _medium("audio", _Size(url=item.audio.audio_src), post)


def _account_id(user: _User | None) -> str | None:
    number = None if user is None else user.pk if user.pk is not None else user.id
    return None if number is None else f"{_PLATFORM}:user/{number}"


def _account(user: _User, account_id: str) -> Account:
    return Account(
        account_id=account_id,
        platform=_PLATFORM,
        handle=user.username or None,
        name=user.full_name or None,
        avatar_url=user.profile_pic_url or None,
        is_verified=user.is_verified,
        is_protected=user.text_post_app_is_private,
    )


def _post(item: _Item) -> Post:
    user, info, shared = item.user or _User(), item.info, item.shared
    account_id = _account_id(user)
    posted_at = None if item.taken_at is None else from_seconds(item.taken_at)
    repost_of = shared.reposted_post.post_id if shared.reposted_post else None
    has_address = user.username and item.code
    return Post(
        post_id=f"{_PLATFORM}:{item.pk}",
        platform=_PLATFORM,
        kind=PostKind.REPOST if repost_of else PostKind.POST,
        account_id=account_id,
        author_name=None if account_id else user.username or None,
        repost_of_post_id=repost_of,
        quote_of_post_id=shared.quoted_post.post_id if shared.quoted_post else None,
        posted_at=posted_at,
        time_quality=TimeQuality.MISSING if posted_at is None else TimeQuality.UTC,
        text=(item.caption.text if item.caption else None) or None,
        url=f"https://www.threads.com/@{user.username}/post/{item.code}" if has_address else None,
        like_count=None if item.like_and_view_counts_disabled else _count(item.like_count),
        reply_count=_count(info.direct_reply_count),
        repost_count=_count(info.repost_count),
        quote_count=_count(info.quote_count),
    )


def _count(value: int | None) -> int | None:
    return None if value is None or value < 0 else value


_MENTION = re.compile(r"(?<![\w@./-])@([A-Za-z0-9_.]{1,30})", re.ASCII)


def _acts(item: _Item, post: Post) -> Iterator[Interaction]:
    if answered := item.info.reply_to_author:
        yield _act(InteractionKind.REPLY, post, answered)
    if original := item.shared.reposted_post:
        yield _act(InteractionKind.REPOST, post, original.user, original.post_id)
    if quoted := item.shared.quoted_post:
        yield _act(InteractionKind.QUOTE, post, quoted.user, quoted.post_id)
    for name in dict.fromkeys(_MENTION.findall(post.text or "")):
        yield _act(InteractionKind.MENTION, post, _User(username=name.rstrip(".")))


def _act(
    kind: InteractionKind, post: Post, whom: _User | None, target_post_id: str | None = None
) -> Interaction:
    account_id = _account_id(whom)
    return post.act(
        kind,
        target_account_id=account_id,
        target_name=None if account_id or whom is None else whom.username or None,
        target_post_id=target_post_id,
    )


def _links(preview: _Preview, post: Post) -> Iterator[Link]:
    if preview.url:
        yield Link(
            post_id=post.post_id,
            platform=_PLATFORM,
            url=preview.url,
            expanded_url=_led_to(preview.url),
            title=preview.title or None,
            posted_at=post.posted_at,
        )


def _led_to(url: str) -> str | None:
    """Where an address of Threads' counter of clicks leads."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.netloc not in ("l.threads.com", "l.threads.net", "l.instagram.com"):
        return None
    return parse_qs(parts.query, errors="replace").get("u", [""])[0] or None


def _media(part: _Medium, post: Post) -> Iterator[Media]:
    pictures = (part.image_versions2 and part.image_versions2.candidates) or []
    sizes = part.video_versions or pictures
    if sizes:
        best = max(sizes, key=lambda size: (size.width or 0) * (size.height or 0))
        size = _Size(
            url=best.url,
            width=best.width or part.original_width,
            height=best.height or part.original_height,
        )
        kind = "video" if part.video_versions else "photo"
        yield _medium(kind, size, post, part.accessibility_caption)


def _medium(kind: str, size: _Size, post: Post, alt_text: str | None = None) -> Media:
    return Media(
        post_id=post.post_id,
        platform=_PLATFORM,
        kind=kind,
        url=size.url or None,
        width_px=size.width,
        height_px=size.height,
        alt_text=alt_text or None,
        posted_at=post.posted_at,
    )


THREADS_WEB = Source(
    name="threads_web",
    platform=_PLATFORM,
    title="Threads web pages",
    files="Zeeschuimer's *.ndjson of Threads; the same objects of posts alone",
    fills=(Post, Account, Interaction, Link, Media),
    time="UTC: set by the servers of Threads, to the second.",
    terms="Threads' terms forbid collecting by machine without consent; ask before use.",
    recognise=recognise,
    items=items,
    rows=rows,
)
