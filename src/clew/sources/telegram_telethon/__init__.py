"""What do dumps of Telethon say? Messages as `to_dict()` or `to_json()` gives them, and answers.

Ids are those of Telegram's own export, so that a chat known from both is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from clew.contract import Capture, NoOptions, Piece, Sample, Source
from clew.errors import ItemError
from clew.formats.json_items import ItemDecoder
from clew.formats.json_records import cut_records, records
from clew.model.tables import Account, Channel, Interaction, Link, Media, Post, Row
from clew.sources.telegram_telethon.objects import PLATFORM, Around, Full, Message, Party
from clew.sources.telegram_telethon.saying import message_rows, party_rows

_EMPTY = "messages that Telegram no longer had when they were asked for"
_OTHERS = "objects that are no message, channel, group or user: not read"

_MESSAGES = ItemDecoder(Message)
_PARTIES = ItemDecoder(Party)
_AROUND = ItemDecoder(Around)
_PARTIES_ARE = frozenset(("channel", "channelforbidden", "chat", "chatforbidden", "user"))


class _Known(NamedTuple):
    party: Party
    full: Full | None


def cut(capture: Capture, options: NoOptions) -> Iterator[Piece]:
    """Pieces of whole messages, channels, groups and users."""
    lists = ("messages", "chats", "users")
    return cut_records(capture, options, lists=lists, header=("full_chat",))


def items(piece: Piece) -> Iterator[Message | _Known | ItemError]:
    """Each message, channel, group and user."""
    for text, _, header in records(piece):
        found = _MESSAGES.decode(text, piece)
        if isinstance(found, ItemError) or found.kind not in _PARTIES_ARE:
            yield found
            continue
        party = _PARTIES.decode(text, piece)
        around = _AROUND.decode(header, piece) if len(header) > 2 else Around()
        full = None if isinstance(around, ItemError) else around.full_chat
        yield party if isinstance(party, ItemError) else _Known(party, full)


def rows(item: Message | _Known, piece: Piece) -> Iterator[Row]:
    """What an item holds. Raises ItemError for one without number, or for a time that is none."""
    if isinstance(item, _Known):
        yield from party_rows(*item)
    elif item.kind in ("message", "messageservice"):
        yield from message_rows(item, piece)
    else:
        piece.note(_EMPTY if item.kind == "messageempty" else _OTHERS)


# ------------------------------------------------------------------------------------ recognising

_IS_MESSAGE = re.compile(rb'"_"\s{0,8}:\s{0,8}"[Mm]essage(?:Service)?"')
_IS_PEER = re.compile(rb'"(?:peer|to)_id"\s{0,8}:\s{0,8}\{\s{0,80}"_"\s{0,8}:\s{0,8}"[Pp]eer')
_IS_FULL = re.compile(rb'"_"\s{0,8}:\s{0,8}"(?:[Cc]hannel|[Cc]hat)Full"')


def recognise(sample: Sample) -> float:
    """By the names of Telegram's API, which stand in each object."""
    head = sample.head
    if not head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"{", b"[")):
        return 0.0
    if _IS_PEER.search(head):
        return 0.95 if _IS_MESSAGE.search(head) else 0.7
    return 0.9 if _IS_FULL.search(head) and b'"full_chat"' in head else 0.0


TELEGRAM_TELETHON = Source(
    name="telegram_telethon",
    platform=PLATFORM,
    title="Telethon dumps (Telegram API objects)",
    files="*.json, *.ndjson: messages as Telethon's to_dict or to_json gives them, lists, answers",
    fills=(Post, Account, Channel, Interaction, Link, Media),
    time=(
        "The server's UTC second; a time that was written without offset stays local and of "
        "unknown zone."
    ),
    terms="Read with somebody's own Telegram account, under Telegram's API terms.",
    recognise=recognise,
    cut=cut,
    items=items,
    rows=rows,
)
