"""Who wrote this post?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.acts import exact
from clew.measures.found import found


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Its author."""
    posts = tables.posts.filter(tables.posts.post_id.isin(asked))
    return found(
        posts,
        asked=posts.post_id,
        kind="account",
        value=posts.account_id,
        at=exact(posts, "posted_at"),
        evidence=posts.post_id,
    )


POST_TO_AUTHOR = Transform(
    name="post_to_author",
    question="Who wrote this post?",
    takes=("post", "message"),
    gives=("account",),
    link="authored",
    is_backward=True,
    needs={"posts": ("post_id", "account_id", "posted_at", "time_quality")},
    find=find,
)
