"""Where does a text name an e-mail address, an account or a topic?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from clew.formats.sightings.accidents import is_classic
from clew.formats.sightings.scanning import (
    LABEL,
    LETTERS,
    RUN,
    WORD,
    Place,
    Sighting,
    pattern,
)
from clew.formats.sightings.urls import names
from clew.formats.sightings.written import AT, DOT, refang
from clew.model.values import clean_email, clean_handle, clean_hashtag

_AT = pattern(
    rf"{AT}({LABEL}(?:{DOT}{LABEL})*)(@{RUN})?|(?i: at )([a-z0-9-]+(?:(?i: dot )[a-z0-9-]+)+)"
)
_HASHTAG = pattern(rf"[#＃][{LETTERS}\p{{L}}\p{{Nd}}_\x{{200c}}\x{{200d}}・]+")

_NAME = re.compile(r"[A-Za-z0-9_]+")
_DOTTED_NAME = re.compile(r"[A-Za-z0-9_]+(?:[.-][A-Za-z0-9_]+)*")
_FOREIGN_WORD = re.compile(r"[^\W\d_]+$")
_REMOTE_PATH = re.compile(rb":[A-Za-z0-9~/.]")
_MAILBOX = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._%+'-"
_LONGEST_MAILBOX = 64


def find_at_signs(data: bytes, has_dotted_names: Callable[[int], bool]) -> Iterator[Place]:
    """Every e-mail address with its domain, and every account that is named with @.

    Args:
        data: posts with a NUL between them.
        has_dotted_names: whether a dot or hyphen may stand in the name of an account in the post at
            this offset; elsewhere it ends the name.
    """
    for match in _AT.finditer(data):
        start = match.start()
        local = _mailbox(data, start)
        place = _email(data, match, local) if local else None
        if place is None and not (local and local.isascii()) and data[start] in b"@\xef":
            place = _account(data, match, has_dotted_names)
        if place:
            yield place


def _mailbox(data: bytes, at: int) -> bytes:
    """What stands before the sign and can be the name of a mailbox."""
    before = data[max(0, at - _LONGEST_MAILBOX - 1) : at]
    local = before[len(before.rstrip(_MAILBOX)) :]
    if not local and before[-1:] >= b"\x80":
        word = _FOREIGN_WORD.search(before.decode(errors="ignore"))
        return word[0].encode() if word else b""
    return local.lstrip(b".%+'-")


def _email(data: bytes, match: Any, local: bytes) -> Place | None:
    start = match.start() - len(local)
    if match.start(3) >= 0:  # "jo at example dot org"
        begin, stop = match.span(3)
        text = data[start:stop].decode()
        plain = re.sub(" dot ", ".", re.sub(" at ", "@", text, flags=re.I), flags=re.I)
    else:
        begin, stop = next(names(data, *match.span(1)), (-1, -1))
        if begin != match.start(1) or _REMOTE_PATH.match(data, stop):
            return None  # no host after it, or `git@host:path`
        text = data[start:stop].decode()
        plain = refang(text)
    value = clean_email(plain)
    if value is None:
        return None
    email = Sighting(start, stop, "email", value, plain != text)
    host = data[begin:stop].decode()
    domain = Sighting(begin, stop, "domain", value.rpartition("@")[2], host not in plain)
    return Place(start, stop, (email, domain))


def _account(data: bytes, match: Any, has_dotted_names: Callable[[int], bool]) -> Place | None:
    start, (begin, stop) = match.start(), match.span(1)
    if data[start - 1 : start] in (b"@", b"/", b"\\") and start:
        return None
    text = data[begin:stop].decode()
    dotted = _DOTTED_NAME.match(text)
    name = _NAME.match(text)
    if name is None or dotted is None:
        return None
    if match.start(2) >= 0 and dotted[0] == text:  # "@jo@social.example"
        host = next(names(data, match.start(2) + 1, match.end(2)), (-1, -1))
        value = clean_handle(data[begin : host[1]].decode()) if host[0] > stop else None
        if value:
            return Place(start, host[1], (Sighting(start, host[1], "handle", value, False),))
    written = name[0]
    if dotted[0] != written:
        if dotted[0].lower().endswith(".bsky.social") or has_dotted_names(start):
            written = dotted[0]
        elif is_classic(dotted[0]):
            return None  # "anybody @example.com": a host
    value = clean_handle(written) if len(written) > 1 else None
    if value is None:
        return None
    stop = begin + len(written)
    return Place(start, stop, (Sighting(start, stop, "handle", value, False),))


def find_hashtags(data: bytes) -> Iterator[Sighting]:
    """Every hashtag in any script. `&#39;`, `C#`, `#1` and the fragment of a URL are none."""
    for match in _HASHTAG.finditer(data):
        start, stop = match.span()
        if start and (data[start - 1] in WORD or data[start - 1] in b"&/#"):
            continue
        if start and data[start - 1] >= 0x80:
            before = data[max(0, start - 4) : start].decode(errors="ignore")
            if before[-1:].isalnum():
                continue
        text = data[start:stop].decode()
        value = clean_hashtag(text)
        if value:
            stop -= len(text.encode()) - len(text.rstrip("\u200c\u200d").encode())
            yield Sighting(start, stop, "hashtag", value, False)
