"""Which channels forward from this channel?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.acts import NEEDS, directed_acts
from clew.measures.found import found
from clew.model.tables import InteractionKind

_KINDS = (InteractionKind.FORWARD,)


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Forwards out: where its messages go."""
    acts = directed_acts(tables, _KINDS)
    acts = acts.filter(acts.target_channel_id.isin(asked))
    return found(
        acts,
        asked=acts.target_channel_id,
        kind="channel",
        value=acts.channel_id,
        at=acts.happened_at,
        evidence=acts.post_id,
    )


CHANNEL_TO_FORWARDED_BY = Transform(
    name="channel_to_forwarded_by",
    question="Which channels forward from this channel?",
    takes=("channel", "group"),
    gives=("channel",),
    link="forwarded_from",
    is_backward=True,
    needs=NEEDS,
    find=find,
    limits=("Only forwards in channels that are in the case are known.",),
)
