"""What is inside an archive or a packed file? Its members, one after another, as streams.

zip, 7z, tar, web archives (WARC; WACZ is a zip of them) and single files packed by gzip, bzip2, xz
or zstd (a tar in one of these is opened too). Every archive may be written by an adversary: nothing
is ever written to disk, names are labels and no paths, no declared size is believed, and what
expands too far is stopped meanwhile.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import stat
import struct
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from clew.errors import SourceUnusable
from clew.formats import web_archive
from clew.model.times import Micros

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

HEAD = 1 << 20
"""So many bytes of any member can be read and the member then opened again."""

_BLOCK = 1 << 18
_TAR_HEADER = 1 << 17  # tarfile holds a header in memory: one that is longer is an attack
_ZIP_DIRECTORY = 1 << 26  # zipfile holds the directory in memory, at twelve times its size
_WINDOW = int(zstd.DecompressionParameter.window_log_max)  # 31: what `zstd --long=31` needs
_7Z_STEP = 1 << 25  # less, and py7zr reads on while its decoder still holds input
_MAGIC = {
    "gz": re.compile(rb"\x1f\x8b\x08"),
    "bz2": re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"),
    "xz": re.compile(rb"\xfd7zXZ\0"),
    "zst": re.compile(rb"\x28\xb5\x2f\xfd"),
}
_PACKED_SUFFIX = re.compile(r"\.(?:gz|gzip|bz2|xz|zst|zstd)\Z", re.IGNORECASE)
_DOCUMENT_SUFFIX = re.compile(
    r"\.(?:xls[xmb]|doc[xm]|ppt[xm]|od[tsp]|epub|jar|apk|mtgx|mtz)\Z", re.IGNORECASE
)
_FIRST_IN_DOCUMENT = (b"[Content_Types].xml", b"mimetype", b"_rels/", b"docProps/", b"META-INF/")
_UNSHOWABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]"
)

# What the libraries raise for damaged input, documented or not (found by mutation).
_ERRORS = (
    EOFError,
    IndexError,
    MemoryError,
    NotImplementedError,
    OverflowError,
    ValueError,
    lzma.LZMAError,
    struct.error,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    zstd.ZstdError,
    *web_archive.ERRORS,
)
_7Z_ERRORS = (AssertionError, AttributeError, KeyError, TypeError)


@dataclass(kw_only=True)
class Budget:
    """How far an archive may expand. One budget can serve an archive and those within it.

    Text packs 5 to 100 times, a bomb a thousand times and more.
    """

    packed: int  # bytes on disk that everything comes from
    max_total: int = 4 << 40
    max_ratio: int = 1000
    free: int = 1 << 30  # so many bytes may expand at any ratio
    max_members: int = 1_000_000
    expanded: int = 0
    members: int = 0

    def spend(self, size: int) -> None:
        """Count expanded bytes; raises SourceUnusable when they become too many."""
        self.expanded += size
        if self.expanded > self.max_total:
            raise SourceUnusable(f"the archive expands to more than {self.max_total:,} bytes")
        if self.expanded > max(self.free, self.max_ratio * self.packed):
            raise SourceUnusable(
                f"the archive expands more than {self.max_ratio:,}-fold: it is a bomb, not data"
            )

    def count_member(self) -> None:
        """Count a member; raises SourceUnusable when they become too many."""
        self.members += 1
        if self.members > self.max_members:
            raise SourceUnusable(f"the archive has more than {self.max_members:,} members")


class Member:
    """One file in a container.

    Attributes:
        name: safe to show and to join: relative, no `..`, no control or direction characters.
        original: the name as stored.
        size: in bytes, as declared; None if the container does not declare it.
        skipped: why it has no bytes to read ("is a link"), else None.
        observed_at: when it was taken, if the container says so (a web archive), else None.
    """

    def __init__(
        self,
        original: str,
        size: int | None,
        start: Callable[[], Any] | str,
        *,
        observed_at: Micros | None = None,
    ) -> None:
        self.name = safe_name(original)
        self.original = original
        self.size = size
        self.observed_at = observed_at
        self.skipped = start if isinstance(start, str) else None
        self._start = start
        self._replay: _Replay | None = None

    def open(self) -> BinaryIO:
        """Its bytes from the start, as a stream; counts what it expands.

        To be read before the container moves on to its next member. It can be opened again as long
        as no more than `HEAD` bytes were read.
        Raises SourceUnusable, here or while it is read, for what is encrypted, damaged or a bomb.
        """
        if isinstance(self._start, str):
            raise SourceUnusable(f"{self.name} {self._start}")
        if self._replay is None:
            with _damage():
                self._replay = _Replay(self._start())
        return cast("BinaryIO", io.BufferedReader(_Again(self._replay)))


def kind_of(head: bytes, name: str) -> str | None:
    """Which container begins like this: zip, 7z, tar, warc, gz, bz2, xz, zst; None if none does.

    `head` is the first bytes of the file, at least 512. Office documents and the like are zip
    files that are no containers: only there does the name help.
    """
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        is_document = head.startswith(_FIRST_IN_DOCUMENT, 30) or _DOCUMENT_SUFFIX.search(name)
        return None if is_document else "zip"
    if head.startswith(b"7z\xbc\xaf\x27\x1c"):
        return "7z"
    if _begins_web_archive(head):
        return "warc"
    for kind, magic in _MAGIC.items():
        if magic.match(head):
            return kind
    return "tar" if _begins_tar(head) else None


def members(
    source: Path | BinaryIO, kind: str, *, name: str = "", budget: Budget | None = None
) -> Iterator[Member]:
    """Each file in a container of this kind, in order; folders are left out.

    Args:
        source: the container, or a seekable stream of it.
        kind: what `kind_of` says it is.
        name: its name, if `source` is a stream: a packed file's member is named after it.
        budget: what to count against; None: a new one for the container's size.

    Raises SourceUnusable for what is cut off, damaged, encrypted or a bomb.
    """
    if isinstance(source, Path):
        with source.open("rb") as file:
            yield from members(file, kind, name=name or source.name, budget=budget)
        return
    if budget is None:
        budget = Budget(packed=source.seek(0, io.SEEK_END))
    source.seek(0)
    match kind:
        case "zip":
            found = _zip(source, budget)
        case "7z":
            found = _seven_zip(source, budget)
        case "tar":
            found = _tar(source)
        case "warc":
            found = _web_archive(source, budget)
        case _:
            found = _packed(source, kind, name, budget)
    with _damage():
        for member in found:
            budget.count_member()
            yield member


def safe_name(original: str) -> str:
    """A stored name as a relative path that is safe to show and to join; "unnamed" if none is."""
    parts = [
        _UNSHOWABLE.sub("\ufffd", part)[:255]
        for part in re.split(r"[\\/]+", original)
        if part not in ("", ".", "..") and not re.fullmatch("[A-Za-z]:", part)
    ]
    return "/".join(parts) or "unnamed"


# ----------------------------------------------------------------------------- kinds of containers


def _zip(file: BinaryIO, budget: Budget) -> Iterator[Member]:
    if _directory_size(file) > _ZIP_DIRECTORY:
        raise SourceUnusable(f"the zip's directory is longer than {_ZIP_DIRECTORY:,} bytes")
    with zipfile.ZipFile(file) as archive:
        entries = archive.infolist()
        _refuse_overlaps(entries, archive.start_dir)
        for entry in entries:
            if not entry.is_dir():
                start = _special(entry.external_attr >> 16) or _zip_opener(archive, entry, budget)
                yield Member(entry.filename, entry.file_size, start)


def _zip_opener(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: Budget
) -> Callable[[], BinaryIO]:
    def start() -> BinaryIO:
        if entry.flag_bits & 0x1:
            raise _encrypted(safe_name(entry.filename))
        return _counted(archive.open(entry), budget)

    return start


def _directory_size(file: BinaryIO) -> int:
    """The length of a zip's central directory, as zipfile will take it; 0 if there is none."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - (1 << 16) - 128))
    tail = file.read()
    file.seek(0)
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or end + 16 > len(tail):
        return 0
    if tail[max(0, end - 20) : end].startswith(b"PK\x06\x07") and end >= 76:  # zip64
        return int(struct.unpack_from("<Q", tail, end - 76 + 40)[0])
    return int(struct.unpack_from("<L", tail, end + 12)[0])


