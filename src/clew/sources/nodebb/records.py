"""What do the answers of a NodeBB forum look like? Records of msgspec.

Servers of different years write the same number as a number or as text, and yes as `true`, 1 or
"1". A post, topic or user that came from another server (since 2024) has its address for a number.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

import msgspec

PLATFORM = "nodebb"

_Int = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
Number = _Int | Annotated[str, msgspec.Meta(max_length=1000)]
Flag = bool | _Int | str


def count(value: Number | None) -> int | None:
    """A number that may be written as text; null for what is none."""
    if isinstance(value, str):
        is_number = value.removeprefix("-").isdecimal() and value.isascii() and len(value) < 19
        return int(value) if is_number else None
    return value


def is_set(value: Flag | None) -> bool:
    """Whether a flag says yes."""
    return value not in (None, False, 0, "", "0", "false")


class Part(msgspec.Struct, rename="camel", gc=False):
    """Anything in an answer; fields that are not named here are of no use."""


class User(Part):
    """A user: named in passing, or with a profile."""

    uid: Number | None = None
    username: str | None = None
    userslug: str | None = None
    displayname: str | None = None
    picture: str | None = None
    aboutme: str | None = None
    location: str | None = None
    website: str | None = None
    joindate: Number | None = None
    postcount: Number | None = None
    follower_count: Number | None = None
    following_count: Number | None = None
    banned: Flag | None = None


class Category(Part):
    """A category, with those inside it."""

    cid: Number | None = None
    name: str | None = None
    slug: str | None = None
    description: str | None = None
    description_parsed: str | None = None
    children: list[Category] | None = None


class Tag(Part):
    """A tag of a topic."""

    value: str | None = None


class Replies(Part):
    """Who answered a post."""

    count: Number | None = None


class TopicRecord(Part):
    """A topic, as lists show it or as it stands around its posts."""

    tid: Number | None = None
    uid: Number | None = None
    cid: Number | None = None
    main_pid: Number | None = None
    title: str | None = None
    title_raw: str | None = None
    timestamp: Number | None = None
    timestamp_iso: str | None = msgspec.field(default=None, name="timestampISO")
    postcount: Number | None = None
    viewcount: Number | None = None
    votes: Number | None = None
    deleted: Flag | None = None
    tags: list[Tag] | None = None
    user: User | None = None
    category: Category | None = None


class Event(Part):
    """What was done to a topic: locked, moved…"""

    id: Number | None = None
    type: str | None = None
    uid: Number | None = None
    timestamp: Number | None = None
    timestamp_iso: str | None = msgspec.field(default=None, name="timestampISO")
    user: User | None = None


class PostRecord(Part):
    """A post, with what its reader may see of it."""

    pid: Number | None = None
    uid: Number | None = None
    tid: Number | None = None
    to_pid: Number | None = None
    content: str | None = None
    timestamp: Number | None = None
    timestamp_iso: str | None = msgspec.field(default=None, name="timestampISO")
    edited: Number | None = None
    deleted: Flag | None = None
    upvotes: Number | None = None
    downvotes: Number | None = None
    votes: Number | None = None
    replies: Replies | Number | None = None
    handle: str | None = None  # the name that a guest gave
    user: User | None = None
    parent: User | None = None  # the author of the post it answers
    topic: TopicRecord | None = None
    category: Category | None = None
    events: list[Event] | None = None  # what was done to the topic after it


_NOTHING = msgspec.Raw(b"null")


class Answer(Part):
    """Any answer: told apart by what it has."""

    response: msgspec.Raw = _NOTHING  # of the API v3: the answer itself
    posts: list[msgspec.Raw] | None = None
    latest_posts: list[msgspec.Raw] | None = None  # of a profile
    best_posts: list[msgspec.Raw] | None = None
    topics: list[msgspec.Raw] | None = None
    categories: list[msgspec.Raw] | None = None
    users: list[msgspec.Raw] | None = None
    events: list[msgspec.Raw] | None = None
    category: msgspec.Raw = _NOTHING
    tid: Number | None = None
    pid: Number | None = None
    uid: Number | None = None
    cid: Number | None = None
    title: str | None = None
    username: str | None = None
    name: str | None = None


NO_TOPIC = TopicRecord()


class Around(NamedTuple):
    """What an answer says of all that is in it."""

    host: str
    topic: TopicRecord

    @property
    def prefix(self) -> str:
        """What the ids of this forum begin with."""
        return f"{PLATFORM}:{self.host}"


class Item(NamedTuple):
    """A record and what stands around it."""

    record: PostRecord | TopicRecord | User | Category | Event
    around: Around
