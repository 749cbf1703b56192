"""What does Telethon write? The objects of Telegram's API by their own names, `_` saying which.

Read off the classes of Telethon 1.45 (2026); of older ones are `to_id`, numbers as `from_id`,
`reply_to_msg_id` and reactions as plain emoji. Fields that no table has a place for are left out.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

PLATFORM = "telegram"

# What the tables can hold, and the numbers that Telegram gives.
Int = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Id = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
Moment = str | int | float | None


class Thing(msgspec.Struct, gc=False):
    """An object of the API; what is not named in a class is not read."""

    type: str = msgspec.field(name="_", default="")

    @property
    def kind(self) -> str:
        """Its class in small letters, as other libraries write the same objects."""
        return self.type.lower()


class Peer(Thing):
    """A user, a basic group, or a channel or supergroup."""

    user_id: Id | None = None
    chat_id: Id | None = None
    channel_id: Id | None = None


class Text(Thing):
    """Words with a format, of which only the words are kept."""

    text: str = ""


class Entity(Thing):
    """A stretch of a text; `offset` and `length` count UTF-16 units."""

    offset: int = 0
    length: int = 0
    url: str | None = None
    user_id: Id | None = None


class Forward(Thing):
    """Where a message comes from."""

    from_id: Peer | Id | None = None
    from_name: str | None = None
    channel_id: Id | None = None  # until 2020
    channel_post: Id | None = None
    post_author: str | None = None


class Reply(Thing):
    """What a message answers, or the topic that it stands in."""

    reply_to_msg_id: Id | None = None
    reply_to_peer_id: Peer | None = None
    reply_to_top_id: Id | None = None
    forum_topic: bool | None = None


class Emoji(Thing):
    """A reaction."""

    emoticon: str | None = None
    document_id: Id | None = None


class ReactionCount(Thing):
    """How often a reaction was given."""

    reaction: Emoji | str | None = None
    count: Int = 0


class Reactor(Thing):
    """Who gave a reaction lately."""

    peer_id: Peer | None = None
    user_id: Id | None = None  # until 2021
    date: Moment = None
    reaction: Emoji | str | None = None


class Reactions(Thing):
    """The reactions to a message."""

    results: list[ReactionCount] | None = None
    recent_reactions: list[Reactor] | None = None


class Replies(Thing):
    """The comments on a message."""

    replies: Int | None = None


class Attribute(Thing):
    """Something that is known of a file."""

    file_name: str | None = None
    duration: float | None = None
    w: Int | None = None
    h: Int | None = None
    voice: bool | None = None
    round_message: bool | None = None
    performer: str | None = None
    title: str | None = None
    alt: str | None = None


class Size(Thing):
    """One of the sizes in which a photograph is kept."""

    w: Int | None = None
    h: Int | None = None
    size: Int | None = None
    sizes: list[Int] | None = None


class Photo(Thing):
    """A photograph."""

    id: Id | None = None
    sizes: list[Size] | None = None


class Document(Thing):
    """A file."""

    id: Id | None = None
    mime_type: str | None = None
    size: Int | None = None
    attributes: list[Attribute] | None = None


class WebPage(Thing):
    """The page shown below a message."""

    url: str | None = None
    title: str | None = None
    description: str | None = None


class Answer(Thing):
    """An answer of a poll."""

    text: str | Text = ""


class Poll(Thing):
    """A poll."""

    question: str | Text = ""
    answers: list[Answer] | None = None


class Geo(Thing):
    """A point on the map."""

    lat: float | None = None
    long: float | None = None


class Media(Thing):
    """What a message carries."""

    photo: Photo | None = None
    document: Document | None = None
    webpage: WebPage | None = None
    poll: Poll | None = None
    geo: Geo | None = None
    title: str | None = None  # of a place
    address: str | None = None
    first_name: str | None = None  # of a contact
    last_name: str | None = None
    phone_number: str | None = None


class Action(Thing):
    """What happened, in a service message."""

    title: str | None = None
    users: list[Id] | None = None
    user_id: Id | None = None  # removed; before 2021 also added
    inviter_id: Id | None = None


class Message(Thing):
    """A message, or a service message (then with `action`)."""

    id: Id | None = None
    peer_id: Peer | None = None
    to_id: Peer | None = None  # until 2020
    from_id: Peer | Id | None = None
    date: Moment = None
    edit_date: Moment = None
    edit_hide: bool | None = None
    message: str | None = None
    out: bool | None = None
    post: bool | None = None
    post_author: str | None = None
    via_bot_id: Id | None = None
    fwd_from: Forward | None = None
    reply_to: Reply | None = None
    reply_to_msg_id: Id | None = None  # until 2020
    entities: list[Entity] | None = None
    media: Media | None = None
    views: Int | None = None
    forwards: Int | None = None
    replies: Replies | None = None
    reactions: Reactions | None = None
    action: Action | None = None


class Named(Thing):
    """A handle of an account that has several."""

    username: str | None = None


class Party(Thing):
    """A channel, group or user."""

    id: Id | None = None
    title: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    username: str | None = None
    usernames: list[Named] | None = None
    broadcast: bool | None = None
    megagroup: bool | None = None
    verified: bool | None = None
    bot: bool | None = None
    deleted: bool | None = None
    participants_count: Int | None = None

    @property
    def handle(self) -> str | None:
        """Its first handle."""
        others = (named.username for named in self.usernames or ())
        return self.username or next(filter(None, others), None)


class Full(Thing):
    """What is told of a channel or group on request."""

    id: Id | None = None
    about: str | None = None
    participants_count: Int | None = None


class Around(msgspec.Struct, gc=False):
    """The answer that a channel or group stands in."""

    full_chat: Full | None = None
