"""Whom does this account follow?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.acts import NEEDS, directed_acts
from clew.measures.found import found
from clew.model.tables import InteractionKind

_KINDS = (InteractionKind.FOLLOW,)


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Accounts that it followed, as far as that was captured."""
    acts = directed_acts(tables, _KINDS)
    acts = acts.filter(acts.account_id.isin(asked))
    return found(
        acts,
        asked=acts.account_id,
        kind="account",
        value=acts.target_account_id,
        at=acts.happened_at,
        evidence=acts.post_id,
    )


ACCOUNT_TO_FOLLOWING = Transform(
    name="account_to_following",
    question="Whom does this account follow?",
    takes=("account", "bot"),
    gives=("account",),
    link="follows",
    needs=NEEDS,
    find=find,
    limits=("Whom it no longer follows may be among them.",),
)
