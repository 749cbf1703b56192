"""Where does one mail of a mailbox end and the next one begin?

The four variants of mbox differ in what they do to a line of text that begins with `From `: mboxo
and mboxrd write `>From `, mboxrd also writes `>>From ` for `>From `; mboxcl does as mboxo and says
in `Content-Length` how long the text is, mboxcl2 only says that. A length is believed if a mail or
the end of the file follows there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from clew.errors import SourceUnusable

LONGEST = 256 << 20
_BLOCK = 8 << 20
_LONGEST_HEAD = 1 << 16  # in which a length is looked for
_LOOK_AHEAD = 2048  # how long a line between mails and the header field behind it may be

_BETWEEN = re.compile(
    rb"From (?:- ?"  # Mozilla and Thunderbird
    rb"|[^\r\n]{0,400}?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? [^\r\n]{0,30}?\d\d?:\d\d[^\r\n]{0,80})"
    rb"\r?\n"
)
_FIELD = re.compile(rb"(?:>?From |[!-9;-~]{1,200}[ \t]?:)")
_BLANK = re.compile(rb"\n\r?\n")
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,12})[ \t]*\r?$", re.MULTILINE | re.IGNORECASE)
_MUNGED = re.compile(rb"^>(>*From )", re.MULTILINE)
_UNMUNGED = re.compile(rb"^From ", re.MULTILINE)


class Span(NamedTuple):
    """Where a mail stands in a mailbox, and whether a length says where it ends."""

    stop: int
    by_length: bool


def is_mailbox(head: bytes) -> bool:
    """Whether a file begins as an mbox does."""
    return _begins_mail(head, 0, final=True) is True


def mails(stream: BinaryIO) -> Iterator[bytes]:
    """Each mail of an mbox with the line in front of it; another file is one mail.

    Raises SourceUnusable for a mail longer than 256 MiB.
    """
    waiting, final, mailbox = b"", False, None
    while not final:
        block = stream.read(_BLOCK)
        final = not block
        waiting += block
        if mailbox is None:
            mailbox = is_mailbox(waiting)
        start = 0
        while start < len(waiting):
            span = _span(waiting, start, final=final) if mailbox else None
            if span is None:
                break
            yield waiting[start : span.stop]
            start = span.stop
        waiting = waiting[start:]
        if len(waiting) > LONGEST:
            raise SourceUnusable(f"a mail is longer than {LONGEST:,} bytes")
    if waiting:
        yield waiting


def without_envelope(mail: bytes) -> bytes:
    """The mail itself: without the line in front of it, and with its text as it was sent."""
    if not mail.startswith(b"From "):
        return mail
    by_length = _by_length(mail, 0)
    mail = mail[mail.find(b"\n") + 1 :]
    if mail.startswith(b">From "):  # mail that was delivered into a file twice
        mail = mail[mail.find(b"\n") + 1 :]
    if by_length is not None and _UNMUNGED.search(mail):
        return mail  # mboxcl2
    return _MUNGED.sub(rb"\1", mail)


def _span(data: bytes, start: int, *, final: bool) -> Span | None:
    """Where the mail at `start` ends; None: more of the file is needed."""
    stop = _by_length(data, start)
    if stop is not None:
        while data[stop : stop + 1] in (b"\r", b"\n"):
            stop += 1
        if stop < len(data) and _begins_mail(data, stop, final=final):
            return Span(stop, by_length=True)
        if stop == len(data):
            return Span(stop, by_length=True) if final else None
        if stop > len(data) and not final and stop - start < LONGEST:
            return None
    at = start
    while (at := data.find(b"\nFrom ", at)) >= 0:
        at += 1
        begins = _begins_mail(data, at, final=final)
        if begins is None:
            return None
        if begins:
            return Span(at, by_length=False)
    return Span(len(data), by_length=False) if final else None


def _by_length(data: bytes, start: int) -> int | None:
    """Where the mail at `start` ends by its own account."""
    following = data.find(b"\nFrom ", start)
    stop = start + _LONGEST_HEAD if following < 0 else min(following, start + _LONGEST_HEAD)
    blank = _BLANK.search(data, start, stop)
    length = blank and _LENGTH.search(data, start, blank.start())
    return blank.end() + int(length[1]) if blank and length else None


def _begins_mail(data: bytes, at: int, *, final: bool) -> bool | None:
    """Whether a mail of an mbox begins at `at`; None: more of the file is needed."""
    if not final and at + _LOOK_AHEAD > len(data):
        return None
    line = _BETWEEN.match(data, at)
    return line is not None and _FIELD.match(data, line.end()) is not None
