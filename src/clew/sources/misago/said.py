"""What does a post, thread or user of a Misago forum say? Its rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from clew.contract import Piece
from clew.errors import ItemError
from clew.formats.html_text import Anchor, extract
from clew.model.tables import (
    Account,
    Channel,
    Deletion,
    Interaction,
    InteractionKind,
    Link,
    Media,
    Post,
    PostKind,
    Row,
)
from clew.model.times import Micros, TimeQuality, from_iso
from clew.sources.misago.records import (
    NO_THREAD,
    PLATFORM,
    Category,
    Item,
    Poll,
    Record,
    User,
    number_in,
)


def rows(item: Item, piece: Piece) -> Iterator[Row]:
    """The rows of a record. Raises ItemError for one without a number."""
    match item.record.kind:
        case "post":
            yield from _post(item, piece)
        case "thread":
            if item.record.post_set is None:
                piece.note("threads without posts: only who began them and the category are read")
            yield from _accounts(item, item.record.starter)
            yield from _channels(item, item.record.category)
        case "user":
            if not isinstance(item.record.id, int):
                raise ItemError("user without number", repr(item.record.username)[:80])
            yield from _accounts(item, item.record)
        case _:
            raise ItemError("unexpected structure", "none of the records that are read")


def _accounts(item: Item, user: User | None) -> Iterator[Account]:
    account_id = _account_id(item, user)
    if user is None or account_id is None:
        return
    pictures = [avatar.url for avatar in user.avatars or () if avatar.url]
    yield Account(
        account_id=account_id,
        platform=PLATFORM,
        handle=user.slug or _slug(user.path) or None,
        name=user.real_name or user.username or None,
        avatar_url=pictures[0] if pictures else None,
        created_at=_instant(user.joined_on),
        followers_count=user.followers,
        following_count=user.following,
        posts_count=user.posts,
        is_deleted=True if user.status and user.status.is_banned else None,
    )


def _channels(item: Item, category: Category | int | None) -> Iterator[Channel]:
    if not isinstance(category, Category) or category.number is None:
        return
    yield Channel(
        channel_id=f"{item.prefix}/c/{category.number}",
        platform=PLATFORM,
        kind="category",
        handle=_slug(category.path) or None,
        name=category.name or None,
        description=(category.description.plain or None) if category.description else None,
        url=category.path or None,
    )


def _post(item: Item, piece: Piece) -> Iterator[Row]:
    post = item.record
    if not isinstance(post.id, int):
        raise ItemError("post without number", repr(post.id)[:80])
    thread = item.thread
    thread_number = thread.id or (number_in(post.thread.url or "") if post.thread else None)
    category = post.category if thread is NO_THREAD else thread.category
    number = category.number if isinstance(category, Category) else category
    posted_at, quality = _time(post.posted_on)
    content = _Content(post.content or "")
    is_first = _is_first(post, thread)
    account_id = _account_id(item, post.poster)
    hidden_at = _instant(post.hidden_on) if post.is_hidden else None  # it is never null
    said = Post(
        post_id=f"{item.prefix}/post/{post.id}",
        platform=PLATFORM,
        kind=PostKind.SERVICE if post.is_event else PostKind.POST if is_first else PostKind.COMMENT,
        account_id=account_id,
        author_name=(post.poster_name or None) if account_id is None else None,
        channel_id=None if number is None else f"{item.prefix}/c/{number}",
        thread_id=None if thread_number is None else f"{item.prefix}/t/{thread_number}",
        posted_at=posted_at,
        time_quality=quality,
        edited_at=_instant(post.updated_on) if post.edits else None,
        deleted_at=hidden_at,
        action=(post.event_type or None) if post.is_event else None,
        title=(thread.title or None) if is_first else None,
        text=content.body.text or None,
        url=post.path or None,
        like_count=post.likes,
        reply_count=thread.replies if is_first else None,
    )
    yield said
    yield from _accounts(item, post.poster)
    if thread is NO_THREAD:
        yield from _channels(item, category)
    if post.is_hidden:
        yield Deletion(
            post_id=said.post_id, platform=PLATFORM, deleted_at=hidden_at, account_id=account_id
        )
    if post.is_unapproved:
        piece.note("posts that wait for a moderator")
    yield from _acts(item, said, content)
    yield from _attached(post, said, content)
    if is_first and thread.poll is not None:
        yield _poll(thread.poll, said)


def _acts(item: Item, said: Post, content: _Content) -> Iterator[Interaction]:
    acts = [(InteractionKind.QUOTE, href) for href in content.quoted]
    acts += [(InteractionKind.MENTION, href) for href in content.mentioned]
    for kind, href in acts:
        yield said.act(kind, target_account_id=f"{item.prefix}/u/{number_in(href)}")
    for user in item.record.last_likes or ():
        yield Interaction(
            kind=InteractionKind.REACT,
            platform=PLATFORM,
            account_id=_account_id(item, user),
            target_account_id=said.account_id,
            target_post_id=said.post_id,
            channel_id=said.channel_id,
            time_quality=TimeQuality.MISSING,
            value="like",
        )


def _attached(post: Record, said: Post, content: _Content) -> Iterator[Row]:
    for href, text in dict(content.links).items():
        yield Link(
            post_id=said.post_id,
            platform=PLATFORM,
            url=href,
            title=text or None,
            posted_at=said.posted_at,
        )
    for src, alt in {image.src: image.alt for image in content.body.images if image.src}.items():
        if not _is_attachment(src):
            yield Media(
                post_id=said.post_id,
                platform=PLATFORM,
                kind="photo",
                url=src,
                alt_text=alt or None,
                posted_at=said.posted_at,
            )
    for file in post.attachments or ():
        yield Media(
            post_id=said.post_id,
            platform=PLATFORM,
            kind="photo" if file.is_image else "file",
            media_key=None if file.id is None else str(file.id),
            url=(file.url.index or None) if file.url else None,
            name=file.filename or None,
            size_bytes=file.size,
            posted_at=said.posted_at,
        )


def _poll(poll: Poll, said: Post) -> Media:
    words = [poll.question, *(choice.label for choice in poll.choices or ())]
    return Media(
        post_id=said.post_id,
        platform=PLATFORM,
        kind="poll",
        media_key=None if poll.id is None else str(poll.id),
        alt_text="\n".join(filter(None, words)) or None,
        posted_at=said.posted_at,
    )


# ---------------------------------------------------------------------------------- a post's HTML

_ASIDE = re.compile(r'(<aside class="quote-block">|</aside>)')
_HEADING = re.compile(
    r'\s{0,4}<div class="quote-heading"[^<>]{0,100}>\s{0,4}<a href="([^"<>]{1,300})"'
)
_USER = re.compile(r'<a href="(/(?:u|user)/[^"<>]{1,300})"[^<>]{0,300}>@')


class _Content:
    """A post's HTML: its text, and whom it quotes and names in words of its own."""

    def __init__(self, html: str) -> None:
        self.body = extract(html)
        quoted: dict[str, None] = {}
        mentioned: dict[str, None] = {}
        depth = 0
        for part in _ASIDE.split(html):
            if part == "</aside>":
                depth = max(0, depth - 1)
            elif part.startswith("<aside "):
                depth += 1
            elif depth == 0:
                mentioned |= dict.fromkeys(map(unescape, _USER.findall(part)))
            elif depth == 1 and (heading := _HEADING.match(part)):
                quoted[unescape(heading[1])] = None
        self.quoted = [href for href in quoted if number_in(href) is not None]
        self.mentioned = [href for href in mentioned if number_in(href) is not None]

    @property
    def links(self) -> list[Anchor]:
        """Links that the author made: not to users that are named or quoted, nor to files."""
        return [
            link
            for link in self.body.links
            if not (_is_user(link) or _is_attachment(link.href) or link.href.startswith("#"))
        ]


def _is_user(link: Anchor) -> bool:
    return link.href.startswith(("/u/", "/user/")) and (link.text or "").startswith("@")


def _is_attachment(href: str) -> bool:
    return href.startswith("/a/")


# ----------------------------------------------------------------------------------- small things


def _time(text: str | None) -> tuple[Micros | None, TimeQuality]:
    if not text:
        return None, TimeQuality.MISSING
    return from_iso(text), TimeQuality.UTC if text.endswith("Z") else TimeQuality.OFFSET


def _instant(text: str | None) -> Micros | None:
    return _time(text)[0]


def _is_first(post: Record, thread: Record) -> bool:
    """Whether a thread begins with it: server and database know it by these, and no flag tells."""
    begins = (thread.started_on, thread.starter_name)
    return not post.is_event and begins == (post.posted_on, post.poster_name)


def _account_id(item: Item, user: User | None) -> str | None:
    return f"{item.prefix}/u/{user.id}" if user and isinstance(user.id, int) else None


def _slug(path: str) -> str:
    """The name in an address such as `/u/otto/2/`."""
    parts = path[:300].strip("/").split("/")
    return parts[1] if len(parts) == 3 else ""
