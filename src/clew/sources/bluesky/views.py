"""What does an answer of Bluesky's API say around the records that it shows?

Who their authors are, how often they were liked, at which address their pictures are; and what it
means that an account or a post stands in the answer to this question.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import msgspec

from clew.contract import Piece
from clew.errors import ItemError
from clew.formats.json_items import ItemDecoder
from clew.model.tables import Account, Interaction, InteractionKind, Media, Post, PostKind, Row
from clew.model.times import Micros, TimeQuality, from_iso
from clew.sources.bluesky.lexicon import (
    PLATFORM,
    Count,
    Counts,
    Part,
    Place,
    account_id,
    decoded,
    owner,
    post_id,
    said,
)

LISTS = (
    *("feed", "posts", "records", "likes", "repostedBy", "notifications"),
    *("follows", "followers", "actors", "profiles"),
)
"""Names of the lists in answers."""


class ProfileView(Part, rename="camel"):
    """An account as the service shows it."""

    did: str | None = None
    handle: str | None = None
    display_name: str | None = None
    description: str | None = None
    avatar: str | None = None
    created_at: str | None = None
    followers_count: Count | None = None
    follows_count: Count | None = None
    posts_count: Count | None = None


class Picture(Part):
    """Where a picture is to be had."""

    fullsize: str | None = None


class EmbedView(Part):
    """What a post carries, as the service shows it."""

    images: list[Picture] | None = None
    playlist: str | None = None
    record: PostView | None = None
    media: EmbedView | None = None


class PostView(Counts, rename="camel"):
    """A post as the service shows it."""

    uri: str | None = None
    author: ProfileView | None = None
    record: msgspec.Raw = msgspec.Raw()
    value: msgspec.Raw = msgspec.Raw()  # as `record`: of a quoted post, and of `getRecord`
    embed: EmbedView | None = None
    indexed_at: str | None = None

    @property
    def text(self) -> bytes:
        """The record's JSON."""
        return bytes(self.record) or bytes(self.value)


class Reason(Part, rename="camel"):
    """Why a post stands in a feed: someone reposted it."""

    by: ProfileView | None = None
    uri: str | None = None
    indexed_at: str | None = None


class Around(Part):
    """The posts that a reply in a feed answers."""

    root: PostView | None = None
    parent: PostView | None = None


class Thread(Part):
    """A post with what it answers and what answers it."""

    post: PostView | None = None
    parent: Thread | None = None
    replies: list[Thread] | None = None


class View(PostView, rename="camel"):
    """Any part of an answer, told apart by what it has."""

    did: str | None = None  # an account
    post: PostView | None = None
    reason: Reason | str | None = None  # a word in a notification
    reply: Around | None = None
    thread: Thread | None = None
    actor: ProfileView | None = None
    created_at: str | None = None


class Asked(Part):
    """What was asked for: whose likes, followers…"""

    uri: str | None = None
    subject: ProfileView | None = None
    place: str = ""  # the name of the list in the answer


_QUOTES = ItemDecoder(PostView)


def view_rows(part: View | ProfileView, asked: Asked, piece: Piece) -> Iterator[Row]:
    """The rows of one part of an answer; none, noted, of what is not read."""
    if isinstance(part, ProfileView):
        yield _account(part)
        yield from _listing(part, asked)
    elif part.thread:
        for post in _posts(part.thread, piece):
            yield from _shown(post, piece)
    elif part.post:
        around = part.reply or _ALONE
        shown = (part.post, around.parent, around.root)
        for post in filter(None, shown):
            if post.text:  # else it is blocked or not found
                yield from _shown(post, piece)
        if isinstance(part.reason, Reason) and part.reason.by:
            yield from _reposted(part.post, part.reason, part.reason.by)
    elif part.uri and part.text:
        yield from _shown(part, piece)
    elif part.actor and asked.uri:
        yield _account(part.actor)
        yield _liked(part, part.actor, asked.uri)
    else:
        piece.note("parts of answers that are no post or account: not read")


_ALONE = Around()


