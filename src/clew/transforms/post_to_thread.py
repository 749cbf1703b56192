"""To which thread does this post belong?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.acts import exact
from clew.measures.found import found


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """The thread, which is named after the post that began it."""
    posts = tables.posts.filter(tables.posts.post_id.isin(asked))
    return found(
        posts,
        asked=posts.post_id,
        kind="thread",
        value=posts.thread_id,
        at=exact(posts, "posted_at"),
        evidence=posts.post_id,
    )


POST_TO_THREAD = Transform(
    name="post_to_thread",
    question="To which thread does this post belong?",
    takes=("post", "message"),
    gives=("thread",),
    link="part_of",
    needs={"posts": ("post_id", "thread_id", "posted_at", "time_quality")},
    find=find,
)
