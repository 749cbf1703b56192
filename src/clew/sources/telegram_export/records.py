"""What does a Telegram Desktop export write? Its records, as the exporter's versions have them.

Read off the exporter's own source of 2018 to 2026 (`export_output_json.cpp`). Fields that no table
has a place for are left out: the decoder skips them.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType

# What the tables can hold.
Int = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]

# `123` until 2021, then `user123`, `channel123` or `chat123`.
PeerId = str | int


class Part(msgspec.Struct, gc=False):
    """A stretch of text with a format or meaning."""

    type: str = ""
    text: str = ""
    href: str | None = None
    user_id: PeerId | None = None


# Plain text, or strings and parts in turn.
Text = str | list[str | Part]


class Person(msgspec.Struct, gc=False):
    """`contact_information` of a message, or the exporting account's `personal_information`."""

    user_id: PeerId | None = None
    first_name: str = ""
    last_name: str = ""
    phone_number: str = ""
    username: str = ""
    bio: str = ""

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()


class Location(msgspec.Struct, gc=False):
    """A point on the map."""

    latitude: float
    longitude: float


class Choice(msgspec.Struct, gc=False):
    """An answer of a poll or a task of a list."""

    text: Text = ""


class Choices(msgspec.Struct, gc=False):
    """A poll (with a question) or a list of tasks (with a title)."""

    question: Text = ""
    title: Text = ""
    answers: tuple[Choice, ...] = ()


class Reactor(msgspec.Struct, gc=False):
    """Who reacted lately."""

    from_: str | None = msgspec.field(name="from", default=None)
    from_id: PeerId | None = None
    date: str | None = None


class Reaction(msgspec.Struct, gc=False):
    """How often one reaction was given, and by whom lately."""

    type: str = ""
    count: Int = 0
    emoji: str | None = None
    document_id: str | None = None  # of a custom emoji: where its picture is, or that it is not
    recent: tuple[Reactor, ...] = ()


class Message(msgspec.Struct, gc=False):
    """A message, or a service message (then with `action`)."""

    id: int | None = None
    type: str = ""
    date: str | None = None  # local time of the exporting computer
    date_unixtime: PeerId | None = None  # since the end of 2021
    edited_unixtime: PeerId | None = None
    from_: str | None = msgspec.field(name="from", default=None)
    from_id: PeerId | None = None
    author: str | None = None  # signature
    forwarded_from: str | UnsetType | None = UNSET
    forwarded_from_id: PeerId | UnsetType | None = UNSET
    reply_to_message_id: int | None = None
    reply_to_peer_id: PeerId | None = None
    via_bot: str | None = None
    text: Text = ""
    rich_message: dict[str, Any] | None = None  # instead of the text, since 2026
    reactions: tuple[Reaction, ...] = ()

    actor: str | None = None
    actor_id: PeerId | None = None
    action: str | None = None
    title: str | None = None  # of a chat or topic; also of a piece of music
    new_title: str | None = None
    members: tuple[str | None, ...] = ()
    inviter: str | None = None
    message_id: int | None = None
    information_text: str | None = None

    photo: str | None = None
    photo_file_size: Int | None = None
    file: str | None = None
    file_name: str | None = None
    file_size: Int | None = None
    media_type: str | None = None
    mime_type: str | None = None
    duration_seconds: float | None = None
    width: Int | None = None
    height: Int | None = None
    sticker_emoji: str | None = None
    performer: str | None = None
    contact_information: Person | None = None
    contact_vcard: str | None = None
    contact_vcard_file_size: Int | None = None
    location_information: Location | None = None
    place_name: str | None = None
    address: str | None = None
    poll: Choices | None = None
    todo_list: Choices | None = None
    game_title: str | None = None
    game_description: str | None = None
    game_link: str | None = None

    @property
    def peer(self) -> PeerId | None:
        """Its author, or who acted in a service message."""
        return self.actor_id if self.from_id is None else self.from_id

    @property
    def name(self) -> str | None:
        """The author's name, or the actor's."""
        return self.actor if self.from_ is None else self.from_


class Head(msgspec.Struct, gc=False):
    """What stands before the messages of a chat."""

    name: str | None = None
    type: str | None = None
    id: int | None = None
