"""How is JSON read that stands in a JavaScript file as the value of a variable: `x = […];`?"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, cast

from clew.contract import Capture, Piece
from clew.errors import SourceUnusable
from clew.formats.json_stream import Wanted, cut_json
from clew.model.times import Micros

_LONGEST_HEAD = 1 << 12
_HEAD = re.compile(rb"\s*(?:(?:var|let|const)\s+)?([A-Za-z_$][\w$.]{0,200})\s*=\s*(?=[\[{])")
_END = b"; \t\r\n"


def assigned_name(head: bytes) -> str | None:
    """The variable that a file gives its value; None: the file does not begin like that."""
    found = _HEAD.match(head.removeprefix(b"\xef\xbb\xbf")[:_LONGEST_HEAD])
    return found[1].decode() if found else None


def cut_assigned(capture: Capture, options: Any, *, wanted: Sequence[Wanted]) -> Iterator[Piece]:
    """Cut the JSON value of a JavaScript file into pieces, as `cut_json` does.

    Raises SourceUnusable as `cut_json` does, and if no value is assigned at the start.
    """
    for piece in cut_json(_Value(capture), options, wanted=wanted):
        piece.capture = capture
        yield piece


class _Value:
    """The value alone, as a capture."""

    def __init__(self, capture: Capture) -> None:
        self._capture = capture

    @property
    def capture_id(self) -> str:
        return self._capture.capture_id

    @property
    def name(self) -> str:
        return self._capture.name

    @property
    def size(self) -> int:
        return self._capture.size

    @property
    def observed_at(self) -> Micros | None:
        return self._capture.observed_at

    def open(self) -> BinaryIO:
        return cast("BinaryIO", io.BufferedReader(_WithoutEnd(self._capture.open())))


class _WithoutEnd(io.RawIOBase):
    """A stream behind `x =` and without the `;` at its end."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        head = stream.read(_LONGEST_HEAD).removeprefix(b"\xef\xbb\xbf")
        found = _HEAD.match(head)
        if found is None:
            raise SourceUnusable("this is no JavaScript file with a JSON value")
        self._held = head[found.end() :]

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)
        ready = b""
        while not ready:
            block = self._stream.read(len(view))
            data = self._held + block
            # What may be the end waits until more comes.
            ready = data.rstrip(_END)[: len(view)]
            self._held = data[len(ready) :]
            if not block:
                break
        view[: len(ready)] = ready
        return len(ready)

    def close(self) -> None:
        self._stream.close()
        super().close()
