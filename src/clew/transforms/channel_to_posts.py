"""What was posted in this channel?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.acts import exact
from clew.measures.found import found


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Its posts."""
    posts = tables.posts.filter(tables.posts.channel_id.isin(asked))
    return found(
        posts,
        asked=posts.channel_id,
        kind="post",
        value=posts.post_id,
        at=exact(posts, "posted_at"),
        evidence=posts.post_id,
    )


CHANNEL_TO_POSTS = Transform(
    name="channel_to_posts",
    question="What was posted in this channel?",
    takes=("channel", "group"),
    gives=("post",),
    link="part_of",
    is_backward=True,
    needs={"posts": ("post_id", "channel_id", "posted_at", "time_quality")},
    find=find,
)
