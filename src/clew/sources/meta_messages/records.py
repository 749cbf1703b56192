"""What does Meta write into the message files of a download?

Two forms. The download of Facebook and Instagram (`message_1.json`, snake_case) writes each byte of
UTF-8 as a character of its own (`clew.formats.meta_text`). The download of end-to-end encrypted
chats of Messenger (camelCase) writes text as it is.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

# What the tables can hold.
Int = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]


class File(msgspec.Struct, gc=False):
    """A picture, video, sound or other file: where it is in the download."""

    uri: str | None = None


class Share(msgspec.Struct, gc=False):
    """A link, or a post that was passed on."""

    link: str | None = None
    share_text: str | None = None


class Reaction(msgspec.Struct, gc=False):
    """Who gave which emoji; Instagram says when (seconds)."""

    reaction: str = ""
    actor: str = ""
    timestamp: Int | None = None


class Named(msgspec.Struct, gc=False):
    """A person."""

    name: str = ""


class Message(msgspec.Struct, gc=False):
    """A message, in the words of both forms."""

    sender_name: str | None = None
    timestamp_ms: Int | None = None
    content: str | None = None
    type: str | None = None
    is_unsent: bool | None = None
    call_duration: Int | None = None  # seconds
    users: tuple[Named, ...] = ()  # who was added or removed
    share: Share | None = None
    reactions: tuple[Reaction, ...] = ()
    photos: tuple[File, ...] = ()
    videos: tuple[File, ...] = ()
    audio_files: tuple[File, ...] = ()
    gifs: tuple[File, ...] = ()
    files: tuple[File, ...] = ()
    sticker: File | None = None

    senderName: str | None = None  # noqa: N815 - Meta's name
    timestamp: Int | None = None
    text: str | None = None
    isUnsent: bool | None = None  # noqa: N815
    media: tuple[File, ...] = ()


class Joining(msgspec.Struct, gc=False):
    """How a group is joined."""

    link: str | None = None


class Head(msgspec.Struct, gc=False):
    """What a file says of its chat."""

    participants: tuple[Named | str, ...] = ()
    title: str | None = None
    thread_path: str | None = None
    thread_type: str | None = None
    joinable_mode: Joining | None = None
    threadName: str | None = None  # noqa: N815
