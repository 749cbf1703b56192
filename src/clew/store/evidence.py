"""Where are the bytes that everything rests on? Content-addressed, compressed, never changed.

A capture of SHA-256 `abcdef…` is `evidence/ab/cdef….zst`: any `zstd` program gives the bytes back,
any `sha256sum` checks them. A file appears under its name only when it is whole and on the disk.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import zstandard

from clew.errors import CaseDamaged
from clew.model.times import Micros

_BLOCK = 1 << 20
_LEVEL = 3


@dataclass(frozen=True, kw_only=True)
class StoredCapture:
    """A capture in the evidence store. Pickles to its path: workers open it themselves."""

    capture_id: str
    name: str
    size: int
    observed_at: Micros | None
    path: Path

    def open(self) -> BinaryIO:
        """Its bytes from the start."""
        return _reader(self.path)


@dataclass(frozen=True)
class LooseFile:
    """A file that is no evidence yet, as a capture: to look at it before it is added."""

    path: Path

    @property
    def capture_id(self) -> str:
        """SHA-256 of its bytes, as they are now."""
        with self.path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    @property
    def name(self) -> str:
        """Its name with its folder."""
        return f"{self.path.parent.name}/{self.path.name}"

    @property
    def size(self) -> int:
        """Its length in bytes."""
        return self.path.stat().st_size

    @property
    def observed_at(self) -> Micros | None:
        """Not known."""
        return None

    def open(self) -> BinaryIO:
        """Its bytes from the start."""
        return self.path.open("rb")


class EvidenceStore:
    """The `evidence/` folder of a case."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path_of(self, capture_id: str) -> Path:
        """Where a capture's compressed bytes are, or would be."""
        return self.folder / capture_id[:2] / f"{capture_id[2:]}.zst"

    def put(self, stream: BinaryIO) -> tuple[str, int, bool]:
        """Store all bytes of a stream; gives their SHA-256, their length, and whether they are new.

        Returns only when the bytes are on the disk. Bytes that are there already are not written
        again. OSError (a full disk) leaves nothing behind.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        arriving = self.folder / f"arriving-{os.getpid()}-{secrets.token_hex(8)}"
        digest, size = hashlib.sha256(), 0
        try:
            with arriving.open("xb") as file:
                packer = zstandard.ZstdCompressor(level=_LEVEL, threads=1, write_checksum=True)
                with packer.stream_writer(file, closefd=False) as writer:
                    while block := stream.read(_BLOCK):
                        digest.update(block)
                        size += len(block)
                        writer.write(block)
                file.flush()
                os.fsync(file.fileno())
            target = self.path_of(digest.hexdigest())
            is_new = not target.exists()
            if is_new:
                target.parent.mkdir(exist_ok=True)
                arriving.chmod(0o444)
                arriving.rename(target)
                _sync_folder(target.parent)
                _sync_folder(self.folder)
        finally:
            arriving.unlink(missing_ok=True)
        return digest.hexdigest(), size, is_new

    def discard(self, capture_id: str) -> None:
        """Take a capture out again, because what was to be read from it could not be."""
        self.path_of(capture_id).unlink(missing_ok=True)

    def get(
        self, capture_id: str, *, name: str, size: int, observed_at: Micros | None
    ) -> StoredCapture:
        """A stored capture; raises CaseDamaged if its file is gone."""
        path = self.path_of(capture_id)
        if not path.is_file():
            raise CaseDamaged(f"evidence {capture_id} ({name}) is missing: no {path}")
        return StoredCapture(
            capture_id=capture_id, name=name, size=size, observed_at=observed_at, path=path
        )

    def stored(self) -> Iterator[str]:
        """The ids of all captures in the folder, in order."""
        for path in sorted(self.folder.glob("??/*.zst")):
            yield path.parent.name + path.name.removesuffix(".zst")

    def verify(self, capture_id: str) -> None:
        """Read a capture to its end; raises CaseDamaged unless its bytes have its hash."""
        path = self.path_of(capture_id)
        digest = hashlib.sha256()
        try:
            with _reader(path) as stream:
                while block := stream.read(_BLOCK):
                    digest.update(block)
        except FileNotFoundError as error:
            raise CaseDamaged(f"evidence {capture_id} is missing: no {path}") from error
        except (zstandard.ZstdError, OSError) as error:
            raise CaseDamaged(f"evidence {path} is damaged: {error}") from error
        if digest.hexdigest() != capture_id:
            raise CaseDamaged(
                f"evidence {path} is changed: its bytes now hash to {digest.hexdigest()}"
            )


def _reader(path: Path) -> BinaryIO:
    return cast("BinaryIO", zstandard.open(path, "rb", closefd=True))


def _sync_folder(folder: Path) -> None:
    """Make a rename in this folder survive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