def _posts(thread: Thread, piece: Piece) -> Iterator[PostView]:
    """The posts of a thread, the one that was asked for first."""
    waiting = deque([thread])
    while waiting:
        thread = waiting.popleft()
        if thread.post is None:
            piece.note("posts of a thread that the service does not show")
        else:
            yield thread.post
        waiting.extend([thread.parent] if thread.parent else [])
        waiting.extend(thread.replies or ())


def _shown(post: PostView, piece: Piece) -> Iterator[Row]:
    """A post with its author, and the one that it quotes."""
    embed = post.embed or _NO_EMBED
    beside = embed.media or embed
    quote = embed.record
    if quote and not bytes(quote.value) and bytes(quote.record):  # media stand beside it
        quote = decoded(_QUOTES, bytes(quote.record), piece)
    if quote and quote.uri and quote.text:
        if quote.author:
            yield _account(quote.author)
        yield from said(_place(quote), quote.text, piece, quote)
    if post.author:
        yield _account(post.author)
    addresses = iter([picture.fullsize for picture in beside.images or ()])
    for row in said(_place(post), post.text, piece, post):
        if isinstance(row, Media):
            url = beside.playlist if row.kind == "video" else next(addresses, None)
            yield msgspec.structs.replace(row, url=url or None)
        else:
            yield row


_NO_EMBED = EmbedView()


def _place(post: PostView) -> Place:
    return Place(post.uri or "", None if post.indexed_at is None else from_iso(post.indexed_at))


def _account(view: ProfileView) -> Account:
    if not view.did:
        raise ItemError("account without DID", repr(view.handle)[:80])
    return Account(
        account_id=f"{PLATFORM}:{view.did}",
        platform=PLATFORM,
        handle=view.handle or None,
        name=view.display_name or None,
        description=view.description or None,
        avatar_url=view.avatar or None,
        created_at=None if view.created_at is None else from_iso(view.created_at),
        followers_count=view.followers_count,
        following_count=view.follows_count,
        posts_count=view.posts_count,
    )


def _reposted(post: PostView, reason: Reason, by: ProfileView) -> Iterator[Row]:
    """The repost for which a post stands in a feed; older answers do not name it."""
    at = None if reason.indexed_at is None else from_iso(reason.indexed_at)
    quality = TimeQuality.MISSING if at is None else TimeQuality.UTC
    yield _account(by)
    if reason.uri:
        yield Post(
            post_id=f"{PLATFORM}:{reason.uri}",
            platform=PLATFORM,
            kind=PostKind.REPOST,
            account_id=account_id(by.did),
            repost_of_post_id=post_id(post.uri),
            posted_at=at,
            time_quality=quality,
        )
    yield Interaction(
        kind=InteractionKind.REPOST,
        platform=PLATFORM,
        account_id=account_id(by.did),
        target_account_id=owner(post.uri),
        post_id=f"{PLATFORM}:{reason.uri}" if reason.uri else None,
        target_post_id=post_id(post.uri),
        happened_at=at,
        time_quality=quality,
    )


def _liked(part: View, actor: ProfileView, uri: str) -> Interaction:
    claimed = part.created_at or part.indexed_at
    at: Micros | None = None if claimed is None else from_iso(claimed)
    return Interaction(
        kind=InteractionKind.REACT,
        platform=PLATFORM,
        account_id=account_id(actor.did),
        target_account_id=owner(uri),
        target_post_id=post_id(uri),
        happened_at=at,
        time_quality=(
            TimeQuality.MISSING
            if at is None
            else TimeQuality.CLAIMED
            if part.created_at
            else TimeQuality.UTC
        ),
        value="like",
    )


def _listing(view: ProfileView, asked: Asked) -> Iterator[Interaction]:
    """What it means that an account stands in the answer to this question."""
    subject = account_id(asked.subject.did) if asked.subject else None
    who, whom, what = account_id(view.did), subject, None
    kind = InteractionKind.FOLLOW
    if asked.place == "follows" and subject:
        who, whom = subject, who
    elif asked.place == "repostedBy" and asked.uri:
        kind, whom, what = InteractionKind.REPOST, owner(asked.uri), post_id(asked.uri)
    elif asked.place != "followers" or not subject:
        return
    yield Interaction(
        kind=kind,
        platform=PLATFORM,
        account_id=who,
        target_account_id=whom,
        target_post_id=what,
        time_quality=TimeQuality.MISSING,
    )
