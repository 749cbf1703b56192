"""How is a table read that was written as XML, `<posts> <row Id="1" …/> … </posts>`?

Such a file is one element of attributes after another, often 100 GB of them. No attribute can hold
a `<`, so the file is cut before any `<row` without being parsed, and several processes share the
pieces. The cut checks what stands before the first row and after the last: a file that is cut off,
or that has a document type (entity bombs begin with one), is unusable. A row that is no XML costs
only itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, cast

from lxml import etree

from clew.contract import Capture, Piece
from clew.errors import ItemError, SourceUnusable
from clew.formats.lines import LONGEST, TARGET, blocks

MENDED = "characters that XML forbids replaced"
"""The note on a row with references such as `&#x1B;`, which some dumps have and no parser takes."""

_ROW = b"<row"
_FIRST_ROW = re.compile(rb"<row[\s/>]")  # the root element may be called <rows>
_ENCODING = re.compile(rb"""<\?xml[^>]*?\bencoding\s*=\s*["']([^"']*)""")
_REFERENCE = re.compile(rb"&#(?:x([0-9a-fA-F]+)|([0-9]+));")


def cut_rows(
    capture: Capture, options: Any, *, target: int = TARGET, longest: int = LONGEST
) -> Iterator[Piece]:
    """Cut a capture before `<row` elements into pieces of about `target` bytes.

    Each piece is whole rows; its context is the name of the root element. Items are the rows,
    numbered through all pieces. A table without rows gives no piece.

    Raises SourceUnusable for what is no such file: no root element, a document type, an encoding
    other than UTF-8, a row longer than `longest` bytes, no end.
    """
    root, first_item = "", 0
    for data, is_first, is_last in _whole_rows(capture, target, longest):
        if is_first:
            first = _FIRST_ROW.search(data)
            if first is None and is_last:
                _check_empty(data)
                return
            start = first.start() if first else len(data)
            root = _root_of(data[:start])
            data = data[start:]  # noqa: PLW2901
        if is_last:
            data = _without_end(data, root)  # noqa: PLW2901
        yield Piece(
            capture=capture, options=options, data=data, first_item=first_item, context=root
        )
        first_item += data.count(_ROW)


def rows(piece: Piece) -> Iterator[dict[str, str] | ItemError]:
    """The attributes of each row of a piece that `cut_rows` made, or why there are none."""
    data = piece.data or b""
    try:
        found = _parsed(data)
    except etree.XMLSyntaxError:
        found = []
    if len(found) == data.count(_ROW):
        yield from found
    else:
        for row in data.split(_ROW)[1:]:
            yield _one_row(_ROW + row, piece)


def _one_row(data: bytes, piece: Piece) -> dict[str, str] | ItemError:
    for text, is_mended in ((data, False), (_REFERENCE.sub(_allowed, data), True)):
        try:
            found = _parsed(text)
        except etree.XMLSyntaxError as error:
            reason = str(error)
            continue
        if len(found) != 1:
            reason = "it is not one row"
            break
        if is_mended:
            piece.note(MENDED)
        return found[0]
    return ItemError("row is not XML", f"{reason}; it begins {data[:80]!r}")


def _allowed(reference: re.Match[bytes]) -> bytes:
    """A character reference, or one to U+FFFD if XML 1.0 (section 2.2) forbids the character."""
    digits, base = (reference[1], 16) if reference[1] else (reference[2], 10)
    code = int(digits[:12], base)
    allowed = (
        code in (0x9, 0xA, 0xD)
        or 0x20 <= code <= 0xD7FF
        or 0xE000 <= code <= 0xFFFD
        or 0x10000 <= code <= 0x10FFFF
    )
    return reference[0] if allowed else b"&#xFFFD;"


class _Rows:
    """Takes the parser's events; keeps the attributes of the rows."""

    def __init__(self) -> None:
        self.found: list[dict[str, str]] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "row":
            self.found.append(dict(attributes))

    def close(self) -> list[dict[str, str]]:
        return self.found


def _parsed(data: bytes) -> list[dict[str, str]]:
    # Nothing can declare an entity inside an element; without "internal", `&amp;` would stay.
    parser = etree.XMLParser(
        target=cast("Any", _Rows()),
        encoding="utf-8",
        resolve_entities=cast("bool", "internal"),  # its type stubs are older
        no_network=True,
        load_dtd=False,
    )
    return cast("list[dict[str, str]]", etree.fromstring(b"<rows>" + data + b"</rows>", parser))


def _whole_rows(capture: Capture, target: int, longest: int) -> Iterator[tuple[bytes, bool, bool]]:
    """The capture cut before rows: the bytes, are they the first, are they the last."""
    is_first = True
    with capture.open() as stream:
        waiting = b""
        for _, block in blocks(stream, target):
            stop = waiting.rfind(_ROW)
            if is_first:
                first = _FIRST_ROW.search(waiting)
                start = first.start() if first else len(waiting)
            if stop > start:
                yield waiting[:stop], is_first, False
                waiting, is_first, start = waiting[stop:], False, 0
            waiting += block
            if len(waiting) > longest + 2 * target:
                raise SourceUnusable(
                    f"there is no <row> in {longest:,} bytes: this is no table of rows"
                )
        yield waiting, is_first, True


def _root_of(head: bytes) -> str:
    """The name of the root element that the bytes before the first row open."""
    if b"<!doctype" in head.lower():
        raise SourceUnusable("it has a document type (<!DOCTYPE): no export of rows needs one")
    parser = etree.XMLPullParser(
        ("start", "end"), resolve_entities=False, no_network=True, load_dtd=False
    )
    try:
        parser.feed(head + _ROW + b"/>")
        events = list(parser.read_events())
    except etree.XMLSyntaxError as error:
        raise SourceUnusable(f"it does not begin as XML: {error}") from error
    if [kind for kind, _ in events[:2]] != ["start", "start"]:
        raise SourceUnusable("its rows do not stand in one root element")
    declared = _ENCODING.match(head)
    encoding = declared[1].decode("ascii", "replace") if declared else "utf-8"
    if encoding.lower() not in ("utf-8", "utf8", "us-ascii", "ascii"):
        raise SourceUnusable(f"it declares the encoding {encoding!r}: save it as UTF-8")
    return str(etree.QName(cast("etree._Element", events[0][1])).localname)


def _without_end(data: bytes, root: str) -> bytes:
    end = f"</{root}>".encode()
    whole = data.rstrip()
    if not whole.endswith(end):
        raise SourceUnusable(f"it does not end with {end.decode()}: it is cut off")
    return whole[: -len(end)]


def _check_empty(data: bytes) -> None:
    """Raise SourceUnusable unless this is a whole XML file that has no row."""
    if b"<!doctype" in data.lower():
        raise SourceUnusable("it has a document type (<!DOCTYPE): no export of rows needs one")
    try:
        etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise SourceUnusable(f"it is not XML, or cut off: {error}") from error
