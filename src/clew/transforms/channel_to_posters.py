"""Who posts in this channel?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.acts import exact
from clew.measures.found import found


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Accounts by the number of their posts."""
    posts = tables.posts.filter(tables.posts.channel_id.isin(asked))
    return found(
        posts,
        asked=posts.channel_id,
        kind="account",
        value=posts.account_id,
        at=exact(posts, "posted_at"),
        evidence=posts.post_id,
    )


CHANNEL_TO_POSTERS = Transform(
    name="channel_to_posters",
    question="Who posts in this channel?",
    takes=("channel", "group"),
    gives=("account",),
    link="posted_in",
    is_backward=True,
    needs={"posts": ("post_id", "account_id", "channel_id", "posted_at", "time_quality")},
    find=find,
)
