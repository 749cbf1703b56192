"""Which accounts have these words in their name or description?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.found import found


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Accounts as they are known last."""
    accounts = tables.accounts
    words = ibis.coalesce(accounts.name, "") + " " + ibis.coalesce(accounts.description, "")
    accounts = accounts.select("account_id", words=words.lower())
    rows = ibis.union(
        *(
            accounts.filter(accounts.words.contains(phrase.lower())).mutate(
                asked=ibis.literal(phrase)
            )
            for phrase in asked
        )
    )
    return found(
        rows,
        asked=rows.asked,
        kind="account",
        value=rows.account_id,
        evidence=rows.account_id,
    )


PHRASE_TO_ACCOUNTS = Transform(
    name="phrase_to_accounts",
    question="Which accounts have these words in their name or description?",
    takes=("phrase",),
    gives=("account",),
    link="mentions",
    is_backward=True,
    needs={"accounts": ("account_id", "name", "description")},
    find=find,
)
