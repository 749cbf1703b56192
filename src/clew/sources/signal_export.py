"""What was said in a chat of Signal Desktop that its owner saved with signal-export?

The program writes each chat twice: `chat.md` for people, and `data.json`, a JSON object on each
line. Older versions and programs like it write only the first.
"""

from __future__ import annotations

import hashlib
import json
import re
import urllib.parse
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import NamedTuple

import msgspec

from clew.contract import Capture, Piece, Sample, Source
from clew.errors import ItemError, SourceUnusable
from clew.formats.headed_lines import Headed, cut_headed, headed
from clew.formats.json_items import ItemDecoder
from clew.formats.lines import blocks, cut_lines
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
from clew.model.times import TimeQuality, local_text

PLATFORM = "signal"


@dataclass(frozen=True)
class Options:
    """What an export does not say of itself."""

    chat: str = ""  # the chat's name; empty: the folder's
    me: str = ""  # the name of who saved the chat, where the program writes "Me"


# ---------------------------------------------------------------------------------------- records


class File(msgspec.Struct, gc=False):
    """A file of the export."""

    name: str = ""
    path: str = ""


class Sticker(msgspec.Struct, gc=False):
    """A sticker; older versions write only its emoji."""

    emoji: str = ""
    id: str = ""


class Message(msgspec.Struct, gc=False):
    """A message, as `data.json` has it."""

    date: str  # local time of the exporting computer
    sender: str | None = None
    body: str = ""
    quote: str = ""
    sticker: Sticker | str | None = None
    reactions: tuple[tuple[str | None, str], ...] = ()
    attachments: tuple[File, ...] = ()
    deleted: bool = False
    call: bool = False


class _Item(NamedTuple):
    """A message, and how often the same was said before with the same time."""

    message: Message
    repeat: int = 0


_MESSAGES = ItemDecoder(Message)

# ------------------------------------------------------------------------------------ recognising

_HEAD = re.compile(
    r"^\[(?P<stamp>\d{4}-\d\d-\d\d(?P<comma>,)? \d\d:\d\d(?P<seconds>:\d\d)?)\] "
    r"(?P<sender>[^:\n]{1,120}):",
    re.MULTILINE | re.ASCII,
)
_LEVEL = re.compile(
    r"(?:[\w.-]+[. ])?(?:debug|info|notice|warn|warning|error|critical|alert|fatal|trace)", re.I
)
_OWN_NAME = re.compile(r"(?:\A|/)chat\.md\Z")
_JSON_KEYS = (b'"sender":', b'"body":', b'"quote":', b'"reactions":', b'"attachments":')


def recognise(sample: Sample) -> float:
    """By the names of the fields, or by the head of the first line and its author."""
    head = sample.head.removeprefix(b"\xef\xbb\xbf")
    if head.startswith(b'{"date":'):
        return 0.9 if all(key in head for key in _JSON_KEYS) else 0.0
    first = _HEAD.match(head[:400].decode(errors="replace").lstrip())
    if first is None or _LEVEL.fullmatch(first["sender"]):
        return 0.0
    if _OWN_NAME.search(sample.name):
        return 0.9
    if first["comma"]:  # with seconds WhatsApp writes it so
        return 0.3 if first["seconds"] else 0.7
    return 0.5  # many logs look like this


# -------------------------------------------------------------------------------- taking it apart

_FOLDER = re.compile(r"(?:.*/)?(?P<chat>[^/]+)/(?:chat\.md|data\.json)", re.DOTALL)


class _Context(NamedTuple):
    """What a piece knows of its file."""

    chat: str | None
    namespace: str  # what the ids of its posts begin with
    is_json: bool


