"""What do yt-dlp's files about YouTube hold: videos with their comments, and live chats?

A video is a post of its channel, comments are posts below it. When a comment was written is only
known in words ("2 years ago"), from which yt-dlp works out an instant that may be off by half a
year: it is not read, for an instant that is none would spoil every rhythm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Annotated, NamedTuple, TypeAlias

import msgspec

from clew.contract import Piece, Sample
from clew.errors import ItemError
from clew.formats.json_items import ItemDecoder
from clew.formats.json_texts import texts, unfold
from clew.model.tables import (
    Account,
    Channel,
    InteractionKind,
    Media,
    Post,
    PostKind,
    Row,
)
from clew.model.times import Micros, TimeQuality, from_seconds, in_range

_PLATFORM = "youtube"

_Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]

_ROUNDED = "times of comments are known in words only ('2 years ago'): left out"


class _Part(msgspec.Struct, gc=False):
    """Anything in a file; what is not named here is not read."""


class _Video(_Part):
    """A video, or a list of videos."""

    id: _Id | None = None
    title: str | None = None
    description: str | None = None
    channel: str | None = None
    channel_id: str | None = None
    channel_url: str | None = None
    channel_follower_count: _Count | None = None
    channel_is_verified: bool | None = None
    uploader: str | None = None
    uploader_id: str | None = None
    timestamp: float | None = None
    release_timestamp: float | None = None
    duration: float | None = None
    width: _Count | None = None
    height: _Count | None = None
    view_count: _Count | None = None
    like_count: _Count | None = None
    comment_count: _Count | None = None
    language: str | None = None
    tags: list[str] | None = None
    webpage_url: str | None = None
    extractor: str | None = None
    ie_key: str | None = None
    comments: list[msgspec.Raw] | None = None
    entries: list[msgspec.Raw] | None = None
    chat: _Replay | None = msgspec.field(default=None, name="replayChatItemAction")

    @property
    def is_foreign(self) -> bool:
        """Whether it is a video of another site."""
        site = self.extractor or self.ie_key or "youtube"
        return not site.lower().startswith("youtube")


class _Comment(_Part):
    """A comment below a video."""

    id: _Id
    parent: str | None = None  # `root`, or the comment that it answers
    text: str | None = None
    like_count: _Count | None = None
    author: str | None = None
    author_id: str | None = None
    author_thumbnail: str | None = None
    author_is_verified: bool | None = None


class _Words(_Part):
    """A text that is not made of parts."""

    simple: str | None = msgspec.field(default=None, name="simpleText")


class _Emoji(_Part):
    """A picture within a text: a character, or one of the channel's own with its shortcuts."""

    id: str | None = msgspec.field(default=None, name="emojiId")
    shortcuts: list[str] | None = None
    is_custom: bool | None = msgspec.field(default=None, name="isCustomEmoji")


class _Run(_Part):
    """A part of a text."""

    text: str | None = None
    emoji: _Emoji | None = None

    def __str__(self) -> str:
        if self.emoji is None:
            return self.text or ""
        shortcut = next(iter(self.emoji.shortcuts or ()), "")
        return shortcut if self.emoji.is_custom else self.emoji.id or shortcut


class _Message(_Words):
    """A text made of parts."""

    runs: list[_Run] | None = None

    def __str__(self) -> str:
        return self.simple or "".join(map(str, self.runs or ()))


class _Said(_Part, rename="camel"):
    """A message of a live chat."""

    id: _Id
    timestamp_usec: str | None = None
    author_name: _Words | None = None
    author_external_channel_id: str | None = None
    message: _Message | None = None
    header_subtext: _Message | None = None


class _ChatItem(_Part):
    """One of these, by kind."""

    text: _Said | None = msgspec.field(default=None, name="liveChatTextMessageRenderer")
    paid: _Said | None = msgspec.field(default=None, name="liveChatPaidMessageRenderer")
    sticker: _Said | None = msgspec.field(default=None, name="liveChatPaidStickerRenderer")
    member: _Said | None = msgspec.field(default=None, name="liveChatMembershipItemRenderer")


class _Added(_Part):
    """What was added to the chat."""

    item: _ChatItem | None = None


class Action(_Part):
    """What happened in the chat."""

    added: _Added | None = msgspec.field(default=None, name="addChatItemAction")


