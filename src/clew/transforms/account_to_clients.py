"""With which programs does this account post?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.acts import exact
from clew.measures.found import found


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Programs, as the platform names them, by the number of posts."""
    posts = tables.posts.filter(tables.posts.account_id.isin(asked))
    return found(
        posts,
        asked=posts.account_id,
        kind="phrase",
        value=posts.client,
        at=exact(posts, "posted_at"),
        evidence=posts.post_id,
    )


ACCOUNT_TO_CLIENTS = Transform(
    name="account_to_clients",
    question="With which programs does this account post?",
    takes=("account", "bot"),
    gives=("phrase",),
    link="uses",
    needs={"posts": ("post_id", "account_id", "client", "posted_at", "time_quality")},
    find=find,
)
