"""How is a file of JSON texts read: one on each line, all in one list, or one alone?

Collectors keep the same answers of an API in any of these forms. `cut_texts` finds out which it is;
`texts` gives the bytes of each text, so that a source need not care.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from clew.contract import Capture, Piece
from clew.formats.json_stream import Wanted, cut_json, slices, split
from clew.formats.lines import blocks, cut_lines, lines

_HEAD = 64 << 10
_RAWS = msgspec.json.Decoder(list[msgspec.Raw])


def cut_texts(capture: Capture, options: Any) -> Iterator[Piece]:
    """Cut a capture into pieces of whole JSON texts; each text is one item.

    Raises SourceUnusable as `cut_lines` and `cut_json` do: for UTF-16 text, for a list that is cut
    short, and for a single text of more than `json_stream.LONGEST_HEADER` bytes.
    """
    with capture.open() as stream:
        _, head = next(blocks(stream, _HEAD), (0, b""))
    starts = [line.strip() for line in head.split(b"\n") if line and not line.isspace()][:3]
    if starts and starts[0].startswith(b"["):
        return cut_json(capture, options, wanted=[Wanted(path="")])
    # One of the first lines may be broken, or longer than the head.
    is_long = len(starts) == 1 and len(head) >= _HEAD
    if not starts or is_long or any(line[:1] + line[-1:] == b"{}" for line in starts):
        return cut_lines(capture, options)
    return cut_json(capture, options, wanted=[Wanted(path="", whole=True)])


def texts(piece: Piece) -> Iterator[bytes]:
    """Each JSON text of a piece that `cut_texts` made, or of a whole capture."""
    if piece.data is None:
        for part_of_it in cut_texts(piece.capture, piece.options):
            yield from texts(part_of_it)
    elif piece.context is None:
        yield from lines(piece)
    else:
        for part in slices(piece):
            yield from _elements(part.data) if part.data.startswith(b"[") else (part.data,)


def _elements(data: bytes) -> Iterator[bytes]:
    try:
        yield from map(bytes, _RAWS.decode(data))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        yield from split(data)
