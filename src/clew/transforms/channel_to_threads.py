"""Which threads are there in this channel?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.acts import exact
from clew.measures.found import found


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Threads by the number of posts."""
    posts = tables.posts.filter(tables.posts.channel_id.isin(asked))
    return found(
        posts,
        asked=posts.channel_id,
        kind="thread",
        value=posts.thread_id,
        at=exact(posts, "posted_at"),
        evidence=posts.post_id,
    )


CHANNEL_TO_THREADS = Transform(
    name="channel_to_threads",
    question="Which threads are there in this channel?",
    takes=("channel", "group"),
    gives=("thread",),
    link="part_of",
    is_backward=True,
    needs={"posts": ("post_id", "channel_id", "thread_id", "posted_at", "time_quality")},
    find=find,
)