def cut(capture: Capture, options: Options) -> Iterator[Piece]:
    """Pieces of whole messages."""
    with capture.open() as stream:
        _, head = next(blocks(stream, 1 << 10), (0, b""))
    match = _FOLDER.fullmatch(capture.name)
    chat = options.chat or (match["chat"] if match else None)
    # Without a name, equal words in two chats must not be one post.
    namespace = chat or f"capture {capture.capture_id[:32]}"
    context = _Context(chat, namespace, head.lstrip().startswith(b"{"))
    pieces = cut_lines(capture, options) if context.is_json else cut_headed(capture, options, _HEAD)
    for number, piece in enumerate(pieces):
        piece.context = context
        if number == 0 and chat is None:
            piece.note("name of the chat not recorded: see the option chat")
        yield piece


def items(piece: Piece) -> Iterator[_Item | ItemError]:
    """The messages; equal ones at the same time are told apart by number."""
    if piece.context.is_json:
        for record in _MESSAGES.lines(piece):
            yield record if isinstance(record, ItemError) else _Item(record)
        return
    stamp, seen = "", Counter[str]()
    for written in headed(piece, _HEAD):
        if written.head["stamp"] != stamp:
            stamp, seen = written.head["stamp"], Counter()
        key = f"{written.head['sender']}:{written.body}"
        yield _Item(_read(written), seen[key])
        seen[key] += 1
    if not stamp:
        raise SourceUnusable("no line begins as a message of signal-export does")


_REACTIONS = re.compile(r"\n\(- (?P<all>[^\n]*) -\)(?=\s|\Z|!?\[)")
_STICKER = re.compile(
    r"\n\(\( (?P<emoji>[^\n]{0,40}) \)\)|\[[^\]\n]{0,80}\]\((?P<path>\.\./[^()\n]{1,200})\)"
)
_FILE = re.compile(r"!?\[(?P<name>[^\]\n]{0,255})\]\((?P<path>\./media/[^()\n]{1,300})\)")
_QUOTE = re.compile(r"\A\s*((?:> [^\n]*(?:\n|\Z))+)")


def _read(written: Headed) -> Message:
    """A message out of its Markdown: what the program put around the words comes off."""
    text = written.body
    files = [File(match["name"], match["path"]) for match in _FILE.finditer(text)]
    text = _FILE.sub("", text)
    sticker = _STICKER.search(text)
    text = _STICKER.sub("", text)
    reactions = _REACTIONS.search(text)
    text = _REACTIONS.sub("", text)
    quote = _QUOTE.match(text)
    if quote:
        text = text[quote.end() :]
    body = text.strip()
    is_deleted = body == "(This message was deleted)"
    return Message(
        date=written.head["stamp"].replace(",", ""),
        sender=written.head["sender"],
        body="" if is_deleted else body,
        quote=quote[1] if quote else "",
        sticker=(sticker["emoji"] or sticker["path"]) if sticker else None,
        reactions=tuple(_reactions(reactions["all"])) if reactions else (),
        attachments=tuple(files),
        deleted=is_deleted,
    )


def _reactions(text: str) -> Iterator[tuple[str, str]]:
    for given in text.split(", "):
        name, colon, emoji = given.rpartition(": ")
        if colon:
            yield name, emoji


# ------------------------------------------------------------------------------ what a record says

_CALL = re.compile(r"(?:Incoming|Outgoing|Missed) (?:[a-z]+ )?call(?: \([^)\n]{1,60}\))?")


_NO_TIME = ("1970-01-01", "1969-12-31")  # what the program writes for none, in any zone


def rows(item: _Item, piece: Piece) -> Iterable[Row]:
    """What a message holds. Raises ItemError for a time that is none."""
    message, context = item.message, piece.context
    body = message.body.strip()
    is_call = message.call or bool(_CALL.fullmatch(body))
    account = _account(_named(message.sender, piece)) if message.sender else None
    channel = _channel(context.chat) if context.chat else None
    time = None if message.date.startswith(_NO_TIME) else local_text(message.date)
    post = Post(
        post_id=_post_id(context.namespace, item),
        platform=PLATFORM,
        kind=PostKind.SERVICE if is_call else PostKind.MESSAGE,
        account_id=account.account_id if account else None,
        channel_id=channel.channel_id if channel else None,
        time_quality=TimeQuality.MISSING if time is None else TimeQuality.ZONE_UNKNOWN,
        local_time=time,
        action="call" if is_call else None,
        text=None if message.deleted else body or None,
        reactions=_counts(message),
    )
    found: list[Row] = [post]
    found += filter(None, (account, channel))
    if message.deleted:
        found.append(Deletion(post_id=post.post_id, platform=PLATFORM, account_id=post.account_id))
    if message.quote.strip():
        found.append(_act(InteractionKind.REPLY, post, post_id=post.post_id))
    for name, emoji in message.reactions:
        reactor = _account(_named(name, piece)) if name else None
        found.append(
            _act(
                InteractionKind.REACT,
                post,
                account_id=reactor.account_id if reactor else None,
                target_account_id=post.account_id,
                target_post_id=post.post_id,
                time_quality=TimeQuality.MISSING,
                value=emoji.strip() or None,
            )
        )
    found += _media(message, post)
    return found


