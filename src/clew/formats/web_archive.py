"""What did servers answer, as a WARC file keeps it? Each answer, without the transport around it.

WARC 1.0 and 1.1 (ISO 28500) and the older ARC, read by warcio. The file may be written by an
adversary, and so may each answer in it: headers are read within a fixed length, bodies are unpacked
here, in steps, because warcio unpacks a block at once and only prints that a body is damaged.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from contextlib import redirect_stderr
from typing import Any, BinaryIO, NamedTuple, Protocol, cast

import brotli
from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed

from clew.errors import ItemError, SourceUnusable
from clew.model.times import Micros, from_iso

ERRORS = (ArchiveLoadFailed, brotli.error)
"""What reading raises for a damaged archive, beside the errors of the packers."""

MARKS = (b"WARC/", b"filedesc://")
"""How a WARC or ARC file begins."""

_LONGEST_HEAD = 1 << 20  # of a record: its own headers and those of the answer
_STEP = 1 << 16


class Answer(NamedTuple):
    """One record."""

    address: str
    observed_at: Micros | None  # when it was fetched
    skipped: str | None  # why it has no body to read
    body: io.RawIOBase  # to be read before the next record is asked for


def answers(stream: BinaryIO) -> Iterator[Answer]:
    """Each record of an unpacked WARC file, in order.

    Raises SourceUnusable for a header that does not end, and `ERRORS`.
    """
    guarded = _Guarded(stream)
    records = iter(ArchiveIterator(guarded, arc2warc=True))
    while (record := _next(records)) is not None:
        guarded.head_left = None
        yield Answer(
            record.rec_headers.get_header("WARC-Target-URI") or "",
            _date(record.rec_headers.get_header("WARC-Date")),
            _skipped(record),
            _body(record),
        )
        while record.raw_stream.read(_STEP):
            pass
        guarded.head_left = _LONGEST_HEAD


def _next(records: Iterator[Any]) -> Any:
    try:
        with redirect_stderr(io.StringIO()):  # there warcio prints what it finds odd, unescaped
            return next(records, None)
    except (AttributeError, TypeError) as error:  # warcio on a record without a type or a length
        raise ArchiveLoadFailed(f"a record lacks what every record has: {error}") from error


class _Guarded:
    """The stream that warcio reads: a header within it must end."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.head_left: int | None = _LONGEST_HEAD

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        if self.head_left is not None:
            self.head_left -= len(data)
            if self.head_left < 0:
                raise SourceUnusable(f"a header is longer than {_LONGEST_HEAD:,} bytes")
        return data

    def tell(self) -> int:
        return self._stream.tell()

    def close(self) -> None:
        self._stream.close()


def _date(text: str | None) -> Micros | None:
    try:
        return from_iso(text) if text else None
    except ItemError:
        return None


_KINDS = ("response", "resource", "conversion")


def _skipped(record: Any) -> str | None:
    if record.rec_type not in _KINDS:
        kind = record.rec_type if str(record.rec_type).isalpha() else "unknown"
        return f"is a record of kind {kind} in a web archive"
    if record.http_headers and not (record.http_headers.get_statuscode() or "").startswith("2"):
        return "is a web page that was not there (an answer other than 2xx)"
    return None


# ----------------------------------------------------------------------------- what is in an answer


class _Unpacker(Protocol):
    def step(self, data: bytes) -> bytes:
        """Some of what `data`, and what was handed in before, unpacks to; empty: hand in more."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing after what was handed in."""


def _body(record: Any) -> io.RawIOBase:
    headers = record.http_headers
    stream = record.raw_stream
    if not headers:
        return _Body(stream, _Plain())
    if (headers.get_header("Transfer-Encoding") or "").lower() == "chunked":
        stream = ChunkedDataReader(stream)
    match (headers.get_header("Content-Encoding") or "").strip().lower():
        case "gzip" | "x-gzip":
            return _Body(stream, _Zlib(zlib.MAX_WBITS | 32))
        case "deflate":
            return _Body(stream, _Zlib(zlib.MAX_WBITS))
        case "br":
            return _Body(stream, _Brotli())
        case _:
            return _Body(stream, _Plain())


class _Plain:
    is_whole = True

    def step(self, data: bytes) -> bytes:
        return data


class _Zlib:
    """gzip and deflate. Some tools keep the header of a body that they have unpacked already."""

    def __init__(self, window: int) -> None:
        self._unpacker = zlib.decompressobj(window)
        self._is_first = True
        self._is_plain = False

    def step(self, data: bytes) -> bytes:
        if self._is_plain:
            return data
        waiting = self._unpacker.unconsumed_tail + data
        if not waiting:
            return b""
        try:
            found = self._unpacker.decompress(waiting, _STEP)
        except zlib.error:
            if not self._is_first:
                raise
            self._is_plain = True
            return data
        self._is_first = False
        return found

    @property
    def is_whole(self) -> bool:
        return self._is_first or self._is_plain or self._unpacker.eof


class _Brotli:
    """Brotli (RFC 7932), within a fixed output for each step."""

    def __init__(self) -> None:
        self._unpacker = brotli.Decompressor()
        self._waiting = b""
        self._is_first = True
        self._is_plain = False

    def step(self, data: bytes) -> bytes:
        if self._is_plain:
            return data
        self._waiting += data
        if self._is_first and not self._waiting:
            return b""
        given = b""
        if self._unpacker.can_accept_more_data():
            given, self._waiting = self._waiting, b""
        try:
            found = cast("bytes", self._unpacker.process(given, output_buffer_limit=_STEP))
        except brotli.error:
            if not self._is_first:
                raise
            self._is_plain = True
            return data
        self._is_first = False
        return found

    @property
    def is_whole(self) -> bool:
        return self._is_first or self._is_plain or bool(self._unpacker.is_finished())


class _Body(io.RawIOBase):
    """The body of an answer, unpacked as it is read."""

    def __init__(self, stream: Any, unpacker: _Unpacker) -> None:
        self._stream = stream
        self._unpacker = unpacker
        self._ready = b""
        self._is_at_end = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready:
            self._ready = self._unpacker.step(b"")
            if not self._ready:
                if self._is_at_end:
                    if not self._unpacker.is_whole:
                        raise EOFError("an answer in the web archive is cut short")
                    return 0
                data = self._stream.read(_STEP)
                self._is_at_end = not data
                self._ready = self._unpacker.step(data)
        data, self._ready = self._ready[: len(buffer)], self._ready[len(buffer) :]
        buffer[: len(data)] = data
        return len(data)
