"""Which fields do the events of a Matrix room have, as its servers and Element write them?

What an event's content holds depends on its type, and anybody may send any content: so it is
decoded by itself, after the type is known.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from clew.formats.json_items import ItemDecoder

Number = int | float | None
"""The specification says integer; clients also send fractions and null."""

_NOTHING = msgspec.Raw()


class Head(msgspec.Struct, gc=False):
    """What Element writes in front of the messages of a room."""

    room_name: str | None = None
    topic: str | None = None
    exported_by: str | None = None


class Because(msgspec.Struct, gc=False):
    """The redaction that an event fell to."""

    origin_server_ts: int | None = None


class Count(msgspec.Struct, gc=False):
    """How often a reaction was given, as older servers count it."""

    key: str | None = None
    count: int = 0


class Chunk(msgspec.Struct, gc=False):
    """The counts of an event's reactions."""

    chunk: list[Count] = msgspec.field(default_factory=list)


class Thread(msgspec.Struct, gc=False):
    """The thread that begins with an event."""

    count: int | None = None


class Bundled(msgspec.Struct, gc=False):
    """What a server tells of later events together with the one that they are about."""

    replace: msgspec.Raw = msgspec.field(default=_NOTHING, name="m.replace")
    annotation: Chunk | None = msgspec.field(default=None, name="m.annotation")
    thread: Thread | None = msgspec.field(default=None, name="m.thread")


class Unsigned(msgspec.Struct, gc=False):
    """What the server that was asked adds to an event."""

    redacted_because: Because | None = None
    prev_content: msgspec.Raw = _NOTHING
    relations: Bundled | None = msgspec.field(default=None, name="m.relations")


class Event(msgspec.Struct, gc=False):
    """An event; in what an invited account is told of a room, without id and time."""

    type: str
    sender: str
    content: msgspec.Raw
    event_id: str | None = None
    origin_server_ts: int | None = None
    room_id: str | None = None
    state_key: str | None = None
    redacts: str | None = None
    unsigned: Unsigned | None = None
    redacted_because: Because | None = None
    prev_content: msgspec.Raw = _NOTHING

    @property
    def redaction(self) -> Because | None:
        """What took the event's content away, if it is gone."""
        return (self.unsigned and self.unsigned.redacted_because) or self.redacted_because

    @property
    def before(self) -> msgspec.Raw:
        """The content of the state that this event took the place of; empty: it is not told."""
        return (self.unsigned.prev_content if self.unsigned else _NOTHING) or self.prev_content


class Edit(msgspec.Struct, gc=False):
    """The last edit of a message, as it is told with the message."""

    sender: str
    origin_server_ts: int | None = None
    content: msgspec.Raw = _NOTHING


class Item(NamedTuple):
    """An event, the room it stands in, and of an edited message what is known of the first."""

    event: Event
    room_id: str | None
    original: Event | None = None


class Room(NamedTuple):
    """What Element says of the room itself."""

    head: Head
    room_id: str | None


# ---------------------------------------------------------------------------------------- content


class InReplyTo(msgspec.Struct, gc=False):
    """Which event is answered."""

    event_id: str | None = None


class Relation(msgspec.Struct, gc=False):
    """What an event has to do with an earlier one."""

    rel_type: str | None = None
    event_id: str | None = None
    key: str | None = None
    is_falling_back: bool = False
    in_reply_to: InReplyTo | None = msgspec.field(default=None, name="m.in_reply_to")


class Mentions(msgspec.Struct, gc=False):
    """Whom a message calls."""

    user_ids: list[str] = msgspec.field(default_factory=list)


class File(msgspec.Struct, gc=False):
    """A file that was encrypted before it was uploaded."""

    url: str | None = None


class Info(msgspec.Struct, gc=False):
    """What the sender's client says of a file."""

    mimetype: str | None = None
    size: Number = None
    w: Number = None
    h: Number = None
    duration: Number = None  # milliseconds


class Words(msgspec.Struct, gc=False):
    """A text in one media type (extensible events)."""

    body: str | None = None


class Question(msgspec.Struct, gc=False):
    """What is asked in a poll, or may be answered."""

    old: str | None = msgspec.field(default=None, name="org.matrix.msc1767.text")
    new: list[Words] | None = msgspec.field(default=None, name="m.text")

    @property
    def text(self) -> str | None:
        """Its words."""
        return self.old or next((words.body for words in self.new or () if words.body), None)


class Poll(msgspec.Struct, gc=False):
    """A poll."""

    question: Question | None = None
    answers: list[Question] = msgspec.field(default_factory=list)


class Message(msgspec.Struct, gc=False):
    """The content of a message, a sticker, a poll, a reaction or a redaction."""

    msgtype: str | None = None
    body: str | None = None
    formatted_body: str | None = None
    filename: str | None = None
    url: str | None = None
    file: File | None = None
    info: Info | None = None
    geo_uri: str | None = None
    redacts: str | None = None
    relates_to: Relation | None = msgspec.field(default=None, name="m.relates_to")
    mentions: Mentions | None = msgspec.field(default=None, name="m.mentions")
    new_content: Message | None = msgspec.field(default=None, name="m.new_content")
    voice: msgspec.Raw = msgspec.field(default=_NOTHING, name="org.matrix.msc3245.voice")
    poll: Poll | None = msgspec.field(default=None, name="m.poll")
    old_poll: Poll | None = msgspec.field(default=None, name="org.matrix.msc3381.poll.start")


class Member(msgspec.Struct, gc=False):
    """The content of what says whether somebody is in the room, and how they show themselves."""

    membership: str | None = None
    displayname: str | None = None
    avatar_url: str | None = None
    reason: str | None = None


class About(msgspec.Struct, gc=False):
    """The content of what says something of the room itself."""

    name: str | None = None
    topic: str | None = None
    alias: str | None = None
    type: str | None = None
    pinned: list[str] | None = None
    body: str | None = None
    replacement_room: str | None = None


HEADS = ItemDecoder(Head)
EVENTS = ItemDecoder(Event)
EDITS = ItemDecoder(Edit)
MESSAGES = ItemDecoder(Message)
MEMBERS = ItemDecoder(Member)
ABOUTS = ItemDecoder(About)
