"""Which technical values are named in this channel?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.found import found
from clew.measures.named import OBSERVABLE_KINDS, OBSERVABLES, named_observables


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Observables by the number of posts that name them."""
    named = named_observables(tables)
    named = named.filter(named.channel_id.isin(asked))
    return found(
        named,
        asked=named.channel_id,
        kind=named.kind,
        value=named.value,
        at=named["at"],
        evidence=named.post_id,
    )


CHANNEL_TO_OBSERVABLES = Transform(
    name="channel_to_observables",
    question="Which technical values are named in this channel?",
    takes=("channel", "group"),
    gives=OBSERVABLE_KINDS,
    link="mentions",
    needs=OBSERVABLES,
    find=find,
    limits=("A value that is named is not a value that was used.",),
)
