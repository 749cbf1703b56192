"""What do the answers of a Misago forum look like? Records of msgspec."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import msgspec

PLATFORM = "misago"

Number = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class Part(msgspec.Struct, gc=False):
    """Anything in an answer; fields that are not named here are of no use."""


class Url(Part):
    """Where something is in the forum."""

    index: str | None = None


class Avatar(Part):
    """A picture of a user in one size; the largest comes first."""

    url: str | None = None


class Status(Part):
    """Whether a user is there."""

    is_banned: bool | None = None


class User(Part):
    """A user: named in passing, or with a profile."""

    id: Number | str | None = None
    username: str | None = None
    slug: str | None = None
    real_name: str | None = None
    avatars: list[Avatar] | None = None
    joined_on: str | None = None
    followers: Number | None = None
    following: Number | None = None
    posts: Number | None = None
    status: Status | None = None
    url: Url | str | None = None

    @property
    def path(self) -> str:
        """Its address in the forum; empty: not recorded."""
        return (self.url.index if isinstance(self.url, Url) else self.url) or ""


class Description(Part):
    """What a category says of itself."""

    plain: str | None = None


class Category(Part):
    """A category; where posts are listed it has no number but in its address."""

    id: Number | None = None
    name: str | None = None
    description: Description | None = None
    url: Url | str | None = None
    absolute_url: str | None = None  # until 2018

    @property
    def path(self) -> str:
        """Its address in the forum; empty: not recorded."""
        of_url = self.url.index if isinstance(self.url, Url) else self.url
        return of_url or self.absolute_url or ""

    @property
    def number(self) -> int | None:
        """Its number."""
        return number_in(self.path) if self.id is None else self.id


class Attachment(Part):
    """A file that a post carries."""

    id: Number | None = None
    filename: str | None = None
    size: Number | None = None
    is_image: bool | None = None
    url: Url | None = None


class Choice(Part):
    """One choice of a poll."""

    label: str | None = None


class Poll(Part):
    """A poll of a thread."""

    id: Number | None = None
    question: str | None = None
    choices: list[Choice] | None = None


class Thread(Part):
    """The thread of a listed post."""

    url: str | None = None


class Posts(Part):
    """A page of a thread."""

    results: list[msgspec.Raw] = []


class Record(User):
    """A post, thread or user: see `kind`. Or an answer that holds some."""

    # a thread
    title: str | None = None
    started_on: str | None = None
    starter_name: str | None = None
    starter: User | None = None
    replies: Number | None = None
    category: Category | Number | None = None
    poll: Poll | None = None
    # a post
    poster: User | None = None
    poster_name: str | None = None
    content: str | None = None
    attachments: list[Attachment] | None = None
    posted_on: str | None = None
    updated_on: str | None = None
    hidden_on: str | None = None
    edits: Number | None = None
    is_hidden: bool | None = None
    is_unapproved: bool | None = None
    is_event: bool | None = None
    event_type: str | None = None
    likes: Number | None = None
    last_likes: list[User] | None = None
    thread: Thread | None = None
    # an answer
    post_set: Posts | None = None
    results: list[msgspec.Raw] | Posts | None = None

    @property
    def kind(self) -> str | None:
        """What it is: of the kinds that are read."""
        if self.posted_on is not None:
            return "post"
        if self.started_on is not None:
            return "thread"
        return "user" if self.username is not None else None


NO_THREAD = Record()


class Item(NamedTuple):
    """A record, the forum's host, and the thread around it."""

    record: Record
    host: str
    thread: Record

    @property
    def prefix(self) -> str:
        """What the ids of this forum begin with."""
        return f"{PLATFORM}:{self.host}"


def number_in(path: str) -> int | None:
    """The number in an address: the last part that is one (`/c/lamps/3/`)."""
    for part in reversed(path[:300].split("/")):
        if part.isascii() and part.isdecimal() and len(part) < 19:
            return int(part)
    return None
