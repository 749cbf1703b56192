"""What does a post of an archive hold?

A repost stands there as words that begin `RT @…:`; which post it repeats is not recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

import msgspec

from clew.contract import Piece
from clew.errors import ItemError
from clew.formats.html_text import html_to_text
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
from clew.model.times import Micros, TimeQuality, from_ctime, from_iso
from clew.sources.x_archive.records import (
    Entities,
    Note,
    Size,
    Tweet,
    Url,
    Variant,
    Video,
    number,
)

PLATFORM = "x"


def x_id(native: str) -> str:
    """The id of an account or a post in Clew's tables."""
    return f"{PLATFORM}:{native}"


Notes = Mapping[str, list[Note]]
"""The words of long posts, by how they begin."""


def tweet_rows(tweet: Tweet, holder_id: str | None, notes: Notes, piece: Piece) -> Iterator[Row]:
    """The rows of a post or of the head of a deleted one. Raises ItemError for an unusable time."""
    if tweet.native is None:
        raise ItemError("unexpected structure", "a post without id")
    post_id = x_id(tweet.native)
    posted_at = instant(tweet.created_at)
    deleted_at = instant(tweet.deleted_at)
    if deleted_at is not None:
        author = x_id(tweet.user_id) if tweet.user_id else holder_id
        yield Deletion(post_id=post_id, platform=PLATFORM, deleted_at=deleted_at, account_id=author)
    if tweet.full_text is None and tweet.text is None:
        if deleted_at is None:
            piece.note("head of a post, without its words: not read")
        return
    yield _post(tweet, post_id, posted_at, deleted_at, holder_id, notes, piece)
    yield from _named(tweet)
    yield from _acts(tweet, post_id, posted_at, holder_id)
    yield from links(_marks(tweet).urls or (), post_id, posted_at)
    yield from _media(tweet, post_id, posted_at)


def instant(text: str | None) -> Micros | None:
    """A time in the words of the older API, or, in deleted posts, in ISO 8601."""
    if not text:
        return None
    return from_iso(text) if text[:4].isdigit() else from_ctime(text)


def _marks(tweet: Tweet) -> Entities:
    return tweet.entities or Entities()


def _is_repost(tweet: Tweet) -> bool:
    """An archive has no other sign of it: the words begin so, and name whom they are from."""
    mentions = _marks(tweet).user_mentions or []
    said = tweet.full_text or tweet.text or ""
    return bool(mentions) and said.startswith(f"RT @{mentions[0].screen_name}: ")


def _post(
    tweet: Tweet,
    post_id: str,
    posted_at: Micros | None,
    deleted_at: Micros | None,
    holder_id: str | None,
    notes: Notes,
    piece: Piece,
) -> Post:
    marks = _marks(tweet)
    tags = [tag.text for tag in marks.hashtags or () if tag.text]
    tags += [f"${tag.text}" for tag in marks.symbols or () if tag.text]
    longitude, latitude = _point(tweet, piece)
    answered = tweet.in_reply_to_status_id_str
    text = _plain(tweet.full_text or tweet.text)
    return Post(
        post_id=post_id,
        platform=PLATFORM,
        kind=PostKind.REPOST if _is_repost(tweet) else PostKind.POST,
        account_id=holder_id,
        reply_to_post_id=x_id(answered) if answered else None,
        posted_at=posted_at,
        time_quality=TimeQuality.MISSING if posted_at is None else TimeQuality.UTC,
        deleted_at=deleted_at,
        text=_whole_text(text, posted_at, notes),
        language_claimed=tweet.lang or None,
        client=_client(tweet.source) if tweet.source else None,
        like_count=number(tweet.favorite_count),
        repost_count=number(tweet.retweet_count),
        tags=msgspec.json.encode(tags).decode() if tags else None,
        longitude=longitude,
        latitude=latitude,
    )


def _plain(text: str | None) -> str | None:
    """X escapes three characters as in HTML."""
    if text and "&" in text:
        text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return text or None


@lru_cache(maxsize=4096)
def _client(source: str) -> str | None:
    return html_to_text(source) or None


