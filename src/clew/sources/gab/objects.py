"""What does Gab answer? The objects of Gab Social, and the same with short names."""

from __future__ import annotations

from typing import Annotated

import msgspec

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=40)] | int
Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class Part(msgspec.Struct, gc=False):
    """Anything in an answer; what is not named here is not read."""


class Person(Part):
    """An account; of those that a post mentions only number and name are said."""

    id: Id | None = None
    username: str | None = None
    acct: str | None = None
    display_name: str | None = None
    note: str | None = None
    avatar: str | None = None
    created_at: str | None = None
    followers_count: Count | None = None
    following_count: Count | None = None
    statuses_count: Count | None = None
    is_verified: bool | None = None
    locked: bool | None = None
    bot: bool | None = None


class Group(Part):
    """A group in which posts stand."""

    id: Id | None = None
    slug: str | None = None
    title: str | None = None
    description: str | None = None
    url: str | None = None
    created_at: str | None = None
    member_count: Count | None = None


class Size(Part):
    """Pixels, and seconds of a video."""

    width: Count | None = None
    height: Count | None = None
    duration: float | None = None


class Meta(Part):
    """What is known of a medium."""

    original: Size | None = None


class Medium(Part):
    """A picture or video."""

    id: Id | None = None
    type: str | None = None
    url: str | None = None
    source_mp4: str | None = None
    description: str | None = None
    file_content_type: str | None = None
    meta: Meta | None = None


class Card(Part):
    """The page shown below a post."""

    url: str | None = None
    title: str | None = None
    description: str | None = None


class Choice(Part):
    """An answer of a poll."""

    title: str | None = None


class Poll(Part):
    """A poll."""

    options: list[Choice] | None = None


class Tag(Part):
    """A hashtag."""

    name: str | None = None


class Status(Part):
    """A post."""

    id: Id | None = None
    url: str | None = None
    account: Person | None = None
    account_id: Id | None = None  # instead of the account, in some answers
    created_at: str | None = None
    revised_at: str | None = None
    content: str | None = None
    body: str | None = None  # the text of `content`, by garc
    spoiler_text: str | None = None
    language: str | None = None
    in_reply_to_id: Id | None = None
    in_reply_to_account_id: Id | None = None
    quote_of_id: Id | None = None
    quote: Status | None = None
    reblog: Status | None = None
    group: Group | None = None
    mentions: list[Person] | None = None
    tags: list[Tag] | None = None
    media_attachments: list[Medium] | None = None
    poll: Poll | None = None
    card: Card | None = None
    replies_count: Count | None = None
    reblogs_count: Count | None = None
    favourites_count: Count | None = None
    quotes_count: Count | None = None
    reactions_counts: dict[str, Count] | None = None


class ShortAccount(Part):
    """An account with short names."""

    i: Id | None = None
    un: str | None = None
    ac: str | None = None
    dn: str | None = None
    nt: str | None = None

    @property
    def long(self) -> Person:
        """The same with the names that Gab Social has."""
        return Person(id=self.i, username=self.un, acct=self.ac, display_name=self.dn, note=self.nt)


class ShortMedium(Part):
    """A picture or video with short names."""

    i: Id | None = None
    t: str | None = None
    u: str | None = None
    smp4: str | None = None


class ShortStatus(Part):
    """A post with short names, joined with its author, page and pictures by Zeeschuimer."""

    i: Id | None = None
    ai: Id | None = None
    ca: str | None = None
    c: str | None = None
    ul: str | None = None
    author_info: ShortAccount | None = None
    link_info: Card | None = None
    image_info: list[ShortMedium] | None = None

    @property
    def long(self) -> Status:
        """The same with the names that Gab Social has."""
        author = self.author_info
        media = [
            Medium(id=each.i, type=each.t, url=each.u, source_mp4=each.smp4)
            for each in self.image_info or ()
        ]
        return Status(
            id=self.i,
            url=self.ul,
            account=author.long if author else None,
            account_id=self.ai,
            created_at=self.ca,
            body=self.c,
            card=self.link_info,
            media_attachments=media,
        )
