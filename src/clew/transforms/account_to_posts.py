"""What has this account posted?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.acts import exact
from clew.measures.found import found


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Its posts."""
    posts = tables.posts.filter(tables.posts.account_id.isin(asked))
    return found(
        posts,
        asked=posts.account_id,
        kind="post",
        value=posts.post_id,
        at=exact(posts, "posted_at"),
        evidence=posts.post_id,
    )


ACCOUNT_TO_POSTS = Transform(
    name="account_to_posts",
    question="What has this account posted?",
    takes=("account", "bot"),
    gives=("post",),
    link="authored",
    needs={"posts": ("post_id", "account_id", "posted_at", "time_quality")},
    find=find,
)
