"""What was said in Matrix rooms: Element's export of a room, or events as a home server tells them?

Everything in Matrix is an event: messages, edits, reactions, redactions, who joins, what the room
is called. Element, `/messages`, `/sync` and archiving programs differ only in what stands around.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from clew.contract import Capture, Piece, Sample, Source
from clew.errors import ItemError, SourceUnusable
from clew.formats.json_keys import keys_in, signs, surest
from clew.formats.json_records import cut_records, records
from clew.formats.json_stream import Context, Slice, Wanted, cut_json, slices
from clew.model.tables import Account, Channel, Deletion, Interaction, Link, Media, Post, Row
from clew.sources.matrix.events import EVENTS, HEADS, Item, Room
from clew.sources.matrix.messages import MESSAGE_TYPES, message, reaction, redaction, relation_of
from clew.sources.matrix.rooms import ABOUT_ROOM, about, exported, member
from clew.sources.matrix.said import Options, Said

_SIGNS = signs(
    (0.95, "room_name room_creator export_date exported_by messages"),
    (0.95, "event_id origin_server_ts sender type content"),
    (0.95, "next_batch rooms timeline origin_server_ts"),
    (0.9, "next_batch rooms invite_state state_key sender"),
)

_LISTS = ("chunk", "state", "events_before", "events_after")
_WANTED = (
    Wanted(path="messages", header=("room_name", "topic", "exported_by"), counts_header=True),
    *(Wanted(path=name) for name in _LISTS),
    Wanted(path="event", whole=True),
    *(
        Wanted(path=f"rooms.{there}.*.{part}.events")
        for there, part in (
            *(("join", "state"), ("join", "timeline"), ("leave", "state"), ("leave", "timeline")),
            *(("invite", "invite_state"), ("knock", "knock_state")),
        )
    ),
)


def recognise(sample: Sample) -> float:
    """By the keys that every event has, or those of Element's export."""
    return surest(keys_in(sample.head), _SIGNS)


def cut(capture: Capture, options: Options) -> Iterator[Piece]:
    """Pieces of whole events: of an answer or an export, else of a list or lines."""
    found = cut_json(capture, options, wanted=_WANTED)
    try:
        return chain([next(found)], found)
    except (StopIteration, SourceUnusable):
        # Not one answer: many events, or answers, each by itself. What is broken is refused there.
        return cut_records(capture, options, lists=_LISTS)


def items(piece: Piece) -> Iterator[Item | Room | ItemError]:
    """The events; an edit with the message that it changes, if that stands in the same piece."""
    found = list(_in_answer(piece) if isinstance(piece.context, Context) else _in_records(piece))
    events = {
        item.event.event_id: item.event
        for item in found
        if isinstance(item, Item) and item.event.event_id
    }
    for item in found:
        if isinstance(item, Item) and b"m.replace" in bytes(item.event.content):
            changed = relation_of(item.event, "m.replace", piece)
            yield item._replace(original=events.get(changed or ""))
        else:
            yield item


def _in_answer(piece: Piece) -> Iterator[Item | Room | ItemError]:
    for part in slices(piece):
        whole = part.wanted == "event"
        decoded = [EVENTS.decode(part.data, piece)] if whole else EVENTS.elements(part, piece)
        found = [
            it if isinstance(it, ItemError) else Item(it, it.room_id or _room_of(part))
            for it in decoded
        ]
        if part.wanted == "messages" and part.is_first:
            head = HEADS.decode(part.header, piece)
            rooms = (item.room_id for item in found if isinstance(item, Item) and item.room_id)
            yield head if isinstance(head, ItemError) else Room(head, next(rooms, None))
        yield from found


def _room_of(part: Slice) -> str | None:
    """`/sync` names the room once, around its events."""
    return part.path[2] if part.wanted.startswith("rooms.") else None


def _in_records(piece: Piece) -> Iterator[Item | ItemError]:
    for record in records(piece):
        event = EVENTS.decode(record.text, piece)
        yield event if isinstance(event, ItemError) else Item(event, event.room_id)


_READERS: dict[str, Callable[[Said], Iterator[Row]]] = {
    **dict.fromkeys((*MESSAGE_TYPES, "m.room.encrypted"), message),
    **dict.fromkeys(ABOUT_ROOM, about),
    "m.reaction": reaction,
    "m.room.redaction": redaction,
    "m.room.member": member,
}
_NOT_READ = frozenset(
    (
        *("m.room.power_levels", "m.room.join_rules", "m.room.history_visibility"),
        *("m.room.guest_access", "m.room.server_acl", "m.room.encryption", "m.room.avatar"),
        *("m.room.third_party_invite", "m.space.child", "m.space.parent", "m.call.invite"),
        *("m.call.candidates", "m.call.answer", "m.call.hangup", "m.poll.response", "m.poll.end"),
        *("org.matrix.msc3381.poll.response", "org.matrix.msc3381.poll.end"),
    )
)
"""Types that are named in the notes: others may be invented by the thousand."""


def rows(item: Item | Room, piece: Piece) -> Iterable[Row]:
    """What an event holds. Raises ItemError for one that is encrypted, and for a time that is none.

    What an encrypted event says is not known; that it was sent stays in the evidence.
    """
    if isinstance(item, Room):
        return exported(item, piece)
    said = Said(item, piece)
    event = item.event
    if event.type == "m.room.encrypted" and event.redaction is None:
        raise ItemError("encrypted", f"by {event.sender[:80]}")
    read = _READERS.get(event.type)
    if read is None:
        kind = event.type if event.type in _NOT_READ else "other types"
        piece.note(f"events of {kind}: not read")
        return ()
    return read(said)


MATRIX = Source(
    name="matrix",
    platform="matrix",
    title="Matrix rooms (Element's export, home server's answers)",
    files="*.json of Element's room export; answers of /messages, /sync, /context; events in lines",
    fills=(Post, Account, Channel, Interaction, Link, Media, Deletion),
    time="To the millisecond, as the sender's home server claims it: see the option trusted.",
    terms="Made by a member of the rooms, or of public rooms with an account on a home server.",
    recognise=recognise,
    items=items,
    rows=rows,
    cut=cut,
    options=Options,
)
