"""Which hashtags does this account use?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.found import found
from clew.measures.named import OBSERVABLES, named_observables


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Hashtags by the number of its posts."""
    named = named_observables(tables)
    named = named.filter(named.account_id.isin(asked), named.kind == "hashtag")
    return found(
        named,
        asked=named.account_id,
        kind=named.kind,
        value=named.value,
        at=named["at"],
        evidence=named.post_id,
    )


ACCOUNT_TO_HASHTAGS = Transform(
    name="account_to_hashtags",
    question="Which hashtags does this account use?",
    takes=("account", "bot"),
    gives=("hashtag",),
    link="tagged_with",
    needs=OBSERVABLES,
    find=find,
)
