"""Which posts and comments do the objects hold that TikTok's web pages are made of?

Zeeschuimer keeps them one on each line; others keep the answers they came in (`itemList`,
`comments`). Newer answers have counts as text besides the numbers, which are cut off at 2³¹.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, TypeAlias

import msgspec

from clew.contract import Piece, Sample, Source
from clew.errors import ItemError
from clew.formats.json_items import ItemDecoder
from clew.formats.zeeschuimer import Collected, Sorted, recognised, signs, walk
from clew.model.tables import Account, Interaction, InteractionKind, Media, Post, PostKind, Row
from clew.model.times import TimeQuality, from_seconds

_PLATFORM = "tiktok"

_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=24, pattern=r"^[0-9]+$")]
_Number = int | str
_Pixels = Annotated[int, msgspec.Meta(ge=0, le=2**31)]


class _Part(msgspec.Struct, rename="camel", gc=False):
    """Anything in a post; what is not named here is not read."""


class _Author(_Part):
    """An account, as posts name it."""

    id: _Id | None = None
    unique_id: str | None = None
    nickname: str | None = None
    signature: str | None = None
    avatar_larger: str | None = None
    verified: bool | None = None
    private_account: bool | None = None


class _Stats(_Part):
    """Counts of a post or an account."""

    digg_count: _Number | None = None
    comment_count: _Number | None = None
    share_count: _Number | None = None
    play_count: _Number | None = None
    follower_count: _Number | None = None
    following_count: _Number | None = None
    video_count: _Number | None = None


class _Challenge(_Part):
    """A hashtag with a page of its own."""

    title: str | None = None


class _Extra(_Part):
    """A hashtag or a mention in the text."""

    hashtag_name: str | None = None
    user_id: str | None = None
    user_unique_id: str | None = None


class _Content(_Part):
    """A part of the text."""

    text_extra: list[_Extra] | None = None


class _Video(_Part):
    """The video."""

    id: str | None = None
    duration: float | None = None
    width: _Pixels | None = None
    height: _Pixels | None = None
    download_addr: str | None = None
    play_addr: str | None = None


class _ImageAddress(_Part):
    """Where a picture is."""

    url_list: list[str] | None = None


class _Image(_Part):
    """A picture of a slide show."""

    image_url: _ImageAddress | None = msgspec.field(default=None, name="imageURL")
    image_width: _Pixels | None = None
    image_height: _Pixels | None = None


class _ImagePost(_Part):
    """A slide show in the place of a video."""

    images: list[_Image] | None = None
    title: str | None = None


class _Music(_Part):
    """The sound that a post uses, by which posts with the same sound are found."""

    id: str | None = None
    title: str | None = None
    author_name: str | None = None
    play_url: str | None = None
    duration: float | None = None


class _Duet(_Part):
    """The video beside which it is shown."""

    duet_from_id: str | None = None


class _Place(_Part):
    """A place attached by the author."""

    name: str | None = None


class _Sticker(_Part):
    """Words shown on the picture."""

    sticker_text: list[str] | None = None


class _Item(_Part):
    """A post."""

    id: _Id
    create_time: _Number | None = None
    desc: str | None = None
    author: _Author | str | None = None  # a name alone where it was embedded in a page
    author_id: _Id | None = None
    nickname: str | None = None
    author_stats: _Stats | None = None
    author_stats_v2: _Stats | None = msgspec.field(default=None, name="authorStatsV2")
    stats: _Stats | None = None
    stats_v2: _Stats | None = msgspec.field(default=None, name="statsV2")
    challenges: list[_Challenge] | None = None
    text_extra: list[_Extra] | None = None
    contents: list[_Content] | None = None
    video: _Video | None = None
    image_post: _ImagePost | None = None
    music: _Music | None = None
    duet_info: _Duet | None = None
    poi: _Place | None = None
    location_created: str | None = None
    text_language: str | None = None
    stickers_on_item: list[_Sticker] | None = None

    @property
    def extras(self) -> list[_Extra]:
        """Hashtags and mentions of its text."""
        if self.text_extra:
            return self.text_extra
        return [extra for part in self.contents or () for extra in part.text_extra or ()]


class _Avatar(msgspec.Struct, gc=False):
    """Where a commenter's picture is."""

    url_list: list[str] | None = None


class _User(msgspec.Struct, gc=False):
    """An account, as comments name it."""

    uid: _Id | None = None
    unique_id: str | None = None
    nickname: str | None = None
    avatar_thumb: _Avatar | None = None


class _CommentExtra(msgspec.Struct, gc=False):
    """A mention in a comment."""

    user_id: str | None = None


