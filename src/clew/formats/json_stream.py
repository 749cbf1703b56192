"""How is one JSON document of any size read? In slices of whole elements of the arrays asked for.

A Telegram export is one document with millions of messages in arrays at known places. `cut_json`
walks the document once and makes pieces of it that other processes decode; no more than one piece
is held at a time:

    def cut(capture, options):
        wanted = [Wanted(path="messages", header=("name", "id"), key="id")]
        return cut_json(capture, options, wanted=wanted)

    def items(piece):
        for part in slices(piece):
            chat = CHATS.decode(part.header, piece)  # CHATS, MESSAGES: an `ItemDecoder` each
            for message in MESSAGES.elements(part, piece):
                yield message, chat

Where an element ends is found by counting brackets in vectorised passes over each block: exact, and
linear in the bytes whatever they hold (`clew.formats.json_nesting`). What is asked for is checked
by the decoder that reads it; what is not asked for is skipped, and only its brackets and strings
must close.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, NamedTuple

import msgspec

from clew.contract import Capture, Piece
from clew.errors import SourceUnusable
from clew.formats.json_nesting import Nesting
from clew.formats.lines import LONGEST, TARGET, blocks

LONGEST_HEADER = 16 << 20
"""The longest value, in bytes, that a header or a `whole` value may have."""

_SPACE = re.compile(rb"[ \t\n\r]*")
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_NUMBER = rb"-?(?:0|[1-9]\d*+)(?:\.\d++)?(?:[eE][-+]?\d++)?"
_SCALAR = re.compile(rb"(?:true|false|null|" + _NUMBER + rb")(?![-+.\w])")
_LONGEST_SCALAR = 1 << 13
_BLOCK = 1 << 18  # what the processor's cache holds
_WINDOWS = (1 << 10, 1 << 13)  # small values cost small scans; then whole blocks
_CLOSING = {b"[": b"]", b"{": b"}"}
_SHARE_BYTES = 500  # what an empty array costs a piece: millions of them must not fill one


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One place of the document whose content is wanted.

    Attributes:
        path: the names that lead there from the root, joined by dots; `*` is any name or index, an
            empty path the root itself.
        header: members of the object around it that are handed out with every slice.
        key: the member of `header` without which the slice makes no sense. A document that has it
            only behind the array is read twice: first for the headers, then for the slices.
        whole: the value is one record, not a container of records.
        counts_header: the header is an item of its own, in front of the elements.
    """

    path: str
    header: tuple[str, ...] = ()
    key: str | None = None
    whole: bool = False
    counts_header: bool = False

    @property
    def steps(self) -> tuple[str, ...]:
        """The path, name by name."""
        return tuple(self.path.split(".")) if self.path else ()


class Slice(NamedTuple):
    """Some whole elements of one wanted array (or members of one wanted object), as JSON text."""

    wanted: str  # the path it was asked for by
    path: tuple[str, ...]  # where it really stands; indexes as decimal digits
    header: bytes  # the members asked for of the object around it: a JSON object
    data: bytes  # `[…]`, `{…}`, or the one value that was wanted whole
    items: int  # how many elements, members or values `data` holds
    is_first: bool  # no slice of the same container came before it


class _Share(NamedTuple):
    """A slice within a piece: where in the piece's bytes its data stands."""

    wanted: str
    path: tuple[str, ...]
    header: bytes
    start: int
    stop: int
    items: int
    is_first: bool


class Context(NamedTuple):
    """What a piece knows of its slices; `more` is for the source."""

    shares: tuple[_Share, ...]
    more: Any = None


