"""What does this post answer?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.acts import exact
from clew.measures.found import found


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """The post that it answers."""
    posts = tables.posts.filter(tables.posts.post_id.isin(asked))
    return found(
        posts,
        asked=posts.post_id,
        kind="post",
        value=posts.reply_to_post_id,
        at=exact(posts, "posted_at"),
        evidence=posts.post_id,
    )


POST_TO_PARENT = Transform(
    name="post_to_parent",
    question="What does this post answer?",
    takes=("post", "message"),
    gives=("post",),
    link="reply_to",
    needs={"posts": ("post_id", "reply_to_post_id", "posted_at", "time_quality")},
    find=find,
)
