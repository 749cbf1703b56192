"""Under which handles was this account seen?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.acts import folded
from clew.measures.found import found


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Handles, older ones too, by the number of captures' records that show them."""
    seen = tables.account_snapshots
    seen = seen.filter(seen.account_id.isin(asked))
    return found(
        seen,
        asked=seen.account_id,
        kind="alias",
        value=folded(seen.handle),
        at=seen.observed_at,
        evidence=seen.capture_id,
    )


ACCOUNT_TO_ALIASES = Transform(
    name="account_to_aliases",
    question="Under which handles was this account seen?",
    takes=("account", "bot"),
    gives=("alias",),
    link="uses_alias",
    needs={"account_snapshots": ("account_id", "handle", "observed_at", "capture_id")},
    find=find,
    limits=("First and last are the times of captures, not of the change.",),
)
