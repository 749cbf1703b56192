"""Which places has this account attached to its posts?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.acts import exact
from clew.measures.found import found


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Places by the number of posts; as attached by it or its platform, not read from the text."""
    posts = tables.posts.filter(tables.posts.account_id.isin(asked))
    return found(
        posts,
        asked=posts.account_id,
        kind="place",
        value=posts.place,
        at=exact(posts, "posted_at"),
        evidence=posts.post_id,
    )


ACCOUNT_TO_PLACES = Transform(
    name="account_to_places",
    question="Which places has this account attached to its posts?",
    takes=("account", "bot"),
    gives=("place",),
    link="located_at",
    needs={"posts": ("post_id", "account_id", "place", "posted_at", "time_quality")},
    find=find,
    limits=("Anybody can attach any place.",),
)
