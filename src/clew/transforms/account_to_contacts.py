"""Whom has this account answered, quoted, reposted, forwarded or mentioned?"""

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
    """Accounts by the number of acts toward them."""
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


ACCOUNT_TO_CONTACTS = Transform(
    name="account_to_contacts",
    question="Whom has this account answered, quoted, reposted, forwarded or mentioned?",
    takes=("account", "bot"),
    gives=("account",),
    link="addresses",
    needs=NEEDS,
    find=find,
    limits=("Attention is not acquaintance.",),
)
