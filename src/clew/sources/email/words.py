"""What do the words of a header field say: names in other scripts, addresses, dates, ids?"""

from __future__ import annotations

import binascii
import codecs
import datetime as dt
import re
from collections.abc import Iterator
from email.utils import getaddresses, parsedate_tz
from functools import lru_cache
from typing import NamedTuple

from clew.errors import ItemError
from clew.model.times import Micros, TimeQuality, from_datetime

_LONGEST = 64 << 10  # characters of a field that are looked at

# Each `?` is passed at most a few times: linear in the text.
_ENCODED = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_ID = re.compile(r"<([^<>\s]{1,900})>")
_ZONE = re.compile(r"[+-]\d{4}")
_COMMENT = re.compile(r"\([^()]*\)")

# What Python would decode by programs' rules, not by a character set.
_NO_CHARSETS = {"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined"}
_WIDER = {"iso8859-1": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932"}


class Moment(NamedTuple):
    """When a mail was written by its own account."""

    posted_at: Micros | None
    quality: TimeQuality
    local_time: str | None  # what the sender's clock showed


class Address(NamedTuple):
    """A mailbox and the name that stands with it."""

    address: str
    name: str | None


def plain(value: bytes) -> str:
    """A field as text: UTF-8, else Latin-1; NUL becomes U+FFFD."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        text = value.decode("latin-1")
    return text.replace("\0", "\ufffd")


def text_of(data: bytes, charset: str | None) -> str:
    """Text in a character set; an unknown or wrong one: UTF-8, else Windows-1252."""
    name = _codec(charset or "")
    if name is not None:
        text = data.decode(name, "replace")
    else:
        try:
            text = data.decode()
        except UnicodeDecodeError:
            text = data.decode("cp1252", "replace")
    text = text.replace("\0", "\ufffd").replace("\r\n", "\n")
    return text.encode("utf-8", "replace").decode() if name not in ("utf-8", None) else text


@lru_cache(maxsize=256)
def _codec(charset: str) -> str | None:
    """The codec of a character set; None: unknown, or one that says nothing (`us-ascii`)."""
    try:
        name = codecs.lookup(charset.strip().strip("\"'")[:40]).name
        "".encode(name)
    except (LookupError, ValueError, TypeError, UnicodeError):
        return None
    if name.replace("-", "_") in _NO_CHARSETS or name == "ascii":
        return None
    return _WIDER.get(name, name)


def decoded(text: str) -> str:
    """A field with its encoded words (RFC 2047) read, on one line: no field can be smuggled in."""
    if "=?" in text:
        text = "".join(_words(text[:_LONGEST]))
    return " ".join(text.split())


def _words(text: str) -> Iterator[str]:
    at = 0
    held, held_charset = b"", ""  # a character may be divided between two words
    for word in _ENCODED.finditer(text):
        charset, encoding, content = word.groups()
        between = text[at : word.start()]
        charset = charset.partition("*")[0].lower()
        if held and (between.strip() or charset != held_charset):
            yield text_of(held, held_charset)
            held = b""
            yield between if between.strip() else ""
        elif not held and (between.strip() or at == 0):
            yield between
        held, held_charset = held + _bytes_of(encoding, content), charset
        at = word.end()
    if held:
        yield text_of(held, held_charset)
    yield text[at:]


def _bytes_of(encoding: str, content: str) -> bytes:
    data = content.encode("latin-1", "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(data, header=True)
    try:
        return binascii.a2b_base64(data + b"=" * (-len(data) % 4))
    except binascii.Error:
        return data


# ------------------------------------------------------------------------------------- addresses


@lru_cache(maxsize=1 << 14)
def addresses(field: str) -> tuple[Address, ...]:
    """The mailboxes of `From`, `To` or `Cc`, in lower case; what is no address is left out.

    Encoded words are read last: a name cannot become an address.
    """
    field = field[:_LONGEST]
    if simple := _simple(field):
        pairs = [simple]
    else:
        try:
            pairs = getaddresses([field])
        except (RecursionError, IndexError, ValueError):
            return ()
        if not any("@" in address for _, address in pairs) and " at " in field:
            return _obscured(field)
    found = (
        Address(address.strip().lower(), decoded(name).strip("'\" ") or None)
        for name, address in pairs
        if "@" in address.strip("@") and not any(char.isspace() for char in address.strip())
    )
    return tuple(dict.fromkeys(found))


def _simple(field: str) -> tuple[str, str] | None:
    """`Name <address>`, the form of nearly all: read without the grammar."""
    name, less, address = field.strip().removesuffix(">").partition("<")
    rare = (char in field for char in '(,;:\\<"' if char != "<")
    if not less or not field.endswith(">") or any(rare) or "<" in address or ">" in address:
        return None
    return name.strip(), address


def _obscured(field: str) -> tuple[Address, ...]:
    """`mira at example.org (Mira)`, as archives of Mailman show an address."""
    address, _, name = field.partition("(")
    local, _, domain = address.strip().partition(" at ")
    if not local or not domain or " " in local or " " in domain:
        return ()
    name = decoded(name.strip().removesuffix(")"))
    return (Address(f"{local}@{domain}".lower(), name or None),)


# -------------------------------------------------------------------------------- ids and instants


def message_ids(*fields: str) -> list[str]:
    """The message ids of fields, without angle brackets, in order and without repeats."""
    return list(dict.fromkeys(id_ for field in fields for id_ in _ID.findall(field[:_LONGEST])))


def moment(field: str | None) -> Moment:
    """What `Date` says, with the offset of the sender; raises ItemError for what is no date."""
    if not field:
        return Moment(None, TimeQuality.MISSING, None)
    field = _COMMENT.sub(" ", field[:200]).strip()
    try:
        read = parsedate_tz(field)
        if read is None:
            raise ItemError("time unreadable", repr(field)[:80])
        local = dt.datetime(*read[:6])  # noqa: DTZ001 - its offset comes next
    except (ValueError, TypeError, IndexError, OverflowError) as error:
        raise ItemError("time unreadable", repr(field)[:80]) from error
    if not 1970 <= local.year < 2100:
        raise ItemError("time out of range", repr(field)[:80])
    shown = local.isoformat(timespec="seconds")
    zone = field.split()[-1]
    if zone.upper() in ("GMT", "UT", "UTC", "Z", "-0000"):
        return Moment(from_datetime(local.replace(tzinfo=dt.UTC)), TimeQuality.UTC, None)
    if read[9] is None or not (_ZONE.fullmatch(zone) or zone.upper() in _NAMED):
        return Moment(None, TimeQuality.ZONE_UNKNOWN, shown)
    offset = dt.timedelta(seconds=read[9])
    if abs(offset) > dt.timedelta(hours=15):
        return Moment(None, TimeQuality.ZONE_UNKNOWN, shown)
    at = from_datetime((local - offset).replace(tzinfo=dt.UTC))
    return Moment(at, TimeQuality.OFFSET, shown)


_NAMED = {"EST", "EDT", "CST", "CDT", "MST", "MDT", "PST", "PDT"}  # RFC 822 says what they mean
