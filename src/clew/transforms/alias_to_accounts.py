"""Which accounts have had this handle, on any platform?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.acts import folded
from clew.measures.found import found


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Accounts by the number of records that show them with it."""
    seen = tables.account_snapshots
    seen = seen.mutate(folded=folded(seen.handle))
    seen = seen.filter(seen.folded.isin(asked))
    return found(
        seen,
        asked=seen.folded,
        kind="account",
        value=seen.account_id,
        at=seen.observed_at,
        evidence=seen.capture_id,
    )


ALIAS_TO_ACCOUNTS = Transform(
    name="alias_to_accounts",
    question="Which accounts have had this handle, on any platform?",
    takes=("alias",),
    gives=("account",),
    link="uses_alias",
    is_backward=True,
    needs={"account_snapshots": ("account_id", "handle", "observed_at", "capture_id")},
    find=find,
    limits=("The same handle on two platforms may be two people's.",),
)
