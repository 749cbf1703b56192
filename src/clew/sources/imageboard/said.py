"""What does one post of an imageboard say, whichever engine served it, and to which rows is it?

Engines differ in names and habits only. Each has a module that turns its record into a `Said`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

import msgspec

from clew.formats.html_text import Anchor, extract
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
from clew.model.times import Micros, TimeQuality

PLATFORM = "imageboard"


class Place(msgspec.Struct, frozen=True, gc=False):
    """Where an answer's posts stand, as far as it says."""

    site: str
    board: str | None = None
    board_name: str | None = None
    board_description: str | None = None
    thread: int | None = None  # number of the thread's first post


class File(msgspec.Struct, frozen=True, gc=False):
    """A file that hangs on a post."""

    name: str | None = None
    key: str | None = None
    url: str | None = None  # as recorded: without the site's name
    mime: str | None = None
    extension: str | None = None
    size_bytes: int | None = None
    width: int | None = None
    height: int | None = None
    duration_s: float | None = None
    md5: str | None = None  # hex


class Said(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A post in the words that all engines share."""

    number: int
    thread: int  # its own number: it opens the thread
    posted_at: Micros | None
    edited_at: Micros | None = None
    html: str | None = None
    source: str | None = None  # what the author typed, if the engine tells; else from the HTML
    title: str | None = None
    name: str | None = None
    tripcode: str | None = None  # proves a password: one person on the whole site
    poster: str | None = None  # made by the site from the address, for this thread
    role: str | None = None  # of the site's staff
    country: str | None = None  # by the site, from the address
    tags: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    replies: int | None = None
    likes: int | None = None


# `#p12`, `12#p12`, `/b/thread/10#p12`, `//boards.example/b/res/10.html#q12`
_QUOTE = re.compile(
    r"(?:(?:https?:)?//[^/]+)?(?:/(?P<board>[^/#]+)/(?:thread|res)/)?(?:\d+)?(?:\.html)?[^#]*"
    r"#[pq]?(?P<number>\d{1,18})",
    re.ASCII,
)
_DEAD = re.compile(r'<span class="(?:deadlink|dead|invalid-quote)">(?:&gt;|>){2}(\d{1,18})</span>')


def rows(said: Said, place: Place) -> Iterator[Row]:
    """The rows of one post."""
    prefix, board_id = _names(place.board, said.thread, place)
    post_id = f"{prefix}/{said.number}"
    account = _account(said, place, prefix)
    account_id = account.account_id if account else None
    quality = TimeQuality.UTC if said.posted_at is not None else TimeQuality.MISSING
    html = extract(said.html) if said.html else None
    quoted = list(_quoted(said, place, prefix, html.links if html else []))
    opens = said.number == said.thread
    yield Post(
        post_id=post_id,
        platform=PLATFORM,
        kind=PostKind.POST if opens else PostKind.COMMENT,
        account_id=account_id,
        author_name=_signature(said, account),
        channel_id=board_id,
        thread_id=f"{prefix}/{said.thread}",
        reply_to_post_id=quoted[0] if quoted else None,
        posted_at=said.posted_at,
        time_quality=quality,
        edited_at=said.edited_at,
        title=said.title or None,
        text=(said.source or (html.text if html else "")).replace("\r\n", "\n") or None,
        like_count=said.likes,
        reply_count=said.replies,
        tags=json.dumps(said.tags, ensure_ascii=False) if said.tags else None,
        place=said.country or None,
    )
    if account:
        yield account
    for target in quoted:
        yield Interaction(
            kind=InteractionKind.REPLY,
            platform=PLATFORM,
            account_id=account_id,
            post_id=post_id,
            target_post_id=target,
            channel_id=board_id,
            happened_at=said.posted_at,
            time_quality=quality,
        )
    yield from _links(html.links if html else [], post_id, said.posted_at)
    for file in said.files:
        yield _media(file, post_id, said.posted_at)


def channel(place: Place) -> Iterator[Channel]:
    """The board, if it is known."""
    if place.board:
        yield Channel(
            channel_id=f"{PLATFORM}:{place.site}/{place.board}",
            platform=PLATFORM,
            kind="board",
            handle=place.board,
            name=place.board_name or None,
            description=place.board_description or None,
        )


def _names(board: str | None, thread: int, place: Place) -> tuple[str, str | None]:
    """What the ids of a board's posts begin with, and the board's id.

    Numbers are given by board. If an answer does not name it, the thread keeps them apart.
    """
    if board:
        board_id = f"{PLATFORM}:{place.site}/{board}"
        return board_id, board_id
    return f"{PLATFORM}:{place.site}/thread{thread}", None


def _account(said: Said, place: Place, prefix: str) -> Account | None:
    if said.tripcode:
        return Account(
            account_id=f"{PLATFORM}:{place.site}/{said.tripcode}",
            platform=PLATFORM,
            handle=said.tripcode,
            name=said.name or None,
        )
    if said.poster and not said.role:
        return Account(
            account_id=f"{PLATFORM}:{prefix.partition(':')[2]}/{said.thread}/{said.poster}",
            platform=PLATFORM,
            handle=said.poster,
        )
    return None


def _signature(said: Said, account: Account | None) -> str | None:
    """The name as the site shows it: with the staff's mark, without the tripcode."""
    name = " ## ".join(filter(None, (said.name, said.role)))
    return None if account and account.name == name else name or None


def _quoted(said: Said, place: Place, prefix: str, links: list[Anchor]) -> Iterator[str]:
    """The posts that it quotes by number, each once, in order; those deleted since come last."""
    seen = {f"{prefix}/{said.number}"}
    for link in links:
        match = _QUOTE.fullmatch(link.href) if (link.text or "").startswith(">>") else None
        if match:
            board = match["board"]
            known = f"{PLATFORM}:{place.site}/{board}" if board else prefix
            target = f"{known}/{int(match['number'])}"
            if target not in seen:
                seen.add(target)
                yield target
    for number in _DEAD.findall(said.html or "") if said.html and "<span" in said.html else ():
        target = f"{prefix}/{int(number)}"
        if target not in seen:
            seen.add(target)
            yield target


def _links(links: list[Anchor], post_id: str, posted_at: Micros | None) -> Iterator[Link]:
    seen = set()
    for link in links:
        is_quote = (link.text or "").startswith(">>")
        if is_quote or not link.href.startswith(("http:", "https:", "//")) or link.href in seen:
            continue
        seen.add(link.href)
        yield Link(
            post_id=post_id,
            platform=PLATFORM,
            url=link.href,
            title=None if link.text == link.href else link.text,
            posted_at=posted_at,
        )


_KINDS = {
    "animation": ".gif",
    "photo": ".jpg .jpeg .png .webp .bmp .avif .jxl",
    "video": ".webm .mp4 .ogv .mov .m4v .mkv",
    "audio": ".mp3 .ogg .opus .flac .wav .m4a",
}
_KIND_OF = {extension: kind for kind, all_of in _KINDS.items() for extension in all_of.split()}


def _media(file: File, post_id: str, posted_at: Micros | None) -> Media:
    extension = file.extension or PurePosixPath(file.url or file.name or "").suffix
    return Media(
        post_id=post_id,
        platform=PLATFORM,
        kind=_KIND_OF.get(extension.lower(), "file"),
        media_key=file.key or None,
        url=file.url or None,
        mime=file.mime or None,
        name=file.name or None,
        size_bytes=file.size_bytes,
        width_px=file.width or None,  # engines write 0 for a file that is no picture
        height_px=file.height or None,
        duration_s=file.duration_s,
        md5=file.md5,
        posted_at=posted_at,
    )
