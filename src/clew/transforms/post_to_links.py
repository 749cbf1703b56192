"""Where do the links of this post lead?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.found import found
from clew.measures.named import LINKS, linked_urls


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Its addresses."""
    named = linked_urls(tables)
    named = named.filter(named.post_id.isin(asked))
    return found(
        named,
        asked=named.post_id,
        kind=named.kind,
        value=named.value,
        at=named["at"],
        evidence=named.post_id,
    )


POST_TO_LINKS = Transform(
    name="post_to_links",
    question="Where do the links of this post lead?",
    takes=("post", "message"),
    gives=("url",),
    link="links_to",
    needs=LINKS,
    find=find,
)