def _refuse_overlaps(entries: list[zipfile.ZipInfo], end: int) -> None:
    """Raise SourceUnusable if members share bytes: so a small zip expands without limit."""
    for entry in sorted(entries, key=lambda entry: entry.header_offset, reverse=True):
        if entry.header_offset + 30 + entry.compress_size > end:
            raise SourceUnusable("members of the zip overlap: it is a bomb, or damaged")
        end = entry.header_offset


def _seven_zip(file: BinaryIO, budget: Budget) -> Iterator[Member]:
    import py7zr  # noqa: PLC0415 - costs a tenth of a second, and few need it
    from py7zr.exceptions import ArchiveError, PasswordRequired  # noqa: PLC0415

    try:
        with _damage(ArchiveError, *_7Z_ERRORS), py7zr.SevenZipFile(file) as archive:
            if archive.needs_password():
                raise _encrypted("the 7z archive")
            yield from _seven_zip_members(archive, file, budget)
    except PasswordRequired as error:
        raise _encrypted("the 7z archive") from error


def _seven_zip_members(archive: Any, file: BinaryIO, budget: Budget) -> Iterator[Member]:
    # py7zr can only push members into files or memory; its parts let us pull them.
    for entry in getattr(archive, "files", ()):
        if entry.emptystream and entry.is_file:
            yield Member(entry.filename, 0, io.BytesIO)
    streams = getattr(archive, "files", None) and archive.header.main_streams
    if not streams:
        return
    for folder, position in zip(
        streams.unpackinfo.folders, streams.packinfo.packpositions, strict=False
    ):
        file.seek(archive.afterheader + position)
        for entry in folder.files or ():
            unpacked = _Unpacked(file, entry, budget)
            start = unpacked.start if entry.is_file else "is a link or a device"
            yield Member(entry.filename, entry.uncompressed, start)
            unpacked.skip()  # the next member's bytes come after these


