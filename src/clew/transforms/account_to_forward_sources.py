"""From which channels and accounts does this account forward?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.acts import NEEDS, directed_acts
from clew.measures.found import found
from clew.model.tables import InteractionKind


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Forwards by the channel or account that they come from."""
    acts = directed_acts(tables, (InteractionKind.FORWARD,))
    acts = acts.filter(acts.account_id.isin(asked))
    return found(
        acts,
        asked=acts.account_id,
        kind=ibis.ifelse(acts.target_account_id.notnull(), "account", "channel"),
        value=ibis.coalesce(acts.target_account_id, acts.target_channel_id),
        at=acts.happened_at,
        evidence=acts.post_id,
    )


ACCOUNT_TO_FORWARD_SOURCES = Transform(
    name="account_to_forward_sources",
    question="From which channels and accounts does this account forward?",
    takes=("account", "bot"),
    gives=("account", "channel"),
    link="forwarded_from",
    needs=NEEDS,
    find=find,
    limits=("A source that hides its name is in none.",),
)
