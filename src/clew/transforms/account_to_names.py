"""Under which names was this account seen?"""

from __future__ import annotations

import ibis

from clew.contract import Tables, Transform
from clew.measures.found import found


def find(asked: tuple[str, ...], tables: Tables) -> ibis.Table:
    """Display names, older ones too, by the number of records that show them."""
    seen = tables.account_snapshots
    seen = seen.filter(seen.account_id.isin(asked))
    return found(
        seen,
        asked=seen.account_id,
        kind="phrase",
        value=seen.name,
        at=seen.observed_at,
        evidence=seen.capture_id,
    )


ACCOUNT_TO_NAMES = Transform(
    name="account_to_names",
    question="Under which names was this account seen?",
    takes=("account", "bot"),
    gives=("phrase",),
    link="uses_alias",
    needs={"account_snapshots": ("account_id", "name", "observed_at", "capture_id")},
    find=find,
    limits=("A name that is shown can be anybody's.",),
)
