"""Which fields of VK's objects does Clew read?

An id is positive for an account and negative for a community, except in the list of communities
itself. Nearly every field depends on the version of the API and on what was asked for.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

Id = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Flag = bool | int


class Part(msgspec.Struct, gc=False):
    """Anything in an object."""


class Counted(Part):
    """Likes, comments, reposts or views."""

    count: Count | None = None


class Client(Part):
    """What a post was made with."""

    type: str | None = None  # vk, api, widget, rss, …
    platform: str | None = None  # android, iphone, …


class Point(Part):
    """A point on Earth in degrees."""

    latitude: float | None = None
    longitude: float | None = None


class Place(Point):
    """A place on VK's map."""

    title: str | None = None


class Geo(Part):
    """Where it was posted from."""

    coordinates: str | Point | None = None
    place: Place | None = None


class Size(Part):
    """One size of a picture."""

    url: str | None = None
    src: str | None = None
    width: Count | None = None
    height: Count | None = None


class Answer(Part):
    """A choice of a poll."""

    text: str | None = None


class Thing(Part):
    """What is attached: a picture, video, file, link, poll, …"""

    id: Id | None = None
    owner_id: Id | None = None
    sticker_id: Id | None = None
    title: str | None = None
    artist: str | None = None
    description: str | None = None
    text: str | None = None
    url: str | None = None
    view_url: str | None = None
    sizes: list[Size] | None = None
    photo_75: str | None = None
    photo_130: str | None = None
    photo_604: str | None = None
    photo_807: str | None = None
    photo_1280: str | None = None
    photo_2560: str | None = None
    width: Count | None = None
    height: Count | None = None
    duration: float | None = None
    size: Count | None = None
    question: str | None = None
    answers: list[Answer] | None = None


class Attachment(Part):
    """An attachment: `type` names the field that holds it."""

    type: str
    photo: Thing | None = None
    posted_photo: Thing | None = None
    graffiti: Thing | None = None
    video: Thing | None = None
    clip: Thing | None = None
    audio: Thing | None = None
    podcast: Thing | None = None
    audio_message: Thing | None = None
    doc: Thing | None = None
    sticker: Thing | None = None
    poll: Thing | None = None
    link: Thing | None = None
    page: Thing | None = None
    article: Thing | None = None

    @property
    def thing(self) -> Thing | None:
        """What is attached, if it is of a kind that is read."""
        thing = getattr(self, self.type, None)
        return thing if isinstance(thing, Thing) else None


class Named(Part):
    """A city or country."""

    title: str | None = None


class Counters(Part):
    """Counts of an account."""

    followers: Count | None = None


class Thread(Part):
    """The answers to a comment."""

    count: Count | None = None
    items: list[Record] | None = None


class Record(Part):
    """A post, a comment, an account or a community: what it is follows from what it has."""

    id: Id | None = None
    # of posts and comments
    owner_id: Id | None = None
    to_id: Id | None = None  # `owner_id` before version 5
    from_id: Id | None = None
    signer_id: Id | None = None
    date: Count | None = None
    edited: Count | None = None
    text: str | None = None
    post_type: str | None = None
    likes: Counted | None = None
    comments: Counted | None = None
    reposts: Counted | None = None
    views: Counted | None = None
    attachments: list[Attachment] | None = None
    geo: Geo | None = None
    post_source: Client | None = None
    copy_history: list[Record] | None = None
    is_deleted: bool | None = None
    deleted: bool | None = None
    # of comments
    post_id: Id | None = None
    parents_stack: list[Id] | None = None
    reply_to_user: Id | None = None
    reply_to_comment: Id | None = None
    thread: Thread | None = None
    # of accounts and communities
    uid: Id | None = None  # `id` before version 5
    gid: Id | None = None
    first_name: str | None = None
    last_name: str | None = None
    name: str | None = None
    screen_name: str | None = None
    domain: str | None = None
    type: str | None = None
    about: str | None = None
    status: str | None = None
    description: str | None = None
    site: str | None = None
    city: Named | Id | None = None  # a number before version 5
    country: Named | Id | None = None
    photo_max_orig: str | None = None
    photo_max: str | None = None
    photo_200: str | None = None
    photo_100: str | None = None
    photo_50: str | None = None
    followers_count: Count | None = None
    members_count: Count | None = None
    counters: Counters | None = None
    verified: Flag | None = None
    is_closed: Flag | None = None
    deactivated: str | None = None

    @property
    def wall(self) -> int | None:
        """Whose wall it stands on."""
        return self.to_id if self.owner_id is None else self.owner_id

    @property
    def kind(self) -> str | None:
        """What it is: of the kinds that are read."""
        if self.first_name is not None:
            return "account"
        if self.name is not None and self.date is None:
            return "community"
        if self.date is None and not self.is_deleted:
            return None
        is_post = self.comments or self.reposts or self.copy_history or self.is_deleted
        if self.post_type == "reply" or (self.post_type is None and not is_post):
            return "comment"
        return "post"


class Page(Part):
    """An answer, or what is inside `response`; any of it may be missing."""

    response: msgspec.Raw = msgspec.Raw()
    items: list[msgspec.Raw] | None = None
    profiles: list[msgspec.Raw] | None = None
    groups: list[msgspec.Raw] | None = None
    error: msgspec.Raw = msgspec.Raw()

    @property
    def is_list(self) -> bool:
        """Whether its records are right inside it."""
        return any(part is not None for part in (self.items, self.profiles, self.groups))
