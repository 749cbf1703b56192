"""What does a post of 4chan say, and of engines with the same JSON: vichan, infinity, lainchan?"""

from __future__ import annotations

import base64
import binascii
import re

import msgspec

from clew.errors import ItemError
from clew.formats.html_text import html_to_text
from clew.model.times import from_seconds
from clew.sources.imageboard.numbers import Int
from clew.sources.imageboard.said import File, Said


class Attached(msgspec.Struct, gc=False):
    """A file: in the post itself, and in `extra_files` of vichan."""

    filename: str | None = None
    ext: str | None = None
    fsize: Int | None = None
    md5: str | None = None  # base64
    w: Int | None = None
    h: Int | None = None
    tim: Int | str | None = None


class Record(Attached, gc=False):
    """A post; the first of a thread says how many follow it."""

    no: Int = 0
    resto: Int = 0
    time: Int | None = None
    now: str | None = None  # US Eastern time as text: `time` says it better
    sub: str | None = None
    com: str | None = None
    name: str | None = None
    trip: str | None = None
    id: str | None = None
    capcode: str | None = None
    country: str | None = None
    country_name: str | None = None
    flag_name: str | None = None  # chosen by the author
    replies: Int | None = None
    tail_id: Int | None = None  # the first post of a thread's tail is a mere number
    extra_files: tuple[Attached | list[None], ...] = ()


_NOWHERE = frozenset(("XX", "A1", "A2", "O1"))
_BODY_LINE = '<p class="body-line'  # infinity: each line is a paragraph


def said(record: Record, thread: int | None) -> Said | None:
    """The post; null: the answer has only its number. Raises ItemError for a time that is none."""
    if record.tail_id is not None or (record.time is None and record.com is record.name is None):
        return None
    html = record.com
    if html and _BODY_LINE in html:
        html = html.replace("<p ", "<div ").replace("</p>", "</div>")
    place = record.country_name or record.country
    return Said(
        number=record.no,
        thread=record.resto or thread or record.no,
        posted_at=None if record.time is None else from_seconds(record.time),
        html=html,
        title=html_to_text(record.sub) if record.sub else None,
        name=html_to_text(record.name) if record.name else None,
        tripcode=record.trip,
        poster=record.id,
        role=record.capcode,
        country=None if record.country in _NOWHERE else place,
        tags=(record.flag_name,) if record.flag_name else (),
        files=tuple(
            _file(file)
            for file in (record, *record.extra_files)
            if isinstance(file, Attached) and file.ext and file.ext != "deleted"
        ),
        replies=record.replies,
    )


def _file(file: Attached) -> File:
    return File(
        name=html_to_text(f"{file.filename or ''}{file.ext}"),
        key=None if file.tim is None else str(file.tim),
        extension=file.ext,
        size_bytes=file.fsize,
        width=file.w,
        height=file.h,
        md5=_hex(file.md5) if file.md5 else None,
    )


_HEX = re.compile("[0-9a-fA-F]{32}")


def _hex(md5: str) -> str:
    """A digest in hex; raises ItemError for what is no MD5."""
    if _HEX.fullmatch(md5):
        return md5.lower()
    try:
        digest = base64.b64decode(md5, validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    if len(digest) != 16:
        raise ItemError("unexpected structure", f"no MD5: {md5[:40]!r}")
    return digest.hex()