def _packed(file: BinaryIO, kind: str, name: str, budget: Budget) -> Iterator[Member]:
    def start() -> Any:
        file.seek(0)
        match kind:
            case "gz":
                return gzip.GzipFile(fileobj=file)
            case "bz2":
                return bz2.BZ2File(file)
            case "xz":
                return lzma.LZMAFile(file)
            case _:
                return zstd.ZstdFile(file, options={_WINDOW: 31})

    if _begins_tar(start().read(tarfile.BLOCKSIZE)):
        yield from _tar(_counted(start(), budget))
    else:
        original = _PACKED_SUFFIX.sub("", PurePosixPath(name.replace("\\", "/")).name)
        yield Member(original, None, lambda: _counted(start(), budget))


def _tar(file: BinaryIO) -> Iterator[Member]:
    forward = _Forward(file)
    archive = tarfile.TarFile(fileobj=cast("BinaryIO", forward))
    while (entry := archive.next()) is not None:
        archive.members.clear()  # type: ignore[attr-defined] # it would keep a million of them
        forward.header_left = None
        if not entry.isdir():
            start = _tar_special(entry) or partial(archive.extractfile, entry)
            yield Member(entry.name, entry.size, start)
        forward.header_left = _TAR_HEADER
    if len(forward.last) < tarfile.BLOCKSIZE or any(forward.last):
        raise SourceUnusable("the tar archive is damaged or cut off: it has no end mark")
    while file.read(_BLOCK):  # to the packer's checksum
        pass


def _web_archive(file: BinaryIO, budget: Budget) -> Iterator[Member]:
    is_packed = _MAGIC["gz"].match(file.read(4)) is not None
    file.seek(0)
    # Its records are packed one by one; the gzip module reads on from one to the next.
    unpacked = _counted(gzip.GzipFile(fileobj=file), budget) if is_packed else file
    for answer in web_archive.answers(unpacked):
        start = answer.skipped or partial(_counted, answer.body, budget)
        name = answer.address.partition("://")[2] or answer.address
        yield Member(
            f"{name}index" if name.endswith("/") else name,
            None,
            start,
            observed_at=answer.observed_at,
        )


def _begins_web_archive(head: bytes) -> bool:
    if _MAGIC["gz"].match(head):
        try:
            head = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, 64)
        except zlib.error:
            return False
    return head.startswith(web_archive.MARKS)


def _begins_tar(head: bytes) -> bool:
    try:
        tarfile.TarInfo.frombuf(head[: tarfile.BLOCKSIZE], "utf-8", "surrogateescape")
    except (tarfile.TarError, ValueError):
        return False
    return True


def _tar_special(entry: tarfile.TarInfo) -> str | None:
    if entry.issym() or entry.islnk():
        return "is a link"
    if entry.issparse():
        return "is a sparse file"  # a few bytes may stand for terabytes
    return None if entry.isreg() else "is a device"


def _special(mode: int) -> str | None:
    if stat.S_ISLNK(mode):
        return "is a link"
    return None if stat.S_IFMT(mode) in (0, stat.S_IFREG) else "is a device"


# ---------------------------------------------------------------------------------------- streams


def _counted(stream: Any, budget: Budget) -> BinaryIO:
    """A stream of expanded bytes that are counted against a budget."""
    return cast("BinaryIO", io.BufferedReader(_Counted(stream, budget), _BLOCK))


