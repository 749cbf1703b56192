"""Who came and went, and what is the room called? What the events of its state say."""

from __future__ import annotations

from collections.abc import Iterator

from clew.contract import Piece
from clew.errors import ItemError
from clew.model.tables import Channel, InteractionKind, Row
from clew.sources.matrix.events import ABOUTS, MEMBERS, About, Member, Room
from clew.sources.matrix.said import PLATFORM, Said, account, decoded, is_account, named

ABOUT_ROOM = frozenset(
    (
        *("m.room.create", "m.room.name", "m.room.topic", "m.room.canonical_alias"),
        *("m.room.pinned_events", "m.room.tombstone"),
    )
)
"""Types of events that say something of the room itself."""


def exported(room: Room, piece: Piece) -> Iterator[Row]:
    """The room as it was when Element exported it; its id stands with the events only."""
    channel_id = named(room.room_id)
    if channel_id is None:
        piece.note("the room's id is not recorded")
        return
    yield Channel(
        channel_id=channel_id,
        platform=PLATFORM,
        name=room.head.room_name or None,
        description=room.head.topic or None,
    )


def member(said: Said) -> Iterator[Row]:
    """Somebody joined, left, was invited, removed or banned, or shows themselves differently."""
    event = said.event
    whom = event.state_key
    if whom is None or not is_account(whom):
        raise ItemError("member is no Matrix id", repr(whom)[:80])
    now = said.decode(MEMBERS)
    before = decoded(MEMBERS, event.before, said.piece) if event.before else Member()
    yield account(event.sender)
    for state in (before, now):
        if state.displayname or state.avatar_url:
            yield account(whom, state.displayname or None, state.avatar_url or None)
    if event.event_id is None or now.membership == before.membership:
        return  # told without id, or only the name has changed
    post = said.service(now.membership or "member", now.reason)
    yield post
    kind = _ACTS.get(now.membership or "")
    if now.membership == "leave" and event.sender != whom:
        # What ends a ban, too, is a "leave" that somebody else sends.
        kind = None if before.membership == "ban" else InteractionKind.REMOVE
    if kind in (InteractionKind.JOIN, InteractionKind.LEAVE):
        yield said.act(
            kind,
            account_id=named(whom),
            post_id=post.post_id,
            target_channel_id=said.channel_id,
        )
    elif kind is not None:
        yield said.act(
            kind,
            target_account_id=named(whom),
            post_id=post.post_id,
            target_channel_id=said.channel_id,
            value="ban" if now.membership == "ban" else None,
        )


_ACTS = {
    "join": InteractionKind.JOIN,
    "leave": InteractionKind.LEAVE,
    "invite": InteractionKind.INVITE,
    "ban": InteractionKind.REMOVE,
}


def about(said: Said) -> Iterator[Row]:
    """What the room is called or about, what is pinned in it, where it moved to."""
    event, now = said.event, said.decode(ABOUTS)
    yield account(event.sender)
    is_create = event.type == "m.room.create"
    if said.channel_id and event.type not in ("m.room.pinned_events", "m.room.tombstone"):
        yield Channel(
            channel_id=said.channel_id,
            platform=PLATFORM,
            kind=(now.type or "room") if is_create else None,
            handle=(now.alias or "").removeprefix("#") or None,
            name=now.name or None,
            description=now.topic or None,
            created_at=said.at if is_create else None,
        )
    if event.event_id is None:
        return
    post = said.service(event.type, now.name or now.topic or now.alias or now.body)
    yield post
    if event.type == "m.room.pinned_events":
        before = decoded(ABOUTS, event.before, said.piece) if event.before else About()
        for pinned in dict.fromkeys(now.pinned or ()):
            if pinned and pinned not in (before.pinned or ()):
                yield said.act(
                    InteractionKind.PIN, post_id=post.post_id, target_post_id=named(pinned)
                )
