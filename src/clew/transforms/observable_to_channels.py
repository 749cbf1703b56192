"""Where was this value named?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.found import found
from clew.measures.named import OBSERVABLE_KINDS, OBSERVABLES, named_observables


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Channels by the number of posts that name it."""
    named = named_observables(tables)
    named = named.filter(named.value.isin(asked))
    return found(
        named,
        asked=named.value,
        kind="channel",
        value=named.channel_id,
        at=named["at"],
        evidence=named.post_id,
    )


OBSERVABLE_TO_CHANNELS = Transform(
    name="observable_to_channels",
    question="Where was this value named?",
    takes=OBSERVABLE_KINDS,
    gives=("channel",),
    link="mentions",
    is_backward=True,
    needs=OBSERVABLES,
    find=find,
)
