"""What do Weibo's own objects say, as rows?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from clew.contract import Piece
from clew.errors import ItemError
from clew.formats.json_items import ItemDecoder
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
from clew.model.times import Micros, TimeQuality, from_ctime
from clew.sources.weibo.records import Address, Comment, LongText, Page, Picture, Status, User
from clew.sources.weibo.values import (
    PLATFORM,
    client,
    comment_id,
    count,
    json_list,
    mentions,
    native,
    outward,
    plain,
    post_number,
    region,
    topics,
    weibo_id,
)

WORDLESS = frozenset(("转发微博", "轉發微博", "Repost"))
"""What Weibo writes for those who repost without words."""

_CUT_OFF = "text cut off: its rest is in an answer to longtext"
_RELATIVE = "time in words (3分钟前) or without a year: not known"
_UNSEEN = "reposted post that Weibo does not show: not read"

_PICTURE = ItemDecoder(Picture)
_PAGE = ItemDecoder(Page)


def moment(text: str | None, piece: Piece) -> Micros | None:
    """The instant of `Sat Nov 01 12:00:00 +0800 2025`; null for a time in words."""
    if not text:
        return None
    if text[:1].isascii() and not text[:1].isdigit():
        return from_ctime(text)
    if not text.isascii() or len(text) <= len("11-01 12:30"):
        piece.note(_RELATIVE)
        return None
    raise ItemError("time unreadable", repr(text)[:80])


def _quality(posted_at: Micros | None) -> TimeQuality:
    return TimeQuality.MISSING if posted_at is None else TimeQuality.OFFSET


# ---------------------------------------------------------------------------------------- accounts


def account_rows(user: User | None, piece: Piece) -> Iterator[Account]:
    """The row of an account, if it has a number."""
    account_id = user_id(user)
    if user is None or account_id is None:
        return
    yield Account(
        account_id=account_id,
        platform=PLATFORM,
        handle=user.domain or None,
        name=user.screen_name or None,
        description=(user.description or "").strip() or None,
        location_claimed=user.location or None,
        url=user.url or None,
        avatar_url=user.avatar_hd or user.avatar_large or user.profile_image_url or None,
        created_at=moment(user.created_at, piece),
        followers_count=count(user.followers_count, piece),
        following_count=count(
            user.follow_count if user.friends_count is None else user.friends_count, piece
        ),
        posts_count=count(user.statuses_count, piece),
        is_verified=user.verified,
    )


def user_id(user: User | None) -> str | None:
    """The id of an account."""
    return weibo_id(native(user.idstr) or native(user.id)) if user else None


# ------------------------------------------------------------------------------------------- posts


def status_rows(status: Status, piece: Piece) -> Iterator[Row]:
    """A post, its account, and the post that it repeats."""
    original = status.retweeted_status
    yield from _status_rows(status, original, piece)
    if original is not None:
        yield from _original_rows(original, piece)


def _original_rows(original: Status, piece: Piece) -> Iterator[Row]:
    """A reposted post. Of one that is gone, the text is Weibo's and not its author's."""
    if original.user is not None and (original.text or original.text_raw):
        yield from _status_rows(original, None, piece)
        return
    post_id = status_id(original, piece)
    if post_id and original.deleted in (True, 1, "1"):
        yield Deletion(post_id=post_id, platform=PLATFORM)
    else:
        piece.note(_UNSEEN)


def status_id(status: Status, piece: Piece) -> str | None:
    """The id of a post."""
    bid = status.bid or status.mblogid
    return weibo_id(post_number(bid, piece, status.idstr, status.mid, status.id))


def _status_rows(status: Status, original: Status | None, piece: Piece) -> Iterator[Row]:
    text, links = _text(status, piece)
    post = _post(status, original, text, piece)
    yield post
    yield from account_rows(status.user, piece)
    if original is not None:
        yield post.act(
            InteractionKind.REPOST,
            target_account_id=user_id(original.user),
            target_post_id=post.repost_of_post_id,
        )
    yield from mention_rows(post)
    yield from links_of(post, links, status.url_struct)
    yield from _media(status, post, piece)
    page = status.page_info
    if page and page.kind in ("article", "webpage") and page.page_url:
        yield _link(post, page.page_url, title=page.page_title, description=page.content1)


def _text(status: Status, piece: Piece) -> tuple[str | None, list[Any]]:
    """The longest text that is there, and the links in it."""
    longer = status.longText.longTextContent if isinstance(status.longText, LongText) else None
    if status.isLongText and not longer:
        piece.note(_CUT_OFF)
    if status.text_raw is not None:  # weibo.com: its long text is plain too
        return (longer or status.text_raw).strip("\u200b \n") or None, []
    return plain(longer or status.text)


def _post(status: Status, original: Status | None, text: str | None, piece: Piece) -> Post:
    post_id = status_id(status, piece)
    if post_id is None:
        raise ItemError("post without a number", repr(status.id)[:80])
    posted_at = moment(status.created_at, piece)
    titles = [topic.topic_title for topic in status.topic_struct or () if topic.topic_title]
    is_wordless = original is not None and (text is None or text in WORDLESS)
    latitude, longitude, place = point(status.geo)
    return Post(
        post_id=post_id,
        platform=PLATFORM,
        kind=PostKind.REPOST if is_wordless else PostKind.POST,
        account_id=user_id(status.user),
        thread_id=post_id,
        repost_of_post_id=status_id(original, piece) if original else None,
        posted_at=posted_at,
        time_quality=_quality(posted_at),
        edited_at=moment(status.edit_at, piece),
        text=None if is_wordless else text,
        client=client(status.source),
        like_count=count(status.attitudes_count, piece),
        reply_count=count(status.comments_count, piece),
        repost_count=count(status.reposts_count, piece),
        view_count=count(status.reads_count, piece),
        tags=json_list(titles or topics(text)),
        latitude=latitude,
        longitude=longitude,
        place=place or region(status.region_name),
    )


def point(geo: object) -> tuple[float | None, float | None, str | None]:
    """Latitude, longitude and place of a `geo` object; Weibo writes the latitude first."""
    if not isinstance(geo, dict):
        return None, None, None
    detail, pair = geo.get("detail"), geo.get("coordinates")
    title = detail.get("title") if isinstance(detail, dict) else None
    place = title if isinstance(title, str) and title else None
    if not isinstance(pair, list) or len(pair) != 2:
        return None, None, place
    try:
        latitude, longitude = float(pair[0]), float(pair[1])
    except (TypeError, ValueError, OverflowError):
        return None, None, place
    is_on_earth = abs(latitude) <= 90 and abs(longitude) <= 180 and (latitude or longitude)
    return (latitude, longitude, place) if is_on_earth else (None, None, place)


# --------------------------------------------------------------------------- what hangs on a post


def mention_rows(post: Post) -> Iterator[Interaction]:
    """The accounts that a post's text names."""
    for name in mentions(post.text):
        yield post.act(InteractionKind.MENTION, target_name=name)