class _Comment(msgspec.Struct, gc=False):
    """A comment."""

    cid: _Id
    aweme_id: _Id
    create_time: _Number | None = None
    text: str | None = None
    digg_count: _Number | None = None
    reply_comment_total: _Number | None = None
    reply_id: str | None = None  # the comment below which it stands; "0": none
    reply_to_reply_id: str | None = None  # the answer that it answers; "0": none
    comment_language: str | None = None
    user: _User | None = None
    text_extra: list[_CommentExtra] | None = None
    reply_comment: list[_Comment] | None = None


class _Shape(Collected):
    """What tells a comment from a post, and both from a line of Zeeschuimer and an answer."""

    id: msgspec.Raw = msgspec.Raw()
    cid: msgspec.Raw = msgspec.Raw()
    items: msgspec.Raw = msgspec.field(default_factory=msgspec.Raw, name="itemList")
    comments: msgspec.Raw = msgspec.Raw()


_Record: TypeAlias = _Item | _Comment

_SHAPE = ItemDecoder(_Shape)
_LIST = ItemDecoder(list[msgspec.Raw])
_ITEM = ItemDecoder(_Item)
_COMMENT = ItemDecoder(_Comment)

# -------------------------------------------------------------------------------- taking it apart

_SIGNS = signs("createTime desc author stats diggCount", "cid aweme_id digg_count create_time")


def recognise(sample: Sample) -> float:
    """By the platform that Zeeschuimer names, or the keys of TikTok's objects."""
    return recognised(sample, platforms=("tiktok",), keys=_SIGNS)


def items(piece: Piece) -> Iterator[_Record | ItemError]:
    """Each post and comment."""
    return walk(piece, _SHAPE, _sorted)


def _sorted(shape: _Shape, text: bytes, piece: Piece) -> Sorted[_Record]:
    """The post or comment that a text is, else the texts inside it."""
    if bytes(shape.cid):
        comment = _COMMENT.decode(text, piece)
        if isinstance(comment, ItemError):
            return [comment], []
        return [comment, *(comment.reply_comment or ())], []
    if bytes(shape.id):
        return [_ITEM.decode(text, piece)], []
    inside = _LIST.decode(bytes(shape.items) or bytes(shape.comments) or b"[]", piece)
    return ([inside], []) if isinstance(inside, ItemError) else ([], inside)


# ----------------------------------------------------------------------------- what a record says


def rows(item: _Record, piece: Piece) -> Iterator[Row]:
    """The rows of a post or a comment."""
    return _post_rows(item, piece) if isinstance(item, _Item) else _comment_rows(item)


def _tiktok(native: str | None) -> str | None:
    return f"{_PLATFORM}:{native}" if native and native != "0" else None


def _comment_id(native: str | None) -> str | None:
    return f"{_PLATFORM}:comment/{native}" if native and native != "0" else None


def _count(*values: _Number | None) -> int | None:
    """The first number that there is. TikTok writes -1 or less where a count did not fit."""
    for value in values:
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
            return int(value)
        if isinstance(value, int) and 0 <= value < 2**63:
            return value
    return None


def _post_rows(item: _Item, piece: Piece) -> Iterator[Row]:
    author = _author(item)
    post = _post(item, author)
    yield post
    if post.account_id:
        yield _account(item, author, post.account_id)
    else:
        piece.note("post whose author has no number: account not read")
    if post.quote_of_post_id:
        yield post.act(InteractionKind.QUOTE, target_post_id=post.quote_of_post_id)
    for extra in item.extras:
        if extra.user_id and extra.user_id.isdigit():
            yield post.act(InteractionKind.MENTION, target_account_id=_tiktok(extra.user_id))
        elif extra.user_unique_id:
            yield post.act(InteractionKind.MENTION, target_name=extra.user_unique_id)
    yield from _media(item, post)


def _author(item: _Item) -> _Author:
    if isinstance(item.author, _Author):
        return item.author
    return _Author(id=item.author_id, unique_id=item.author, nickname=item.nickname)


def _post(item: _Item, author: _Author) -> Post:
    exact, rounded = item.stats_v2 or _Stats(), item.stats or _Stats()
    titles = [challenge.title for challenge in item.challenges or () if challenge.title]
    tags = titles or [extra.hashtag_name for extra in item.extras if extra.hashtag_name]
    posted_at = None if item.create_time is None else from_seconds(item.create_time)
    duet = item.duet_info.duet_from_id if item.duet_info else None
    post_id = f"{_PLATFORM}:{item.id}"
    return Post(
        post_id=post_id,
        platform=_PLATFORM,
        kind=PostKind.POST,
        account_id=_tiktok(author.id),
        author_name=None if author.id else author.unique_id or None,
        thread_id=post_id,
        quote_of_post_id=_tiktok(duet),
        posted_at=posted_at,
        time_quality=TimeQuality.MISSING if posted_at is None else TimeQuality.UTC,
        title=(item.image_post.title if item.image_post else None) or None,
        text=item.desc or None,
        language_claimed=_language(item.text_language),
        like_count=_count(exact.digg_count, rounded.digg_count),
        reply_count=_count(exact.comment_count, rounded.comment_count),
        repost_count=_count(exact.share_count, rounded.share_count),
        view_count=_count(exact.play_count, rounded.play_count),
        tags=msgspec.json.encode(tags).decode() if tags else None,
        place=(item.poi.name if item.poi else None) or item.location_created or None,
    )


