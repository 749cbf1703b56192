"""Which channels has this account joined?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.acts import NEEDS, directed_acts
from clew.measures.found import found
from clew.model.tables import InteractionKind

_KINDS = (InteractionKind.JOIN,)


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Channels that it joined, as far as that was captured."""
    acts = directed_acts(tables, _KINDS)
    acts = acts.filter(acts.account_id.isin(asked))
    return found(
        acts,
        asked=acts.account_id,
        kind="channel",
        value=acts.target_channel_id,
        at=acts.happened_at,
        evidence=acts.post_id,
    )


ACCOUNT_TO_MEMBERSHIPS = Transform(
    name="account_to_memberships",
    question="Which channels has this account joined?",
    takes=("account", "bot"),
    gives=("channel",),
    link="member_of",
    needs=NEEDS,
    find=find,
    limits=("It may have left again.",),
)
