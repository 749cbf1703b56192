"""Who has reacted to this post?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.acts import NEEDS, directed_acts
from clew.measures.found import found
from clew.model.tables import InteractionKind

_KINDS = (InteractionKind.REACT,)


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Accounts by the number of their reactions."""
    acts = directed_acts(tables, _KINDS)
    acts = acts.filter(acts.target_post_id.isin(asked))
    return found(
        acts,
        asked=acts.target_post_id,
        kind="account",
        value=acts.account_id,
        at=acts.happened_at,
        evidence=acts.target_post_id,
    )


POST_TO_REACTING = Transform(
    name="post_to_reacting",
    question="Who has reacted to this post?",
    takes=("post", "message"),
    gives=("account",),
    link="reacts_to",
    is_backward=True,
    needs=NEEDS,
    find=find,
)
