"""Where do the links in this channel lead?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.found import found
from clew.measures.named import LINKS, linked_urls


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Addresses by the number of posts."""
    named = linked_urls(tables)
    named = named.filter(named.channel_id.isin(asked))
    return found(
        named,
        asked=named.channel_id,
        kind=named.kind,
        value=named.value,
        at=named["at"],
        evidence=named.post_id,
    )


CHANNEL_TO_LINKS = Transform(
    name="channel_to_links",
    question="Where do the links in this channel lead?",
    takes=("channel", "group"),
    gives=("url",),
    link="links_to",
    needs=LINKS,
    find=find,
)
