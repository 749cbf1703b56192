"""Of which platform is a CSV of 4CAT, and how are that platform's posts and accounts named?

4CAT gives each platform columns of its own. Ids are made as the source of the platform makes them,
so that a post is one post wherever it was read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from clew.formats.instagram_codes import number_of
from clew.model.tables import PostKind
from clew.model.times import TimeQuality

Cells = dict[str, str]
Naming = Callable[[Cells], str | None]


class Clock(Enum):
    """What the column `timestamp` is, if `unix_timestamp` does not stand beside it."""

    UTC = "utc"
    SERVER = "server"  # local time of the 4CAT server, whose zone is not recorded
    NUMBER = "number"  # worked out of "2 days ago": the number of the post has the instant itself


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The columns of one platform, and how its ids are made of them (without `platform:`)."""

    platform: str
    signs: str  # columns that only its files have; empty: only the option can say
    post: Naming
    account: Naming
    thread: Naming
    answers: Naming = lambda _: None  # the post that it answers
    channel: Naming = lambda _: None
    kind: PostKind = PostKind.POST
    clock: Clock = Clock.SERVER
    exact: TimeQuality = TimeQuality.UTC  # whose instant a Unix time is
    likes: str | None = None  # column of likes, if it is not one of the usual names
    is_html: bool = False  # the text has tags


def _column(name: str, prefix: str = "") -> Naming:
    return lambda cells: f"{prefix}{cells[name]}" if name in cells else None


def _named(name: str, prefix: str = "name/") -> Naming:
    """Of an account without number: names differ by capitals only on paper."""
    return lambda cells: f"{prefix}{cells[name].lower()}" if name in cells else None


def _coded(cells: Cells) -> str | None:
    return number_of(cells.get("id", ""))


# -------------------------------------------------------------------------------- single platforms


def _telegram_chat(cells: Cells) -> str | None:
    """The number of the chat, or its name where 4CAT recorded that only."""
    chat = cells.get("chat") or cells.get("thread_id")
    if chat is None:
        return None
    return chat if chat.isascii() and chat.isdigit() else f"name/{chat.lower()}"


def _telegram_post(cells: Cells) -> str | None:
    return _telegram_message(cells, cells.get("id", "").rpartition("-")[2])


def _telegram_answered(cells: Cells) -> str | None:
    return _telegram_message(cells, cells.get("reply_to", ""))


def _telegram_message(cells: Cells, number: str) -> str | None:
    chat = _telegram_chat(cells)
    return f"{chat}/{number}" if chat and number.isascii() and number.isdigit() else None


def _telegram_account(cells: Cells) -> str | None:
    """A channel that speaks for itself bears the name of the chat."""
    number = cells.get("author")
    if number is None:
        return None
    is_chat = cells.get("author_username", "").lower() == cells.get("chat", "-").lower()
    return f"channel{number}" if is_chat else f"user{number}"


def _vk_post(cells: Cells) -> str | None:
    _, found, name = cells.get("link", "").partition("/wall")
    return f"wall{name}" if found and name else None


def _vk_near(column: str) -> Naming:
    """Another post on the same wall."""

    def naming(cells: Cells) -> str | None:
        wall = (_vk_post(cells) or "").rpartition("_")[0]
        return f"{wall}_{cells[column]}" if wall and column in cells else None

    return naming


def _tiktok_answered(cells: Cells) -> str | None:
    if cells.get("is_comment_on_comment") == "yes":
        return _column("thread_id", "comment/")(cells)
    return _column("post_id")(cells)


def _linkedin_account(cells: Cells) -> str | None:
    """`in/name` or `company/name`, of which some addresses go on."""
    parts = cells.get("author", "").lower().split("/")
    return "/".join(parts[:2]) if len(parts) > 1 and all(parts[:2]) else None


def _truth_thread(cells: Cells) -> str | None:
    """Its own, if it answers and quotes nothing: else `thread_id` is the post it is about."""
    return cells.get("id") if cells.get("thread_id") == cells.get("id") else None


def _nine_gag_account(cells: Cells) -> str | None:
    return None if cells.get("is_anonymous") == "yes" else _column("author", "user/")(cells)


def _board(cells: Cells, site: str) -> str | None:
    board = cells.get("board")
    return f"{site}/{board}" if board else None


def _on_board(site: str, column: str) -> Naming:
    def naming(cells: Cells) -> str | None:
        board = _board(cells, site)
        return f"{board}/{cells[column]}" if board and column in cells else None

    return naming


def _chan(site: str, signs: str) -> Layout:
    """An imageboard; posts have names and no accounts."""
    return Layout(
        platform="imageboard",
        signs=signs,
        post=_on_board(site, "id"),
        account=lambda _: None,
        thread=_on_board(site, "thread_id"),
        channel=lambda cells: _board(cells, site),
        clock=Clock.UTC,
    )


