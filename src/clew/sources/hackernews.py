"""What do items and users of Hacker News say, as its API and its search have them?

The API (Firebase) and the search (Algolia) name the same things differently; the search gives
threads whole, comments within comments.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from typing import Annotated, NamedTuple

import msgspec

from clew.contract import Capture, NoOptions, Piece, Sample, Source
from clew.errors import ItemError
from clew.formats.html_text import Extract, extract
from clew.formats.json_items import ItemDecoder
from clew.formats.json_records import cut_records, records
from clew.model.tables import (
    Account,
    Deletion,
    Interaction,
    InteractionKind,
    Link,
    Media,
    Post,
    PostKind,
    Row,
)
from clew.model.times import Micros, TimeQuality, from_seconds

_PLATFORM = "hackernews"

_Int = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
_Id = _Int | str
_NUMBER = re.compile(r"[0-9]{1,18}")


class _Item(msgspec.Struct, gc=False):
    """An item or a user; the API's names first, then those of the search."""

    id: _Id | None = None
    type: str | None = None
    by: str | None = None
    time: _Int | str | None = None
    title: str | None = None
    text: str | None = None
    url: str | None = None
    parent: _Id | None = None
    poll: _Id | None = None
    score: _Int | None = None
    descendants: _Int | None = None
    kids: list[_Id] | None = None
    deleted: bool | None = None
    dead: bool | None = None

    object_id: str | None = msgspec.field(default=None, name="objectID")
    author: str | None = None
    created_at_i: _Int | None = None
    story_text: str | None = None
    comment_text: str | None = None
    parent_id: _Id | None = None
    story_id: _Id | None = None
    points: _Int | None = None
    num_comments: _Int | None = None
    children: list[_Item | _Id] | None = None
    tags: list[str] | None = msgspec.field(default=None, name="_tags")

    # of a user
    username: str | None = None
    karma: _Int | None = None
    created: _Int | None = None
    about: str | None = None
    submitted: list[_Id] | None = None

    @property
    def number(self) -> str:
        """Its id; raises ItemError if it has none."""
        number = str(self.object_id or self.id)
        if not _NUMBER.fullmatch(number):
            raise ItemError("item without id", repr(number)[:80])
        return number

    @property
    def kind(self) -> str | None:
        """story, comment, job, poll or pollopt; the search says it by a tag or by what is there."""
        if self.type:
            return self.type
        named = next((tag for tag in self.tags or () if tag in _KINDS), None)
        return named or ("comment" if self.comment_text or self.parent_id else "story")

    @property
    def words(self) -> str | None:
        """Its text, in HTML."""
        return self.text or self.comment_text or self.story_text or None

    @property
    def writer(self) -> str | None:
        """Who wrote it."""
        return self.by or self.author or None


_KINDS = {
    "story": PostKind.POST,
    "comment": PostKind.COMMENT,
    "job": PostKind.POST,
    "poll": PostKind.POST,
}

_ITEMS: ItemDecoder[_Item | None] = ItemDecoder(_Item | None)  # type: ignore[arg-type]

# ------------------------------------------------------------------------------- taking it apart


def cut(capture: Capture, options: NoOptions) -> Iterator[Piece]:
    """Pieces of whole items; a thread of the search is one."""
    return cut_records(capture, options, lists=("hits",))


def items(piece: Piece) -> Iterator[_Item | ItemError | None]:
    """Each item and user; of an id that is not given away, None."""
    for record in records(piece):
        yield _ITEMS.decode(record.text, piece)


# ------------------------------------------------------------------------------ what an item says


class _Above(NamedTuple):
    """What is known of the items that an item stands under."""

    story: str | None = None
    parent: str | None = None
    writer: str | None = None  # of the parent


def rows(item: _Item | None, piece: Piece) -> Iterator[Row]:
    """The rows of an item with all comments inside it, or of a user."""
    if item is None:
        piece.note("ids of which the API has no item")
        return
    if item.karma is not None:
        yield _account(item)
        return
    waiting = deque([(item, _Above())])
    while waiting:
        item, above = waiting.popleft()
        yield from _item(item, above, piece)
        inside = [child for child in item.children or () if isinstance(child, _Item)]
        if inside:
            story = above.story or (item.number if item.kind != "comment" else None)
            below = _Above(story, item.number, item.writer)
            waiting.extend((child, below) for child in inside)


def _item(item: _Item, above: _Above, piece: Piece) -> Iterator[Row]:
    if item.deleted:
        yield Deletion(post_id=_named(item.number), platform=_PLATFORM)
    elif item.writer is None and item.words is None and item.title is None:
        piece.note("items without author and text: deleted or hidden, not read")
    elif item.kind == "pollopt":
        yield _choice(item)
    elif item.kind in _KINDS:
        if item.dead:
            piece.note("posts that the site's moderators or readers hid")
        yield from _post(item, above)
    else:
        piece.note(f"{str(item.kind)[:40]}: not read")