def _named(name: str | None, piece: Piece) -> str | None:
    """Who it is; null: the program did not find out."""
    if name is None or name.strip() in ("", "No-Sender"):
        return None
    return piece.options.me or "Me" if name.strip() == "Me" else name.strip()


@lru_cache(maxsize=1 << 12)
def _account(name: str | None) -> Account | None:
    if name is None:
        return None
    return Account(account_id=f"{PLATFORM}:{name}", platform=PLATFORM, name=name)


@lru_cache(maxsize=1 << 10)
def _channel(chat: str) -> Channel:
    return Channel(channel_id=f"{PLATFORM}:{chat}", platform=PLATFORM, kind="chat", name=chat)


def _post_id(namespace: str, item: _Item) -> str:
    message = item.message
    content = (namespace, message.date, item.repeat, message.sender, message.body)
    paths = [file.path for file in message.attachments]
    digest = hashlib.sha256(repr((content, paths)).encode(errors="replace")).hexdigest()
    return f"{PLATFORM}:{digest[:32]}"


def _act(kind: InteractionKind, post: Post, **more: object) -> Interaction:
    told = {
        "account_id": post.account_id,
        "channel_id": post.channel_id,
        "time_quality": post.time_quality,
        **more,
    }
    return Interaction(kind=kind, platform=PLATFORM, **told)  # type: ignore[arg-type]


def _counts(message: Message) -> str | None:
    counts = Counter(emoji.strip() for _, emoji in message.reactions if emoji.strip())
    return json.dumps(counts, ensure_ascii=False) if counts else None


_ENDINGS = {
    "photo": ".jpg .jpeg .png .webp .heic .tif .tiff",
    "animation": ".gif .apng",
    "video": ".mp4 .mov .webm .mkv .mpeg .qt",
    "audio": ".m4a .mp3 .aac .ogg .opus .wav .flac",
}
_KIND_OF_ENDING = {ending: kind for kind, all_of in _ENDINGS.items() for ending in all_of.split()}


def _media(message: Message, post: Post) -> Iterator[Media]:
    for file in message.attachments:
        path = urllib.parse.unquote(file.path.removeprefix("./"))
        yield Media(
            post_id=post.post_id,
            platform=PLATFORM,
            kind=_KIND_OF_ENDING.get(PurePosixPath(path).suffix.lower(), "file"),
            path=path.replace("\0", "\ufffd") or None,
            name=file.name or None,
        )
    if message.sticker:
        given = message.sticker
        name = given.emoji or given.id if isinstance(given, Sticker) else given
        yield Media(
            post_id=post.post_id, platform=PLATFORM, kind="sticker", name=name.strip() or None
        )


SIGNAL_EXPORT = Source(
    name="signal_export",
    platform=PLATFORM,
    title="Signal Desktop chats (signal-export)",
    files="chat.md or data.json of a chat, as signal-export writes them; texts of the same form",
    fills=(Post, Account, Channel, Interaction, Media, Deletion),
    time="Local time of the exporting computer, whose zone is not recorded.",
    terms="Made by a member of the chats from their own computer; it holds others' messages.",
    recognise=recognise,
    items=items,
    rows=rows,
    cut=cut,
    options=Options,
)
