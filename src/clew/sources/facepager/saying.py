"""What does a node of Facepager say, by what it was fetched for?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

import msgspec

from clew.errors import ItemError
from clew.formats.html_text import extract
from clew.model.tables import Account, Interaction, InteractionKind, Link, Post, PostKind, Row
from clew.model.times import Micros, TimeQuality, from_ctime, from_iso, from_seconds
from clew.sources.facepager.nodes import Cells, Node

_OWN_ID = "id_2"  # the field `id`, if it was chosen: the first column `id` counts the nodes


def _first(cells: Cells, *columns: str) -> str | None:
    return next((cells[column] for column in columns if column in cells), None)


def _count(cells: Cells, *columns: str) -> int | None:
    text = _first(cells, *columns) or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _instant(text: str | None) -> Micros | None:
    """Facebook, YouTube and X's second API write ISO 8601, X's first has a form of its own."""
    if text is None:
        return None
    if text.isascii() and text.isdigit():
        return from_seconds(text)
    return from_ctime(text) if text[:1].isalpha() else from_iso(text)


def _timed(posted_at: Micros | None) -> TimeQuality:
    return TimeQuality.MISSING if posted_at is None else TimeQuality.UTC


def _is_number(text: str | None) -> bool:
    return text is not None and text.isascii() and text.isdigit()


def _act(
    kind: InteractionKind,
    post: Post,
    *,
    target_post_id: str | None = None,
    target_account_id: str | None = None,
) -> Interaction:
    return Interaction(
        kind=kind,
        platform=post.platform,
        account_id=post.account_id,
        target_account_id=target_account_id,
        post_id=post.post_id,
        target_post_id=target_post_id,
        happened_at=post.posted_at,
        time_quality=post.time_quality,
    )


# ---------------------------------------------------------------------------------------- Facebook

_FACEBOOK_REACTIONS = ("like", "love", "wow", "haha", "sad", "angry", "care")


def _facebook_account(cells: Cells) -> Iterator[Account]:
    native = cells.get("from.id")
    if native:
        yield Account(
            account_id=f"facebook:{native}", platform="facebook", name=cells.get("from.name")
        )


def _facebook_post(node: Node) -> Iterator[Row]:
    """A post. Its number has that of the page before it, as everywhere in Facebook's API."""
    cells = node.cells
    native = cells["object_id"]
    page, joined, _ = native.partition("_")
    is_of_page = joined and cells.get("query_type", "").endswith("posts")
    author = cells.get("from.id") or (page if is_of_page and _is_number(page) else None)
    posted_at = _instant(cells.get("created_time"))
    edited_at = _instant(cells.get("updated_time"))
    counts = {kind: _count(cells, f"{kind}.summary.total_count") for kind in _FACEBOOK_REACTIONS}
    reactions = {kind: number for kind, number in counts.items() if number is not None}
    post = Post(
        post_id=f"facebook:{native}",
        platform="facebook",
        kind=PostKind.POST,
        account_id=f"facebook:{author}" if author else None,
        thread_id=f"facebook:{native}",
        posted_at=posted_at,
        time_quality=_timed(posted_at),
        edited_at=edited_at if edited_at != posted_at else None,
        title=_first(cells, "attachments.data.*.title", "attachments.data.0.title"),
        text=_first(cells, "message", "story"),
        url=cells.get("permalink_url"),
        like_count=reactions.get("like"),
        reply_count=_count(cells, "comments.summary.total_count"),
        repost_count=_count(cells, "shares.count"),
        reactions=msgspec.json.encode(reactions).decode() if reactions else None,
    )
    yield post
    yield from _facebook_account(cells)
    address = _first(cells, "link", "attachments.data.0.unshimmed_url")
    if address:
        yield Link(post_id=post.post_id, platform="facebook", url=address, posted_at=post.posted_at)


def _facebook_comment(node: Node) -> Iterator[Row]:
    """A comment answers the node that it was fetched for: a post, or another comment."""
    cells = node.cells
    posted_at = _instant(cells.get("created_time"))
    above = [near.object_id for near in node.above if near.object_id]
    posts = [near.object_id for near in node.above if near.what != "fb_comment" and near.object_id]
    author = cells.get("from.id")
    post = Post(
        post_id=f"facebook:{cells['object_id']}",
        platform="facebook",
        kind=PostKind.COMMENT,
        account_id=f"facebook:{author}" if author else None,
        thread_id=f"facebook:{posts[0]}" if posts else None,
        reply_to_post_id=f"facebook:{above[0]}" if above else None,
        posted_at=posted_at,
        time_quality=_timed(posted_at),
        text=cells.get("message"),
        url=cells.get("permalink_url"),
        like_count=_count(cells, "like_count"),
        reply_count=_count(cells, "comment_count"),
    )
    yield post
    yield from _facebook_account(cells)
    if post.reply_to_post_id:
        yield _act(InteractionKind.REPLY, post, target_post_id=post.reply_to_post_id)


