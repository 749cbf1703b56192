"""How is a text read whose records begin with a certain form of line and go on over others?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from clew.contract import Capture, Piece
from clew.errors import SourceUnusable
from clew.formats.lines import LONGEST, TARGET, cut_lines

BEFORE = "text before the first message: not read"
NOT_UTF8 = "text that is not UTF-8: read with replacement characters"


class Headed(NamedTuple):
    """One record: what its head line says, and the text behind the head up to the next one."""

    head: re.Match[str]
    body: str


def cut_headed(
    capture: Capture,
    options: Any,
    head: re.Pattern[str],
    context: Any = None,
    *,
    target: int = TARGET,
    longest: int = LONGEST,
) -> Iterator[Piece]:
    """Cut a capture in front of head lines into pieces of about `target` bytes.

    `head` matches where a record begins; it has to begin with `^` in multi-line mode. Records whose
    group `stamp` is the same as that of their neighbour stay in one piece. Items are the records.

    Raises SourceUnusable for UTF-16 text, and if `longest` bytes of text hold no place to cut at.
    """
    first_item = 0
    waiting = b""
    for block in cut_lines(capture, options, target=target, longest=longest):
        stop, items = _last_cut(waiting, head)
        if stop:
            yield _piece(capture, options, waiting[:stop], first_item, context)
            first_item += items
        waiting = waiting[stop:] + (block.data or b"")
        if len(waiting) > longest + target:
            raise SourceUnusable(f"{longest:,} bytes of text without the beginning of a message")
    if waiting:
        yield _piece(capture, options, waiting, first_item, context)


def headed(piece: Piece, head: re.Pattern[str]) -> Iterator[Headed]:
    """The records of a piece that `cut_headed` made, without line ends behind them.

    What is no UTF-8 becomes U+FFFD, and so does NUL; the piece notes it.
    """
    text = decoded(piece.data or b"", piece)
    matches = list(head.finditer(text))
    if text[: matches[0].start() if matches else None].strip():
        piece.note(BEFORE)
    for match, following in zip(matches, [*matches[1:], None], strict=False):
        end = following.start() if following else len(text)
        yield Headed(match, text[match.end() : end].rstrip("\n"))


def decoded(data: bytes, piece: Piece) -> str:
    """UTF-8 text with plain line ends; what is none becomes U+FFFD, and the piece notes it."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        piece.note(NOT_UTF8)
        text = data.decode(errors="replace")
    return text.replace("\r\n", "\n").replace("\0", "\ufffd")


def _piece(capture: Capture, options: Any, data: bytes, first: int, context: Any) -> Piece:
    return Piece(capture=capture, options=options, data=data, first_item=first, context=context)


def _last_cut(data: bytes, head: re.Pattern[str]) -> tuple[int, int]:
    """Where the last run of records with one stamp begins, in bytes, and how many come before."""
    text = data.decode(errors="surrogateescape")
    matches = list(head.finditer(text))
    at = len(matches) - 1
    while at > 0 and matches[at]["stamp"] == matches[at - 1]["stamp"]:
        at -= 1
    if at <= 0:
        return 0, 0
    return len(text[: matches[at].start()].encode(errors="surrogateescape")), at
