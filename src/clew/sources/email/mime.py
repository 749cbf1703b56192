"""Which parts does a mail have? Taken apart without recursion, in time linear in its length.

The standard library's parser asks every open part at every line whether the line is its boundary,
and calls itself for every part inside another: a mail made for the purpose stops it. What a header
field means is still the standard library's to say.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from functools import lru_cache
from typing import NamedTuple

from clew.sources.email.words import decoded, plain, text_of

DEEPEST = 32
MOST_PARTS = 1000

TOO_DEEP = f"MIME parts nested deeper than {DEEPEST}: kept as files"
TOO_MANY = f"MIME parts beyond {MOST_PARTS:,}: not read"
BROKEN = "content of a MIME part not readable as encoded: kept as it is"

# Ends where the first line stands that is no field, blank or not.
_HEAD = re.compile(rb"(?:[!-9;-~]++[ \t]*+:[^\n]*+(?:\n|\Z)(?:[ \t]++[^\s][^\n]*+(?:\n|\Z))*+)*+")
_FOLDED = re.compile(rb"\r?\n(?=[ \t])")
_LONGEST_PARAMETERS = 4096


class Kind(NamedTuple):
    """What `Content-Type` says."""

    mime: str
    charset: str | None
    boundary: str | None
    name: str | None


class Fields:
    """The header fields of a mail or of a part, as they are written, unfolded."""

    def __init__(self, head: bytes) -> None:
        self._values: dict[str, list[str]] = {}
        for line in _FOLDED.sub(b"", head).split(b"\n"):
            name, colon, value = line.partition(b":")
            if colon:
                key = name.strip().lower().decode("latin-1")
                self._values.setdefault(key, []).append(plain(value.strip()))

    def first(self, name: str) -> str | None:
        """The first field of this name (lower case); None: there is none, or it is empty."""
        return next(iter(self.all(name)), None) or None

    def all(self, name: str) -> list[str]:
        """Every field of this name (lower case), in order."""
        return self._values.get(name, [])

    @property
    def names(self) -> set[str]:
        """The names of the fields."""
        return set(self._values)


@dataclass(kw_only=True)
class Part:
    """A part that holds no others."""

    kind: Kind
    content: bytes  # decoded
    fields: Fields
    is_file: bool  # to be saved, not shown
    name: str | None
    choice: int | None  # parts with the same number say the same in several forms


def taken_apart(mail: bytes) -> tuple[Fields, bytes]:
    """Header and body."""
    head = _HEAD.match(mail)
    stop = head.end() if head else 0
    return Fields(mail[:stop]), mail[stop:].removeprefix(b"\r").removeprefix(b"\n")


def parts(fields: Fields, body: bytes, notes: set[str]) -> Iterator[Part]:
    """The parts of a mail in their order; what is not read is told in `notes`."""
    waiting: list[tuple[Fields, bytes, int, int | None, str]] = [(fields, body, 0, None, "")]
    count = 0
    while waiting:
        fields, body, depth, choice, around = waiting.pop()
        count += 1
        if count > MOST_PARTS:
            notes.add(TOO_MANY)
            return
        kind = _kind(fields, around)
        if kind.mime.startswith("multipart/") and kind.boundary:
            if depth < DEEPEST:
                inner = count if kind.mime == "multipart/alternative" else choice
                found = [
                    (*taken_apart(part), depth + 1, inner, kind.mime)
                    for part in _between(body, kind.boundary)
                ]
                waiting += reversed(found)
                if found or not body.strip():
                    continue
                kind = Kind("text/plain", *[None] * 3)  # no boundary: what there is, is text
            else:
                notes.add(TOO_DEEP)
        yield _part(kind, fields, body, choice, notes)


def _part(kind: Kind, fields: Fields, body: bytes, choice: int | None, notes: set[str]) -> Part:
    disposition = fields.first("content-disposition") or ""
    name = _parameter(disposition, "filename", header="content-disposition") or kind.name
    is_text = kind.mime.startswith("text/")
    try:
        content = _decoded_content(fields.first("content-transfer-encoding") or "", body)
    except binascii.Error:
        notes.add(BROKEN)
        content = body
    shown = is_text and not disposition.lower().startswith("attachment") and name is None
    return Part(
        kind=kind,
        content=content,
        fields=fields,
        is_file=not shown or kind.mime not in ("text/plain", "text/html"),
        name=name,
        choice=choice,
    )


def _kind(fields: Fields, around: str) -> Kind:
    written = fields.first("content-type")
    if written is None:
        return Kind("message/rfc822" if around == "multipart/digest" else "text/plain", *[None] * 3)
    kind = _kind_of(written[:_LONGEST_PARAMETERS])
    return kind if "/" in kind.mime else kind._replace(mime="text/plain")


@lru_cache(maxsize=1 << 10)
def _kind_of(written: str) -> Kind:
    mime = written.partition(";")[0].strip().lower()
    if ";" not in written:
        return Kind(mime, None, None, None)
    charset, boundary, name = (_parameter(written, key) for key in ("charset", "boundary", "name"))
    return Kind(mime, charset, boundary, name)


def _parameter(written: str, key: str, header: str = "content-type") -> str | None:
    """A parameter of a header field, by RFC 2231 and as others write it."""
    if ";" not in written:
        return None
    message = Message()
    message[header] = " ".join(written[:_LONGEST_PARAMETERS].split())
    try:
        value = message.get_param(key, header=header)
    except (ValueError, LookupError, TypeError):
        return None
    if isinstance(value, tuple):
        charset, _language, encoded = value
        value = text_of(encoded.encode("latin-1", "replace"), charset)
    return decoded(str(value)) if value else None


def _between(body: bytes, boundary: str) -> list[bytes]:
    """What stands between the boundaries: one more than may be read, if there are more."""
    mark = b"\n--" + boundary.rstrip().encode("latin-1", "replace")
    found: list[bytes] = []
    start: int | None = None
    body = b"\n" + body
    at = body.find(mark)
    while at >= 0 and len(found) <= MOST_PARTS:
        after = at + len(mark)
        line_end = body.find(b"\n", after)
        rest = body[after : line_end if line_end >= 0 else len(body)].rstrip()
        if rest in (b"", b"--"):  # else a longer boundary that begins with this one
            if start is not None:
                found.append(body[start:at].removesuffix(b"\r"))
            start = line_end + 1 if rest == b"" and line_end >= 0 else None
            if start is None:
                break
        at = body.find(mark, max(after, (line_end if line_end >= 0 else len(body))))
    if start is not None and len(found) <= MOST_PARTS:
        found.append(body[start:])
    return found


def _decoded_content(encoding: str, body: bytes) -> bytes:
    match encoding.strip().lower():
        case "base64":
            return _from_base64(body)
        case "quoted-printable":
            return binascii.a2b_qp(body)
        case _:
            return body


def _from_base64(body: bytes) -> bytes:
    """Base64 as it is met: with foreign characters, or cut off."""
    try:
        return binascii.a2b_base64(body)
    except binascii.Error:
        whole = body.translate(None, _NOT_BASE64)
        return binascii.a2b_base64(whole[: len(whole) // 4 * 4])


_NOT_BASE64 = bytes(
    byte
    for byte in range(256)
    if byte not in b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
)