LAYOUTS: dict[str, Layout] = {
    "x": Layout(
        platform="x",
        signs="is_retweet is_quote_tweet author_id",
        post=_column("id"),
        account=_column("author_id"),
        thread=_column("thread_id"),
    ),
    "tiktok": Layout(
        platform="tiktok",
        signs="tiktok_url is_duet",
        post=_column("id"),
        account=_named("author"),
        thread=_column("thread_id"),
        clock=Clock.UTC,
    ),
    "tiktok_comments": Layout(
        platform="tiktok",
        signs="post_id is_comment_on_comment",
        post=_column("id", "comment/"),
        account=_named("author"),
        thread=_column("post_id"),
        answers=_tiktok_answered,
        kind=PostKind.COMMENT,
    ),
    "instagram": Layout(
        platform="instagram",
        signs="num_likes num_comments media_type",
        post=_coded,
        account=_column("author_id", "user/"),
        thread=_coded,
    ),
    "threads": Layout(
        platform="threads",
        signs="is_paid_partnership link_thumbnail_url audio_url",
        post=_coded,
        account=_named("author"),
        thread=_coded,
    ),
    "telegram": Layout(
        platform="telegram",
        signs="chat author_is_bot body",
        post=_telegram_post,
        account=_telegram_account,
        thread=_telegram_post,
        answers=_telegram_answered,
        channel=_telegram_chat,
        kind=PostKind.MESSAGE,
    ),
    "linkedin": Layout(
        platform="linkedin",
        signs="timestamp_ago inclusion_context",
        post=_column("id"),
        account=_linkedin_account,
        thread=_column("thread_id"),
        clock=Clock.NUMBER,
        likes="reactions",
    ),
    "ninegag": Layout(
        platform="ninegag",
        signs="is_vote_masked tags_annotated",
        post=_column("id"),
        account=_nine_gag_account,
        thread=_column("id"),
    ),
    "bluesky": Layout(
        platform="bluesky",
        signs="replies_allowed replied_to_user author_profile",
        post=_column("id"),
        account=_column("author_id"),
        thread=_column("thread_id"),
        exact=TimeQuality.CLAIMED,
    ),
    "truth_social": Layout(
        platform="truth_social",
        signs="video_thumbs account_id group_members_count",
        post=_column("id"),
        account=_column("account_id", "user/"),
        thread=_truth_thread,
        channel=_column("group_id", "group/"),
        clock=Clock.UTC,
        is_html=True,
    ),
    "gab": Layout(
        platform="gab",
        signs="account_account reblogs_count group_is_private",
        post=_column("id"),
        account=_column("account_id", "user/"),
        thread=_column("thread_id"),
        channel=_column("group_id", "group/"),
        clock=Clock.UTC,
        is_html=True,
    ),
    "vk": Layout(
        platform="vk",
        signs="item_type in_reply_to_comment_id author_screen_name",
        post=_vk_post,
        account=_column("author_id"),
        thread=_vk_near("thread_id"),
        answers=_vk_near("in_reply_to_comment_id"),
    ),
    "douyin": Layout(
        platform="douyin",
        signs="digg_count prevent_download author_user_id",
        post=_column("id"),
        account=_column("author_user_id", "user/"),
        thread=_column("id"),
        likes="digg_count",
    ),
    "rednote": Layout(
        platform="rednote",
        signs="title hashtags author_avatar_url likes",
        post=_column("id"),
        account=lambda _: None,
        thread=_column("id"),
    ),
    "rednote_comments": Layout(
        platform="rednote",
        signs="ip_location replies author_avatar_url",
        post=_column("id", "comment/"),
        account=lambda _: None,
        thread=_column("thread_id"),
        answers=_column("thread_id"),
        kind=PostKind.COMMENT,
    ),
    "tumblr": Layout(
        platform="tumblr",
        signs="reblog_key note_count post_slug",
        post=_column("id"),
        account=_named("author"),
        thread=_column("id"),
    ),
    "pinterest": Layout(
        platform="pinterest",
        signs="author_original pinner_via board_pins",
        post=_column("id"),
        account=_named("author"),
        thread=_column("id"),
    ),
    "imgur": Layout(
        platform="imgur",
        signs="is_viral virality_score album_media",
        post=_column("id"),
        account=_column("author", "user/"),
        thread=_column("id"),
    ),
    "facebook": Layout(
        platform="facebook",
        signs="is_in_group group_name author_name",
        post=_column("id"),
        account=_named("author"),
        thread=_column("id"),
        channel=_column("group_name"),
    ),
    "douban": Layout(
        platform="douban",
        signs="is_topic_elite is_highlighted group_id",
        post=_column("id"),
        account=_column("author_id", "user/"),
        thread=_column("thread_id"),
        channel=_column("group_id", "group/"),
    ),
    "4chan": _chan("4chan", "image_4chan image_md5 board"),
    "8kun": _chan("8kun", ""),
    "8chan": _chan("8chan", ""),
}
"""By what the option `platform` calls them; the first whose signs are all there is meant."""


def layout_of(names: frozenset[str]) -> str | None:
    """The layout whose columns a file has; None: none of them."""
    if not {"id", "body", "timestamp"} <= names:
        return None
    for key, layout in LAYOUTS.items():
        if layout.signs and names.issuperset(layout.signs.split()):
            return key
    return None
