"""Where do the links of this account lead?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.found import found
from clew.measures.named import LINKS, linked_urls


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Addresses by the number of its posts."""
    named = linked_urls(tables)
    named = named.filter(named.account_id.isin(asked))
    return found(
        named,
        asked=named.account_id,
        kind=named.kind,
        value=named.value,
        at=named["at"],
        evidence=named.post_id,
    )


ACCOUNT_TO_LINKS = Transform(
    name="account_to_links",
    question="Where do the links of this account lead?",
    takes=("account", "bot"),
    gives=("url",),
    link="links_to",
    needs=LINKS,
    find=find,
)
