"""Where was this posted?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.acts import exact
from clew.measures.found import found


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """The channel that it stands in."""
    posts = tables.posts.filter(tables.posts.post_id.isin(asked))
    return found(
        posts,
        asked=posts.post_id,
        kind="channel",
        value=posts.channel_id,
        at=exact(posts, "posted_at"),
        evidence=posts.post_id,
    )


POST_TO_CHANNEL = Transform(
    name="post_to_channel",
    question="Where was this posted?",
    takes=("post", "message"),
    gives=("channel",),
    link="posted_in",
    needs={"posts": ("post_id", "channel_id", "posted_at", "time_quality")},
    find=find,
)
