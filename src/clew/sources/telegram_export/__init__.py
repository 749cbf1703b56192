"""What do the chats of a Telegram Desktop export say: one chat's `result.json`, or that of all?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from clew.contract import Capture, NoOptions, Piece, Sample, Source
from clew.errors import ItemError, SourceUnusable
from clew.formats.json_items import ItemDecoder
from clew.formats.json_stream import Wanted, cut_json, slices
from clew.model.tables import Account, Channel, Interaction, Link, Media, Post, PostKind, Row
from clew.model.times import from_seconds
from clew.sources.telegram_export.acts import acts, reaction_name, replied_to
from clew.sources.telegram_export.carried import links, media
from clew.sources.telegram_export.placing import PLATFORM, Chat, Placed, account_id, chat_of, placed
from clew.sources.telegram_export.records import Head, Message, Part, PeerId, Person
from clew.sources.telegram_export.texts import pointing, said

_OWNER = "personal_information"
_WANTED = (
    Wanted(path=_OWNER, whole=True),
    *(
        Wanted(path=path, header=("name", "type", "id"), key="id", counts_header=True)
        for path in ("messages", "chats.list.*.messages", "left_chats.list.*.messages")
    ),
)

_PERSONS = ItemDecoder(Person)
_HEADS = ItemDecoder(Head)
_MESSAGES = ItemDecoder(Message)

_ONE_CHAT = re.compile(rb'"messages"\s*:\s*\[')
_ALL_CHATS = re.compile(rb'"(?:personal_information|(?:left_)?chats)"\s*:\s*\{')
_OF_TELEGRAM = re.compile(
    rb'"(?:date_unixtime|from_id|actor_id|text_entities)"\s*:'
    rb'|"type"\s*:\s*"(?:saved_messages|(?:personal|bot)_chat'
    rb'|(?:private|public)_(?:group|supergroup|channel))"'
)

# An item: the exporting account, the head of a chat, or a message with its chat.
_Item = Person | Chat | tuple[Message, Chat]


def recognise(sample: Sample) -> float:
    """By the arrays of messages, and by names that only Telegram's exporter uses."""
    head = sample.head
    if not head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return 0.0
    if not _OF_TELEGRAM.search(head):
        return 0.4 if _ALL_CHATS.search(head) and b"Telegram" in head else 0.0
    if _ONE_CHAT.search(head):
        return 0.9
    return 0.8 if _ALL_CHATS.search(head) else 0.0


def cut(capture: Capture, options: NoOptions) -> Iterator[Piece]:
    """Pieces of whole messages, each with the head of its chat."""
    return cut_json(capture, options, wanted=_WANTED)


def items(piece: Piece) -> Iterator[_Item | ItemError]:
    """The exporting account, then each chat's head and its messages."""
    for part in slices(piece):
        if part.wanted == _OWNER:
            yield _PERSONS.decode(part.data, piece)
            continue
        head = _HEADS.decode(part.header, piece)
        if isinstance(head, ItemError):
            place = ".".join(part.path)
            raise SourceUnusable(f"what stands before {place} cannot be read: {head}") from head
        chat = chat_of(head, part.data)
        if part.is_first:
            yield chat
        for message in _MESSAGES.elements(part, piece):
            yield message if isinstance(message, ItemError) else (message, chat)


def rows(item: _Item, piece: Piece) -> Iterable[Row]:  # noqa: ARG001 - the contract's signature
    """What an item holds. Raises ItemError for an id or a time that is none."""
    if isinstance(item, Person):
        return _owner(item)
    if isinstance(item, Chat):
        return _channel(item)
    return _message(*item)


def _owner(person: Person) -> Iterator[Row]:
    if person.user_id is not None:
        yield Account(
            account_id=account_id(person.user_id),
            platform=PLATFORM,
            handle=person.username.removeprefix("@") or None,
            name=person.name or None,
            description=person.bio or None,
        )


def _channel(chat: Chat) -> Iterator[Row]:
    if chat.channel_id is not None:
        yield Channel(channel_id=chat.channel_id, platform=PLATFORM, kind=chat.kind, name=chat.name)


def _message(message: Message, chat: Chat) -> list[Row]:
    place = placed(message, chat)
    points = pointing(message)
    found: list[Row] = [_post(message, place, points), *_accounts(message)]
    found += acts(message, place, points)
    found += links(message, place, points)
    found += media(message, place)
    return found


def _post(message: Message, place: Placed, points: list[Part]) -> Post:
    is_service = message.action is not None or message.type == "service"
    edited, spot = message.edited_unixtime, message.location_information
    return Post(
        post_id=place.post_id,
        platform=PLATFORM,
        kind=PostKind.SERVICE if is_service else PostKind.MESSAGE,
        account_id=place.account_id,
        author_name=message.author or (None if place.account_id else message.name) or None,
        channel_id=place.channel_id,
        reply_to_post_id=replied_to(message, place),
        posted_at=place.posted_at,
        time_quality=place.time_quality,
        local_time=place.local_time,
        edited_at=None if edited is None else from_seconds(edited),
        action=message.action or None,
        title=(message.title or message.new_title or None) if is_service else None,
        text=said(message) or None,
        client=message.via_bot or None,
        reactions=_counts(message),
        tags=_tags(points),
        latitude=spot.latitude if spot else None,
        longitude=spot.longitude if spot else None,
        place=", ".join(filter(None, (message.place_name, message.address))) or None,
    )


def _accounts(message: Message) -> Iterator[Account]:
    if message.peer is not None:
        yield _account(message.peer, message.name)
    for reaction in message.reactions:
        for recent in reaction.recent:
            if recent.from_id is not None:
                yield _account(recent.from_id, recent.from_)


@lru_cache(maxsize=1 << 16)
def _account(peer: PeerId, name: str | None) -> Account:
    """The account of an author; the same object again, for one that writes a million messages."""
    return Account(account_id=account_id(peer), platform=PLATFORM, name=name or None)


def _counts(message: Message) -> str | None:
    counts: dict[str, int] = {}
    for reaction in message.reactions:
        name = reaction_name(reaction)
        counts[name] = counts.get(name, 0) + reaction.count
    return json.dumps(counts, ensure_ascii=False) if counts else None


def _tags(points: list[Part]) -> str | None:
    tags = {
        part.text.removeprefix("#"): None for part in points if part.type in ("hashtag", "cashtag")
    }
    return json.dumps(list(tags), ensure_ascii=False) if tags else None


TELEGRAM_EXPORT = Source(
    name="telegram_export",
    platform=PLATFORM,
    title="Telegram Desktop export",
    files="result.json, as Telegram Desktop exports it: one chat, or all chats of an account",
    fills=(Post, Account, Channel, Interaction, Link, Media),
    time=(
        "The server's UTC second since the end of 2021; older exports have only the local time of "
        "the exporting computer, whose zone is not recorded."
    ),
    terms="Made by a member of the chats, for whom Telegram offers it; it holds others' messages.",
    recognise=recognise,
    items=items,
    rows=rows,
    cut=cut,
)
