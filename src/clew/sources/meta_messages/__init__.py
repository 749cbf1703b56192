"""What was said in a chat of Messenger, Facebook or Instagram that a member downloaded?"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import PurePosixPath
from typing import NamedTuple

from clew.contract import Capture, NoOptions, Piece, Sample, Source
from clew.errors import ItemError, SourceUnusable
from clew.formats.json_items import ItemDecoder
from clew.formats.json_stream import Wanted, cut_json, slices
from clew.formats.meta_text import repaired
from clew.model.tables import (
    Account,
    Channel,
    Deletion,
    Interaction,
    InteractionKind,
    Link,
    Media,
    Post,
    PostKind,
    Row,
)
from clew.model.times import Micros, TimeQuality, from_seconds, in_range
from clew.sources.meta_messages.records import File, Head, Message, Named

PLATFORM = "meta"

_WANTED = (
    Wanted(
        path="messages",
        header=(
            "participants",
            "title",
            "thread_path",
            "thread_type",
            "joinable_mode",
            "threadName",
        ),
        key="thread_path",
        counts_header=True,
    ),
)
_HEADS = ItemDecoder(Head)
_MESSAGES = ItemDecoder(Message)


class Chat(NamedTuple):
    """A chat, and what the ids of its messages begin with."""

    head: Head
    channel_id: str | None
    namespace: str


# An item: a chat, or a message with its chat.
_Item = Chat | tuple[Message, Chat]

_START = re.compile(rb'\s*\{\s*"(?:participants|messages|threadName|title)"\s*:')
_SNAKE = (b'"sender_name"', b'"timestamp_ms"')
_CAMEL = (b'"senderName"', b'"isUnsent"')


def recognise(sample: Sample) -> float:
    """By the names of a message's fields, in either form."""
    head = sample.head.removeprefix(b"\xef\xbb\xbf")
    if not _START.match(head):
        return 0.0
    return 0.9 if any(all(name in head for name in form) for form in (_SNAKE, _CAMEL)) else 0.0


def cut(capture: Capture, options: NoOptions) -> Iterator[Piece]:
    """Pieces of whole messages. The file is read twice if the chat's name stands behind them."""
    return cut_json(capture, options, wanted=_WANTED)


def items(piece: Piece) -> Iterator[_Item | ItemError]:
    """The chat, then its messages."""
    for part in slices(piece):
        head = _HEADS.decode(part.header, piece)
        if isinstance(head, ItemError):
            raise SourceUnusable(f"the chat cannot be read: {head}") from head
        chat = _chat(head, piece.capture)
        if part.is_first:
            yield chat
        for message in _MESSAGES.elements(part, piece):
            yield message if isinstance(message, ItemError) else (message, chat)


# `inbox/hans_10206072096154041`, `archived_threads/port_u3hhb2HmZg`
_STABLE = re.compile(r".*_([0-9A-Za-z-]{8,40})", re.DOTALL)


def _chat(head: Head, capture: Capture) -> Chat:
    """The chat: by the id at the end of its path, which stays when it is renamed."""
    path = repaired(head.thread_path) or repaired(head.threadName)
    name = path.rstrip("/").rsplit("/", 1)[-1] if path else ""
    match = _STABLE.fullmatch(name)
    native = match[1] if match else name
    if not native:
        return Chat(head, None, f"{PLATFORM}:capture {capture.capture_id[:32]}")
    return Chat(head, f"{PLATFORM}:{native}", f"{PLATFORM}:{native}")


def rows(item: _Item, piece: Piece) -> Iterable[Row]:
    """What a chat or a message holds. Raises ItemError for a time that is none."""
    return _places(item, piece) if isinstance(item, Chat) else _message(*item)


def _places(chat: Chat, piece: Piece) -> Iterator[Row]:
    head = chat.head
    if chat.channel_id is None:
        piece.note("path of the chat not recorded: ids of its messages hold for this file only")
    else:
        folder = head.thread_path.split("/", 1)[0] if head.thread_path else None
        yield Channel(
            channel_id=chat.channel_id,
            platform=PLATFORM,
            kind=head.thread_type or folder or None,
            name=repaired(head.title or head.threadName),
            url=(head.joinable_mode.link or None) if head.joinable_mode else None,
            members_count=len(head.participants) or None,
        )
    for person in head.participants:
        name = repaired(person.name if isinstance(person, Named) else person)
        if (account_id := _account_id(name)) and name:
            yield _account(account_id, name)


# ---------------------------------------------------------------------------------------- message


def _message(message: Message, chat: Chat) -> list[Row]:
    post = _post(message, chat)
    found: list[Row] = [post]
    if post.account_id:
        found.append(_account(post.account_id, post.account_id.partition(":")[2]))
    if message.is_unsent or message.isUnsent:
        found.append(Deletion(post_id=post.post_id, platform=PLATFORM, account_id=post.account_id))
        return found
    found += _members(message, post)
    found += _reactions(message, post)
    found += _media(message, post)
    if message.share and message.share.link:
        found.append(
            Link(
                post_id=post.post_id,
                platform=PLATFORM,
                url=message.share.link,
                description=repaired(message.share.share_text),
                posted_at=post.posted_at,
            )
        )
    return found


_SERVICE = frozenset(("Call", "Subscribe", "Unsubscribe"))


