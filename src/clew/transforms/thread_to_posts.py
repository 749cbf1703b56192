"""Which posts make up this thread?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.acts import exact
from clew.measures.found import found


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Its posts."""
    posts = tables.posts.filter(tables.posts.thread_id.isin(asked))
    return found(
        posts,
        asked=posts.thread_id,
        kind="post",
        value=posts.post_id,
        at=exact(posts, "posted_at"),
        evidence=posts.post_id,
    )


THREAD_TO_POSTS = Transform(
    name="thread_to_posts",
    question="Which posts make up this thread?",
    takes=("thread",),
    gives=("post",),
    link="part_of",
    is_backward=True,
    needs={"posts": ("post_id", "thread_id", "posted_at", "time_quality")},
    find=find,
)
