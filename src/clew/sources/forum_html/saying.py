"""Which rows do a page and its posts give?"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterator
from typing import NamedTuple

from clew.contract import Piece
from clew.errors import ItemError
from clew.formats.html_text import Extract, extract
from clew.model.tables import (
    Account,
    Channel,
    Deletion,
    InteractionKind,
    Link,
    Media,
    Post,
    PostKind,
    Row,
)
from clew.model.times import Micros, TimeQuality, from_datetime, from_seconds, local_text
from clew.sources.forum_html.addresses import joined
from clew.sources.forum_html.dates import Order, Shown, day, local_time, order_of, shown
from clew.sources.forum_html.found import Author, Found, Page

PLATFORM = "forum"
_SMILEY = re.compile(r"smil(?:ie|ey)|emoji|emoticon|/buttons/|/misc/quote|blank\.gif|spacer\.gif")


class Thread(NamedTuple):
    """A page, and what its posts need to know of it."""

    page: Page
    space: str  # what the ids of its posts begin with: the site
    order: Order
    authors: dict[str, str]  # native id of a post → account_id, of the posts of this page

    @property
    def channel_id(self) -> str | None:
        """The board."""
        return f"{self.space}/board/{self.page.board}" if self.page.board else None

    @property
    def thread_id(self) -> str | None:
        """The thread; on every page of it the same."""
        if self.page.thread:
            return f"{self.space}/thread/{self.page.thread}"
        return f"{self.space}/page/{self.page.url}" if self.page.url else None


def thread_of(page: Page, piece: Piece, dates: str) -> Thread:
    """What the posts of a page have in common; tells the analyst what the page does not say."""
    space = f"{PLATFORM}:{page.site or f'capture {piece.capture.capture_id[:32]}'}"
    if page.site is None:
        piece.note("site not recorded: see the option site")
    if page.thread is None:
        piece.note("number of the thread not recorded")
    order, is_certain = order_of(_dates(page))
    if dates:
        order = dates  # type: ignore[assignment]
    elif not is_certain:
        piece.note(f"order of dates not certain: read as {order}; see the option dates")
    thread = Thread(page, space, order, {})
    for found in page.posts:
        if found.id and (account_id := _account_id(found.author, thread)):
            thread.authors.setdefault(found.id, account_id)
    return thread


def _dates(page: Page) -> Iterator[Shown]:
    for found in page.posts:
        if not found.machine_time and found.shown_time and (date := shown(found.shown_time)):
            yield date


def head_rows(thread: Thread) -> Iterator[Row]:
    """The board."""
    page = thread.page
    if thread.channel_id:
        yield Channel(
            channel_id=thread.channel_id,
            platform=PLATFORM,
            kind="board",
            name=page.board_name,
            url=page.board_url,
        )


def post_rows(found: Found, number: int, thread: Thread, piece: Piece) -> Iterator[Row]:
    """The rows of post `number` of its page. Raises ItemError for one that says nothing."""
    page = thread.page
    body = extract(found.html) if found.html else Extract(found.text or "", [], [])
    account = _account(found.author, thread)
    moment = _moment(found, thread, piece)
    if not body.text and not body.images and not found.files and not found.is_deleted:
        raise ItemError("post that says nothing", found.id or "")
    # Below an article without a thread of its own, the first of those who say something answers.
    is_opening = number == 0 and page.number in (None, 1) and page.thread is not None
    post = Post(
        post_id=_post_id(found, body, thread),
        platform=PLATFORM,
        kind=PostKind.POST if is_opening else PostKind.COMMENT,
        account_id=account.account_id if account else None,
        author_name=None if account else found.author.name,
        channel_id=thread.channel_id,
        thread_id=thread.thread_id,
        quote_of_post_id=_named(found.quotes[0].post, thread) if found.quotes else None,
        posted_at=moment.at,
        time_quality=moment.quality,
        local_time=moment.local,
        title=(page.title if is_opening else found.title) or None,
        text=body.text or None,
        url=found.url,
    )
    yield post
    if account:
        yield account
    if found.is_deleted:
        yield Deletion(post_id=post.post_id, platform=PLATFORM, account_id=post.account_id)
    yield from _quotes(found, post, thread)
    yield from _links(found, body, post, page)
    yield from _media(found, body, post, page)


def _post_id(found: Found, body: Extract, thread: Thread) -> str:
    if found.id:
        return f"{thread.space}/post/{found.id}"
    said = (
        thread.page.thread,
        found.author.name,
        found.machine_time or found.shown_time,
        body.text,
    )
    digest = hashlib.sha256(repr(said).encode("utf-8", "surrogatepass")).hexdigest()
    return f"{thread.space}/post/#{digest[:16]}"


def _named(native: str | None, thread: Thread) -> str | None:
    return f"{thread.space}/post/{native}" if native else None


# ---------------------------------------------------------------------------------------- accounts


def _account_id(author: Author, thread: Thread) -> str | None:
    if author.id and author.id != "0":
        return f"{thread.space}/member/{author.id}"
    return f"{thread.space}/@{author.name}" if author.name else None


def _account(author: Author, thread: Thread) -> Account | None:
    account_id = _account_id(author, thread)
    if account_id is None:
        return None
    joined_line = f"Joined: {author.joined}" if author.joined else None
    return Account(
        account_id=account_id,
        platform=PLATFORM,
        handle=author.name,
        name=author.name,
        description="\n".join(filter(None, (author.title, joined_line))) or None,
        location_claimed=author.location,
        url=author.url,
        avatar_url=author.avatar,
        created_at=_joined_at(author.joined, thread),
        posts_count=author.posts,
    )


def _joined_at(text: str | None, thread: Thread) -> Micros | None:
    """Midnight UTC of the day of joining; null: it is not written as a whole date."""
    date = shown(text) if text else None
    if date is None:
        return None
    try:
        return from_datetime(dt.datetime.fromisoformat(f"{day(date, thread.order)}T00:00:00+00:00"))
    except ItemError:
        return None


# ------------------------------------------------------------------------------------------- times


class _Moment(NamedTuple):
    at: Micros | None
    quality: TimeQuality
    local: str | None = None


def _moment(found: Found, thread: Thread, piece: Piece) -> _Moment:
    """By an attribute for machines, else as shown: local, in a zone that is not recorded."""
    if found.machine_time:
        try:
            return _from_machine(found.machine_time.strip())
        except ItemError:
            piece.note("times in attributes that could not be read")
    date = shown(found.shown_time) if found.shown_time else None
    if date is None:
        piece.note("times without a date ('Yesterday', '2 hours ago') or not read: left out")
        return _Moment(None, TimeQuality.MISSING)
    try:
        return _Moment(None, TimeQuality.ZONE_UNKNOWN, local_time(date, thread.order))
    except ItemError:
        piece.note("dates without a clock or out of range: left out")
        return _Moment(None, TimeQuality.MISSING)


def _from_machine(text: str) -> _Moment:
    if text.isascii() and text.isdigit():
        return _Moment(from_seconds(text), TimeQuality.UTC)
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise ItemError("time unreadable", text[:80]) from error
    if moment.tzinfo is None:
        if len(text) <= 10:
            raise ItemError("date without a clock", text)
        return _Moment(None, TimeQuality.ZONE_UNKNOWN, local_text(text))
    is_utc = moment.utcoffset() == dt.timedelta()
    return _Moment(from_datetime(moment), TimeQuality.UTC if is_utc else TimeQuality.OFFSET)


# ------------------------------------------------------------------------------- what a post bears


def _quotes(found: Found, post: Post, thread: Thread) -> Iterator[Row]:
    for quote in found.quotes:
        if quote.post is None and quote.name is None:
            continue
        yield post.act(
            InteractionKind.QUOTE,
            target_account_id=thread.authors.get(quote.post or ""),
            target_name=quote.name,
            target_post_id=_named(quote.post, thread),
        )


def _links(found: Found, body: Extract, post: Post, page: Page) -> Iterator[Row]:
    files = {file.url for file in found.files}
    seen: dict[str, str | None] = {}
    for href, text in body.links:
        url = joined(page.base, href)
        if not href.startswith(("#", "javascript:")) and url not in files:
            seen.setdefault(url, text)
    for url, text in seen.items():
        yield Link(
            post_id=post.post_id, platform=PLATFORM, url=url, title=text, posted_at=post.posted_at
        )


def _media(found: Found, body: Extract, post: Post, page: Page) -> Iterator[Row]:
    seen: set[str] = set()
    for src, alt in body.images:
        url = joined(page.base, src)
        if src.startswith("data:") or _SMILEY.search(src) or url in seen:
            continue
        seen.add(url)
        yield Media(
            post_id=post.post_id,
            platform=PLATFORM,
            kind="photo",
            url=url,
            alt_text=alt,
            posted_at=post.posted_at,
        )
    for file in found.files:
        if file.url not in seen:
            seen.add(file.url)
            yield Media(
                post_id=post.post_id,
                platform=PLATFORM,
                kind="file",
                url=file.url,
                name=file.name,
                posted_at=post.posted_at,
            )
