"""Who has joined this channel?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.acts import NEEDS, directed_acts
from clew.measures.found import found
from clew.model.tables import InteractionKind

_KINDS = (InteractionKind.JOIN,)


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Accounts that joined it, as far as that was captured."""
    acts = directed_acts(tables, _KINDS)
    acts = acts.filter(acts.target_channel_id.isin(asked))
    return found(
        acts,
        asked=acts.target_channel_id,
        kind="account",
        value=acts.account_id,
        at=acts.happened_at,
        evidence=acts.post_id,
    )


CHANNEL_TO_MEMBERS = Transform(
    name="channel_to_members",
    question="Who has joined this channel?",
    takes=("channel", "group"),
    gives=("account",),
    link="member_of",
    is_backward=True,
    needs=NEEDS,
    find=find,
    limits=("They may have left again.",),
)
