"""Which posts and accounts do answers of Truth Social hold?

Its program began as Mastodon's, but it is joined to no other server: its own numbers are ids.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated, TypeAlias

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

_PLATFORM = "truth_social"

_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=40)] | int
_Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
_Pixels = Annotated[int, msgspec.Meta(ge=0, le=2**31)]


class _Part(msgspec.Struct, gc=False):
    """Anything in an answer; what is not named here is not read."""


class _Named(_Part):
    """An account, as it is mentioned."""

    id: _Id | None = None
    username: str | None = None


class _Account(_Named):
    acct: str | None = None
    display_name: str | None = None
    note: str | None = None
    location: str | None = None
    website: str | None = None
    avatar: str | None = None
    created_at: str | None = None
    followers_count: _Count | None = None
    following_count: _Count | None = None
    statuses_count: _Count | None = None
    verified: bool | None = None
    locked: bool | None = None
    bot: bool | None = None
    suspended: bool | None = None


class _Group(_Part):
    """A group in which a post stands."""

    id: _Id | None = None
    slug: str | None = None
    display_name: str | None = None
    note: str | None = None
    url: str | None = None
    created_at: str | None = None
    members_count: _Count | None = None


class _Size(_Part):
    width: _Pixels | None = None
    height: _Pixels | None = None
    duration: float | None = None


class _Meta(_Part):
    original: _Size | None = None


class _Medium(_Part):
    id: _Id | None = None
    type: str | None = None
    url: str | None = None
    description: str | None = None
    meta: _Meta | None = None


class _Card(_Part):
    """The page shown below a post."""

    url: str | None = None
    title: str | None = None
    description: str | None = None


class _Choice(_Part):
    title: str | None = None


class _Poll(_Part):
    options: list[_Choice] | None = None


class _Tag(_Part):
    name: str | None = None


class _Status(_Part):
    """A post."""

    id: _Id | None = None
    url: str | None = None
    account: _Account | None = None
    created_at: str | None = None
    edited_at: str | None = None
    content: str | None = None
    spoiler_text: str | None = None
    language: str | None = None
    in_reply_to_id: _Id | None = None
    in_reply_to_account_id: _Id | None = None
    in_reply_to: _Status | None = None
    quote_id: _Id | None = None
    quote: _Status | None = None
    reblog: _Status | None = None
    group: _Group | None = None
    mentions: list[_Named] | None = None
    tags: list[_Tag] | None = None
    media_attachments: list[_Medium] | None = None
    poll: _Poll | None = None
    card: _Card | None = None
    replies_count: _Count | None = None
    reblogs_count: _Count | None = None
    favourites_count: _Count | None = None


class _Shape(Collected):
    """What tells a post from an account, and both from a search."""

    account: msgspec.Raw = msgspec.Raw()
    username: msgspec.Raw = msgspec.Raw()
    statuses: msgspec.Raw = msgspec.Raw()
    accounts: msgspec.Raw = msgspec.Raw()
    ancestors: msgspec.Raw = msgspec.Raw()
    descendants: msgspec.Raw = msgspec.Raw()


_Record: TypeAlias = _Status | _Account

_SHAPE = ItemDecoder(_Shape)
_LIST = ItemDecoder(list[msgspec.Raw])
_STATUS = ItemDecoder(_Status)
_ACCOUNT = ItemDecoder(_Account)

# -------------------------------------------------------------------------------- taking it apart

_OWN = re.compile(rb'"ur[il]"\s{0,8}:\s{0,8}"https://truthsocial\.com/(?:@|users/)')
_SIGNS = signs(
    "account content created_at reblogs_count quote_id",
    "acct display_name note followers_count accepting_messages",
)


def recognise(sample: Sample) -> float:
    """By the platform that Zeeschuimer names, or keys and addresses of Truth Social."""
    keys = _SIGNS if _OWN.search(sample.head) else ()
    return recognised(sample, platforms=("truthsocial.com",), keys=keys, score=0.97)


def items(piece: Piece) -> Iterator[_Record | ItemError]:
    """Each post and account."""
    return walk(piece, _SHAPE, _sorted)


def _sorted(shape: _Shape, text: bytes, piece: Piece) -> Sorted[_Record]:
    """The post or account that a text is, else the texts inside it."""
    if bytes(shape.account):
        return [_STATUS.decode(text, piece)], []
    if bytes(shape.username):
        return [_ACCOUNT.decode(text, piece)], []
    records: list[_Record | ItemError] = []
    inside: list[msgspec.Raw] = []
    for part in (shape.statuses, shape.accounts, shape.ancestors, shape.descendants):
        found = _LIST.decode(bytes(part) or b"[]", piece)
        if isinstance(found, ItemError):
            records.append(found)
        else:
            inside += found
    if not inside and not records:
        piece.note("objects that are no post or account: not read")
    return records, inside


# ----------------------------------------------------------------------------- what a record says


def rows(item: _Record, piece: Piece) -> Iterator[Row]:  # noqa: ARG001 - the contract's signature
    """The rows of an account, or of a post and the posts inside it, however deep."""
    if isinstance(item, _Account):
        yield _account(item)
        return
    waiting = [item]
    while waiting:
        status = waiting.pop()
        yield from _status_rows(status)
        inner = (status.in_reply_to, status.quote, status.reblog)
        waiting += [other for other in inner if other is not None]


def _status_rows(status: _Status) -> Iterator[Row]:
    body = _read((status.reblog or status).content or "")
    post = _post(status, body)
    yield post
    if status.account:
        yield _account(status.account)
    if status.group and post.channel_id:
        yield _channel(status.group, post.channel_id)
    yield from _acts(status, post)
    if status.reblog is None:
        yield from _links(status, body, post)
        yield from _media(status, post)


def _post_id(native: _Id | None) -> str | None:
    return None if native is None else f"{_PLATFORM}:{native}"


def _account_id(native: _Id | None) -> str | None:
    return None if native is None else f"{_PLATFORM}:user/{native}"


def _quoted(status: _Status) -> str | None:
    return _post_id(status.quote_id) or _post_id(status.quote.id if status.quote else None)


def _thread_id(status: _Status) -> str | None:
    """The first post of its thread, if all between came along."""
    first: _Status | None = status
    while first is not None and first.in_reply_to_id is not None:
        first = first.in_reply_to
    return _post_id(first.id) if first else None


def _post(status: _Status, body: Extract) -> Post:
    if status.id is None:
        raise ItemError("unexpected structure", "a post without id")
    original = status.reblog
    said = original or status
    posted_at = None if status.created_at is None else from_iso(status.created_at)
    tags = [tag.name for tag in said.tags or () if tag.name]
    group_id = status.group.id if status.group else None
    return Post(
        post_id=f"{_PLATFORM}:{status.id}",
        platform=_PLATFORM,
        kind=PostKind.POST if original is None else PostKind.REPOST,
        account_id=_account_id(status.account.id if status.account else None),
        channel_id=None if group_id is None else f"{_PLATFORM}:group/{group_id}",
        thread_id=_thread_id(status) if original is None else None,
        reply_to_post_id=_post_id(status.in_reply_to_id),
        repost_of_post_id=_post_id(original.id) if original else None,
        quote_of_post_id=_quoted(status),
        posted_at=posted_at,
        time_quality=TimeQuality.MISSING if posted_at is None else TimeQuality.UTC,
        edited_at=None if status.edited_at is None else from_iso(status.edited_at),
        title=said.spoiler_text or None,
        text=body.text or None,
        url=status.url or None,
        language_claimed=said.language or None,
        like_count=status.favourites_count,
        reply_count=status.replies_count,
        repost_count=status.reblogs_count,
        tags=msgspec.json.encode(tags).decode() if tags else None,
    )


@lru_cache(4096)
def _read(html: str) -> Extract:
    """What HTML says. Zeeschuimer has turned that of posts into text, where `<` is itself."""
    return extract(html) if html.lstrip().startswith("<") else Extract(html.strip(), [], [])


def _account(account: _Account) -> Account:
    account_id = _account_id(account.id)
    if account_id is None:
        raise ItemError("unexpected structure", "an account without id")
    return Account(
        account_id=account_id,
        platform=_PLATFORM,
        handle=account.username or account.acct or None,
        name=account.display_name or None,
        description=_read(account.note or "").text or None,
        location_claimed=account.location or None,
        url=account.website or None,
        avatar_url=account.avatar or None,
        created_at=None if account.created_at is None else from_iso(account.created_at),
        followers_count=account.followers_count,
        following_count=account.following_count,
        posts_count=account.statuses_count,
        is_verified=account.verified,
        is_protected=account.locked,
        is_bot=account.bot,
        is_deleted=True if account.suspended else None,
    )


def _channel(group: _Group, channel_id: str) -> Channel:
    return Channel(
        channel_id=channel_id,
        platform=_PLATFORM,
        kind="group",
        handle=group.slug or None,
        name=group.display_name or None,
        description=_read(group.note or "").text or None,
        url=group.url or None,
        created_at=None if group.created_at is None else from_iso(group.created_at),
        members_count=group.members_count,
    )


def _acts(status: _Status, post: Post) -> Iterator[Interaction]:
    acts: list[tuple[InteractionKind, _Id | None, str | None]] = []
    if original := status.reblog:
        whose = original.account.id if original.account else None
        acts.append((InteractionKind.REPOST, whose, _post_id(original.id)))
    else:
        if post.reply_to_post_id:
            whom = status.in_reply_to_account_id
            acts.append((InteractionKind.REPLY, whom, post.reply_to_post_id))
        if post.quote_of_post_id:
            whose = status.quote.account.id if status.quote and status.quote.account else None
            acts.append((InteractionKind.QUOTE, whose, post.quote_of_post_id))
        acts += [(InteractionKind.MENTION, who.id, None) for who in status.mentions or ()]
    for kind, whom, target in acts:
        yield post.act(kind, target_account_id=_account_id(whom), target_post_id=target)


def _links(status: _Status, body: Extract, post: Post) -> Iterator[Link]:
    """The links of the text that lead to no tag and no account, and the page shown below."""
    found: dict[str, str | None] = {
        href: text for href, text in body.links if not (text or "").startswith(("#", "@"))
    }
    card = status.card or _Card()
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


_KINDS = {"image": "photo", "gifv": "animation", "tv": "video"}


def _media(status: _Status, post: Post) -> Iterator[Media]:
    for medium in status.media_attachments or ():
        size = (medium.meta and medium.meta.original) or _Size()
        yield Media(
            post_id=post.post_id,
            platform=_PLATFORM,
            kind=_KINDS.get(medium.type or "", medium.type or "unknown"),
            media_key=None if medium.id is None else str(medium.id),
            url=medium.url or None,
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


TRUTH_SOCIAL = Source(
    name="truth_social",
    platform=_PLATFORM,
    title="Truth Social",
    files="answers of its API and truthbrush's lines (*.json, *.jsonl); Zeeschuimer's *.ndjson",
    fills=(Post, Account, Channel, Interaction, Link, Media),
    time="UTC: set by Truth Social's servers, to the millisecond.",
    terms="Truth Social's terms forbid collecting by machine without consent; ask before use.",
    recognise=recognise,
    items=items,
    rows=rows,
)
