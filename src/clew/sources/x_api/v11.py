"""What do answers of X's API v1.1 say, and of v1 before it?

A text holds one post, one account, a notice of a stream, or a page: of posts (`statuses`, or by
id), of accounts (`users`). Posts are whole: the author, the post repeated and the post quoted are
inside.

A repost has no words of its own: it takes text and tags from the original, which is inside it, and
leaves links, mentions and media to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TypeAlias

import msgspec

from clew.contract import Piece
from clew.errors import ItemError
from clew.formats.html_text import html_to_text
from clew.formats.json_items import ItemDecoder
from clew.model.tables import (
    Account,
    InteractionKind,
    Link,
    Media,
    Post,
    PostKind,
    Row,
)
from clew.model.times import Micros, TimeQuality, from_ctime, from_seconds
from clew.sources.x_api.both import (
    MEDIA_KINDS,
    Act,
    deleted,
    interactions,
    json_list,
    on_earth,
    tag_list,
    x_id,
)
from clew.sources.x_api.v11_records import (
    Deleted,
    Line,
    Size,
    Status,
    Unwound,
    User,
    Variant,
    Video,
    exact,
)

_LINE = ItemDecoder(Line)
_USER = ItemDecoder(User)
_KEYS = ItemDecoder(dict[str, msgspec.Raw])

Item: TypeAlias = Status | User | bytes  # bytes: something else, as it stands there

# -------------------------------------------------------------------------------- taking it apart


PAGES = (b'"statuses"', b'"users"', b'"id":{', b'"id": {')  # what the text of a page has somewhere


def count(texts: Iterable[bytes], piece: Piece) -> int:
    """How many items `items` would give."""
    return sum(_size(_LINE.decode(text, piece)) for text in texts)


def _size(line: Line | ItemError) -> int:
    page = None if isinstance(line, ItemError) else _page(line)
    return 1 if page is None else len(page)


def items(texts: Iterable[bytes], piece: Piece) -> Iterator[Item | ItemError]:
    """Each post, account or notice."""
    for text in texts:
        line = _LINE.decode(text, piece)
        page = None if isinstance(line, ItemError) else _page(line)
        if page is None:
            yield _item(line, text, piece)
        else:
            for raw in page:
                element = bytes(raw)
                yield _item(_LINE.decode(element, piece), element, piece)


def _page(line: Line) -> list[msgspec.Raw] | None:
    if isinstance(line.id, dict):  # looked up by id; null: not found
        return [raw for raw in line.id.values() if bytes(raw) != b"null"]
    if line.statuses is None and line.users is None:
        return None
    return [*(line.statuses or ()), *(line.users or ())]


def _item(line: Line | ItemError, text: bytes, piece: Piece) -> Item | ItemError:
    if isinstance(line, ItemError):
        return line
    if line.screen_name is not None:
        return _USER.decode(text, piece)
    has_text = line.text is not None or line.full_text is not None
    is_post = has_text and line.sender_id is None
    return line if is_post or line.delete else text


# ----------------------------------------------------------------------------- what a record says


def rows(item: Item, piece: Piece) -> Iterator[Row]:
    """The rows of a post, an account, or the notice that a post is gone."""
    if isinstance(item, bytes):
        piece.note(f"{_other(item, piece)}: not read")
    elif isinstance(item, Line) and item.delete:
        yield from _removal(item.delete, piece)
    elif item.native is None:
        raise ItemError("unexpected structure", "a record without id")
    elif isinstance(item, User):
        if item.status and item.status.native:
            yield from _status_rows(item.status, item, piece)
        else:
            yield _account(item)
    else:
        yield from _status_rows(item, item.user, piece)


_OTHERS = {
    "sender_id": "direct message",
    "direct_message": "direct message",
    "events": "direct message",
    "event": "event of a stream",
    "limit": "notice of a stream: posts were held back",
    "scrub_geo": "notice of a stream: places are to be removed",
    "status_withheld": "notice of a stream: post withheld",
    "user_withheld": "notice of a stream: account withheld",
    "disconnect": "notice of a stream: disconnected",
    "warning": "notice of a stream: warning",
    "friends": "list of account ids",
    "friends_str": "list of account ids",
    "ids": "list of account ids",
    "lists": "lists of accounts",
    "member_count": "list of accounts",
    "relationship": "relationship of two accounts",
    "error": "error message",
    "errors": "error message",
}


def _other(text: bytes, piece: Piece) -> str:
    """What it is, if it is nothing that Clew has a table for."""
    keys = _KEYS.decode(text, piece)
    if isinstance(keys, ItemError):
        raise keys
    for key, what in _OTHERS.items():
        if key in keys:
            return what
    raise ItemError("unexpected structure", "neither a post nor an account")


def _status_rows(status: Status, author: User | None, piece: Piece) -> list[Row]:
    """Rows of a post, and of the posts and accounts inside it."""
    found: list[Row] = []
    waiting = [(status, author)]
    while waiting:
        status, author = waiting.pop()
        if status.native is None:
            raise ItemError("unexpected structure", "a post without id")
        found += _post_rows(status, author, piece)
        users = [author, *_mentions(status)] if author else _mentions(status)
        found += [_account(user) for user in users if user.native]
        inside = (status.retweeted_status, status.quoted_status)
        waiting += [(post, post.user) for post in inside if post]
    return found


def _mentions(status: Status) -> list[User]:
    """Whom it mentions itself."""
    return [] if status.retweeted_status else status.marks.user_mentions or []


def _account(user: User) -> Account:
    links = (user.entities and user.entities.url and user.entities.url.urls) or ()
    return Account(
        account_id=f"x:{user.native}",
        platform="x",
        handle=user.screen_name or None,
        name=user.name or None,
        description=user.description or None,
        location_claimed=user.location or None,
        url=next((link.expanded_url for link in links if link.expanded_url), user.url or None),
        avatar_url=user.profile_image_url_https or user.profile_image_url or None,
        created_at=from_ctime(user.created_at) if user.created_at else None,
        followers_count=user.followers_count,
        following_count=user.friends_count,
        posts_count=user.statuses_count,
        is_verified=user.verified,
        is_protected=user.protected,
    )


def _post_rows(status: Status, author: User | None, piece: Piece) -> list[Row]:
    account_id = x_id(author.native) if author else None
    posted_at = from_ctime(status.created_at) if status.created_at else None
    post = _post(status, account_id, posted_at, piece)
    found: list[Row] = [post, *interactions(_acts(status), post.post_id, account_id, posted_at)]
    if status.retweeted_status is None:
        found += _links(status, posted_at)
        found += _media(status, posted_at)
        if status.truncated and status.extended_tweet is None and status.full_text is None:
            piece.note("text cut off by X: ask for it with tweet_mode=extended")
    return found


def _post(status: Status, account_id: str | None, posted_at: Micros | None, piece: Piece) -> Post:
    said = status.retweeted_status or status
    longitude, latitude = _point(status, piece)
    withheld = status.withheld_in_countries
    reposts = status.retweet_count
    return Post(
        post_id=f"x:{status.native}",
        platform="x",
        kind=PostKind.REPOST if status.retweeted_status else PostKind.POST,
        account_id=account_id,
        reply_to_post_id=x_id(_answered(status)),
        repost_of_post_id=x_id(said.native) if said is not status else None,
        quote_of_post_id=x_id(_quoted(status)),
        posted_at=posted_at,
        time_quality=TimeQuality.MISSING if posted_at is None else TimeQuality.UTC,
        text=said.words,
        language_claimed=status.lang or None,
        client=_client(status.source) if status.source else None,
        like_count=status.favorite_count,
        reply_count=status.reply_count,
        repost_count=None if isinstance(reposts, str) else reposts,
        quote_count=status.quote_count,
        tags=tag_list(
            [tag.text for tag in said.marks.hashtags or ()],
            [tag.text for tag in said.marks.symbols or ()],
        ),
        latitude=latitude,
        longitude=longitude,
        place=(status.place and (status.place.full_name or status.place.name)) or None,
        withheld_in=json_list(withheld) if withheld else None,
    )


def _answered(status: Status) -> str | None:
    return exact(status.in_reply_to_status_id_str, status.in_reply_to_status_id)


def _quoted(status: Status) -> str | None:
    """The post it quotes itself: what the original of a repost quotes stands there, too."""
    if status.retweeted_status:
        return None
    inside = status.quoted_status.native if status.quoted_status else None
    return inside or exact(status.quoted_status_id_str, status.quoted_status_id)


@lru_cache(maxsize=4096)
def _client(source: str) -> str | None:
    """The name of a program, of the anchor that leads to its page."""
    return html_to_text(source) or None


def _point(status: Status, piece: Piece) -> tuple[float | None, float | None]:
    """Longitude and latitude; only the older `geo` has them the other way round."""
    if status.coordinates:
        return on_earth(status.coordinates.coordinates, piece)
    if status.geo:
        return on_earth((status.geo.coordinates or [])[::-1], piece)
    return None, None


def _acts(status: Status) -> Iterator[Act]:
    """What its author did with it, to whom."""
    if original := status.retweeted_status:
        whom = original.user.native if original.user else None
        yield Act(InteractionKind.REPOST, whom, post=original.native)
        return
    answered = _answered(status)
    whom = exact(status.in_reply_to_user_id_str, status.in_reply_to_user_id)
    if answered or whom:
        yield Act(InteractionKind.REPLY, whom, status.in_reply_to_screen_name, answered)
    if quoted := _quoted(status):
        author = status.quoted_status.user if status.quoted_status else None
        yield Act(InteractionKind.QUOTE, author.native if author else None, post=quoted)
    for mention in _mentions(status):
        if mention.native or mention.screen_name:
            yield Act(InteractionKind.MENTION, mention.native, mention.screen_name)


_NOT_UNWOUND = Unwound()


def _links(status: Status, posted_at: Micros | None) -> Iterator[Link]:
    for link in status.marks.urls or ():
        unwound = link.unwound or _NOT_UNWOUND
        target = unwound.url or link.expanded_url or None
        if not link.url or (target and target.endswith(f"/i/web/status/{status.native}")):
            continue  # "read on": X put it there, where it cut the text off
        yield Link(
            post_id=f"x:{status.native}",
            platform="x",
            url=link.url,
            expanded_url=target,
            title=unwound.title or None,
            description=unwound.description or None,
            posted_at=posted_at,
        )


def _media(status: Status, posted_at: Micros | None) -> Iterator[Media]:
    for medium in status.media:
        kind = medium.type or "unknown"
        size = medium.original_info or (medium.sizes and medium.sizes.large) or Size()
        video = medium.video_info or Video()
        best = max(video.variants or (), key=_bitrate, default=Variant())
        yield Media(
            post_id=f"x:{status.native}",
            platform="x",
            kind=MEDIA_KINDS.get(kind, kind),
            media_key=medium.native,
            url=best.url or medium.media_url_https or medium.media_url or None,
            mime=best.content_type or None,
            width_px=size.width if size.w is None else size.w,
            height_px=size.height if size.h is None else size.h,
            duration_s=None if video.duration_millis is None else video.duration_millis / 1000,
            alt_text=medium.ext_alt_text or None,
            posted_at=posted_at,
        )


def _bitrate(variant: Variant) -> int:
    """What a file of a video is chosen by: a playlist has none, an animation has 0."""
    return -1 if variant.bitrate is None else variant.bitrate


def _removal(notice: Deleted, piece: Piece) -> Iterator[Row]:
    native = notice.status.native if notice.status else None
    if native is None:
        raise ItemError("unexpected structure", "a notice of deletion without id")
    gone_at = piece.capture.observed_at
    if notice.timestamp_ms:
        gone_at = from_seconds(f"{notice.timestamp_ms[:-3]}.{notice.timestamp_ms[-3:]}")
    if gone_at is None:
        piece.note("post deleted, not known when: not read")
    else:
        yield deleted(native, gone_at)
