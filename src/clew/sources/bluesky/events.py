"""What does a line of Jetstream say? A record was written or deleted, or an account changed."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from clew.contract import Piece
from clew.errors import ItemError
from clew.model.tables import Account, Deletion, Row
from clew.model.times import in_range
from clew.sources.bluesky.lexicon import PLATFORM, POST, REPOST, Place, account_id, said


class Commit(msgspec.Struct, gc=False):
    """One record of somebody's repository was created, updated or deleted."""

    operation: str
    collection: str
    rkey: str
    record: msgspec.Raw = msgspec.Raw()


class Identity(msgspec.Struct, gc=False):
    """An account's handle may have changed."""

    did: str
    handle: str | None = None


class Status(msgspec.Struct, gc=False):
    """An account is there, or why it is not."""

    did: str
    active: bool | None = None


class Event(msgspec.Struct, gc=False):
    """A line of Jetstream."""

    did: str | None = None
    time_us: int | None = None  # microseconds since 1970, by the server's clock
    kind: str | None = None
    commit: Commit | None = None
    identity: Identity | None = None
    account: Status | None = None


def event_rows(event: Event, piece: Piece) -> Iterator[Row]:
    """The rows of an event; raises ItemError for one without what its kind needs."""
    if event.kind == "commit" and event.commit and event.did:
        yield from _commit_rows(event, event.commit, piece)
    elif event.kind == "identity" and event.identity:
        who = event.identity
        yield Account(
            account_id=f"{PLATFORM}:{who.did}", platform=PLATFORM, handle=who.handle or None
        )
    elif event.kind == "account" and event.account:
        yield Account(
            account_id=f"{PLATFORM}:{event.account.did}",
            platform=PLATFORM,
            is_deleted=None if event.account.active is None else not event.account.active,
        )
    elif event.kind in ("commit", "identity", "account"):
        raise ItemError("unexpected structure", f"an event without its {event.kind}")
    else:
        piece.note(f"{(event.kind or '')[:40]} events: not read")


def _commit_rows(event: Event, commit: Commit, piece: Piece) -> Iterator[Row]:
    seen_at = None if event.time_us is None else in_range(event.time_us)
    uri = f"at://{event.did}/{commit.collection}/{commit.rkey}"
    if commit.operation == "delete":
        if commit.collection in (POST, REPOST):
            yield Deletion(
                post_id=f"{PLATFORM}:{uri}",
                platform=PLATFORM,
                deleted_at=seen_at,
                account_id=account_id(event.did),
            )
        else:
            piece.note(f"{commit.collection[:60]} taken back: not read")
        return
    is_update = commit.operation == "update"
    place = Place(uri, seen_at, changed_at=seen_at if is_update else None)
    yield from said(place, bytes(commit.record), piece)
