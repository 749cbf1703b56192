"""How is a file of JSON texts read: one on each line, all in one list, or one alone?

Collectors keep the same answers of an API in any of these forms. `cut_texts` finds out which it is;
`texts` gives the bytes of each text, so that a source need not care. `unfold` takes a text apart
that holds others, such as a page with posts in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import msgspec

from clew.contract import Capture, Piece
from clew.errors import ItemError
from clew.formats.json_stream import Wanted, cut_json, slices, split
from clew.formats.lines import blocks, cut_lines, lines

T = TypeVar("T")

DEEPEST = 100
"""How many texts may lie in each other. Each is looked at once for every text around it."""

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


def unfold(
    text: bytes,
    look: Callable[[bytes], tuple[Sequence[T], Sequence[bytes | msgspec.Raw]]],
) -> Iterator[T | ItemError]:
    """What a text says and what the texts inside it say, each before what is inside it.

    Args:
        text: a JSON text.
        look: tells what a text itself says, and which texts inside it are to be looked at.
    """
    waiting = [(text, 0)]
    while waiting:
        text, depth = waiting.pop()
        if depth > DEEPEST:
            yield ItemError("nested too deep", f"it begins {text[:80]!r}")
            continue
        found, inside = look(text)
        yield from found
        waiting += [(bytes(raw), depth + 1) for raw in reversed(inside)]


def _elements(data: bytes) -> Iterator[bytes]:
    try:
        yield from map(bytes, _RAWS.decode(data))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        yield from split(data)
