"""What is in the files of an X account archive? Read off archives of 2019 to 2025.

Every number is text. Fields that no table has a place for, and all that is nobody's business in an
investigation (addresses of devices, advertisements shown, interests guessed), are left out.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

Id = Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{1,20}\Z")]
Int = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Number = Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{1,18}\Z")] | Int


def number(value: str | int | None) -> int | None:
    """A count, which is text in archives."""
    return None if value is None else int(value)


class Part(msgspec.Struct, gc=False):
    """Anything in an archive."""


class Named(Part):
    """An account or a hashtag in a text."""

    text: str | None = None
    id_str: str | None = None  # "-1": no such account any more
    screen_name: str | None = None
    name: str | None = None


class Url(Part):
    """An address in a text, behind X's own short one."""

    url: str | None = None
    expanded_url: str | None = None


class Size(Part):
    """Pixels."""

    w: Number | None = None
    h: Number | None = None


class Sizes(Part):
    """The sizes in which X keeps a picture."""

    large: Size | None = None


class Variant(Part):
    """One encoding of a video."""

    url: str | None = None
    content_type: str | None = None
    bitrate: Number | None = None


class Video(Part):
    """What there is of a video."""

    duration_millis: Number | None = None
    variants: list[Variant] | None = None


class Medium(Part):
    """A picture or video."""

    id_str: Id | None = None
    type: str | None = None
    media_url_https: str | None = None
    media_url: str | None = None
    sizes: Sizes | None = None
    video_info: Video | None = None


class Entities(Part):
    """What X found in a text."""

    urls: list[Url] | None = None
    user_mentions: list[Named] | None = None
    hashtags: list[Named] | None = None
    symbols: list[Named] | None = None
    media: list[Medium] | None = None


class Point(Part):
    """Longitude and latitude, as text."""

    coordinates: list[str | float] | None = None


class Tweet(Part):
    """A post, or the head of one that was deleted."""

    id_str: Id | None = None
    id: Id | Int | None = None
    tweet_id: Id | None = None  # of a head
    user_id: Id | None = None
    full_text: str | None = None
    text: str | None = None
    created_at: str | None = None
    deleted_at: str | None = None
    in_reply_to_status_id_str: Id | None = None
    in_reply_to_user_id_str: str | None = None
    in_reply_to_screen_name: str | None = None
    entities: Entities | None = None
    extended_entities: Entities | None = None
    coordinates: Point | None = None
    favorite_count: Number | None = None
    retweet_count: Number | None = None
    lang: str | None = None
    source: str | None = None

    @property
    def native(self) -> str | None:
        """Its id."""
        return self.id_str or self.tweet_id or (str(self.id) if self.id is not None else None)


class Person(Part, rename="camel"):
    """Whose archive it is."""

    account_id: Id
    username: str | None = None
    account_display_name: str | None = None
    created_at: str | None = None


class Description(Part):
    """What the profile says."""

    bio: str | None = None
    website: str | None = None
    location: str | None = None


class Profile(Part, rename="camel"):
    """The profile, but for its names."""

    description: Description | None = None
    avatar_media_url: str | None = None


class Other(Part, rename="camel"):
    """An account that follows, is followed or blocked."""

    account_id: Id


class Like(Part, rename="camel"):
    """A post of another that was liked. When, is not recorded."""

    tweet_id: Id
    full_text: str | None = None
    expanded_url: str | None = None


class Renaming(Part, rename="camel"):
    """A change of the handle."""

    changed_at: str | None = None
    changed_from: str | None = None
    changed_to: str | None = None


class RenamingOf(Part, rename="camel"):
    """A change of the handle, with whose it is."""

    account_id: Id
    screen_name_change: Renaming


class NoteCore(Part, rename="camel"):
    """The words of a long post."""

    text: str


class Note(Part, rename="camel"):
    """All of a long post: the post itself holds its beginning."""

    note_tweet_id: Id
    core: NoteCore
    created_at: str


class MessageUrl(Part, rename="camel"):
    """An address in a direct message."""

    url: str | None = None
    expanded: str | None = None


class MessageReaction(Part, rename="camel"):
    """An emoji under a direct message."""

    sender_id: Id
    reaction_key: str | None = None
    created_at: str | None = None


class Message(Part, rename="camel"):
    """A direct message."""

    id: Id
    sender_id: Id
    created_at: str
    recipient_id: Id | None = None
    text: str | None = None
    media_urls: list[str] | None = None
    urls: list[MessageUrl] | None = None
    reactions: list[MessageReaction] | None = None


class Event(Part, rename="camel"):
    """What happened in a conversation; only messages are read."""

    message_create: Message | None = None


class Conversation(Part, rename="camel"):
    """The direct messages with one account, or of a group."""

    conversation_id: Annotated[str, msgspec.Meta(pattern=r"\A[0-9-]{1,50}\Z")]
    messages: list[Event] | None = None


class Record(Part, rename="camel"):
    """An element of a file: one member says what it is. Before 2019 posts stood there bare."""

    tweet: Tweet | None = None
    account: Person | None = None
    profile: Profile | None = None
    follower: Other | None = None
    following: Other | None = None
    blocking: Other | None = None
    muting: Other | None = None
    like: Like | None = None
    screen_name_change: RenamingOf | None = None
    note_tweet: Note | None = None
    dm_conversation: Conversation | None = None
