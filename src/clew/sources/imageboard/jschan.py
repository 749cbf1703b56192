"""What does a post of a board on jschan say?"""

from __future__ import annotations

import msgspec

from clew.formats.html_text import html_to_text
from clew.model.times import from_iso
from clew.sources.imageboard.numbers import Int
from clew.sources.imageboard.said import File, Said


class Geometry(msgspec.Struct, gc=False):
    """Size of a picture."""

    width: Int | None = None
    height: Int | None = None


class Attached(msgspec.Struct, gc=False):
    """A file."""

    filename: str | None = None
    originalFilename: str | None = None  # noqa: N815 - the engine's name
    hash: str | None = None  # SHA-256
    mimetype: str | None = None
    extension: str | None = None
    size: Int | None = None
    duration: float | None = None
    geometry: Geometry | None = None


class Country(msgspec.Struct, gc=False):
    """A flag: of the address's country, or one that the author chose (`custom`)."""

    name: str | None = None
    code: str | None = None
    custom: bool = False


class Edited(msgspec.Struct, gc=False):
    """Who changed the post, and when."""

    date: str


class Record(msgspec.Struct, gc=False):
    """A post."""

    postId: Int = 0  # noqa: N815
    thread: Int | None = None
    date: str | None = None
    edited: Edited | None = None
    subject: str | None = None
    message: str | None = None  # HTML
    nomarkup: str | None = None  # what the author typed
    name: str | None = None
    tripcode: str | None = None
    userId: str | None = None  # noqa: N815
    capcode: str | None = None
    country: Country | None = None
    tags: str | None = None
    replyposts: Int | None = None
    files: list[Attached] | None = None


def said(record: Record, thread: int | None) -> Said:
    """The post. Raises ItemError for a time that is none."""
    flag = record.country
    flag_name = (flag.name or flag.code) if flag else None
    chosen = flag_name if flag and flag.custom else None
    return Said(
        number=record.postId,
        thread=record.thread or thread or record.postId,
        posted_at=None if record.date is None else from_iso(record.date),
        edited_at=from_iso(record.edited.date) if record.edited else None,
        html=record.message,
        source=record.nomarkup,
        title=html_to_text(record.subject) if record.subject else None,
        name=record.name,
        tripcode=record.tripcode,
        poster=record.userId,
        role=(record.capcode or "").removeprefix("## ") or None,
        country=None if chosen else flag_name,
        tags=tuple(filter(None, (record.tags, chosen))),
        files=tuple(_file(file) for file in record.files or ()),
        replies=record.replyposts,
    )


def _file(file: Attached) -> File:
    size = file.geometry or Geometry()
    return File(
        name=file.originalFilename or file.filename,
        key=file.hash,
        mime=file.mimetype,
        extension=file.extension,
        size_bytes=file.size,
        width=size.width,
        height=size.height,
        duration_s=file.duration,
    )