def links_of(post: Post, anchors: list[Any], given: list[Address] | None) -> Iterator[Link]:
    """The links of a post: from its HTML, or as Weibo lists them."""
    for href, behind, words in outward(anchors):
        yield _link(post, href, expanded_url=behind, title=words)
    for address in given or ():
        url = address.short_url or address.long_url
        if url:
            yield _link(post, url, expanded_url=address.long_url, title=address.url_title)


def _link(post: Post, url: str, **known: str | None) -> Link:
    filled = {name: value or None for name, value in known.items()}
    return Link(
        post_id=post.post_id, platform=PLATFORM, url=url, posted_at=post.posted_at, **filled
    )


def _media(status: Status, post: Post, piece: Piece) -> Iterator[Media]:
    pics = status.pics.values() if isinstance(status.pics, dict) else status.pics or ()
    for picture in (*pics, *(status.pic_infos or {}).values()):
        yield _photo(picture, post)
    if status.page_info:
        yield from _video(status.page_info, post)
    for mixed in (status.mix_media_info and status.mix_media_info.items) or ():
        decoder: ItemDecoder[Any] = _PAGE if mixed.type == "video" else _PICTURE
        found = decoder.decode(bytes(mixed.data) or b"{}", piece)
        if isinstance(found, ItemError):
            raise found
        if isinstance(found, Page):
            yield from _video(found, post)
        else:
            yield _photo(found, post)


def _photo(picture: Picture, post: Post) -> Media:
    size = picture.largest or picture.large
    pixels = size.geo if size and isinstance(size.geo, dict) else {}
    return Media(
        post_id=post.post_id,
        platform=PLATFORM,
        kind="animation" if picture.type == "gif" else "photo",
        media_key=picture.pid or picture.pic_id or None,
        url=(size.url if size else None) or picture.url or None,
        width_px=_pixels((size and size.width) or pixels.get("width")),
        height_px=_pixels((size and size.height) or pixels.get("height")),
        posted_at=post.posted_at,
    )


def _pixels(value: object) -> int | None:
    digits = native(value)
    return int(digits) if digits and len(digits) < 7 else None


def _video(page: Page, post: Post) -> Iterator[Media]:
    if page.kind != "video":
        return
    media = page.media_info
    yield Media(
        post_id=post.post_id,
        platform=PLATFORM,
        kind="video",
        media_key=page.object_id or None,
        url=(page.urls and page.urls.address) or (media and media.address) or None,
        name=page.title or page.page_title or None,
        duration_s=media.duration if media else None,
        posted_at=post.posted_at,
    )


# ---------------------------------------------------------------------------------------- comments


def comment_rows(comment: Comment, post_number: str | None, piece: Piece) -> Iterator[Row]:
    """A comment and its account.

    Args:
        comment: the comment.
        post_number: the post it belongs to, for answers that do not say it.
        piece: takes the notes.
    """
    own_id = comment_id(native(comment.idstr) or native(comment.id))
    if own_id is None:
        raise ItemError("comment without a number", repr(comment.id)[:80])
    below = status_id(comment.status, piece) if comment.status else weibo_id(post_number)
    root = comment_id(native(comment.rootidstr) or native(comment.rootid))
    answered = comment.reply_comment
    above = comment_id(native(answered.idstr) or native(answered.id)) if answered else None
    above = above or (root if root != own_id else None) or below
    text, links = (
        plain(comment.text) if comment.text_raw is None else (comment.text_raw.strip() or None, [])
    )
    posted_at = moment(comment.created_at, piece)
    likes = comment.like_counts if comment.like_count is None else comment.like_count
    source = client(comment.source)
    is_region = source is not None and source.startswith("来自")
    post = Post(
        post_id=own_id,
        platform=PLATFORM,
        kind=PostKind.COMMENT,
        account_id=user_id(comment.user),
        thread_id=below,
        reply_to_post_id=above,
        posted_at=posted_at,
        time_quality=_quality(posted_at),
        text=text,
        client=None if is_region else source,
        place=region(source) if is_region else None,
        like_count=count(likes, piece),
        reply_count=count(comment.total_number, piece),
        tags=json_list(topics(text)),
    )
    yield post
    yield from account_rows(comment.user, piece)
    if above:
        to = user_id(answered.user) if answered else None
        yield post.act(InteractionKind.REPLY, target_post_id=above, target_account_id=to)
    yield from mention_rows(post)
    yield from links_of(post, links, comment.url_struct)
    if comment.pic:
        yield _photo(comment.pic, post)
