"""Which posts and accounts do answers of Mastodon's API hold?

A server numbers everything anew, also what other servers sent it. So that a post seen on two
servers is one, posts are named by their `uri`, which is the same everywhere, and accounts by
`name@host` with the host of their profile page. What an answer names by number only (the post that
is answered) is looked up among the records around it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated, NamedTuple
from urllib.parse import urlsplit

import msgspec

from clew.contract import Capture, NoOptions, Piece, Sample, Source
from clew.errors import ItemError
from clew.formats.html_text import Extract, extract
from clew.formats.json_items import ItemDecoder
from clew.formats.json_keys import keys_in, signs, surest
from clew.formats.json_records import cut_records, records
from clew.model.tables import (
    Account,
    Interaction,
    InteractionKind,
    Link,
    Media,
    Post,
    PostKind,
    Row,
)
from clew.model.times import Micros, TimeQuality, from_iso

_PLATFORM = "fediverse"
_LISTS = ("statuses", "accounts", "ancestors", "descendants")
_NOT_READ = "records that are no post, account or notification: not read"

_Int = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
_Id = str | int

# ---------------------------------------------------------------------------------------- records


class _Part(msgspec.Struct, gc=False):
    """Anything in an answer; fields that are not named here are of no use."""


class _Named(_Part):
    """An account, as it is mentioned."""

    id: _Id | None = None
    username: str | None = None
    acct: str | None = None
    url: str | None = None


class _Field(_Part):
    value: str = ""


class _Account(_Named):
    display_name: str | None = None
    note: str | None = None
    created_at: str | None = None
    avatar: str | None = None
    fields: list[_Field] | None = None
    followers_count: _Int | None = None
    following_count: _Int | None = None
    statuses_count: _Int | None = None
    bot: bool | None = None
    suspended: bool | None = None


class _Size(_Part):
    width: _Int | None = None
    height: _Int | None = None
    duration: float | None = None


class _Meta(_Part):
    original: _Size | None = None


class _Medium(_Part):
    id: _Id | None = None
    type: str | None = None
    url: str | None = None
    remote_url: str | None = None
    description: str | None = None
    meta: _Meta | None = None


class _Card(_Part):
    url: str | None = None
    title: str | None = None
    description: str | None = None


class _Option(_Part):
    title: str | None = None


class _Poll(_Part):
    id: _Id | None = None
    options: list[_Option] | None = None


class _Tag(_Part):
    name: str | None = None


class _Application(_Part):
    name: str | None = None


class _Status(_Part):
    id: _Id | None = None
    uri: str | None = None
    url: str | None = None
    account: _Account | None = None
    created_at: str | None = None
    edited_at: str | None = None
    content: str | None = None
    spoiler_text: str | None = None
    language: str | None = None
    application: _Application | None = None
    in_reply_to_id: _Id | None = None
    in_reply_to_account_id: _Id | None = None
    reblog: _Status | None = None
    quote: _Quote | None = None
    mentions: list[_Named] | None = None
    tags: list[_Tag] | None = None
    media_attachments: list[_Medium] | None = None
    poll: _Poll | None = None
    card: _Card | None = None
    favourites_count: _Int | None = None
    replies_count: _Int | None = None
    reblogs_count: _Int | None = None
    quotes_count: _Int | None = None


class _Quote(_Status):
    """Mastodon wraps the quoted post with the state of the quote; Pleroma and others do not."""

    quoted_status: _Status | None = None

    @property
    def status(self) -> _Status | None:
        """The post that is quoted, if it is there."""
        return self.quoted_status or (self if self.uri else None)


class _Record(_Status):
    """A post, or an account or a notification: told apart by what posts lack."""

    acct: str | None = None  # an account
    type: str | None = None  # a notification
    status: _Status | None = None


class _Item(NamedTuple):
    record: _Record | _Account
    around: _Around


class _Around:
    """What a piece says of the numbers that its server uses."""

    def __init__(self) -> None:
        self.posts: dict[str, str] = {}
        self.accounts: dict[str, str] = {}
        self.server: str | None = None  # its host, if an account of its own is there

    def learn(self, record: _Record | _Account) -> None:
        """Note the numbers of a record and of all that is in it."""
        if isinstance(record, _Account):
            self._account(record)
            return
        self._account(record.account)
        inner = _with_inner(record.status) if record.status else ()
        for status in (*_with_inner(record), *inner):
            if status.id is not None and status.uri:
                self.posts[str(status.id)] = status.uri
            for account in (status.account, *(status.mentions or ())):
                self._account(account)

    def _account(self, account: _Named | None) -> None:
        if account is None or (account_id := _account_id(account)) is None:
            return
        if account.id is not None:
            self.accounts[str(account.id)] = account_id
        if self.server is None and account.acct and "@" not in account.acct:
            self.server = _host(account.url or "")

    def post_id(self, number: _Id | None) -> str | None:
        """The id of the post that the server gave this number."""
        if number is None:
            return None
        uri = self.posts.get(str(number))
        if uri is None:
            return self.server and f"{_PLATFORM}:{self.server}/{number}"
        return f"{_PLATFORM}:{uri}"


def _with_inner(status: _Status) -> Iterator[_Status]:
    """A post, and the posts inside it that it repeats or quotes, however deep."""
    waiting = [status]
    while waiting:
        status = waiting.pop()
        yield status
        inner = (status.reblog, status.quote and status.quote.status)
        waiting += [other for other in inner if other is not None and other.uri]


_RECORDS = ItemDecoder(_Record)
_ACCOUNTS = ItemDecoder(_Account)

# ------------------------------------------------------------------------------- taking it apart


def cut(capture: Capture, options: NoOptions) -> Iterator[Piece]:
    """Pieces of whole records; posts and accounts of one answer stand together."""
    return cut_records(capture, options, lists=_LISTS)


def items(piece: Piece) -> Iterator[_Item | ItemError]:
    """Each post, account and notification, with the numbers of all in the piece."""
    around = _Around()
    found: list[_Record | _Account | ItemError] = []
    for text, *_ in records(piece):
        record: _Record | _Account | ItemError = _RECORDS.decode(text, piece)
        if isinstance(record, _Record) and record.acct is not None:
            record = _ACCOUNTS.decode(text, piece)
        if not isinstance(record, ItemError):
            around.learn(record)
        found.append(record)
    for record in found:
        yield record if isinstance(record, ItemError) else _Item(record, around)


# ----------------------------------------------------------------------------- what a record says


def rows(item: _Item, piece: Piece) -> Iterator[Row]:
    """The rows of a post with all that is in it, of an account, or of a notification."""
    record, around = item
    if isinstance(record, _Account):
        yield _account(record)
        return
    if record.uri:
        for status in _with_inner(record):
            yield from _status(status, around)
        return
    if record.account:
        yield _account(record.account)
    if record.type and record.status:
        yield from _notification(record, record.status, around)
    elif not record.type:
        piece.note(_NOT_READ)


def _notification(record: _Record, status: _Status, around: _Around) -> Iterator[Row]:
    for inner in _with_inner(status):
        yield from _status(inner, around)
    kind = _ACTS.get(record.type or "")
    if kind is None:
        return
    yield Interaction(
        kind=kind,
        platform=_PLATFORM,
        account_id=_account_id(record.account),
        target_account_id=_account_id(status.account),
        target_post_id=_post_id(status),
        happened_at=None if record.created_at is None else from_iso(record.created_at),
        time_quality=TimeQuality.UTC if record.created_at else TimeQuality.MISSING,
        value=record.type if kind is InteractionKind.REACT else None,
    )


_ACTS = {"favourite": InteractionKind.REACT, "reblog": InteractionKind.REPOST}
"""Notifications of an act that is no post of its own. The one who is followed is not named."""


def _status(status: _Status, around: _Around) -> Iterator[Row]:
    post_id = _post_id(status)
    if status.account is not None:
        yield _account(status.account)
    original = status.reblog
    quoted = status.quote and status.quote.status
    body = _read((original or status).content or "")
    posted_at = None if status.created_at is None else from_iso(status.created_at)
    application = status.application
    yield Post(
        post_id=post_id,
        platform=_PLATFORM,
        kind=PostKind.POST if original is None else PostKind.REPOST,
        account_id=_account_id(status.account),
        reply_to_post_id=around.post_id(status.in_reply_to_id),
        repost_of_post_id=_post_id(original) if original else None,
        quote_of_post_id=_post_id(quoted) if quoted else None,
        posted_at=posted_at,
        time_quality=TimeQuality.MISSING if posted_at is None else TimeQuality.UTC,
        edited_at=None if status.edited_at is None else from_iso(status.edited_at),
        title=(original or status).spoiler_text or None,
        text=body.text or None,
        url=status.url or None,
        language_claimed=(original or status).language or None,
        client=(application.name if application else None) or None,
        like_count=status.favourites_count,
        reply_count=status.replies_count,
        repost_count=status.reblogs_count,
        quote_count=status.quotes_count,
        tags=_tags(original or status),
    )
    yield from _acts(status, post_id, around, posted_at)
    if original is None:
        yield from _links(status, body, post_id, posted_at)
        yield from _media(status, post_id, posted_at)


def _acts(
    status: _Status, post_id: str, around: _Around, posted_at: Micros | None
) -> Iterator[Interaction]:
    acts: list[tuple[InteractionKind, str | None, str | None]] = []
    if status.reblog is not None:
        original = status.reblog
        acts.append((InteractionKind.REPOST, _account_id(original.account), _post_id(original)))
    else:
        if status.in_reply_to_id is not None:
            whom = around.accounts.get(str(status.in_reply_to_account_id))
            acts.append((InteractionKind.REPLY, whom, around.post_id(status.in_reply_to_id)))
        if status.quote and (quoted := status.quote.status):
            acts.append((InteractionKind.QUOTE, _account_id(quoted.account), _post_id(quoted)))
        acts += [(InteractionKind.MENTION, _account_id(who), None) for who in status.mentions or ()]
    for kind, whom, target in acts:
        yield Interaction(
            kind=kind,
            platform=_PLATFORM,
            account_id=_account_id(status.account),
            target_account_id=whom,
            post_id=post_id,
            target_post_id=target,
            happened_at=posted_at,
            time_quality=TimeQuality.MISSING if posted_at is None else TimeQuality.UTC,
        )


def _links(
    status: _Status, body: Extract, post_id: str, posted_at: Micros | None
) -> Iterator[Link]:
    """The links of the text that lead to no tag and no mentioned account, and the preview card."""
    names = {f"@{name.username or ''}".lower() for name in status.mentions or ()}
    names |= {f"@{name.acct or ''}".lower() for name in status.mentions or ()}
    names |= {f"#{tag.name or ''}".lower() for tag in status.tags or ()}
    found: dict[str, str | None] = {
        href: text for href, text in body.links if (text or "").lower() not in names
    }
    card = status.card or _NO_CARD
    if card.url:
        found[card.url] = card.title
    for url, title in found.items():
        yield Link(
            post_id=post_id,
            platform=_PLATFORM,
            url=url,
            title=title or None,
            description=(card.description or None) if url == card.url else None,
            posted_at=posted_at,
        )


_NO_CARD = _Card()
_KINDS = {"image": "photo", "gifv": "animation"}


def _media(status: _Status, post_id: str, posted_at: Micros | None) -> Iterator[Media]:
    for medium in status.media_attachments or ():
        size = (medium.meta and medium.meta.original) or _NO_SIZE
        yield Media(
            post_id=post_id,
            platform=_PLATFORM,
            kind=_KINDS.get(medium.type or "", medium.type or "unknown"),
            # The number differs from server to server, the address at the author's does not.
            url=medium.remote_url or medium.url or None,
            width_px=size.width,
            height_px=size.height,
            duration_s=size.duration,
            alt_text=medium.description or None,
            posted_at=posted_at,
        )
    if status.poll is not None:
        choices = [option.title for option in status.poll.options or () if option.title]
        yield Media(
            post_id=post_id,
            platform=_PLATFORM,
            kind="poll",
            alt_text="\n".join(choices) or None,
            posted_at=posted_at,
        )


_NO_SIZE = _Size()


def _tags(status: _Status) -> str | None:
    names = [tag.name for tag in status.tags or () if tag.name]
    return msgspec.json.encode(names).decode() if names else None


def _account(account: _Account) -> Account:
    account_id = _account_id(account)
    if account_id is None:
        raise ItemError("account without name or address", repr(account.acct)[:80])
    return Account(
        account_id=account_id,
        platform=_PLATFORM,
        handle=account_id.partition(":")[2],
        name=account.display_name or None,
        description=_read(account.note or "").text or None,
        url=_first_link(account.fields or []),
        avatar_url=account.avatar or None,
        created_at=None if account.created_at is None else from_iso(account.created_at),
        followers_count=_counted(account.followers_count),
        following_count=_counted(account.following_count),
        posts_count=_counted(account.statuses_count),
        is_bot=account.bot,
        is_deleted=True if account.suspended else None,
    )


@lru_cache(4096)
def _read(html: str) -> Extract:
    """An author's profile comes again with each of their posts, a post with each repost."""
    return extract(html)


