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
from typing import Any, BinaryIO, NamedTuple, cast

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


def _body(record: Any) -> io.RawIOBase:
    headers = record.http_headers
    stream = record.raw_stream
    if not headers:
        return _Body(stream, _Plain())
    if (headers.get_header("Transfer-Encoding") or "").lower() == "chunked":
        stream = ChunkedDataReader(stream)
    match (headers.get_header("Content-Encoding") or "").strip().lower():
        case "gzip" | "x-gzip":
            return _Body(stream, _Packed(_Zlib(zlib.MAX_WBITS | 32)))
        case "deflate":
            return _Body(stream, _Packed(_Zlib(zlib.MAX_WBITS)))
        case "br":
            return _Body(stream, _Packed(_Brotli()))
        case _:
            return _Body(stream, _Plain())


class _Plain:
    """A body that is not packed."""

    is_whole = True

    def step(self, data: bytes) -> bytes:
        """What `data` unpacks to."""
        return data


class _Packed:
    """A packed body. Some tools keep the header of one that they have unpacked already."""

    def __init__(self, unpacker: _Zlib | _Brotli) -> None:
        self._unpacker = unpacker
        self._is_unpacking: bool | None = None  # not known before the first bytes

    def step(self, data: bytes) -> bytes:
        """Some of what `data`, and what was handed in before, unpacks to; empty: hand in more."""
        if self._is_unpacking is False:
            return data
        if self._is_unpacking is None and not data:
            return b""
        try:
            found = self._unpacker.unpack(data)
        except (zlib.error, brotli.error):
            if self._is_unpacking:
                raise
            self._is_unpacking = False
            return data
        self._is_unpacking = True
        return found

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing after what was handed in."""
        return not self._is_unpacking or self._unpacker.is_at_end


class _Zlib:
    """gzip and deflate, at most a step at once."""

    def __init__(self, window: int) -> None:
        self._unpacker = zlib.decompressobj(window)

    def unpack(self, data: bytes) -> bytes:
        return self._unpacker.decompress(self._unpacker.unconsumed_tail + data, _STEP)

    @property
    def is_at_end(self) -> bool:
        return self._unpacker.eof


class _Brotli:
    """Brotli (RFC 7932), at most a step at once."""

    def __init__(self) -> None:
        self._unpacker = brotli.Decompressor()
        self._waiting = b""

    def unpack(self, data: bytes) -> bytes:
        self._waiting += data
        given = b""
        if self._unpacker.can_accept_more_data():
            given, self._waiting = self._waiting, b""
        return cast("bytes", self._unpacker.process(given, output_buffer_limit=_STEP))

    @property
    def is_at_end(self) -> bool:
        return bool(self._unpacker.is_finished())


class _Body(io.RawIOBase):
    """The body of an answer, unpacked as it is read."""

    def __init__(self, stream: Any, unpacker: _Plain | _Packed) -> None:
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
