"""What is in the files of a download from Facebook or Instagram, beyond messages?

One type reads all: a file is told by the name of its list, and an entry has few of these fields.
All text is written byte by byte (`clew.formats.meta_text`).
"""

from __future__ import annotations

from typing import Annotated

import msgspec

# What the tables can hold.
Int = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]


class Part(msgspec.Struct, gc=False):
    """Anything in a download; what is not named here is not read."""


class Named(Part):
    """A person, page, group or town."""

    name: str | None = None


class Point(Part):
    """Degrees WGS 84."""

    latitude: float | None = None
    longitude: float | None = None


class Place(Part):
    """A place that was attached."""

    name: str | None = None
    coordinate: Point | None = None


class Comment(Part):
    """A comment, with its author. Of the owner; under photos, of others too."""

    timestamp: Int | None = None
    comment: str | None = None
    author: str | None = None
    group: str | None = None


class Reaction(Part):
    """Which reaction, by whom."""

    reaction: str | None = None
    actor: str | None = None


class Medium(Part):
    """A picture or video: where it is in the download."""

    uri: str | None = None
    title: str | None = None
    description: str | None = None
    creation_timestamp: Int | None = None


class Address(Part):
    """A link, with the name of the page."""

    url: str | None = None
    name: str | None = None


class Datum(Part):
    """One fact of an entry, or one thing attached to it."""

    post: str | None = None
    update_timestamp: Int | None = None
    comment: Comment | None = None
    reaction: Reaction | None = None
    name: str | None = None
    media: Medium | None = None
    external_context: Address | None = None
    place: Place | None = None


class Attachment(Part):
    """What was attached."""

    data: list[Datum] | None = None


class Told(Part):
    """A value of Instagram's, with an address and a time (0: none)."""

    href: str | None = None
    value: str | None = None
    timestamp: Int | None = None


class Labelled(Part):
    """A value under a label, or a group of them under a title, in the language of the account."""

    label: str | None = None
    value: str | None = None
    href: str | None = None
    title: str | None = None
    inside: list[Labelled] | None = msgspec.field(default=None, name="dict")


class Entry(Part):
    """An element of a list."""

    timestamp: Int | None = None
    title: str | None = None
    name: str | None = None
    data: list[Datum] | None = None
    attachments: list[Attachment] | None = None
    tags: list[Named | str] | None = None
    # A photo or video, and a post of Instagram:
    uri: str | None = None
    description: str | None = None
    creation_timestamp: Int | None = None
    comments: list[Comment] | None = None
    media: list[Medium] | None = None
    # An event:
    start_timestamp: Int | None = None
    create_timestamp: Int | None = None
    response_time: Int | None = None
    # Instagram's lists:
    string_list_data: list[Told] | None = None
    string_map_data: dict[str, Told] | None = None
    # Lists since about 2024:
    label_values: list[Labelled] | None = None


class Name(Part):
    """A person's name."""

    full_name: str | None = None


class Profile(Part):
    """Facebook's profile of the owner. Birthday, family, e-mail and so on are not read."""

    name: Name | None = None
    username: str | None = None
    profile_uri: str | None = None
    about_me: str | None = None
    current_city: Named | None = None
    registration_timestamp: Int | None = None
