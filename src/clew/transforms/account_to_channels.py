"""In which channels does this account post?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.acts import exact
from clew.measures.found import found


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Channels, groups, boards and sites by the number of its posts."""
    posts = tables.posts.filter(tables.posts.account_id.isin(asked))
    return found(
        posts,
        asked=posts.account_id,
        kind="channel",
        value=posts.channel_id,
        at=exact(posts, "posted_at"),
        evidence=posts.post_id,
    )


ACCOUNT_TO_CHANNELS = Transform(
    name="account_to_channels",
    question="In which channels does this account post?",
    takes=("account", "bot"),
    gives=("channel",),
    link="posted_in",
    needs={"posts": ("post_id", "account_id", "channel_id", "posted_at", "time_quality")},
    find=find,
)
