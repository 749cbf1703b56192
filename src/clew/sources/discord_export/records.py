"""What does DiscordChatExporter write? Its records, as its versions of 2019 to 2026 have them.

Read off the exporter's own writer. Fields that no table has a place for are left out: the decoder
skips them.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

# What the tables can hold, and what Discord's ids (snowflakes) look like.
Int = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
Id = Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{1,20}\Z")]


class _Record(msgspec.Struct, gc=False, rename="camel"):
    """A record; its fields are named in camelCase."""


class User(_Record, gc=False):
    """An author, a person mentioned or one that reacted; bots and webhooks are users, too."""

    id: Id
    name: str | None = None
    discriminator: str | None = None  # "0000" since 2023: names are unique
    nickname: str | None = None  # the name shown: of the server, else of the account
    is_bot: bool | None = None
    avatar_url: str | None = None


class Attachment(_Record, gc=False):
    """A file."""

    id: str | None = None
    url: str | None = None  # a path, if the exporter saved the file
    file_name: str | None = None
    file_size_bytes: Int | None = None


class Image(_Record, gc=False):
    """A picture of an embed."""

    url: str | None = None
    canonical_url: str | None = None
    width: Int | None = None
    height: Int | None = None


class Field(_Record, gc=False):
    """A titled passage of an embed."""

    name: str | None = None
    value: str | None = None


class Embed(_Record, gc=False):
    """A preview of a link, or a card that a bot made."""

    title: str | None = None
    url: str | None = None
    description: str | None = None
    image: Image | None = None
    images: tuple[Image, ...] = ()
    fields: tuple[Field, ...] = ()


class Sticker(_Record, gc=False):
    """A sticker."""

    id: str | None = None
    name: str | None = None
    source_url: str | None = None


class Emoji(_Record, gc=False):
    """An emoji: of Unicode, or a server's own (with an id)."""

    id: str | None = None
    name: str = ""


class Reaction(_Record, gc=False):
    """How often one emoji was given, and (since 2023) by whom."""

    emoji: Emoji
    count: Int = 0
    users: tuple[User, ...] = ()


class Reference(_Record, gc=False):
    """The message that is answered, pinned or forwarded."""

    type: str | None = None  # Default, Forward; since 2024
    message_id: Id | None = None
    channel_id: Id | None = None
    guild_id: Id | None = None


class Said(_Record, gc=False):
    """What a message says itself, or what another says that it forwards."""

    content: str | None = None
    attachments: tuple[Attachment, ...] = ()
    embeds: tuple[Embed, ...] = ()
    stickers: tuple[Sticker, ...] = ()


class Message(Said, gc=False, kw_only=True):
    """A message, or a notice of the platform."""

    id: Id
    type: str = "Default"
    timestamp: str
    timestamp_edited: str | None = None
    author: User | None = None
    reactions: tuple[Reaction, ...] = ()
    mentions: tuple[User, ...] = ()
    reference: Reference | None = None
    forwarded_message: Said | None = None


class Place(_Record, gc=False):
    """A server (guild) or a channel of it."""

    id: Id
    type: str | None = None
    name: str | None = None
    topic: str | None = None


class Head(_Record, gc=False):
    """What stands before the messages."""

    channel: Place
    guild: Place | None = None
