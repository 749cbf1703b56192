"""What does a row of a CSV of 4CAT say?"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from clew.contract import Piece
from clew.errors import ItemError
from clew.formats.html_text import extract
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
from clew.model.times import Micros, TimeQuality, from_iso, from_seconds, in_range, local_text
from clew.sources.fourcat.layouts import Cells, Clock, Layout

# What the columns are called, platform by platform; the first that has something is read.
_TITLE = ("subject", "title")
_ADDRESS = ("url", "link", "post_url", "tiktok_url", "comment_url")
_HANDLE = ("author_username", "account_username", "author_screen_name", "author")
_NAME = (
    "author_fullname",
    "author_full",
    "author_display_name",
    "account_display_name",
    "author_nickname",
    "author_name",
)
_AVATAR = (
    "author_avatar_url",
    "author_avatar",
    "account_avatar",
    "author_photo",
    "author_thumbnail_url",
)
_BIO = ("author_description", "account_note")
_FOLLOWERS = ("author_followers", "account_followers")
_VERIFIED = ("verified", "author_verified", "author_is_verified", "account_verified")
_LIKES = ("like_count", "likes", "num_likes", "favourites_count", "score")
_REPLIES = (
    "reply_count",
    "replies",
    "replies_count",
    "num_comments",
    "comments",
    "post_comments",
    "comment_count",
)
_REPOSTS = (
    "retweet_count",
    "repost_count",
    "reblog_count",
    "reblogs_count",
    "reposts",
    "shares",
    "share_count",
)
_QUOTES = ("quote_count", "quotes")
_VIEWS = ("impression_count", "view_count", "views", "plays", "play_count")
_TAGS = ("hashtags", "tags")
_LINKS = ("urls", "links", "link_urls", "link_url", "link_attached")
_PICTURES = ("image_urls", "images", "image_url", "photos")
_VIDEOS = ("video_urls", "videos", "video_url")
_GROUP_NAME = ("group_title", "group_display_name", "group_name")
_EMPTY = ("N/A", "Unknown", "None", "undefined", "False")
_FIRST_MS = 1_262_304_000_000  # 2010: smaller numbers are of another kind
_TRUE, _FALSE = ("yes", "True", "true"), ("no", "False", "false")


def said(cells: Cells, layout: Layout, piece: Piece) -> Iterator[Row]:
    """The rows of a post."""
    native = layout.post(cells)
    if native is None:
        raise ItemError("unexpected structure", "a post without id")
    post = _post(cells, layout, native)
    yield post
    if post.account_id:
        yield _account(cells, post, post.account_id)
    if post.channel_id:
        yield _channel(cells, post, post.channel_id)
    yield from _acts(cells, post)
    for address in dict.fromkeys(_addresses(cells, _LINKS)):
        yield Link(
            post_id=post.post_id,
            platform=post.platform,
            url=address,
            title=cells.get("link_title"),
            description=cells.get("link_description"),
            posted_at=post.posted_at,
        )
    for kind, columns in (("photo", _PICTURES), ("video", _VIDEOS)):
        for address in dict.fromkeys(_addresses(cells, columns)):
            yield Media(
                post_id=post.post_id,
                platform=post.platform,
                kind=kind,
                url=address,
                posted_at=post.posted_at,
            )
    if cells.get("is_ad") == "yes" or cells.get("is_promoted") == "yes":
        piece.note("advertisement: read as a post")


def _post(cells: Cells, layout: Layout, native: str) -> Post:
    platform = layout.platform
    account_id = _id(platform, layout.account(cells))
    posted_at, quality, local_time = _posted(cells, layout)
    is_repost = cells.get("is_retweet") == "yes"
    quoted = cells.get("quote_tweet_id")
    likes = None if _hides_likes(cells) else _number(cells, (layout.likes or "", *_LIKES))
    longitude, latitude = _point(cells)
    return Post(
        post_id=f"{platform}:{native}",
        platform=platform,
        kind=PostKind.REPOST if is_repost else layout.kind,
        account_id=account_id,
        author_name=None if account_id else _signature(cells),
        channel_id=_id(platform, layout.channel(cells)),
        thread_id=_id(platform, layout.thread(cells)),
        reply_to_post_id=_id(platform, layout.answers(cells)),
        quote_of_post_id=_id(platform, quoted),
        posted_at=posted_at,
        time_quality=quality,
        local_time=local_time,
        edited_at=_edited(cells),
        title=_first(cells, _TITLE),
        text=_text(cells, layout),
        url=_first(cells, _ADDRESS),
        language_claimed=_language(cells),
        client=cells.get("source") if platform == "x" else None,
        like_count=likes,
        reply_count=_count(cells, _REPLIES),
        repost_count=_count(cells, _REPOSTS),
        quote_count=_count(cells, _QUOTES),
        view_count=_count(cells, _VIEWS),
        reactions=_reactions(cells),
        tags=_tags(cells),
        latitude=latitude,
        longitude=longitude,
        place=_first(cells, ("place_name", "location_name", "country_name")),
    )


def _id(platform: str, native: str | None) -> str | None:
    return f"{platform}:{native}" if native else None


def _first(cells: Cells, columns: tuple[str, ...]) -> str | None:
    """What the first of these columns says that says something."""
    for column in columns:
        text = cells.get(column)
        if text is not None and text not in _EMPTY:
            return text
    return None


def _count(cells: Cells, columns: tuple[str, ...]) -> int | None:
    """A count; TikTok has some that fell below zero because they grew past 2^31."""
    number = _number(cells, columns)
    return None if number is None or number < 0 else number


def _number(cells: Cells, columns: tuple[str, ...]) -> int | None:
    """A whole number; what is none, such as `1.2万`, is not recorded."""
    text = (_first(cells, columns) or "").removesuffix(".0")
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 16 else None


def _text(cells: Cells, layout: Layout) -> str | None:
    body = cells.get("body")
    return extract(body).text or None if body and layout.is_html else body


def _signature(cells: Cells) -> str | None:
    """Of an anonymous post 9GAG shows the same word for everybody."""
    return None if cells.get("is_anonymous") == "yes" else _first(cells, (*_NAME, *_HANDLE))


def _reactions(cells: Cells) -> str | None:
    """Votes for and against, or LinkedIn's kinds of reactions."""
    found = {"up": _count(cells, ("upvotes",)), "down": _count(cells, ("downvotes",))}
    for column in cells:
        if column.startswith("reaction_") and column != "reaction_count":
            found[column.removeprefix("reaction_")] = _count(cells, (column,)) or None
    known = {kind: count for kind, count in found.items() if count is not None}
    if _hides_likes(cells) or not any(known.values()):
        return None
    return msgspec.json.encode(known).decode()


