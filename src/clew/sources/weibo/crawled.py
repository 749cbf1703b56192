"""What do records say that crawlers have rewritten: weibo-crawler, weibo-search, WeiboSpider…?

Each crawler has its own names for the same things; `_NAMES` brings them together. Most write times
as the clock showed them: in China for those that Weibo dated, where the crawler ran for those that
Weibo gave in words. The file does not tell which, so the zone is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from clew.contract import Piece
from clew.errors import ItemError
from clew.formats.html_text import Anchor
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
from clew.model.times import Micros, TimeQuality, from_seconds, local_text
from clew.sources.weibo.saying import WORDLESS, links_of, mention_rows, moment, point
from clew.sources.weibo.values import (
    PLATFORM,
    comment_id,
    count,
    json_list,
    native,
    plain,
    post_number,
    region,
    topics,
    weibo_id,
)

Fields = Mapping[str, Any]

_NAMES: Mapping[str, tuple[str, ...]] = {
    "number": ("_id", "note_id", "id"),
    "bid": ("bid", "mblogid"),
    "text": ("content", "微博正文", "正文", "text"),
    "user": ("user_id", "用户id"),
    "user_name": ("nick_name", "nickname", "screen_name", "用户昵称"),
    "local": ("full_created_at", "完整日期", "发布时间", "created_at", "日期"),
    "client": ("source", "发布工具", "工具"),
    "likes": ("attitudes_count", "liked_count", "comment_like_count", "like_counts", "点赞数"),
    "replies": ("comments_count", "sub_comment_count", "评论数"),
    "reposts": ("reposts_count", "shared_count", "转发数"),
    "region": ("ip_location", "ip"),
    "place": ("location", "发布位置", "位置"),
    "topics": ("topics", "话题"),
    "pictures": ("pic_urls", "pics", "原始图片url", "微博图片url"),
    "video": ("video", "video_url", "视频url", "微博视频url"),
    "article": ("article_url", "头条文章url"),
    "url": ("url", "note_url"),
    "avatar": ("avatar_hd", "avatar"),
    "original": ("retweet_id", "源微博id"),
}

_ONLY_DAY = "time without an hour: not read"


def _of(fields: Fields, what: str) -> Any:
    """The first of the columns of this name that says anything."""
    for name in _NAMES[what]:
        if (value := fields.get(name)) not in (None, "", [], "null"):
            return value
    return None


def _words(fields: Fields, what: str) -> str | None:
    value = _of(fields, what)
    return value.strip() or None if isinstance(value, str) else None


def crawled_rows(fields: Fields, piece: Piece) -> Iterator[Row]:
    """A post, comment, account or relation. Raises ItemError for what is none of them."""
    if isinstance(fields.get("fan_info"), dict) or isinstance(fields.get("follower_info"), dict):
        yield from _relation(fields, piece)
    elif fields.get("comment_id") or isinstance(fields.get("comment_user"), dict):
        yield from _comment(fields, piece)
    elif _of(fields, "number") and (_of(fields, "text") or _of(fields, "bid")):
        yield from _post(fields, piece)
    elif fields.get("_id") and fields.get("nick_name"):
        yield from _account(fields, piece)
    else:
        raise ItemError("unexpected structure", "no post, comment, account or relation")


# ---------------------------------------------------------------------------------------- accounts


def _account_id(fields: Fields) -> str | None:
    return weibo_id(native(fields.get("_id")) or native(_of(fields, "user")))


def _account(fields: Fields, piece: Piece) -> Iterator[Account]:
    account_id = _account_id(fields)
    if account_id is None:
        return
    verified = fields.get("verified")
    yield Account(
        account_id=account_id,
        platform=PLATFORM,
        name=_words(fields, "user_name"),
        description=_text(fields.get("description")),
        location_claimed=_text(fields.get("location")),
        avatar_url=_words(fields, "avatar"),
        followers_count=count(fields.get("followers_count"), piece),
        following_count=count(fields.get("friends_count"), piece),
        posts_count=count(fields.get("statuses_count"), piece),
        is_verified=verified if isinstance(verified, bool) else None,
    )


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _relation(fields: Fields, piece: Piece) -> Iterator[Row]:
    """Who follows whom: `follower_id` is followed by the fan, `fan_id` follows the follower."""
    other = fields.get("fan_info") or fields.get("follower_info")
    if not isinstance(other, dict):
        raise ItemError("unexpected structure", "a relation without the other account")
    others_id = _account_id(other)
    is_fan = "fan_info" in fields
    known_id = weibo_id(native(fields.get("follower_id" if is_fan else "fan_id")))
    if others_id is None or known_id is None:
        raise ItemError("relation without both accounts")
    yield from _account(other, piece)
    yield Interaction(
        kind=InteractionKind.FOLLOW,
        platform=PLATFORM,
        account_id=others_id if is_fan else known_id,
        target_account_id=known_id if is_fan else others_id,
        time_quality=TimeQuality.MISSING,
    )


def _author(fields: Fields) -> Fields:
    """The account that a record is of: an object of its own, or columns of the record."""
    for name in ("user", "comment_user"):
        inside = fields.get(name)
        if isinstance(inside, dict):
            return inside
    return {
        "user_id": _of(fields, "user"),
        "nick_name": _of(fields, "user_name"),
        "avatar": _of(fields, "avatar"),
    }


# ------------------------------------------------------------------------------------------- times


def _time(fields: Fields, piece: Piece) -> tuple[Micros | None, str | None, TimeQuality]:
    """When: an instant, or a local time without zone."""
    seconds = fields.get("create_time")
    if isinstance(seconds, int) or (isinstance(seconds, str) and seconds.strip().isdigit()):
        return from_seconds(seconds), None, TimeQuality.UTC
    text = _words(fields, "local")
    if text is None:
        return None, None, TimeQuality.MISSING
    if text[0] in "SMTWF" or not text.isascii() or len(text) < len("2025-11-01"):
        posted_at = moment(text, piece)
        quality = TimeQuality.MISSING if posted_at is None else TimeQuality.OFFSET
        return posted_at, None, quality
    local = local_text(text)
    if ":" not in text:
        piece.note(_ONLY_DAY)
        return None, None, TimeQuality.MISSING
    return None, local, TimeQuality.ZONE_UNKNOWN


# ------------------------------------------------------------------------------- posts and comments


def _post(fields: Fields, piece: Piece) -> Iterator[Row]:
    number = post_number(_words(fields, "bid"), piece, _of(fields, "number"))
    if number is None:
        raise ItemError("post without a number", repr(_of(fields, "number"))[:80])
    author = _author(fields)
    text, anchors = _said(_words(fields, "text"))
    original, others = _original(fields, piece)
    posted_at, local, quality = _time(fields, piece)
    latitude, longitude, place = point(fields.get("geo"))
    is_wordless = original is not None and (text is None or text in WORDLESS)
    post = Post(
        post_id=f"{PLATFORM}:{number}",
        platform=PLATFORM,
        kind=PostKind.REPOST if is_wordless else PostKind.POST,
        account_id=_account_id(author),
        thread_id=f"{PLATFORM}:{number}",
        repost_of_post_id=original,
        posted_at=posted_at,
        local_time=local,
        time_quality=quality,
        text=None if is_wordless else text,
        url=_words(fields, "url"),
        client=_words(fields, "client"),
        like_count=count(_of(fields, "likes"), piece),
        reply_count=count(_of(fields, "replies"), piece),
        repost_count=count(_of(fields, "reposts"), piece),
        tags=json_list(_several(_of(fields, "topics")) or topics(text)),
        latitude=latitude,
        longitude=longitude,
        place=place or _words(fields, "place") or region(_of(fields, "region")),
    )
    yield post
    yield from _account(author, piece)
    if original:
        named = native(fields.get("源用户id")) or native((others or {}).get("user_id"))
        yield post.act(
            InteractionKind.REPOST,
            target_post_id=original,
            target_account_id=weibo_id(named),
        )
    yield from mention_rows(post)
    yield from links_of(post, anchors, None)
    if article := _words(fields, "article"):
        yield Link(post_id=post.post_id, platform=PLATFORM, url=article, posted_at=posted_at)
    yield from _media(fields, post)
    if others is not None:
        yield from _post({**others, "retweet": None}, piece)


def _said(text: str | None) -> tuple[str | None, list[Anchor]]:
    """A text and its links; most crawlers have taken the markup out of it, some leave it."""
    has_markup = text is not None and any(tag in text for tag in ("</a>", "</span>", "<br"))
    return plain(text) if has_markup else (text, [])


def _original(fields: Fields, piece: Piece) -> tuple[str | None, Fields | None]:
    """The id of the reposted post, and what the record says of that post."""
    inside = fields.get("retweet")
    if isinstance(inside, dict):
        bid = _words(inside, "bid")
        number = post_number(bid, piece, _of(inside, "number"))
        return weibo_id(number), inside if number else None
    return weibo_id(native(_of(fields, "original"))), None


def _comment(fields: Fields, piece: Piece) -> Iterator[Row]:
    own_id = comment_id(native(fields.get("comment_id") or fields.get("_id")))
    if own_id is None:
        raise ItemError("comment without a number")
    below = weibo_id(native(fields.get("note_id")) or _asked(piece))
    root = comment_id(native(fields.get("parent_comment_id")))
    above = root if root and root != own_id else below
    author = _author(fields)
    text, _ = _said(_words(fields, "text"))
    posted_at, local, quality = _time(fields, piece)
    answered = fields.get("reply_comment")
    if isinstance(answered, dict):
        above = comment_id(native(answered.get("_id"))) or above
    post = Post(
        post_id=own_id,
        platform=PLATFORM,
        kind=PostKind.COMMENT,
        account_id=_account_id(author),
        thread_id=below,
        reply_to_post_id=above,
        posted_at=posted_at,
        local_time=local,
        time_quality=quality,
        text=text,
        like_count=count(_of(fields, "likes"), piece),
        reply_count=count(_of(fields, "replies"), piece),
        tags=json_list(topics(text)),
        place=region(_of(fields, "region")),
    )
    yield post
    yield from _account(author, piece)
    if above:
        yield post.act(InteractionKind.REPLY, target_post_id=above)
    yield from mention_rows(post)


def _asked(piece: Piece) -> str | None:
    """The post that the analyst says the comments belong to."""
    post: int | None = piece.options.post
    return native(post)


def _media(fields: Fields, post: Post) -> Iterator[Media]:
    for url in dict.fromkeys(_several(_of(fields, "pictures"))):
        yield _medium(post, "photo", url)
    for url in dict.fromkeys(_several(_of(fields, "video"), ";")):
        yield _medium(post, "video", url)


def _medium(post: Post, kind: str, url: str) -> Media:
    return Media(
        post_id=post.post_id, platform=PLATFORM, kind=kind, url=url, posted_at=post.posted_at
    )


def _several(value: object, mark: str = ",") -> list[str]:
    """The parts of a list, or of a text with marks between them."""
    parts = (
        value if isinstance(value, list) else value.split(mark) if isinstance(value, str) else ()
    )
    return [part.strip() for part in parts if isinstance(part, str) and part.strip()]
