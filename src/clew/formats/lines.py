"""How is a file of lines read? In pieces of whole lines, so that several processes can share it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from clew.contract import Capture, Piece
from clew.errors import SourceUnusable

TARGET = 8 << 20
LONGEST = 64 << 20

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BLANK_LINE = re.compile(rb"\n(?=[ \t\r\x0b\x0c]*(?:\n|\Z))")  # blank is what `isspace` says it is


def cut_lines(
    capture: Capture, options: Any, *, target: int = TARGET, longest: int = LONGEST
) -> Iterator[Piece]:
    """Cut a capture at line ends into pieces of about `target` bytes.

    Items are the lines that are not blank, numbered through all pieces; a piece of nothing but
    blank lines is left out. A UTF-8 byte-order mark is dropped. No more than `longest` and twice
    `target` bytes are held at any time.

    Raises SourceUnusable for UTF-16 text and for a line longer than `longest` bytes.
    """
    first_item = 0
    for data in _whole_lines(capture, min(target, longest), longest):
        items = count_lines(data)
        if items:
            yield Piece(capture=capture, options=options, data=data, first_item=first_item)
        first_item += items


def lines(piece: Piece) -> Iterator[bytes]:
    """Each line of a piece that is not blank, without its line end."""
    if piece.data is None:
        for part in cut_lines(piece.capture, piece.options):
            yield from lines(part)
        return
    for line in piece.data.split(b"\n"):
        if line and not line.isspace():
            yield line.removesuffix(b"\r")


def count_lines(data: bytes) -> int:
    """How many lines of `data` are not blank."""
    return data.count(b"\n") + 1 - len(_BLANK_LINE.findall(b"\n" + data))


def blocks(stream: BinaryIO, size: int) -> Iterator[tuple[int, bytes]]:
    """A UTF-8 stream in blocks of `size` bytes, each with its offset, without byte-order mark.

    Raises SourceUnusable for UTF-16 text.
    """
    offset = 0
    block = stream.read(max(size, 3))
    if block.startswith(_UTF16):
        raise SourceUnusable("this is UTF-16 text: save it as UTF-8 and add it again")
    if block.startswith(codecs.BOM_UTF8):
        offset = len(codecs.BOM_UTF8)
        block = block[offset:] or stream.read(size)
    while block:
        yield offset, block
        offset += len(block)
        block = stream.read(size)


def _whole_lines(capture: Capture, target: int, longest: int) -> Iterator[bytes]:
    with capture.open() as stream:
        waiting: list[bytes] = []  # the start of a line whose end has not come yet
        held = 0
        for offset, block in blocks(stream, target):
            if held + len(block.split(b"\n", 1)[0]) > longest:
                raise SourceUnusable(
                    f"the line that starts at byte {offset - held:,} is longer than "
                    f"{longest:,} bytes: no record is that long"
                )
            stop = block.rfind(b"\n") + 1
            if stop:
                yield b"".join([*waiting, block[:stop]])
                waiting, held = [], 0
            if stop < len(block):
                waiting.append(block[stop:])
                held += len(block) - stop
        if waiting:
            yield b"".join(waiting)
