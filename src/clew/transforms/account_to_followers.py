"""Who follows this account?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.acts import NEEDS, directed_acts
from clew.measures.found import found
from clew.model.tables import InteractionKind

_KINDS = (InteractionKind.FOLLOW,)


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Accounts that followed it, as far as that was captured."""
    acts = directed_acts(tables, _KINDS)
    acts = acts.filter(acts.target_account_id.isin(asked))
    return found(
        acts,
        asked=acts.target_account_id,
        kind="account",
        value=acts.account_id,
        at=acts.happened_at,
        evidence=acts.post_id,
    )


ACCOUNT_TO_FOLLOWERS = Transform(
    name="account_to_followers",
    question="Who follows this account?",
    takes=("account", "bot"),
    gives=("account",),
    link="follows",
    is_backward=True,
    needs=NEEDS,
    find=find,
    limits=("Who no longer follows it may be among them.",),
)
