"""How does one JSON text become one typed record? Whatever is wrong with it costs only itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Generic, TypeVar

import msgspec

from clew.contract import Piece
from clew.errors import ItemError
from clew.formats.lines import lines

T = TypeVar("T")

SURROGATES = "lone surrogates replaced"
"""The note on a text with half a UTF-16 character: it is no Unicode, and no table can hold it."""

_ESCAPE = re.compile(
    rb"""\\(?:
        u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}  # a whole pair
        |(?P<lone>u[dD][89a-fA-F][0-9a-fA-F]{2})
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

    def decode(self, text: bytes, piece: Piece) -> T | ItemError:
        r"""The record that `text` holds, or why there is none.

        A lone surrogate (an escape such as `\ud800` without its other half) becomes U+FFFD, and
        the piece notes it.
        """
        try:
            return self._decoder.decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            mended, replaced = mend_surrogates(text)
            if not replaced:
                return _refusal(text, error)
        piece.note(SURROGATES)
        try:
            return self._decoder.decode(mended)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            return _refusal(text, error)

    def lines(self, piece: Piece) -> Iterator[T | ItemError]:
        """The records of a piece that `cut_lines` made (NDJSON, JSON Lines)."""
        decode = self._decoder.decode
        for line in lines(piece):
            try:
                record: T | ItemError = decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                record = self.decode(line, piece)
            yield record


def mend_surrogates(text: bytes) -> tuple[bytes, int]:
    """JSON text with every escaped lone surrogate made U+FFFD, and how many there were."""
    replaced = 0

    def mend(escape: re.Match[bytes]) -> bytes:
        nonlocal replaced
        if escape["lone"] is None:
            return escape[0]
        replaced += 1
        return rb"\ufffd"

    return _ESCAPE.sub(mend, text), replaced


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
