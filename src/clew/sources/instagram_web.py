"""Which posts do the objects hold that Instagram's web pages are made of?

There are two forms. The newer has `code`, `taken_at` and `user`; the older (GraphQL) has
`shortcode`, `taken_at_timestamp` and its lists as edges and nodes. Both have the same numbers as
ids.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any

import msgspec

from clew.contract import Piece, Sample, Source
from clew.errors import ItemError
from clew.formats.json_items import ItemDecoder
from clew.formats.zeeschuimer import Collected, Sorted, recognised, signs, walk
from clew.model.tables import Account, Interaction, InteractionKind, Media, Post, PostKind, Row
from clew.model.times import TimeQuality, from_seconds

_PLATFORM = "instagram"

_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=60)] | int
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
    is_private: bool | None = None


class _Text(_Part):
    """A caption."""

    text: str | None = None


class _Place(_Part):
    """A place attached by the author."""

    name: str | None = None
    lat: float | None = None
    lng: float | None = None

    @property
    def is_on_earth(self) -> bool:
        """Whether it is a point, and one that can be."""
        known = self.lat is not None and self.lng is not None
        return known and abs(self.lat or 0) <= 90 and abs(self.lng or 0) <= 180


class _Size(_Part):
    """One size of a picture or video."""

    url: str | None = None
    width: _Pixels | None = None
    height: _Pixels | None = None


class _Sizes(_Part):
    """The sizes of a picture."""

    candidates: list[_Size] | None = None


class _Tag(_Part):
    """An account marked in the picture."""

    user: _User | None = None


class _Tags(_Part):
    """All accounts marked."""

    inside: list[_Tag] | None = msgspec.field(default=None, name="in")


class _Total(_Part):
    """How many."""

    count: _Count | None = None


class _Edge(_Part):
    """A member of a list: a part of a carousel, a caption, or a mark."""

    node: _Node | None = None


class _Edges(_Part):
    """A list of the older form."""

    edges: list[_Edge] | None = None


class _Node(_Part):
    """A caption or a mark of the older form, or a part of a carousel of either."""

    pk: _Id | None = None
    id: _Id | None = None
    user: _User | None = None
    media_type: int | None = None  # 1 picture, 2 video, 8 carousel
    typename: str | None = msgspec.field(default=None, name="__typename")
    image_versions2: _Sizes | None = None
    video_versions: list[_Size] | None = None
    video_duration: float | None = None
    accessibility_caption: str | None = None
    text: str | None = None
    display_url: str | None = None
    video_url: str | None = None
    dimensions: _Size | None = None

    @property
    def native(self) -> str | None:
        """Its number: an id may have that of its author behind it."""
        own = self.pk if self.pk is not None else self.id
        number = str(own).partition("_")[0] if own is not None else ""
        return number if number.isascii() and number.isdigit() else None


class _Item(_Node):
    """A post."""

    code: str | None = None
    shortcode: str | None = None
    taken_at: int | None = None
    taken_at_timestamp: int | None = None
    caption: _Text | None = None
    edge_media_to_caption: _Edges | None = None
    owner: _User | None = None
    coauthor_producers: list[_User] | None = None
    usertags: _Tags | None = None
    edge_media_to_tagged_user: _Edges | None = None
    location: _Place | None = None
    carousel_media: list[_Node] | None = None
    edge_sidecar_to_children: _Edges | None = None
    like_count: _Count | None = None
    like_and_view_counts_disabled: bool | None = None
    comment_count: _Count | None = None
    play_count: _Count | None = None
    view_count: _Count | None = None
    video_view_count: _Count | None = None
    edge_media_preview_like: _Total | None = None
    edge_media_to_comment: _Total | None = None
    edge_media_preview_comment: _Total | None = None
    title: str | None = None
    product_type: str | None = None

    @property
    def author(self) -> _User:
        """Its author."""
        return self.user or self.owner or _User()

    @property
    def parts(self) -> list[_Node]:
        """Its pictures and videos."""
        edges = self.edge_sidecar_to_children and self.edge_sidecar_to_children.edges
        nodes = [edge.node for edge in edges or () if edge.node]
        return self.carousel_media or nodes or [self]

    @property
    def words(self) -> str | None:
        """Its caption."""
        if self.caption is not None:
            return self.caption.text
        edges = self.edge_media_to_caption and self.edge_media_to_caption.edges
        return next((edge.node.text for edge in edges or () if edge.node), None)

    @property
    def marked(self) -> list[_User]:
        """Accounts marked in the picture."""
        tags = [tag.user for tag in (self.usertags and self.usertags.inside) or ()]
        edges = self.edge_media_to_tagged_user and self.edge_media_to_tagged_user.edges
        tags += [edge.node.user for edge in edges or () if edge.node]
        return [user for user in tags if user]


class _Shape(Collected):
    """What tells a line of Zeeschuimer from an answer and from a post alone."""

    items: list[msgspec.Raw] | None = None
    media: msgspec.Raw = msgspec.Raw()


_SHAPE = ItemDecoder(_Shape)
_ITEM = ItemDecoder(_Item)

# -------------------------------------------------------------------------------- taking it apart

_SIGNS = signs(
    "code taken_at media_type user caption pk",
    "shortcode taken_at_timestamp owner edge_media_to_caption",
)


def recognise(sample: Sample) -> float:
    """By the platform that Zeeschuimer names, or the keys of Instagram's objects."""
    return recognised(sample, platforms=("instagram.com",), keys=_SIGNS)


