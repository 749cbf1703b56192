"""Captures for tests: bytes in memory or a file on disk, without a case."""

from __future__ import annotations

import hashlib
import io
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from clew.case.reading import whole
from clew.contract import Piece, Sample, Source, options_from
from clew.errors import ItemError
from clew.model.tables import Row
from clew.model.times import Micros


@dataclass(frozen=True)
class MemoryCapture:
    """A capture whose bytes are given."""

    data: bytes
    name: str = "capture"
    observed_at: Micros | None = None

    @property
    def capture_id(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def size(self) -> int:
        return len(self.data)

    def open(self) -> BinaryIO:
        return io.BytesIO(self.data)

    @property
    def sample(self) -> Sample:
        return Sample(name=self.name, head=self.data[:65536], size=self.size)


def file_capture(path: Path) -> MemoryCapture:
    """A capture of a file on disk, named with its folder."""
    return MemoryCapture(path.read_bytes(), name=f"{path.parent.name}/{path.name}")


def options_of(path: Path) -> dict[str, str]:
    """The options that a fixture is read with: of `<file>.options.toml` (name = text)."""
    named = path.with_name(f"{path.name}.options.toml")
    return tomllib.loads(named.read_text()) if named.exists() else {}


def fixtures_of(name: str) -> list[Path]:
    """The fixtures of a source."""
    folder = Path(__file__).parent / "fixtures/sources" / name
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(".options.toml")
    )


def beside(source: Source, path: Path) -> dict[str, MemoryCapture]:
    """The files on disk that the source looks into when it reads the one at `path`."""
    found: dict[str, MemoryCapture] = {}
    for above, folder in enumerate(path.parents):
        for name in source.beside:
            if above <= 1 + name.count("/") and (folder / name).is_file():
                found.setdefault(Path(name).name, file_capture(folder / name))
    return found


def pieces(source: Source, capture: MemoryCapture, **options: str) -> list[Piece]:
    """The pieces that the source cuts the capture into."""
    chosen = options_from(source.options, options)
    if source.cut is None:
        return [Piece(capture=capture, options=chosen)]
    return list(source.cut(capture, chosen))


def said(row: Row) -> dict[str, object]:
    """What a row says: its columns that are recorded, but for the platform."""
    return {
        name: value
        for name in row.__struct_fields__
        if name != "platform" and (value := getattr(row, name)) is not None
    }


def read(
    source: Source,
    capture: MemoryCapture,
    *,
    explained_by: Mapping[str, MemoryCapture] | None = None,
    **options: str,
) -> tuple[list[Row], list[ItemError]]:
    """All rows of a capture in order, and the rejected records."""
    rows: list[Row] = []
    rejected: list[ItemError] = []
    for piece in pieces(source, capture, **options):
        piece.beside = explained_by or {}
        for result in whole(source, piece):
            if isinstance(result, ItemError):
                rejected.append(result)
            else:
                rows.extend(result)
    return rows, rejected
