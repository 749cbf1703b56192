"""What quotes this post?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.acts import exact
from clew.measures.found import found


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Posts that quote it."""
    posts = tables.posts.filter(tables.posts.quote_of_post_id.isin(asked))
    return found(
        posts,
        asked=posts.quote_of_post_id,
        kind="post",
        value=posts.post_id,
        at=exact(posts, "posted_at"),
        evidence=posts.post_id,
    )


POST_TO_QUOTES = Transform(
    name="post_to_quotes",
    question="What quotes this post?",
    takes=("post", "message"),
    gives=("post",),
    link="quotes",
    is_backward=True,
    needs={"posts": ("post_id", "quote_of_post_id", "posted_at", "time_quality")},
    find=find,
)
