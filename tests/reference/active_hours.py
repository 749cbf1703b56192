"""Active hours in plain Python: slow, obvious, no engine."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import strategies as st

from clew.analyses.active_hours import Options
from tests.generated import Case

options = st.builds(Options, min_posts=st.integers(1, 5), reposts=st.booleans())

MUTATIONS = {
    "minutes for hours": (".hour.hour()", ".hour.minute()"),
    "the week starts on Sunday": (".day_of_week.index() * 24", ".day_of_week.index() * 23"),
    "times without a zone count": ("time_quality.isin(EXACT)", "time_quality.notnull()"),
    "posts for weeks": ("weeks=_.hour.count()", "weeks=_.posts.sum()"),
    "one post too many": ("known >= options", "known > options"),
    "service messages are posts": ("[PostKind.SERVICE] if", "[] if"),
    "accounts forget posts without a time": (
        "where=weekly.hour_of_week.notnull()",
        "where=weekly.posts > 0",
    ),
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
            len({post["posted_at"].date() for post in found})
            if author is not None and hour is not None
            else None,
            min(post["post_id"] for post in found),
        )
        for (author, hour), found in cells.items()
    ]


def hour_of_week(post: dict) -> int | None:
    at = post["posted_at"]
    if at is None or post["time_quality"] not in ("utc", "offset"):
        return None
    return at.weekday() * 24 + at.hour
