"""In which threads has this account taken part?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.acts import exact
from clew.measures.found import found


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Threads by the number of its posts."""
    posts = tables.posts.filter(tables.posts.account_id.isin(asked))
    return found(
        posts,
        asked=posts.account_id,
        kind="thread",
        value=posts.thread_id,
        at=exact(posts, "posted_at"),
        evidence=posts.post_id,
    )


ACCOUNT_TO_THREADS = Transform(
    name="account_to_threads",
    question="In which threads has this account taken part?",
    takes=("account", "bot"),
    gives=("thread",),
    link="part_of",
    needs={"posts": ("post_id", "account_id", "thread_id", "posted_at", "time_quality")},
    find=find,
)
