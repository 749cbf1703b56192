"""Who has pinned, invited or removed in this channel?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.acts import NEEDS, directed_acts
from clew.measures.found import found
from clew.model.tables import InteractionKind

_KINDS = (InteractionKind.PIN, InteractionKind.INVITE, InteractionKind.REMOVE)


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """What only those who run a channel can do; inviting, in some, anybody."""
    acts = directed_acts(tables, _KINDS)
    acts = acts.filter(acts.channel_id.isin(asked))
    return found(
        acts,
        asked=acts.channel_id,
        kind="account",
        value=acts.account_id,
        at=acts.happened_at,
        evidence=acts.post_id,
    )


CHANNEL_TO_ADMINS = Transform(
    name="channel_to_admins",
    question="Who has pinned, invited or removed in this channel?",
    takes=("channel", "group"),
    gives=("account",),
    link="admin_of",
    is_backward=True,
    needs=NEEDS,
    find=find,
    limits=("In some channels every member may invite or pin.",),
)
