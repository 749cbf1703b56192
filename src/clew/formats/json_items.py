"""How does one JSON text become one typed record? Whatever is wrong with it costs only itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Generic, TypeVar

import msgspec

from clew.contract import Piece
from clew.errors import ItemError
from clew.formats.json_stream import Slice, split, split_member
from clew.formats.lines import lines

T = TypeVar("T")

SURROGATES = "lone surrogates replaced"
"""Half a UTF-16 character is no Unicode, and no table can hold it: it becomes U+FFFD."""

CONTROLS = "control characters written as \\x read as such"
"""JSON has no escape such as `\\x1F`, but Telegram Desktop writes it."""

SEPARATORS = "line separators written twice read once"
"""Telegram Desktop writes U+2028 and U+2029 as an escape and two stray bytes of their UTF-8."""

_ESCAPE = re.compile(
    rb"""\\(?:
        u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}  # a whole pair
        |(?P<surrogate>u[dD][89a-fA-F][0-9a-fA-F]{2})
        |x(?P<control>[0-9a-fA-F]{2})
        |(?P<separator>u202(?:8(?=\x80\xa8)|9(?=\x80\xa9)))..
        |.  # any other escape, a backslash above all
    )""",
    re.VERBOSE | re.DOTALL,
)


class ItemDecoder(Generic[T]):
    """Decodes JSON texts that hold one record each.

    Args:
        kind: the type of a record: a `msgspec.Struct` (with `gc=False`, for speed) or any other
            type that msgspec knows.
    """

    def __init__(self, kind: type[T]) -> None:
        self._decoder = msgspec.json.Decoder(kind)
        self._list_decoder = msgspec.json.Decoder(list[kind])  # type: ignore[valid-type]

    def decode(self, text: bytes, piece: Piece) -> T | ItemError:
        """The record that `text` holds, or why there is none.

        What writers are known to get wrong in strings is mended, and the piece notes it.
        """
        try:
            return self._decoder.decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            mended, notes = mend(text)
            if not notes:
                return _refusal(text, error)
        try:
            record = self._decoder.decode(mended)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            return _refusal(text, error)
        for note in notes:
            piece.note(note)
        return record

    def lines(self, piece: Piece) -> Iterator[T | ItemError]:
        """The records of a piece that `cut_lines` made (NDJSON, JSON Lines)."""
        decode = self._decoder.decode
        for line in lines(piece):
            try:
                record: T | ItemError = decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                record = self.decode(line, piece)
            yield record

    def elements(self, part: Slice, piece: Piece) -> Iterator[T | ItemError]:
        """The records of an array's slice, as `cut_json` makes them."""
        try:
            records = self._list_decoder.decode(part.data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            records = []
        if len(records) == part.items:
            yield from records
        else:
            for text in split(part.data):
                yield self.decode(text, piece)

    def members(self, part: Slice, piece: Piece) -> Iterator[tuple[str, T] | ItemError]:
        """The members of an object's slice, as `cut_json` makes them: name and record.

        Members of the same name are all handed out.
        """
        for text in split(part.data) if part.items else ():
            member = split_member(text)
            if member is None:
                yield _refusal(text, msgspec.DecodeError("not a member of an object"))
                continue
            name, value = member
            record = self.decode(value, piece)
            yield record if isinstance(record, ItemError) else (name, record)


def mend(text: bytes) -> tuple[bytes, set[str]]:
    """JSON text without the faults that writers are known for, and a note on each that it had."""
    notes: set[str] = set()

    def mended(escape: re.Match[bytes]) -> bytes:
        if escape["surrogate"]:
            notes.add(SURROGATES)
            return rb"\ufffd"
        if escape["control"]:
            notes.add(CONTROLS)
            return rb"\u00" + escape["control"]
        if escape["separator"]:
            notes.add(SEPARATORS)
            return b"\\" + escape["separator"]
        return escape[0]

    return _ESCAPE.sub(mended, text), notes


def _refusal(text: bytes, error: Exception) -> ItemError:
    match error:
        case RecursionError():
            reason, what = "nested too deep", "brackets within brackets"
        case UnicodeDecodeError():
            reason, what = "not UTF-8", str(error)
        case msgspec.ValidationError():
            reason, what = "unexpected structure", str(error)
        case _:
            reason, what = "not JSON", str(error)
    return ItemError(reason, f"{what}; it begins {text[:80]!r}")
