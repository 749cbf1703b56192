"""Who has named this value?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.found import found
from clew.measures.named import OBSERVABLE_KINDS, OBSERVABLES, named_observables


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Accounts by the number of posts that name it; the first one stands in the evidence."""
    named = named_observables(tables)
    named = named.filter(named.value.isin(asked))
    return found(
        named,
        asked=named.value,
        kind="account",
        value=named.account_id,
        at=named["at"],
        evidence=named.post_id,
    )


OBSERVABLE_TO_ACCOUNTS = Transform(
    name="observable_to_accounts",
    question="Who has named this value?",
    takes=OBSERVABLE_KINDS,
    gives=("account",),
    link="mentions",
    is_backward=True,
    needs=OBSERVABLES,
    find=find,
    limits=("A value that is named is not a value that was used.",),
)
