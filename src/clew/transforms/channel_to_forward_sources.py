"""From which channels and accounts does this channel forward?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.acts import NEEDS, directed_acts
from clew.measures.found import found
from clew.model.tables import InteractionKind


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Forwards in: where its messages come from."""
    acts = directed_acts(tables, (InteractionKind.FORWARD,))
    acts = acts.filter(acts.channel_id.isin(asked))
    return found(
        acts,
        asked=acts.channel_id,
        kind=ibis.ifelse(acts.target_account_id.notnull(), "account", "channel"),
        value=ibis.coalesce(acts.target_account_id, acts.target_channel_id),
        at=acts.happened_at,
        evidence=acts.post_id,
    )


CHANNEL_TO_FORWARD_SOURCES = Transform(
    name="channel_to_forward_sources",
    question="From which channels and accounts does this channel forward?",
    takes=("channel", "group"),
    gives=("account", "channel"),
    link="forwarded_from",
    needs=NEEDS,
    find=find,
    limits=("A source that hides its name is in none.",),
)
