"""What does an export of Telegram Desktop look like? Its messages, and the file of one chat.

The form is that of Telegram Desktop's own JSON writer: one space a level, `date` in the local time
of the exporting computer, `date_unixtime` as text, `text` as text or a list of texts and marks.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, NamedTuple
from zoneinfo import ZoneInfo

from clew.case.demo.grammar import Planted, load
from clew.case.demo.people import Person
from clew.case.demo.truth import Truth

Json = dict[str, Any]

# Far above every channel's id that Telegram has given, below the highest that it can give.
CHANNEL, MIRROR, GROUP = (990_000_000_101 + step for step in range(3))

# Of the end of 32 bits, which Telegram left out, as far as is known, when its ids outgrew 31.
KITCHEN = 4_294_900_101
_FIRST_USER = 4_294_900_201

ANALYST = ZoneInfo("Europe/Berlin")  # the clock of the computer that exported
_NOT_INCLUDED = "(File not included. Change data exporting settings to download.)"

_MARKS = re.compile(
    r"\*\*(?P<bold>[^*]+)\*\*|`(?P<code>[^`]+)`|(?P<link>https?://[^\s)]+)"
    r"|(?P<hashtag>#\w+)|(?P<email>[\w.]+@[\w.-]+\.\w+)|(?P<mention>@\w{5,})"
)
_ESCAPES = re.compile(r"\\(?:u00(?P<control>[01][0-9a-f])|.)|(?P<separator>[\u2028\u2029])")


def entities(text: str) -> list[Json]:
    """A text with **bold** and `code` marks as Telegram's list of parts."""
    parts: list[Json] = []
    done = 0
    for match in _MARKS.finditer(text):
        if match.start() > done:
            parts.append({"type": "plain", "text": text[done : match.start()]})
        kind = str(match.lastgroup)
        parts.append({"type": kind, "text": match[kind]})
        done = match.end()
    if done < len(text):
        parts.append({"type": "plain", "text": text[done:]})
    return parts


def mixed(parts: list[Json]) -> str | list[Any]:
    """The older form of the same: plain parts are bare texts, and a lone one is the whole."""
    bare = [part["text"] if part["type"] == "plain" else part for part in parts]
    return bare[0] if len(bare) == 1 and isinstance(bare[0], str) else bare or ""


def local(at: int, zone: ZoneInfo) -> str:
    """A second as local time without its zone, the way Telegram writes dates."""
    return dt.datetime.fromtimestamp(at, zone).strftime("%Y-%m-%dT%H:%M:%S")


class Sender(NamedTuple):
    """Who sends a message."""

    name: str | None  # None: the account is deleted
    native: str  # user1, channel1


@dataclass(kw_only=True, eq=False)
class Message:
    """One message before it is written."""

    id: int
    at: int
    sender: Sender
    text: str = ""
    language: str = ""
    planted: tuple[Planted, ...] = ()
    action: Json = field(default_factory=dict)  # a service message
    signature: str = ""
    forwarded_from: str = ""
    reply_to: Message | None = None
    edited_at: int | None = None
    edited_text: str = ""
    deleted_at: int | None = None
    photo: bool = False
    is_scene: bool = False  # of the plot, not of an ordinary day
    is_call: bool = False  # the puppets on X follow it
    reactions: list[Json] = field(default_factory=list)

    def told(self, zone: ZoneInfo, as_of: int) -> Json:
        """The message as an export of that moment tells it."""
        edited = self.edited_at is not None and self.edited_at <= as_of
        told: Json = {
            "id": self.id,
            "type": "service" if self.action else "message",
            "date": local(self.at, zone),
            "date_unixtime": str(self.at),
        }
        if edited and self.edited_at is not None:
            told["edited"] = local(self.edited_at, zone)
            told["edited_unixtime"] = str(self.edited_at)
        who = "actor" if self.action else "from"
        told |= {who: self.sender.name, f"{who}_id": self.sender.native} | self.action
        if self.signature:
            told["author"] = self.signature
        if self.forwarded_from:
            told["forwarded_from"] = self.forwarded_from
        if self.reply_to:
            told["reply_to_message_id"] = self.reply_to.id
        if self.photo:
            told |= {"photo": _NOT_INCLUDED, "width": 1280, "height": 960}
        parts = entities(self.edited_text if edited else self.text)
        told |= {"text": mixed(parts), "text_entities": parts}
        if self.reactions:
            told["reactions"] = self.reactions
        return told


@contextmanager
def export(path: Path, name: str, kind: str, chat_id: int) -> Iterator[Writer]:
    """The file of a single chat, open for its messages."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", errors="surrogateescape", newline="\n") as stream:
        head = json.dumps(name, ensure_ascii=False)
        stream.write(f'{{\n "name": {head},\n "type": "{kind}",\n "id": {chat_id},\n "messages": [')
        yield Writer(stream)
        stream.write("\n ]\n}")


class Writer:
    """Messages one after the other, as Telegram Desktop sets them out."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._separator = "\n  "

    def add(self, told: Json) -> None:
        """Write one message."""
        text = json.dumps(told, indent=1, ensure_ascii=False).replace("\n", "\n  ")
        self._stream.write(self._separator + _ESCAPES.sub(_escape, text))
        self._separator = ",\n  "


def _escape(match: re.Match[str]) -> str:
    """Telegram Desktop's own way with some characters, which is not JSON."""
    if match["separator"]:  # it forgets to leave out the rest of the character
        rest = match["separator"].encode()[1:].decode("ascii", "surrogateescape")
        return f"\\u{ord(match['separator']):04x}{rest}"
    return f"\\x{match['control'].upper()}" if match["control"] else match[0]


class People:
    """Telegram's account ids: one a person, the cast first, then in order of appearance."""

    def __init__(self, truth: Truth) -> None:
        self._truth = truth
        self._ids = {
            key: _FIRST_USER + number for number, key in enumerate(load("people")["named"])
        }

    def native(self, person: Person) -> str:
        """The id of a person's account as an export has it."""
        number = self._ids.setdefault(person.key, _FIRST_USER + len(self._ids))
        self.note(person, f"user{number}")
        return f"user{number}"

    def note(self, person: Person, native: str, name: str = "") -> None:
        """Note for the truth that this account is this person's."""
        self._truth.account(account_id(native), person, name)


def account_id(native: str) -> str:
    """The id that readers give an account."""
    return f"telegram:{native}"


def post_id(chat: int, message: int | None = None) -> str:
    """The id that readers give a message; without its number: the channel's."""
    return f"telegram:{chat}" if message is None else f"telegram:{chat}/{message}"
