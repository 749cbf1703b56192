"""How are JSON records read that stand in lines, in a list, in the lists of an answer, or alone?

Tools keep what an API answered in all of these shapes, and the same records are in each: a post a
line, an answer a line with its posts in a list, all posts in one list, one answer as it was sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any, NamedTuple

import msgspec

from clew.contract import Capture, Piece
from clew.errors import SourceUnusable
from clew.formats.json_stream import Wanted, cut_json, slices, split
from clew.formats.lines import LONGEST, cut_lines, lines

_LOOKED_AT = 3  # lines at the start of a file
_BLOCK = 1 << 16


class Record(NamedTuple):
    """One JSON text."""

    text: bytes
    place: str  # the name of the list it stood in; empty: it stood alone
    header: bytes  # the members asked for of the answer around that list, as a JSON object


class _Shape(NamedTuple):
    """What a piece knows of its records."""

    lists: tuple[str, ...]
    header: tuple[str, ...]
    shares: Any  # where they are, if the piece was cut from one document; None: lines


def cut_records(
    capture: Capture, options: Any, *, lists: tuple[str, ...] = (), header: tuple[str, ...] = ()
) -> Iterator[Piece]:
    """Pieces of whole records, numbered through the capture.

    Args:
        capture: the bytes.
        options: for the pieces.
        lists: names of the members of an answer that are lists of records (dots lead deeper, in a
            file that is one answer).
        header: members of the answer that its records need.

    Raises SourceUnusable as `cut_lines` and `cut_json` do.
    """
    more = 0  # records than texts so far: an answer is one text
    marks = _marks(lists)
    for piece in _pieces(capture, options, lists, header):
        shares = piece.context
        piece.context = _Shape(lists, header, shares)
        piece.first_item += more
        yield piece
        if marks and marks.search(piece.data or b""):
            of_lines = len(list(lines(piece))) if shares is None else _size(shares)
            more += sum(1 for _ in records(piece)) - of_lines


def records(piece: Piece) -> Iterator[Record]:
    """Each record of a piece that `cut_records` made."""
    shape: _Shape = piece.context
    marks = _marks(shape.lists)
    if shape.shares is None:
        for text in lines(piece):
            if marks and marks.search(text):
                yield from _taken_apart(text, shape)
            else:
                yield Record(text, "", b"{}")
        return
    for part in slices(_with(piece, shape.shares)):
        if not part.wanted and not part.data.startswith(b"["):
            yield from _taken_apart(part.data, shape)
            continue
        for text in split(part.data) if part.items else ():
            if part.wanted or not (marks and marks.search(text)):
                yield Record(text, part.wanted, part.header)
            else:
                yield from _taken_apart(text, shape)


def _pieces(
    capture: Capture, options: Any, lists: tuple[str, ...], header: tuple[str, ...]
) -> Iterator[Piece]:
    starts = _first_lines(capture)
    if not starts or _are_records(starts):
        return cut_lines(capture, options)
    if starts and starts[0].startswith(b"["):
        return cut_json(capture, options, wanted=[Wanted(path="")])
    whole = [Wanted(path="", whole=True)]
    if lists:
        wanted = [
            Wanted(path=name, header=header, key=header[0] if header else None) for name in lists
        ]
        found = cut_json(capture, options, wanted=wanted)
        try:
            return chain([next(found)], found)
        except (StopIteration, SourceUnusable):
            pass  # one record, or an answer that is not JSON: it is refused below
    return cut_json(capture, options, wanted=whole)


def _first_lines(capture: Capture) -> list[bytes]:
    """The first lines that are not blank; of the last only its ends, if it is long."""
    found: list[bytes] = []
    line = b""
    held = 0
    with capture.open() as stream:
        while (block := stream.read(_BLOCK)) and len(found) < _LOOKED_AT and held <= LONGEST:
            first, *others = block.split(b"\n")
            line, held = _ends(line, first), held + len(first)
            for other in others:
                if line.strip():
                    found.append(line.strip())
                line, held = other, len(other)
    if line.strip():
        found.append(line.strip())
    return [text.removeprefix(b"\xef\xbb\xbf") for text in islice(found, _LOOKED_AT)]


def _ends(line: bytes, more: bytes) -> bytes:
    """A line grown by `more`; its middle may be left out."""
    joined = line + more
    return joined if len(joined) < _BLOCK else joined[:100] + joined[-100:]


def _are_records(starts: list[bytes]) -> bool:
    """Whether each line is a record: one of the first may be broken."""
    if len(starts) < 2:
        return False
    if starts[0].startswith(b"["):
        return starts[0].endswith(b"]")
    if starts[0].endswith((b"{", b"[", b",", b":")):  # of a document that is indented
        return False
    return any(line[:1] + line[-1:] == b"{}" for line in starts)


def _marks(lists: tuple[str, ...]) -> re.Pattern[bytes] | None:
    names = "|".join(re.escape(name) for name in lists if "." not in name)
    return re.compile(rf'"(?:{names})"\s{{0,8}}:'.encode()) if names else None


def _taken_apart(text: bytes, shape: _Shape) -> Iterator[Record]:
    """The records of an answer; the text itself if it is none."""
    try:
        members = _MEMBERS.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        yield Record(text, "", b"{}")
        return
    there = [(name, bytes(members[name])) for name in shape.lists if name in members]
    inside = [(name, value) for name, value in there if value.startswith(b"[")]
    if not inside:
        yield Record(text, "", b"{}")
        return
    header = msgspec.json.encode({name: members[name] for name in shape.header if name in members})
    for name, value in inside:
        for element in split(value) if value[1:-1].strip() else ():
            yield Record(element, name, header)


def _with(piece: Piece, context: Any) -> Piece:
    return Piece(capture=piece.capture, options=piece.options, data=piece.data, context=context)


def _size(context: Any) -> int:
    return sum(share.items for share in context.shares)


_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