class _Replay(_Part):
    """A moment of a chat."""

    actions: list[Action] | None = None


class _CommentItem(NamedTuple):
    """A comment, and where it stands."""

    comment: _Comment
    video: str
    channel: str | None


Item: TypeAlias = _Video | _CommentItem | Action

_VIDEO = ItemDecoder(_Video)
_COMMENT = ItemDecoder(_Comment)

# -------------------------------------------------------------------------------- taking it apart

_OF_YOUTUBE = re.compile(rb'//(?:www\.)?youtube\.com/|//i\d?\.ytimg\.com/|"ie_key": ?"Youtube"')
_OF_YT_DLP = re.compile(rb'"(?:formats|webpage_url|ie_key|automatic_captions|fulltitle)": ?')
_BEGINS = re.compile(rb'\s*\{\s*"(?:id|_type|url|title)": ?"')


def recognised(sample: Sample) -> float:
    """By the names that yt-dlp uses with addresses of YouTube, or by a live chat's."""
    head = sample.head.removeprefix(b"\xef\xbb\xbf")
    if b'"replayChatItemAction"' in head[:4096]:
        return 0.95
    is_yt_dlp = _BEGINS.match(head) and _OF_YT_DLP.search(head)
    return 0.9 if is_yt_dlp and _OF_YOUTUBE.search(head) else 0.0


def records(piece: Piece) -> Iterator[Item | ItemError]:
    """Each video, comment and action of a live chat."""
    for text in texts(piece):
        yield from unfold(text, partial(_look, piece=piece))


def _look(
    text: bytes, piece: Piece
) -> tuple[Sequence[Item | ItemError], Sequence[bytes | msgspec.Raw]]:
    """What a text holds, or the entries of a playlist."""
    if text == b"null":
        piece.note("entry of a playlist that yt-dlp could not get")
        return [], []
    video = _VIDEO.decode(text, piece)
    if isinstance(video, ItemError):
        return [video], []
    if video.chat is not None:
        return video.chat.actions or [], []
    if video.entries is not None:
        return [], video.entries
    return [video, *_comments(video, piece)], []


def _comments(video: _Video, piece: Piece) -> Iterator[_CommentItem | ItemError]:
    if video.id is None or video.is_foreign:
        return
    for raw in video.comments or ():
        comment = _COMMENT.decode(bytes(raw), piece)
        if isinstance(comment, ItemError):
            yield comment
        else:
            yield _CommentItem(comment, video.id, video.channel_id)


# ----------------------------------------------------------------------------- what a record says


def item_rows(item: Item, piece: Piece) -> Iterator[Row]:
    """The rows of a video, a comment or what happened in a live chat."""
    match item:
        case _Video():
            yield from _video(item, piece)
        case _CommentItem():
            piece.note(_ROUNDED)
            yield from _comment(item)
        case _:
            yield from _chat(item, piece)


def youtube_id(native: str | None) -> str | None:
    """The id of a video, comment, message or channel."""
    return f"{_PLATFORM}:{native}" if native else None


def _video(video: _Video, piece: Piece) -> Iterator[Row]:
    if video.is_foreign:
        raise ItemError("not a video of YouTube", f"extractor {video.extractor or video.ie_key}")
    if video.id is None:
        raise ItemError("unexpected structure", "a video without id")
    seconds = video.release_timestamp if video.timestamp is None else video.timestamp
    posted_at = None if seconds is None else from_seconds(seconds)
    if posted_at is None:
        piece.note("video whose time is not recorded, or its day only")
    channel = youtube_id(video.channel_id)
    post_id = f"{_PLATFORM}:{video.id}"
    yield Post(
        post_id=post_id,
        platform=_PLATFORM,
        kind=PostKind.POST,
        account_id=channel,
        channel_id=channel,
        thread_id=post_id,
        posted_at=posted_at,
        time_quality=TimeQuality.MISSING if posted_at is None else TimeQuality.UTC,
        title=video.title or None,
        text=video.description or None,
        url=video.webpage_url or None,
        language_claimed=video.language or None,
        like_count=video.like_count,
        reply_count=video.comment_count,
        view_count=video.view_count,
        tags=msgspec.json.encode(video.tags).decode() if video.tags else None,
    )
    yield Media(
        post_id=post_id,
        platform=_PLATFORM,
        kind="video",
        media_key=video.id,
        width_px=video.width,
        height_px=video.height,
        duration_s=video.duration,
        posted_at=posted_at,
    )
    if channel:
        yield from _uploader(video, channel)


