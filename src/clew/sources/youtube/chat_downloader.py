"""Which messages of a live chat of YouTube has chat-downloader kept?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import msgspec

from clew.contract import Piece, Sample
from clew.errors import ItemError
from clew.formats.json_items import ItemDecoder
from clew.formats.json_texts import texts
from clew.model.tables import Post, PostKind, Row
from clew.model.times import TimeQuality, in_range
from clew.sources.youtube.yt_dlp import author_rows, video_of, youtube_id

_PLATFORM = "youtube"

_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class _Image(msgspec.Struct, gc=False):
    url: str | None = None


class _Speaker(msgspec.Struct, gc=False):
    id: str | None = None
    name: str | None = None
    images: list[_Image] | None = None


class Message(msgspec.Struct, gc=False):
    """A message of a live chat, as chat-downloader respells it."""

    message_id: _Id
    timestamp: Annotated[int, msgspec.Meta(ge=0, le=2**53)] | None = None
    message: str | None = None
    message_type: str | None = None
    header_secondary_text: str | None = None
    author: _Speaker | None = None


_MESSAGE = ItemDecoder(Message)
_OF_CHANNEL = b'"UC'


def chat_recognised(sample: Sample) -> float:
    """By chat-downloader's keys, and the id of a channel of YouTube: it reads other sites, too."""
    signs = (b'"message_id"', b'"message_type"', b'"author"', b'"timestamp"', _OF_CHANNEL)
    return 0.9 if all(sign in sample.head for sign in signs) else 0.0


def messages(piece: Piece) -> Iterator[Message | ItemError]:
    """Each message."""
    for text in texts(piece):
        yield _MESSAGE.decode(text, piece)


def message_rows(message: Message, piece: Piece) -> Iterator[Row]:
    """The rows of a message, which YouTube has timed to the microsecond."""
    is_joining = (message.message_type or "").startswith("membership")
    speaker = message.author or _Speaker()
    posted_at = None if message.timestamp is None else in_range(message.timestamp)
    post = Post(
        post_id=f"{_PLATFORM}:{message.message_id}",
        platform=_PLATFORM,
        kind=PostKind.SERVICE if is_joining else PostKind.MESSAGE,
        account_id=youtube_id(speaker.id),
        thread_id=youtube_id(video_of(piece)),
        posted_at=posted_at,
        time_quality=TimeQuality.MISSING if posted_at is None else TimeQuality.UTC,
        action="membership" if is_joining else None,
        text=message.message or message.header_secondary_text or None,
    )
    yield post
    avatar = next((image.url for image in speaker.images or ()), None)
    yield from author_rows(post, speaker.name, avatar)