def _facebook_page(node: Node) -> Iterator[Row]:
    cells = node.cells
    yield Account(
        account_id=f"facebook:{cells.get(_OWN_ID) or cells['object_id']}",
        platform="facebook",
        handle=cells.get("username"),
        name=cells.get("name"),
        description=_first(cells, "about", "description"),
        location_claimed=cells.get("location.city"),
        url=cells.get("website"),
        followers_count=_count(cells, "followers_count", "fan_count"),
    )


def _facebook_reaction(node: Node) -> Iterator[Row]:
    """Who reacted, where the API still tells it."""
    cells = node.cells
    account_id = f"facebook:{cells['object_id']}"
    yield Account(account_id=account_id, platform="facebook", name=cells.get("name"))
    if node.above and node.above[0].object_id:
        yield Interaction(
            kind=InteractionKind.REACT,
            platform="facebook",
            account_id=account_id,
            target_post_id=f"facebook:{node.above[0].object_id}",
            time_quality=TimeQuality.MISSING,
            value=cells.get("type"),
        )


# ----------------------------------------------------------------------------------------------- X


def _x(native: str | None) -> str | None:
    return f"x:{native}" if _is_number(native) else None


def _x_post(node: Node) -> Iterator[Row]:
    cells = node.cells
    post_id = _x(_first(cells, "id_str", _OWN_ID)) or _x(cells["object_id"])
    if post_id is None:
        raise ItemError("unexpected structure", "a post of X whose id is no number")
    posted_at = _instant(cells.get("created_at"))
    shared = _x(_first(cells, "retweeted_status.id_str", "retweeted_status.id"))
    post = Post(
        post_id=post_id,
        platform="x",
        kind=PostKind.REPOST if shared else PostKind.POST,
        account_id=_x(_first(cells, "author_id", "user.id_str", "user.id")),
        thread_id=_x(cells.get("conversation_id")),
        reply_to_post_id=_x(_first(cells, "in_reply_to_status_id_str", "in_reply_to_status_id")),
        repost_of_post_id=shared,
        quote_of_post_id=_x(_first(cells, "quoted_status.id_str", "quoted_status.id")),
        posted_at=posted_at,
        time_quality=_timed(posted_at),
        text=_first(cells, "full_text", "text"),
        language_claimed=cells.get("lang") if cells.get("lang") != "und" else None,
        like_count=_count(cells, "favorite_count", "public_metrics.like_count"),
        reply_count=_count(cells, "reply_count", "public_metrics.reply_count"),
        repost_count=_count(cells, "retweet_count", "public_metrics.retweet_count"),
        quote_count=_count(cells, "quote_count", "public_metrics.quote_count"),
        view_count=_count(cells, "public_metrics.impression_count"),
    )
    yield post
    if post.account_id:
        yield Account(
            account_id=post.account_id,
            platform="x",
            handle=cells.get("user.screen_name"),
            name=cells.get("user.name"),
        )
    for kind, target in (
        (InteractionKind.REPLY, post.reply_to_post_id),
        (InteractionKind.REPOST, post.repost_of_post_id),
        (InteractionKind.QUOTE, post.quote_of_post_id),
    ):
        if target:
            yield _act(kind, post, target_post_id=target)


def _x_account(node: Node) -> Iterator[Row]:
    account_id = _x_number(node)
    cells = node.cells
    yield Account(
        account_id=account_id,
        platform="x",
        handle=_first(cells, "screen_name", "username"),
        name=cells.get("name"),
        description=cells.get("description"),
        location_claimed=cells.get("location"),
        created_at=_instant(cells.get("created_at")),
        followers_count=_count(cells, "followers_count", "public_metrics.followers_count"),
        following_count=_count(cells, "friends_count", "public_metrics.following_count"),
        posts_count=_count(cells, "statuses_count", "public_metrics.tweet_count"),
    )


def _x_number(node: Node) -> str:
    account_id = _x(_first(node.cells, "id_str", _OWN_ID)) or _x(node.cells["object_id"])
    if account_id is None:
        raise ItemError("unexpected structure", "an account of X whose id is no number")
    return account_id


