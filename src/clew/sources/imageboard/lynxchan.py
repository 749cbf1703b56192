"""What does a post of a board on LynxChan say?"""

from __future__ import annotations

import re

import msgspec

from clew.formats.html_text import html_to_text
from clew.model.times import from_iso
from clew.sources.imageboard.numbers import Int
from clew.sources.imageboard.said import File, Said


class Attached(msgspec.Struct, gc=False):
    """A file."""

    originalName: str | None = None  # noqa: N815 - the engine's name
    path: str | None = None
    mime: str | None = None
    size: Int | None = None
    width: Int | None = None
    height: Int | None = None


class Record(msgspec.Struct, gc=False):
    """A post: `threadId` numbers the first of a thread, `postId` the others."""

    threadId: Int | None = None  # noqa: N815
    postId: Int | None = None  # noqa: N815
    creation: str | None = None  # absent in catalogs
    lastEditTime: str | None = None  # noqa: N815
    subject: str | None = None
    markdown: str | None = None  # HTML in spite of its name
    message: str | None = None  # what the author typed
    name: str | None = None
    id: str | None = None
    signedRole: str | None = None  # noqa: N815
    flagName: str | None = None  # noqa: N815
    postCount: Int | None = None  # noqa: N815
    files: list[Attached] | None = None


_SIGNED = re.compile(r"(.*) <span style='font-weight: normal;'>(!.+)</span>", re.DOTALL)


def said(record: Record, thread: int | None) -> Said:
    """The post. Raises ItemError for a time that is none."""
    number = record.postId or record.threadId or 0
    signed = _SIGNED.fullmatch(record.name or "")
    name = signed[1] if signed else record.name
    return Said(
        number=number,
        thread=record.threadId or thread or number,
        posted_at=None if record.creation is None else from_iso(record.creation),
        edited_at=None if record.lastEditTime is None else from_iso(record.lastEditTime),
        html=record.markdown,
        source=record.message,
        title=html_to_text(record.subject) if record.subject else None,
        name=html_to_text(name) if name else None,
        tripcode=signed[2] if signed else None,
        poster=record.id,
        role=record.signedRole,
        country=record.flagName,
        files=tuple(_file(file) for file in record.files or ()),
        replies=record.postCount,
    )


def _file(file: Attached) -> File:
    return File(
        name=file.originalName,
        key=file.path.rsplit("/", 1)[-1] if file.path else None,
        url=file.path,
        mime=file.mime,
        size_bytes=file.size,
        width=file.width,
        height=file.height,
    )
