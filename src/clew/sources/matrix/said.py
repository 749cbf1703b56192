"""Who did what, where and when: what all events have in common on their way into rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

from clew.contract import Piece
from clew.errors import ItemError
from clew.formats.json_items import ItemDecoder
from clew.model.tables import Account, Interaction, InteractionKind, Post, PostKind
from clew.model.times import Micros, TimeQuality, in_range
from clew.sources.matrix.events import Item

PLATFORM = "matrix"

T = TypeVar("T")


@dataclass(frozen=True)
class Options:
    """What no file can say of itself."""

    trusted: tuple[str, ...] = ()  # home servers whose clocks the analyst vouches for


def named(native: str | None) -> str | None:
    """The id of an event, a room or an account: it has its own mark in front."""
    return f"{PLATFORM}:{native}" if native else None


def needed(native: str | None, what: str) -> str:
    """An id without which there is no row; raises ItemError."""
    if not native:
        raise ItemError(f"{what} not named")
    return f"{PLATFORM}:{native}"


def instant(milliseconds: int | None) -> Micros | None:
    """The instant of `origin_server_ts`; raises ItemError outside 1970 to 2100."""
    return None if milliseconds is None else in_range(milliseconds * 1000)


@lru_cache(maxsize=1 << 14)
def account(native: str, name: str | None = None, avatar: str | None = None) -> Account:
    """An account, which its name and home server make up."""
    return Account(
        account_id=f"{PLATFORM}:{native}",
        platform=PLATFORM,
        handle=native.removeprefix("@") or None,
        name=name,
        avatar_url=avatar,
    )


def is_account(native: str | None) -> bool:
    """Whether it has the form `@name:server`."""
    return native is not None and native.startswith("@") and ":" in native


def decoded(decoder: ItemDecoder[T], raw: msgspec.Raw, piece: Piece) -> T:
    """What a content says; raises ItemError."""
    record = decoder.decode(bytes(raw), piece)
    if isinstance(record, ItemError):
        raise record
    return record


class Said:
    """One event on its way into rows. Raises ItemError if it has no sender or no such time."""

    def __init__(self, item: Item, piece: Piece) -> None:
        event = item.event
        if not is_account(event.sender):
            raise ItemError("sender is no Matrix id", repr(event.sender)[:80])
        self.item = item
        self.event = event
        self.piece = piece
        self.account_id = f"{PLATFORM}:{event.sender}"
        self.channel_id = named(item.room_id)
        self.at = instant(event.origin_server_ts)
        self.quality = self._quality()

    def _quality(self) -> TimeQuality:
        """Whoever runs the sender's home server writes the time: others cannot check it."""
        if self.at is None:
            return TimeQuality.MISSING
        server = self.event.sender.partition(":")[2]
        trusted = server in self.piece.options.trusted
        return TimeQuality.UTC if trusted else TimeQuality.CLAIMED

    def decode(self, decoder: ItemDecoder[T]) -> T:
        """The content of the event; raises ItemError."""
        return decoded(decoder, self.event.content, self.piece)

    def act(self, kind: InteractionKind, **target: Any) -> Interaction:
        """What the sender did with this event."""
        told = {"account_id": self.account_id, "channel_id": self.channel_id, **target}
        return Interaction(
            kind=kind,
            platform=PLATFORM,
            happened_at=self.at,
            time_quality=self.quality,
            **told,
        )

    def service(self, action: str, text: str | None = None) -> Post:
        """The room speaking of what was done to it."""
        return Post(
            post_id=needed(self.event.event_id, "event"),
            platform=PLATFORM,
            kind=PostKind.SERVICE,
            account_id=self.account_id,
            channel_id=self.channel_id,
            posted_at=self.at,
            time_quality=self.quality,
            action=action,
            text=text or None,
        )
