"""Which videos, comments and messages do answers hold that YouTube's pages ask for (InnerTube)?

The answers of `/youtubei/v1/` (player, next, browse, search, live_chat) are made of the parts that
a page shows, hundreds of kinds of them. Those that hold what somebody has said are looked for at
any depth. What is there in words only ("2 years ago", "1.2K") is not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, NamedTuple, TypeAlias

import msgspec

from clew.contract import Piece, Sample
from clew.errors import ItemError
from clew.formats.json_items import ItemDecoder
from clew.formats.json_texts import texts
from clew.model.tables import Account, Channel, InteractionKind, Media, Post, PostKind, Row
from clew.model.times import TimeQuality, from_iso
from clew.sources.youtube.yt_dlp import Action, author_rows, video_of, youtube_id

_PLATFORM = "youtube"
_DEEPEST = 200  # levels that are looked into

_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class _Part(msgspec.Struct, rename="camel", gc=False):
    """Anything in an answer; what is not named here is not read."""


class _Words(_Part):
    """A text: whole, or in parts."""

    simple_text: str | None = None
    content: str | None = None
    runs: list[_Run] | None = None

    def __str__(self) -> str:
        whole = self.content if self.simple_text is None else self.simple_text
        return "".join(run.text or "" for run in self.runs or ()) if whole is None else whole


class _Browse(_Part):
    browse_id: str | None = None


class _Endpoint(_Part):
    browse_endpoint: _Browse | None = None


class _Run(_Part):
    """A part of a text, which may lead to a channel."""

    text: str | None = None
    navigation_endpoint: _Endpoint | None = None


class _Properties(_Part):
    comment_id: _Id | None = None
    content: _Words | None = None


class _Author(_Part):
    channel_id: str | None = None
    display_name: str | None = None
    avatar_thumbnail_url: str | None = None
    is_verified: bool | None = None


class _Toolbar(_Part):
    like_count_notliked: str | None = None
    reply_count: str | None = None


class _Comment(_Part):
    """A comment, since 2024."""

    properties: _Properties
    author: _Author | None = None
    toolbar: _Toolbar | None = None


class _OldComment(_Part):
    """A comment, until 2024."""

    comment_id: _Id
    content_text: _Words | None = None
    author_text: _Words | None = None
    author_endpoint: _Endpoint | None = None
    vote_count: _Words | None = None
    reply_count: int | None = None


class _Details(_Part):
    """A video, as its player is told."""

    video_id: _Id
    title: str | None = None
    short_description: str | None = None
    channel_id: str | None = None
    author: str | None = None
    length_seconds: str | None = None
    view_count: str | None = None
    keywords: list[str] | None = None


class _Published(_Part):
    publish_date: str | None = None
    upload_date: str | None = None
    owner_profile_url: str | None = None
    like_count: str | None = None


class _Microformat(_Part):
    player: _Published | None = msgspec.field(default=None, name="playerMicroformatRenderer")


class _Played(_Part):
    """An answer for the player."""

    video_details: _Details
    microformat: _Microformat | None = None


class _Listed(_Part):
    """A video in a list: of a search, a channel or beside another."""

    video_id: _Id
    title: _Words | None = None
    owner_text: _Words | None = None
    long_byline_text: _Words | None = None
    short_byline_text: _Words | None = None


class _LockupMetadata(_Part):
    title: _Words | None = None


class _LockupContent(_Part):
    metadata: _LockupMetadata | None = msgspec.field(default=None, name="lockupMetadataViewModel")


class _Lockup(_Part):
    """A video, channel or playlist in a list, since 2025."""

    content_id: _Id
    content_type: str | None = None
    metadata: _LockupContent | None = None


class Found(NamedTuple):
    """A part, and the video whose page it is on."""

    part: _Comment | _OldComment | _Played | _Listed | _Lockup
    video: str | None


_KINDS: dict[str, type[Any]] = {
    "commentEntityPayload": _Comment,
    "commentRenderer": _OldComment,
    "videoRenderer": _Listed,
    "gridVideoRenderer": _Listed,
    "compactVideoRenderer": _Listed,
    "playlistVideoRenderer": _Listed,
    "lockupViewModel": _Lockup,
    "addChatItemAction": Action,
}
_ANSWER = ItemDecoder(dict[str, Any])

_Item: TypeAlias = Found | Action


def answer_recognised(sample: Sample) -> float:
    """By what every answer begins with."""
    head = sample.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    is_answer = b'"responseContext"' in head and b'"serviceTrackingParams"' in head
    return 0.9 if head.startswith((b"{", b"[")) and is_answer else 0.0


def answers(piece: Piece) -> Iterator[_Item | ItemError]:
    """Each part of each answer that holds what somebody has said, in the order of the page."""
    for text in texts(piece):
        answer = _ANSWER.decode(text, piece)
        if isinstance(answer, ItemError):
            yield answer
        else:
            yield from _parts(answer, video_of(piece) or _video(answer))


def _video(answer: dict[str, Any]) -> str | None:
    """The video whose page an answer is for, if it says so."""
    place: Any = answer
    for key in ("currentVideoEndpoint", "watchEndpoint", "videoId"):
        place = place.get(key) if isinstance(place, dict) else None
    return place if isinstance(place, str) else None


def _parts(answer: dict[str, Any], video: str | None) -> Iterator[_Item | ItemError]:
    """What is looked for, wherever it stands. What is found is not looked into."""
    waiting: list[tuple[Any, int]] = [(answer, 0)]
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, list):
            inside = value
        elif isinstance(value, dict):
            if "videoDetails" in value:
                yield _typed(_Played, value, video)
            inside = []
            for key, inner in value.items():
                kind = _KINDS.get(key)
                if kind is Action:
                    yield _typed(kind, {key: inner}, video)
                elif kind is not None:
                    yield _typed(kind, inner, video)
                elif isinstance(inner, dict | list):
                    inside.append(inner)
        else:
            continue
        if depth < _DEEPEST:
            waiting.extend((inner, depth + 1) for inner in reversed(inside))


def _typed(kind: type[Any], value: Any, video: str | None) -> _Item | ItemError:
    try:
        part = msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        return ItemError("unexpected structure", str(error)[:200])
    return part if isinstance(part, Action) else Found(part, video)


# ----------------------------------------------------------------------------- what a record says


def found_rows(found: Found, piece: Piece) -> Iterator[Row]:
    """The rows of a part."""
    part = found.part
    match part:
        case _Played():
            yield from _played(part, piece)
        case _Listed():
            yield from _listed(part)
        case _Lockup():
            if part.content_type == "LOCKUP_CONTENT_TYPE_VIDEO":
                metadata = part.metadata.metadata if part.metadata else None
                title = metadata.title if metadata else None
                yield from _listed(_Listed(video_id=part.content_id, title=title))
        case _Comment():
            author, toolbar = part.author or _Author(), part.toolbar or _Toolbar()
            yield from _comment(
                found,
                part.properties.comment_id,
                part.properties.content,
                author,
                (toolbar.like_count_notliked, toolbar.reply_count),
            )
        case _OldComment():
            endpoint = part.author_endpoint
            browse = endpoint.browse_endpoint if endpoint else None
            author = _Author(
                channel_id=browse.browse_id if browse else None,
                display_name=str(part.author_text or ""),
            )
            replies = None if part.reply_count is None else str(part.reply_count)
            counts = (str(part.vote_count or ""), replies)
            yield from _comment(found, part.comment_id, part.content_text, author, counts)


def _count(text: str | None) -> int | None:
    """An exact count; `1.2K` is none. Of a comment without likes the page says a blank."""
    digits = (text or "").strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 16 else None


def _comment(
    found: Found,
    native: str | None,
    content: _Words | None,
    author: _Author,
    counts: tuple[str | None, str | None],
) -> Iterator[Row]:
    """A comment. The id of an answer begins with that of the comment it answers."""
    if native is None:
        raise ItemError("unexpected structure", "a comment without id")
    above, answers_one, _ = native.partition(".")
    video = youtube_id(found.video)
    post = Post(
        post_id=f"{_PLATFORM}:{native}",
        platform=_PLATFORM,
        kind=PostKind.COMMENT,
        account_id=youtube_id(author.channel_id),
        author_name=None if author.channel_id else author.display_name or None,
        thread_id=video,
        reply_to_post_id=youtube_id(above) if answers_one else video,
        time_quality=TimeQuality.MISSING,
        text=str(content or "") or None,
        like_count=_count(counts[0]),
        reply_count=_count(counts[1]),
    )
    yield post
    yield from author_rows(
        post, author.display_name, author.avatar_thumbnail_url, author.is_verified
    )
    if post.reply_to_post_id:
        yield post.act(InteractionKind.REPLY, target_post_id=post.reply_to_post_id)


def _played(part: _Played, piece: Piece) -> Iterator[Row]:
    details = part.video_details
    published = (part.microformat.player if part.microformat else None) or _Published()
    moment = published.publish_date or published.upload_date
    posted_at = None if moment is None or "T" not in moment else from_iso(moment)
    if posted_at is None:
        piece.note("video whose time is not recorded, or its day only")
    channel = youtube_id(details.channel_id)
    post_id = f"{_PLATFORM}:{details.video_id}"
    yield Post(
        post_id=post_id,
        platform=_PLATFORM,
        kind=PostKind.POST,
        account_id=channel,
        channel_id=channel,
        thread_id=post_id,
        posted_at=posted_at,
        time_quality=TimeQuality.MISSING if posted_at is None else TimeQuality.UTC,
        title=details.title or None,
        text=details.short_description or None,
        like_count=_count(published.like_count),
        view_count=_count(details.view_count),
        tags=msgspec.json.encode(details.keywords).decode() if details.keywords else None,
    )
    seconds = _count(details.length_seconds)
    yield Media(
        post_id=post_id,
        platform=_PLATFORM,
        kind="video",
        media_key=details.video_id,
        duration_s=float(seconds) if seconds else None,
        posted_at=posted_at,
    )
    if channel:
        _, is_handle, handle = (published.owner_profile_url or "").partition("/@")
        yield from _channel(channel, details.author, handle if is_handle else None)


def _listed(part: _Listed) -> Iterator[Row]:
    """A video of which a list tells title and channel."""
    owners = (part.owner_text, part.long_byline_text, part.short_byline_text)
    runs = [run for owner in owners if owner for run in owner.runs or ()]
    ends = [(run, run.navigation_endpoint) for run in runs]
    named = [(run, end.browse_endpoint) for run, end in ends if end and end.browse_endpoint]
    name, native = (named[0][0].text, named[0][1].browse_id) if named else (None, None)
    channel = youtube_id(native)
    post_id = f"{_PLATFORM}:{part.video_id}"
    yield Post(
        post_id=post_id,
        platform=_PLATFORM,
        kind=PostKind.POST,
        account_id=channel,
        channel_id=channel,
        thread_id=post_id,
        time_quality=TimeQuality.MISSING,
        title=str(part.title or "") or None,
    )
    if channel:
        yield from _channel(channel, name, None)


def _channel(channel: str, name: str | None, handle: str | None) -> Iterator[Row]:
    """A channel is a place, and it is also who posts there."""
    yield Channel(
        channel_id=channel,
        platform=_PLATFORM,
        kind="channel",
        handle=handle or None,
        name=name or None,
    )
    yield Account(account_id=channel, platform=_PLATFORM, handle=handle or None, name=name or None)
