"""Who has linked to this address?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.found import found
from clew.measures.named import LINKS, linked_urls


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Accounts by the number of posts that link to it; the first one stands in the evidence."""
    named = linked_urls(tables)
    named = named.filter(named.value.isin(asked))
    return found(
        named,
        asked=named.value,
        kind="account",
        value=named.account_id,
        at=named["at"],
        evidence=named.post_id,
    )


URL_TO_LINKING_ACCOUNTS = Transform(
    name="url_to_linking_accounts",
    question="Who has linked to this address?",
    takes=("url", "article", "paste", "repository"),
    gives=("account",),
    link="links_to",
    is_backward=True,
    needs=LINKS,
    find=find,
)
