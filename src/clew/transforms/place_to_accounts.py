"""Which accounts have attached this place to posts?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.acts import exact
from clew.measures.found import found


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Accounts by the number of posts."""
    posts = tables.posts.filter(tables.posts.place.isin(asked))
    return found(
        posts,
        asked=posts.place,
        kind="account",
        value=posts.account_id,
        at=exact(posts, "posted_at"),
        evidence=posts.post_id,
    )


PLACE_TO_ACCOUNTS = Transform(
    name="place_to_accounts",
    question="Which accounts have attached this place to posts?",
    takes=("place",),
    gives=("account",),
    link="located_at",
    is_backward=True,
    needs={"posts": ("post_id", "account_id", "place", "posted_at", "time_quality")},
    find=find,
)
