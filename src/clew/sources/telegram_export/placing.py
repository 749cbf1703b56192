"""Where does a message stand, who wrote it, and when?

A chat is `telegram:<id>` and its message 12 is `telegram:<id>/12`. An account is
`telegram:user<id>`, `telegram:channel<id>` (a channel or group that posts as itself) or
`telegram:chat<id>` (a basic group).
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

import msgspec

from clew.errors import ItemError
from clew.model.times import Micros, TimeQuality, from_seconds, local_text
from clew.sources.telegram_export.records import Head, Message, PeerId
from clew.sources.telegram_export.texts import said

PLATFORM = "telegram"

_PEER = re.compile(r"(user|channel|chat)?(\d{1,20})", re.ASCII)
_NUMERIC_AUTHOR = re.compile(rb'"(?:from|actor)_id":\s*\d')

# Until mid-2021 a chat's id carried its kind above 32 bits: 1 a user, 2 a group or channel.
_KIND_BITS = 32
_OLD_USER, _OLD_CHAT = 1, 2
_OLD_ID = (1 << _KIND_BITS) - 1


class Chat(msgspec.Struct, frozen=True, gc=False):
    """A chat of the export."""

    channel_id: str | None  # null: the export does not say
    account_id: str | None  # as which a channel posts
    kind: str | None
    name: str | None


class Placed(msgspec.Struct, frozen=True, gc=False):
    """Where a message stands, by whom and of when it is."""

    post_id: str
    channel_id: str | None
    account_id: str | None
    posted_at: Micros | None
    time_quality: TimeQuality
    local_time: str | None


def chat_of(head: Head, data: bytes) -> Chat:
    """The chat that a head names; `data` are messages of it, to tell old ids from new ones."""
    number, kind = head.id, head.type or None
    if number is not None and _is_shifted(number, kind or "", data):
        number &= _OLD_ID
    is_channel = number is not None and (kind or "").endswith("_channel")
    return Chat(
        channel_id=None if number is None else f"{PLATFORM}:{number}",
        account_id=f"{PLATFORM}:channel{number}" if is_channel else None,
        kind=kind,
        name=head.name or None,
    )


def _is_shifted(number: int, kind: str, data: bytes) -> bool:
    if number >> _KIND_BITS == _OLD_CHAT:
        return kind.endswith(("_group", "_supergroup", "_channel"))
    # A user's id of today may be that large as well: only old exports have numbers as authors.
    return number >> _KIND_BITS == _OLD_USER and bool(_NUMERIC_AUTHOR.search(data))


def placed(message: Message, chat: Chat) -> Placed:
    """The place of a message. Raises ItemError for an id or a time that is none."""
    posted_at, quality, local = _time(message)
    peer = message.peer
    return Placed(
        _post_id(message, chat),
        chat.channel_id,
        chat.account_id if peer is None else account_id(peer),
        posted_at,
        quality,
        local,
    )


def _time(message: Message) -> tuple[Micros | None, TimeQuality, str | None]:
    if message.date_unixtime is not None:
        return from_seconds(message.date_unixtime), TimeQuality.UTC, None
    if message.date:
        return None, TimeQuality.ZONE_UNKNOWN, local_text(message.date)
    return None, TimeQuality.MISSING, None


def _post_id(message: Message, chat: Chat) -> str:
    if chat.channel_id and message.id is not None:
        return f"{chat.channel_id}/{message.id}"
    content = (
        chat.channel_id or chat.name,
        message.id,
        message.date_unixtime or message.date,
        message.peer or message.name,
        said(message),
    )
    return f"{PLATFORM}:unnumbered/{hashlib.sha256(repr(content).encode()).hexdigest()[:32]}"


@lru_cache(maxsize=1 << 16)
def _peer(peer: PeerId) -> tuple[str, int]:
    match = _PEER.fullmatch(str(peer))
    if match is None:
        raise ItemError("id unreadable", repr(peer)[:80])
    return match[1] or "user", int(match[2])


def account_id(peer: PeerId) -> str:
    """The account that a peer is; raises ItemError for a text that is no peer's id."""
    kind, number = _peer(peer)
    return f"{PLATFORM}:{kind}{number}"


def channel_id(peer: PeerId) -> str:
    """The chat that a peer is; raises ItemError for a text that is no peer's id."""
    return f"{PLATFORM}:{_peer(peer)[1]}"


def is_user(peer: PeerId) -> bool:
    """Whether a peer is a person or bot; raises ItemError for a text that is no peer's id."""
    return _peer(peer)[0] == "user"
