"""Which posts and accounts do answers of Gab hold?

Gab's program, Gab Social, began as Mastodon's and was published until 2021; its statuses have what
Mastodon's have, and groups, quotes and revisions of their own. Gab's pages of today ask for the
same objects with short names, which nobody has published: of these only what is certain is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import msgspec

from clew.contract import Piece, Sample, Source
from clew.errors import ItemError
from clew.formats.html_text import Extract, extract
from clew.formats.json_items import ItemDecoder
from clew.formats.zeeschuimer import Collected, Sorted, recognised, signs, walk
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
from clew.model.times import TimeQuality, from_iso
from clew.sources.gab.objects import Card, Group, Id, Person, ShortStatus, Size, Status

_PLATFORM = "gab"

_SHORT = "posts with short names: reactions, replies, reposts, quotes not read (names not certain)"
_HIDDEN = "posts whose words Gab hid from who collected: no text"
_OTHERS = "objects that are no post, account or group: not read"


class _Shape(Collected):
    """What tells posts, accounts and groups apart, and from what is around them."""

    content: msgspec.Raw = msgspec.Raw()
    username: msgspec.Raw = msgspec.Raw()
    ca: msgspec.Raw = msgspec.Raw()
    member_count: msgspec.Raw = msgspec.Raw()
    statuses: msgspec.Raw = msgspec.Raw()
    accounts: msgspec.Raw = msgspec.Raw()
    groups: msgspec.Raw = msgspec.Raw()
    ancestors: msgspec.Raw = msgspec.Raw()
    descendants: msgspec.Raw = msgspec.Raw()


class _Item(NamedTuple):
    status: Status
    is_short: bool


_Record: TypeAlias = _Item | Person | Group

_SHAPE = ItemDecoder(_Shape)
_LIST: ItemDecoder[list[msgspec.Raw] | None] = ItemDecoder(list[msgspec.Raw] | None)  # type: ignore[arg-type]
_STATUS = ItemDecoder(Status)
_SHORT_STATUS = ItemDecoder(ShortStatus)
_ACCOUNT = ItemDecoder(Person)
_GROUP = ItemDecoder(Group)

# -------------------------------------------------------------------------------- taking it apart

_OWN = re.compile(rb'"ur[il]"\s{0,8}:\s{0,8}"https?://gab\.(?:com|ai)/')
_SIGNS = signs("content created_at revised_at quote_of_id", "acct display_name is_pro is_donor")


def recognise(sample: Sample) -> float:
    """By the platform that Zeeschuimer names, or keys and addresses of Gab."""
    keys = _SIGNS if _OWN.search(sample.head) else ()
    return recognised(sample, platforms=("gab.com",), keys=keys, score=0.97)


def items(piece: Piece) -> Iterator[_Record | ItemError]:
    """Each post, account and group."""
    return walk(piece, _SHAPE, _sorted)


def _sorted(shape: _Shape, text: bytes, piece: Piece) -> Sorted[_Record]:
    """The post, account or group that a text is, else the texts inside it."""
    if bytes(shape.content):
        status = _STATUS.decode(text, piece)
        return [status if isinstance(status, ItemError) else _Item(status, False)], []
    if bytes(shape.ca):
        short = _SHORT_STATUS.decode(text, piece)
        return [short if isinstance(short, ItemError) else _Item(short.long, True)], []
    if bytes(shape.username):
        return [_ACCOUNT.decode(text, piece)], []
    if bytes(shape.member_count):
        return [_GROUP.decode(text, piece)], []
    records: list[_Record | ItemError] = []
    inside: list[msgspec.Raw] = []
    thread = (shape.ancestors, shape.descendants)
    for part in (shape.statuses, shape.accounts, shape.groups, *thread):
        found = _LIST.decode(bytes(part) or b"null", piece)
        if isinstance(found, ItemError):
            records.append(found)
        else:
            inside += found or []
    if not inside and not records:
        piece.note(_OTHERS)
    return records, inside


# ----------------------------------------------------------------------------- what a record says


def rows(item: _Record, piece: Piece) -> Iterator[Row]:
    """The rows of an account or group, or of a post and the posts inside it, however deep."""
    if isinstance(item, Person):
        yield _account(item)
        return
    if isinstance(item, Group):
        yield _channel(item)
        return
    if item.is_short:
        piece.note(_SHORT)
    waiting = [item.status]
    while waiting:
        status = waiting.pop()
        yield from _status_rows(status, piece)
        waiting += [other for other in (status.quote, status.reblog) if other is not None]


def _status_rows(status: Status, piece: Piece) -> Iterator[Row]:
    body = _said(status.reblog or status, piece)
    post = _post(status, body)
    yield post
    if status.account and status.account.id is not None:
        yield _account(status.account)
    if status.group and status.group.id is not None:
        yield _channel(status.group)
    yield from _acts(status, post)
    if status.reblog is None:
        yield from _links(status, body, post)
        yield from _media(status, post)


def _post_id(native: Id | None) -> str | None:
    return None if native is None else f"{_PLATFORM}:{native}"


def _account_id(native: Id | None) -> str | None:
    return None if native is None else f"{_PLATFORM}:user/{native}"


def _channel_id(group: Group | None) -> str | None:
    return None if group is None or group.id is None else f"{_PLATFORM}:group/{group.id}"


def _author(status: Status) -> str | None:
    own = _account_id(status.account.id) if status.account else None
    return own or _account_id(status.account_id)


def _quoted(status: Status) -> str | None:
    return _post_id(status.quote_of_id) or _post_id(status.quote.id if status.quote else None)


# Gab writes these in place of the author's words, for readers that the author blocks and for spam.
_NOT_SAID = ("[HIDDEN – USER BLOCKS YOU]", "[HIDDEN – MARKED AS SPAM]")
_NOTHING = Extract("", [], [])


def _said(status: Status, piece: Piece) -> Extract:
    body = Extract((status.body or "").strip(), [], [])
    if status.content:
        body = _read(status.content)
    if body.text in _NOT_SAID:
        piece.note(_HIDDEN)
        return _NOTHING
    return body


@lru_cache(4096)
def _read(html: str) -> Extract:
    """What HTML says: a post that is reposted comes again with each repost."""
    return extract(html)


def _post(status: Status, body: Extract) -> Post:
    if status.id is None:
        raise ItemError("unexpected structure", "a post without id")
    original = status.reblog
    said = original or status
    posted_at = None if status.created_at is None else from_iso(status.created_at)
    tags = [tag.name for tag in said.tags or () if tag.name]
    counts = status.reactions_counts
    return Post(
        post_id=f"{_PLATFORM}:{status.id}",
        platform=_PLATFORM,
        kind=PostKind.POST if original is None else PostKind.REPOST,
        account_id=_author(status),
        channel_id=_channel_id(status.group),
        reply_to_post_id=_post_id(status.in_reply_to_id),
        repost_of_post_id=_post_id(original.id) if original else None,
        quote_of_post_id=_quoted(status),
        posted_at=posted_at,
        time_quality=TimeQuality.MISSING if posted_at is None else TimeQuality.UTC,
        edited_at=None if status.revised_at is None else from_iso(status.revised_at),
        title=said.spoiler_text or None,
        text=body.text or None,
        url=status.url or None,
        language_claimed=said.language or None,
        like_count=status.favourites_count,
        reply_count=status.replies_count,
        repost_count=status.reblogs_count,
        quote_count=status.quotes_count,
        reactions=None if counts is None else msgspec.json.encode(counts).decode(),
        tags=msgspec.json.encode(tags).decode() if tags else None,
    )


def _account(account: Person) -> Account:
    account_id = _account_id(account.id)
    if account_id is None:
        raise ItemError("unexpected structure", "an account without id")
    return Account(
        account_id=account_id,
        platform=_PLATFORM,
        handle=account.username or account.acct or None,
        name=account.display_name or None,
        description=_read(account.note or "").text or None,
        avatar_url=account.avatar or None,
        created_at=None if account.created_at is None else from_iso(account.created_at),
        followers_count=account.followers_count,
        following_count=account.following_count,
        posts_count=account.statuses_count,
        is_verified=account.is_verified,
        is_protected=account.locked,
        is_bot=account.bot,
    )


def _channel(group: Group) -> Channel:
    channel_id = _channel_id(group)
    if channel_id is None:
        raise ItemError("unexpected structure", "a group without id")
    return Channel(
        channel_id=channel_id,
        platform=_PLATFORM,
        kind="group",
        handle=group.slug or None,
        name=group.title or None,
        description=group.description or None,
        url=group.url or None,
        created_at=None if group.created_at is None else from_iso(group.created_at),
        members_count=group.member_count,
    )


def _acts(status: Status, post: Post) -> Iterator[Interaction]:
    if original := status.reblog:
        yield post.act(
            InteractionKind.REPOST,
            target_account_id=_author(original),
            target_post_id=_post_id(original.id),
        )
        return
    if post.reply_to_post_id:
        yield post.act(
            InteractionKind.REPLY,
            target_account_id=_account_id(status.in_reply_to_account_id),
            target_post_id=post.reply_to_post_id,
        )
    if post.quote_of_post_id:
        yield post.act(
            InteractionKind.QUOTE,
            target_account_id=_author(status.quote) if status.quote else None,
            target_post_id=post.quote_of_post_id,
        )
    for who in status.mentions or ():
        yield post.act(InteractionKind.MENTION, target_account_id=_account_id(who.id))


def _links(status: Status, body: Extract, post: Post) -> Iterator[Link]:
    """The links of the text that lead to no tag and no account, and the page shown below."""
    found: dict[str, str | None] = {
        href: text for href, text in body.links if not _is_own(href, text)
    }
    card = status.card or Card()
    if card.url:
        found[card.url] = card.title
    for url, title in found.items():
        yield Link(
            post_id=post.post_id,
            platform=_PLATFORM,
            url=url,
            title=title or None,
            description=(card.description or None) if url == card.url else None,
            posted_at=post.posted_at,
        )


def _is_own(href: str, text: str | None) -> bool:
    """Whether a link leads to the tag or account that it names; `@name` may lead anywhere else."""
    is_name = (text or "").startswith(("#", "@", "$"))
    return is_name and href.startswith(("/", "https://gab.com/")) and not href.startswith("//")


_KINDS = {"image": "photo", "gifv": "animation"}


def _media(status: Status, post: Post) -> Iterator[Media]:
    for medium in status.media_attachments or ():
        size = (medium.meta and medium.meta.original) or Size()
        yield Media(
            post_id=post.post_id,
            platform=_PLATFORM,
            kind=_KINDS.get(medium.type or "", medium.type or "unknown"),
            media_key=None if medium.id is None else str(medium.id),
            url=medium.source_mp4 or medium.url or None,
            mime=medium.file_content_type or None,
            width_px=size.width,
            height_px=size.height,
            duration_s=size.duration,
            alt_text=medium.description or None,
            posted_at=post.posted_at,
        )
    if status.poll is not None:
        choices = [choice.title for choice in status.poll.options or () if choice.title]
        yield Media(
            post_id=post.post_id,
            platform=_PLATFORM,
            kind="poll",
            alt_text="\n".join(choices) or None,
            posted_at=post.posted_at,
        )


GAB = Source(
    name="gab",
    platform=_PLATFORM,
    title="Gab",
    files="answers of its API and garc's lines (*.json, *.jsonl); Zeeschuimer's *.ndjson",
    fills=(Post, Account, Channel, Interaction, Link, Media),
    time="UTC: set by Gab's servers, to the millisecond.",
    terms="Gab's terms forbid collecting by machine without consent; ask before use.",
    recognise=recognise,
    items=items,
    rows=rows,
)
