"""Which fields of the answers of X's API v1.1, and of v1 before it, does Clew read?

Ids stand there twice, as a number and as text. The text comes first: numbers this large lose their
last digits in many programs.
"""

from __future__ import annotations

import msgspec

from clew.sources.x_api.both import Count, Id, IdNumber, plain


class Part(msgspec.Struct, gc=False):
    """Anything in an answer."""


def exact(text: str | None, number: object) -> str | None:
    """An id that stands there as text and as number; null also for -1: the account is gone."""
    native = text or (str(number) if isinstance(number, int) else None)
    return None if native is None or native.startswith("-") else native


class Named(Part):
    """Anything with an id."""

    id_str: Id | None = None
    id: IdNumber | dict[str, msgspec.Raw] | None = None  # a dict: a page of posts by id

    @property
    def native(self) -> str | None:
        """The id."""
        return exact(self.id_str, self.id)


class Unwound(Part):
    """Where a short address leads in the end."""

    url: str | None = None
    title: str | None = None
    description: str | None = None


class Url(Part):
    """An address in a text, behind X's own short one."""

    url: str | None = None
    expanded_url: str | None = None
    unwound: Unwound | None = None


class Urls(Part):
    """The addresses of one field of a profile."""

    urls: list[Url] | None = None


class UserEntities(Part):
    """What the fields of a profile contain."""

    url: Urls | None = None


class User(Named):
    """An account; also a mention, with name and handle only."""

    screen_name: str | None = None
    name: str | None = None
    description: str | None = None
    location: str | None = None
    url: str | None = None
    entities: UserEntities | None = None
    profile_image_url_https: str | None = None
    profile_image_url: str | None = None
    created_at: str | None = None
    followers_count: Count | None = None
    friends_count: Count | None = None
    statuses_count: Count | None = None
    verified: bool | None = None
    protected: bool | None = None
    status: Status | None = None  # its latest post


class Tag(Part):
    """A hashtag or cashtag."""

    text: str | None = None


class Size(Part):
    """Pixels."""

    width: Count | None = None
    height: Count | None = None
    w: Count | None = None
    h: Count | None = None


class Sizes(Part):
    """The sizes in which X keeps a picture."""

    large: Size | None = None


class Variant(Part):
    """One encoding of a video."""

    url: str | None = None
    content_type: str | None = None
    bitrate: int | None = None


class Video(Part):
    """What there is of a video."""

    duration_millis: Count | None = None
    variants: list[Variant] | None = None


class Medium(Named):
    """A picture or video."""

    type: str | None = None
    media_url_https: str | None = None
    media_url: str | None = None
    sizes: Sizes | None = None
    original_info: Size | None = None
    video_info: Video | None = None
    ext_alt_text: str | None = None


class Entities(Part):
    """What X found in a text."""

    urls: list[Url] | None = None
    user_mentions: list[User] | None = None
    hashtags: list[Tag] | None = None
    symbols: list[Tag] | None = None
    media: list[Medium] | None = None


class Point(Part):
    """A point: longitude first in `coordinates`, latitude first in `geo`."""

    coordinates: list[float] | None = None


class Place(Part):
    """A place on X's map."""

    full_name: str | None = None
    name: str | None = None


class Extended(Part):
    """The whole of a post of more than 140 characters, in a stream."""

    full_text: str | None = None
    entities: Entities | None = None
    extended_entities: Entities | None = None


class Status(Named):
    """A post."""

    text: str | None = None
    full_text: str | None = None
    extended_tweet: Extended | None = None
    truncated: bool | None = None
    created_at: str | None = None
    user: User | None = None
    in_reply_to_status_id_str: Id | None = None
    in_reply_to_status_id: IdNumber | None = None
    in_reply_to_user_id_str: Id | None = None
    in_reply_to_user_id: IdNumber | None = None
    in_reply_to_screen_name: str | None = None
    retweeted_status: Status | None = None
    quoted_status: Status | None = None
    quoted_status_id_str: Id | None = None
    quoted_status_id: IdNumber | None = None
    entities: Entities | None = None
    extended_entities: Entities | None = None
    coordinates: Point | None = None
    geo: Point | None = None
    place: Place | None = None
    favorite_count: Count | None = None
    reply_count: Count | None = None
    retweet_count: Count | str | None = None  # "100+" until 2012
    quote_count: Count | None = None
    lang: str | None = None
    source: str | None = None
    withheld_in_countries: list[str] | None = None

    @property
    def words(self) -> str | None:
        """All of its text that there is."""
        whole = self.extended_tweet.full_text if self.extended_tweet else None
        return plain(whole or self.full_text or self.text)

    @property
    def marks(self) -> Entities:
        """What X found in its text."""
        whole = self.extended_tweet.entities if self.extended_tweet else None
        return whole or self.entities or NO_MARKS

    @property
    def media(self) -> list[Medium]:
        """All of its media: the plain entities hold no more than the first."""
        whole = self.extended_tweet.extended_entities if self.extended_tweet else None
        return (whole or self.extended_entities or self.marks).media or []


class Deleted(Part):
    """A notice in a stream that a post is gone."""

    status: Named | None = None
    timestamp_ms: str | None = None


class Line(Status):
    """A post, or something told apart by a field that posts lack."""

    screen_name: str | None = None  # an account
    statuses: list[msgspec.Raw] | None = None  # a page of posts
    users: list[msgspec.Raw] | None = None  # a page of accounts
    delete: Deleted | None = None
    sender_id: IdNumber | None = None  # a direct message


NO_MARKS = Entities()
