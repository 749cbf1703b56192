"""To whose posts has this account reacted?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.acts import NEEDS, directed_acts
from clew.measures.found import found
from clew.model.tables import InteractionKind

_KINDS = (InteractionKind.REACT,)


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Authors by the number of reactions to their posts."""
    acts = directed_acts(tables, _KINDS)
    acts = acts.filter(acts.account_id.isin(asked))
    return found(
        acts,
        asked=acts.account_id,
        kind="account",
        value=acts.target_account_id,
        at=acts.happened_at,
        evidence=acts.target_post_id,
    )


ACCOUNT_TO_REACTED_TO = Transform(
    name="account_to_reacted_to",
    question="To whose posts has this account reacted?",
    takes=("account", "bot"),
    gives=("account",),
    link="reacts_to",
    needs=NEEDS,
    find=find,
)
