"""What is in the JSON files of a Slack export? Read off real exports of 2016 to 2026.

Fields that no table has a place for are left out: the decoder skips them.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

Id = Annotated[str, msgspec.Meta(pattern=r"\A[A-Z0-9]{2,32}\Z")]
Stamp = Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{1,12}\.[0-9]{1,9}\Z")]
"""Unix seconds; what stands behind the point numbers the messages of a second."""

Int = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Seconds = int | float | str
"""Exports before 2018 may have it as text."""


class Profile(msgspec.Struct, gc=False):
    """How a member shows itself. Exports also have e-mail address and telephone number here."""

    real_name: str | None = None
    display_name: str | None = None
    title: str | None = None
    status_text: str | None = None
    image_512: str | None = None
    image_192: str | None = None
    image_72: str | None = None


class User(msgspec.Struct, gc=False):
    """A member, guest, bot or app, in `users.json`."""

    id: Id
    profile: Profile
    name: str | None = None
    real_name: str | None = None
    deleted: bool | None = None
    is_bot: bool | None = None


class Topic(msgspec.Struct, gc=False):
    """The topic or purpose of a channel."""

    value: str | None = None


class Conversation(msgspec.Struct, gc=False):
    """A channel, private channel, group or direct chat; `members` has all who are in it now."""

    id: Id
    name: str | None = None  # direct chats of two have none
    created: Seconds | None = None
    creator: str | None = None
    members: tuple[Id, ...] = ()
    topic: Topic | None = None
    purpose: Topic | None = None


class UserProfile(msgspec.Struct, gc=False):
    """How its author showed itself when a message was sent."""

    name: str | None = None
    real_name: str | None = None
    display_name: str | None = None
    image_72: str | None = None


class Edited(msgspec.Struct, gc=False):
    """When a message got the text it has."""

    ts: Stamp | None = None


class Reaction(msgspec.Struct, gc=False):
    """An emoji under a message. `users` may name fewer than `count`."""

    name: str
    count: Int | None = None
    users: tuple[Id, ...] = ()


class File(msgspec.Struct, gc=False):
    """A file that was shared; the export holds its address, not its bytes."""

    id: str | None = None
    name: str | None = None
    title: str | None = None
    mimetype: str | None = None
    size: Int | None = None
    mode: str | None = None  # "tombstone": deleted since
    url_private: str | None = None
    permalink: str | None = None
    original_w: Int | None = None
    original_h: Int | None = None
    duration_ms: Int | None = None
    alt_txt: str | None = None


class Attachment(msgspec.Struct, gc=False):
    """A card under a message: the preview of a link, or what an app has to say."""

    fallback: str | None = None
    pretext: str | None = None
    title: str | None = None
    title_link: str | None = None
    from_url: str | None = None
    original_url: str | None = None
    text: str | None = None
    image_url: str | None = None
    is_msg_unfurl: bool | None = None  # it shows another message
    channel_id: str | None = None
    ts: Any = None  # of the message it shows; else a time that an app gives


class Comment(msgspec.Struct, gc=False):
    """A remark on a file, in the exports of before 2018."""

    comment: str | None = None
    user: Id | None = None


class Message(msgspec.Struct, gc=False):
    """A message or a notice; what it is says `subtype`."""

    ts: Stamp
    type: str | None = None
    subtype: str | None = None
    text: str | None = None
    user: str | None = None
    bot_id: str | None = None
    username: str | None = None  # what a bot calls itself here
    user_profile: UserProfile | None = None
    thread_ts: Stamp | None = None
    parent_user_id: str | None = None
    reply_count: Int | None = None
    edited: Edited | None = None
    reactions: tuple[Reaction, ...] = ()
    files: tuple[File | None, ...] = ()
    file: File | None = None
    attachments: tuple[Attachment, ...] = ()
    comment: Comment | None = None
    inviter: str | None = None
    deleted_ts: Stamp | None = None  # of the message that a notice says is deleted
    message: Message | None = None  # the message as it is now, in a notice of an edit
