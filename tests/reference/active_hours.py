"""Active hours in plain Python: slow, obvious, no engine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from hypothesis import strategies as st

from clew.analyses.active_hours import Options
from tests.generated import Case

options = st.builds(Options, min_posts=st.integers(1, 5), reposts=st.booleans())

MUTATIONS = {
    "minutes for hours": (".hour.hour()", ".hour.minute()"),
    "the week starts on Sunday": (".day_of_week.index() * 24", ".day_of_week.index() * 23"),
    "times without a zone count": ("time_quality.isin(EXACT)", "time_quality.notnull()"),
    "posts for weeks": ("weeks=_.hour.count()", "weeks=_.posts.sum()"),
    "hours for days": ("days=_.hour.date().nunique()", "days=_.hour.nunique()"),
    "one post too many": ("known >= options", "known > options"),
    "service messages are posts": ("[PostKind.SERVICE] if", "[] if"),
    "posts without a time are enough": ("where=_.hour.notnull()", "where=_.posts > 0"),
}


def reference(case: Case, options: Options) -> list[tuple]:
    ignored = {"service"} if options.reposts else {"service", "repost"}
    posts = [post for post in case["posts"] if post["kind"] not in ignored]
    known = [post for post in posts if hour_of_week(post) is not None]
    cells = defaultdict(list)
    for post in posts:
        author = post["account_id"]
        enough = sum(other["account_id"] == author for other in known) >= options.min_posts
        cells[author if enough else None, hour_of_week(post)].append(post)
    return [
        (
            author,
            hour,
            len(found),
            None if author is None or hour is None else len(dates(found)),
            None if author is None else len(dates(p for p in known if p["account_id"] == author)),
            min(post["post_id"] for post in found),
        )
        for (author, hour), found in cells.items()
    ]


def dates(posts: Iterable[dict]) -> set:
    return {post["posted_at"].date() for post in posts}


def hour_of_week(post: dict) -> int | None:
    at = post["posted_at"]
    if at is None or post["time_quality"] not in ("utc", "offset"):
        return None
    return at.weekday() * 24 + at.hour
