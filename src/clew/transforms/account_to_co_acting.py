"""Which accounts repost or forward the same posts as this one?"""

from __future__ import annotations

import ibis
from ibis import _

from clew.contract import Tables, Transform
from clew.measures.acts import exact
from clew.measures.found import found
from clew.model.tables import InteractionKind


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Accounts by the number of posts that both have shared."""
    shares = tables.interactions.filter(
        _.kind.isin((InteractionKind.REPOST, InteractionKind.FORWARD)),
        _.account_id.notnull(),
        _.target_post_id.notnull(),
    )
    shares = shares.group_by("account_id", "target_post_id").agg(
        at=exact(shares, "happened_at").min()
    )
    own = shares.filter(shares.account_id.isin(asked))
    own = own.select("target_post_id", asked="account_id")
    both = own.join(shares, "target_post_id")
    return found(
        both,
        asked=both.asked,
        kind="account",
        value=both.account_id,
        at=both["at"],
        evidence=both.target_post_id,
    )


ACCOUNT_TO_CO_ACTING = Transform(
    name="account_to_co_acting",
    question="Which accounts repost or forward the same posts as this one?",
    takes=("account", "bot"),
    gives=("account",),
    link="acts_with",
    needs={
        "interactions": (
            "kind",
            "account_id",
            "target_post_id",
            "happened_at",
            "time_quality",
        )
    },
    find=find,
    limits=("Posts that everybody shares say little: see the analysis `coordination`.",),
)