class _Counted(io.RawIOBase):
    def __init__(self, stream: Any, budget: Budget) -> None:
        self._stream = stream
        self._budget = budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with _damage():
            data = self._stream.read(len(buffer))
        self._budget.spend(len(data))
        buffer[: len(data)] = data
        return len(data)


class _Unpacked(io.RawIOBase):
    """One member of a 7z archive; the members of a block must be read in order."""

    def __init__(self, file: BinaryIO, entry: Any, budget: Budget) -> None:
        self._file = file
        self._entry = entry
        self._budget = budget
        self._left: int = entry.uncompressed
        self._checksum = 0
        self._waiting = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._waiting and self._left:
            self._waiting = memoryview(self._expand())
        data = self._waiting[: len(buffer)]
        self._waiting = self._waiting[len(data) :]
        buffer[: len(data)] = data
        return len(data)

    def start(self) -> _Unpacked:
        return self

    def skip(self) -> None:
        """Go to the end of the member."""
        while self._left:
            self._expand()

    def _expand(self) -> bytes:
        from py7zr.exceptions import ArchiveError  # noqa: PLC0415 - see `_seven_zip`

        entry = self._entry
        data = b""
        with _damage(ArchiveError, *_7Z_ERRORS):
            decompressor = entry.folder.get_decompressor(entry.compressed)
            while not data:
                position = self._file.tell()
                data = decompressor.decompress(self._file, min(self._left, _7Z_STEP))
                if not data and self._file.tell() == position:
                    raise EOFError("its packed bytes end early")
        self._budget.spend(len(data))
        self._left -= len(data)
        self._checksum = zlib.crc32(data, self._checksum)
        if not self._left and entry.crc32 not in (None, self._checksum):
            raise _damaged(f"wrong checksum of {safe_name(entry.filename)}")
        return bytes(data)


class _Forward:
    """The file that tarfile reads: only forward, and with an eye on headers."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._position = 0
        self.header_left: int | None = _TAR_HEADER  # what may still be read; None: no header
        self.last = b""  # what was read last, as long as headers are read

    def tell(self) -> int:
        return self._position

    def seek(self, position: int) -> int:
        if self._stream.seekable():
            self._position = self._stream.seek(position)
        while self._position < position:
            data = self._stream.read(min(_BLOCK, position - self._position))
            if not data:
                break
            self._position += len(data)
        return self._position

    def read(self, size: int) -> bytes:
        if self.header_left is not None:
            self.header_left -= size
            if self.header_left < 0:
                raise SourceUnusable(f"a tar header is longer than {_TAR_HEADER:,} bytes")
        data = self._stream.read(size)
        self._position += len(data)
        if self.header_left is not None:
            self.last = data
        return data


class _Replay:
    """A stream that can be begun again until more than `HEAD` bytes of it were read."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._head: bytearray | None = bytearray()

    def read(self, position: int, size: int) -> bytes:
        """Bytes from this position on, at most `size`."""
        if self._head is None:
            return self._read(size)
        if position < len(self._head):
            return bytes(self._head[position : position + size])
        data = self._read(size)
        if len(self._head) + len(data) > HEAD:
            self._head = None
        else:
            self._head += data
        return data

    def _read(self, size: int) -> bytes:
        with _damage():
            return cast("bytes", self._stream.read(size))

    @property
    def can_begin(self) -> bool:
        return self._head is not None


class _Again(io.RawIOBase):
    """One reading of a `_Replay`."""

    def __init__(self, replay: _Replay) -> None:
        if not replay.can_begin:
            raise ValueError("this member was read before and cannot be read twice")
        self._replay = replay
        self._position = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._replay.read(self._position, len(buffer))
        self._position += len(data)
        buffer[: len(data)] = data
        return len(data)


# ----------------------------------------------------------------------------------------- errors


@contextmanager
def _damage(*more: type[BaseException]) -> Iterator[None]:
    """Turn what the libraries raise for bad input into SourceUnusable."""
    errors: tuple[type[BaseException], ...] = (OSError, *_ERRORS, *more)
    try:
        yield
    except errors as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the disk, not the archive
        raise _damaged(error) from error


def _damaged(what: object) -> SourceUnusable:
    return SourceUnusable(f"the archive is damaged, cut off or packed in an unknown way: {what}")


def _encrypted(what: str) -> SourceUnusable:
    return SourceUnusable(f"{what} is encrypted: decrypt it first, then add what it holds")