def items(piece: Piece) -> Iterator[_Item | ItemError]:
    """Each post."""
    return walk(piece, _SHAPE, _sorted)


def _sorted(shape: _Shape, text: bytes, piece: Piece) -> Sorted[_Item]:
    """The post that a text is, else the texts inside it."""
    if shape.items is not None:
        return [], shape.items
    if bytes(shape.media).startswith(b"{"):
        return [], [shape.media]
    return [_ITEM.decode(text, piece)], []


# ----------------------------------------------------------------------------- what a record says


def rows(item: _Item, piece: Piece) -> Iterator[Row]:
    """The rows of a post."""
    if item.native is None or not (item.code or item.shortcode):
        raise ItemError("unexpected structure", "an object that is no post")
    if item.product_type == "ad":
        piece.note("advertisement: read as a post")
    post = _post(item)
    yield post
    accounts = [item.author, *(item.coauthor_producers or ()), *item.marked]
    for user in accounts:
        if account_id := _account_id(user):
            yield _account(user, account_id)
    for user in (*(item.coauthor_producers or ()), *item.marked):
        yield _mention(post, target_account_id=_account_id(user), target_name=user.username)
    for name in dict.fromkeys(_MENTION.findall(post.text or "")):
        yield _mention(post, target_name=name.rstrip("."))
    for part in item.parts:
        yield _medium(part, post)


_MENTION = re.compile(r"(?<![\w@./-])@([A-Za-z0-9_.]{1,30})", re.ASCII)


def _account_id(user: _User) -> str | None:
    native = user.pk if user.pk is not None else user.id
    return None if native in (None, "") else f"{_PLATFORM}:user/{native}"


def _account(user: _User, account_id: str) -> Account:
    return Account(
        account_id=account_id,
        platform=_PLATFORM,
        handle=user.username or None,
        name=user.full_name or None,
        avatar_url=user.profile_pic_url or None,
        is_verified=user.is_verified,
        is_protected=user.is_private,
    )


def _post(item: _Item) -> Post:
    seconds = item.taken_at_timestamp if item.taken_at is None else item.taken_at
    posted_at = None if seconds is None else from_seconds(seconds)
    author, place = item.author, item.location or _Place()
    account_id = _account_id(author)
    is_hidden = bool(item.like_and_view_counts_disabled)
    likes = (item.like_count, item.edge_media_preview_like)
    comments = (item.comment_count, item.edge_media_to_comment, item.edge_media_preview_comment)
    post_id = f"{_PLATFORM}:{item.native}"
    return Post(
        post_id=post_id,
        platform=_PLATFORM,
        kind=PostKind.POST,
        account_id=account_id,
        author_name=None if account_id else author.username or None,
        thread_id=post_id,
        posted_at=posted_at,
        time_quality=TimeQuality.MISSING if posted_at is None else TimeQuality.UTC,
        title=item.title or None,
        text=item.words or None,
        url=f"https://www.instagram.com/p/{item.code or item.shortcode}/",
        like_count=None if is_hidden else _count(*likes),
        reply_count=_count(*comments),
        view_count=_count(item.play_count, item.view_count, item.video_view_count),
        latitude=place.lat if place.is_on_earth else None,
        longitude=place.lng if place.is_on_earth else None,
        place=place.name or None,
    )


def _count(*values: int | _Total | None) -> int | None:
    """The first count that there is. Instagram writes -1 where it hides one."""
    numbers = [value.count if isinstance(value, _Total) else value for value in values]
    return next((number for number in numbers if number is not None and number >= 0), None)


def _mention(
    post: Post, *, target_account_id: str | None = None, target_name: str | None = None
) -> Interaction:
    return Interaction(
        kind=InteractionKind.MENTION,
        platform=_PLATFORM,
        account_id=post.account_id,
        target_account_id=target_account_id,
        target_name=None if target_account_id else target_name or None,
        post_id=post.post_id,
        happened_at=post.posted_at,
        time_quality=post.time_quality,
    )


def _medium(part: _Node, post: Post) -> Media:
    pictures = (part.image_versions2 and part.image_versions2.candidates) or ()
    films = part.video_versions or ()
    is_video = part.media_type == 2 or part.video_url is not None or bool(films)
    best: Any = max(films or pictures, key=_area, default=part.dimensions or _Size())
    url = best.url or (part.video_url if is_video else None) or part.display_url
    return Media(
        post_id=post.post_id,
        platform=_PLATFORM,
        kind="video" if is_video else "photo",
        media_key=part.native,
        url=url or None,
        width_px=best.width,
        height_px=best.height,
        duration_s=part.video_duration,
        alt_text=part.accessibility_caption or None,
        posted_at=post.posted_at,
    )


def _area(size: _Size) -> int:
    return (size.width or 0) * (size.height or 0)


INSTAGRAM_WEB = Source(
    name="instagram_web",
    platform=_PLATFORM,
    title="Instagram web pages",
    files="Zeeschuimer's *.ndjson of Instagram; answers with items, or their posts alone",
    fills=(Post, Account, Interaction, Media),
    time="UTC: set by Instagram's servers, to the second.",
    terms="Instagram's terms forbid collecting by machine without consent; ask before use.",
    recognise=recognise,
    items=items,
    rows=rows,
)
