"""What does a post of 2ch say (engine makaba; the old answers and those since 2022)?"""

from __future__ import annotations

import re

import msgspec

from clew.errors import ItemError
from clew.formats.html_text import html_to_text
from clew.model.times import from_seconds
from clew.sources.imageboard.numbers import Int
from clew.sources.imageboard.said import File, Said


class Attached(msgspec.Struct, gc=False):
    """A file."""

    displayname: str | None = None
    fullname: str | None = None
    name: str | None = None
    path: str | None = None
    md5: str | None = None
    size: Int | None = None  # KiB
    width: Int | None = None
    height: Int | None = None
    duration_secs: Int | None = None


class Record(msgspec.Struct, gc=False):
    """A post."""

    num: Int | str = 0
    parent: Int | str = 0
    timestamp: Int | None = None
    subject: str | None = None
    comment: str | None = None
    name: str | None = None
    trip: str | None = None
    icon: str | None = None
    tags: str | None = None
    posts_count: Int | None = None
    likes: Int | None = None
    files: list[Attached] | None = None


_FLAG = re.compile(r"/flags/([A-Za-z]{2})\.")
_STAFF = re.compile(r"!!%(\w+)%!!", re.ASCII)


def said(record: Record, thread: int | None) -> Said:
    """The post. Raises ItemError for a number or a time that is none."""
    number = _number(record.num)
    trip = record.trip or ""
    staff = _STAFF.fullmatch(trip)
    flag = _FLAG.search(record.icon or "")
    return Said(
        number=number,
        thread=_number(record.parent) or thread or number,
        posted_at=None if record.timestamp is None else from_seconds(record.timestamp),
        html=record.comment,
        title=html_to_text(record.subject) if record.subject else None,
        name=html_to_text(record.name) if record.name else None,
        tripcode=None if staff else trip,
        role=staff[1] if staff else None,
        country=flag[1].upper() if flag else None,
        tags=(record.tags,) if record.tags else (),
        files=tuple(_file(file) for file in record.files or ()),
        replies=record.posts_count,
        likes=record.likes,
    )


def _number(text: int | str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise ItemError("id unreadable", repr(text)[:80]) from error


def _file(file: Attached) -> File:
    return File(
        name=file.fullname or file.displayname,
        key=file.name,
        url=file.path,
        size_bytes=None if file.size is None else file.size * 1024,
        width=file.width,
        height=file.height,
        duration_s=file.duration_secs or None,
        md5=file.md5.lower() if file.md5 else None,
    )