def _point(tweet: Tweet, piece: Piece) -> tuple[float | None, float | None]:
    """Longitude and latitude."""
    if not tweet.coordinates or not tweet.coordinates.coordinates:
        return None, None
    try:
        longitude, latitude = [float(it) for it in tweet.coordinates.coordinates]
    except ValueError:
        longitude = latitude = 1e9
    if abs(longitude) <= 180 and abs(latitude) <= 90:
        return longitude, latitude
    piece.note("coordinates that are no point on Earth: left out")
    return None, None


def _named(tweet: Tweet) -> Iterator[Account]:
    for mention in _marks(tweet).user_mentions or ():
        if mention.id_str and mention.id_str.isdecimal():
            yield Account(
                account_id=x_id(mention.id_str),
                platform=PLATFORM,
                handle=mention.screen_name or None,
                name=mention.name or None,
            )


def _acts(
    tweet: Tweet, post_id: str, posted_at: Micros | None, holder_id: str | None
) -> Iterator[Interaction]:
    mentions = _marks(tweet).user_mentions or []
    acts: list[tuple[InteractionKind, str | None, str | None, str | None]] = []
    if _is_repost(tweet):
        acts.append((InteractionKind.REPOST, mentions[0].id_str, mentions[0].screen_name, None))
    else:
        answered, whom = tweet.in_reply_to_status_id_str, tweet.in_reply_to_user_id_str
        if answered or whom:
            name = tweet.in_reply_to_screen_name
            acts.append((InteractionKind.REPLY, whom, name, answered))
        acts += [(InteractionKind.MENTION, it.id_str, it.screen_name, None) for it in mentions]
    for kind, whom, name, answered in acts:
        is_there = bool(whom and whom.isdecimal())
        yield Interaction(
            kind=kind,
            platform=PLATFORM,
            account_id=holder_id,
            target_account_id=f"{PLATFORM}:{whom}" if is_there else None,
            target_name=None if is_there else name or None,
            post_id=post_id,
            target_post_id=x_id(answered) if answered else None,
            happened_at=posted_at,
            time_quality=TimeQuality.MISSING if posted_at is None else TimeQuality.UTC,
        )


def links(urls: Iterable[Url], post_id: str, posted_at: Micros | None) -> Iterator[Link]:
    """The addresses of a text."""
    for url in urls:
        if url.url:
            yield Link(
                post_id=post_id,
                platform=PLATFORM,
                url=url.url,
                expanded_url=url.expanded_url or None,
                posted_at=posted_at,
            )


def _media(tweet: Tweet, post_id: str, posted_at: Micros | None) -> Iterator[Media]:
    if _is_repost(tweet):
        return  # the original's
    for medium in (tweet.extended_entities or _marks(tweet)).media or ():
        kind = medium.type or "unknown"
        size = (medium.sizes and medium.sizes.large) or Size()
        video = medium.video_info or Video()
        best = max(video.variants or (), key=_bitrate, default=Variant())
        duration = number(video.duration_millis)
        yield Media(
            post_id=post_id,
            platform=PLATFORM,
            kind="animation" if kind == "animated_gif" else kind,
            media_key=medium.id_str,
            url=best.url or medium.media_url_https or medium.media_url or None,
            mime=best.content_type or None,
            width_px=number(size.w),
            height_px=number(size.h),
            duration_s=None if duration is None else duration / 1000,
            posted_at=posted_at,
        )


def _bitrate(variant: Variant) -> int:
    rate = number(variant.bitrate)
    return -1 if rate is None else rate


_BEGINNING = 100  # characters
_APART = 5_000_000  # microseconds between a long post and its words


def beginning(text: str) -> str:
    """What the post and the words of a long one have in common."""
    return text[:_BEGINNING]


def _whole_text(text: str | None, posted_at: Micros | None, notes: Notes) -> str | None:
    """The words of a long post: of the note that begins alike and was written at the same time."""
    if text is not None and posted_at is not None and len(text) >= _BEGINNING:
        for note in notes.get(beginning(text), ()):
            if abs(from_iso(note.created_at) - posted_at) <= _APART:
                return _plain(note.core.text)
    return text
