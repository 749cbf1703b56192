"""What do the channels of a TGDataset file say?

TGDataset (La Morgia, Mei, Mongardini, https://doi.org/10.48550/arXiv.2303.05345) holds for each
channel its texts and, apart from them, its media; a message with both stands in both under the
same number. Ids are those of the Telegram Desktop export, so that a channel known from both is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Annotated, NamedTuple

import msgspec

from clew.contract import Capture, NoOptions, Piece, Sample, Source
from clew.errors import ItemError, SourceUnusable
from clew.formats.json_items import ItemDecoder
from clew.formats.json_stream import Slice, Wanted, cut_json, slices, split, split_member
from clew.model.tables import (
    Account,
    Channel,
    Interaction,
    InteractionKind,
    Media,
    Post,
    PostKind,
    Row,
)
from clew.model.times import Micros, TimeQuality, from_seconds

_PLATFORM = "telegram"
_TEXTS, _MEDIA = "*.text_messages", "*.generic_media"

_NUMBER = re.compile(r"\d{1,20}", re.ASCII)
_CHANNEL = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"\d{1,20}"\s*:\s*\{\s*"')
_OF_TGDATASET = re.compile(rb'"(?:creation_date|text_messages|generic_media|n_subscribers)"\s*:')

# The extensions were guessed from media types: `.mp2` is audio/mpeg, `.jpe` image/jpeg.
_KINDS = {
    extension: kind
    for kind, extensions in {
        "photo": (".jpe", ".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"),
        "video": (".mp4", ".m4v", ".mov", ".qt", ".webm", ".mkv", ".avi", ".mpg", ".mpeg", ".3gp"),
        "audio": (".mp2", ".mp3", ".m4a", ".wav", ".flac", ".aac"),
        "voice": (".oga", ".ogg", ".opus"),
        "animation": (".gif",),
        "sticker": (".tgs",),
    }.items()
    for extension in extensions
}

_Int = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
_Seconds = int | float


class _Head(msgspec.Struct, gc=False):
    """What is said of a channel."""

    username: str | None = None
    title: str | None = None
    description: str | None = None
    creation_date: _Seconds | None = None
    verified: bool | None = None
    n_subscribers: _Int | None = None


class _Message(msgspec.Struct, gc=False):
    """A text or a medium; `title`, `media_id` and `extension` are a medium's."""

    date: _Seconds | None = None
    author: int | None = None
    is_forwarded: bool | None = None
    forwarded_from_id: int | None = None
    message: str | None = None
    title: str | None = None
    media_id: str | None = None
    extension: str | None = None


class _Item(NamedTuple):
    number: str
    message: _Message
    channel: str  # its number
    is_medium: bool
    is_post: bool  # no: a medium of a text that is a post already


_WANTED = tuple(
    Wanted(
        path=path,
        header=tuple(_Head.__struct_fields__),
        key="n_subscribers",  # the files have it behind the messages
        counts_header=path == _TEXTS,
    )
    for path in (_TEXTS, _MEDIA)
)
_HEADS = ItemDecoder(_Head)
_MESSAGES = ItemDecoder(_Message)


def recognise(sample: Sample) -> float:
    """By an object named by a number, with the names that a channel has here."""
    if not _CHANNEL.match(sample.head):
        return 0.0
    names = set(_OF_TGDATASET.findall(sample.head))
    return 0.95 if len(names) > 1 else 0.5 if names else 0.0


def cut(capture: Capture, options: NoOptions) -> Iterator[Piece]:
    """Pieces of whole messages.

    A channel may go on in the next piece with its media: then that piece is told which of its
    messages have a text.
    """
    channel, numbers = "", frozenset[str]()
    for piece in cut_json(capture, options, wanted=_WANTED):
        piece.context = piece.context._replace(more={channel: numbers})
        last = piece.context.shares[-1].path[0]
        if last != channel:
            channel, numbers = last, frozenset()
        of_channel = (part for part in slices(piece) if part.path[0] == channel)
        numbers = numbers.union(*map(_numbers, of_channel))
        yield piece