def _post(message: Message, chat: Chat) -> Post:
    is_plain = message.senderName is not None  # the form that needs no repair
    name = message.senderName if is_plain else repaired(message.sender_name)
    said = (message.text or None) if is_plain else repaired(message.content)
    moment = _moment(message)
    action = "Call" if message.call_duration is not None else message.type
    is_service = action in _SERVICE
    account_id = _account_id(name)
    return Post(
        post_id=f"{chat.namespace}/{_own_id(moment, name, said)}",
        platform=PLATFORM,
        kind=PostKind.SERVICE if is_service else PostKind.MESSAGE,
        account_id=account_id,
        author_name=None if account_id else name or None,
        channel_id=chat.channel_id,
        posted_at=moment,
        time_quality=TimeQuality.MISSING if moment is None else TimeQuality.UTC,
        action=action if is_service else None,
        text=None if message.is_unsent or message.isUnsent else said,
        reactions=_counts(message),
    )


def _moment(message: Message) -> Micros | None:
    milliseconds = message.timestamp_ms if message.timestamp is None else message.timestamp
    return None if milliseconds is None else in_range(milliseconds * 1000)


def _own_id(moment: Micros | None, name: str | None, said: str | None) -> str:
    content = f"{name}\n{said}".encode(errors="replace")
    return f"{(moment or 0) // 1000}-{hashlib.sha256(content).hexdigest()[:16]}"


_GONE = frozenset(("facebook user", "instagram user", "instagrammer", "facebook-nutzer"))
"""What accounts that were deleted are called."""


def _account_id(name: str | None) -> str | None:
    return f"{PLATFORM}:{name}" if name and name.lower() not in _GONE else None


@lru_cache(maxsize=1 << 12)
def _account(account_id: str, name: str) -> Account:
    return Account(account_id=account_id, platform=PLATFORM, name=name)


def _members(message: Message, post: Post) -> Iterator[Interaction]:
    if message.type not in ("Subscribe", "Unsubscribe"):
        return
    joins = message.type == "Subscribe"
    for user in message.users:
        account_id = _account_id(repaired(user.name))
        if account_id and account_id == post.account_id:
            kind = InteractionKind.JOIN if joins else InteractionKind.LEAVE
            yield post.act(kind, target_channel_id=post.channel_id)
        else:
            kind = InteractionKind.INVITE if joins else InteractionKind.REMOVE
            yield post.act(
                kind,
                target_account_id=account_id,
                target_name=None if account_id else repaired(user.name),
                target_channel_id=post.channel_id,
            )


def _reactions(message: Message, post: Post) -> Iterator[Interaction]:
    for reaction in message.reactions:
        at = reaction.timestamp
        yield Interaction(
            kind=InteractionKind.REACT,
            platform=PLATFORM,
            account_id=_account_id(repaired(reaction.actor)),
            target_account_id=post.account_id,
            target_post_id=post.post_id,
            channel_id=post.channel_id,
            happened_at=None if at is None else from_seconds(at),
            time_quality=TimeQuality.MISSING if at is None else TimeQuality.UTC,
            value=repaired(reaction.reaction),
        )


def _counts(message: Message) -> str | None:
    given = (repaired(reaction.reaction) for reaction in message.reactions)
    counts = Counter(reaction for reaction in given if reaction)
    return json.dumps(counts, ensure_ascii=False) if counts else None


# ------------------------------------------------------------------------------------------ media

_ENDINGS = {
    "photo": ".jpg .jpeg .png .webp .heic",
    "animation": ".gif",
    "video": ".mp4 .mov .webm",
    "audio": ".m4a .mp3 .aac .wav .ogg",
}
_KIND_OF_ENDING = {ending: kind for kind, all_of in _ENDINGS.items() for ending in all_of.split()}


def _media(message: Message, post: Post) -> Iterator[Media]:
    for kind, files in (
        ("photo", message.photos),
        ("video", message.videos),
        ("audio", message.audio_files),
        ("animation", message.gifs),
        ("file", message.files),
        ("sticker", (message.sticker,) if message.sticker else ()),
        (None, message.media),
    ):
        for file in files:
            yield _medium(kind, file, post)


def _medium(kind: str | None, file: File, post: Post) -> Media:
    """A file; where the download has a sentence instead of a path, it could not be had."""
    place = repaired(file.uri) or ""
    is_url = "://" in place[:16]
    path = place if "/" in place and not is_url else None
    name = PurePosixPath(path).name if path else ""
    ending = PurePosixPath(name).suffix.lower()
    return Media(
        post_id=post.post_id,
        platform=PLATFORM,
        kind=kind or _KIND_OF_ENDING.get(ending, "file"),
        url=place if is_url else None,
        path=path,
        name=name or None,
        posted_at=post.posted_at,
    )


META_MESSAGES = Source(
    name="meta_messages",
    platform=PLATFORM,
    title="Messenger and Instagram messages (download your information)",
    files="message_1.json … of Facebook's or Instagram's download; chats of Messenger's own",
    fills=(Post, Account, Channel, Interaction, Link, Media, Deletion),
    time="UTC: Meta's, to the millisecond.",
    terms="Made by a member of the chats, for whom Meta offers it; it holds others' messages.",
    recognise=recognise,
    items=items,
    rows=rows,
    cut=cut,
)
