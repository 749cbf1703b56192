"""Whom does this post mention?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.acts import NEEDS, directed_acts
from clew.measures.found import found
from clew.model.tables import InteractionKind

_KINDS = (InteractionKind.MENTION,)


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Accounts that it mentions, by id or by a handle that one account has."""
    acts = directed_acts(tables, _KINDS)
    acts = acts.filter(acts.post_id.isin(asked))
    return found(
        acts,
        asked=acts.post_id,
        kind="account",
        value=acts.target_account_id,
        at=acts.happened_at,
        evidence=acts.post_id,
    )


POST_TO_MENTIONED = Transform(
    name="post_to_mentioned",
    question="Whom does this post mention?",
    takes=("post", "message"),
    gives=("account",),
    link="mentions",
    needs=NEEDS,
    find=find,
)