def _uploader(video: _Video, channel: str) -> Iterator[Row]:
    """A channel is a place, and it is also who posts there."""
    handle = video.uploader_id or ""
    handle = handle.removeprefix("@") if handle.startswith("@") else ""
    name = video.channel or video.uploader or None
    yield Channel(
        channel_id=channel,
        platform=_PLATFORM,
        kind="channel",
        handle=handle or None,
        name=name,
        url=video.channel_url or None,
        members_count=video.channel_follower_count,
    )
    yield Account(
        account_id=channel,
        platform=_PLATFORM,
        handle=handle or None,
        name=name,
        followers_count=video.channel_follower_count,
        is_verified=video.channel_is_verified,
    )


_MENTION = re.compile(r"(?<![\w@./-])@([\w.-]{3,30})")


def _comment(item: _CommentItem) -> Iterator[Row]:
    comment = item.comment
    video = f"{_PLATFORM}:{item.video}"
    is_answer = comment.parent not in (None, "root")
    post = Post(
        post_id=f"{_PLATFORM}:{comment.id}",
        platform=_PLATFORM,
        kind=PostKind.COMMENT,
        account_id=youtube_id(comment.author_id),
        channel_id=youtube_id(item.channel),
        thread_id=video,
        reply_to_post_id=youtube_id(comment.parent) if is_answer else video,
        time_quality=TimeQuality.MISSING,
        text=comment.text or None,
        like_count=comment.like_count,
    )
    yield post
    yield from author_rows(
        post, comment.author, comment.author_thumbnail, comment.author_is_verified
    )
    yield post.act(InteractionKind.REPLY, target_post_id=post.reply_to_post_id)
    for name in dict.fromkeys(_MENTION.findall(post.text or "")):
        yield post.act(InteractionKind.MENTION, target_name=name.rstrip(".-"))


def author_rows(
    post: Post, name: str | None, avatar: str | None = None, is_verified: bool | None = None
) -> Iterator[Account]:
    """Who wrote it. Since 2023 the name is the handle with its `@`."""
    if post.account_id is None:
        return
    is_handle = (name or "").startswith("@")
    yield Account(
        account_id=post.account_id,
        platform=_PLATFORM,
        handle=(name or "").removeprefix("@") or None if is_handle else None,
        name=None if is_handle else name or None,
        avatar_url=avatar or None,
        is_verified=is_verified,
    )


# -------------------------------------------------------------------------------------- live chat

_NAMED = re.compile(r"\[([\w-]{11})\]\.live_chat\.json")
_MICROS = re.compile(r"\d{1,16}", re.ASCII)


def _chat(action: Action, piece: Piece) -> Iterator[Row]:
    """A message of a live chat; deletions and pinned messages are noted."""
    item = action.added.item if action.added else None
    if item is None:
        piece.note("action of a live chat that is no message: not read")
        return
    said = item.text or item.paid or item.sticker or item.member
    if said is None:
        piece.note("message of YouTube itself in a live chat: not read")
        return
    is_joining = said is item.member
    words = str(said.message or "") or str(said.header_subtext or "")
    posted_at = _instant(said.timestamp_usec)
    video = youtube_id(video_of(piece))
    post = Post(
        post_id=f"{_PLATFORM}:{said.id}",
        platform=_PLATFORM,
        kind=PostKind.SERVICE if is_joining else PostKind.MESSAGE,
        account_id=youtube_id(said.author_external_channel_id),
        thread_id=video,
        posted_at=posted_at,
        time_quality=TimeQuality.MISSING if posted_at is None else TimeQuality.UTC,
        action="membership" if is_joining else None,
        text=words or None,
    )
    yield post
    yield from author_rows(post, said.author_name.simple if said.author_name else None)


def _instant(micros: str | None) -> Micros | None:
    if micros is None:
        return None
    if not _MICROS.fullmatch(micros):
        raise ItemError("time unreadable", repr(micros)[:80])
    return in_range(int(micros))


def video_of(piece: Piece) -> str | None:
    """The video that a live chat belongs to."""
    named = _NAMED.search(piece.capture.name)
    return piece.options.video or (named[1] if named else None)
