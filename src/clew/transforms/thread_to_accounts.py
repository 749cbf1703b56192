"""Who has taken part in this thread?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.acts import exact
from clew.measures.found import found


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Accounts by the number of their posts."""
    posts = tables.posts.filter(tables.posts.thread_id.isin(asked))
    return found(
        posts,
        asked=posts.thread_id,
        kind="account",
        value=posts.account_id,
        at=exact(posts, "posted_at"),
        evidence=posts.post_id,
    )


THREAD_TO_ACCOUNTS = Transform(
    name="thread_to_accounts",
    question="Who has taken part in this thread?",
    takes=("thread",),
    gives=("account",),
    link="part_of",
    is_backward=True,
    needs={"posts": ("post_id", "account_id", "thread_id", "posted_at", "time_quality")},
    find=find,
)