def items(piece: Piece) -> Iterator[_Item | tuple[str, _Head] | ItemError]:
    """Each channel's head, texts and media."""
    with_text: dict[str, set[str]] = {
        channel: set(numbers) for channel, numbers in piece.context.more.items()
    }
    for part in slices(piece):
        channel = part.path[0]
        if not _NUMBER.fullmatch(channel):
            raise SourceUnusable(f"{channel[:40]!r} is no channel's number")
        if part.wanted == _TEXTS and part.is_first:
            head = _HEADS.decode(part.header, piece)
            yield head if isinstance(head, ItemError) else (channel, head)
        is_medium = part.wanted == _MEDIA
        texts = with_text.setdefault(channel, set())
        for found in _MESSAGES.members(part, piece):
            if isinstance(found, ItemError):
                yield found
                continue
            number, message = found
            yield _Item(number, message, channel, is_medium, not is_medium or number not in texts)
            if not is_medium:
                texts.add(number)


def rows(item: _Item | tuple[str, _Head], piece: Piece) -> Iterable[Row]:  # noqa: ARG001
    """What an item holds. Raises ItemError for a number or a time that is none."""
    if isinstance(item, _Item):
        return _message(item)
    return _channel(*item)


def _channel(channel: str, head: _Head) -> list[Row]:
    handle = (head.username or "").removeprefix("@") or None
    created_at = None if head.creation_date is None else from_seconds(head.creation_date)
    name, description = head.title or None, head.description or None
    return [
        Channel(
            channel_id=f"{_PLATFORM}:{channel}",
            platform=_PLATFORM,
            kind="channel",
            handle=handle,
            name=name,
            description=description,
            created_at=created_at,
            members_count=head.n_subscribers,
        ),
        Account(
            account_id=f"{_PLATFORM}:channel{channel}",
            platform=_PLATFORM,
            handle=handle,
            name=name,
            description=description,
            created_at=created_at,
            followers_count=head.n_subscribers,
            is_verified=head.verified,
        ),
    ]


def _message(item: _Item) -> list[Row]:
    if not _NUMBER.fullmatch(item.number):
        raise ItemError("id unreadable", repr(item.number)[:80])
    message, channel_id = item.message, f"{_PLATFORM}:{item.channel}"
    post_id = f"{channel_id}/{item.number}"
    # In a channel the author is the channel itself, unless an author is named.
    author = f"channel{item.channel}" if message.author is None else f"user{message.author}"
    posted_at = None if message.date is None else from_seconds(message.date)
    post = Post(
        post_id=post_id,
        platform=_PLATFORM,
        kind=PostKind.MESSAGE,
        account_id=f"{_PLATFORM}:{author}",
        channel_id=channel_id,
        posted_at=posted_at,
        time_quality=TimeQuality.MISSING if posted_at is None else TimeQuality.UTC,
        text=message.message or None,
    )
    found: list[Row] = [post] if item.is_post else []
    if item.is_post and message.is_forwarded:
        found.append(_forward(message, post))
    if item.is_medium:
        found.append(_medium(message, post_id, posted_at))
    return found


def _forward(message: _Message, post: Post) -> Interaction:
    origin = message.forwarded_from_id
    return Interaction(
        kind=InteractionKind.FORWARD,
        platform=_PLATFORM,
        account_id=post.account_id,
        target_account_id=None if origin is None else f"{_PLATFORM}:channel{origin}",
        post_id=post.post_id,
        channel_id=post.channel_id,
        target_channel_id=None if origin is None else f"{_PLATFORM}:{origin}",
        happened_at=post.posted_at,
        time_quality=post.time_quality,
    )


def _medium(message: _Message, post_id: str, posted_at: Micros | None) -> Media:
    return Media(
        post_id=post_id,
        platform=_PLATFORM,
        kind=_KINDS.get((message.extension or "").lower(), "file"),
        media_key=message.media_id or None,
        name=message.title or None,
        posted_at=posted_at,
    )


def _numbers(part: Slice) -> set[str]:
    """The numbers of the texts in a slice."""
    if part.wanted != _TEXTS or not part.items:
        return set()
    return {member[0] for member in map(split_member, split(part.data)) if member}


TELEGRAM_TGDATASET = Source(
    name="telegram_tgdataset",
    platform=_PLATFORM,
    title="TGDataset (Telegram channels)",
    files="The JSON files of TGDataset: channels by number, each with its texts and media",
    fills=(Post, Account, Channel, Interaction, Media),
    time="The server's UTC second of each message.",
    terms="Published for research on Zenodo, to be cited; its channels were public when collected.",
    recognise=recognise,
    items=items,
    rows=rows,
    cut=cut,
)
