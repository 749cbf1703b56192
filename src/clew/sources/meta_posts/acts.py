"""How are persons, posts and acts of a download named, which has no ids?

Facebook names persons by their names, as in its messages (`meta:Oleg Beispiel`), Instagram by
their handles (`meta:@oleg`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from clew.formats.meta_text import repaired
from clew.model.tables import Account, Interaction, InteractionKind, Media, Post, PostKind, Row
from clew.model.times import Micros, TimeQuality, from_seconds
from clew.sources.meta_posts.records import Medium

PLATFORM = "meta"


class Whose(NamedTuple):
    """Whose download it is, and what the ids of the owner's posts begin with."""

    owner_id: str | None
    namespace: str
    section: str  # the list that the entry is of

    def of(self, owner_id: str) -> Whose:
        """The same, where the entry itself says whose it is."""
        return Whose(owner_id, owner_id, self.section)


def account_id(name: str | None) -> str | None:
    """A person by name, or by handle with `@` in front."""
    return f"{PLATFORM}:{name}" if name else None


@lru_cache(maxsize=1 << 12)
def account(native: str) -> Account:
    """What a mention of a name or `@handle` says of the account."""
    if native.startswith("@"):
        return Account(account_id=f"{PLATFORM}:{native}", platform=PLATFORM, handle=native[1:])
    return Account(account_id=f"{PLATFORM}:{native}", platform=PLATFORM, name=native)


def moment(seconds: int | None) -> Micros | None:
    """An instant of Meta's; 0 is written where there is none. Raises ItemError out of range."""
    return from_seconds(seconds) if seconds else None


def quality(at: Micros | None) -> TimeQuality:
    """Meta's servers say it, in UTC."""
    return TimeQuality.MISSING if at is None else TimeQuality.UTC


def made_id(namespace: str, at: Micros | None, *content: str | None) -> str:
    """An id for what has none: of its author, second and content."""
    text = "\n".join(part or "" for part in content).encode(errors="replace")
    return f"{namespace}/{(at or 0) // 1_000_000}-{hashlib.sha256(text).hexdigest()[:16]}"


def post_at(url: str | None) -> str | None:
    """The id of a post of which only the address is known: host and path, and what is asked."""
    try:
        parts = urlsplit((url or "").strip())
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return None
    path = parts.path.rstrip("/") + (f"?{parts.query}" if parts.query else "")
    return f"{PLATFORM}:{parts.netloc.lower().removeprefix('www.')}{path}"


def act(kind: InteractionKind, at: Micros | None, **more: Any) -> Interaction:
    """An act at a time of Meta's."""
    return Interaction(
        kind=kind, platform=PLATFORM, happened_at=at, time_quality=quality(at), **more
    )


def notice(whose: Whose, at: Micros | None, text: str | None, *content: str | None) -> Post:
    """Meta's sentence about an act whose object it does not name otherwise.

    Without it, all likes of one person would be one: the tables tell acts apart by their objects.
    """
    return Post(
        post_id=made_id(whose.namespace, at, whose.section, text, *content),
        platform=PLATFORM,
        kind=PostKind.SERVICE,
        account_id=whose.owner_id,
        posted_at=at,
        time_quality=quality(at),
        action=whose.section,
        text=text,
    )


_VIDEO = frozenset((".mp4", ".mov", ".webm", ".m4v", ".avi", ".mkv"))
_PHOTO = frozenset((".jpg", ".jpeg", ".png", ".webp", ".heic", ".gif"))


def file_name(medium: Medium) -> str:
    """Its name: the folders differ from one download to the next."""
    return PurePosixPath(repaired(medium.uri) or "").name


def media(files: list[Medium], post: Post) -> Iterator[Row]:
    """The files of a post."""
    for medium in files:
        place = repaired(medium.uri)
        is_url = "://" in (place or "")[:16]
        ending = PurePosixPath(file_name(medium)).suffix.lower()
        kind = "video" if ending in _VIDEO else "photo" if ending in _PHOTO else "file"
        yield Media(
            post_id=post.post_id,
            platform=PLATFORM,
            kind=kind,
            url=place if is_url else None,
            path=None if is_url else place,
            name=file_name(medium) or None,
            alt_text=repaired(medium.description),
            posted_at=post.posted_at,
        )
