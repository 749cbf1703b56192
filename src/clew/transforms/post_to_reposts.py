"""What shows this post again?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.acts import exact
from clew.measures.found import found


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Posts that repost or forward it."""
    posts = tables.posts.filter(tables.posts.repost_of_post_id.isin(asked))
    return found(
        posts,
        asked=posts.repost_of_post_id,
        kind="post",
        value=posts.post_id,
        at=exact(posts, "posted_at"),
        evidence=posts.post_id,
    )


POST_TO_REPOSTS = Transform(
    name="post_to_reposts",
    question="What shows this post again?",
    takes=("post", "message"),
    gives=("post",),
    link="reposts",
    is_backward=True,
    needs={"posts": ("post_id", "repost_of_post_id", "posted_at", "time_quality")},
    find=find,
)