def _language(tag: str | None) -> str | None:
    """A language; `un` is TikTok's word for none."""
    return tag if tag and tag != "un" else None


def _account(item: _Item, author: _Author, account_id: str) -> Account:
    exact, rounded = item.author_stats_v2 or _Stats(), item.author_stats or _Stats()
    return Account(
        account_id=account_id,
        platform=_PLATFORM,
        handle=author.unique_id or None,
        name=author.nickname or None,
        description=author.signature or None,
        avatar_url=author.avatar_larger or None,
        followers_count=_count(exact.follower_count, rounded.follower_count),
        following_count=_count(exact.following_count, rounded.following_count),
        posts_count=_count(exact.video_count, rounded.video_count),
        is_verified=author.verified,
        is_protected=author.private_account,
    )


def _media(item: _Item, post: Post) -> Iterator[Media]:
    images = (item.image_post and item.image_post.images) or ()
    video, music = item.video, item.music
    stickers = [" ".join(it.sticker_text or ()) for it in item.stickers_on_item or ()]
    for image in images:
        urls = (image.image_url and image.image_url.url_list) or ()
        yield _medium(
            post,
            "photo",
            url=next(iter(urls), None),
            width_px=image.image_width,
            height_px=image.image_height,
        )
    if video and not images:
        yield _medium(
            post,
            "video",
            media_key=video.id or None,
            url=video.download_addr or video.play_addr or None,
            width_px=video.width,
            height_px=video.height,
            duration_s=video.duration,
            alt_text="\n".join(filter(None, stickers)) or None,
        )
    if music and music.id:
        yield _medium(
            post,
            "audio",
            media_key=music.id,
            url=music.play_url or None,
            name=" - ".join(filter(None, (music.author_name, music.title))) or None,
            duration_s=music.duration,
        )


def _medium(post: Post, kind: str, **known: Any) -> Media:
    return Media(
        post_id=post.post_id, platform=_PLATFORM, kind=kind, posted_at=post.posted_at, **known
    )


def _comment_rows(comment: _Comment) -> Iterator[Row]:
    user = comment.user or _User()
    video = f"{_PLATFORM}:{comment.aweme_id}"
    above = _comment_id(comment.reply_to_reply_id) or _comment_id(comment.reply_id)
    posted_at = None if comment.create_time is None else from_seconds(comment.create_time)
    post = Post(
        post_id=f"{_PLATFORM}:comment/{comment.cid}",
        platform=_PLATFORM,
        kind=PostKind.COMMENT,
        account_id=_tiktok(user.uid),
        thread_id=video,
        reply_to_post_id=above or video,
        posted_at=posted_at,
        time_quality=TimeQuality.MISSING if posted_at is None else TimeQuality.UTC,
        text=comment.text or None,
        language_claimed=_language(comment.comment_language),
        like_count=_count(comment.digg_count),
        reply_count=_count(comment.reply_comment_total),
    )
    yield post
    if post.account_id:
        yield Account(
            account_id=post.account_id,
            platform=_PLATFORM,
            handle=user.unique_id or None,
            name=user.nickname or None,
            avatar_url=next(iter((user.avatar_thumb and user.avatar_thumb.url_list) or ()), None),
        )
    yield post.act(InteractionKind.REPLY, target_post_id=post.reply_to_post_id)
    for extra in comment.text_extra or ():
        if extra.user_id and extra.user_id.isdigit():
            yield post.act(InteractionKind.MENTION, target_account_id=_tiktok(extra.user_id))


TIKTOK_WEB = Source(
    name="tiktok_web",
    platform=_PLATFORM,
    title="TikTok web pages",
    files="Zeeschuimer's *.ndjson of TikTok (posts, comments); answers with itemList or comments",
    fills=(Post, Account, Interaction, Media),
    time="UTC: set by TikTok's servers, to the second.",
    terms="TikTok's terms of service forbid collecting by machine without consent; ask before use.",
    recognise=recognise,
    items=items,
    rows=rows,
)