def cut_json(
    capture: Capture,
    options: Any,
    *,
    wanted: Sequence[Wanted],
    target: int = TARGET,
    longest: int = LONGEST,
) -> Iterator[Piece]:
    """Cut a JSON document into pieces of about `target` bytes of what is wanted.

    Small arrays share a piece, a large one fills several; `slices` takes a piece apart again. Items
    are numbered through the document: each element, member or whole value is one, and so is each
    header that counts. A UTF-8 byte-order mark is dropped.

    Raises SourceUnusable, naming the byte, for a document that is cut short, is followed by more or
    is not JSON where it had to be read; for UTF-16 text; for an element longer than `longest`
    bytes; and if nothing stands at any of the wanted places.
    """
    shares: list[_Share] = []
    texts: list[bytes] = []
    size = weight = items = first_item = 0
    empty = True
    for found in _with_headers(capture, wanted, target, longest):
        place, stop = found.wanted, size + len(found.data)
        header = found.around.header(place.header)
        shares.append(
            _Share(place.path, found.path, header, size, stop, found.items, found.is_first)
        )
        texts.append(found.data)
        size, empty = stop, False
        weight += len(found.data) + len(header) + _SHARE_BYTES
        items += found.items + (found.is_first and place.counts_header)
        if weight >= target:
            yield _piece(capture, options, texts, first_item, shares)
            first_item += items
            shares, texts, size, weight, items = [], [], 0, 0, 0
    if empty:
        places = " or ".join(place.path or "its root" for place in wanted)
        raise SourceUnusable(f"this JSON document has nothing at {places}")
    if shares:
        yield _piece(capture, options, texts, first_item, shares)


def slices(piece: Piece) -> Iterator[Slice]:
    """The slices of a piece that `cut_json` made."""
    data = piece.data or b""
    for wanted, path, header, start, stop, items, is_first in piece.context.shares:
        yield Slice(wanted, path, header, data[start:stop], items, is_first)


def split(data: bytes) -> list[bytes]:
    """The elements of an array or the members of an object, each as text, cut at its commas.

    It is for slices with an element that is not JSON, so that only that one is lost.
    """
    stops, _ = Nesting().stops(data)
    starts = [1, *(stop + 1 for stop in stops)]
    return [data[start:stop] for start, stop in zip(starts, stops, strict=False)]


def split_member(member: bytes) -> tuple[str, bytes] | None:
    """The name and the value's text of a member of an object; None if it is not `"name": …`."""
    name = _STRING.match(member, _skip_space(member, 0))
    if name is None:
        return None
    colon = _skip_space(member, name.end())
    return (_text(name[0]), member[colon + 1 :]) if member[colon : colon + 1] == b":" else None


def _piece(
    capture: Capture, options: Any, texts: list[bytes], first_item: int, shares: list[_Share]
) -> Piece:
    return Piece(
        capture=capture,
        options=options,
        data=b"".join(texts),
        first_item=first_item,
        context=Context(tuple(shares)),
    )


# ------------------------------------------------------------------------------------- the walk


@dataclass
class _Object:
    """An object of the document on the way to something wanted."""

    start: int  # its first byte, which names it
    members: dict[str, bytes] = field(default_factory=dict)

    def header(self, names: Sequence[str]) -> bytes:
        """The named members as a JSON object."""
        text = b",".join(
            msgspec.json.encode(name) + b":" + self.members[name]
            for name in names
            if name in self.members
        )
        return b"{" + text + b"}"


class _Found(NamedTuple):
    wanted: Wanted
    path: tuple[str, ...]
    around: _Object
    data: bytes
    items: int
    is_first: bool


def _with_headers(
    capture: Capture, wanted: Sequence[Wanted], target: int, longest: int
) -> Iterator[_Found]:
    complete: dict[int, _Object] = {}
    with capture.open() as stream:
        for found in _Walk(stream, wanted, target, longest).document():
            key, around = found.wanted.key, found.around
            if key and key not in around.members:
                complete = complete or _complete(capture, wanted, target, longest)
                around = complete[around.start]
            yield found._replace(around=around)


def _complete(
    capture: Capture, wanted: Sequence[Wanted], target: int, longest: int
) -> dict[int, _Object]:
    """Every object around something wanted, with the members that stand behind it too."""
    with capture.open() as stream:
        walk = _Walk(stream, wanted, target, longest).document()
        return {found.around.start: found.around for found in walk}


# What of a path is still to go, for everything wanted that may lie below a value.
_Open = list[tuple[Wanted, tuple[str, ...]]]