def _first_link(fields: list[_Field]) -> str | None:
    links = (link.href for field in fields for link in _read(field.value).links)
    return next(links, None)


def _counted(count: int | None) -> int | None:
    return None if count is None or count < 0 else count  # -1: the server does not tell


def _post_id(status: _Status) -> str:
    if not status.uri:
        raise ItemError("post without uri", repr(status.id)[:80])
    return f"{_PLATFORM}:{status.uri}"


def _account_id(account: _Named | None) -> str | None:
    if account is None:
        return None
    name = account.username or (account.acct or "").partition("@")[0]
    host = _host(account.url or "") or (account.acct or "").partition("@")[2].lower()
    return f"{_PLATFORM}:{name.lower()}@{host}" if name and host else None


@lru_cache(4096)
def _host(url: str) -> str | None:
    try:
        return urlsplit(url).netloc.lower() or None
    except ValueError:
        return None


# ------------------------------------------------------------------------------------ recognising

_SIGNS = signs(
    (0.95, "reblogs_count favourites_count content account uri"),
    (0.9, "acct username display_name note followers_count statuses_count"),
    (0.85, "content account created_at uri acct"),
    (0.7, "acct display_name url note"),
)
# Other formats with posts of this shape; answers about servers, trends, versions, conversations.
_FOREIGN = frozenset(
    b"@context source_platform nav_index __typename registrations history last_status".split()
)


def recognise(sample: Sample) -> float:
    """By the keys at its beginning."""
    keys = keys_in(sample.head)
    return 0.0 if keys & _FOREIGN else surest(keys, _SIGNS)


MASTODON_API = Source(
    name="mastodon_api",
    platform=_PLATFORM,
    title="Mastodon API",
    files="*.json, *.jsonl: posts, accounts, threads, searches, notifications as the API sent them",
    fills=(Post, Account, Interaction, Link, Media),
    time="UTC, as the author's own server states it: who runs that server can set it.",
    terms="Public posts under the terms of each server; private ones only to whom they were sent.",
    recognise=recognise,
    cut=cut,
    items=items,
    rows=rows,
)
