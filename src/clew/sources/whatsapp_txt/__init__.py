"""What was said in a WhatsApp chat that a member exported as text?"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from clew.contract import Capture, Piece, Sample, Source
from clew.errors import SourceUnusable
from clew.formats.headed_lines import Headed, cut_headed, decoded, headed
from clew.formats.lines import cut_lines
from clew.model.tables import (
    Account,
    Channel,
    Deletion,
    Interaction,
    InteractionKind,
    Media,
    Post,
    PostKind,
    Row,
)
from clew.model.times import TimeQuality
from clew.sources.whatsapp_txt.bodies import Body, body_of, mentions
from clew.sources.whatsapp_txt.heads import HEADS, Style, local_time, style_of

PLATFORM = "whatsapp"


@dataclass(frozen=True)
class Options:
    """What an export does not say of itself."""

    chat: str = ""  # the chat's name; empty: from the file's name
    dates: Literal["", "dmy", "mdy", "ymd"] = ""  # the order of day, month, year; empty: inferred


class _Context(NamedTuple):
    """What a piece knows of its file."""

    style: Style
    chat: str | None
    namespace: str  # what the ids of its posts begin with


class _Item(NamedTuple):
    """A message, and how often the same was said before with the same time."""

    message: Headed
    body: Body
    repeat: int


# ------------------------------------------------------------------------------------ recognising

_EXPORT = re.compile(r"(?:\A|/)(?:_chat\.txt|[^/]*WhatsApp[^/]*\.txt)\Z", re.IGNORECASE)
_LOG_LIKE = re.compile(r"\d{4}-\d\d-\d\d(?:, \d\d:\d\d| \d\d:\d\d(?::\d\d)?)")


def recognise(sample: Sample) -> float:
    """By the head of the first line, and by authors."""
    text = sample.head.removeprefix(b"\xef\xbb\xbf").decode(errors="replace").lstrip()
    for pattern in HEADS.values():
        first = pattern.match(text)
        if first is None:
            continue
        matches = list(pattern.finditer(text))[:200]
        authors = sum(body_of(text[match.end() :][:200]).author is not None for match in matches)
        if not authors:
            return 0.3 if _EXPORT.search(sample.name) else 0.0
        if _EXPORT.search(sample.name):
            return 0.95
        # An iPhone writes comma and seconds; Signal's exporters and logs leave one out.
        return 0.4 if _LOG_LIKE.fullmatch(first["stamp"]) else 0.85
    return 0.0


# -------------------------------------------------------------------------------- taking it apart

_CHAT = re.compile(
    r"(?:.*/)?(?:WhatsApp[ -]Chat (?:with|mit|-)|Chat de WhatsApp con|Conversa do WhatsApp com|"
    r"Discussion WhatsApp avec|Chat WhatsApp con|WhatsApp-chat met|Чат WhatsApp с(?: контактом)?) "
    r"(?P<chat>[^/]{1,200}?)(?: \(\d+\))?\.(?:txt|zip(?:/.*)?)",
    re.IGNORECASE | re.DOTALL,
)


def cut(capture: Capture, options: Options) -> Iterator[Piece]:
    """Pieces of whole messages. The file is read twice: first for the order of its dates."""
    style = style_of(_texts(capture, options), order=options.dates)
    if style is None:
        raise SourceUnusable("no line begins as a message of WhatsApp does")
    match = _CHAT.fullmatch(capture.name)
    chat = options.chat or (match["chat"] if match else None)
    # Without a name, equal words in two chats must not be one post.
    namespace = chat or f"capture {capture.capture_id[:32]}"
    context = _Context(style, chat, namespace)
    for number, piece in enumerate(cut_headed(capture, options, HEADS[style.head], context)):
        if number == 0 and not style.is_certain:
            piece.note(f"order of dates not certain: read as {style.order}; see the option dates")
        if number == 0 and chat is None:
            piece.note("name of the chat not recorded: see the option chat")
        yield piece


def _texts(capture: Capture, options: Options) -> Iterator[str]:
    for block in cut_lines(capture, options):
        yield decoded(block.data or b"", block)


def items(piece: Piece) -> Iterator[_Item]:
    """The messages; equal ones at the same time are told apart by number."""
    stamp, seen = "", Counter[str]()
    for message in headed(piece, HEADS[piece.context.style.head]):
        if message.head["stamp"] != stamp:
            stamp, seen = message.head["stamp"], Counter()
        yield _Item(message, body_of(message.body), seen[message.body])
        seen[message.body] += 1


def rows(item: _Item, piece: Piece) -> Iterable[Row]:
    """What a message holds. Raises ItemError for a time that is none."""
    context: _Context = piece.context
    body = item.body
    time = local_time(item.message.head, context.style.order)
    post_id = _post_id(context.namespace, time, item.message.body, item.repeat)
    # The "author" of an iPhone's notice may be the chat itself.
    author = _account(body.author) if body.author and not body.is_service else None
    channel = _channel(context.chat) if context.chat else None
    post = Post(
        post_id=post_id,
        platform=PLATFORM,
        kind=PostKind.SERVICE if body.is_service else PostKind.MESSAGE,
        account_id=author.account_id if author else None,
        author_name=body.author if body.is_service else None,
        channel_id=channel.channel_id if channel else None,
        time_quality=TimeQuality.ZONE_UNKNOWN,
        local_time=time,
        text=body.text or None,
    )
    found: list[Row] = [post]
    found += filter(None, (author, channel))
    if body.is_edited:
        piece.note("edited message: when is not recorded")
    if body.is_deleted:
        found.append(Deletion(post_id=post_id, platform=PLATFORM, account_id=post.account_id))
    found += (
        Media(post_id=post_id, platform=PLATFORM, kind=file.kind, path=file.name, name=file.name)
        for file in body.files
    )
    if not body.is_service:
        found += _mentions(post)
    return found


def _post_id(namespace: str, time: str, body: str, repeat: int) -> str:
    content = f"{namespace}\n{time}\n{repeat}\n{body}".encode(errors="replace")
    return f"{PLATFORM}:{hashlib.sha256(content).hexdigest()[:32]}"


_NUMBER = re.compile(r"\+[\d\s()./-]{7,24}")
_NOT_DIGITS = re.compile(r"\D")


@lru_cache(maxsize=1 << 14)
def _account(name: str) -> Account:
    """An author: by phone number, or by the name in the address book of the exporting phone."""
    is_number = _NUMBER.fullmatch(name)
    native = f"+{_NOT_DIGITS.sub('', name)}" if is_number else name
    return Account(
        account_id=f"{PLATFORM}:{native}",
        platform=PLATFORM,
        handle=native if is_number else None,
        name=None if is_number else name,
    )


@lru_cache(maxsize=1 << 10)
def _channel(chat: str) -> Channel:
    return Channel(channel_id=f"{PLATFORM}:{chat}", platform=PLATFORM, kind="chat", name=chat)


def _mentions(post: Post) -> Iterator[Interaction]:
    for name, number in mentions(post.text or ""):
        yield Interaction(
            kind=InteractionKind.MENTION,
            platform=PLATFORM,
            account_id=post.account_id,
            target_account_id=f"{PLATFORM}:{name or f'+{number}'}",
            target_name=name or None,
            post_id=post.post_id,
            channel_id=post.channel_id,
            time_quality=post.time_quality,
        )


WHATSAPP_TXT = Source(
    name="whatsapp_txt",
    platform=PLATFORM,
    title="WhatsApp chat export (text)",
    files="_chat.txt of an iPhone, or WhatsApp Chat with ….txt of Android; also within its zip",
    fills=(Post, Account, Channel, Interaction, Media, Deletion),
    time=(
        "Local time of the exporting phone, whose zone is not recorded; the order of day and month "
        "is inferred from the whole file."
    ),
    terms="Made by a member of the chat, for whom WhatsApp offers it; it holds others' messages.",
    recognise=recognise,
    items=items,
    rows=rows,
    cut=cut,
    options=Options,
)
