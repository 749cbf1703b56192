"""In which channels has this account pinned, invited or removed?"""

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
    acts = acts.filter(acts.account_id.isin(asked))
    return found(
        acts,
        asked=acts.account_id,
        kind="channel",
        value=acts.channel_id,
        at=acts.happened_at,
        evidence=acts.post_id,
    )


ACCOUNT_TO_CHANNELS_RUN = Transform(
    name="account_to_channels_run",
    question="In which channels has this account pinned, invited or removed?",
    takes=("account", "bot"),
    gives=("channel",),
    link="admin_of",
    needs=NEEDS,
    find=find,
    limits=("In some channels every member may invite or pin.",),
)
