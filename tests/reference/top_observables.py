"""Top observables in plain Python: slow, obvious, no engine."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import strategies as st

from clew.analyses.top_observables import Options
from tests.generated import Case

options = st.builds(
    Options,
    kinds=st.just(()) | st.just(("url", "hashtag")),
    min_posts=st.integers(1, 2),
    limit=st.integers(1, 4),
)

MUTATIONS = {
    "the first is the last": ("first=naming.min(", "first=naming.max("),
    "every mention is a post": ("posts=_.count(),", "posts=_.mentions.sum(),"),
    "posts without an author have one": ("_.account_id.count()", "_.posts.count()"),
    "ranked by posts": ("[_.accounts.desc(), _.posts.desc()", "[_.posts.desc(), _.accounts.desc()"),
    "ties the other way": ("_.value.asc()", "_.value.desc()"),
    "one value too many": ("rank <= options.limit", "rank <= options.limit + 1"),
    "kinds are ranked together": ('group_by="kind", order_by', "order_by"),
    "times without a zone count": ("time_quality.isin(EXACT)", "time_quality.notnull()"),
    "values in too few posts": ("posts >= options.min_posts", "posts > options.min_posts"),
    "values that are not kept are not counted": (
        'kinds = values.group_by("kind")',
        'kinds = ranked.group_by("kind")',
    ),
}


def reference(case: Case, options: Options) -> list[tuple]:
    posts = {post["post_id"]: post for post in case["posts"]}
    values = defaultdict(list)
    for seen in case["observables"]:
        if not options.kinds or seen["kind"] in options.kinds:
            values[seen["kind"], seen["value"]].append(seen)
    result = []
    for kind in {kind for kind, _value in values}:
        ranked = sorted(
            (
                count(value, mentions, posts)
                for (of_kind, value), mentions in values.items()
                if of_kind == kind
                and len({seen["post_id"] for seen in mentions}) >= options.min_posts
            ),
            key=lambda row: (-row[1], -row[2], row[0].encode()),
        )
        for rank, (value, *counts) in enumerate(ranked[: options.limit], start=1):
            result.append((kind, value, rank, *counts, len(ranked)))
    return result


def count(value: str, mentions: list[dict], posts: dict) -> tuple:
    ids = sorted({seen["post_id"] for seen in mentions})
    authors = {post_id: posts.get(post_id, {}).get("account_id") for post_id in ids}
    times = sorted(
        (posts[post_id]["posted_at"], post_id)
        for post_id in ids
        if post_id in posts
        and posts[post_id]["posted_at"] is not None
        and posts[post_id]["time_quality"] in ("utc", "offset")
    )
    first_at, first_post_id = times[0] if times else (None, None)
    return (
        value,
        len(set(authors.values()) - {None}),
        len(ids),
        len(mentions),
        sum(seen["is_defanged"] for seen in mentions),
        len(times),
        first_at,
        first_post_id,
        authors.get(first_post_id),
        times[-1][0] if times else None,
        ids[0],
    )