def _x_follows(node: Node) -> Iterator[Row]:
    """A follower stands below whom it follows; one who is followed below the follower."""
    yield from _x_account(node)
    own, other = _x_number(node), node.above[0].object_id if node.above else None
    is_follower = node.what == "x_follower"
    if other is None or not (is_follower or _is_number(other)):
        return
    yield Interaction(
        kind=InteractionKind.FOLLOW,
        platform="x",
        account_id=own if is_follower else _x(other),
        target_account_id=_x(other) if is_follower else own,
        target_name=other if is_follower and not _is_number(other) else None,
        time_quality=TimeQuality.MISSING,
    )


# ----------------------------------------------------------------------------------------- YouTube


def _youtube_video(node: Node) -> Iterator[Row]:
    """A video. The item of a playlist has the time at which it was put there as well."""
    cells = node.cells
    is_item = cells.get("query_type", "").endswith("/playlistItems")
    numbers = ("id.videoId", "contentDetails.videoId", "snippet.resourceId.videoId")
    native = _first(cells, *numbers) or (None if is_item else cells["object_id"])
    if native is None:
        raise ItemError("unexpected structure", "an item of a playlist without its video")
    times = ("contentDetails.videoPublishedAt", *(() if is_item else ("snippet.publishedAt",)))
    posted_at = _instant(_first(cells, *times))
    owners = ("snippet.videoOwnerChannelId",) if is_item else ("snippet.channelId",)
    channel = _first(cells, *owners)
    channel_id = f"youtube:{channel}" if channel else None
    yield Post(
        post_id=f"youtube:{native}",
        platform="youtube",
        kind=PostKind.POST,
        account_id=channel_id,
        channel_id=channel_id,
        thread_id=f"youtube:{native}",
        posted_at=posted_at,
        time_quality=_timed(posted_at),
        title=cells.get("snippet.title"),
        text=cells.get("snippet.description"),
        like_count=_count(cells, "statistics.likeCount"),
        reply_count=_count(cells, "statistics.commentCount"),
        view_count=_count(cells, "statistics.viewCount"),
    )
    if channel_id:
        yield Account(
            account_id=channel_id,
            platform="youtube",
            name=None if is_item else cells.get("snippet.channelTitle"),
        )


def _youtube_comment(node: Node) -> Iterator[Row]:
    """A comment; YouTube gives its text with tags, unless the original was asked for."""
    cells = node.cells

    def own(name: str) -> str | None:
        return _first(cells, f"snippet.topLevelComment.snippet.{name}", f"snippet.{name}")

    above = [near.object_id for near in node.above if near.object_id]
    videos = [near.object_id for near in node.above if near.what != "yt_comment" and near.object_id]
    video = own("videoId") or (videos[0] if videos else None)
    shown, author = own("textDisplay"), own("authorChannelId.value")
    posted_at, edited_at = _instant(own("publishedAt")), _instant(own("updatedAt"))
    post = Post(
        post_id=f"youtube:{cells['object_id']}",
        platform="youtube",
        kind=PostKind.COMMENT,
        account_id=f"youtube:{author}" if author else None,
        author_name=None if author else own("authorDisplayName"),
        thread_id=f"youtube:{video}" if video else None,
        reply_to_post_id=f"youtube:{above[0]}" if above else None,
        posted_at=posted_at,
        time_quality=_timed(posted_at),
        edited_at=edited_at if edited_at != posted_at else None,
        text=own("textOriginal") or (extract(shown).text or None if shown else None),
        like_count=_count(cells, "snippet.topLevelComment.snippet.likeCount", "snippet.likeCount"),
        reply_count=_count(cells, "snippet.totalReplyCount"),
    )
    yield post
    if post.account_id:
        yield Account(account_id=post.account_id, platform="youtube", name=own("authorDisplayName"))
    if post.reply_to_post_id:
        yield _act(InteractionKind.REPLY, post, target_post_id=post.reply_to_post_id)


READERS: Mapping[str, Callable[[Node], Iterator[Row]]] = MappingProxyType({
    "fb_post": _facebook_post,
    "fb_comment": _facebook_comment,
    "fb_page": _facebook_page,
    "fb_reaction": _facebook_reaction,
    "x_post": _x_post,
    "x_account": _x_account,
    "x_follower": _x_follows,
    "x_followed": _x_follows,
    "yt_video": _youtube_video,
    "yt_comment": _youtube_comment,
})  # fmt: skip
"""By what a node was fetched for."""