class _Walk:
    """Goes through a document from front to back, holding one block and what waits of a slice."""

    def __init__(
        self, stream: BinaryIO, wanted: Sequence[Wanted], target: int, longest: int
    ) -> None:
        self._target = target
        self._longest = longest
        self._size = min(_BLOCK, target, longest)  # of a block
        self._wanted: _Open = [(place, place.steps) for place in wanted]
        self._blocks = blocks(stream, self._size)
        self._buffer = b""
        self._at = 0  # the next byte, within the buffer
        self._offset = 0  # of the buffer's first byte, within the capture

    def document(self) -> Iterator[_Found]:
        """Everything wanted of the document, in its order."""
        yield from self._value(self._wanted, (), _Object(-1))
        if self._peek(end_is_fine=True):
            raise SourceUnusable(
                f"the JSON document has ended, but more follows at byte {self._place:,}"
            )

    def _value(self, wanted: _Open, path: tuple[str, ...], around: _Object) -> Iterator[_Found]:
        opening = self._peek()
        here = next((place for place, steps in wanted if not steps), None)
        if here and here.whole:
            yield _Found(here, path, around, self._take(), 1, True)
        elif opening not in _CLOSING:
            self._scalar()
        elif here:
            is_first = True
            for data, items in self._elements(opening):
                yield _Found(here, path, around, data, items, is_first)
                is_first = False
        elif opening == b"[":
            yield from self._array(wanted, path, around)
        else:
            yield from self._object(wanted, path)

    def _array(self, wanted: _Open, path: tuple[str, ...], around: _Object) -> Iterator[_Found]:
        for index in self._members(b"[", b"]"):
            below = _below(wanted, str(index))
            if below:
                yield from self._value(below, (*path, str(index)), around)
            else:
                self._skip()

    def _object(self, wanted: _Open, path: tuple[str, ...]) -> Iterator[_Found]:
        around = _Object(self._place)
        kept = {name for place, steps in wanted if len(steps) == 1 for name in place.header}
        for _ in self._members(b"{", b"}"):
            name = self._name()
            below = _below(wanted, name)
            if below:
                yield from self._value(below, (*path, name), around)
            elif name in kept:
                around.members[name] = self._take()
            else:
                self._skip()

    def _members(self, opening: bytes, closing: bytes) -> Iterator[int]:
        """Stands before each member in turn, by number; behind the closing bracket at the end."""
        self._expect(opening)
        if self._peek() == closing:
            self._at += 1
            return
        number = 0
        while True:
            yield number
            number += 1
            if self._peek() == closing:
                self._at += 1
                return
            self._expect(b",")

    def _name(self) -> str:
        if self._peek() != b'"':
            raise self._unexpected("the name of a member")
        name = self._string()
        self._expect(b":")
        return _text(name)

    # ------------------------------------------------------------------------------- one value

    def _elements(self, opening: bytes) -> Iterator[tuple[bytes, int]]:
        """The container that starts here in slices of whole elements, and how many each holds."""
        closing = _CLOSING[opening]
        nesting = Nesting()
        nesting.stops(opening)
        self._at += 1
        waiting: list[bytes] = []  # the slice so far, and how many of its elements have ended
        size = items = 0
        since = 0  # bytes since the last of them ended
        is_first = True
        while True:
            block = self._block(self._size)
            stops, is_closed = nesting.stops(block)
            if since + (stops[0] if stops else len(block)) > self._longest:
                raise SourceUnusable(
                    f"the element that starts at byte {self._place - since:,} is longer than "
                    f"{self._longest:,} bytes: no record is that long"
                )
            items += len(stops)
            last = stops[-1] if stops else None
            if last is not None and (is_closed or size + last >= self._target):
                text = b"".join([opening, *waiting, memoryview(block)[:last], closing])
                is_empty = is_closed and is_first and items == 1 and not text[1:-1].strip()
                self._at += last
                self._expect(closing if is_closed else b",")
                yield text, 0 if is_empty else items
                if is_closed:
                    return
                block, last = block[last + 1 :], None
                waiting, size, items, since, is_first = [], 0, 0, 0, False
            waiting.append(block)
            size += len(block)
            since = since + len(block) if last is None else len(block) - last - 1
            self._at += len(block)

    def _take(self) -> bytes:
        """The text of the value that starts here."""
        opening = self._peek()
        if opening not in _CLOSING:
            return self._scalar()
        start, parts = self._place, []
        for part in self._parts():
            parts.append(part)
            if self._place - start > LONGEST_HEADER:
                raise self._too_long(start)
        return b"".join(parts)

    def _skip(self) -> None:
        if self._peek() not in _CLOSING:
            self._scalar()
            return
        for _ in self._parts():
            pass

    def _parts(self) -> Iterator[bytes]:
        """The container that starts here, read part by part."""
        nesting = Nesting()
        windows = iter(_WINDOWS)
        while True:
            block = self._block(next(windows, self._size))
            end = nesting.end(block)
            part = block if end is None else block[: end + 1]
            self._at += len(part)
            yield part
            if end is not None:
                return

    def _scalar(self) -> bytes:
        if self._peek() == b'"':
            return self._string()
        while len(self._buffer) - self._at < _LONGEST_SCALAR and self._more():
            pass
        match = _SCALAR.match(self._buffer, self._at, self._at + _LONGEST_SCALAR)
        if match is None:
            raise self._unexpected("a value")
        self._at = match.end()
        return match[0]

    def _string(self) -> bytes:
        while (match := _STRING.match(self._buffer, self._at)) is None:
            held = len(self._buffer) - self._at
            if held > LONGEST_HEADER:
                raise self._too_long(self._place)
            if not self._more():
                raise self._cut_short()
            while len(self._buffer) < 2 * held and self._more():
                pass  # to look at twice as much: each byte is looked at about twice, then
        self._at = match.end()
        return match[0]

    # ----------------------------------------------------------------------------------- bytes

    @property
    def _place(self) -> int:
        return self._offset + self._at

    def _more(self) -> bool:
        """Put another block behind what is left of the buffer; False at the end of the capture."""
        offset, block = next(self._blocks, (0, b""))
        if not block:
            return False
        rest = self._buffer[self._at :]
        self._buffer, self._at, self._offset = rest + block, 0, offset - len(rest)
        return True

    def _block(self, size: int) -> bytes:
        """The next bytes, `size` at most and one at least, without going past them."""
        if self._at == len(self._buffer) and not self._more():
            raise self._cut_short()
        return self._buffer[self._at : self._at + size]

    def _peek(self, *, end_is_fine: bool = False) -> bytes:
        """The next byte that is not white space, without going past it."""
        while True:
            self._at = _skip_space(self._buffer, self._at)
            if self._at < len(self._buffer):
                return self._buffer[self._at : self._at + 1]
            if not self._more():
                if end_is_fine:
                    return b""
                raise self._cut_short()

    def _expect(self, byte: bytes) -> None:
        if self._peek() != byte:
            raise self._unexpected(repr(byte.decode()))
        self._at += 1

    def _cut_short(self) -> SourceUnusable:
        end = self._offset + len(self._buffer)
        return SourceUnusable(f"the JSON document is cut short: the file ends at byte {end:,}")

    def _too_long(self, start: int) -> SourceUnusable:
        return SourceUnusable(
            f"the value that starts at byte {start:,} is longer than {LONGEST_HEADER:,} bytes: "
            "it cannot be held whole"
        )

    def _unexpected(self, what: str) -> SourceUnusable:
        seen = self._buffer[self._at : self._at + 20]
        return SourceUnusable(f"at byte {self._place:,} {what} is missing: there is {seen!r}")


def _below(wanted: _Open, name: str) -> _Open:
    return [(place, steps[1:]) for place, steps in wanted if steps and steps[0] in (name, "*")]


def _skip_space(data: bytes, at: int) -> int:
    match = _SPACE.match(data, at)
    return match.end() if match else at


def _text(string: bytes) -> str:
    try:
        return msgspec.json.decode(string, type=str)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return string[1:-1].decode("utf-8", "replace")
