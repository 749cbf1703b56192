"""What is an entry of a feed, whatever the feed is written in, and which rows does it give?"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urljoin

import msgspec

from clew.contract import Piece
from clew.errors import ItemError
from clew.formats.html_text import Extract, extract
from clew.model.tables import (
    Account,
    Channel,
    Interaction,
    InteractionKind,
    Link,
    Media,
    Post,
    PostKind,
    Row,
)
from clew.model.times import Micros, TimeQuality, from_datetime, local_text

PLATFORM = "web"

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}:\S", re.ASCII)
_EMAIL = re.compile(r"[^\s()<>]{1,100}@[^\s()<>]{1,100}")


class Author(NamedTuple):
    """Who signed an entry or a feed, as far as it is said."""

    name: str | None = None
    address: str | None = None
    email: str | None = None
    picture: str | None = None

    @classmethod
    def written(cls, text: str) -> Author:
        """The author in `ada@example.com (Ada)`, `Ada <ada@example.com>` or `Ada`."""
        email = _EMAIL.search(text)
        if email is None:
            return cls(name=text.strip() or None)
        name = (text[: email.start()] + text[email.end() :]).strip(" \t\r\n()<>,;")
        return cls(name=name or None, email=email[0])


class Attached(NamedTuple):
    """A file that belongs to an entry."""

    address: str
    mime: str | None = None
    kind: str | None = None  # photo, video, audio; else by `mime`
    name: str | None = None
    size: int | None = None
    width: int | None = None
    height: int | None = None
    duration_s: float | None = None


class Head(msgspec.Struct, gc=False):
    """What is said of a feed as a whole."""

    id: str | None = None
    link: str | None = None
    title: str | None = None
    description: str | None = None
    language: str | None = None
    author: Author | None = None

    @property
    def key(self) -> str | None:
        """What names the feed: its site, which feeds of all kinds give; else its own id."""
        return self.link or self.id


class Entry(msgspec.Struct, gc=False):
    """One entry."""

    id: str | None = None
    link: str | None = None
    title: str | None = None
    html: str | None = None
    text: str | None = None  # instead of `html`
    base: str | None = None  # what relative addresses are relative to
    published: str | None = None
    updated: str | None = None
    language: str | None = None
    authors: list[Author] = []
    tags: list[str] = []
    files: list[Attached] = []
    links: list[str] = []  # besides those in the text
    answers: str | None = None  # the id of the entry that this is a comment on
    comments: int | None = None
    point: tuple[float, float] | None = None  # latitude, longitude in degrees


def head_rows(head: Head) -> Iterator[Row]:
    """The feed itself."""
    if head.key:
        yield Channel(
            channel_id=f"{PLATFORM}:{head.key}",
            platform=PLATFORM,
            kind="feed",
            name=head.title or None,
            description=_plain(head.description or "") or None,
            url=head.link or None,
        )


def entry_rows(entry: Entry, head: Head, piece: Piece) -> Iterator[Row]:
    """The rows of one entry. Raises ItemError for one in which nothing is said."""
    post_id = _post_id(entry, head)
    author = next(iter(entry.authors), head.author)
    account_id = _account_id(author, head)
    for person in entry.authors or filter(None, [head.author]):
        if (known := _account_id(person, head)) is not None:
            yield _account(person, known)
    published, updated = _moment(entry.published, piece), _moment(entry.updated, piece)
    first = published if published.quality is not TimeQuality.MISSING else updated
    body = extract(entry.html) if entry.html else Extract(entry.text or "", [], [])
    latitude, longitude = entry.point or (None, None)
    post = Post(
        post_id=post_id,
        platform=PLATFORM,
        kind=PostKind.COMMENT if entry.answers else PostKind.ARTICLE,
        account_id=account_id,
        channel_id=f"{PLATFORM}:{head.key}" if head.key else None,
        reply_to_post_id=_named(entry.answers, head),
        posted_at=first.at,
        time_quality=first.quality,
        local_time=first.local,
        edited_at=updated.at if updated.at != first.at else None,
        title=entry.title or None,
        text=body.text or None,
        url=entry.link or None,
        language_claimed=entry.language or head.language or None,
        reply_count=entry.comments,
        tags=_json(entry.tags),
        latitude=latitude,
        longitude=longitude,
    )
    yield post
    if post.reply_to_post_id:
        yield Interaction(
            kind=InteractionKind.REPLY,
            platform=PLATFORM,
            account_id=account_id,
            post_id=post_id,
            target_post_id=post.reply_to_post_id,
            channel_id=post.channel_id,
            happened_at=post.posted_at,
            time_quality=post.time_quality,
        )
    yield from _links(entry, body, post)
    yield from _media(entry, body, post)


def _links(entry: Entry, body: Extract, post: Post) -> Iterator[Link]:
    found: dict[str, str | None] = {joined(entry.base, href): text for href, text in body.links}
    for url in entry.links:
        found.setdefault(url, None)
    for url, title in found.items():
        yield Link(
            post_id=post.post_id,
            platform=PLATFORM,
            url=url,
            title=title,
            posted_at=post.posted_at,
        )


_KINDS = {"image": "photo", "video": "video", "audio": "audio"}


def _media(entry: Entry, body: Extract, post: Post) -> Iterator[Media]:
    pictures = [
        Attached(joined(entry.base, src), kind="photo", name=None) for src, _ in body.images
    ]
    described = {joined(entry.base, src): alt for src, alt in body.images}
    files = {file.address: file for file in (*pictures, *entry.files)}
    for address, file in files.items():
        kind = file.kind or _KINDS.get((file.mime or "").partition("/")[0], "file")
        yield Media(
            post_id=post.post_id,
            platform=PLATFORM,
            kind=kind,
            url=address,
            mime=file.mime or None,
            name=file.name or None,
            size_bytes=file.size,
            width_px=file.width,
            height_px=file.height,
            duration_s=file.duration_s,
            alt_text=described.get(address),
            posted_at=post.posted_at,
        )


# ------------------------------------------------------------------------------------------ names


def _post_id(entry: Entry, head: Head) -> str:
    if named := _named(entry.id or entry.link, head):
        return named
    said = (entry.title, entry.html, entry.text, entry.published, entry.updated, *entry.files)
    if not any(said):
        raise ItemError("entry that says nothing")
    digest = hashlib.sha256(repr(said).encode("utf-8", "surrogatepass")).hexdigest()
    return f"{PLATFORM}:{head.key or ''}#{digest[:16]}"


def _named(name: str | None, head: Head) -> str | None:
    """The id of an entry; a name that is no address holds only within its feed."""
    if not name:
        return None
    return f"{PLATFORM}:{name}" if _ADDRESS.match(name) else f"{PLATFORM}:{head.key or ''}#{name}"


def _account_id(author: Author | None, head: Head) -> str | None:
    if author is None:
        return None
    if author.address:
        return f"{PLATFORM}:{author.address}"
    name = author.name or author.email
    return f"{PLATFORM}:{head.key or ''}/@{name}" if name else None


def _account(author: Author, account_id: str) -> Account:
    mail = f"mailto:{author.email}" if author.email else None
    return Account(
        account_id=account_id,
        platform=PLATFORM,
        name=author.name or None,
        url=author.address or mail,
        avatar_url=author.picture or None,
    )


def joined(base: str | None, address: str) -> str:
    """An address as written, made absolute if it can be."""
    if not base or _ADDRESS.match(address):
        return address
    try:
        return urljoin(base, address)
    except ValueError:
        return address


@lru_cache(64)
def _plain(html: str) -> str:
    return extract(html).text


def _json(tags: list[str]) -> str | None:
    return msgspec.json.encode([*dict.fromkeys(tags)]).decode() if tags else None


# ------------------------------------------------------------------------------------------ times


class _Moment(NamedTuple):
    at: Micros | None
    quality: TimeQuality
    local: str | None = None


_NEVER = _Moment(None, TimeQuality.MISSING)


def _moment(text: str | None, piece: Piece) -> _Moment:
    """A time in any of the forms of feeds: RFC 822 (RSS), ISO 8601 (Atom, Dublin Core)."""
    text = (text or "").strip()
    if not text:
        return _NEVER
    try:
        is_iso = text[:4].isdigit()
        moment = dt.datetime.fromisoformat(text) if is_iso else parsedate_to_datetime(text)
        if moment.tzinfo is not None:
            is_utc = moment.utcoffset() == dt.timedelta()
            return _Moment(from_datetime(moment), TimeQuality.UTC if is_utc else TimeQuality.OFFSET)
        if text.endswith("-0000"):  # UTC, said by one who does not know the local zone
            return _Moment(from_datetime(moment.replace(tzinfo=dt.UTC)), TimeQuality.UTC)
        return _Moment(None, TimeQuality.ZONE_UNKNOWN, local_text(moment.isoformat()))
    except (ItemError, ValueError, TypeError, IndexError, OverflowError):
        piece.note("times that could not be read: left out")
        return _NEVER