def _hides_likes(cells: Cells) -> bool:
    return cells.get("likes_hidden") == "yes" or cells.get("is_vote_masked") == "yes"


def _flag(cells: Cells, columns: tuple[str, ...]) -> bool | None:
    text = next((cells[column] for column in columns if column in cells), None)
    if text in _TRUE:
        return True
    return False if text in _FALSE else None


def _language(cells: Cells) -> str | None:
    """One language, as guessed or claimed; 4CAT puts several in one cell."""
    text = _first(cells, ("language_guess", "languages"))
    return text if text and "," not in text and text != "und" else None


def _tags(cells: Cells) -> str | None:
    tags = [tag.strip() for tag in (_first(cells, _TAGS) or "").split(",") if tag.strip()]
    return msgspec.json.encode(list(dict.fromkeys(tags))).decode() if tags else None


def _point(cells: Cells) -> tuple[float | None, float | None]:
    """Longitude and latitude, which is how `long_lat` has them."""
    longitude, _, latitude = cells.get("long_lat", "").partition(",")
    try:
        east, north = float(longitude), float(latitude)
    except ValueError:
        return None, None
    return (east, north) if abs(east) <= 180 and abs(north) <= 90 else (None, None)


def _addresses(cells: Cells, columns: tuple[str, ...]) -> list[str]:
    """Addresses of one cell. They stand between commas, which they may have inside as well."""
    found: list[str] = []
    for part in (_first(cells, columns) or "").split(","):
        if part.strip().startswith(("http://", "https://")):
            found.append(part.strip())
        elif found:
            found[-1] = f"{found[-1]},{part}"
    return found


# ------------------------------------------------------------------------------------------- times