def _post(item: _Item, above: _Above) -> Iterator[Row]:
    post_id, kind = _named(item.number), _KINDS[item.kind or ""]
    is_comment = kind is PostKind.COMMENT
    parent = _id(item.parent) or _id(item.parent_id) or above.parent
    story = _id(item.story_id) or above.story
    account_id = item.writer and _named(item.writer)
    at = _at(item)
    quality = TimeQuality.MISSING if at is None else TimeQuality.UTC
    body = extract(item.words or "")
    answers = (len(item.kids) if item.kids is not None else None) if is_comment else None
    if item.writer:
        yield Account(account_id=_named(item.writer), platform=_PLATFORM, handle=item.writer)
    yield Post(
        post_id=post_id,
        platform=_PLATFORM,
        kind=kind,
        account_id=account_id,
        thread_id=(story and _named(story)) if is_comment else post_id,
        reply_to_post_id=parent and _named(parent),
        posted_at=at,
        time_quality=quality,
        title=(item.title or None) if not is_comment else None,
        text=_whole(body) or None,
        like_count=item.points if item.score is None else item.score,
        reply_count=_first(item.descendants, item.num_comments, answers),
    )
    if parent:
        is_under = parent == above.parent and above.writer
        yield Interaction(
            kind=InteractionKind.REPLY,
            platform=_PLATFORM,
            account_id=account_id,
            target_account_id=_named(above.writer or "") if is_under else None,
            post_id=post_id,
            target_post_id=_named(parent),
            happened_at=at,
            time_quality=quality,
        )
    found = {item.url: None} if item.url and not is_comment else {}
    for url in {**found, **{link.href: None for link in body.links}}:
        yield Link(post_id=post_id, platform=_PLATFORM, url=url, posted_at=at)


def _whole(body: Extract) -> str:
    """The text with its addresses whole: the site cuts long ones off, and says so by dots."""
    parts: list[str] = []
    done = 0  # links come in the order of the text
    for href, shown in body.links:
        if not shown or not shown.endswith("...") or not href.startswith(shown[:-3]):
            continue
        at = body.text.find(shown, done)
        if at < 0:
            break
        parts += (body.text[done:at], href)
        done = at + len(shown)
    return "".join((*parts, body.text[done:]))


def _choice(item: _Item) -> Media:
    """One choice of a poll, which is an item of its own."""
    poll = _id(item.poll)
    if poll is None:
        raise ItemError("choice without its poll", item.number)
    return Media(
        post_id=_named(poll),
        platform=_PLATFORM,
        kind="poll",
        media_key=item.number,
        alt_text=extract(item.words or "").text or None,
        posted_at=_at(item),
    )


def _account(user: _Item) -> Account:
    name = user.username or (user.id if isinstance(user.id, str) else None)
    if not name:
        raise ItemError("user without name", repr(user.id)[:80])
    made = _first(user.created, user.created_at_i)
    return Account(
        account_id=_named(name),
        platform=_PLATFORM,
        handle=name,
        description=extract(user.about or "").text or None,
        created_at=None if made is None else from_seconds(made),
        posts_count=None if user.submitted is None else len(user.submitted),
    )


def _named(name: str) -> str:
    return f"{_PLATFORM}:{name}"


def _id(number: _Id | None) -> str | None:
    return str(number) if number is not None and _NUMBER.fullmatch(str(number)) else None


def _at(item: _Item) -> Micros | None:
    seconds = item.created_at_i if item.time is None else item.time
    return None if seconds is None else from_seconds(seconds)


def _first(*counts: int | None) -> int | None:
    return next((count for count in counts if count is not None), None)


# ------------------------------------------------------------------------------------ recognising

_SIGNS = tuple(
    (score, tuple(re.compile(sign) for sign in signs))
    for score, *signs in (
        (0.95, rb'"objectID"\s?:', rb'"_tags"\s?:', rb'"created_at_i"\s?:'),
        (0.9, rb'"created_at_i"\s?:', rb'"children"\s?:', rb'"story_id"\s?:'),
        (
            0.9,
            rb'"type"\s?:\s?"(?:story|comment|job|poll|pollopt)"',
            rb'"(?:by|deleted)"\s?:',
            rb'"time"\s?:\s?"?\d',
            rb'"id"\s?:\s?"?\d',
        ),
        (0.85, rb'"karma"\s?:', rb'"created"\s?:\s?\d', rb'"(?:submitted|about)"\s?:'),
        (0.85, rb'"karma"\s?:', rb'"username"\s?:', rb'"about"\s?:'),
    )
)
# Reddit has karma, too.
_FOREIGN = re.compile(rb'"(?:link_karma|subreddit|created_utc|screen_name)"\s?:')


def recognise(sample: Sample) -> float:
    """By the members of an item or a user."""
    head = sample.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith((b"{", b"[")) or _FOREIGN.search(head):
        return 0.0
    return max(
        (score for score, signs in _SIGNS if all(sign.search(head) for sign in signs)), default=0.0
    )


HACKERNEWS = Source(
    name="hackernews",
    platform=_PLATFORM,
    title="Hacker News (API and search)",
    files="*.json and *.jsonl: items and users of the API, answers of Algolia's search",
    fills=(Post, Account, Interaction, Link, Media, Deletion),
    time="UTC: set by the site's server, to the second.",
    terms="Public; the API is offered without a key for any use that does not overload it.",
    recognise=recognise,
    cut=cut,
    items=items,
    rows=rows,
)
