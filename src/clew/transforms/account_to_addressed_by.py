"""Who has answered, quoted, reposted, forwarded or mentioned this account?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.acts import NEEDS, directed_acts
from clew.measures.found import found
from clew.model.tables import InteractionKind

_KINDS = (
    InteractionKind.REPLY,
    InteractionKind.QUOTE,
    InteractionKind.REPOST,
    InteractionKind.FORWARD,
    InteractionKind.MENTION,
)


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Accounts by the number of acts toward the one that was asked."""
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


ACCOUNT_TO_ADDRESSED_BY = Transform(
    name="account_to_addressed_by",
    question="Who has answered, quoted, reposted, forwarded or mentioned this account?",
    takes=("account", "bot"),
    gives=("account",),
    link="addresses",
    is_backward=True,
    needs=NEEDS,
    find=find,
    limits=("Attention is not acquaintance.",),
)