def _posted(cells: Cells, layout: Layout) -> tuple[Micros | None, TimeQuality, str | None]:
    """Instant, quality and local time.

    `unix_timestamp` is exact, unless the page told no more than "2 days ago". `timestamp` alone is
    the clock of the 4CAT server for most platforms, and its zone is not recorded.
    """
    if layout.clock is Clock.NUMBER:
        return _of_number(cells.get("id", ""))
    exact = cells.get("unix_timestamp", "").removesuffix(".0")
    if exact not in ("", "0", "undefined"):
        return from_seconds(exact), layout.exact, None
    text = cells.get("timestamp")
    if text is None or text in ("0", "undefined"):
        return None, TimeQuality.MISSING, None
    if text.isascii() and text.isdigit():
        return from_seconds(text), layout.exact, None
    if layout.clock is Clock.UTC:
        return from_iso(text, naive_is_utc=True), TimeQuality.UTC, None
    return None, TimeQuality.ZONE_UNKNOWN, local_text(text)


def _of_number(native: str) -> tuple[Micros | None, TimeQuality, str | None]:
    """The instant in the number of a post of LinkedIn: milliseconds above its lowest 22 bits."""
    if not (native.isascii() and native.isdigit() and len(native) < 20):
        return None, TimeQuality.MISSING, None
    milliseconds = int(native) >> 22
    if milliseconds < _FIRST_MS:
        return None, TimeQuality.MISSING, None
    return in_range(milliseconds * 1000), TimeQuality.UTC, None


def _edited(cells: Cells) -> Micros | None:
    text = cells.get("unix_timestamp_edited", "").removesuffix(".0")
    return from_seconds(text) if text.isascii() and text.isdigit() and text != "0" else None


# -------------------------------------------------------------------------------------------- whom


def _account(cells: Cells, post: Post, account_id: str) -> Account:
    handle = _first(cells, _HANDLE)
    return Account(
        account_id=account_id,
        platform=post.platform,
        handle=handle if _is_handle(handle, account_id) else None,
        name=_first(cells, _NAME),
        description=_first(cells, _BIO),
        url=_first(cells, ("author_profile", "author_profile_url", "author_url")),
        avatar_url=_first(cells, _AVATAR),
        followers_count=_count(cells, _FOLLOWERS),
        following_count=_count(cells, ("account_following",)),
        posts_count=_count(cells, ("author_videos",)),
        is_verified=_flag(cells, _VERIFIED),
        is_bot=_flag(cells, ("author_is_bot",)),
    )


def _is_handle(handle: str | None, account_id: str) -> bool:
    """The column `author` holds the number of the account on some platforms."""
    return handle is not None and not (handle.isdigit() and account_id.endswith(handle))


def _channel(cells: Cells, post: Post, channel_id: str) -> Channel:
    chat = cells.get("chat", cells.get("board", ""))
    return Channel(
        channel_id=channel_id,
        platform=post.platform,
        kind="board" if "board" in cells and post.platform == "imageboard" else None,
        handle=chat if chat and not chat.isdigit() else None,
        name=_first(cells, _GROUP_NAME),
        description=_first(cells, ("group_description", "group_note")),
        url=cells.get("group_url"),
        members_count=_count(cells, ("group_member_count", "group_members_count")),
    )


_NAMED_ACTS = (
    (InteractionKind.REPOST, ("retweeted_user", "parent_post_author")),
    (InteractionKind.QUOTE, ("quoted_user", "quote_author")),
    (InteractionKind.REPLY, ("replied_user", "replied_author", "replied_to_user")),
    (
        InteractionKind.FORWARD,
        ("author_forwarded_from_username", "author_forwarded_from_name"),
    ),
)


def _acts(cells: Cells, post: Post) -> Iterator[Interaction]:
    """Toward whom the post is. Mostly a name is recorded and not which post."""
    is_answered = False
    for kind, columns in _NAMED_ACTS:
        name = _first(cells, columns)
        if name:
            answered = post.reply_to_post_id if kind is InteractionKind.REPLY else None
            is_answered = is_answered or kind is InteractionKind.REPLY
            quoted = post.quote_of_post_id if kind is InteractionKind.QUOTE else None
            yield post.act(
                kind, target_name=name.removeprefix("@"), target_post_id=answered or quoted
            )
    if post.reply_to_post_id and not is_answered:
        yield post.act(InteractionKind.REPLY, target_post_id=post.reply_to_post_id)
    column = "entities_mentioned" if post.platform == "telegram" else "mentions"
    names = (name.strip().removeprefix("@") for name in cells.get(column, "").split(","))
    for whom in dict.fromkeys(filter(None, names)):
        yield post.act(InteractionKind.MENTION, target_name=whom)
